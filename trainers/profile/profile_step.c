/* profile_step.c - the step that run_gan.c does, with a look at the clock between its
 * parts; see profile_data.h. Learning rates are 0, which costs the same: however many
 * steps are measured, they compute with the same weights. */
#include "trainers/profile/profile_data.h"

#include "datasets/batch.h"
#include "engine/base/clock.h"
#include "engine/nn/ema.h"

#include <stdlib.h>
#include <string.h>

enum { WARM_UP = 2, IMAGES = 256 };

static ftl_status make_images(ftl_profile_state *p) {
    const ftl_gan_options *gan = &p->run.gan.options;
    const size_t n = (size_t)IMAGES * (size_t)gan->channels *
                     (size_t)(gan->resolution * gan->resolution);
    const ftl_random_key key = {.seed = 1, .stream = FTL_STREAM_TEST};
    uint8_t *images = ftl_arena_alloc(p->run.arena, n);
    if (!images) return FTL_ENOMEM;
    for (size_t i = 0; i < n; i += sizeof(uint32_t[4])) {
        uint32_t bits[4];
        const size_t left = n - i;
        ftl_random_bits(bits, key, 0, i);
        memcpy(images + i, bits, left < sizeof bits ? left : sizeof bits);
    }
    const size_t batch = (size_t)p->settings->batch;
    p->index = ftl_arena_alloc(p->run.arena, batch * sizeof *p->index);
    bool *flip = ftl_arena_alloc(p->run.arena, batch * sizeof *flip);
    if (!p->index || !flip) return FTL_ENOMEM;
    for (size_t i = 0; i < batch; i++) {
        p->index[i] = (int64_t)(i * 7 % IMAGES);
        flip[i] = i & 1;
    }
    p->flip = p->settings->flip ? flip : NULL;
    p->memory.data = n;
    p->pack = (ftl_pack) {.n = IMAGES,
            .height = gan->resolution,
            .width = gan->resolution,
            .channels = gan->channels,
            .images = images};
    return FTL_OK;
}

/* A row of something that the trainer does to so many floats. */
static ftl_profile_row action(const char *phase, const char *op, const char *layer,
        ftl_profile_part part, int64_t n_floats, int64_t each) {
    return (ftl_profile_row) {.phase = phase,
            .call = {.op = op,
                    .layer = layer,
                    .kernel = "",
                    .layout = "",
                    .bytes = (double)n_floats * sizeof(float)},
            .part = part,
            .each = (int)each};
}

/* Bytes: what Adam reads and writes, the average, the look for NaN; a batch as bytes
 * and as floats. */
static void list_actions(const ftl_profile_state *p, ftl_profile_row *rows) {
    const ftl_gan *gan = &p->run.gan;
    const int64_t d = gan->d[0].store->n_parameters_block, times = p->settings->d_steps;
    const int64_t g = gan->g->n_parameters_block, z = gan->options.z_dim;
    const int64_t numbers = p->settings->beta1 > 0 ? 7 : 5;
    const int64_t px = gan->options.resolution, batch = p->settings->batch;
    const int64_t image = px * px * gan->options.channels;
    rows[FTL_ACTION_D_INPUT] = action("D", "gather", "images and latents",
            FTL_PART_INPUT, batch * (image + image / 4 + z), times);
    rows[FTL_ACTION_D_CHECK] =
            action("D", "finite?", "gradients of D", FTL_PART_CHECK, d, times);
    rows[FTL_ACTION_D_ADAM] =
            action("D", "adam", "D", FTL_PART_OPTIMISER, numbers * d, times);
    rows[FTL_ACTION_G_INPUT] =
            action("G", "latents", "z", FTL_PART_INPUT, batch * z, 1);
    rows[FTL_ACTION_G_CHECK] =
            action("G", "finite?", "gradients of G", FTL_PART_CHECK, g, 1);
    rows[FTL_ACTION_G_ADAM] =
            action("G", "adam", "G", FTL_PART_OPTIMISER, numbers * g, 1);
    rows[FTL_ACTION_EMA] =
            action("", "average", "G_ema", FTL_PART_OPTIMISER, 3 * gan->g->n_block, 1);
}

static void list_calls(
        ftl_profile_row *rows, const ftl_plan *plan, const char *phase, int64_t each) {
    for (int i = 0; i < ftl_plan_calls(plan); i++) {
        const ftl_plan_call_info call = ftl_plan_call(plan, i);
        rows[i] = (ftl_profile_row) {.phase = phase,
                .call = call,
                .part = (ftl_profile_part)call.kind,
                .each = (int)each};
    }
}

/* Room for everything that is measured: steps allocate nothing. */
static ftl_status make_rows(ftl_profile_state *p) {
    ftl_arena *arena = p->run.arena;
    const int64_t d_steps = p->settings->d_steps;
    p->n_d = ftl_plan_calls(p->plan_d);
    p->n_g = ftl_plan_calls(p->plan_g);
    p->n_rows = p->n_d + p->n_g + FTL_PROFILE_ACTIONS;
    const size_t n = (size_t)p->n_rows, steps = (size_t)p->options->steps;
    p->rows = ftl_arena_alloc(arena, n * sizeof *p->rows);
    p->clock_s = ftl_arena_alloc(arena, n * sizeof *p->clock_s);
    p->plain_s = ftl_arena_alloc(arena, steps * sizeof *p->plain_s);
    p->events = ftl_arena_alloc(arena, n * (size_t)(d_steps + 1) * sizeof *p->events);
    if (!p->rows || !p->clock_s || !p->plain_s || !p->events) return FTL_ENOMEM;
    list_calls(p->rows, p->plan_d, "D", d_steps);
    list_calls(p->rows + p->n_d, p->plan_g, "G", 1);
    list_actions(p, p->rows + p->n_d + p->n_g);
    for (int i = 0; i < p->n_rows; i++) {
        ftl_profile_row *row = &p->rows[i];
        row->seconds = ftl_arena_alloc(
                arena, steps * (size_t)row->each * sizeof *row->seconds);
        if (!row->seconds) return FTL_ENOMEM;
    }
    return FTL_OK;
}

static void measure_memory(ftl_profile_state *p) {
    const ftl_gan *gan = &p->run.gan;
    const ftl_plan_usage d = ftl_plan_measure(p->plan_d);
    const ftl_plan_usage g = ftl_plan_measure(p->plan_g);
    const size_t moments = 1 + (p->settings->beta1 > 0);
    ftl_profile_memory *m = &p->memory;
    m->block = ftl_plan_memory_bytes(gan->memory);
    m->block_d = d.block;
    m->block_g = g.block;
    m->scratch = d.scratch > g.scratch ? d.scratch : g.scratch;
    m->ports = d.ports + g.ports;
    m->g = (size_t)gan->g->n_block * sizeof(float);
    m->average = (size_t)gan->g_ema->n_block * sizeof(float);
    m->gradients = (size_t)gan->g->n_parameters_block * sizeof(float);
    for (int i = 0; i < gan->n_d; i++) {
        const ftl_store *store = gan->d[i].store;
        m->d += (size_t)store->n_block * sizeof(float);
        if (gan->d[i].trainable)
            m->gradients += (size_t)store->n_parameters_block * sizeof(float);
    }
    m->moments = moments * m->gradients;
}

ftl_status ftl_profile_step_open(ftl_profile_state *p) {
    FTL_TRY(make_images(p));
    FTL_TRY(ftl_gan_plan_d(&p->plan_d, &p->run.gan, (int)p->settings->batch));
    FTL_TRY(ftl_gan_plan_g(&p->plan_g, &p->run.gan, (int)p->settings->batch));
    FTL_TRY(make_rows(p));
    measure_memory(p);
    return FTL_OK;
}

void ftl_profile_step_close(ftl_profile_state *p) {
    ftl_plan_free(p->plan_d);
    ftl_plan_free(p->plan_g);
}

static void note(ftl_profile_state *p, int row, double start_s, double end_s) {
    ftl_profile_row *r = &p->rows[row];
    r->seconds[r->n_seconds++] = end_s - start_s;
    p->events[p->n_events++] =
            (ftl_profile_event) {.row = row, .start_s = start_s, .end_s = end_s};
}

static void note_action(
        ftl_profile_state *p, ftl_profile_action action, double start_s) {
    note(p, p->n_d + p->n_g + (int)action, start_s, ftl_clock_s());
}

static void run_plan(ftl_profile_state *p, ftl_plan *plan, int first, bool clocked) {
    if (!clocked) {
        ftl_plan_run(plan);
        return;
    }
    ftl_plan_run_timed(plan, p->clock_s);
    for (int i = 0; i < ftl_plan_calls(plan); i++)
        note(p, first + i, p->clock_s[i], p->clock_s[i + 1]);
}

static void draw_latents(const ftl_profile_state *p, ftl_plan *plan) {
    const size_t z_dim = (size_t)p->run.gan.options.z_dim;
    const ftl_random_key key = {.seed = 1, .stream = FTL_STREAM_TEST};
    float *z = ftl_plan_input(plan, "z");
    for (int64_t i = 0; i < p->settings->batch; i++)
        ftl_random_normal(z + (size_t)i * z_dim, z_dim, key, (uint64_t)i);
}

static void draw_augment(const ftl_profile_state *p, ftl_plan *plan, int batches) {
    const ftl_gan *gan = &p->run.gan;
    ftl_augment_draw(plan, gan->augment, gan->options.channels, gan->options.resolution,
            0, batches * p->settings->batch,
            (ftl_random_key) {.seed = 1, .stream = FTL_STREAM_TEST}, 0);
}

/* Finite, committed, updated: what follows a plan. */
static void finish_phase(ftl_profile_state *p, ftl_plan *plan, ftl_adam *const *adam,
        int n, ftl_profile_action check, bool clocked) {
    const ftl_gan_settings *s = p->settings;
    const ftl_adam_options options = {
            .beta1 = s->beta1, .beta2 = s->beta2, .epsilon = s->epsilon};
    const char *bad;
    double start_s = ftl_clock_s();
    for (int i = 0; i < n; i++)
        (void)ftl_adam_finite(adam[i], &bad);
    ftl_plan_commit(plan);
    if (clocked) note_action(p, check, start_s);
    start_s = ftl_clock_s();
    for (int i = 0; i < n; i++)
        ftl_adam_step(adam[i], &options);
    if (clocked) note_action(p, check + 1, start_s);
}

static void finish_d(ftl_profile_state *p, bool clocked) {
    ftl_gan *gan = &p->run.gan;
    ftl_adam *adam[FTL_MAX_DISCRIMINATORS];
    int n = 0;
    for (int i = 0; i < gan->n_d; i++)
        if (gan->d[i].trainable) adam[n++] = &gan->d[i].adam;
    finish_phase(p, p->plan_d, adam, n, FTL_ACTION_D_CHECK, clocked);
}

/* For every discriminator that trains, one after another. */
static void gather_images(ftl_profile_state *p) {
    char name[24];
    for (int i = 0; i < p->run.gan.n_d; i++) {
        if (!p->run.gan.d[i].trainable) continue;
        snprintf(name, sizeof name, "x%d", i);
        ftl_batch_gather(ftl_plan_input(p->plan_d, name), &p->pack, p->index, p->flip,
                p->settings->batch);
        if (!p->run.gan.d[i].weighted) continue;
        snprintf(name, sizeof name, "weight%d", i);
        float *weight = ftl_plan_input(p->plan_d, name);
        for (int64_t k = 0; k < p->settings->batch; k++)
            weight[k] = 1;
    }
}

static void run_step(ftl_profile_state *p, bool clocked) {
    ftl_gan *gan = &p->run.gan;
    double start_s;
    p->n_events = 0;
    for (int64_t k = 0; k < p->settings->d_steps; k++) {
        start_s = ftl_clock_s();
        gather_images(p);
        draw_latents(p, p->plan_d);
        draw_augment(p, p->plan_d, 2);
        ftl_gan_prepare_d(gan, p->plan_d);
        if (clocked) note_action(p, FTL_ACTION_D_INPUT, start_s);
        run_plan(p, p->plan_d, 0, clocked);
        finish_d(p, clocked);
    }
    start_s = ftl_clock_s();
    draw_latents(p, p->plan_g);
    draw_augment(p, p->plan_g, 1);
    if (clocked) note_action(p, FTL_ACTION_G_INPUT, start_s);
    run_plan(p, p->plan_g, p->n_d, clocked);
    ftl_adam *adam = &gan->g_adam;
    finish_phase(p, p->plan_g, &adam, 1, FTL_ACTION_G_CHECK, clocked);
    start_s = ftl_clock_s();
    ftl_ema_update(gan->g_ema, gan->g, 0.999);
    if (clocked) note_action(p, FTL_ACTION_EMA, start_s);
}

static int ascending(const void *a, const void *b) {
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The smaller of the two in the middle: disturbances only ever add. */
static double median(double *values, int n) {
    qsort(values, (size_t)n, sizeof *values, ascending);
    return values[(n - 1) / 2];
}

/* A step without clocks beside each step with: what is measured must not be slowed down
 * by measuring it, and this shows. */
ftl_status ftl_profile_step_measure(ftl_profile_state *p) {
    for (int i = 0; i < WARM_UP; i++)
        run_step(p, false);
    for (int i = 0; i < p->options->steps; i++) {
        const double start_s = ftl_clock_s();
        run_step(p, false);
        p->plain_s[i] = ftl_clock_s() - start_s;
        run_step(p, true);
    }
    p->median_plain_s = median(p->plain_s, p->options->steps);
    for (int i = 0; i < p->n_rows; i++) {
        ftl_profile_row *row = &p->rows[i];
        row->step_s = median(row->seconds, row->n_seconds) * row->each;
    }
    return FTL_OK;
}
