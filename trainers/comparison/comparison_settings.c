/* comparison_settings.c - see comparison_settings.h. */
#include "trainers/comparison/comparison_settings.h"

#include <assert.h>
#include <stddef.h>

static const ftl_option method_table[] = {
        {.key = "name",
                .type = FTL_OPTION_TEXT,
                .offset = offsetof(ftl_compared_method, name),
                .required = true,
                .help = "what it is called; alone, a method of adaptation"},
        {.key = "set",
                .type = FTL_OPTION_TEXTS,
                .offset = offsetof(ftl_compared_method, set),
                .help = "what it changes in the adapt stages: [\"method=fairtl++\", "
                        "\"probe=0\"]"},
        {.key = "ratios",
                .type = FTL_OPTION_TEXTS,
                .offset = offsetof(ftl_compared_method, ratios),
                .help = "which of compare.ratios it runs at; none: all"},
        {.key = "seeds",
                .type = FTL_OPTION_TEXTS,
                .offset = offsetof(ftl_compared_method, seeds),
                .help = "which of compare.seeds it runs with; none: all"},
        {0},
};

static const ftl_option compare_table[] = {
        {.key = "methods",
                .type = FTL_OPTION_SECTIONS,
                .offset = offsetof(ftl_compare_settings, methods),
                .table = method_table,
                .table_bytes = sizeof(ftl_compared_method),
                .help = "what adapts the pre-trained model"},
        {.key = "ratios",
                .type = FTL_OPTION_TEXTS,
                .offset = offsetof(ftl_compare_settings, ratios),
                .help = "values of data.ref_ratio; if there are none, that one"},
        {.key = "seeds",
                .type = FTL_OPTION_TEXTS,
                .offset = offsetof(ftl_compare_settings, seeds),
                .fallback = "[1]",
                .help = "of the adaptation, and which reference set it sees "
                        "(data.ref_draw)"},
        {0},
};

static const ftl_option compare_row = {.key = "compare",
        .type = FTL_OPTION_SECTION,
        .offset = offsetof(ftl_comparison_settings, compare),
        .table = compare_table,
        .table_bytes = sizeof(ftl_compare_settings),
        .help = "methods that are compared, for `fairtl compare` alone"};

const ftl_option *ftl_comparison_table(void) {
    enum { MOST = 16 };
    static ftl_option table[MOST];
    if (table[0].key) return table;
    int n = 0;
    for (const ftl_option *row = ftl_settings_table; row->key; row++) {
        assert(n + 2 < MOST);
        table[n++] = *row;
    }
    table[n] = compare_row;
    return table;
}
