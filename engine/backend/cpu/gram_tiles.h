/* gram_tiles.h - the loops of gram_tiles.c, once for each instruction set level; see
 * engine/backend/gram.h. */
#ifndef FTL_ENGINE_BACKEND_CPU_GRAM_TILES_H
#define FTL_ENGINE_BACKEND_CPU_GRAM_TILES_H

#include <stdint.h>

#define FTL_GRAM_BLOCK 64

/* c [64, 64] += a^T b, or the squared distances between columns of a and b.
 * a, b  [depth, 64]; c[i][j] is summed up in the order of depth */
typedef void ftl_cpu_gram(double *c, const double *a, const double *b, int64_t depth);

extern ftl_cpu_gram ftl_cpu_gram_products_baseline, ftl_cpu_gram_products_v3,
        ftl_cpu_gram_products_v4, ftl_cpu_gram_products_v4_bf16;
extern ftl_cpu_gram ftl_cpu_gram_distances_baseline, ftl_cpu_gram_distances_v3,
        ftl_cpu_gram_distances_v4, ftl_cpu_gram_distances_v4_bf16;

#endif
