/* gan.c - the networks of a GAN; see gan.h. */
#include "trainers/gan.h"

#include <assert.h>
#include <string.h>

/* Describe a network once, on a graph that is thrown away, to declare its tensors. */
static ftl_status declare(ftl_store *store, const ftl_gan_model *model,
        const ftl_gan_options *options, bool is_generator) {
    ftl_graph *graph;
    ftl_net net;
    ftl_value x, y;
    FTL_TRY(ftl_graph_create(&graph));
    int64_t px = options->resolution;
    ftl_shape shape = is_generator ? FTL_SHAPE(2, options->z_dim)
                                   : FTL_SHAPE(2, options->channels, px, px);
    ftl_status status = ftl_graph_input(&x, graph, "x", FTL_F32, shape);
    if (status == FTL_OK) status = ftl_net_begin(&net, graph, store, FTL_NET_TRAIN);
    if (status == FTL_OK)
        status = is_generator ? model->generator(&y, &net, x, options)
                              : model->discriminator(&y, &net, x, options);
    if (status == FTL_OK) ftl_net_end(&net);
    ftl_graph_free(graph);
    return status;
}

static ftl_status make(ftl_store **out, const char *name, const ftl_gan_model *model,
        const ftl_gan_options *options, uint64_t seed, bool is_generator) {
    FTL_TRY(model->check(options));
    FTL_TRY(ftl_store_create(out, name));
    ftl_status status = declare(*out, model, options, is_generator);
    /* All copies of a network begin alike: the seed's name is the role's, not the
     * store's. */
    if (status == FTL_OK)
        status = ftl_store_allocate(*out, seed, is_generator ? "G" : "D");
    if (status != FTL_OK) {
        ftl_store_free(*out);
        *out = NULL;
    }
    return status;
}

ftl_status ftl_gan_make_generator(ftl_store **out, const char *name,
        const ftl_gan_model *model, const ftl_gan_options *options, uint64_t seed) {
    return make(out, name, model, options, seed, true);
}

ftl_status ftl_gan_make_discriminator(ftl_store **out, const char *name,
        const ftl_gan_model *model, const ftl_gan_options *options, uint64_t seed) {
    return make(out, name, model, options, seed, false);
}

ftl_status ftl_gan_init(ftl_gan *gan, const ftl_gan_model *model,
        const ftl_gan_options *options, uint64_t seed, bool has_moment1) {
    ftl_status status;
    memset(gan, 0, sizeof *gan);
    gan->model = model;
    gan->options = *options;
    FTL_TRY_OUT(ftl_gan_make_generator(&gan->g, "G", model, options, seed));
    FTL_TRY_OUT(ftl_gan_make_generator(&gan->g_ema, "G_ema", model, options, seed));
    FTL_TRY_OUT(ftl_plan_memory_create(&gan->memory));
    gan->n_d = 1;
    gan->d[0].trainable = true;
    gan->d[0].weight = 1;
    FTL_TRY_OUT(
            ftl_gan_make_discriminator(&gan->d[0].store, "D", model, options, seed));
    FTL_TRY_OUT(ftl_adam_init(&gan->d[0].adam, gan->d[0].store, has_moment1));
    FTL_TRY_OUT(ftl_adam_init(&gan->g_adam, gan->g, has_moment1));
out:
    if (status != FTL_OK) ftl_gan_deinit(gan);
    return status;
}

void ftl_gan_deinit(ftl_gan *gan) {
    ftl_adam_deinit(&gan->g_adam);
    ftl_anchor_deinit(&gan->anchor);
    for (int i = 0; i < gan->n_d; i++) {
        ftl_adam_deinit(&gan->d[i].adam);
        ftl_store_free(gan->d[i].store);
    }
    ftl_store_free(gan->g);
    ftl_store_free(gan->g_ema);
    ftl_plan_memory_free(gan->memory);
    memset(gan, 0, sizeof *gan);
}

ftl_status ftl_gan_add(ftl_gan *gan, const char *name, bool trainable) {
    assert(gan->n_d < FTL_MAX_DISCRIMINATORS);
    ftl_discriminator *d = &gan->d[gan->n_d];
    memset(d, 0, sizeof *d);
    FTL_TRY(ftl_gan_make_discriminator(&d->store, name, gan->model, &gan->options, 0));
    gan->n_d++;
    d->trainable = trainable;
    FTL_TRY(ftl_store_copy(d->store, gan->d[0].store));
    return trainable ? ftl_adam_init(&d->adam, d->store, gan->g_adam.has_moment1)
                     : FTL_OK;
}

static void drop_added(ftl_gan *gan) {
    while (gan->n_d > 1) {
        ftl_discriminator *d = &gan->d[--gan->n_d];
        ftl_adam_deinit(&d->adam);
        ftl_store_free(d->store);
        memset(d, 0, sizeof *d);
    }
}

void ftl_gan_forget_adaptation(ftl_gan *gan) {
    drop_added(gan);
    gan->d[0].weight = 1;
    gan->d[0].weighted = false;
    gan->d[0].mean_real = gan->d[0].mean_fake = 0;
    gan->d[0].has_means = false;
    gan->lecam = (ftl_lecam) {0};
    gan->augment = 0;
    ftl_anchor_deinit(&gan->anchor);
}

static ftl_status restart(
        ftl_store *store, const ftl_gan *gan, uint64_t seed, bool is_generator) {
    ftl_store *fresh;
    FTL_TRY(make(&fresh, store->name, gan->model, &gan->options, seed, is_generator));
    ftl_status status = ftl_store_copy(store, fresh);
    ftl_store_free(fresh);
    return status;
}

ftl_status ftl_gan_restart(ftl_gan *gan, uint64_t seed) {
    FTL_TRY(restart(gan->g, gan, seed, true));
    FTL_TRY(restart(gan->g_ema, gan, seed, true));
    return restart(gan->d[0].store, gan, seed, false);
}

ftl_status ftl_gan_reset_optimisers(ftl_gan *gan, bool has_moment1) {
    ftl_adam_deinit(&gan->g_adam);
    FTL_TRY(ftl_adam_init(&gan->g_adam, gan->g, has_moment1));
    for (int i = 0; i < gan->n_d; i++) {
        ftl_adam_deinit(&gan->d[i].adam);
        if (gan->d[i].trainable)
            FTL_TRY(ftl_adam_init(&gan->d[i].adam, gan->d[i].store, has_moment1));
    }
    return FTL_OK;
}
