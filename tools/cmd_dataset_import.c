/* cmd_dataset_import.c - fairtl dataset import: what people have, as a pack. */
#include "datasets/importer.h"
#include "engine/base/interrupt.h"
#include "tools/run_options.h"

#include <malloc.h>
#include <omp.h>

typedef struct values {
    const char *source, *format, *csv, *out, *fit, *background;
    int64_t size, threads;
    bool strict;
} values;

static const cli_option options[] = {
        {.argument = "SOURCE",
                .type = CLI_TEXT,
                .offset = offsetof(values, source),
                .help = "a folder; it is only read"},
        {.name = "format",
                .letter = 'f',
                .type = CLI_TEXT,
                .argument = "FORMAT",
                .offset = offsetof(values, format),
                .required = true,
                .help = "what is in it, see above"},
        {.name = "out",
                .letter = 'o',
                .type = CLI_TEXT,
                .argument = "PACK.h5",
                .offset = offsetof(values, out),
                .required = true,
                .help = "the pack to write; beside it comes PACK.h5.report.txt, which "
                        "names every file that could not be used"},
        {.name = "size",
                .letter = 's',
                .type = CLI_INT,
                .argument = "PX",
                .offset = offsetof(values, size),
                .min = FTL_IMPORT_MIN_SIZE,
                .max = FTL_IMPORT_MAX_SIZE,
                .fallback = 64,
                .help = "side of the square images in the pack, 4 to 1024"},
        {.name = "csv",
                .type = CLI_TEXT,
                .argument = "FILE.csv",
                .offset = offsetof(values, csv),
                .help = "folder: the table of attributes (default: labels.csv in "
                        "SOURCE, "
                        "if there is one)"},
        CLI_FIT_ROW(values),
        CLI_BACKGROUND_ROW(values),
        {.name = "strict",
                .type = CLI_FLAG,
                .offset = offsetof(values, strict),
                .help = "make no pack if there is a problem to report; "
                        "PACK.h5.refused.txt then names them all"},
        CLI_THREADS_ROW(values),
        {0},
};

/* An image after the other is decoded into a block that was just freed: of large ones a
 * third of the time goes if the system takes it back each time (see fairtl.c). */
static void keep_freed_memory(void) {
#ifdef M_MMAP_THRESHOLD
    (void)mallopt(M_MMAP_THRESHOLD, 32 << 20);
    (void)mallopt(M_TRIM_THRESHOLD, 64 << 20);
#endif
}

static ftl_status run(const void *pointer) {
    const values *v = pointer;
    const ftl_importer *importer;
    ftl_pack_file *pack = NULL;
    ftl_import_options o = {.source = v->source,
            .csv = v->csv,
            .size = (int)v->size,
            .fit_given = v->fit != NULL,
            .strict = v->strict};
    FTL_TRY(ftl_importer_find(&importer, v->format, "--format"));
    if (v->fit) FTL_TRY(ftl_importer_read_fit(&o.fit, v->fit, "--fit"));
    if (v->background)
        FTL_TRY(ftl_importer_read_colour(o.background, v->background, "--background"));
    if (v->threads > 0) omp_set_num_threads((int)v->threads);
    keep_freed_memory();
    ftl_interrupt_install();
    FTL_TRY(ftl_importer_run(importer, &o, v->out, NULL));
    /* Read it back: what is printed is what is on the disk, verified. */
    FTL_TRY(ftl_pack_open(&pack, v->out));
    ftl_status status = ftl_pack_print_info(stdout, pack);
    ftl_pack_close(pack);
    return status;
}

static void print_formats(FILE *file) {
    fprintf(file, "formats:\n");
    for (const ftl_importer *const *i = ftl_importers; *i; i++)
        fprintf(file, "  %-8s  %s\n", (*i)->name, (*i)->help);
}

const cli_command cli_dataset_import_command = {
        .name = "import",
        .summary = "read a set of images into one verified file, a pack",
        .print_more = print_formats,
        .examples =
                "Debian's Fashion-MNIST:\n"
                "  fairtl dataset import /usr/share/datasets/fashion-mnist --format "
                "idx \\\n"
                "      --out fashion.h5 --size 32\n"
                "CelebA, with img_align_celeba and its lists in one folder:\n"
                "  fairtl dataset import celeba/ --format celeba --out celeba.h5\n"
                "A folder of photographs and its table, whose first column names "
                "the files:\n"
                "  fairtl dataset import faces/ --format folder --csv "
                "faces/list.csv --out faces.h5\n",
        .options = options,
        .values_bytes = sizeof(values),
        .run = run,
};
