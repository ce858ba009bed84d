/* gan.h - the networks of a GAN and the plans of its phases.
 *
 * A GAN here is one generator, its average, and K discriminators, each trainable or
 * frozen, each with a weight in the generator's loss and a data stream. Pre-training
 * has one; fairTL has one; fairTL++ has a trainable and a frozen one. */
#ifndef FTL_TRAINERS_GAN_H
#define FTL_TRAINERS_GAN_H

#include "engine/base/random.h"
#include "engine/nn/adam.h"
#include "engine/nn/anchor.h"
#include "engine/plan.h"
#include "trainers/augment.h"
#include "trainers/models/model.h"

#define FTL_MAX_DISCRIMINATORS 4

typedef struct ftl_discriminator {
    ftl_store *store; /* owned */
    ftl_adam adam;    /* if trainable */
    bool trainable;
    double weight; /* of its score in the generator's loss */
    bool weighted; /* its real images have weights */
    /* LeCam's running means of its scores, of real and generated images; state */
    float mean_real, mean_fake;
    bool has_means; /* after the first step */
} ftl_discriminator;

/* LeCam's regulariser (Tseng et al. 2021), in the loss of every discriminator that
 * trains: weight (mean (D(x) - a_F)^2 + mean (D(G(z)) - a_R)^2), where a_R and a_F are
 * running means of D(x) and D(G(z)), a <- decay a + (1 - decay) mean, this batch
 * included; no gradient flows through them. */
typedef struct ftl_lecam {
    double weight; /* 0: none */
    double decay;
} ftl_lecam;

typedef struct ftl_gan {
    const ftl_gan_model *model;
    ftl_gan_options options;
    ftl_store *g, *g_ema; /* owned */
    ftl_adam g_adam;
    ftl_discriminator d[FTL_MAX_DISCRIMINATORS];
    int n_d;
    unsigned augment;  /* policy of DiffAugment, of plans made from now on; what stands
                          still sees plain images */
    ftl_lecam lecam;   /* of plans made from now on */
    ftl_anchor anchor; /* of G: pulled in every generator step; state */
    ftl_plan_memory *memory; /* owned: its plans compute in it, one at a time */
} ftl_gan;

/* G, its average G_ema, and one trainable discriminator D of weight 1, with initial
 * values from the seed; moments are zero. Release with ftl_gan_deinit. */
ftl_status ftl_gan_init(ftl_gan *gan, const ftl_gan_model *model,
        const ftl_gan_options *options, uint64_t seed, bool has_moment1);
void ftl_gan_deinit(ftl_gan *gan);

/* Add a discriminator of weight 0: a store of this name (borrowed) with the values of
 * the first one. It trains, from zero moments, or stands still (fairTL++'s D_s). */
ftl_status ftl_gan_add(ftl_gan *gan, const char *name, bool trainable);

/* What an adaptation adds is gone: all discriminators but the first, weights, policies,
 * running means and the anchor. */
void ftl_gan_forget_adaptation(ftl_gan *gan);

/* Begin anew: G, G_ema and the first discriminator get initial values from the seed. */
ftl_status ftl_gan_restart(ftl_gan *gan, uint64_t seed);

/* Forget moments and step counts: a stage that starts its optimisers anew. */
ftl_status ftl_gan_reset_optimisers(ftl_gan *gan, bool has_moment1);

/* Freeze what a pattern names, in G and in trainable discriminators: a glob over full
 * names, "D.blocks.0.*", or "D@64", the blocks of D whose input has 64 px. Buffers too.
 * *n receives how many tensors matched. Fails with FTL_ECONFIG when none did; the
 * message names the pattern. */
ftl_status ftl_gan_freeze(ftl_gan *gan, const char *pattern, int *n);
void ftl_gan_thaw(ftl_gan *gan);

/* What a pattern freezes, in a line for people, block by block: "\"D@64\" freezes 12
 * tensors: D.blocks.0.0.* (12)"; "(2 of 12)" of a block that it does not freeze as a
 * whole, "D.* (47)" of a network that it does. Nothing is frozen by this; *text is in
 * the arena. Fails with FTL_ENOMEM. */
ftl_status ftl_gan_describe_frozen(
        const char **text, const ftl_gan *gan, const char *pattern, ftl_arena *arena);

/* Have frozen discriminators read what is frozen in D, and still equal to theirs, from
 * D's storage: while linear probing keeps D_t's low blocks where D_s has them, a
 * generator step computes them once. Call after freezing and before planning;
 * ftl_gan_thaw undoes it. Returns how many tensors are shared. */
int ftl_gan_share_frozen(ftl_gan *gan);

/* A discriminator step for every trainable discriminator.
 * inputs   "z" [batch, z_dim]; "x0", "x1", ... [batch, channels, px, px], one for each
 *          trainable discriminator in order; "weight0", ... [batch], for each whose
 *          images are weighted: of the image in the mean hinge loss
 * outputs  "real0", "fake0", ... [1]: mean hinge losses relu(1 - D(x)), relu(1 +
 * D(G(z))); gradients of their sum go to the discriminators' adam Commit moves G's
 * statistics and singular vectors and the discriminators'. */
ftl_status ftl_gan_plan_d(ftl_plan **plan, ftl_gan *gan, int batch);

/* What a discriminator step takes and leaves beside images and latents: LeCam's means.
 * prepare before it runs, accept when it was found finite. */
void ftl_gan_prepare_d(const ftl_gan *gan, ftl_plan *plan);
void ftl_gan_accept_d(ftl_gan *gan, const ftl_plan *plan);

/* A generator step.
 * inputs   "z" [batch, z_dim]
 * outputs  "loss" [1] = - sum_k weight_k mean D_k(G(z)); gradients go to g_adam
 * Commit moves the singular vectors and statistics of G and of trainable
 * discriminators. */
ftl_status ftl_gan_plan_g(ftl_plan **plan, ftl_gan *gan, int batch);

/* Anchor G where it is (elastic weight consolidation for GANs, Li, Zhang, Lu, Shechtman
 * 2020): the importance of a weight is the mean over n latents of the square of
 * d softplus(-D(G(z))) / dw, both networks in evaluation mode, D the first
 * discriminator; sample i is drawn from the key and i. Overwrites g_adam's gradient.
 * Fails with FTL_ENUMERIC, FTL_ENOMEM. */
ftl_status ftl_gan_anchor(ftl_gan *gan, double weight, ftl_random_key key, int64_t n);

/* Its plan: "z" [1, z_dim]; gradients of softplus(-D(G(z))) go to g_adam. */
ftl_status ftl_gan_plan_fisher(ftl_plan **plan, ftl_gan *gan);

/* Generate: "z" [batch, z_dim] -> "image" [batch, channels, px, px], in evaluation
 * mode, from any store with G's declarations. */
ftl_status ftl_gan_plan_sample(
        ftl_plan **plan, const ftl_gan *gan, ftl_store *generator, int batch);

/* Judge: "x" [batch, channels, px, px] -> "score" [batch] of discriminator `index`, in
 * evaluation mode whether it trains or not. */
ftl_status ftl_gan_plan_score(
        ftl_plan **plan, const ftl_gan *gan, int index, int batch);

/* Declare a network's tensors in an empty store and allocate it with initial values. */
ftl_status ftl_gan_make_generator(ftl_store **out, const char *name,
        const ftl_gan_model *model, const ftl_gan_options *options, uint64_t seed);
ftl_status ftl_gan_make_discriminator(ftl_store **out, const char *name,
        const ftl_gan_model *model, const ftl_gan_options *options, uint64_t seed);

#endif
