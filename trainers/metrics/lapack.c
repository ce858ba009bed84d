/* lapack.c - see lapack.h. */
#include "trainers/metrics/lapack.h"

#include "engine/base/spare.h"

#include <lapacke.h>
#include <omp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

/* What OpenBLAS has beside LAPACK; NULL in another library. */
extern void openblas_set_num_threads(int n) __attribute__((weak));
extern char *openblas_get_config(void) __attribute__((weak));
extern char *openblas_get_corename(void) __attribute__((weak));

/* OpenBLAS takes a buffer of 128 MiB of addresses at its first product, keeps it, and
 * where it gets none tries again for ever. So before it is called for the first time we
 * look whether there is room, and some for the rest. (With threads of its own it may
 * have a buffer already, and would need none; it does not say.) */
enum { BUFFER_BYTES = 144 << 20 };
static atomic_bool has_buffer;

static ftl_status check_room(const char *what) {
    if (!openblas_get_config || atomic_load(&has_buffer)) return FTL_OK;
    if (!ftl_spare_memory(BUFFER_BYTES))
        return ftl_fail(FTL_ENOMEM, "no memory left for %s", what);
    atomic_store(&has_buffer, true);
    return FTL_OK;
}

/* OpenBLAS comes in three kinds. The serial one has no threads; that of OpenMP asks
 * OpenMP how many there are; that of POSIX threads has to be told. Returns what
 * end_serial takes. */
static int begin_serial(void) {
    int threads = omp_get_max_threads();
    if (openblas_set_num_threads) openblas_set_num_threads(1);
    omp_set_num_threads(1);
    return threads;
}

static void end_serial(int threads) { omp_set_num_threads(threads); }

static ftl_status check(lapack_int info, const char *what) {
    if (info == 0) return FTL_OK;
    if (info == LAPACK_WORK_MEMORY_ERROR || info == LAPACK_TRANSPOSE_MEMORY_ERROR)
        return ftl_fail(FTL_ENOMEM, "no memory left for %s", what);
    return ftl_fail(FTL_ENUMERIC, "%s: LAPACK failed with %d", what, (int)info);
}

ftl_status ftl_lapack_eigen(double *a, double *w, int64_t d) {
    static const char what[] = "the eigenvalues of a covariance";
    const lapack_int n = (lapack_int)d;
    FTL_TRY(check_room(what));
    int threads = begin_serial();
    /* Columns of a Fortran matrix are rows of ours. */
    lapack_int info = LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'U', n, a, n, w);
    end_serial(threads);
    return check(info, what);
}

ftl_status ftl_lapack_singular_values(double *s, double *a, int64_t m, int64_t n) {
    static const char what[] = "the singular values of a product of covariances";
    double none[1];
    FTL_TRY(check_room(what));
    int threads = begin_serial();
    lapack_int info = LAPACKE_dgesdd(LAPACK_COL_MAJOR, 'N', (lapack_int)n,
            (lapack_int)m, a, (lapack_int)n, s, none, 1, none, 1);
    end_serial(threads);
    return check(info, what);
}

const char *ftl_lapack_version(char text[FTL_LAPACK_TEXT]) {
    if (openblas_get_config && openblas_get_corename) {
        snprintf(text, FTL_LAPACK_TEXT, "%s (%s)", openblas_get_config(),
                openblas_get_corename());
    } else {
        lapack_int major, minor, patch;
        LAPACKE_ilaver(&major, &minor, &patch);
        snprintf(text, FTL_LAPACK_TEXT, "lapack %d.%d.%d", (int)major, (int)minor,
                (int)patch);
    }
    return text;
}
