/* sheet.h - a contact sheet: some images of each group of a pack, in one picture. */
#ifndef FTL_DATASETS_SHEET_H
#define FTL_DATASETS_SHEET_H

#include "datasets/image.h"
#include "datasets/pack.h"

/* Draw up to n_each images of each group, chosen at random, below each other, each
 * group under its name and size; groups without images are left out.
 * group   [pack->n] 0 .. n_groups - 1; -1: in none, not shown; NULL: all in group 0
 * name    [n_groups]; characters that the font lacks are drawn as boxes
 * n_each  >= 1
 * A function of its arguments alone. *out is released with ftl_image_deinit. Fails with
 * FTL_EINPUT (no image is in any group), FTL_EFORMAT (larger than an image may be),
 * FTL_ENOMEM; *out is then empty. */
ftl_status ftl_sheet_draw(ftl_image *out, const ftl_pack *pack, const int32_t *group,
        const char *const *name, int n_groups, int64_t n_each, uint64_t seed);

#endif
