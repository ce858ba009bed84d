/* split.c - what both forms of splits share; see split.h and split_parts.h. */
#include "datasets/split_parts.h"

#include <assert.h>
#include <string.h>

static const char *const names[FTL_N_SPLITS] = {
        "biased", "reference", "classifier", "validation", "evaluation"};

ftl_status ftl_splits_init(ftl_splits *out, const ftl_groups *groups) {
    *out = (ftl_splits) {.n_groups = groups->n};
    FTL_TRY(ftl_arena_create(&out->arena));
    size_t n_groups = (size_t)groups->n;
    out->group_name =
            ftl_arena_alloc(out->arena, sizeof *out->group_name * (n_groups + 1));
    if (!out->group_name) return FTL_ENOMEM;
    for (size_t k = 0; k < n_groups; k++) {
        out->group_name[k] = ftl_arena_strdup(out->arena, groups->item[k].name);
        if (!out->group_name[k]) return FTL_ENOMEM;
    }
    for (int k = 0; k < FTL_N_SPLITS; k++) {
        ftl_split *split = &out->split[k];
        split->name = names[k];
        split->count = ftl_arena_alloc(out->arena, sizeof *split->count * n_groups);
        if (!split->count) return FTL_ENOMEM;
    }
    return FTL_OK;
}

ftl_status ftl_splits_fill_begin(ftl_splits *splits, ftl_split_kind kind,
        const ftl_pack_file *file, int64_t capacity) {
    ftl_split *split = &splits->split[kind];
    assert(split->n == 0 && !split->file);
    split->file = file;
    split->index =
            ftl_arena_alloc(splits->arena, sizeof *split->index * (size_t)capacity);
    split->group =
            ftl_arena_alloc(splits->arena, sizeof *split->group * (size_t)capacity);
    return split->index && split->group ? FTL_OK : FTL_ENOMEM;
}

void ftl_split_add(ftl_split *split, int64_t index, int32_t group) {
    assert(!split->n || split->index[split->n - 1] < index);
    split->index[split->n] = index;
    split->group[split->n++] = group;
    if (group >= 0)
        split->count[group]++;
    else
        split->n_ungrouped++;
}

void ftl_splits_deinit(ftl_splits *splits) {
    ftl_arena_free(splits->arena);
    *splits = (ftl_splits) {0};
}

static int column_width(const char *title) {
    int width = (int)strlen(title);
    return width < 8 ? 8 : width;
}

/* Where the reference set is from, if that is not simply the next images. */
static void print_reserve(FILE *to, const ftl_splits *splits) {
    if (splits->ref_draw)
        fprintf(to,
                "reference: draw %llu, out of %lld images kept for it and %lld in no "
                "set\n",
                (unsigned long long)splits->ref_draw, (long long)splits->n_kept,
                (long long)splits->n_spare);
    else if (splits->n_kept > splits->split[FTL_SPLIT_REFERENCE].n)
        fprintf(to, "reference: draw 0, the first of %lld images kept for it\n",
                (long long)splits->n_kept);
}

void ftl_splits_print(FILE *to, const ftl_splits *splits) {
    bool ungrouped = splits->split[FTL_SPLIT_BIASED].n_ungrouped > 0;
    fprintf(to, "%-10s %8s", "set", "images");
    for (int k = 0; k < splits->n_groups; k++)
        fprintf(to, "  %*s", column_width(splits->group_name[k]),
                splits->group_name[k]);
    fprintf(to, "%s\n", ungrouped ? "  no group" : "");
    for (int i = 0; i < FTL_N_SPLITS; i++) {
        const ftl_split *split = &splits->split[i];
        fprintf(to, "%-10s %8lld", split->name, (long long)split->n);
        for (int k = 0; k < splits->n_groups; k++)
            fprintf(to, "  %*lld", column_width(splits->group_name[k]),
                    (long long)split->count[k]);
        if (ungrouped) fprintf(to, "  %8lld", (long long)split->n_ungrouped);
        fputc('\n', to);
    }
    print_reserve(to, splits);
    if (splits->n_unused)
        fprintf(to, "%lld images belong to no group and are not used\n",
                (long long)splits->n_unused);
    if (splits->n_equal)
        fprintf(to,
                "%lld images have the same pixels as another of their group and are "
                "not "
                "used\n",
                (long long)splits->n_equal);
    if (splits->n_contradicting)
        fprintf(to,
                "%lld images have the same pixels as one of another group and are not "
                "used, such as %s and %s\n",
                (long long)splits->n_contradicting, splits->contradicting[0],
                splits->contradicting[1]);
}
