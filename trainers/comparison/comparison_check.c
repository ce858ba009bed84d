/* comparison_check.c - what would be refused, hours before it is its turn; and whether
 * what is there is of this comparison. */
#include "trainers/comparison/comparison_state.h"

#include "checkpoints/checkpoint.h"

#include <stdio.h>
#include <string.h>

ftl_status ftl_comparison_blame(const char *name, ftl_status status) {
    char message[960];
    if (status == FTL_OK || status == FTL_EINTERRUPTED) return status;
    snprintf(message, sizeof message, "%s", ftl_message());
    ftl_clear();
    return ftl_fail(status, "%s: %s", name, message);
}

/* As a whole run: what its stages need of each other is there. */
static ftl_status check(
        const ftl_comparison *c, const ftl_compared_run *run, bool opens) {
    ftl_run_options options = ftl_comparison_run_options(c, run, FTL_RUN_ALL_STAGES);
    options.resume = false;
    options.out = c->out; /* no run is there */
    return ftl_comparison_blame(run->name, ftl_run_check(&options, opens));
}

static bool alike(const ftl_compared_run *a, const ftl_compared_run *b) {
    return a->method == b->method && a->ratio == b->ratio;
}

/* The first of its method and ratio: nothing that is refused depends on the seed. */
static bool is_first(const ftl_comparison *c, int i) {
    for (int k = 0; k < i; k++)
        if (alike(&c->run[k], &c->run[i])) return false;
    return true;
}

ftl_status ftl_comparison_check_settings(ftl_comparison *c) {
    for (int i = 0; i < c->n_runs; i++)
        if (is_first(c, i)) FTL_TRY(check(c, &c->run[i], false));
    return FTL_OK;
}

static bool any_began(const ftl_comparison *c, const ftl_compared_run *run) {
    for (int i = 0; i < c->n_runs; i++)
        if (alike(&c->run[i], run) && c->run[i].outcome.kind != FTL_OUTCOME_NONE)
            return true;
    return false;
}

ftl_status ftl_comparison_check_runs(void *comparison) {
    const ftl_comparison *c = comparison; /* as ftl_run_prepare hands it on */
    for (int i = 0; i < c->n_runs; i++)
        if (is_first(c, i) && !any_began(c, &c->run[i]))
            FTL_TRY(check(c, &c->run[i], true));
    return FTL_OK;
}

static ftl_status digest_of(const char **digest, const char *path, ftl_arena *arena) {
    ftl_checkpoint *checkpoint;
    FTL_TRY(ftl_checkpoint_open(&checkpoint, path));
    *digest = ftl_arena_strdup(arena, ftl_checkpoint_digest(checkpoint));
    ftl_checkpoint_close(checkpoint);
    return *digest ? FTL_OK : FTL_ENOMEM;
}

ftl_status ftl_comparison_digest_from(const char **digest, const ftl_comparison *c) {
    *digest = NULL;
    return c->options->from ? digest_of(digest, c->options->from, c->arena) : FTL_OK;
}

static ftl_status check_start(
        const ftl_compared_run *run, const char *digest, const char *what) {
    if (run->outcome.kind == FTL_OUTCOME_NONE) return FTL_OK;
    if (!run->outcome.start && !digest) return FTL_OK;
    if (run->outcome.start && digest && strcmp(run->outcome.start, digest) == 0)
        return FTL_OK;
    return ftl_fail(FTL_EINPUT,
            "%s began with another checkpoint than %s: name the same one, or give "
            "another --out",
            run->directory, what);
}

/* A run that has ended is not opened again, so its configuration is compared here. */
static ftl_status recognise(
        const ftl_comparison *c, const ftl_compared_run *run, ftl_run_part part) {
    ftl_run_options options = ftl_comparison_run_options(c, run, part);
    return ftl_run_check(&options, false);
}

static ftl_status recognise_pretrained(ftl_comparison *c) {
    ftl_compared_run *run = &c->pretrained;
    const char *from;
    FTL_TRY(ftl_outcome_read(&run->outcome, run->directory, c->arena));
    FTL_TRY(ftl_comparison_digest_from(&from, c));
    FTL_TRY(check_start(run, from, c->options->from ? c->options->from : "its own"));
    return recognise(c, run, FTL_RUN_PRETRAINED);
}

/* What the runs of methods begin with: the last checkpoint before the adaptation. */
static ftl_status choose_start(ftl_comparison *c) {
    bool classifier = false;
    int n = 0; /* stages that pre-train */
    for (int i = 0; i < c->settings.run.run.n; i++) {
        classifier |= c->settings.run.run.item[i].kind == FTL_STAGE_CLASSIFIER;
        n += c->settings.run.run.item[i].kind == FTL_STAGE_PRETRAIN;
    }
    c->start = c->options->from;
    if (c->options->from && !classifier) return FTL_OK;
    const char *name = c->options->from ? "classifier"
                       : n > 1          ? ftl_arena_printf(c->arena, "pretrain-%d", n)
                                        : "pretrain";
    if (!name) return FTL_ENOMEM;
    c->start = ftl_arena_printf(
            c->arena, "%s/checkpoints/%s.h5", c->pretrained.directory, name);
    return c->start ? FTL_OK : FTL_ENOMEM;
}

ftl_status ftl_comparison_begin_methods(ftl_comparison *c) {
    FTL_TRY(digest_of(&c->digest, c->start, c->arena));
    FTL_TRY(ftl_comparison_use_precision(c));
    for (int i = 0; i < c->n_runs; i++) {
        FTL_TRY(check_start(&c->run[i], c->digest, c->start));
        FTL_TRY(recognise(c, &c->run[i], FTL_RUN_METHOD));
    }
    return FTL_OK;
}

ftl_status ftl_comparison_recognise(ftl_comparison *c) {
    FTL_TRY(choose_start(c));
    FTL_TRY(recognise_pretrained(c));
    for (int i = 0; i < c->n_runs; i++)
        FTL_TRY(ftl_outcome_read(&c->run[i].outcome, c->run[i].directory, c->arena));
    return FTL_OK;
}
