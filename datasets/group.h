/* group.h - which group each image of a pack belongs to.
 *
 * A group is a set of values of one attribute, or such conditions on several
 * attributes, all of which must hold: {black-haired women: {Black_Hair: [1], Male:
 * [0]}, ...}. An image whose label is missing meets no condition. */
#ifndef FTL_DATASETS_GROUP_H
#define FTL_DATASETS_GROUP_H

#include "datasets/pack.h"
#include "engine/base/option.h"
#include "engine/base/status.h"

#include <stdbool.h>
#include <stdint.h>

/* Are these groups two or more, with different names, sensible values, and such that no
 * image can be in two? (Values that are words are compared with words only; see
 * ftl_groups_assign.) `attribute` is what conditions without one are about; it may be
 * NULL if there are none. Fails with FTL_ECONFIG, naming data.groups or data.attribute.
 */
ftl_status ftl_groups_check(const ftl_groups *groups, const char *attribute);

/* The number of a group by name. Fails with FTL_ECONFIG; `key` begins the message. */
ftl_status ftl_groups_find(
        int *out, const ftl_groups *groups, const char *name, const char *key);

/* Has the pack all attributes that the groups are about? */
bool ftl_groups_are_known(
        const ftl_pack *pack, const char *attribute, const ftl_groups *groups);

/* group[i] = the number of the group that image i is in, -1 if it is in none.
 * group  [file->pack.n], overwritten
 * count  [groups->n] images of each, overwritten
 * Fails with FTL_ECONFIG: an attribute that the pack does not have, a word that none of
 * its values is called, a number where values are called by other numbers ("62 years"),
 * an image in two groups; FTL_ENOMEM. Both are then undefined. */
ftl_status ftl_groups_assign(int32_t *group, int64_t *count, const ftl_pack_file *file,
        const char *attribute, const ftl_groups *groups);

/* Fail with FTL_EINPUT: this group has no image. The message says which values its
 * attributes have instead. set: of which set; NULL: of the whole pack. */
ftl_status ftl_groups_fail_absent(const ftl_pack_file *file, const char *attribute,
        const ftl_group *group, const char *set);

#endif
