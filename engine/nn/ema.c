/* ema.c - see ema.h. */
#include "engine/nn/ema.h"

#include <assert.h>
#include <math.h>

double ftl_ema_decay(double n_images, double half_life, double seen, double ramp) {
    double h = ramp > 0 ? fmin(half_life, ramp * seen) : half_life;
    return h > 0 ? exp2(-n_images / h) : 0;
}

void ftl_ema_update(ftl_store *average, const ftl_store *live, double decay) {
    assert(average->n_block == live->n_block);
    float *restrict a = average->block;
    const float *restrict b = live->block;
    float rest = (float)(1 - decay);
#pragma omp parallel for simd schedule(static) if (live->n_block > 32768)
    for (int64_t i = 0; i < live->n_block; i++)
        a[i] += rest * (b[i] - a[i]);
}
