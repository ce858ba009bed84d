/* describe.c - what a preset expands to, as YAML; see method.h. */
#include "configs/config.h"
#include "engine/base/memory_file.h"
#include "trainers/methods/method.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct digits {
    char text[FTL_CONFIG_REAL_CHARS];
} digits;

/* "[]" or a list of patterns. */
static ftl_status print_patterns(FILE *file, const ftl_segment *segment) {
    fputc('[', file);
    for (int i = 0; i < segment->n_freeze; i++) {
        if (i) fputs(", ", file);
        FTL_TRY(ftl_config_write_text(file, segment->freeze[i]));
    }
    fputc(']', file);
    return FTL_OK;
}

/* A length that comes to these steps again: all of them or, where they are so many that
 * rounding makes that one more, half of the last one less; never above the longest that
 * there is, whose last step may not be full. */
static double kimg_of(int64_t n_steps, int64_t batch) {
    const double longest = 1e6;
    double kimg = (double)(n_steps * batch) / 1000;
    if (ftl_steps_of_kimg(kimg, batch) != n_steps) kimg -= (double)batch / 2000;
    return fmin(kimg, longest);
}

static ftl_status print_segment(FILE *file, const ftl_segment *segment, int64_t batch) {
    digits kimg, g_lr, d_lr;
    fputs("{name: ", file);
    FTL_TRY(ftl_config_write_text(file, segment->name));
    fprintf(file, ", kimg: %s, freeze: ",
            ftl_config_format_real(kimg.text, kimg_of(segment->n_steps, batch)));
    FTL_TRY(print_patterns(file, segment));
    fprintf(file, ", g_lr: %s, d_lr: %s}\n",
            ftl_config_format_real(g_lr.text, segment->g_lr),
            ftl_config_format_real(d_lr.text, segment->d_lr));
    return FTL_OK;
}

static void print_judge(FILE *file, const ftl_judge *judge) {
    static const char *const sources[] = {"reference", "biased", "biased+reference"};
    digits weight;
    fprintf(file, "{name: %s, train: %s, weight: %s", judge->name,
            judge->trains ? "true" : "false",
            ftl_config_format_real(weight.text, judge->weight));
    if (judge->trains) fprintf(file, ", data: %s", sources[judge->source]);
    fputs("}\n", file);
}

static void print_augment(FILE *file, unsigned policy) {
    const char *before = "";
    fputs("augment: [", file);
    for (int i = 0; ftl_augment_names[i]; i++) {
        if (!(policy >> i & 1)) continue;
        fprintf(file, "%s%s", before, ftl_augment_names[i]);
        before = ", ";
    }
    fputs("]\n", file);
}

static void print_importance(FILE *file, const ftl_importance_settings *settings) {
    digits alpha, lr;
    fprintf(file,
            "importance: {alpha: %s, width: %" PRId64 ", epochs: %" PRId64
            ", batch: %" PRId64 ", lr: %s}\n",
            ftl_config_format_real(alpha.text, settings->alpha), settings->width,
            settings->epochs, settings->batch,
            ftl_config_format_real(lr.text, settings->lr));
}

/* What no list says: whether G and D begin anew, and whether images are weighted. */
static const ftl_method *method_below(const ftl_adaptation *adaptation) {
    if (adaptation->fresh) return &ftl_method_scratch;
    return adaptation->importance ? &ftl_method_importance : &ftl_method_fairtl;
}

static ftl_status print(FILE *file, const ftl_adaptation *adaptation,
        const ftl_adapt_settings *settings, int indent) {
    digits weight, decay;
    fprintf(file, "%*smethod: %s\n", indent, "", method_below(adaptation)->name);
    fprintf(file, "%*sdiscriminators:\n", indent, "");
    for (int i = 0; i < adaptation->n_judges; i++) {
        fprintf(file, "%*s  - ", indent, "");
        print_judge(file, &adaptation->judge[i]);
    }
    fprintf(file, "%*sstages:\n", indent, "");
    for (int i = 0; i < adaptation->n_segments; i++) {
        fprintf(file, "%*s  - ", indent, "");
        FTL_TRY(print_segment(file, &adaptation->segment[i], settings->gan.batch));
    }
    if (adaptation->lecam.weight > 0)
        fprintf(file, "%*slecam: %s\n%*slecam_decay: %s\n", indent, "",
                ftl_config_format_real(weight.text, adaptation->lecam.weight), indent,
                "", ftl_config_format_real(decay.text, adaptation->lecam.decay));
    if (adaptation->importance) {
        fprintf(file, "%*s", indent, "");
        print_importance(file, &settings->importance);
    }
    if (adaptation->augment) {
        fprintf(file, "%*s", indent, "");
        print_augment(file, adaptation->augment);
    }
    if (adaptation->ewc > 0)
        fprintf(file, "%*sewc: %s\n%*sewc_samples: %" PRId64 "\n", indent, "",
                ftl_config_format_real(weight.text, adaptation->ewc), indent, "",
                adaptation->ewc_samples);
    return FTL_OK;
}

ftl_status ftl_adaptation_describe(const char **text, const ftl_adaptation *adaptation,
        const ftl_adapt_settings *settings, int indent, ftl_arena *arena) {
    char *bytes;
    ftl_memory_file memory;
    *text = NULL;
    FTL_TRY(ftl_memory_file_open(&memory, "the description of a method"));
    const ftl_status status = print(memory.file, adaptation, settings, indent);
    FTL_TRY(ftl_memory_file_close(&memory, status, &bytes, NULL));
    *text = ftl_arena_strdup(arena, bytes);
    free(bytes);
    return *text ? FTL_OK : FTL_ENOMEM;
}
