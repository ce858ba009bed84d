/* split_parts.h - making splits: what both forms share. Users include split.h. */
#ifndef FTL_DATASETS_SPLIT_PARTS_H
#define FTL_DATASETS_SPLIT_PARTS_H

#include "datasets/split.h"

/* Five empty sets with names, and the names of the groups. On failure (FTL_ENOMEM) *out
 * may still be given to ftl_splits_deinit. */
ftl_status ftl_splits_init(ftl_splits *out, const ftl_groups *groups);

/* Give a set its pack and room for `capacity` images. Fails with FTL_ENOMEM. */
ftl_status ftl_splits_fill_begin(ftl_splits *splits, ftl_split_kind kind,
        const ftl_pack_file *file, int64_t capacity);

/* Put an image into the set; there must be room. Images come in ascending order. */
void ftl_split_add(ftl_split *split, int64_t index, int32_t group);

/* Fails with FTL_EINPUT, naming a pair, if an image's pixels are in two sets. */
ftl_status ftl_splits_check_disjoint(const ftl_splits *splits);

#endif
