/* biggan.c - BigGAN without classes or attention (Brock et al. 2019), as fairTL uses
 * it.
 *
 * One class: conditional batch norm's gain is 1 + an embedding's only row, and D keeps
 * its projection term. Spectral norm in G and D. The names of tensors are the
 * reference's. */
#include "engine/nn/layers.h"
#include "engine/ops/ops.h"
#include "trainers/models/model.h"

#include <stdio.h>
#include <string.h>

#define MAX_BLOCKS 5
#define BOTTOM 4 /* side of G's first image, px */

typedef struct architecture {
    int resolution;
    int g_blocks, g_in[MAX_BLOCKS], g_out[MAX_BLOCKS]; /* times ch */
    int d_blocks, d_out[MAX_BLOCKS];
    bool d_down[MAX_BLOCKS];
} architecture;

static const architecture architectures[] = {
        {.resolution = 32,
                .g_blocks = 3,
                .g_in = {4, 4, 4},
                .g_out = {4, 4, 4},
                .d_blocks = 4,
                .d_out = {4, 4, 4, 4},
                .d_down = {true, true, false, false}},
        {.resolution = 64,
                .g_blocks = 4,
                .g_in = {16, 16, 8, 4},
                .g_out = {16, 8, 4, 2},
                .d_blocks = 5,
                .d_out = {1, 2, 4, 8, 16},
                .d_down = {true, true, true, true, false}},
};

static const ftl_linear_options spectral = {
        .init = {.kind = FTL_INIT_NORMAL, .value = 0.02f}, .spectral = true};

/* `check` has seen to it that there is one. */
static const architecture *find_architecture(int resolution) {
    return &architectures[resolution == 64];
}

static ftl_status check(const ftl_gan_options *options) {
    if (options->resolution == 32 || options->resolution == 64) return FTL_OK;
    return ftl_fail(FTL_ECONFIG, "model.resolution: biggan has 32 and 64 px, not %d",
            options->resolution);
}

/* BN-ReLU-up-conv3-BN-ReLU-conv3 beside up-conv1. */
static ftl_status generator_block(
        ftl_value *y, ftl_net *net, ftl_value x, int64_t out) {
    ftl_graph *g = net->graph;
    ftl_value h, skip;
    FTL_TRY(ftl_nn_batch_norm(&h, net, x, "bn1", FTL_BN_CONDITIONAL));
    FTL_TRY(ftl_relu(&h, g, h));
    FTL_TRY(ftl_nn_up_conv(&h, net, h, "conv1", out, 3, &spectral));
    FTL_TRY(ftl_nn_batch_norm(&h, net, h, "bn2", FTL_BN_CONDITIONAL));
    FTL_TRY(ftl_relu(&h, g, h));
    FTL_TRY(ftl_nn_conv(&h, net, h, "conv2", out, 3, 1, 1, &spectral));
    FTL_TRY(ftl_nn_up_conv(&skip, net, x, "conv_sc", out, 1, &spectral));
    return ftl_add(y, g, h, skip);
}

static ftl_status generator(
        ftl_value *image, ftl_net *net, ftl_value z, const ftl_gan_options *options) {
    const architecture *arch = find_architecture(options->resolution);
    ftl_graph *g = net->graph;
    int64_t n = ftl_value_shape(g, z).dim[0], first = arch->g_in[0] * options->ch;
    ftl_value h;
    FTL_TRY(ftl_nn_linear(&h, net, z, "linear", first * BOTTOM * BOTTOM, &spectral));
    FTL_TRY(ftl_reshape(&h, g, h, FTL_SHAPE(n, first, BOTTOM, BOTTOM)));
    for (int i = 0; i < arch->g_blocks; i++) {
        FTL_TRY(ftl_net_enter(net, "blocks.%d.0", i));
        FTL_TRY(generator_block(&h, net, h, arch->g_out[i] * options->ch));
        ftl_net_leave(net);
    }
    FTL_TRY(ftl_nn_batch_norm(&h, net, h, "output_layer.0", FTL_BN_PLAIN));
    FTL_TRY(ftl_relu(&h, g, h));
    FTL_TRY(ftl_nn_conv(
            &h, net, h, "output_layer.2", options->channels, 3, 1, 1, &spectral));
    return ftl_tanh(image, g, h);
}

/* [ReLU-]conv3-ReLU-conv3[-down] beside conv1[-down]. A 1x1 convolution commutes with
 * pooling, so that the order of the two in the reference does not matter. */
static ftl_status discriminator_block(
        ftl_value *y, ftl_net *net, ftl_value x, int64_t out, bool first, bool down) {
    ftl_graph *g = net->graph;
    ftl_value h = x, skip = x;
    if (!first) FTL_TRY(ftl_relu(&h, g, h));
    FTL_TRY(ftl_nn_conv(&h, net, h, "conv1", out, 3, 1, 1, &spectral));
    FTL_TRY(ftl_relu(&h, g, h));
    if (down) {
        FTL_TRY(ftl_nn_conv_down(&h, net, h, "conv2", out, 3, &spectral));
        FTL_TRY(ftl_nn_conv_down(&skip, net, x, "conv_sc", out, 1, &spectral));
        return ftl_add(y, g, h, skip);
    }
    FTL_TRY(ftl_nn_conv(&h, net, h, "conv2", out, 3, 1, 1, &spectral));
    if (ftl_value_shape(g, x).dim[1] != out)
        FTL_TRY(ftl_nn_conv(&skip, net, x, "conv_sc", out, 1, 1, 0, &spectral));
    return ftl_add(y, g, h, skip);
}

/* The projection term sum_c embed_c h_c: [N, C] -> [N, 1]. */
static ftl_status projection(ftl_value *y, ftl_net *net, ftl_value h) {
    ftl_value embed;
    int64_t channels = ftl_value_shape(net->graph, h).dim[1];
    FTL_TRY(ftl_net_enter(net, "embed"));
    FTL_TRY(ftl_net_parameter(
            &embed, net, "weight", FTL_SHAPE(1, channels), spectral.init));
    FTL_TRY(ftl_nn_spectral_norm(&embed, net, embed, 1));
    ftl_net_leave(net);
    return ftl_matmul(y, net->graph, h, false, embed, true);
}

static ftl_status discriminator(ftl_value *score, ftl_net *net, ftl_value image,
        const ftl_gan_options *options) {
    const architecture *arch = find_architecture(options->resolution);
    ftl_graph *g = net->graph;
    ftl_value h = image, linear, projected;
    int64_t n = ftl_value_shape(g, image).dim[0];
    for (int i = 0; i < arch->d_blocks; i++) {
        FTL_TRY(ftl_net_enter(net, "blocks.%d.0", i));
        FTL_TRY(discriminator_block(
                &h, net, h, arch->d_out[i] * options->ch, i == 0, arch->d_down[i]));
        ftl_net_leave(net);
    }
    FTL_TRY(ftl_relu(&h, g, h));
    FTL_TRY(ftl_spatial_sum(&h, g, h));
    FTL_TRY(ftl_nn_linear(&linear, net, h, "linear", 1, &spectral));
    FTL_TRY(projection(&projected, net, h));
    FTL_TRY(ftl_add(score, g, linear, projected));
    return ftl_reshape(score, g, *score, FTL_SHAPE(n));
}

/* The number of the block in "blocks.3.0.conv1.weight", -1 if it is of none. */
static int block_of(const char *tensor) {
    int block;
    return sscanf(tensor, "blocks.%d.", &block) == 1 ? block : -1;
}

static int generator_block_px(const char *tensor, const ftl_gan_options *options) {
    const architecture *arch = find_architecture(options->resolution);
    int block = block_of(tensor);
    return block < 0 || block >= arch->g_blocks ? 0 : BOTTOM << block;
}

static int discriminator_block_px(const char *tensor, const ftl_gan_options *options) {
    const architecture *arch = find_architecture(options->resolution);
    int block = block_of(tensor), px = options->resolution;
    if (block < 0 || block >= arch->d_blocks) return 0;
    for (int i = 0; i < block; i++)
        if (arch->d_down[i]) px /= 2;
    return px;
}

const ftl_gan_model ftl_biggan = {
        .name = "biggan",
        .generator = generator,
        .discriminator = discriminator,
        .check = check,
        .generator_block_px = generator_block_px,
        .discriminator_block_px = discriminator_block_px,
};
