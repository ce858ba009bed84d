/* lapack.h - the two decompositions that metrics need; the only user of LAPACK.
 *
 * On one thread, whatever LAPACK the system has chosen: a library of threads of its own
 * would stand beside OpenMP's, and the order of its sums would follow their number. So
 * the bits depend on the library and the instruction set alone. */
#ifndef FTL_TRAINERS_METRICS_LAPACK_H
#define FTL_TRAINERS_METRICS_LAPACK_H

#include "engine/base/status.h"

#include <stdint.h>

/* Eigenvalues and eigenvectors of a symmetric matrix: a = v^T diag(w) v.
 * a  [d, d], finite; overwritten by v, its rows the vectors, of length 1
 * w  [d], ascending
 * Fails with FTL_ENOMEM, or FTL_ENUMERIC where LAPACK does not converge. */
ftl_status ftl_lapack_eigen(double *a, double *w, int64_t d);

/* Singular values of a matrix, largest first.
 * a  [m, n], finite; overwritten
 * s  [the lesser of m and n]
 * Errors as above. */
ftl_status ftl_lapack_singular_values(double *s, double *a, int64_t m, int64_t n);

/* Which LAPACK it is: "OpenBLAS 0.3.21 ... SkylakeX", "lapack 3.11.0". */
#define FTL_LAPACK_TEXT 128
const char *ftl_lapack_version(char text[FTL_LAPACK_TEXT]);

#endif
