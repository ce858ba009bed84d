/* ops.h - every operation, as a function that adds it to a graph.
 *
 * Each takes the output first and returns FTL_ESHAPE when shapes do not fit. All values
 * are float32 unless said otherwise. N is the batch, C channels, H and W space.
 * "d2": its gradient can be differentiated again. */
#ifndef FTL_ENGINE_OPS_OPS_H
#define FTL_ENGINE_OPS_OPS_H

#include "engine/op.h"

#define FTL_OP(name) extern const ftl_op ftl_op_##name;
#include "engine/ops/ops.def"
#undef FTL_OP

/* --- element by element; any shape, the same for all operands; d2 ------------------
 */

ftl_status ftl_add(ftl_value *y, ftl_graph *g, ftl_value a, ftl_value b);
ftl_status ftl_sub(ftl_value *y, ftl_graph *g, ftl_value a, ftl_value b);
ftl_status ftl_mul(ftl_value *y, ftl_graph *g, ftl_value a, ftl_value b);

/* y = scale x + shift */
typedef struct ftl_affine_attrs {
    float scale, shift;
} ftl_affine_attrs;
ftl_status ftl_affine(
        ftl_value *y, ftl_graph *g, ftl_value x, float scale, float shift);

/* y = max(x, 0); the kink takes the zero side. relu_grad(x, dy) = dy where x > 0. */
ftl_status ftl_relu(ftl_value *y, ftl_graph *g, ftl_value x);
ftl_status ftl_relu_grad(ftl_value *dx, ftl_graph *g, ftl_value x, ftl_value dy);

/* y = x where x > 0, slope x elsewhere. leaky_relu_grad(x, dy) accordingly. */
typedef struct ftl_leaky_relu_attrs {
    float slope;
} ftl_leaky_relu_attrs;
ftl_status ftl_leaky_relu(ftl_value *y, ftl_graph *g, ftl_value x, float slope);

ftl_status ftl_tanh(ftl_value *y, ftl_graph *g, ftl_value x);
/* dx = dy (1 - y^2) */
ftl_status ftl_tanh_grad(ftl_value *dx, ftl_graph *g, ftl_value y, ftl_value dy);

/* y = log(1 + exp x), and its derivative y = 1 / (1 + exp -x) */
ftl_status ftl_softplus(ftl_value *y, ftl_graph *g, ftl_value x);
ftl_status ftl_sigmoid(ftl_value *y, ftl_graph *g, ftl_value x);

/* y = 1 / x;  y = 1 / sqrt(x) for x > 0 */
ftl_status ftl_reciprocal(ftl_value *y, ftl_graph *g, ftl_value x);
ftl_status ftl_rsqrt(ftl_value *y, ftl_graph *g, ftl_value x);

/* --- a scalar [1] against everything; d2 -------------------------------------------
 */

/* y = s x, s [1] */
ftl_status ftl_scale_by(ftl_value *y, ftl_graph *g, ftl_value x, ftl_value s);
/* y [1] = sum of a b over all elements */
ftl_status ftl_dot(ftl_value *y, ftl_graph *g, ftl_value a, ftl_value b);
/* y [1] = sum of all elements, and its transpose: every element of `shape` is s */
ftl_status ftl_sum(ftl_value *y, ftl_graph *g, ftl_value x);
ftl_status ftl_broadcast(ftl_value *y, ftl_graph *g, ftl_value s, ftl_shape shape);

/* --- rows: the sum over all but the batch; d2 --------------------------------------
 */

/* y [N] = sum over a sample's elements, and its transpose: [N] -> shape [N, ...] */
ftl_status ftl_row_sum(ftl_value *y, ftl_graph *g, ftl_value x);
ftl_status ftl_row_broadcast(ftl_value *y, ftl_graph *g, ftl_value r, ftl_shape shape);

/* --- channels: axis 1 of [N, C] or [N, C, H, W]; d2 --------------------------------
 */

/* y = x + b, b [C] */
ftl_status ftl_bias_add(ftl_value *y, ftl_graph *g, ftl_value x, ftl_value b);
/* y = a x, a [C] */
ftl_status ftl_channel_scale(ftl_value *y, ftl_graph *g, ftl_value x, ftl_value a);
/* y = a x + b, a and b [C], in one pass: eval-mode batch normalisation */
ftl_status ftl_channel_affine(
        ftl_value *y, ftl_graph *g, ftl_value x, ftl_value a, ftl_value b);
/* y [C] = sum over batch and space, and its transpose: [C] -> shape */
ftl_status ftl_channel_sum(ftl_value *y, ftl_graph *g, ftl_value x);
ftl_status ftl_channel_broadcast(
        ftl_value *y, ftl_graph *g, ftl_value b, ftl_shape shape);

/* --- space: [N, C, H, W]; d2 --------------------------------------------------------
 */

/* y [N, C] = sum over H and W, and its transpose: [N, C] -> [N, C, H, W] */
ftl_status ftl_spatial_sum(ftl_value *y, ftl_graph *g, ftl_value x);
ftl_status ftl_spatial_broadcast(
        ftl_value *y, ftl_graph *g, ftl_value x, int64_t height, int64_t width);

/* Nearest: [N, C, H, W] -> [N, C, 2H, 2W]. sum_pool2 is its transpose: the sum of each
 * 2x2 square (H and W even). Average pooling is 1/4 of it: avg_pool2 = scale 0.25. */
ftl_status ftl_upsample2(ftl_value *y, ftl_graph *g, ftl_value x);
typedef struct ftl_pool2_attrs {
    float scale; /* y = scale * sum of the 2x2 square; its transpose scales likewise */
} ftl_pool2_attrs;
ftl_status ftl_sum_pool2(ftl_value *y, ftl_graph *g, ftl_value x, float scale);
ftl_status ftl_avg_pool2(ftl_value *y, ftl_graph *g, ftl_value x);

/* Maximum over kernel x kernel windows; behind the border there is minus infinity. The
 * gradient goes to the first maximum in row-major order. Its gradient: none. */
typedef struct ftl_pool_attrs {
    int32_t kernel, stride, pad;
} ftl_pool_attrs;
ftl_status ftl_max_pool(
        ftl_value *y, ftl_graph *g, ftl_value x, int kernel, int stride, int pad);
/* The mean of the part of each window that lies inside the border; its gradient: none.
 */
ftl_status ftl_avg_pool(
        ftl_value *y, ftl_graph *g, ftl_value x, int kernel, int stride, int pad);

/* --- products; d2 -------------------------------------------------------------------
 */

/* y = op(a) op(b), op transposes where asked. a, b matrices. */
typedef struct ftl_matmul_attrs {
    int32_t transpose_a, transpose_b;
} ftl_matmul_attrs;
ftl_status ftl_matmul(ftl_value *y, ftl_graph *g, ftl_value a, bool transpose_a,
        ftl_value b, bool transpose_b);

/* rank1_add: x, s [1], a, b -> s x + the matrix a b', of as many numbers as x: what the
 * fuse pass makes of a scale_by, a matmul and an add. Not for model code; its gradient:
 * none. */

/* Cross-correlation, as every framework means it: x [N, I, H, W], w [O, I, KH, KW]
 * -> [N, O, (H + 2 pad - KH) / stride + 1, ...], rounded down. The two others are its
 * transposes; each is linear in both operands and their gradients are one another.
 * conv_padded: with padding of its own for each axis, for kernels that are not square.
 * conv_data: dx from dy and w, x of the height and width given.
 * conv_weights: dw from x and dy. */
typedef struct ftl_conv_attrs {
    int32_t stride;
    int32_t pad_height, pad_width;       /* zeros above and below; left and right */
    int32_t height, width;               /* conv_data: of x. else 0 */
    int32_t kernel_height, kernel_width; /* conv_weights. else 0 */
} ftl_conv_attrs;
ftl_status ftl_conv(
        ftl_value *y, ftl_graph *g, ftl_value x, ftl_value w, int stride, int pad);
ftl_status ftl_conv_padded(ftl_value *y, ftl_graph *g, ftl_value x, ftl_value w,
        int stride, int pad_height, int pad_width);
ftl_status ftl_conv_data(ftl_value *dx, ftl_graph *g, ftl_value dy, ftl_value w,
        int stride, int pad, int64_t height, int64_t width);
ftl_status ftl_conv_weights(ftl_value *dw, ftl_graph *g, ftl_value x, ftl_value dy,
        int stride, int pad, int64_t kernel_height, int64_t kernel_width);

/* A 3x3 kernel convolved with a 2x2 box of ones: w [O, I, 3, 3] -> [O, I, 4, 4], or, if
 * transposed, [I, O, 4, 4] with both axes reversed. With it a convolution of an
 * upsampled image, or one that is pooled afterwards, is a single strided one, borders
 * included: conv(upsample2(x), w; 1, 1) = conv_data(x, box(w, 1, transposed); 2, 1)
 *   avg_pool2(conv(x, w; 1, 1)) = conv(x, box(w, 1/4); 2, 1)
 * box_kernel_grad is its transpose: [.., .., 4, 4] -> [O, I, 3, 3]. */
typedef struct ftl_box_kernel_attrs {
    float scale;
    int32_t transposed;
} ftl_box_kernel_attrs;
ftl_status ftl_box_kernel(
        ftl_value *y, ftl_graph *g, ftl_value w, float scale, bool transposed);

/* conv and bias_add in one (y = conv(x, w) + b): what the fuse pass makes of the two.
 * Not for model code; its gradient: none. */

/* 3x3 convolutions of stride 1 and padding 1 with what may stand before or behind them,
 * in one op, for kernels that gain from knowing (Winograd's): what the pass
 * engine/compile/winograd.c makes of the ops above, and epilogue.c of those. Not for
 * model code; no gradients.
 * conv3x3: x, w, s -> scale after(conv(before(x), s k)), where before is upsample2 if
 *   resample is UP, after sums 2x2 px if it is DOWN, s [1] is a number (1 / sigma of
 *   spectral norm) and k is w [O, I, 3, 3] or, if transposed, w [I, O, 3, 3] with both
 *   axes reversed: the transpose in x of conv3x3 with UP is conv3x3 with DOWN,
 *   transposed, and the other way round.
 * conv3x3_bias: plus b [O], the fourth input, not scaled.
 * conv3x3_add: conv3x3_bias plus an image r of y's shape, or plus upsample2(r).
 * conv3x3_mask: conv3x3 where z > 0, 0 elsewhere; z, the fourth input, has y's shape.
 * conv3x3_weights: dw [O, I, 3, 3] from x and dy, of conv3x3 that is not transposed. */
typedef enum ftl_resample {
    FTL_RESAMPLE_NONE,
    FTL_RESAMPLE_UP,
    FTL_RESAMPLE_DOWN
} ftl_resample;
typedef struct ftl_conv3x3_attrs {
    int32_t resample; /* ftl_resample */
    int32_t transposed;
    float scale;
    int32_t coarse; /* may lose some percent to rounding if images are bf16, else 1 %;
                       conv3x3_weights always may */
} ftl_conv3x3_attrs;

/* --- normalisation ------------------------------------------------------------------
 */

typedef struct ftl_batch_norm_attrs {
    float epsilon;
} ftl_batch_norm_attrs;
/* y = gain (x - mean) / sqrt(var + epsilon) + bias over batch and space; gain, bias
 * [C]. mean, var [C]: of this batch, var biased (divided by the count). Gradient flows
 * through y only; that of mean and var is taken as zero. batch_norm_grad gives dx,
 * dgain, dbias; its own gradient: none. (Ioffe and Szegedy 2015) */
ftl_status ftl_batch_norm(ftl_value *y, ftl_value *mean, ftl_value *var, ftl_graph *g,
        ftl_value x, ftl_value gain, ftl_value bias, float epsilon);

/* y = x / max(||x||_2, epsilon) over all elements. Only behind stop_gradient: no
 * gradient. */
typedef struct ftl_normalize_attrs {
    float epsilon;
} ftl_normalize_attrs;
ftl_status ftl_normalize(ftl_value *y, ftl_graph *g, ftl_value x, float epsilon);

/* --- losses -------------------------------------------------------------------------
 */

/* loss [N] = -log softmax(logits)[n, label n]; logits [N, K], label int32 [N] in
 * 0..K-1. Its gradient: none. */
ftl_status ftl_cross_entropy(
        ftl_value *loss, ftl_graph *g, ftl_value logits, ftl_value label);

/* --- moving things; d2 --------------------------------------------------------------
 */

/* The same elements in the same row-major order. */
typedef struct ftl_reshape_attrs {
    ftl_shape shape;
} ftl_reshape_attrs;
ftl_status ftl_reshape(ftl_value *y, ftl_graph *g, ftl_value x, ftl_shape shape);

/* Along axis 0: a then b; `count` samples from `first`; zeros before and behind. */
ftl_status ftl_concat(ftl_value *y, ftl_graph *g, ftl_value a, ftl_value b);
typedef struct ftl_slice_attrs {
    int64_t first, count;
} ftl_slice_attrs;
ftl_status ftl_slice(
        ftl_value *y, ftl_graph *g, ftl_value x, int64_t first, int64_t count);
typedef struct ftl_pad_attrs {
    int64_t before, behind;
} ftl_pad_attrs;
ftl_status ftl_pad(
        ftl_value *y, ftl_graph *g, ftl_value x, int64_t before, int64_t behind);

/* Along axis 1 of images: [N, A, H, W] and [N, B, H, W] -> [N, A + B, H, W]. Its
 * gradient: none. */
ftl_status ftl_channel_concat(ftl_value *y, ftl_graph *g, ftl_value a, ftl_value b);

/* [N, C, H, W]: each image moved by (down, right) px, each in -reach .. reach, zeros
 * behind its border. code int32 [N]: (down + reach) (2 reach + 1) + right + reach.
 * back: the other way, which is the transpose. */
typedef struct ftl_translate_attrs {
    int32_t reach, back;
} ftl_translate_attrs;
ftl_status ftl_translate(
        ftl_value *y, ftl_graph *g, ftl_value x, ftl_value code, int reach, bool back);

/* [N, C, H, W]: every channel of a px becomes the mean of its channels. */
ftl_status ftl_channel_mean(ftl_value *y, ftl_graph *g, ftl_value x);

/* y = x, through which no gradient flows. */
ftl_status ftl_stop_gradient(ftl_value *y, ftl_graph *g, ftl_value x);

/* Every element of shape is fill: also ftl_graph_constant. */
typedef struct ftl_fill_attrs {
    ftl_shape shape;
    float fill;
    float unused; /* keeps the struct free of padding */
} ftl_fill_attrs;

#endif
