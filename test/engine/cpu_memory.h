/* cpu_memory.h - numbers, and tensors of any type and layout that hold them. */
#ifndef FTL_TEST_ENGINE_CPU_MEMORY_H
#define FTL_TEST_ENGINE_CPU_MEMORY_H

#include "engine/bf16.h"
#include "engine/tensor.h"
#include "test/engine/cpu_rows.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static uint64_t random_state = 1;

static inline double random_uniform(void) { /* in (0, 1) */
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return ((double)(random_state >> 40) + 0.5) / 16777216;
}

static inline float random_value(values kind) {
    const double u = random_uniform(), v = random_uniform();
    const double normal = sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
    static const float special[] = {0, -0.0f, 1, -1, NAN, INFINITY, -INFINITY, 1e-30f};
    switch (kind) {
    case NORMAL:
        return (float)normal;
    case POSITIVE:
        return (float)(0.2 + fabs(normal));
    case UNIT:
        return (float)(2 * u - 1);
    case AWAY_FROM_0:
        return (float)(normal < 0 ? normal - 0.3 : normal + 0.3);
    case QUARTERS:
        return (float)(round(4 * normal) / 4); /* ties for max_pool */
    case SPECIAL:
        return special[(int)(8 * u)];
    }
    return 0;
}

static inline int64_t floats_of(const ftl_tensor *t) {
    return (int64_t)(ftl_tensor_bytes(t) / ftl_type_bytes(t->type));
}

/* Exactly as large as needed, so that AddressSanitizer sees what is read or written
 * behind the end; filled with NaN, in either type. */
static inline void *memory(size_t n_bytes) {
    void *p = NULL;
    if (posix_memalign(&p, 64, n_bytes ? n_bytes : 1)) abort();
    memset(p, 0xff, n_bytes);
    return p;
}

/* Element i of a dense tensor lies here in a tensor of the same shape. */
static inline int64_t position(const ftl_tensor *t, int64_t i) {
    if (t->layout.kind == FTL_DENSE) return i;
    const int64_t inner = t->shape.dim[2] * t->shape.dim[3], s = i % inner;
    const int64_t c = i / inner % t->shape.dim[1], n = i / inner / t->shape.dim[1];
    const int64_t block = t->layout.block,
                  n_blocks = (t->shape.dim[1] + block - 1) / block;
    return ((n * n_blocks + c / block) * inner + s) * block + c % block;
}

static inline float load(const ftl_tensor *t, int64_t at) {
    if (t->type == FTL_BF16) return ftl_bf16_widen(((const uint16_t *)t->data)[at]);
    return ((const float *)t->data)[at];
}

static inline void store(ftl_tensor *t, int64_t at, float value) {
    if (t->type == FTL_BF16)
        ((uint16_t *)t->data)[at] = ftl_bf16_narrow(value);
    else
        ((float *)t->data)[at] = value;
}

static inline void *from_dense(const ftl_tensor *like, const float *dense) {
    ftl_tensor t = *like;
    t.data = memory(ftl_tensor_bytes(&t));
    memset(t.data, 0, ftl_tensor_bytes(&t));
    const int64_t n = ftl_shape_count(t.shape);
    for (int64_t i = 0; i < n; i++)
        store(&t, position(&t, i), dense[i]);
    return t.data;
}

/* A layout that is offered to rank-4 inputs. */
static inline ftl_layout offer(int which, ftl_shape shape) {
    static const int blocks[] = {0, 8, 16, 0, 24};
    ftl_layout layout = {.kind = FTL_DENSE};
    if (shape.rank != 4 || which == 0) return layout;
    layout.kind = FTL_BLOCKED;
    layout.block = which == 3 ? (int)shape.dim[1] : blocks[which];
    return layout;
}
enum { N_OFFERS = 5 };

#endif
