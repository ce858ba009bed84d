/* model.h - what a generative model or classifier is to the trainers.
 *
 * A model is a few functions that describe networks through an ftl_net; it knows
 * nothing of training. models.def lists them all. */
#ifndef FTL_TRAINERS_MODELS_MODEL_H
#define FTL_TRAINERS_MODELS_MODEL_H

#include "engine/choices.h"
#include "engine/nn/net.h"

typedef struct ftl_gan_options {
    int resolution; /* 32 or 64, px */
    int channels;   /* of images: 1 or 3 */
    int ch;         /* width multiplier */
    int z_dim;
    /* Of its plans (engine/plan.h): */
    ftl_type precision;   /* FTL_F32 or FTL_BF16 */
    ftl_choices *choices; /* borrowed; NULL: kernels by the fixed rule */
    bool measure;         /* add to the choices, by trying */
} ftl_gan_options;

typedef struct ftl_gan_model {
    const char *name;

    /* image [N, channels, resolution, resolution] in (-1, 1) from z [N, z_dim]. */
    ftl_status (*generator)(ftl_value *image, ftl_net *net, ftl_value z,
            const ftl_gan_options *options);

    /* score [N] of images in [-1, 1]: higher is more real. */
    ftl_status (*discriminator)(ftl_value *score, ftl_net *net, ftl_value image,
            const ftl_gan_options *options);

    /* Can it be built? Fails with FTL_ECONFIG and a message that says what it takes. */
    ftl_status (*check)(const ftl_gan_options *options);

    /* Side of the input, px, of the block that a tensor belongs to ("blocks.0.0..."); 0
     * for tensors of no block. For patterns such as "D@64". */
    int (*generator_block_px)(const char *tensor, const ftl_gan_options *options);
    int (*discriminator_block_px)(const char *tensor, const ftl_gan_options *options);
} ftl_gan_model;

extern const ftl_gan_model ftl_biggan;

/* All of them, in the order of the choices of model.arch; NULL-ended. */
extern const ftl_gan_model *const ftl_gan_models[];

typedef struct ftl_classifier_options {
    int resolution, channels; /* of images */
    int width;                /* channels of the first layer: 64 */
    int classes;
    ftl_type precision; /* this and what follows: as above */
    ftl_choices *choices;
    bool measure;
} ftl_classifier_options;

/* ResNet-18 (He et al. 2016) for small images, with torchvision's names. logits
 * [N, classes]; features [N, 8 width], what the last layer sees. features may be NULL.
 */
ftl_status ftl_resnet18(ftl_value *logits, ftl_value *features, ftl_net *net,
        ftl_value image, const ftl_classifier_options *options);

#endif
