/* layers.h - layers with state, built from ops.
 *
 * Each takes the output first, then the net, the input and the layer's name, under
 * which its tensors are found: "conv1" gives "conv1.weight", "conv1.bias", ... */
#ifndef FTL_ENGINE_NN_LAYERS_H
#define FTL_ENGINE_NN_LAYERS_H

#include "engine/nn/net.h"

/* Floor of norms in spectral normalisation; of variances in batch normalisation; weight
 * of the newest batch in running statistics. As in the reference. */
#define FTL_SPECTRAL_EPSILON 1e-6f
#define FTL_BATCH_NORM_EPSILON 1e-5f
#define FTL_BATCH_NORM_MOMENTUM 0.1f

typedef struct ftl_linear_options {
    ftl_init init;
    bool spectral; /* divide the weight by its largest singular value */
    bool no_bias;
} ftl_linear_options;

/* y [N, out] = x [N, in] W^T + b. Tensors: weight [out, in], bias [out]. */
ftl_status ftl_nn_linear(ftl_value *y, ftl_net *net, ftl_value x, const char *name,
        int64_t out, const ftl_linear_options *options);

/* y = conv(x, W) + b with a square kernel. Tensors: weight [out, in, k, k], bias [out].
 */
ftl_status ftl_nn_conv(ftl_value *y, ftl_net *net, ftl_value x, const char *name,
        int64_t out, int kernel, int stride, int pad,
        const ftl_linear_options *options);

/* Nearest 2x upsampling and then a convolution, as one layer:
 * y [N, out, 2H, 2W] = conv(upsample2(x), W) + b. And a convolution and then 2x2
 * average pooling: y [N, out, H/2, W/2] = avg_pool2(conv(x, W) + b). Kernels of 3 (pad
 * 1) and 1; tensors as above. Exact algebra saves most of the work: a 3x3 kernel
 * becomes one of 4x4 with stride 2 (16/36 of the products), and one of 1x1 commutes (a
 * quarter). */
ftl_status ftl_nn_up_conv(ftl_value *y, ftl_net *net, ftl_value x, const char *name,
        int64_t out, int kernel, const ftl_linear_options *options);
ftl_status ftl_nn_conv_down(ftl_value *y, ftl_net *net, ftl_value x, const char *name,
        int64_t out, int kernel, const ftl_linear_options *options);

/* Spectral normalisation (Miyato et al. 2018, algorithm 1): one power iteration
 *   v = normalize(u W), u' = normalize(v W^T), sigma = v W^T u'^T,  w = W / sigma
 * with W as a matrix of `rows` rows and u, v constants. Tensors of the current scope:
 * u0 [1, rows], moved in training mode; sv0 [1], sigma of the last training phase. */
ftl_status ftl_nn_spectral_norm(
        ftl_value *w, ftl_net *net, ftl_value weight, int64_t rows);

typedef enum ftl_batch_norm_style {
    FTL_BN_PLAIN,       /* gain [C], bias [C], stored_mean, stored_var */
    FTL_BN_CONDITIONAL, /* one class: gain.weight [1, C] is added to 1, bias.weight */
    FTL_BN_TORCH,       /* weight, bias, running_mean, running_var */
} ftl_batch_norm_style;

/* Batch normalisation; the running variance is unbiased (divided by the count - 1), as
 * in PyTorch. x [N, C, H, W]. */
ftl_status ftl_nn_batch_norm(ftl_value *y, ftl_net *net, ftl_value x, const char *name,
        ftl_batch_norm_style style);

#endif
