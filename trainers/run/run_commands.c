/* run_commands.c - what can be asked of a checkpoint without a run: sampling it,
 * looking into it. Measuring it: run_evaluate*.c. */
#include "checkpoints/checkpoint.h"
#include "datasets/grid.h"
#include "engine/base/file.h"
#include "trainers/run/run_opened.h"

#include <inttypes.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

static ftl_status draw(ftl_run_opened *o, const ftl_sample_options *options) {
    ftl_evaluator evaluator;
    ftl_image grid;
    int px = o->gan.options.resolution, channels = o->gan.options.channels;
    int columns = options->columns > 0 ? options->columns
                                       : (int)ceil(sqrt((double)options->n));
    int scale = options->scale > 0 ? options->scale : px < 64 ? 2 : 1;
    uint8_t *images = malloc((size_t)options->n * (size_t)(px * px * channels));
    if (!images) return ftl_fail(FTL_ENOMEM, "out of memory for the images");
    ftl_status status = ftl_evaluator_init(&evaluator, &o->gan, o->gan.g_ema, NULL);
    if (status == FTL_OK) {
        ftl_random_key key = {.seed = options->seed, .stream = FTL_STREAM_SAMPLE};
        ftl_evaluator_run(&evaluator, key, options->n, NULL, images, NULL);
        ftl_evaluator_deinit(&evaluator);
        status = ftl_grid_compose(
                &grid, images, options->n, px, px, channels, columns, scale);
    }
    free(images);
    FTL_TRY(status);
    status = ftl_png_write(options->out, &grid);
    ftl_image_deinit(&grid);
    return status;
}

ftl_status ftl_sample_checkpoint(const ftl_sample_options *options) {
    ftl_run_opened o = {0};
    if (options->n < 1 || options->n > FTL_SAMPLE_MAX)
        return ftl_fail(FTL_ECONFIG, "--n: %" PRId64 " is not in 1..%d", options->n,
                FTL_SAMPLE_MAX);
    if (options->threads > 0) omp_set_num_threads(options->threads);
    ftl_status status = ftl_run_opened_begin(&o, options->checkpoint, "to sample");
    if (status == FTL_OK) status = ftl_run_opened_generator(&o);
    if (status == FTL_OK) status = draw(&o, options);
    ftl_run_opened_close(&o);
    return status;
}

/* --- inspect ------------------------------------------------------------------------
 */

typedef struct listing {
    FILE *file;
    bool all;
    ftl_checkpoint *checkpoint;
    char network[32]; /* of the tensors that are being summed up */
    int64_t tensors, numbers;
} listing;

static void end_network(listing *l) {
    if (l->tensors)
        fprintf(l->file, "  %-24s %5" PRId64 " tensors  %12" PRId64 " numbers\n",
                l->network, l->tensors, l->numbers);
    l->tensors = l->numbers = 0;
}

static ftl_status list_entry(void *context, const ftl_checkpoint_entry *entry) {
    listing *l = context;
    char shape[FTL_CHECKPOINT_SHAPE_TEXT], network[32];
    if (entry->section == FTL_CHECKPOINT_TENSOR) {
        if (l->all) {
            fprintf(l->file, "  %-48s %s %s\n", entry->name,
                    ftl_checkpoint_format_shape(
                            shape, entry->type, entry->rank, entry->dims),
                    entry->role);
            return FTL_OK;
        }
        bool moments = strncmp(entry->name, "adam.", 5) == 0;
        int n = (int)strcspn(entry->name + (moments ? 5 : 0), ".") + (moments ? 5 : 0);
        snprintf(network, sizeof network, "%.*s", n < 31 ? n : 31, entry->name);
        if (strcmp(network, l->network) != 0) end_network(l);
        memcpy(l->network, network, sizeof network);
        l->tensors++;
        l->numbers += entry->count;
        return FTL_OK;
    }
    end_network(l);
    if (entry->section == FTL_CHECKPOINT_VALUE) {
        int64_t integer;
        double real;
        if (entry->type == FTL_H5_I64) {
            FTL_TRY(ftl_checkpoint_i64(l->checkpoint, entry->name, &integer));
            fprintf(l->file, "  %-24s %" PRId64 "\n", entry->name, integer);
        } else {
            FTL_TRY(ftl_checkpoint_f64(l->checkpoint, entry->name, &real));
            fprintf(l->file, "  %-24s %.9g\n", entry->name, real);
        }
        return FTL_OK;
    }
    const char *text;
    FTL_TRY(ftl_checkpoint_text(l->checkpoint, entry->name, &text));
    if (l->all)
        fprintf(l->file, "  %s:\n%s\n", entry->name, text);
    else
        fprintf(l->file, "  %-24s text of %zu bytes (--all shows it)\n", entry->name,
                strlen(text));
    return FTL_OK;
}

static ftl_status inspect_checkpoint(const char *path, bool all, FILE *file) {
    listing l = {.file = file, .all = all};
    FTL_TRY(ftl_checkpoint_open(&l.checkpoint, path));
    fprintf(file, "%s: checkpoint of kind %s, written by fairtl %s, verified\n", path,
            ftl_checkpoint_kind(l.checkpoint),
            ftl_checkpoint_writer_version(l.checkpoint));
    fprintf(file, "sha256 %s\n", ftl_checkpoint_digest(l.checkpoint));
    ftl_status status = ftl_checkpoint_visit(l.checkpoint, list_entry, &l);
    end_network(&l);
    ftl_checkpoint_close(l.checkpoint);
    return status;
}

static ftl_status inspect_pack(const char *path, FILE *file) {
    ftl_pack_file *pack;
    FTL_TRY(ftl_pack_open(&pack, path));
    fprintf(file, "%s: pack, verified\nsha256 %s\n", path, pack->digest);
    ftl_status status = ftl_pack_print_info(file, pack);
    ftl_pack_close(pack);
    return status;
}

/* The attribute `format` of a sealed file's root says what it is. */
static ftl_status read_format(const char *path, char **format) {
    ftl_sealed sealed;
    ftl_h5 *h5;
    *format = NULL;
    FTL_TRY(ftl_sealed_open(&sealed, path));
    ftl_status status = ftl_h5_open_borrowed(&h5, sealed.bytes, sealed.n_bytes, path);
    if (status == FTL_OK) {
        status = ftl_h5_attr_read_text(h5, "/", "format", format);
        ftl_h5_close(h5);
    }
    ftl_sealed_close(&sealed);
    return status;
}

ftl_status ftl_inspect(const char *path, bool all, FILE *file) {
    char *format;
    FTL_TRY(read_format(path, &format));
    bool checkpoint = strcmp(format, FTL_CHECKPOINT_FORMAT) == 0;
    bool pack = strcmp(format, "fairtl-pack") == 0;
    ftl_status status = checkpoint ? inspect_checkpoint(path, all, file)
                        : pack     ? inspect_pack(path, file)
                                   : ftl_fail(FTL_EFORMAT,
                                             "%s: neither a pack nor a checkpoint but "
                                                 "\"%s\"",
                                             path, format);
    free(format);
    return status;
}
