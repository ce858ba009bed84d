/* gallery.c - folders, and what both kinds have in common; see gallery.h. */
#include "datasets/gallery_parts.h"

#include "engine/base/log.h"
#include "engine/base/random.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static size_t pixels_of(const ftl_gallery *g) {
    return (size_t)g->as.size * (size_t)g->as.size;
}

ftl_status ftl_gallery_recolour(const ftl_gallery *g, uint8_t *to, const uint8_t *from,
        int channels, const char *name) {
    size_t n = pixels_of(g);
    if (channels == g->as.channels) {
        memcpy(to, from, n * (size_t)channels);
        return FTL_OK;
    }
    for (size_t i = 0; i < n && channels == 1; i++)
        memset(to + 3 * i, from[i], 3);
    for (size_t i = 0; i < n && channels == 3; i++) {
        const uint8_t *pixel = from + 3 * i;
        if (pixel[0] != pixel[1] || pixel[1] != pixel[2])
            return ftl_fail(FTL_EINPUT,
                    "%s: %s: in colour, but the networks are of grey images: make it "
                    "grey first",
                    g->path, name);
        to[i] = pixel[0];
    }
    return FTL_OK;
}

/* ---------------------------------------------------------------------- folders */

static ftl_status open_folder(ftl_gallery *g) {
    g->options = (ftl_import_options) {
            .source = g->path, .size = g->as.size, .fit = g->as.fit};
    memcpy(g->options.background, g->as.background, 3);
    g->import = calloc(1, sizeof *g->import);
    if (!g->import) return ftl_fail(FTL_ENOMEM, "%s: no memory left", g->path);
    g->import->options = &g->options;
    FTL_TRY(ftl_arena_create(&g->import->arena));
    FTL_TRY(ftl_import_files_list(&g->files, g->import, g->path, true, NULL));
    g->n = g->files.n;
    int64_t skipped = g->import->counts.skipped;
    if (skipped)
        ftl_log_warning("%s: %lld other file%s in it, not read", g->path,
                (long long)skipped, skipped == 1 ? "" : "s");
    return FTL_OK;
}

static ftl_status check_usable(const ftl_import_files *window) {
    for (int64_t i = 0; i < window->n; i++)
        if (window->item[i].status != FTL_OK)
            return ftl_fail(FTL_EINPUT,
                    "%s/%s; all images must be usable: repair it or take it away",
                    window->root,
                    window->item[i].reason ? window->item[i].reason
                                           : window->item[i].name);
    return FTL_OK;
}

static int32_t smaller(int32_t a, int32_t b) { return a && (a < b || !b) ? a : b; }
static int32_t larger(int32_t a, int32_t b) { return a > b ? a : b; }

static void widen(ftl_pack_extent *all, ftl_pack_extent part) {
    all->min_width = smaller(all->min_width, part.min_width);
    all->min_height = smaller(all->min_height, part.min_height);
    all->max_width = larger(all->max_width, part.max_width);
    all->max_height = larger(all->max_height, part.max_height);
}

/* An import of its own of some of the listed files, so that memory is as for these. */
static ftl_status take_window(
        ftl_gallery *g, ftl_import *import, uint8_t *images, int64_t first, int64_t n) {
    ftl_import_files window = {
            .import = import, .root = g->path, .item = g->files.item + first, .n = n};
    import->options = &g->options;
    FTL_TRY(ftl_arena_create(&import->arena));
    ftl_status status = ftl_import_files_take(&window);
    /* That none could be used is no better reason than the first one's. */
    if (status == FTL_EINPUT) ftl_clear();
    if (status != FTL_OK && status != FTL_EINPUT) return status;
    FTL_TRY(check_usable(&window));
    widen(&g->extent, import->source);
    size_t from = pixels_of(g) * (size_t)import->channels;
    size_t to = pixels_of(g) * (size_t)g->as.channels;
    for (int64_t i = 0; i < n; i++)
        FTL_TRY(ftl_gallery_recolour(g, images + (size_t)i * to,
                import->images + (size_t)i * from, import->channels,
                window.item[i].name));
    return FTL_OK;
}

static ftl_status read_folder(
        ftl_gallery *g, uint8_t *images, int64_t first, int64_t n) {
    ftl_import *import = calloc(1, sizeof *import);
    if (!import) return ftl_fail(FTL_ENOMEM, "%s: no memory left", g->path);
    ftl_status status = take_window(g, import, images, first, n);
    for (int64_t i = first; i < first + n; i++) {
        free(g->files.item[i].reason);
        g->files.item[i].reason = NULL;
    }
    ftl_import_free(import);
    return status;
}

/* ------------------------------------------------------------------------- both */

ftl_status ftl_gallery_open(
        ftl_gallery **out, const char *path, const ftl_gallery_options *options) {
    struct stat info;
    *out = NULL;
    ftl_gallery *g = calloc(1, sizeof *g);
    if (!g) return ftl_fail(FTL_ENOMEM, "%s: no memory left", path);
    g->path = strdup(path);
    g->as = *options;
    bool is_file = stat(path, &info) == 0 && S_ISREG(info.st_mode);
    ftl_status status = !g->path  ? ftl_fail(FTL_ENOMEM, "%s: no memory left", path)
                        : is_file ? ftl_gallery_open_file(g)
                                  : open_folder(g);
    if (status == FTL_OK)
        *out = g;
    else
        ftl_gallery_close(g);
    return status;
}

void ftl_gallery_close(ftl_gallery *g) {
    if (!g) return;
    ftl_import_files_deinit(&g->files);
    if (g->import) {
        free(g->import->problems.text);
        free(g->import->notes.text);
        ftl_arena_free(g->import->arena);
    }
    free(g->import);
    ftl_h5_close(g->h5);
    ftl_sealed_close(&g->map);
    free(g->drawn);
    free(g->loaded);
    free(g->path);
    free(g);
}

int64_t ftl_gallery_count(const ftl_gallery *g) { return g->n; }

/* order: n_all numbers, of which the first n are then those drawn, ascending. */
static void draw(
        int64_t *order, bool *is_drawn, int64_t n_all, int64_t n, uint64_t seed) {
    ftl_random_permutation(order, n_all,
            (ftl_random_key) {.seed = seed, .stream = FTL_STREAM_GALLERY});
    for (int64_t i = 0; i < n; i++)
        is_drawn[order[i]] = true;
    for (int64_t i = 0, at = 0; i < n_all; i++)
        if (is_drawn[i]) order[at++] = i;
}

ftl_status ftl_gallery_draw(ftl_gallery *g, int64_t n, uint64_t seed) {
    int64_t *order = malloc((size_t)g->n * sizeof *order);
    bool *is_drawn = calloc((size_t)g->n, sizeof *is_drawn);
    if (!order || !is_drawn) {
        free(order);
        free(is_drawn);
        return ftl_fail(FTL_ENOMEM, "%s: no memory to draw images", g->path);
    }
    draw(order, is_drawn, g->n, n, seed);
    free(is_drawn);
    for (int64_t i = 0; i < n; i++) {
        if (g->files.n) g->files.item[i] = g->files.item[order[i]];
        if (g->drawn) order[i] = g->drawn[order[i]]; /* of those that were drawn */
    }
    if (g->files.n) g->files.n = n;
    g->n = n;
    free(g->drawn);
    g->drawn = order;
    return FTL_OK;
}

ftl_pack_extent ftl_gallery_extent(const ftl_gallery *g) { return g->extent; }

ftl_status ftl_gallery_read(ftl_gallery *g, uint8_t *images, int64_t first, int64_t n) {
    if (g->files.n) return read_folder(g, images, first, n);
    size_t n_bytes = pixels_of(g) * (size_t)g->as.channels;
    for (int64_t i = 0; i < n; i++)
        FTL_TRY(ftl_gallery_read_file(g, images + (size_t)i * n_bytes,
                g->drawn ? g->drawn[first + i] : first + i));
    return FTL_OK;
}
