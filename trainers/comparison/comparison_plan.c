/* comparison_plan.c - what a comparison would do and take, for --dry-run. */
#include "trainers/comparison/comparison_state.h"

#include "datasets/data.h"
#include "engine/base/file.h"
#include "engine/base/log.h"
#include "engine/base/scratch.h"
#include "trainers/duration.h"

#include <sys/stat.h>

/* data.source, imported for the time of the plan. */
typedef struct imported {
    ftl_scratch place;
    int64_t n_bytes; /* 0: nothing was imported */
} imported;

/* A plan of many methods opens the images as often: import them once. */
static ftl_status import(imported *s, ftl_comparison *c) {
    const ftl_settings *settings = &c->settings.run;
    ftl_data data;
    struct stat info;
    ftl_data_options options = settings->data;
    const char *there =
            ftl_arena_printf(c->arena, "%s/data.h5", c->pretrained.directory);
    if (!there) return FTL_ENOMEM;
    if (!options.source || ftl_file_exists(there)) return FTL_OK;
    FTL_TRY(ftl_scratch_open(&s->place, "compare", "data.h5"));
    FTL_TRY(ftl_config_locate(c->config, ftl_comparison_table(),
            ftl_data_open(&data, &options,
                    &(ftl_data_request) {.seed = (uint64_t)settings->seed,
                            .import_to = s->place.path,
                            .import_size = (int)settings->model.resolution,
                            .passing = true})));
    ftl_data_close(&data);
    if (stat(s->place.path, &info) == 0) s->n_bytes = info.st_size;
    FTL_TRY(ftl_comparison_use_pack(c, &c->pretrained, s->place.path));
    for (int i = 0; i < c->n_runs; i++)
        FTL_TRY(ftl_comparison_use_pack(c, &c->run[i], s->place.path));
    return FTL_OK;
}

static bool is_left(const ftl_compared_run *run) {
    return run->outcome.kind == FTL_OUTCOME_NONE ||
           run->outcome.kind == FTL_OUTCOME_INTERRUPTED;
}

static void print_run(const ftl_compared_run *run, FILE *file) {
    static const char *const state[] = {"to do", "interrupted", "done", "failed"};
    fprintf(file, "%-40s %s\n", run->name, state[run->outcome.kind]);
}

static ftl_status estimate(ftl_run_estimate *out, const ftl_comparison *c,
        const ftl_compared_run *run, ftl_run_part part) {
    ftl_run_options options = ftl_comparison_run_options(c, run, part);
    options.resume = false; /* all of it */
    return ftl_comparison_blame(run->name, ftl_run_estimate_cost(out, &options));
}

/* What a run of this method takes: without its checkpoint, what the whole takes more
 * than the pre-training. */
static ftl_status estimate_method(ftl_run_estimate *out, const ftl_comparison *c,
        const ftl_compared_run *run, const ftl_run_estimate *pretrained) {
    if (c->digest) return estimate(out, c, run, FTL_RUN_METHOD);
    FTL_TRY(estimate(out, c, run, FTL_RUN_ALL_STAGES));
    out->time_s -= pretrained->time_s;
    out->disk_bytes -= pretrained->disk_bytes;
    return FTL_OK;
}

static void print_part(FILE *file, const char *name, int n, double each_s) {
    char one[FTL_DURATION_BYTES], all[FTL_DURATION_BYTES];
    fprintf(file, "%-32s%8d%15s%15s\n", name, n, ftl_duration(one, each_s),
            ftl_duration(all, n * each_s));
}

static void add(ftl_run_estimate *sum, const ftl_run_estimate *one, int n) {
    sum->time_s += n * one->time_s;
    sum->disk_bytes += n * one->disk_bytes;
    if (one->peak_mib > sum->peak_mib) sum->peak_mib = one->peak_mib;
    if (one->scratch_bytes > sum->scratch_bytes)
        sum->scratch_bytes = one->scratch_bytes;
}

/* The runs of a method that are left, and one of them. */
static int left_of(const ftl_comparison *c, int method, const ftl_compared_run **run) {
    int n = 0;
    for (int i = 0; i < c->n_runs; i++)
        if (c->run[i].method == method && is_left(&c->run[i]) && !n++)
            *run = &c->run[i];
    return n;
}

static ftl_status print_costs(ftl_comparison *c, const imported *s, FILE *file) {
    ftl_run_estimate pretrained = {0}, sum = {.disk_bytes = s->n_bytes}, one;
    char all[FTL_DURATION_BYTES];
    fprintf(file, "\n%-32s%8s%15s%15s\n", "what is left", "runs", "each", "in all");
    if (is_left(&c->pretrained)) {
        FTL_TRY(estimate(&pretrained, c, &c->pretrained, FTL_RUN_PRETRAINED));
        add(&sum, &pretrained, 1);
        print_part(file, "pretrained", 1, pretrained.time_s);
    }
    for (int m = 0; m < c->n_methods; m++) {
        const ftl_compared_run *run = NULL;
        const int n = left_of(c, m, &run);
        if (!n) continue;
        FTL_TRY(estimate_method(&one, c, run, &pretrained));
        add(&sum, &one, n);
        print_part(file, c->method[m].name, n, one.time_s);
        fflush(file);
    }
    fprintf(file, "\ntime          %s at most\n", ftl_duration(all, sum.time_s));
    fprintf(file, "memory        %.0f MiB at the peak\n", sum.peak_mib);
    fprintf(file, "disk          %.1f MiB more in %s, at most\n",
            (double)sum.disk_bytes / 1048576, c->out);
    ftl_run_print_scratch(sum.scratch_bytes, file);
    fprintf(file, "nothing was written\n");
    return FTL_OK;
}

ftl_status ftl_comparison_plan(ftl_comparison *c, FILE *file) {
    imported s = {.n_bytes = 0};
    FTL_TRY(ftl_comparison_check_settings(c));
    FTL_TRY(ftl_comparison_recognise(c));
    if (c->pretrained.outcome.kind == FTL_OUTCOME_DONE)
        FTL_TRY(ftl_comparison_begin_methods(c));
    print_run(&c->pretrained, file);
    for (int i = 0; i < c->n_runs; i++)
        print_run(&c->run[i], file);
    fflush(file); /* the rest takes some seconds a method */
    ftl_status status = import(&s, c);
    if (status == FTL_OK) status = print_costs(c, &s, file);
    ftl_scratch_close(&s.place);
    return status;
}
