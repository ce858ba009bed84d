/* run_describe.c - what a run would do and take, for --dry-run. */
#include "engine/base/scratch.h"
#include "trainers/duration.h"
#include "trainers/methods/method.h"
#include "trainers/run/run_forecast.h"

#include <inttypes.h>
#include <stdio.h>

static double total(const ftl_forecast_part *part) {
    return part->steps_s + part->looks_s + part->files_s;
}

static void print_parts(const ftl_forecast *f, FILE *file) {
    char step[FTL_DURATION_BYTES], steps[FTL_DURATION_BYTES], looks[FTL_DURATION_BYTES],
            files[FTL_DURATION_BYTES], all[FTL_DURATION_BYTES];
    fprintf(file, "\n%-22s%8s%11s%13s%13s%13s%13s\n", "part", "steps", "a step",
            "all steps", "evaluations", "files", "in all");
    for (const ftl_forecast_part *part = f->first; part; part = part->next) {
        char n[24] = "-";
        if (part->n_steps) snprintf(n, sizeof n, "%" PRId64, part->n_steps);
        fprintf(file, "%-22s%8s%11s%13s%13s%13s%13s\n", part->name, n,
                ftl_duration(step, part->step_s), ftl_duration(steps, part->steps_s),
                ftl_duration(looks, part->looks_s), ftl_duration(files, part->files_s),
                ftl_duration(all, total(part)));
    }
}

static void print_time(const ftl_forecast *f, FILE *file) {
    char all[FTL_DURATION_BYTES], least[FTL_DURATION_BYTES];
    double sum = 0, spared = 0;
    for (const ftl_forecast_part *part = f->first; part; part = part->next) {
        sum += total(part);
        spared += part->spared_s;
    }
    fprintf(file, "\ntime          %s", ftl_duration(all, sum));
    if (spared > 0)
        fprintf(file, " at most; %s if looks end the stages as early as they may",
                ftl_duration(least, sum - spared));
    fprintf(file, "\nmemory        %.0f MiB at the peak%s\n", f->peak_mib,
            f->chooses ? "; less if the last generator is the best" : "");
}

static double mib(int64_t bytes) { return (double)bytes / 1048576; }

void ftl_run_print_scratch(int64_t n_bytes, FILE *file) {
    uint64_t room;
    if (!n_bytes) return;
    fprintf(file, "              %.1f MiB in %s while it measures quality\n",
            mib(n_bytes), ftl_scratch_base());
    if (ftl_scratch_room(&room) && room < (uint64_t)n_bytes)
        fprintf(file,
                "              that is more than the %.0f MiB that are free there\n",
                (double)room / 1048576);
}

static void print_disk(const ftl_forecast *f, const ftl_run_state *run, FILE *file) {
    const int64_t kept = ftl_forecast_bytes(f);
    const int64_t passing = f->rolling_checkpoints * f->largest_checkpoint;
    uint64_t room;
    fprintf(file,
            "disk          %.1f MiB %sin %s when it is done, at most: checkpoints %.1f",
            mib(kept), f->goes_on ? "more " : "", run->directory,
            mib(f->kept_checkpoints));
    if (f->pack) fprintf(file, ", images %.1f", mib(f->pack));
    fprintf(file,
            ", logs %.1f;\n              up to %.1f for pictures and %.1f for the "
            "report, as far as PNG cannot compress them\n",
            mib(f->logs), mib(f->pictures), mib(f->report));
    if (passing)
        fprintf(file,
                "              %.1f MiB while it runs, with %" PRId64
                " checkpoints of up to %.1f to go on from\n",
                mib(kept + passing), f->rolling_checkpoints,
                mib(f->largest_checkpoint));
    if (ftl_run_directory_room(&room, run) && room < (uint64_t)(kept + passing))
        fprintf(file,
                "              that is more than the %.0f MiB that are free there\n",
                (double)room / 1048576);
    ftl_run_print_scratch(f->scratch, file);
}

/* With --resume: what is left to do. */
static ftl_status go_on(ftl_run_state *run, FILE *file) {
    const char *newest = NULL, *note = "";
    if (run->options->resume) FTL_TRY(ftl_run_find_newest(run, &newest));
    if (!newest) return FTL_OK;
    FTL_TRY(ftl_run_load(run, newest, &note));
    fprintf(file, "goes on       from %s, step %" PRId64 "%s%s\n", newest,
            run->progress.tick, note[0] ? "; now " : "", note);
    return FTL_OK;
}

/* What each stage of an adaptation freezes, as comments of its YAML. The GAN gets the
 * discriminators that patterns may name. */
static ftl_status print_frozen(
        ftl_run_state *run, const ftl_adaptation *adaptation, FILE *file) {
    const char *what;
    FTL_TRY(ftl_adaptation_apply(adaptation, &run->gan));
    for (int i = 0; i < adaptation->n_segments; i++) {
        const ftl_segment *segment = &adaptation->segment[i];
        for (int k = 0; k < segment->n_freeze; k++) {
            FTL_TRY(ftl_gan_describe_frozen(
                    &what, &run->gan, segment->freeze[k], run->arena));
            fprintf(file, "  # %s: %s\n", segment->name, what);
        }
    }
    return FTL_OK;
}

/* What presets come to. */
static ftl_status print_adaptations(ftl_run_state *run, FILE *file) {
    for (int i = 0; i < run->settings.run.n; i++) {
        ftl_adaptation adaptation;
        const char *text;
        if (run->settings.run.item[i].kind != FTL_STAGE_ADAPT) continue;
        const ftl_adapt_settings *adapt = run->settings.run.item[i].section;
        FTL_TRY(ftl_adaptation_expand(&adaptation, adapt,
                (int)run->settings.model.resolution, "adapt", run->arena));
        FTL_TRY(ftl_adaptation_describe(&text, &adaptation, adapt, 2, run->arena));
        fprintf(file, "%s is\n%s", ftl_methods[adapt->method]->name, text);
        ftl_status status = print_frozen(run, &adaptation, file);
        ftl_gan_forget_adaptation(&run->gan);
        FTL_TRY(status);
        fputc('\n', file);
    }
    return FTL_OK;
}

ftl_status ftl_run_describe(ftl_run_state *run, double began_s, FILE *file) {
    ftl_forecast forecast;
    fprintf(file, "%s\n", run->resolved);
    FTL_TRY(print_adaptations(run, file));
    ftl_splits_print(file, &run->data.splits);
    fprintf(file,
            "\nparameters    G %" PRId64 ", D %" PRId64 ", classifier %" PRId64 "\n",
            ftl_store_parameters(run->gan.g), ftl_store_parameters(run->gan.d[0].store),
            ftl_store_parameters(run->classifier.store));
    FTL_TRY(go_on(run, file));
    fflush(file); /* the rest takes some seconds */
    FTL_TRY(ftl_run_rehearse(&forecast, run, began_s));
    print_parts(&forecast, file);
    print_time(&forecast, file);
    print_disk(&forecast, run, file);
    fprintf(file, "nothing was written\n");
    return FTL_OK;
}
