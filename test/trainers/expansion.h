/* expansion.h - what the YAML of an adaptation expands to, read as `fairtl run` reads
 * it. */
#ifndef FTL_TEST_TRAINERS_EXPANSION_H
#define FTL_TEST_TRAINERS_EXPANSION_H

#include "configs/config.h"
#include "trainers/methods/method.h"

#include <stdio.h>

enum { FTL_TEST_EXPANSION_PX = 32 };

typedef struct ftl_test_expansion {
    ftl_config *config;
    ftl_settings settings;
    ftl_arena *arena;
    const ftl_adapt_settings *adapt;
    ftl_adaptation all;
} ftl_test_expansion;

/* From an entry of `run:`, such as "{adapt: {kimg: 4}}". Close *e also after a failure.
 */
static inline ftl_status ftl_test_expand_entry(
        ftl_test_expansion *e, const char *entry) {
    char text[4096];
    ftl_status status;
    *e = (ftl_test_expansion) {0};
    snprintf(text, sizeof text,
            "data: {pack: a.h5, attribute: a, groups: {x: [0], y: [1]}}\n"
            "run:\n  - %s\n",
            entry);
    FTL_TRY_OUT(ftl_arena_create(&e->arena));
    FTL_TRY_OUT(ftl_config_parse(&e->config, text, "test"));
    FTL_TRY_OUT(ftl_config_read(e->config, ftl_settings_table, &e->settings));
    e->adapt = e->settings.run.item[0].section;
    FTL_TRY_OUT(ftl_adaptation_expand(
            &e->all, e->adapt, FTL_TEST_EXPANSION_PX, "adapt", e->arena));
out:
    return status;
}

/* The same from keys that stand on one line, beside learning rates of 1e-3 and 2e-3. */
static inline ftl_status ftl_test_expand(
        ftl_test_expansion *e, int batch, const char *keys) {
    char entry[2048];
    snprintf(entry, sizeof entry, "{adapt: {batch: %d, g_lr: 1e-3, d_lr: 2e-3, %s}}",
            batch, keys);
    return ftl_test_expand_entry(e, entry);
}

static inline void ftl_test_expansion_close(ftl_test_expansion *e) {
    ftl_config_free(e->config);
    ftl_arena_free(e->arena);
}

#endif
