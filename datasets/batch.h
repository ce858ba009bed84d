/* batch.h - between packed images and what networks take and give.
 *
 * Packed: uint8 [n, H, W, C] in 0 .. 255. Network: float [n, C, H, W] in [-1, 1].
 * There is no loader thread: a training step gathers straight from the mapped file. */
#ifndef FTL_DATASETS_BATCH_H
#define FTL_DATASETS_BATCH_H

#include "datasets/pack.h"

#include <stdbool.h>
#include <stdint.h>

/* Gather n images as a network takes them: x / 127.5 - 1.
 * out    [n, channels, height, width], overwritten
 * index  [n], each in 0 .. pack->n - 1
 * flip   [n]: mirror left and right; NULL: none is
 * Equal bits for any number of threads. */
void ftl_batch_gather(float *out, const ftl_pack *pack, const int64_t *index,
        const bool *flip, int64_t n);

/* The way back: floor((x + 1) * 127.5 + 0.5), that is rounded to nearest with halves
 * up, limited to 0 .. 255; NaN becomes 0. Undoes ftl_batch_gather exactly.
 * out  uint8 [n, height, width, channels], overwritten
 * x    [n, channels, height, width] */
void ftl_batch_to_bytes(
        uint8_t *out, const float *x, int64_t n, int channels, int height, int width);

#endif
