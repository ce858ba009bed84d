/* op_naive.h - every operation once more, in double precision and as literally as its
 * definition in ops.h reads: what test_ops.c holds the engine against. Speed is no aim;
 * nothing is shared with engine/ops/. */
#ifndef FTL_TEST_ENGINE_OP_NAIVE_H
#define FTL_TEST_ENGINE_OP_NAIVE_H

#include "engine/ops/ops.h"

#include <math.h>

typedef struct naive_call {
    const void *attrs;
    int n_in;
    ftl_shape in[FTL_MAX_IN], out[FTL_MAX_OUT];
    double *x[FTL_MAX_IN], *y[FTL_MAX_OUT];
} naive_call;

/* --- element by element: v holds one element of each input -------------------------
 */

static double naive_add(const double *v, const void *attrs) {
    (void)attrs;
    return v[0] + v[1];
}
static double naive_sub(const double *v, const void *attrs) {
    (void)attrs;
    return v[0] - v[1];
}
static double naive_mul(const double *v, const void *attrs) {
    (void)attrs;
    return v[0] * v[1];
}
static double naive_affine(const double *v, const void *attrs) {
    const ftl_affine_attrs *a = attrs;
    return (double)a->scale * v[0] + (double)a->shift;
}
static double naive_relu(const double *v, const void *attrs) {
    (void)attrs;
    return v[0] > 0 ? v[0] : 0;
}
static double naive_relu_grad(const double *v, const void *attrs) {
    (void)attrs;
    return v[0] > 0 ? v[1] : 0;
}
static double naive_leaky_relu(const double *v, const void *attrs) {
    const ftl_leaky_relu_attrs *a = attrs;
    return v[0] > 0 ? v[0] : (double)a->slope * v[0];
}
static double naive_leaky_relu_grad(const double *v, const void *attrs) {
    const ftl_leaky_relu_attrs *a = attrs;
    return v[0] > 0 ? v[1] : (double)a->slope * v[1];
}
static double naive_tanh(const double *v, const void *attrs) {
    (void)attrs;
    return tanh(v[0]);
}
static double naive_tanh_grad(const double *v, const void *attrs) {
    (void)attrs;
    return v[1] * (1 - v[0] * v[0]);
}
static double naive_softplus(const double *v, const void *attrs) {
    (void)attrs;
    return v[0] > 30 ? v[0] : log1p(exp(v[0]));
}
static double naive_sigmoid(const double *v, const void *attrs) {
    (void)attrs;
    return 1 / (1 + exp(-v[0]));
}
static double naive_reciprocal(const double *v, const void *attrs) {
    (void)attrs;
    return 1 / v[0];
}
static double naive_rsqrt(const double *v, const void *attrs) {
    (void)attrs;
    return 1 / sqrt(v[0]);
}
static double naive_same(const double *v, const void *attrs) {
    (void)attrs;
    return v[0];
}

/* --- sums and what they are the transposes of --------------------------------------
 */

enum { AXIS_N = 1, AXIS_C = 2, AXIS_H = 4, AXIS_W = 8 };

/* Where an element of `shape` lies in the tensor that has only the axes of `keep`. */
static int64_t naive_kept(ftl_shape shape, int64_t element, unsigned keep) {
    int64_t index = 0, step = 1;
    for (int axis = shape.rank - 1; axis >= 0; axis--) {
        if (keep & 1u << axis) {
            index += element % shape.dim[axis] * step;
            step *= shape.dim[axis];
        }
        element /= shape.dim[axis];
    }
    return index;
}

static void naive_reduce(const naive_call *call, unsigned keep) {
    for (int64_t i = 0; i < ftl_shape_count(call->out[0]); i++)
        call->y[0][i] = 0;
    for (int64_t i = 0; i < ftl_shape_count(call->in[0]); i++)
        call->y[0][naive_kept(call->in[0], i, keep)] += call->x[0][i];
}

static void naive_spread(const naive_call *call, unsigned keep) {
    for (int64_t i = 0; i < ftl_shape_count(call->out[0]); i++)
        call->y[0][i] = call->x[0][naive_kept(call->out[0], i, keep)];
}

static void naive_sum(const naive_call *call) { naive_reduce(call, 0); }
static void naive_row_sum(const naive_call *call) { naive_reduce(call, AXIS_N); }
static void naive_channel_sum(const naive_call *call) { naive_reduce(call, AXIS_C); }
static void naive_spatial_sum(const naive_call *call) {
    naive_reduce(call, AXIS_N | AXIS_C);
}
static void naive_broadcast(const naive_call *call) { naive_spread(call, 0); }
static void naive_row_broadcast(const naive_call *call) { naive_spread(call, AXIS_N); }
static void naive_channel_broadcast(const naive_call *call) {
    naive_spread(call, AXIS_C);
}
static void naive_spatial_broadcast(const naive_call *call) {
    naive_spread(call, AXIS_N | AXIS_C);
}

static void naive_fill(const naive_call *call) {
    const ftl_fill_attrs *a = call->attrs;
    for (int64_t i = 0; i < ftl_shape_count(call->out[0]); i++)
        call->y[0][i] = (double)a->fill;
}

static void naive_scale_by(const naive_call *call) {
    for (int64_t i = 0; i < ftl_shape_count(call->in[0]); i++)
        call->y[0][i] = call->x[0][i] * call->x[1][0];
}

static void naive_rank1_add(const naive_call *call) {
    const int64_t columns = ftl_shape_count(call->in[3]);
    for (int64_t i = 0; i < ftl_shape_count(call->in[0]); i++)
        call->y[0][i] = call->x[0][i] * call->x[1][0] +
                        call->x[2][i / columns] * call->x[3][i % columns];
}

static void naive_dot(const naive_call *call) {
    call->y[0][0] = 0;
    for (int64_t i = 0; i < ftl_shape_count(call->in[0]); i++)
        call->y[0][0] += call->x[0][i] * call->x[1][i];
}

static void naive_bias_add(const naive_call *call) {
    for (int64_t i = 0; i < ftl_shape_count(call->in[0]); i++)
        call->y[0][i] = call->x[0][i] + call->x[1][naive_kept(call->in[0], i, AXIS_C)];
}

static void naive_channel_scale(const naive_call *call) {
    for (int64_t i = 0; i < ftl_shape_count(call->in[0]); i++)
        call->y[0][i] = call->x[0][i] * call->x[1][naive_kept(call->in[0], i, AXIS_C)];
}

static void naive_channel_affine(const naive_call *call) {
    for (int64_t i = 0; i < ftl_shape_count(call->in[0]); i++) {
        const int64_t c = naive_kept(call->in[0], i, AXIS_C);
        call->y[0][i] = call->x[1][c] * call->x[0][i] + call->x[2][c];
    }
}

/* --- space --------------------------------------------------------------------------
 */

static int64_t naive_at(ftl_shape s, int64_t n, int64_t c, int64_t h, int64_t w) {
    return ((n * s.dim[1] + c) * s.dim[2] + h) * s.dim[3] + w;
}

/* Calls that walk all (n, c, h, w) of a shape. */
#define NAIVE_FOR(shape)                                                               \
    for (int64_t n = 0; n < (shape).dim[0]; n++)                                       \
        for (int64_t c = 0; c < (shape).dim[1]; c++)                                   \
            for (int64_t h = 0; h < (shape).dim[2]; h++)                               \
                for (int64_t w = 0; w < (shape).dim[3]; w++)

static void naive_upsample2(const naive_call *call) {
    NAIVE_FOR(call->out[0])
    call->y[0][naive_at(call->out[0], n, c, h, w)] =
            call->x[0][naive_at(call->in[0], n, c, h / 2, w / 2)];
}

static void naive_sum_pool2(const naive_call *call) {
    const ftl_pool2_attrs *a = call->attrs;
    for (int64_t i = 0; i < ftl_shape_count(call->out[0]); i++)
        call->y[0][i] = 0;
    NAIVE_FOR(call->in[0])
    call->y[0][naive_at(call->out[0], n, c, h / 2, w / 2)] +=
            (double)a->scale * call->x[0][naive_at(call->in[0], n, c, h, w)];
}

/* Each tap of a 3x3 kernel goes to the four squares of the box that it covers. */
static void naive_box_kernel(const naive_call *call) {
    const ftl_box_kernel_attrs *a = call->attrs;
    for (int64_t i = 0; i < ftl_shape_count(call->out[0]); i++)
        call->y[0][i] = 0;
    NAIVE_FOR(call->in[0])
    for (int down = 0; down < 2; down++)
        for (int right = 0; right < 2; right++) {
            int64_t at =
                    a->transposed
                            ? naive_at(call->out[0], c, n, 3 - h - down, 3 - w - right)
                            : naive_at(call->out[0], n, c, h + down, w + right);
            call->y[0][at] +=
                    (double)a->scale * call->x[0][naive_at(call->in[0], n, c, h, w)];
        }
}

static void naive_box_kernel_grad(const naive_call *call) {
    const ftl_box_kernel_attrs *a = call->attrs;
    for (int64_t i = 0; i < ftl_shape_count(call->out[0]); i++)
        call->y[0][i] = 0;
    NAIVE_FOR(call->out[0])
    for (int down = 0; down < 2; down++)
        for (int right = 0; right < 2; right++) {
            int64_t at =
                    a->transposed
                            ? naive_at(call->in[0], c, n, 3 - h - down, 3 - w - right)
                            : naive_at(call->in[0], n, c, h + down, w + right);
            call->y[0][naive_at(call->out[0], n, c, h, w)] +=
                    (double)a->scale * call->x[0][at];
        }
}

/* The first maximum of the window of output (h, w), as a position in x. */
static int64_t naive_first_maximum(const double *x, ftl_shape s,
        const ftl_pool_attrs *a, int64_t n, int64_t c, int64_t h, int64_t w) {
    int64_t best = -1;
    for (int64_t i = h * a->stride - a->pad; i < h * a->stride - a->pad + a->kernel;
            i++)
        for (int64_t j = w * a->stride - a->pad; j < w * a->stride - a->pad + a->kernel;
                j++) {
            if (i < 0 || i >= s.dim[2] || j < 0 || j >= s.dim[3]) continue;
            const int64_t here = naive_at(s, n, c, i, j);
            if (best < 0 || x[here] > x[best]) best = here;
        }
    return best;
}

static void naive_max_pool(const naive_call *call) {
    NAIVE_FOR(call->out[0])
    call->y[0][naive_at(call->out[0], n, c, h, w)] = call->x[0][naive_first_maximum(
            call->x[0], call->in[0], call->attrs, n, c, h, w)];
}

static void naive_avg_pool(const naive_call *call) {
    const ftl_pool_attrs *a = call->attrs;
    const ftl_shape s = call->in[0];
    NAIVE_FOR(call->out[0]) {
        double sum = 0, count = 0;
        for (int64_t i = 0; i < s.dim[2]; i++)
            for (int64_t j = 0; j < s.dim[3]; j++) {
                const int64_t down = i - (h * a->stride - a->pad);
                const int64_t right = j - (w * a->stride - a->pad);
                if (down < 0 || down >= a->kernel || right < 0 || right >= a->kernel)
                    continue;
                sum += call->x[0][naive_at(s, n, c, i, j)];
                count++;
            }
        call->y[0][naive_at(call->out[0], n, c, h, w)] = sum / count;
    }
}

static void naive_max_pool_grad(const naive_call *call) {
    for (int64_t i = 0; i < ftl_shape_count(call->out[0]); i++)
        call->y[0][i] = 0;
    NAIVE_FOR(call->in[1])
    call->y[0][naive_first_maximum(call->x[0], call->in[0], call->attrs, n, c, h, w)] +=
            call->x[1][naive_at(call->in[1], n, c, h, w)];
}

/* --- products -----------------------------------------------------------------------
 */

static void naive_matmul(const naive_call *call) {
    const ftl_matmul_attrs *a = call->attrs;
    const int64_t rows = call->out[0].dim[0], columns = call->out[0].dim[1];
    const int64_t depth = call->in[0].dim[a->transpose_a ? 0 : 1];
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++) {
            double *y = &call->y[0][i * columns + j];
            *y = 0;
            for (int64_t k = 0; k < depth; k++)
                *y += call->x[0][a->transpose_a ? k * rows + i : i * depth + k] *
                      call->x[1][a->transpose_b ? j * depth + k : k * columns + j];
        }
}

/* All three convolutions: the sum over everything of x w y, one of them being what is
 * computed. xs, ws, ys are the shapes as conv has them. */
static void naive_convolve(const naive_call *call, ftl_shape xs, ftl_shape ws,
        ftl_shape ys, double *x, double *w, double *y, double *out) {
    const ftl_conv_attrs *a = call->attrs;
    for (int64_t i = 0; i < ftl_shape_count(call->out[0]); i++)
        out[i] = 0;
    for (int64_t n = 0; n < ys.dim[0]; n++)
        for (int64_t p = 0; p < ys.dim[2]; p++)
            for (int64_t q = 0; q < ys.dim[3]; q++)
                for (int64_t r = 0; r < ws.dim[2]; r++)
                    for (int64_t s = 0; s < ws.dim[3]; s++) {
                        const int64_t h = p * a->stride + r - a->pad_height;
                        const int64_t v = q * a->stride + s - a->pad_width;
                        if (h < 0 || h >= xs.dim[2] || v < 0 || v >= xs.dim[3])
                            continue;
                        for (int64_t o = 0; o < ws.dim[0]; o++)
                            for (int64_t i = 0; i < ws.dim[1]; i++) {
                                const int64_t at_x = naive_at(xs, n, i, h, v);
                                const int64_t at_w = naive_at(ws, o, i, r, s);
                                const int64_t at_y = naive_at(ys, n, o, p, q);
                                if (out == x) out[at_x] += w[at_w] * y[at_y];
                                if (out == w) out[at_w] += x[at_x] * y[at_y];
                                if (out == y) out[at_y] += x[at_x] * w[at_w];
                            }
                    }
}

static void naive_conv(const naive_call *call) {
    naive_convolve(call, call->in[0], call->in[1], call->out[0], call->x[0], call->x[1],
            call->y[0], call->y[0]);
}

static void naive_conv_bias(const naive_call *call) {
    naive_conv(call);
    for (int64_t i = 0; i < ftl_shape_count(call->out[0]); i++)
        call->y[0][i] += call->x[2][naive_kept(call->out[0], i, AXIS_C)];
}

static void naive_conv_data(const naive_call *call) {
    naive_convolve(call, call->out[0], call->in[1], call->in[0], call->y[0], call->x[1],
            call->x[0], call->y[0]);
}

static void naive_conv_weights(const naive_call *call) {
    naive_convolve(call, call->in[0], call->out[0], call->in[1], call->x[0], call->y[0],
            call->x[1], call->y[0]);
}

/* conv3x3 and its kernel's gradient: the sum over the larger image, of which (p, q) are
 * the pixels, of x w y, one of them being what is computed. */
static void naive_convolve3x3(const naive_call *call, ftl_shape xs, ftl_shape ws,
        ftl_shape ys, const double *x, double *w, double *y, double *out) {
    const ftl_conv3x3_attrs *a = call->attrs;
    const int up = a->resample == FTL_RESAMPLE_UP,
              down = a->resample == FTL_RESAMPLE_DOWN;
    const int64_t height = ys.dim[2] << down, width = ys.dim[3] << down;
    for (int64_t i = 0; i < ftl_shape_count(call->out[0]); i++)
        out[i] = 0;
    for (int64_t n = 0; n < ys.dim[0]; n++)
        for (int64_t pq = 0; pq < height * width; pq++)
            for (int t = 0; t < 9; t++) {
                const int64_t p = pq / width, q = pq % width;
                const int64_t h = p + t / 3 - 1, v = q + t % 3 - 1;
                if (h < 0 || h >= height || v < 0 || v >= width) continue;
                for (int64_t o = 0; o < ys.dim[1]; o++)
                    for (int64_t i = 0; i < xs.dim[1]; i++) {
                        const double from = x[naive_at(xs, n, i, h >> up, v >> up)];
                        const int64_t at_w =
                                a->transposed ? naive_at(ws, i, o, 2 - t / 3, 2 - t % 3)
                                              : naive_at(ws, o, i, t / 3, t % 3);
                        const int64_t at_y = naive_at(ys, n, o, p >> down, q >> down);
                        if (out == w) w[at_w] += (double)a->scale * from * y[at_y];
                        if (out == y)
                            y[at_y] +=
                                    (double)a->scale * call->x[2][0] * from * w[at_w];
                    }
            }
}

static void naive_conv3x3(const naive_call *call) {
    naive_convolve3x3(call, call->in[0], call->in[1], call->out[0], call->x[0],
            call->x[1], call->y[0], call->y[0]);
}

static void naive_conv3x3_bias(const naive_call *call) {
    naive_conv3x3(call);
    for (int64_t i = 0; i < ftl_shape_count(call->out[0]); i++)
        call->y[0][i] += call->x[3][naive_kept(call->out[0], i, AXIS_C)];
}

/* The last input, upsampled if it is smaller, on top. */
static void naive_conv3x3_add(const naive_call *call) {
    const ftl_shape y = call->out[0], r = call->in[4];
    const int64_t times = y.dim[2] / r.dim[2];
    naive_conv3x3_bias(call);
    for (int64_t i = 0; i < ftl_shape_count(y); i++) {
        const int64_t v = i % y.dim[3], h = i / y.dim[3] % y.dim[2];
        const int64_t no = i / y.dim[3] / y.dim[2];
        call->y[0][i] += call->x[4][naive_at(
                r, no / y.dim[1], no % y.dim[1], h / times, v / times)];
    }
}

static void naive_conv3x3_mask(const naive_call *call) {
    naive_conv3x3(call);
    for (int64_t i = 0; i < ftl_shape_count(call->out[0]); i++)
        if (!(call->x[3][i] > 0)) call->y[0][i] = 0;
}

static void naive_conv3x3_weights(const naive_call *call) {
    naive_convolve3x3(call, call->in[0], call->out[0], call->in[1], call->x[0],
            call->y[0], call->x[1], call->y[0]);
}

/* --- normalisation and losses -------------------------------------------------------
 */

static void naive_batch_norm(const naive_call *call) {
    const ftl_batch_norm_attrs *a = call->attrs;
    const ftl_shape s = call->in[0];
    const int64_t n = ftl_shape_count(s);
    const double count = (double)(n / s.dim[1]);
    double *mean = call->y[1], *var = call->y[2];
    for (int64_t c = 0; c < s.dim[1]; c++)
        mean[c] = var[c] = 0;
    for (int64_t i = 0; i < n; i++)
        mean[naive_kept(s, i, AXIS_C)] += call->x[0][i] / count;
    for (int64_t i = 0; i < n; i++) {
        const int64_t c = naive_kept(s, i, AXIS_C);
        var[c] += pow(call->x[0][i] - mean[c], 2) / count;
    }
    for (int64_t i = 0; i < n; i++) {
        const int64_t c = naive_kept(s, i, AXIS_C);
        call->y[0][i] = call->x[1][c] * (call->x[0][i] - mean[c]) /
                                sqrt(var[c] + (double)a->epsilon) +
                        call->x[2][c];
    }
}

static void naive_batch_norm_grad(const naive_call *call) {
    const ftl_batch_norm_attrs *a = call->attrs;
    const ftl_shape s = call->in[0];
    const int64_t n = ftl_shape_count(s);
    const double count = (double)(n / s.dim[1]);
    double *const *x = call->x;
    for (int64_t c = 0; c < s.dim[1]; c++)
        call->y[1][c] = call->y[2][c] = 0;
    for (int64_t i = 0; i < n; i++) {
        const int64_t c = naive_kept(s, i, AXIS_C);
        call->y[1][c] +=
                x[4][i] * (x[0][i] - x[2][c]) / sqrt(x[3][c] + (double)a->epsilon);
        call->y[2][c] += x[4][i];
    }
    for (int64_t i = 0; i < n; i++) {
        const int64_t c = naive_kept(s, i, AXIS_C);
        const double deviation = sqrt(x[3][c] + (double)a->epsilon);
        const double h = (x[0][i] - x[2][c]) / deviation;
        call->y[0][i] = x[1][c] / deviation *
                        (x[4][i] - (call->y[2][c] + h * call->y[1][c]) / count);
    }
}

static void naive_normalize(const naive_call *call) {
    const ftl_normalize_attrs *a = call->attrs;
    double squares = 0;
    for (int64_t i = 0; i < ftl_shape_count(call->in[0]); i++)
        squares += call->x[0][i] * call->x[0][i];
    for (int64_t i = 0; i < ftl_shape_count(call->in[0]); i++)
        call->y[0][i] = call->x[0][i] / fmax(sqrt(squares), (double)a->epsilon);
}

static void naive_translate(const naive_call *call) {
    const ftl_translate_attrs *a = call->attrs;
    const int64_t *d = call->in[0].dim, side = 2 * (int64_t)a->reach + 1;
    for (int64_t i = 0; i < ftl_shape_count(call->in[0]); i++) {
        const int64_t n = i / (d[1] * d[2] * d[3]), plane = i / (d[2] * d[3]);
        const int64_t code = (int64_t)call->x[1][n], sign = a->back ? 1 : -1;
        const int64_t row = i / d[3] % d[2] + sign * (code / side - a->reach);
        const int64_t column = i % d[3] + sign * (code % side - a->reach);
        const bool inside = row >= 0 && row < d[2] && column >= 0 && column < d[3];
        call->y[0][i] = inside ? call->x[0][(plane * d[2] + row) * d[3] + column] : 0;
    }
}

static void naive_channel_mean(const naive_call *call) {
    const int64_t *d = call->in[0].dim, image = d[2] * d[3];
    for (int64_t i = 0; i < ftl_shape_count(call->in[0]); i++) {
        call->y[0][i] = 0;
        for (int64_t c = 0; c < d[1]; c++)
            call->y[0][i] += call->x[0][i / (d[1] * image) * d[1] * image + c * image +
                                        i % image] /
                             (double)d[1];
    }
}

static double naive_partition(const double *logit, int64_t n_classes) {
    double total = 0;
    for (int64_t k = 0; k < n_classes; k++)
        total += exp(logit[k]);
    return total;
}

static void naive_cross_entropy(const naive_call *call) {
    const int64_t n_classes = call->in[0].dim[1];
    for (int64_t n = 0; n < call->in[0].dim[0]; n++) {
        const double *logit = call->x[0] + n * n_classes;
        call->y[0][n] =
                log(naive_partition(logit, n_classes)) - logit[(int64_t)call->x[1][n]];
    }
}

static void naive_cross_entropy_grad(const naive_call *call) {
    const int64_t n_classes = call->in[0].dim[1];
    for (int64_t n = 0; n < call->in[0].dim[0]; n++) {
        const double *logit = call->x[0] + n * n_classes;
        for (int64_t k = 0; k < n_classes; k++) {
            const double share = exp(logit[k]) / naive_partition(logit, n_classes);
            const double hit = k == (int64_t)call->x[1][n];
            call->y[0][n * n_classes + k] = call->x[2][n] * (share - hit);
        }
    }
}

/* --- moving things ------------------------------------------------------------------
 */

static void naive_reshape(const naive_call *call) {
    for (int64_t i = 0; i < ftl_shape_count(call->in[0]); i++)
        call->y[0][i] = call->x[0][i];
}

static void naive_concat(const naive_call *call) {
    const int64_t n_a = ftl_shape_count(call->in[0]);
    for (int64_t i = 0; i < ftl_shape_count(call->out[0]); i++)
        call->y[0][i] = i < n_a ? call->x[0][i] : call->x[1][i - n_a];
}

static void naive_channel_concat(const naive_call *call) {
    const int64_t n_a = call->in[0].dim[1];
    NAIVE_FOR(call->out[0])
    call->y[0][naive_at(call->out[0], n, c, h, w)] =
            c < n_a ? call->x[0][naive_at(call->in[0], n, c, h, w)]
                    : call->x[1][naive_at(call->in[1], n, c - n_a, h, w)];
}

static void naive_slice(const naive_call *call) {
    const ftl_slice_attrs *a = call->attrs;
    const int64_t sample = ftl_shape_count(call->in[0]) / call->in[0].dim[0];
    for (int64_t i = 0; i < ftl_shape_count(call->out[0]); i++)
        call->y[0][i] = call->x[0][i + a->first * sample];
}

static void naive_pad(const naive_call *call) {
    const ftl_pad_attrs *a = call->attrs;
    const int64_t n = ftl_shape_count(call->in[0]);
    const int64_t sample = n / call->in[0].dim[0];
    for (int64_t i = 0; i < ftl_shape_count(call->out[0]); i++) {
        const int64_t from = i - a->before * sample;
        call->y[0][i] = from >= 0 && from < n ? call->x[0][from] : 0;
    }
}

#endif
