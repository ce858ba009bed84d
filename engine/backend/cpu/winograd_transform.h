/* winograd_transform.h - the transforms of Winograd's minimal filtering, F(4, 3).
 *
 * Four outputs of a filter with three taps, y = A' [(G w) . (B' x)], take 6 products
 * instead of 12; nested in two dimensions 36 instead of 144 (Lavin and Gray 2016). The
 * matrices are those of Toom-Cook interpolation. Plain convolutions use the points 0,
 * 1, -1, 1/2, -2 and infinity, which lose less to rounding than the usual 2, -2: 1.5 %
 * against 2.2 % where operands are rounded to bf16, 1e-6 in float32.
 *
 * Where the image is upsampled first (each value twice) or pooled afterwards (sums of
 * two), the symmetric points 0, 1, -1, 1/2, -1/2 are used: then the product at -1 is
 * always zero, and 5 products an axis remain, 25 instead of 144.
 *
 * In bf16 that is coarse: 8 % of the largest value are lost now and then. The fine
 * forms keep to sums and differences. With s = w[0] + w[1] + w[2] and x upsampled, y[0]
 * = w[0] (x[0] - x[1]) + s x[1] and y[1] = s x[1] + w[2] (x[2] - x[1]) share a product:
 * 3 for two outputs, 9 for 2x2 px instead of 36, and 0.4 % are lost, as much as in
 * F(2, 3), the fine form of plain convolutions.
 *
 * Each function is one axis: x and y are arrays of vectors. Functions of one mode:
 *   input    6 (plain, down) or 4 (up: values before they are doubled) -> products;
 *            4 and 3 in the fine forms
 *   output   products -> 4 (plain, up) or 2 (down: sums of neighbours); 2 and 1
 *   adjoint  of output: gradients of outputs -> products
 *   kernel   3 taps -> products, and its adjoint
 * Gradients of kernels have no fine form, and need none. */
#ifndef FTL_ENGINE_BACKEND_CPU_WINOGRAD_TRANSFORM_H
#define FTL_ENGINE_BACKEND_CPU_WINOGRAD_TRANSFORM_H

#include "engine/backend/cpu/vector.h"

typedef ftl_vector vec;

/* --- plain --- */

FTL_CPU_INLINE void plain_input(vec *y, const vec *x) {
    const vec a = 0.5f * x[2] + x[4], b = x[4] - x[2];
    y[0] = x[0] + x[4] - 2 * x[2] + 1.5f * (x[3] - x[1]);
    y[1] = a - x[1] + 2.5f * x[3];
    y[2] = x[1] + 0.5f * x[3] + x[4] - 2.5f * x[2];
    y[3] = b + 2 * (x[3] - x[1]);
    y[4] = b + 0.5f * (x[1] - x[3]);
    y[5] = x[1] + x[5] - 2 * x[3] + 1.5f * (x[4] - x[2]);
}

FTL_CPU_INLINE void plain_output(vec *y, const vec *x) {
    const vec sum = x[1] + x[2], difference = x[1] - x[2];
    y[0] = x[0] + sum + x[3] + x[4];
    y[1] = difference + 0.5f * x[3] - 2 * x[4];
    y[2] = sum + 0.25f * x[3] + 4 * x[4];
    y[3] = difference + 0.125f * x[3] - 8 * x[4] + x[5];
}

FTL_CPU_INLINE void plain_adjoint(vec *y, const vec *x) {
    const vec even = x[0] + x[2], odd = x[1] + x[3];
    y[0] = x[0];
    y[1] = even + odd;
    y[2] = even - odd;
    y[3] = x[0] + 0.5f * x[1] + 0.25f * x[2] + 0.125f * x[3];
    y[4] = x[0] - 2 * x[1] + 4 * x[2] - 8 * x[3];
    y[5] = x[3];
}

FTL_CPU_INLINE void plain_kernel(vec *y, const vec *w) {
    const vec third = (w[0] + w[2]) * (1 / 3.0f), middle = w[1] * (1 / 3.0f);
    y[0] = w[0];
    y[1] = third + middle;
    y[2] = middle - third;
    y[3] = -(16 / 15.0f) * w[0] - (8 / 15.0f) * w[1] - (4 / 15.0f) * w[2];
    y[4] = (1 / 15.0f) * w[0] - (2 / 15.0f) * w[1] + (4 / 15.0f) * w[2];
    y[5] = w[2];
}

FTL_CPU_INLINE void plain_kernel_adjoint(vec *w, const vec *y) {
    const vec sum = (y[1] + y[2]) * (1 / 3.0f), rest = (y[1] - y[2]) * (1 / 3.0f);
    w[0] = y[0] + rest - (16 / 15.0f) * y[3] + (1 / 15.0f) * y[4];
    w[1] = sum - (8 / 15.0f) * y[3] - (2 / 15.0f) * y[4];
    w[2] = y[5] + rest - (4 / 15.0f) * y[3] + (4 / 15.0f) * y[4];
}

/* --- upsampled or pooled: no product at -1 --- */

FTL_CPU_INLINE void up_input(vec *y, const vec *x) {
    const vec slope = x[2] - x[1];
    y[0] = 0.25f * x[0] - 1.25f * x[1] + x[2];
    y[1] = 2 * x[2] - 0.5f * x[1];
    y[2] = 1.5f * slope;
    y[3] = 0.5f * slope;
    y[4] = 0.25f * x[1] - 1.25f * x[2] + x[3];
}

FTL_CPU_INLINE void up_output(vec *y, const vec *x) {
    const vec sum = x[2] + x[3], difference = x[2] - x[3];
    y[0] = x[0] + x[1] + sum;
    y[1] = x[1] + 0.5f * difference;
    y[2] = x[1] + 0.25f * sum;
    y[3] = x[1] + 0.125f * difference + x[4];
}

FTL_CPU_INLINE void up_adjoint(vec *y, const vec *x) {
    const vec even = x[0] + 0.25f * x[2], odd = 0.5f * x[1] + 0.125f * x[3];
    y[0] = x[0];
    y[1] = x[0] + x[1] + x[2] + x[3];
    y[2] = even + odd;
    y[3] = even - odd;
    y[4] = x[3];
}

FTL_CPU_INLINE void down_input(vec *y, const vec *x) {
    const vec a = x[4] - 0.25f * x[2], b = x[4] - x[2], c = 0.5f * (x[3] - x[1]);
    y[0] = 0.25f * x[0] - 1.25f * x[2] + x[4];
    y[1] = a - 0.25f * x[1] + x[3];
    y[2] = b + c;
    y[3] = b - c;
    y[4] = 0.25f * x[1] - 1.25f * x[3] + x[5];
}

FTL_CPU_INLINE void down_output(vec *y, const vec *x) {
    /* A sum, no product: of two products the compiler may fuse either with the sum, and
     * results are to be the same wherever this is expanded. */
    const vec twice = x[1] + x[1];
    y[0] = x[0] + twice + 1.5f * x[2] + 0.5f * x[3];
    y[1] = twice + 0.375f * x[2] + 0.125f * x[3] + x[4];
}

FTL_CPU_INLINE void down_adjoint(vec *y, const vec *x) {
    y[0] = x[0];
    y[1] = 2 * (x[0] + x[1]);
    y[2] = 1.5f * x[0] + 0.375f * x[1];
    y[3] = 0.5f * x[0] + 0.125f * x[1];
    y[4] = x[1];
}

FTL_CPU_INLINE void symmetric_kernel(vec *y, const vec *w) {
    const vec even = (8 / 3.0f) * w[0] + (2 / 3.0f) * w[2], odd = (4 / 3.0f) * w[1];
    y[0] = 4 * w[0];
    y[1] = (2 / 3.0f) * (w[0] + w[1] + w[2]);
    y[2] = -even - odd;
    y[3] = odd - even;
    y[4] = w[2];
}

FTL_CPU_INLINE void symmetric_kernel_adjoint(vec *w, const vec *y) {
    const vec sum = y[2] + y[3], middle = (2 / 3.0f) * y[1];
    w[0] = 4 * y[0] + middle - (8 / 3.0f) * sum;
    w[1] = middle + (4 / 3.0f) * (y[3] - y[2]);
    w[2] = middle - (2 / 3.0f) * sum + y[4];
}

/* --- upsampled or pooled, by sums and differences --- */

FTL_CPU_INLINE void fine_up_input(vec *y, const vec *x) {
    y[0] = x[0] - x[1];
    y[1] = x[1];
    y[2] = x[2] - x[1];
}

FTL_CPU_INLINE void fine_up_output(vec *y, const vec *x) {
    y[0] = x[0] + x[1];
    y[1] = x[1] + x[2];
}

FTL_CPU_INLINE void fine_down_input(vec *y, const vec *x) {
    y[0] = x[0] - x[2];
    y[1] = x[1] + x[2];
    y[2] = x[3] - x[1];
}

FTL_CPU_INLINE void fine_down_output(vec *y, const vec *x) {
    y[0] = x[0] + x[1] + x[2];
}

/* --- plain, F(2, 3): points 0, 1, -1 and infinity --- */

FTL_CPU_INLINE void fine_plain_input(vec *y, const vec *x) {
    y[0] = x[0] - x[2];
    y[1] = x[1] + x[2];
    y[2] = x[2] - x[1];
    y[3] = x[3] - x[1];
}

FTL_CPU_INLINE void fine_plain_output(vec *y, const vec *x) {
    y[0] = x[0] + x[1] + x[2];
    y[1] = x[1] - x[2] + x[3];
}

FTL_CPU_INLINE void fine_plain_kernel(vec *y, const vec *w) {
    const vec outer = 0.5f * (w[0] + w[2]), middle = 0.5f * w[1];
    y[0] = w[0];
    y[1] = outer + middle;
    y[2] = outer - middle;
    y[3] = w[2];
}

/* --- upsampled or pooled: kernels --- */

FTL_CPU_INLINE void fine_kernel(vec *y, const vec *w) {
    y[0] = w[0];
    y[1] = w[0] + w[1] + w[2];
    y[2] = w[2];
}

#endif
