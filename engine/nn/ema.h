/* ema.h - exponential moving average of a network: parameters and buffers. */
#ifndef FTL_ENGINE_NN_EMA_H
#define FTL_ENGINE_NN_EMA_H

#include "engine/store.h"

/* How much of the average stays when n_images more were seen: 2^(-n_images / h) with
 * the half-life h = min(half_life, ramp * seen), all in images. The ramp lets a young
 * average follow: early weights are forgotten (Karras et al. 2020, the EMA warm-up). */
double ftl_ema_decay(double n_images, double half_life, double seen, double ramp);

/* average = decay * average + (1 - decay) * live, over the whole block. The stores have
 * the same declarations. */
void ftl_ema_update(ftl_store *average, const ftl_store *live, double decay);

#endif
