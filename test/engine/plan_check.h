/* plan_check.h - what a plan calls, and whether two plans agree. */
#ifndef FTL_TEST_ENGINE_PLAN_CHECK_H
#define FTL_TEST_ENGINE_PLAN_CHECK_H

#include "engine/plan.h"

#include <math.h>
#include <string.h>

/* Calls of this op. */
static inline int plan_count(const ftl_plan *plan, const char *op) {
    int n = 0;
    for (int i = 0; i < ftl_plan_calls(plan); i++)
        n += strcmp(ftl_plan_call(plan, i).op, op) == 0;
    return n;
}

/* n numbers of an output, to 1e-5 of the largest; NaN is near to nothing. */
static inline bool plan_near(
        const ftl_plan *a, const ftl_plan *b, const char *name, int64_t n) {
    const float *x = ftl_plan_output(a, name), *y = ftl_plan_output(b, name);
    double error = 0, largest = 0;
    for (int64_t i = 0; i < n; i++) {
        const double e = fabs((double)x[i] - (double)y[i]);
        if (!(e <= error)) error = e;
        largest = fmax(largest, fabs((double)y[i]));
    }
    return error <= 1e-5 * largest;
}

#endif
