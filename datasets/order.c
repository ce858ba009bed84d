/* order.c - see order.h. */
#include "datasets/order.h"

#include "engine/base/random.h"

#include <assert.h>
#include <stdlib.h>

ftl_status ftl_order_init(ftl_order *out, int64_t n, uint64_t seed, uint32_t stream) {
    assert(n > 0);
    *out = (ftl_order) {.seed = seed, .stream = stream, .n = n, .epoch = -1};
    out->permutation = malloc(sizeof *out->permutation * (size_t)n);
    if (!out->permutation)
        return ftl_fail(
                FTL_ENOMEM, "no memory for the order of %lld images", (long long)n);
    return FTL_OK;
}

void ftl_order_deinit(ftl_order *order) {
    free(order->permutation);
    *order = (ftl_order) {0};
}

void ftl_order_take(ftl_order *order, int64_t *out, const int64_t *index, int64_t first,
        int64_t count) {
    assert(first >= 0 && count >= 0);
    for (int64_t i = 0; i < count; i++) {
        int64_t epoch = (first + i) / order->n, at = (first + i) % order->n;
        if (epoch != order->epoch) {
            ftl_random_key key = {order->seed, order->stream, (uint64_t)epoch};
            ftl_random_permutation(order->permutation, order->n, key);
            order->epoch = epoch;
        }
        int64_t element = order->permutation[at];
        out[i] = index ? index[element] : element;
    }
}

void ftl_order_flips(
        bool *out, uint64_t seed, uint32_t stream, int64_t first, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        uint32_t bits[4];
        ftl_random_key key = {seed, stream, 0};
        ftl_random_bits(bits, key, (uint64_t)(first + i), 0);
        out[i] = bits[0] >> 31;
    }
}
