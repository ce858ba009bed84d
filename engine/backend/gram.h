/* gram.h - all products of, or distances between, the vectors of two sets, in double.
 *
 * Each result is summed up in the order of the vectors' elements: equal bits for any
 * number of threads and the same level of instructions. Nothing is allocated. Matrices
 * are row-major. */
#ifndef FTL_ENGINE_BACKEND_GRAM_H
#define FTL_ENGINE_BACKEND_GRAM_H

#include <stdint.h>

/* c [m, n] += a^T b, with a [k, m] and b [k, n]. Where a and b are the same matrix c
 * must have been symmetric, and stays so to the bit. */
void ftl_gram_add(
        double *c, const double *a, int64_t m, const double *b, int64_t n, int64_t k);

/* c [m, n] = x y^T: products of the rows of x [m, d] and y [n, d]. */
void ftl_gram_products(
        double *c, const float *x, int64_t m, const float *y, int64_t n, int64_t d);

/* c [m, n]: squared Euclidean distances of the same rows; exactly 0 between equal ones.
 */
void ftl_gram_distances(
        double *c, const float *x, int64_t m, const float *y, int64_t n, int64_t d);

#endif
