/* cmd_evaluate.c - fairtl evaluate: how fair is a generator, ours or another? */
#include "engine/base/file.h"
#include "engine/base/memory_file.h"
#include "tools/output.h"
#include "tools/run_options.h"
#include "trainers/run/run.h"
#include "trainers/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct values {
    const char *checkpoint, *images, *fit, *background, *classifier, *real, *metrics,
            *features, *weights, *json;
    int64_t samples, seed, threads;
} values;

static const cli_option options[] = {
        {.argument = "CHECKPOINT",
                .type = CLI_TEXT,
                .offset = offsetof(values, checkpoint),
                .optional = true,
                .help = "a checkpoint with a generator"},
        {.name = "images",
                .letter = 'i',
                .type = CLI_TEXT,
                .argument = "DIR|FILE.h5",
                .offset = offsetof(values, images),
                .help = "measure these images instead, whatever made them: a folder "
                        "of JPEG or PNG files, a pack, or an HDF5 file with a dataset "
                        "/images of uint8 [n, height, width, channels]"},
        CLI_FIT_ROW(values),
        CLI_BACKGROUND_ROW(values),
        {.name = "classifier",
                .letter = 'c',
                .type = CLI_TEXT,
                .argument = "CHECKPOINT",
                .offset = offsetof(values, classifier),
                .help = "take the attribute classifier from here (default: from the "
                        "checkpoint itself); images need one"},
        {.name = "samples",
                .letter = 'n',
                .type = CLI_INT,
                .argument = "N",
                .offset = offsetof(values, samples),
                .max = FTL_EVALUATE_MAX,
                .help = "measure on this many images, 16 or more; of --images so many "
                        "are drawn; 0: 10000, or all that --images has"},
        {.name = "seed",
                .type = CLI_INT,
                .argument = "S",
                .offset = offsetof(values, seed),
                .max = INT64_MAX,
                .fallback = 1,
                .help = "which latents, or which --samples of --images"},
        {.name = "real",
                .letter = 'r',
                .type = CLI_TEXT,
                .argument = "PACK.h5",
                .offset = offsetof(values, real),
                .help = "measure quality too, against the images of this pack, which "
                        "should be balanced and held out"},
        {.name = "metrics",
                .letter = 'm',
                .type = CLI_TEXT,
                .argument = "LIST",
                .offset = offsetof(values, metrics),
                .help = "of quality: frechet, kid, prdc (precision, recall, density, "
                        "coverage), with commas between (default: all)"},
        {.name = "features",
                .letter = 'f',
                .type = CLI_TEXT,
                .argument = "NAME",
                .offset = offsetof(values, features),
                .help = "what metrics compare: classifier, its penultimate layer "
                        "(default), or inception-2015, whose Frechet distance is the "
                        "FID"},
        {.name = "weights",
                .letter = 'w',
                .type = CLI_TEXT,
                .argument = "FILE.h5",
                .offset = offsetof(values, weights),
                .help = "of inception-2015: what tools/convert_inception.py wrote"},
        {.name = "json",
                .letter = 'j',
                .type = CLI_TEXT,
                .argument = "FILE",
                .offset = offsetof(values, json),
                .help = "also write the numbers here, as an object of metrics.json"},
        CLI_THREADS_ROW(values),
        {0},
};

/* In memory first: the file is then written whole or not at all. */
static ftl_status evaluate_to_json(const ftl_evaluate_options *o, const char *path) {
    char *text = NULL;
    size_t n_bytes;
    ftl_memory_file json;
    FTL_TRY(ftl_memory_file_open(&json, path));
    ftl_status status = ftl_evaluate(o, stdout, json.file);
    status = ftl_memory_file_close(&json, status, &text, &n_bytes);
    if (status == FTL_OK) status = ftl_file_write(path, text, n_bytes);
    free(text);
    return status;
}

static ftl_status run(const void *pointer) {
    const values *v = pointer;
    ftl_evaluate_options o = {
            .checkpoint = v->checkpoint,
            .images = v->images,
            .fit = v->fit,
            .background = v->background,
            .classifier = v->classifier,
            .samples = v->samples,
            .seed = (uint64_t)v->seed,
            .threads = (int)v->threads,
            .real = v->real,
            .metrics = v->metrics,
            .features = v->features,
            .weights = v->weights,
    };
    FTL_TRY(cli_output_check(CLI_OUTPUT_NUMBER, v->json, "--json"));
    if (v->json) return evaluate_to_json(&o, v->json);
    return ftl_evaluate(&o, stdout, NULL);
}

const cli_command cli_evaluate_command = {
        .name = "evaluate",
        .summary = "measure how fair a generator is, by a checkpoint or by images",
        .about = "Prints the share of each group among generated images and the "
                 "fairness\n"
                 "discrepancy FD: as counted, corrected for the classifier's errors, "
                 "and the 95 %\n"
                 "interval of the corrected one. Images must be such as the classifier "
                 "was\n"
                 "trained on: cropped and aligned alike. Other sizes are resized; what "
                 "is no\n"
                 "square becomes one by --fit, which should be what its pack says in\n"
                 "`fairtl dataset info`.",
        .examples = "  fairtl evaluate runs/demo/checkpoints/adapt.h5\n"
                    "Fresh latents, more of them, and the numbers in a file:\n"
                    "  fairtl evaluate runs/demo/checkpoints/adapt.h5 --samples 50000 "
                    "--seed 7 \\\n"
                    "      --json fd.json\n"
                    "Judged by another run's classifier:\n"
                    "  fairtl evaluate mine.h5 --classifier "
                    "runs/demo/checkpoints/classifier.h5\n"
                    "Images that any program has generated:\n"
                    "  fairtl evaluate --images generated/ --classifier "
                    "classifier.h5\n"
                    "How good they are, beside real ones:\n"
                    "  fairtl evaluate adapt.h5 --real heldout.h5 --metrics "
                    "frechet,kid\n"
                    "By the features that others report:\n"
                    "  fairtl evaluate adapt.h5 --real heldout.h5 --features "
                    "inception-2015 \\\n"
                    "      --weights inception.h5\n",
        .options = options,
        .values_bytes = sizeof(values),
        .run = run,
};
