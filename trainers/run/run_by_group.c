/* run_by_group.c - samples/<stage>-by-group.png: the images of the grids, sorted by the
 * group that the classifier sees in them. */
#include "datasets/grid.h"
#include "trainers/run/run_state.h"

#include <stdlib.h>
#include <string.h>

enum { TITLE_BYTES = 160 };

typedef struct sorted {
    ftl_image picture[FTL_FAIRNESS_MAX_GROUPS];
    char title[FTL_FAIRNESS_MAX_GROUPS][TITLE_BYTES];
    const char *titles[FTL_FAIRNESS_MAX_GROUPS];
    int n; /* groups that have images */
} sorted;

static int columns_of(int64_t n) {
    int columns = 1;
    while ((int64_t)columns * columns < n)
        columns++;
    return columns;
}

/* images  the run's, n of them; of_group: room for as many */
static ftl_status compose_group(sorted *s, const ftl_run_state *run, int k, int64_t n,
        const uint8_t *images, const int32_t *group, uint8_t *of_group) {
    const size_t n_bytes = ftl_pack_image_bytes(run->shape);
    const int px = run->gan.options.resolution;
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        if (group[i] == k)
            memcpy(of_group + (size_t)count++ * n_bytes, images + (size_t)i * n_bytes,
                    n_bytes);
    if (!count) return FTL_OK;
    snprintf(s->title[s->n], TITLE_BYTES, "%s: %lld of %lld",
            run->data.splits.group_name[k], (long long)count, (long long)n);
    s->titles[s->n] = s->title[s->n];
    /* Rows as wide as those of the grid: a group of few images is a short row. */
    FTL_TRY(ftl_grid_compose(&s->picture[s->n], of_group, count, px, px,
            run->gan.options.channels, columns_of(n), px < 64 ? 2 : 1));
    s->n++;
    return FTL_OK;
}

static ftl_status stack(ftl_image *out, const ftl_run_state *run, int64_t n,
        const uint8_t *images, const int32_t *group, uint8_t *of_group) {
    sorted *s = calloc(1, sizeof *s);
    if (!s) return ftl_fail(FTL_ENOMEM, "out of memory for a picture by group");
    ftl_status status = FTL_OK;
    for (int k = 0; !status && k < run->data.splits.n_groups; k++)
        status = compose_group(s, run, k, n, images, group, of_group);
    if (!status) status = ftl_grid_stack(out, s->picture, s->titles, s->n);
    for (int i = 0; i < s->n; i++)
        ftl_image_deinit(&s->picture[i]);
    free(s);
    return status;
}

ftl_status ftl_run_draw_by_group(ftl_run_state *run, const char *stage, int64_t n) {
    char path[FTL_RUN_PATH_BYTES], name[128];
    ftl_image out = {0};
    const size_t n_bytes = (size_t)n * ftl_pack_image_bytes(run->shape);
    if (!run->progress.has_confusion) return FTL_OK; /* nobody to ask */
    FTL_TRY(ftl_run_path_to_write(path, run, "samples/%s-by-group.png", stage));
    uint8_t *images = malloc(n_bytes), *of_group = malloc(n_bytes);
    int32_t *group = malloc((size_t)n * sizeof *group);
    ftl_status status =
            images && of_group && group
                    ? FTL_OK
                    : ftl_fail(FTL_ENOMEM, "out of memory for a picture by group");
    if (!status) status = ftl_run_generate_grid(run, n, images, group);
    if (!status) status = stack(&out, run, n, images, group, of_group);
    if (!status) status = ftl_png_write(path, &out);
    ftl_image_deinit(&out);
    free(images);
    free(of_group);
    free(group);
    FTL_TRY(status);
    snprintf(name, sizeof name, "%s-by-group", stage);
    return ftl_run_stats_picture(run, name);
}
