/* golden.h - reading the files of test/golden/ and comparing with them.
 *
 * Differences are judged by norms: ||got - want|| against ||want||, since single
 * elements can be rounding noise. What differs is reported by ftl_test_fail, all of it,
 * and the case goes on; the largest errors are remembered and printed when the file is
 * closed. */
#ifndef FTL_TEST_TRAINERS_GOLDEN_H
#define FTL_TEST_TRAINERS_GOLDEN_H

#include "engine/base/h5.h"
#include "engine/store.h"

/* The largest relative error of a kind, and where. */
typedef struct ftl_golden_worst {
    double error;
    char at[288];
} ftl_golden_worst;

typedef struct ftl_golden {
    const char *name; /* "biggan32" */
    char *bytes;
    ftl_h5 *h5;
    ftl_golden_worst value, gradient, moved;
} ftl_golden;

/* An index along the leading axis of a dataset of states or steps; or the dataset has
 * no such axis. */
#define FTL_GOLDEN_WHOLE (-1)

/* Open test/golden/<name>.h5; name is borrowed. Close what was opened. */
ftl_status ftl_golden_open(ftl_golden *golden, const char *name);

/* Print the largest errors, if anything was compared, and release. */
void ftl_golden_close(ftl_golden *golden);

/* Attributes of the root. Fails with FTL_EFORMAT. */
ftl_status ftl_golden_int(int *out, ftl_golden *golden, const char *name);
ftl_status ftl_golden_real(double *out, ftl_golden *golden, const char *name);

/* Copy `count` elements of 4 bytes: all of a dataset, or entry `index` of it. Fails
 * with FTL_EFORMAT when it is absent or has another size; type is FTL_H5_F32 or
 * FTL_H5_I32. */
ftl_status ftl_golden_read(ftl_golden *golden, void *out, ftl_h5_type type,
        int64_t count, int64_t index, const char *path);

/* Load <group>/params and <group>/buffers into a store, which must have exactly these
 * tensors. */
ftl_status ftl_golden_load(
        ftl_golden *golden, ftl_store *store, const char *group, int64_t index);

/* ||got - want|| <= tolerance ||want||, or else a failed check. */
void ftl_golden_check(ftl_golden *golden, const float *got, int64_t count,
        double tolerance, int64_t index, const char *path);

/* The same for every tensor of a kind: <folder>/<tensor>. */
void ftl_golden_check_state(ftl_golden *golden, const ftl_store *store,
        ftl_state_kind kind, double tolerance, int64_t index, const char *folder);

/* Gradients <folder>/<parameter>, with `block` of the shape of the store's parameter
 * block: ||got - want|| <= tolerance (||want|| + 1e-6 s), s the network's largest norm.
 * Where the true gradient is 0 (norm64 below 1e-9 s) the numbers are rounding noise:
 * ||got|| <= 1e-6 s. */
void ftl_golden_check_gradients(ftl_golden *golden, const ftl_store *store,
        const float *block, double tolerance, int64_t index, const char *folder);

/* Is the true gradient of this parameter 0, in step `index`? */
ftl_status ftl_golden_gradient_is_zero(bool *zero, ftl_golden *golden,
        const ftl_store *store, const ftl_state *state, int64_t index,
        const char *folder);

#endif
