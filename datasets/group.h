/* group.h - which group each image of a pack belongs to. */
#ifndef FTL_DATASETS_GROUP_H
#define FTL_DATASETS_GROUP_H

#include "datasets/pack.h"
#include "engine/base/option.h"
#include "engine/base/status.h"

#include <stdint.h>

/* Are these groups two or more, with different names and no value in two of them?
 * Fails with FTL_ECONFIG, naming the key data.groups. */
ftl_status ftl_groups_check(const ftl_groups *groups);

/* The number of a group by name. Fails with FTL_ECONFIG; `key` begins the message. */
ftl_status ftl_groups_find(
        int *out, const ftl_groups *groups, const char *name, const char *key);

/* group[i] = the number of the group that holds the value of image i, -1 if none does.
 * group  [file->pack.n], overwritten
 * count  [groups->n] images of each, overwritten
 * Fails with FTL_ECONFIG if the pack has no such attribute; both are then undefined. */
ftl_status ftl_groups_assign(int32_t *group, int64_t *count, const ftl_pack_file *file,
        const char *attribute, const ftl_groups *groups);

#endif
