/* run_open.c - from options to a run that can begin: configuration, data, networks. */
#include "datasets/importer.h"
#include "engine/base/file.h"
#include "engine/base/log.h"
#include "engine/base/scratch.h"
#include "trainers/comparison/comparison_settings.h"
#include "trainers/methods/method.h"
#include "trainers/run/run_state.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Leave out what this part of a comparison does not do. */
static ftl_status choose_part(ftl_run_state *run) {
    const ftl_run_part part = run->options->part;
    if (part == FTL_RUN_WHOLE && ftl_config_given(run->config, "compare"))
        return ftl_config_refuse(run->config, "compare",
                "this configuration compares methods: use `fairtl compare %s`",
                run->options->config);
    ftl_config_drop(run->config, "compare");
    if (part == FTL_RUN_PRETRAINED) ftl_config_drop(run->config, "run.adapt");
    if (part == FTL_RUN_METHOD) ftl_config_drop(run->config, "run.classifier");
    return FTL_OK;
}

static ftl_status read_config(ftl_run_state *run) {
    const ftl_run_options *options = run->options;
    FTL_TRY(ftl_config_open(&run->config, options->config));
    for (int i = 0; i < options->n_set; i++)
        FTL_TRY(ftl_config_set(run->config, options->set[i], ftl_comparison_table()));
    FTL_TRY(choose_part(run));
    FTL_TRY(ftl_config_read(run->config, ftl_settings_table, &run->settings));
    FTL_TRY(ftl_run_settle_precision(run));
    return ftl_config_write(&run->resolved, ftl_settings_table, &run->settings);
}

int64_t ftl_settings_min_reference(const ftl_settings *s) {
    int64_t batch = 2;
    for (int i = 0; i < s->run.n; i++)
        if (s->run.item[i].kind == FTL_STAGE_ADAPT) {
            const ftl_adapt_settings *adapt = s->run.item[i].section;
            if (adapt->gan.batch > batch) batch = adapt->gan.batch;
        }
    return batch;
}

/* The pack of a run that goes on. It is damaged: the source has it all. */
static ftl_status open_imported(ftl_run_state *run, ftl_data_request *request) {
    char message[1024];                               /* as long as they are */
    FTL_TRY(ftl_importer_settle(request->import_to)); /* of a run that was killed */
    ftl_status status = ftl_data_open(&run->data, &run->settings.data, request);
    if (status != FTL_EFORMAT) return status;
    snprintf(message, sizeof message, "%s", ftl_message());
    ftl_clear();
    return ftl_fail(status, "%s; without it, --resume imports %s anew", message,
            run->settings.data.source);
}

/* For data.source the pack lies in the run's directory. The configuration is written
 * first: so a pack that lies beside one is of that configuration, even if the run was
 * killed, and any other is somebody's own. */
static ftl_status import_into_directory(ftl_run_state *run, ftl_data_request *request) {
    char path[FTL_RUN_PATH_BYTES];
    FTL_TRY(ftl_run_directory_take(run));
    FTL_TRY(ftl_run_path(path, run, "data.h5"));
    request->import_to = ftl_arena_strdup(run->arena, path);
    if (!request->import_to) return FTL_ENOMEM;
    if (ftl_file_exists(path)) {
        if (!run->continues)
            return ftl_fail(FTL_EINPUT,
                    "%s is in the way: it is not of a run; name it as data.pack, or "
                    "give another --out",
                    path);
        return open_imported(run, request);
    }
    run->imported = request->import_to;
    FTL_TRY(ftl_run_write_config(run));
    return ftl_data_open(&run->data, &run->settings.data, request);
}

/* A dry run leaves nothing behind: what is open stays readable without its name. */
static ftl_status import_for_now(ftl_run_state *run, ftl_data_request *request) {
    char path[FTL_RUN_PATH_BYTES];
    ftl_scratch scratch;
    FTL_TRY(ftl_run_path(path, run, "data.h5"));
    if (run->continues && ftl_file_exists(path)) {
        request->import_to = path;
        ftl_status status = ftl_data_open(&run->data, &run->settings.data, request);
        request->import_to = NULL;
        return status;
    }
    FTL_TRY(ftl_scratch_open(&scratch, "dry-run", "data.h5"));
    request->import_to = scratch.path;
    request->passing = true;
    ftl_status status = ftl_data_open(&run->data, &run->settings.data, request);
    ftl_scratch_close(&scratch);
    request->import_to = NULL; /* the path is gone with this call */
    return status;
}

static ftl_status open_data(ftl_run_state *run) {
    const ftl_settings *s = &run->settings;
    ftl_data_request request = {.seed = (uint64_t)s->seed,
            .min_reference = ftl_settings_min_reference(s),
            .import_size = (int)s->model.resolution};
    if (!s->data.source) return ftl_data_open(&run->data, &s->data, &request);
    return run->options->dry_run ? import_for_now(run, &request)
                                 : import_into_directory(run, &request);
}

static int64_t images_of_grid(const ftl_settings *s) {
    int64_t n = 64;
    for (int i = 0; i < s->run.n; i++)
        if (s->run.item[i].kind == FTL_STAGE_PRETRAIN)
            n = ((ftl_pretrain_settings *)s->run.item[i].section)->gan.samples;
    return n;
}

ftl_gan_options ftl_run_gan_options(const ftl_run_state *run, int channels) {
    const ftl_model_settings *model = &run->settings.model;
    return (ftl_gan_options) {.resolution = (int)model->resolution,
            .channels = channels,
            .ch = (int)model->ch,
            .z_dim = (int)model->z_dim,
            .precision = ftl_run_type(model),
            .choices = run->choices};
}

/* Before anything is imported at this resolution. */
static ftl_status check_model(const ftl_run_state *run) {
    ftl_gan_options options = ftl_run_gan_options(run, 1);
    return ftl_gan_models[run->settings.model.arch]->check(&options);
}

static ftl_status make_networks(ftl_run_state *run) {
    const ftl_settings *s = &run->settings;
    uint64_t seed = (uint64_t)s->seed;
    int k = run->data.splits.n_groups;
    ftl_classifier_options classifier = {.resolution = (int)s->model.resolution,
            .channels = run->shape->channels,
            .width = 64,
            .classes = k,
            .precision = ftl_run_type(&s->model),
            .choices = run->choices};
    for (int i = 0; i < s->run.n; i++)
        if (s->run.item[i].kind == FTL_STAGE_CLASSIFIER)
            classifier.width =
                    (int)((ftl_classifier_settings *)s->run.item[i].section)->width;
    ftl_gan_options gan = ftl_run_gan_options(run, run->shape->channels);
    if (run->takes_classifier) {
        int64_t width;
        FTL_TRY(ftl_checkpoint_i64(run->start, "classifier_width", &width));
        classifier.width = (int)width;
    }
    FTL_TRY(ftl_classifier_init(&run->classifier, &classifier, seed));
    FTL_TRY(ftl_gan_init(&run->gan, ftl_gan_models[s->model.arch], &gan, seed,
            ftl_run_keeps_moment1(run)));
    ftl_classifier_share_memory(&run->classifier, run->gan.memory);
    run->n_grid = images_of_grid(s);
    run->confusion =
            ftl_arena_alloc(run->arena, (size_t)(k * k) * sizeof *run->confusion);
    run->before = ftl_arena_alloc(
            run->arena, (size_t)run->n_grid * ftl_pack_image_bytes(run->shape));
    return run->confusion && run->before ? FTL_OK : FTL_ENOMEM;
}

/* Stages in front of the adaptation are another run's when it starts from a file. */
static void skip_pretraining(ftl_run_state *run) {
    ftl_variants *stages = &run->settings.run;
    int kept = 0;
    for (int i = 0; i < stages->n; i++)
        if (stages->item[i].kind != FTL_STAGE_PRETRAIN)
            stages->item[kept++] = stages->item[i];
    stages->n = kept;
}

ftl_status ftl_run_state_configure(ftl_run_state *run, const ftl_run_options *options) {
    memset(run, 0, sizeof *run);
    run->options = options;
    run->lock = -1;
    run->saved_tick = run->saved_stage = -1;
    FTL_TRY(ftl_arena_create(&run->arena));
    FTL_TRY(ftl_choices_create(&run->choices));
    if (options->threads > 0) omp_set_num_threads(options->threads);
    FTL_TRY(ftl_environment_describe(
            &run->environment, run->arena, omp_get_max_threads()));
    FTL_TRY(ftl_run_directory_choose(run));
    FTL_TRY(read_config(run));
    FTL_TRY(ftl_run_check_stages(run));
    FTL_TRY(ftl_run_name_stages(run));
    return ftl_run_locate(run, check_model(run));
}

ftl_status ftl_run_state_open(ftl_run_state *run, const ftl_run_options *options) {
    FTL_TRY(ftl_run_state_configure(run, options));
    FTL_TRY(ftl_run_directory_check(run));
    if (options->from) FTL_TRY(ftl_run_open_from(run));
    FTL_TRY(ftl_run_locate(run, open_data(run)));
    FTL_TRY(ftl_run_check_shape(run));
    FTL_TRY(ftl_run_check_sets(run));
    FTL_TRY(make_networks(run));
    FTL_TRY(ftl_run_check_adaptations(run));
    FTL_TRY(ftl_metrics_init(&run->metrics));
    if (options->from) {
        skip_pretraining(run);
        FTL_TRY(ftl_run_name_stages(run));
        FTL_TRY(ftl_run_load_from(run));
    }
    return ftl_run_describe_inputs(run);
}

void ftl_run_state_close(ftl_run_state *run) {
    ftl_checkpoint_close(run->start);
    ftl_metrics_deinit(&run->metrics);
    for (int i = 0; i < FTL_N_KEPT; i++)
        ftl_store_free(run->g_kept[i]);
    ftl_gan_deinit(&run->gan);
    ftl_classifier_deinit(&run->classifier);
    ftl_choices_free(run->choices);
    ftl_data_close(&run->data);
    ftl_run_directory_leave(run);
    ftl_config_free(run->config);
    free(run->resolved);
    ftl_arena_free(run->arena);
}
