/* sheet.c - see sheet.h. */
#include "datasets/sheet.h"

#include "datasets/grid.h"
#include "engine/base/random.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* About as wide as a screen; small images are drawn larger. */
#define WIDTH_PX 1024
#define SMALL_PX 48
#define MIN_COLUMNS 4
#define TITLE_BYTES 160

typedef struct sheet {
    const ftl_pack *pack;
    int64_t n_each;
    uint64_t seed;
    int64_t *member, *order; /* [pack->n] of the group that is drawn: scratch */
    ftl_image *picture;      /* [n_groups] */
    char (*title)[TITLE_BYTES];
    const char **titles;
    int n; /* pictures so far */
} sheet;

static int64_t find_members(const sheet *s, const int32_t *group, int g) {
    int64_t n = 0;
    for (int64_t i = 0; i < s->pack->n; i++)
        if (group ? group[i] == g : g == 0) s->member[n++] = i;
    return n;
}

/* The first of n_members in random order. */
static ftl_status draw_members(sheet *s, int64_t n_members, int g) {
    const ftl_pack *pack = s->pack;
    size_t n_image = ftl_pack_image_bytes(pack);
    int64_t n = n_members < s->n_each ? n_members : s->n_each;
    int scale = pack->width < SMALL_PX ? 2 : 1;
    int columns = WIDTH_PX / (pack->width * scale + FTL_GRID_GAP);
    uint8_t *images = malloc((size_t)n * n_image);
    if (!images) return ftl_fail(FTL_ENOMEM, "no memory for a contact sheet");
    ftl_random_permutation(s->order, n_members,
            (ftl_random_key) {s->seed, FTL_STREAM_SHEET, (uint64_t)g});
    for (int64_t i = 0; i < n; i++)
        memcpy(images + (size_t)i * n_image,
                ftl_pack_image(pack, s->member[s->order[i]]), n_image);
    ftl_status status = ftl_grid_compose(&s->picture[s->n], images, n, pack->height,
            pack->width, pack->channels, columns < MIN_COLUMNS ? MIN_COLUMNS : columns,
            scale);
    free(images);
    return status;
}

static ftl_status draw_group(sheet *s, const int32_t *group, int g, const char *name) {
    int64_t n = find_members(s, group, g);
    if (!n) return FTL_OK;
    FTL_TRY(draw_members(s, n, g));
    if (n > s->n_each)
        snprintf(s->title[s->n], TITLE_BYTES, "%s: %lld of %lld images", name,
                (long long)s->n_each, (long long)n);
    else
        snprintf(s->title[s->n], TITLE_BYTES, "%s: %lld image%s", name, (long long)n,
                n == 1 ? "" : "s");
    s->titles[s->n] = s->title[s->n];
    s->n++;
    return FTL_OK;
}

ftl_status ftl_sheet_draw(ftl_image *out, const ftl_pack *pack, const int32_t *group,
        const char *const *name, int n_groups, int64_t n_each, uint64_t seed) {
    assert(n_groups >= 1 && n_each >= 1 && pack->n >= 1);
    size_t n = (size_t)pack->n, k = (size_t)n_groups;
    sheet s = {.pack = pack, .n_each = n_each, .seed = seed};
    ftl_status status = FTL_OK;
    *out = (ftl_image) {0};
    s.member = malloc(sizeof *s.member * n);
    s.order = malloc(sizeof *s.order * n);
    s.picture = calloc(k, sizeof *s.picture);
    s.title = calloc(k, sizeof *s.title);
    s.titles = calloc(k, sizeof *s.titles);
    if (!s.member || !s.order || !s.picture || !s.title || !s.titles) {
        status = ftl_fail(FTL_ENOMEM, "no memory for a contact sheet");
        goto out;
    }
    for (int g = 0; g < n_groups; g++)
        FTL_TRY_OUT(draw_group(&s, group, g, name[g]));
    if (s.n == 0) {
        status = ftl_fail(FTL_EINPUT, "a contact sheet: no image is in any group");
        goto out;
    }
    FTL_TRY_OUT(ftl_grid_stack(out, s.picture, s.titles, s.n));
out:
    for (int i = 0; s.picture && i < n_groups; i++)
        ftl_image_deinit(&s.picture[i]);
    free(s.member);
    free(s.order);
    free(s.picture);
    free(s.title);
    free(s.titles);
    return status;
}
