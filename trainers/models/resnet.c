/* resnet.c - ResNet-18 (He et al. 2016) as attribute classifier of small images.
 *
 * As fairTL's classifier: the stem of the ImageNet network, and a last stage of stride
 * 1, since 64 px would otherwise end at 2 px. Its average pooling (7 px, padded, 2,048
 * features) fits 64 px only; ours is global, so that any resolution works and the
 * penultimate layer is the usual 512 features. */
#include "engine/nn/layers.h"
#include "engine/ops/ops.h"
#include "trainers/models/model.h"

#include <stdio.h>

static const ftl_linear_options plain = {
        .init = {.kind = FTL_INIT_HE}, .no_bias = true};
static const ftl_linear_options head = {
        .init = {.kind = FTL_INIT_NORMAL, .value = 0.01f}};

static ftl_status conv_bn(ftl_value *y, ftl_net *net, ftl_value x, const char *conv,
        const char *bn, int64_t out, int kernel, int stride, int pad) {
    FTL_TRY(ftl_nn_conv(y, net, x, conv, out, kernel, stride, pad, &plain));
    return ftl_nn_batch_norm(y, net, *y, bn, FTL_BN_TORCH);
}

static ftl_status basic_block(
        ftl_value *y, ftl_net *net, ftl_value x, int64_t out, int stride) {
    ftl_graph *g = net->graph;
    ftl_value h, skip = x;
    FTL_TRY(conv_bn(&h, net, x, "conv1", "bn1", out, 3, stride, 1));
    FTL_TRY(ftl_relu(&h, g, h));
    FTL_TRY(conv_bn(&h, net, h, "conv2", "bn2", out, 3, 1, 1));
    if (stride != 1 || ftl_value_shape(g, x).dim[1] != out)
        FTL_TRY(conv_bn(
                &skip, net, x, "downsample.0", "downsample.1", out, 1, stride, 0));
    FTL_TRY(ftl_add(&h, g, h, skip));
    return ftl_relu(y, g, h);
}

ftl_status ftl_resnet18(ftl_value *logits, ftl_value *features, ftl_net *net,
        ftl_value image, const ftl_classifier_options *options) {
    static const int strides[] = {1, 2, 2, 1};
    ftl_graph *g = net->graph;
    ftl_value h;
    FTL_TRY(conv_bn(&h, net, image, "conv1", "bn1", options->width, 7, 2, 3));
    FTL_TRY(ftl_relu(&h, g, h));
    FTL_TRY(ftl_max_pool(&h, g, h, 3, 2, 1));
    for (int stage = 0; stage < 4; stage++) {
        for (int block = 0; block < 2; block++) {
            FTL_TRY(ftl_net_enter(net, "layer%d.%d", stage + 1, block));
            FTL_TRY(basic_block(&h, net, h, (int64_t)options->width << stage,
                    block == 0 ? strides[stage] : 1));
            ftl_net_leave(net);
        }
    }
    ftl_shape shape = ftl_value_shape(g, h);
    FTL_TRY(ftl_spatial_sum(&h, g, h));
    FTL_TRY(ftl_affine(&h, g, h, 1.0f / (float)(shape.dim[2] * shape.dim[3]), 0));
    if (features) *features = h;
    return ftl_nn_linear(logits, net, h, "fc", options->classes, &head);
}
