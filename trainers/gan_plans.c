/* gan_plans.c - the graphs of a GAN's phases, compiled; see gan.h.
 *
 * Losses are vectors over the batch until they are weighted and averaged. */
#include "engine/nn/training.h"
#include "engine/ops/ops.h"
#include "trainers/gan.h"

#include <stdio.h>

/* coarse: see ftl_plan_options. */
static ftl_status make_plan(
        ftl_plan **plan, const ftl_graph *graph, const ftl_gan *gan, bool coarse) {
    return ftl_plan_create(plan, graph,
            &(ftl_plan_options) {.memory = gan->memory,
                    .precision = gan->options.precision,
                    .coarse = coarse,
                    .choices = gan->options.choices,
                    .measure = gan->options.measure});
}

static ftl_status add_generator(ftl_value *image, ftl_graph *graph, const ftl_gan *gan,
        ftl_store *store, ftl_net_mode mode, int batch) {
    ftl_value z;
    ftl_net net;
    FTL_TRY(ftl_graph_input(
            &z, graph, "z", FTL_F32, FTL_SHAPE(batch, gan->options.z_dim)));
    FTL_TRY(ftl_net_begin(&net, graph, store, mode));
    FTL_TRY(gan->model->generator(image, &net, z, &gan->options));
    ftl_net_end(&net);
    return FTL_OK;
}

static ftl_status add_discriminator(ftl_value *score, ftl_graph *graph,
        const ftl_gan *gan, const ftl_discriminator *d, ftl_value image) {
    ftl_net net;
    FTL_TRY(ftl_net_begin(
            &net, graph, d->store, d->trainable ? FTL_NET_TRAIN : FTL_NET_EVAL));
    FTL_TRY(gan->model->discriminator(score, &net, image, &gan->options));
    ftl_net_end(&net);
    return FTL_OK;
}

/* mean over the batch of relu(1 + sign * score) */
static ftl_status mean_hinge(
        ftl_value *mean, ftl_graph *graph, ftl_value score, float sign, int batch) {
    FTL_TRY(ftl_affine(&score, graph, score, sign, 1));
    FTL_TRY(ftl_relu(&score, graph, score));
    FTL_TRY(ftl_sum(mean, graph, score));
    return ftl_affine(mean, graph, *mean, 1 / (float)batch, 0);
}

static ftl_status name_value(
        ftl_value *y, ftl_graph *graph, const char *name, int index) {
    char full[32];
    snprintf(full, sizeof full, "%s%d", name, index);
    return ftl_graph_input(y, graph, full, FTL_F32, FTL_SHAPE(1));
}

/* A running mean that this batch is part of: mean + keep (old - mean). */
static ftl_status running_mean(ftl_value *next, ftl_graph *graph, ftl_value score,
        const char *name, ftl_value keep, int index, int batch) {
    ftl_value old, mean, change;
    char full[32];
    FTL_TRY(name_value(&old, graph, name, index));
    FTL_TRY(ftl_sum(&mean, graph, score));
    FTL_TRY(ftl_affine(&mean, graph, mean, 1 / (float)batch, 0));
    FTL_TRY(ftl_stop_gradient(&mean, graph, mean));
    FTL_TRY(ftl_sub(&change, graph, old, mean));
    FTL_TRY(ftl_mul(&change, graph, change, keep));
    FTL_TRY(ftl_add(next, graph, mean, change));
    snprintf(full, sizeof full, "next_%s%d", name, index);
    return ftl_graph_output(graph, full, *next);
}

/* scale sum (score - anchor)^2 */
static ftl_status squared_distance(ftl_value *y, ftl_graph *graph, ftl_value score,
        ftl_value anchor, double scale) {
    ftl_value spread, difference;
    FTL_TRY(ftl_broadcast(&spread, graph, anchor, ftl_value_shape(graph, score)));
    FTL_TRY(ftl_sub(&difference, graph, score, spread));
    FTL_TRY(ftl_dot(y, graph, difference, difference));
    return ftl_affine(y, graph, *y, (float)scale, 0);
}

static ftl_status add_lecam(ftl_value *total, ftl_graph *graph, const ftl_gan *gan,
        ftl_value real, ftl_value fake, int index, int batch) {
    ftl_value keep, mean_real, mean_fake, of_real, of_fake;
    const double scale = gan->lecam.weight / batch;
    FTL_TRY(name_value(&keep, graph, "keep", index));
    FTL_TRY(running_mean(&mean_real, graph, real, "mean_real", keep, index, batch));
    FTL_TRY(running_mean(&mean_fake, graph, fake, "mean_fake", keep, index, batch));
    FTL_TRY(squared_distance(&of_real, graph, real, mean_fake, scale));
    FTL_TRY(squared_distance(&of_fake, graph, fake, mean_real, scale));
    FTL_TRY(ftl_add(total, graph, *total, of_real));
    return ftl_add(total, graph, *total, of_fake);
}

/* mean of weight relu(1 - score) (Choi et al. 2020, section 3) */
static ftl_status weighted_hinge(
        ftl_value *mean, ftl_graph *graph, ftl_value score, int index, int batch) {
    ftl_value weight;
    char name[24];
    snprintf(name, sizeof name, "weight%d", index);
    FTL_TRY(ftl_graph_input(&weight, graph, name, FTL_F32, FTL_SHAPE(batch)));
    FTL_TRY(ftl_affine(&score, graph, score, -1, 1));
    FTL_TRY(ftl_relu(&score, graph, score));
    FTL_TRY(ftl_dot(mean, graph, score, weight));
    return ftl_affine(mean, graph, *mean, 1 / (float)batch, 0);
}

/* Hinge losses of one discriminator on real and generated images in one batch. */
static ftl_status add_d_losses(ftl_graph *graph, ftl_gan *gan, int index,
        ftl_value fake, int batch, const ftl_augment *augment) {
    ftl_value x, both, score, real_score, fake_score, real, generated, total;
    ftl_shape shape = ftl_value_shape(graph, fake);
    char name[16];
    snprintf(name, sizeof name, "x%d", index);
    FTL_TRY(ftl_graph_input(&x, graph, name, FTL_F32, shape));
    FTL_TRY(ftl_concat(&both, graph, x, fake));
    FTL_TRY(ftl_augment_apply(&both, augment, graph, both));
    FTL_TRY(add_discriminator(&score, graph, gan, &gan->d[index], both));
    FTL_TRY(ftl_slice(&real_score, graph, score, 0, batch));
    FTL_TRY(ftl_slice(&fake_score, graph, score, batch, batch));
    if (gan->d[index].weighted)
        FTL_TRY(weighted_hinge(&real, graph, real_score, index, batch));
    else
        FTL_TRY(mean_hinge(&real, graph, real_score, -1, batch));
    FTL_TRY(mean_hinge(&generated, graph, fake_score, 1, batch));
    FTL_TRY(ftl_add(&total, graph, real, generated));
    if (gan->lecam.weight > 0)
        FTL_TRY(add_lecam(&total, graph, gan, real_score, fake_score, index, batch));
    snprintf(name, sizeof name, "real%d", index);
    FTL_TRY(ftl_graph_output(graph, name, real));
    snprintf(name, sizeof name, "fake%d", index);
    FTL_TRY(ftl_graph_output(graph, name, generated));
    return ftl_nn_add_gradients(graph, total, gan->d[index].store);
}

static ftl_status describe_d(ftl_graph *graph, ftl_gan *gan, int batch) {
    ftl_augment augment;
    ftl_value fake;
    FTL_TRY(add_generator(&fake, graph, gan, gan->g, FTL_NET_TRAIN, batch));
    FTL_TRY(ftl_stop_gradient(&fake, graph, fake));
    ftl_shape shape = ftl_value_shape(graph, fake);
    shape.dim[0] *= 2;
    FTL_TRY(ftl_augment_begin(&augment, graph, gan->augment, shape));
    for (int i = 0; i < gan->n_d; i++)
        if (gan->d[i].trainable)
            FTL_TRY(add_d_losses(graph, gan, i, fake, batch, &augment));
    return FTL_OK;
}

static ftl_status describe_g(ftl_graph *graph, ftl_gan *gan, int batch) {
    ftl_augment augment;
    ftl_value changed, image, score, total = FTL_NONE;
    FTL_TRY(add_generator(&image, graph, gan, gan->g, FTL_NET_TRAIN, batch));
    FTL_TRY(ftl_augment_begin(
            &augment, graph, gan->augment, ftl_value_shape(graph, image)));
    FTL_TRY(ftl_augment_apply(&changed, &augment, graph, image));
    for (int i = 0; i < gan->n_d; i++) {
        /* Weight 0 still lets a trainable discriminator's singular vectors move. */
        FTL_TRY(add_discriminator(
                &score, graph, gan, &gan->d[i], gan->d[i].trainable ? changed : image));
        FTL_TRY(ftl_sum(&score, graph, score));
        FTL_TRY(ftl_affine(
                &score, graph, score, (float)(-gan->d[i].weight / batch), 0));
        if (total.id)
            FTL_TRY(ftl_add(&total, graph, total, score));
        else
            total = score;
    }
    FTL_TRY(ftl_graph_output(graph, "loss", total));
    return ftl_nn_add_gradients(graph, total, gan->g);
}

static float *port(ftl_plan *plan, const char *name, int index) {
    char full[32];
    snprintf(full, sizeof full, "%s%d", name, index);
    return ftl_plan_input(plan, full);
}

void ftl_gan_prepare_d(const ftl_gan *gan, ftl_plan *plan) {
    for (int i = 0; gan->lecam.weight > 0 && i < gan->n_d; i++) {
        const ftl_discriminator *d = &gan->d[i];
        if (!d->trainable) continue;
        *port(plan, "keep", i) = d->has_means ? (float)gan->lecam.decay : 0;
        *port(plan, "mean_real", i) = d->mean_real;
        *port(plan, "mean_fake", i) = d->mean_fake;
    }
}

void ftl_gan_accept_d(ftl_gan *gan, const ftl_plan *plan) {
    char name[32];
    for (int i = 0; gan->lecam.weight > 0 && i < gan->n_d; i++) {
        ftl_discriminator *d = &gan->d[i];
        if (!d->trainable) continue;
        snprintf(name, sizeof name, "next_mean_real%d", i);
        d->mean_real = *(const float *)ftl_plan_output(plan, name);
        snprintf(name, sizeof name, "next_mean_fake%d", i);
        d->mean_fake = *(const float *)ftl_plan_output(plan, name);
        d->has_means = true;
    }
}

ftl_status ftl_gan_plan_d(ftl_plan **plan, ftl_gan *gan, int batch) {
    ftl_graph *graph;
    *plan = NULL;
    FTL_TRY(ftl_graph_create(&graph));
    ftl_status status = describe_d(graph, gan, batch);
    if (status == FTL_OK) status = make_plan(plan, graph, gan, true);
    ftl_graph_free(graph);
    for (int i = 0; status == FTL_OK && i < gan->n_d; i++)
        if (gan->d[i].trainable) status = ftl_nn_bind_gradients(*plan, &gan->d[i].adam);
    return status;
}

static ftl_status describe_fisher(ftl_graph *graph, ftl_gan *gan) {
    ftl_value image, score;
    const ftl_discriminator judge = {.store = gan->d[0].store}; /* stands still */
    FTL_TRY(add_generator(&image, graph, gan, gan->g, FTL_NET_EVAL, 1));
    FTL_TRY(add_discriminator(&score, graph, gan, &judge, image));
    FTL_TRY(ftl_affine(&score, graph, score, -1, 0));
    FTL_TRY(ftl_softplus(&score, graph, score));
    FTL_TRY(ftl_sum(&score, graph, score));
    return ftl_nn_add_gradients(graph, score, gan->g);
}

ftl_status ftl_gan_plan_fisher(ftl_plan **plan, ftl_gan *gan) {
    ftl_graph *graph;
    *plan = NULL;
    FTL_TRY(ftl_graph_create(&graph));
    ftl_status status = describe_fisher(graph, gan);
    if (status == FTL_OK) status = make_plan(plan, graph, gan, false);
    ftl_graph_free(graph);
    if (status == FTL_OK) status = ftl_nn_bind_gradients(*plan, &gan->g_adam);
    return status;
}

ftl_status ftl_gan_plan_g(ftl_plan **plan, ftl_gan *gan, int batch) {
    ftl_graph *graph;
    *plan = NULL;
    FTL_TRY(ftl_graph_create(&graph));
    ftl_status status = describe_g(graph, gan, batch);
    if (status == FTL_OK) status = make_plan(plan, graph, gan, false);
    ftl_graph_free(graph);
    return status == FTL_OK ? ftl_nn_bind_gradients(*plan, &gan->g_adam) : status;
}

ftl_status ftl_gan_plan_sample(
        ftl_plan **plan, const ftl_gan *gan, ftl_store *generator, int batch) {
    ftl_graph *graph;
    ftl_value image;
    *plan = NULL;
    FTL_TRY(ftl_graph_create(&graph));
    ftl_status status =
            add_generator(&image, graph, gan, generator, FTL_NET_EVAL, batch);
    if (status == FTL_OK) status = ftl_graph_output(graph, "image", image);
    if (status == FTL_OK) status = make_plan(plan, graph, gan, false);
    ftl_graph_free(graph);
    return status;
}

static ftl_status describe_score(
        ftl_graph *graph, const ftl_gan *gan, int index, int batch) {
    const ftl_gan_options *o = &gan->options;
    const ftl_discriminator judge = {.store = gan->d[index].store}; /* stands still */
    ftl_value x, score;
    FTL_TRY(ftl_graph_input(&x, graph, "x", FTL_F32,
            FTL_SHAPE(batch, o->channels, o->resolution, o->resolution)));
    FTL_TRY(add_discriminator(&score, graph, gan, &judge, x));
    return ftl_graph_output(graph, "score", score);
}

ftl_status ftl_gan_plan_score(
        ftl_plan **plan, const ftl_gan *gan, int index, int batch) {
    ftl_graph *graph;
    *plan = NULL;
    FTL_TRY(ftl_graph_create(&graph));
    ftl_status status = describe_score(graph, gan, index, batch);
    if (status == FTL_OK) status = make_plan(plan, graph, gan, false);
    ftl_graph_free(graph);
    return status;
}
