/* cmd_dataset_import.c - fairtl dataset import: what people have, as a pack. */
#include "datasets/importer.h"
#include "tools/command.h"

typedef struct values {
    const char *source, *format, *csv, *out;
    int64_t size;
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
                .help = "side of the square images in the pack"},
        {.name = "csv",
                .type = CLI_TEXT,
                .argument = "FILE.csv",
                .offset = offsetof(values, csv),
                .help = "folder: the table of attributes (default: labels.csv in "
                        "SOURCE, "
                        "if there is one)"},
        {0},
};

static ftl_status run(const void *pointer) {
    const values *v = pointer;
    const ftl_importer *importer;
    ftl_pack_file *pack = NULL;
    FTL_TRY(ftl_importer_find(&importer, v->format, "--format"));
    FTL_TRY(ftl_importer_run(importer,
            &(ftl_import_options) {v->source, v->csv, (int)v->size}, v->out, NULL));
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
                "A folder of photographs and its table, whose first column names "
                "the files:\n"
                "  fairtl dataset import faces/ --format folder --csv "
                "faces/list.csv --out faces.h5\n",
        .options = options,
        .values_bytes = sizeof(values),
        .run = run,
};
