/* box_kernel.h - one 3x3 kernel and one 4x4 kernel: what box_kernel, its gradient and
 * their fast kernels share. */
#ifndef FTL_ENGINE_OPS_BOX_KERNEL_H
#define FTL_ENGINE_OPS_BOX_KERNEL_H

/* y [4, 4] = scale * (w [3, 3] convolved with a 2x2 box); reversed: both axes reversed.
 */
static inline void ftl_box_one(float *y, const float *w, float scale, int reversed) {
    float r[4][3];
    for (int s = 0; s < 3; s++) {
        r[0][s] = scale * w[s];
        r[1][s] = scale * (w[s] + w[3 + s]);
        r[2][s] = scale * (w[3 + s] + w[6 + s]);
        r[3][s] = scale * w[6 + s];
    }
    for (int a = 0; a < 4; a++) {
        float *to = y + 4 * (reversed ? 3 - a : a);
        to[reversed ? 3 : 0] = r[a][0];
        to[reversed ? 2 : 1] = r[a][0] + r[a][1];
        to[reversed ? 1 : 2] = r[a][1] + r[a][2];
        to[reversed ? 0 : 3] = r[a][2];
    }
}

/* The transpose: dw [3, 3] from dy [4, 4]. */
static inline void ftl_box_one_grad(
        float *dw, const float *dy, float scale, int reversed) {
    float r[4][3];
    for (int a = 0; a < 4; a++) {
        const float *from = dy + 4 * (reversed ? 3 - a : a);
        for (int s = 0; s < 3; s++)
            r[a][s] = reversed ? from[3 - s] + from[2 - s] : from[s] + from[s + 1];
    }
    for (int t = 0; t < 3; t++)
        for (int s = 0; s < 3; s++)
            dw[3 * t + s] = scale * (r[t][s] + r[t + 1][s]);
}

#endif
