/* run_draw.c - grids of what the generator of a run draws. */
#include "datasets/grid.h"
#include "trainers/run/run_state.h"

#include <stdlib.h>

/* The same latents for every grid of the run. */
static ftl_random_key grid_key(const ftl_run_state *run) {
    return (ftl_random_key) {
            .seed = (uint64_t)run->settings.seed, .stream = FTL_STREAM_LATENT_GRID};
}

ftl_status ftl_run_generate_grid(
        ftl_run_state *run, int64_t n, uint8_t *images, int32_t *groups) {
    ftl_evaluator evaluator;
    FTL_TRY(ftl_evaluator_init(
            &evaluator, &run->gan, run->gan.g_ema, groups ? &run->classifier : NULL));
    ftl_evaluator_run(&evaluator, grid_key(run), n, NULL, images, groups);
    ftl_evaluator_deinit(&evaluator);
    return FTL_OK;
}

static int columns_of(int64_t n) {
    int columns = 1;
    while ((int64_t)columns * columns < n)
        columns++;
    return columns;
}

static int scale_of(int px) { return px < 64 ? 2 : 1; }

ftl_status ftl_run_compose_grid(
        ftl_image *out, const ftl_run_state *run, int64_t n, const uint8_t *images) {
    int px = run->gan.options.resolution;
    return ftl_grid_compose(out, images, n, px, px, run->gan.options.channels,
            columns_of(n), scale_of(px));
}

ftl_status ftl_run_picture(ftl_image *out, ftl_run_state *run, int64_t n) {
    uint8_t *images = malloc((size_t)n * ftl_pack_image_bytes(run->shape));
    if (!images) return ftl_fail(FTL_ENOMEM, "out of memory for a sample grid");
    ftl_status status = ftl_run_generate_grid(run, n, images, NULL);
    if (status == FTL_OK) status = ftl_run_compose_grid(out, run, n, images);
    free(images);
    return status;
}

ftl_status ftl_run_draw(ftl_run_state *run, const char *name, int64_t n) {
    ftl_image grid;
    char path[FTL_RUN_PATH_BYTES];
    FTL_TRY(ftl_run_path_to_write(path, run, "samples/%s.png", name));
    FTL_TRY(ftl_run_picture(&grid, run, n));
    ftl_status status = ftl_png_write(path, &grid);
    ftl_image_deinit(&grid);
    FTL_TRY(status);
    return ftl_run_stats_picture(run, name);
}
