/* import_decode.c - ftl_import_files_take. */
#include "datasets/import_files.h"

#include "datasets/resize.h"
#include "engine/base/clock.h"
#include "engine/base/interrupt.h"
#include "engine/base/log.h"

#include <assert.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* Files that a thread takes at a time; they differ much in what they cost. */
#define CHUNK 16
#define SECONDS_BEFORE_PROGRESS 0.5
#define SECONDS_BETWEEN_PROGRESS 0.1

typedef struct progress {
    int64_t done, n;
    double start_s, shown_s;
} progress;

static size_t pixels_of(const ftl_import *import) {
    return (size_t)import->options->size * (size_t)import->options->size;
}

/* [n] -> [n, 3]; they may begin at the same place. */
static void spread(uint8_t *to, const uint8_t *from, size_t n) {
    for (size_t i = n; i-- > 0;)
        memset(to + 3 * i, from[i], 3);
}

static bool is_grey(const uint8_t colour[3]) {
    return colour[0] == colour[1] && colour[1] == colour[2];
}

/* A grey image on a background that is none. */
static ftl_status make_rgb(ftl_image *image, const char *name) {
    size_t n = (size_t)image->width * (size_t)image->height;
    uint8_t *grown = realloc(image->pixels, 3 * n);
    if (!grown) return ftl_fail(FTL_ENOMEM, "%s: no memory for its pixels", name);
    spread(grown, grown, n);
    image->pixels = grown;
    image->channels = 3;
    return FTL_OK;
}

/* Into `to`, always three channels: whether all files are grey is known at the end. */
static ftl_status fit(const ftl_import *import, ftl_import_file *file, ftl_image *image,
        uint8_t *to) {
    const ftl_import_options *o = import->options;
    bool padded = o->fit == FTL_FIT_PAD && image->width != image->height;
    if (image->channels == 1 && padded && !is_grey(o->background))
        FTL_TRY(make_rgb(image, file->name));
    file->channels = image->channels;
    FTL_TRY(ftl_resize(to, o->size, image, o->fit, o->background));
    if (image->channels == 1) spread(to, to, pixels_of(import));
    return FTL_OK;
}

static ftl_status decode(
        const ftl_import_files *files, ftl_import_file *file, uint8_t *to) {
    char *path = NULL, *bytes = NULL;
    size_t n_bytes, length = strlen(files->root) + strlen(file->name) + 2;
    ftl_image image = {0};
    ftl_status status;
    path = malloc(length);
    if (!path) return ftl_fail(FTL_ENOMEM, "%s: no memory left", file->name);
    snprintf(path, length, "%s/%s", files->root, file->name);
    memcpy(file->decoding.background, files->import->options->background, 3);
    FTL_TRY_OUT(ftl_file_read(&bytes, &n_bytes, path));
    FTL_TRY_OUT(ftl_sha256(file->digest.byte, bytes, n_bytes));
    FTL_TRY_OUT(ftl_image_decode(&image, bytes, n_bytes, &file->decoding, file->name));
    FTL_TRY_OUT(fit(files->import, file, &image, to));
out:
    ftl_image_deinit(&image);
    free(bytes);
    free(path);
    return status;
}

/* A message about the file begins with its path, one about what is in it with its name,
 * as the report has it. */
static char *copy_reason(const ftl_import_files *files, const ftl_import_file *file) {
    const char *message = ftl_message();
    size_t n = strlen(files->root);
    bool is_path = !strncmp(message, files->root, n) && message[n] == '/' &&
                   !strncmp(message + n + 1, file->name, strlen(file->name));
    return strdup(message + (is_path ? n + 1 : 0));
}

/* By one thread. What is done in an instant needs no line. */
static void show_progress(progress *p, int64_t done) {
    double now = ftl_clock_s();
    if (now - p->start_s < SECONDS_BEFORE_PROGRESS) return;
    if (now - p->shown_s < SECONDS_BETWEEN_PROGRESS && done < p->n) return;
    p->shown_s = now;
    double rate = (double)done / (now - p->start_s + 1e-9);
    ftl_log_progress("import: %lld of %lld images, %.0f/s, %.0f s left",
            (long long)done, (long long)p->n, rate, (double)(p->n - done) / rate);
}

/* Nothing fails in here: each file keeps its status and a copy of its message. */
static void decode_all(ftl_import_files *files) {
    size_t n_image = 3 * pixels_of(files->import);
    progress p = {.n = files->n, .start_s = ftl_clock_s()};
#pragma omp parallel for schedule(dynamic, CHUNK)
    for (int64_t i = 0; i < files->n; i++) {
        ftl_import_file *file = &files->item[i];
        if (ftl_interrupt_pending()) continue;
        ftl_clear();
        file->status = decode(files, file, files->import->images + (size_t)i * n_image);
        if (file->status != FTL_OK) file->reason = copy_reason(files, file);
        ftl_clear();
        int64_t done;
#pragma omp atomic capture
        done = ++p.done;
        if (omp_get_thread_num() == 0) show_progress(&p, done);
    }
    show_progress(&p, p.done);
    ftl_log_progress_end();
}

static const char *reason_of(const ftl_import_file *file) {
    return file->reason ? file->reason : "no memory left";
}

/* What is no fault of one file ends the import. */
static ftl_status check_failures(const ftl_import_files *files) {
    FTL_TRY(ftl_interrupt_check(files->root, "imported"));
    for (int64_t i = 0; i < files->n; i++) {
        const ftl_import_file *file = &files->item[i];
        if (file->status == FTL_ENOMEM || file->status == FTL_EBACKEND)
            return ftl_fail(file->status, "%s", reason_of(file));
    }
    return FTL_OK;
}

static int32_t smaller(int32_t a, int b) { return a && a < b ? a : b; }
static int32_t larger(int32_t a, int b) { return a > b ? a : b; }

/* Tell what was done with a usable image. */
static ftl_status describe(ftl_import *import, const ftl_import_file *file) {
    const ftl_image_decoding *d = &file->decoding;
    ftl_pack_extent *px = &import->source;
    *px = (ftl_pack_extent) {smaller(px->min_width, d->width),
            smaller(px->min_height, d->height), larger(px->max_width, d->width),
            larger(px->max_height, d->height)};
    import->counts.enlarged +=
            ftl_import_enlarges(import->options, d->width, d->height);
    if (d->reduced > 1)
        FTL_TRY(ftl_import_note(import, &import->counts.reduced,
                "%s: %d x %d px, decoded at 1/%d of that", file->name, d->width,
                d->height, d->reduced));
    if (import->channels == 3 && file->channels == 1)
        return ftl_import_note(
                import, &import->counts.grey, "%s: grey, made RGB", file->name);
    return FTL_OK;
}

static void move_row(ftl_import *import, int64_t to, int64_t from) {
    if (to == from) return;
    size_t n_image = 3 * pixels_of(import);
    memcpy(import->images + (size_t)to * n_image,
            import->images + (size_t)from * n_image, n_image);
    for (int k = 0; k < import->n_attributes; k++)
        import->attribute[k].value[to] = import->attribute[k].value[from];
}

static ftl_status keep_usable(ftl_import_files *files) {
    ftl_import *import = files->import;
    import->channels = 1;
    for (int64_t i = 0; i < files->n; i++)
        if (files->item[i].status == FTL_OK && files->item[i].channels == 3)
            import->channels = 3;
    import->n = 0;
    for (int64_t i = 0; i < files->n; i++) {
        const ftl_import_file *file = &files->item[i];
        if (file->status != FTL_OK) {
            FTL_TRY(ftl_import_problem(
                    import, &import->counts.unusable, "%s", reason_of(file)));
            continue;
        }
        FTL_TRY(describe(import, file));
        move_row(import, import->n, i);
        import->names[import->n] = file->name;
        import->digest[import->n++] = file->digest;
    }
    if (import->n) return FTL_OK;
    return ftl_fail(FTL_EINPUT,
            "%s: none of its %lld images can be used; the first: %s", files->root,
            (long long)files->n, reason_of(&files->item[0]));
}

/* Three equal channels to one. */
static void drop_colour(ftl_import *import) {
    size_t n = (size_t)import->n * pixels_of(import);
    assert(n > 0); /* keep_usable refuses a folder without images */
    for (size_t i = 0; i < n; i++)
        import->images[i] = import->images[3 * i];
    /* Less is needed now; if it cannot be had, the larger block is as good. */
    uint8_t *less = realloc(import->images, n);
    if (less) import->images = less;
}

ftl_status ftl_import_files_take(ftl_import_files *files) {
    ftl_import *import = files->import;
    size_t n = (size_t)files->n;
    FTL_TRY(ftl_import_reserve(import, files->n, 3));
    import->names = ftl_arena_alloc(import->arena, sizeof *import->names * n);
    import->digest = ftl_arena_alloc(import->arena, sizeof *import->digest * n);
    if (!import->names || !import->digest)
        return ftl_fail(FTL_ENOMEM, "%s: no memory for %lld images", files->root,
                (long long)files->n);
    decode_all(files);
    FTL_TRY(check_failures(files));
    FTL_TRY(keep_usable(files));
    if (import->channels == 1) drop_colour(import);
    return FTL_OK;
}
