/* order.h - the order in which a training run sees a set.
 *
 * Sample p of a run (p counts all samples since the run began) is element
 * permutation_e(p mod n) with e = p / n: each epoch visits every image once, in an
 * order of its own. So the position is the only state: there is nothing else to save,
 * and any rank can find out what any other sees. The permutation of one epoch is
 * cached. */
#ifndef FTL_DATASETS_ORDER_H
#define FTL_DATASETS_ORDER_H

#include "engine/base/status.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct ftl_order {
    uint64_t seed;
    uint32_t stream;
    int64_t n;
    int64_t epoch;        /* that `permutation` is of, -1 if none */
    int64_t *permutation; /* [n], owned */
} ftl_order;

/* stream: FTL_STREAM_ORDER or another of random.h; n > 0. Fails with FTL_ENOMEM.
 * Release with ftl_order_deinit. */
ftl_status ftl_order_init(ftl_order *out, int64_t n, uint64_t seed, uint32_t stream);
void ftl_order_deinit(ftl_order *order);

/* What stands at positions first .. first + count - 1.
 * out    [count], overwritten
 * index  [n]: position k of the permutation stands for index[k]; NULL: for k itself
 * One thread per order. */
void ftl_order_take(ftl_order *order, int64_t *out, const int64_t *index, int64_t first,
        int64_t count);

/* Is the sample at each of these positions mirrored? A fair coin for each.
 * out     [count], overwritten
 * stream  FTL_STREAM_FLIP or another of random.h */
void ftl_order_flips(
        bool *out, uint64_t seed, uint32_t stream, int64_t first, int64_t count);

#endif
