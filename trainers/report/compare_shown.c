/* compare_shown.c - whose pictures stand for a method and ratio: those of one run,
 * since a page of all of them would be large. */
#include "trainers/report/compare_parts.h"

#include <string.h>

const ftl_source_sample *ftl_compare_sample(
        const ftl_source *source, ftl_sample_kind kind, bool pretrained) {
    for (int i = source->n_samples - 1; i >= 0; i--) {
        const ftl_source_sample *s = &source->sample[i];
        if (s->kind == kind && (strncmp(s->stage, "pretrain", 8) == 0) == pretrained)
            return s;
    }
    return NULL;
}

/* Runs draw what they begin with, too: it is there where pre-training was not done. */
ftl_survey_run *ftl_compare_shown(ftl_survey *survey, int setting) {
    for (int i = 0; i < survey->n_runs; i++) {
        ftl_survey_run *run = &survey->run[i];
        if (setting >= 0 && run->setting != setting) continue;
        if (ftl_compare_sample(&run->source, FTL_SAMPLE_FINAL, setting < 0)) return run;
    }
    return NULL;
}

const char *ftl_compare_shown_name(
        ftl_survey *survey, int setting, const ftl_survey_run *run) {
    if (setting < 0) return "pre-trained";
    return ftl_arena_printf(
            survey->arena, "%s, seed %s", survey->setting[setting].method, run->seed);
}
