/* machine.c - see machine.h. */
#include "engine/backend/machine.h"

#include "engine/backend/cpu/peak.h"
#include "engine/backend/kernel.h"
#include "engine/backend/onednn.h"
#include "engine/base/clock.h"

#include <math.h>
#include <omp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Short tries, many of them: some fall between what others do on the machine. */
enum { TRIES = 12, SHORT_TRIES = 60, SIDE = 768 };
#define ROUNDS 500000    /* of multiply-adds: a millisecond or a few */
#define ARRAY (12 << 20) /* floats of an array */
#define PIECE_BYTES 64   /* where threads may begin */

static ftl_cpu_multiply_adds *multiply_adds(void) {
#ifdef FTL_CPU_X86
    ftl_cpu_multiply_adds *const all[FTL_CPU_LEVELS] = {ftl_cpu_multiply_adds_baseline,
            ftl_cpu_multiply_adds_v3, ftl_cpu_multiply_adds_v4,
            ftl_cpu_multiply_adds_v4_bf16};
    return all[ftl_cpu_level_used()];
#else
    return ftl_cpu_multiply_adds_baseline;
#endif
}

static ftl_cpu_multiply_adds *bf16_multiply_adds(void) {
#ifdef FTL_CPU_X86
    ftl_cpu_multiply_adds *const all[FTL_CPU_LEVELS] = {
            ftl_cpu_bf16_multiply_adds_baseline, ftl_cpu_bf16_multiply_adds_v3,
            ftl_cpu_bf16_multiply_adds_v4, ftl_cpu_bf16_multiply_adds_v4_bf16};
    return all[ftl_cpu_level_used()];
#else
    return ftl_cpu_bf16_multiply_adds_baseline;
#endif
}

static ftl_cpu_triad *triad(void) {
#ifdef FTL_CPU_X86
    ftl_cpu_triad *const all[FTL_CPU_LEVELS] = {ftl_cpu_triad_baseline,
            ftl_cpu_triad_v3, ftl_cpu_triad_v4, ftl_cpu_triad_v4_bf16};
    return all[ftl_cpu_level_used()];
#else
    return ftl_cpu_triad_baseline;
#endif
}

static double rate(ftl_cpu_multiply_adds *run, float *sum) {
    const double start = ftl_clock_s();
    const double flop = run(sum, ROUNDS);
    return flop / (ftl_clock_s() - start);
}

bool ftl_machine_gains_by_bf16(void) {
    volatile float kept;
    float sum = 0;
    double fp32 = 0, bf16 = 0;
    if (!ftl_onednn_has_bf16()) return false;
    for (int i = 0; i < TRIES; i++) {
        fp32 = fmax(fp32, rate(multiply_adds(), &sum));
        bf16 = fmax(bf16, rate(bf16_multiply_adds(), &sum));
    }
    kept = sum;
    (void)kept;
    return bf16 >= FTL_BF16_WORTH * fp32;
}

/* Each thread's best, added up: cores share no multipliers, and on a busy machine
 * hardly a try has all of them at once. */
static double measure_arithmetic(void) {
    ftl_cpu_multiply_adds *run = multiply_adds();
    volatile float kept = 0;
    double flop_per_s = 0;
    float sum = 0;
#pragma omp parallel reduction(+ : flop_per_s, sum)
    for (int i = 0; i < SHORT_TRIES; i++)
        flop_per_s = fmax(flop_per_s, rate(run, &sum));
    kept = sum;
    (void)kept;
    return flop_per_s;
}

static ftl_status measure_memory(double *bytes_per_s) {
    ftl_cpu_triad *run = triad();
    float *a = aligned_alloc(PIECE_BYTES, 3 * (size_t)ARRAY * sizeof *a);
    if (!a) return ftl_fail(FTL_ENOMEM, "out of memory for measuring its speed");
    *bytes_per_s = 0;
    for (int i = 0; i <= TRIES; i++) {
        const double start = ftl_clock_s();
#pragma omp parallel
        {
            const int64_t lines = ARRAY * (int64_t)sizeof *a / PIECE_BYTES;
            const int64_t step = PIECE_BYTES / (int64_t)sizeof *a;
            const int64_t thread = omp_get_thread_num(), n = omp_get_num_threads();
            const int64_t begin = lines * thread / n * step;
            const int64_t end = lines * (thread + 1) / n * step;
            /* The first try is each thread's own first touch of its part. */
            if (i == 0)
                for (int k = 0; k < 3; k++)
                    memset(a + k * (int64_t)ARRAY + begin, 0,
                            (size_t)(end - begin) * sizeof *a);
            else
                run(a + begin, a + ARRAY + begin, a + 2 * (int64_t)ARRAY + begin,
                        end - begin);
        }
        const double bytes = 3.0 * ARRAY * sizeof *a;
        if (i > 0) *bytes_per_s = fmax(*bytes_per_s, bytes / (ftl_clock_s() - start));
    }
    free(a);
    return FTL_OK;
}

/* One thread's best: of zeros, since what is multiplied makes no difference. */
static ftl_status measure_product(double *flop_per_s) {
    const size_t n = (size_t)SIDE * SIDE;
    ftl_onednn *primitive;
    *flop_per_s = 0;
    FTL_TRY(ftl_onednn_matmul_create(
            &primitive, SIDE, SIDE, SIDE, false, false, FTL_BF16, FTL_F32));
    const size_t scratch_bytes = ftl_onednn_scratch_bytes(primitive);
    const size_t bytes = 8 * n + (scratch_bytes + 63) / 64 * 64;
    unsigned char *memory = aligned_alloc(64, bytes);
    if (!memory) {
        ftl_onednn_release(primitive);
        return ftl_fail(FTL_ENOMEM, "out of memory for measuring products");
    }
    memset(memory, 0, bytes);
    for (int i = 0; i < SHORT_TRIES; i++) {
        const double start = ftl_clock_s();
        ftl_onednn_run(primitive, (const void *[]) {memory, memory + 2 * n},
                memory + 4 * n, memory + 8 * n);
        *flop_per_s =
                fmax(*flop_per_s, 2.0 * SIDE * SIDE * SIDE / (ftl_clock_s() - start));
    }
    free(memory);
    ftl_onednn_release(primitive);
    return FTL_OK;
}

/* What two threads hand to each other; on a cache line of its own. Odd: it is up to the
 * other one. */
typedef struct ball {
    _Alignas(64) atomic_int turn;
} ball;

enum { TRIPS = 64, STOP = -1 };

/* The best of some tries; others on the machine may make each take forever. */
static double throw_ball(ball *b) {
    const double begin = ftl_clock_s(), longest = 0.02;
    double best = INFINITY;
    int turn = 0;
    for (int i = 0; i < SHORT_TRIES && ftl_clock_s() - begin < longest; i++) {
        const double start = ftl_clock_s();
        for (int k = 0; k < TRIPS; k++, turn += 2) {
            atomic_store(&b->turn, turn + 1);
            while (atomic_load(&b->turn) != turn + 2)
                continue;
        }
        best = fmin(best, (ftl_clock_s() - start) / TRIPS);
    }
    atomic_store(&b->turn, STOP);
    return best;
}

static void return_ball(ball *b) {
    for (int turn = 1;; turn += 2) {
        int now;
        while ((now = atomic_load(&b->turn)) != turn && now != STOP)
            continue;
        if (now == STOP) return;
        atomic_store(&b->turn, turn + 1);
    }
}

static double measure_round_trip(int threads) {
    double longest = 0;
    for (int other = 1; other < threads; other++) {
        ball b;
        double taken = 0;
        atomic_init(&b.turn, 0);
#pragma omp parallel
        {
            const int thread = omp_get_thread_num();
            if (thread == 0 && omp_get_num_threads() > other) taken = throw_ball(&b);
            if (thread == other) return_ball(&b);
        }
        longest = fmax(longest, taken);
    }
    return longest;
}

ftl_status ftl_machine_measure(ftl_machine *out) {
    *out = (ftl_machine) {.threads = omp_get_max_threads()};
    out->flop_per_s = measure_arithmetic();
    FTL_TRY(measure_memory(&out->bytes_per_s));
    out->round_trip_s = measure_round_trip(out->threads);
    if (!ftl_onednn_has_bf16()) return FTL_OK;
    omp_set_num_threads(1);
    ftl_status status = measure_product(&out->bf16_flop_per_s);
    omp_set_num_threads(out->threads);
    out->bf16_flop_per_s *= out->threads;
    return status;
}
