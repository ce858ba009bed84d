/* run_opened.c - see run_opened.h. */
#include "trainers/run/run_opened.h"

#include <string.h>

static bool is_imported(const ftl_checkpoint *checkpoint) {
    return strcmp(ftl_checkpoint_kind(checkpoint), FTL_RUN_IMPORTED) == 0;
}

ftl_status ftl_run_check_kind(const ftl_checkpoint *checkpoint, const char *purpose) {
    if (is_imported(checkpoint) ||
            strcmp(ftl_checkpoint_kind(checkpoint), FTL_RUN_GENERATOR) == 0)
        return FTL_OK;
    return ftl_checkpoint_check_kind(checkpoint, "training", purpose);
}

ftl_status ftl_run_trained_images(int64_t *images, ftl_checkpoint *checkpoint) {
    *images = FTL_RUN_IMAGES_UNKNOWN;
    if (is_imported(checkpoint)) return FTL_OK;
    FTL_TRY(ftl_checkpoint_i64(checkpoint, "images", images));
    if (*images != 0) return FTL_OK;
    return ftl_fail(FTL_EINPUT,
            "%s holds no trained generator: it was written before the first step of "
            "pre-training",
            ftl_checkpoint_path(checkpoint));
}

ftl_status ftl_run_has_classifier(bool *has, ftl_checkpoint *checkpoint) {
    int64_t judged = 0;
    if (!is_imported(checkpoint))
        FTL_TRY(ftl_checkpoint_i64(checkpoint, "has_confusion", &judged));
    *has = judged != 0;
    return FTL_OK;
}

ftl_status ftl_run_read_networks(
        ftl_config **config, ftl_settings *settings, ftl_checkpoint *checkpoint) {
    static const char *const of_training[] = {"seed", "engine", "log", "run"};
    const char *text;
    *config = NULL;
    FTL_TRY(ftl_checkpoint_text(checkpoint, "config", &text));
    FTL_TRY(ftl_config_parse(config, text, ftl_checkpoint_path(checkpoint)));
    for (size_t i = 0; i < sizeof of_training / sizeof *of_training; i++)
        ftl_config_drop(*config, of_training[i]);
    /* Nobody knows of what images networks are that were imported. */
    const ftl_option *table = ftl_settings_networks_table + is_imported(checkpoint);
    return ftl_config_read(*config, table, settings);
}

ftl_status ftl_run_opened_begin(
        ftl_run_opened *o, const char *path, const char *purpose) {
    FTL_TRY(ftl_checkpoint_open(&o->checkpoint, path));
    FTL_TRY(ftl_run_check_kind(o->checkpoint, purpose));
    FTL_TRY(ftl_run_read_networks(&o->config, &o->settings, o->checkpoint));
    o->groups = o->settings.data.groups;
    FTL_TRY(ftl_checkpoint_i64(o->checkpoint, "channels", &o->channels));
    FTL_TRY(ftl_choices_create(&o->choices));
    return ftl_run_get_choices(o->choices, o->checkpoint);
}

void ftl_run_opened_close(ftl_run_opened *o) {
    ftl_gan_deinit(&o->gan);
    ftl_classifier_deinit(&o->classifier);
    ftl_choices_free(o->choices);
    ftl_config_free(o->config);
    ftl_checkpoint_close(o->checkpoint);
}

ftl_status ftl_run_opened_generator(ftl_run_opened *o) {
    ftl_gan_options options = {.resolution = (int)o->settings.model.resolution,
            .channels = (int)o->channels,
            .ch = (int)o->settings.model.ch,
            .z_dim = (int)o->settings.model.z_dim,
            .precision = ftl_run_type(&o->settings.model),
            .choices = o->choices};
    FTL_TRY(ftl_gan_init(
            &o->gan, ftl_gan_models[o->settings.model.arch], &options, 0, false));
    return ftl_checkpoint_get_store(o->checkpoint, "G_ema", o->gan.g_ema);
}

static ftl_status read_classifier(ftl_run_opened *o) {
    int64_t width, k = o->groups.n;
    if (k < 2 || k > FTL_FAIRNESS_MAX_GROUPS)
        return ftl_fail(FTL_EFORMAT, "%s: names %d groups",
                ftl_checkpoint_path(o->checkpoint), (int)k);
    FTL_TRY(ftl_checkpoint_i64(o->checkpoint, "classifier_width", &width));
    ftl_classifier_options options = {.resolution = (int)o->settings.model.resolution,
            .channels = (int)o->channels,
            .width = (int)width,
            .classes = (int)k,
            .precision = ftl_run_type(&o->settings.model),
            .choices = o->choices};
    FTL_TRY(ftl_classifier_init(&o->classifier, &options, 0));
    FTL_TRY(ftl_checkpoint_get_store(o->checkpoint, "C", o->classifier.store));
    return ftl_checkpoint_get(o->checkpoint, "confusion", FTL_H5_I64, 2,
            (int64_t[]) {k, k}, o->confusion);
}

ftl_status ftl_run_opened_classifier(ftl_run_opened *o) {
    bool judged;
    FTL_TRY(ftl_run_has_classifier(&judged, o->checkpoint));
    if (!judged)
        return ftl_fail(FTL_EINPUT,
                "%s holds no trained classifier; name a checkpoint that does with "
                "--classifier",
                ftl_checkpoint_path(o->checkpoint));
    return read_classifier(o);
}

void ftl_run_opened_names(
        const char *names[FTL_FAIRNESS_MAX_GROUPS], const ftl_run_opened *o) {
    for (int i = 0; i < o->groups.n; i++)
        names[i] = o->groups.item[i].name;
}
