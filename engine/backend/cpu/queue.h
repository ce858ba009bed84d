/* queue.h - items of work for all threads, each of which keeps to its own.
 *
 * What a thread wrote, the next kernel's thread reads best if it is the same one, above
 * all where threads share no cache: so each has a contiguous share of the items, as
 * with schedule(static). But one that is done takes from the shares of the others, so
 * that none waits long for a thread that something else holds up. */
#ifndef FTL_ENGINE_BACKEND_CPU_QUEUE_H
#define FTL_ENGINE_BACKEND_CPU_QUEUE_H

#include "engine/backend/cpu/cpu.h"

#include <stdatomic.h>

/* Shares at most; more threads than that begin in one together. */
enum { FTL_CPU_SHARES = 64 };

typedef struct ftl_cpu_queue {
    struct {
        _Alignas(64) atomic_int_fast64_t next; /* on a cache line of its own */
        int64_t end;
    } share[FTL_CPU_SHARES];
    int n_shares;
} ftl_cpu_queue;

/* Items 0 .. n - 1. Before the parallel region, of which it knows the threads wanted;
 * it may have fewer. */
static inline void ftl_cpu_queue_fill(ftl_cpu_queue *q, int64_t n, int threads) {
    q->n_shares = threads < FTL_CPU_SHARES ? threads : FTL_CPU_SHARES;
    for (int i = 0; i < q->n_shares; i++) {
        atomic_init(&q->share[i].next, n * i / q->n_shares);
        q->share[i].end = n * (i + 1) / q->n_shares;
    }
}

/* *item: the calling thread's next one; false: all are taken, which is not to say done.
 * *visited: shares that it found empty, 0 at first. */
static inline bool ftl_cpu_queue_take(ftl_cpu_queue *q, int *visited, int64_t *item) {
    for (; *visited < q->n_shares; ++*visited) {
        const int i = (omp_get_thread_num() + *visited) % q->n_shares;
        *item = atomic_fetch_add_explicit(&q->share[i].next, 1, memory_order_relaxed);
        if (*item < q->share[i].end) return true;
    }
    return false;
}

#endif
