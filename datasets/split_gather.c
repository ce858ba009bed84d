/* split_gather.c - ftl_splits_gather: each set is a pack of its own. */
#include "datasets/group.h"
#include "datasets/split_parts.h"

#include "engine/base/log.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static ftl_status check_shapes(const ftl_pack_file *const files[FTL_N_SPLITS]) {
    const ftl_pack_file *first = NULL;
    for (int k = 0; k < FTL_N_SPLITS; k++) {
        const ftl_pack_file *file = files[k];
        if (!file) continue;
        if (!first) first = file;
        const ftl_pack *a = &first->pack, *b = &file->pack;
        if (a->height != b->height || a->width != b->width ||
                a->channels != b->channels)
            return ftl_fail(FTL_ESHAPE,
                    "%s has images of %d x %d x %d, %s of %d x %d x %d (width, height, "
                    "channels): all sets must have the same",
                    first->path, a->width, a->height, a->channels, file->path, b->width,
                    b->height, b->channels);
    }
    return FTL_OK;
}

static void note_unlabelled(const ftl_pack_file *file, int32_t *group) {
    for (int64_t i = 0; i < file->pack.n; i++)
        group[i] = -1;
    ftl_log_info("%s: images without labels; none of them is known to be in a group",
            file->path);
}

static ftl_status fill(ftl_splits *out, ftl_split_kind kind, const ftl_pack_file *file,
        const char *attribute, const ftl_groups *groups, int32_t *group,
        int64_t *count) {
    int64_t n = file->pack.n;
    bool biased = kind == FTL_SPLIT_BIASED;
    if (biased && !ftl_groups_are_known(&file->pack, attribute, groups))
        note_unlabelled(file, group);
    else
        FTL_TRY(ftl_groups_assign(group, count, file, attribute, groups));
    FTL_TRY(ftl_splits_fill_begin(out, kind, file, n));
    ftl_split *split = &out->split[kind];
    for (int64_t i = 0; i < n; i++)
        if (group[i] >= 0 || biased) ftl_split_add(split, i, group[i]);
    if (split->n < n)
        ftl_log_info("%s: %lld images belong to no group and are not used", file->path,
                (long long)(n - split->n));
    return FTL_OK;
}

/* Every set but the biased one has images of every group, and as many of each. */
static ftl_status check_balance(const ftl_splits *splits, const ftl_split *split,
        const char *attribute, const ftl_groups *groups) {
    bool equal = true;
    for (int k = 0; k < splits->n_groups; k++) {
        equal &= split->count[k] == split->count[0];
        if (!split->count[k])
            return ftl_groups_fail_absent(
                    split->file, attribute, &groups->item[k], split->name);
    }
    if (!equal)
        ftl_log_warning("%s: the %s set should be balanced, but the groups have "
                        "different numbers of images",
                split->file->path, split->name);
    return FTL_OK;
}

static ftl_status check_reference(const ftl_splits *splits, int64_t min_reference) {
    const ftl_split *split = &splits->split[FTL_SPLIT_REFERENCE];
    for (int k = 0; k < splits->n_groups; k++)
        if (split->count[k] < 2)
            return ftl_fail(FTL_EINPUT,
                    "%s: the reference set has %lld image of group %s, at least 2 are "
                    "needed",
                    split->file->path, (long long)split->count[k],
                    splits->group_name[k]);
    if (split->n < min_reference)
        return ftl_fail(FTL_EINPUT,
                "%s: the reference set has %lld images, at least %lld (one batch) are "
                "needed",
                split->file->path, (long long)split->n, (long long)min_reference);
    return FTL_OK;
}

static ftl_status gather(ftl_splits *out,
        const ftl_pack_file *const files[FTL_N_SPLITS], const char *attribute,
        const ftl_groups *groups, int64_t min_reference, int32_t *group,
        int64_t *count) {
    for (int k = 0; k < FTL_N_SPLITS; k++) {
        if (!files[k]) continue;
        FTL_TRY(fill(
                out, (ftl_split_kind)k, files[k], attribute, groups, group, count));
        if (k != FTL_SPLIT_BIASED)
            FTL_TRY(check_balance(out, &out->split[k], attribute, groups));
    }
    if (files[FTL_SPLIT_REFERENCE]) FTL_TRY(check_reference(out, min_reference));
    return ftl_splits_check_disjoint(out);
}

ftl_status ftl_splits_gather(ftl_splits *out,
        const ftl_pack_file *const files[FTL_N_SPLITS], const char *attribute,
        const ftl_groups *groups, int64_t min_reference) {
    *out = (ftl_splits) {0};
    FTL_TRY(ftl_groups_check(groups, attribute));
    FTL_TRY(check_shapes(files));
    int64_t n = 1;
    for (int k = 0; k < FTL_N_SPLITS; k++)
        if (files[k] && files[k]->pack.n > n) n = files[k]->pack.n;
    int32_t *group = malloc(sizeof *group * (size_t)n);
    int64_t *count = malloc(sizeof *count * (size_t)groups->n);
    ftl_status status;
    FTL_TRY_OUT(ftl_splits_init(out, groups));
    if (!group || !count) {
        status = ftl_fail(FTL_ENOMEM, "no memory for the splits");
        goto out;
    }
    FTL_TRY_OUT(gather(out, files, attribute, groups, min_reference, group, count));
out:
    free(group);
    free(count);
    if (status != FTL_OK) ftl_splits_deinit(out);
    return status;
}
