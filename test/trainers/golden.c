/* golden.c - see golden.h. */
#include "test/trainers/golden.h"

#include "engine/base/file.h"
#include "test/harness.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Norms below this part of the largest are rounding noise in float64: truly 0. */
#define TRULY_ZERO 1e-9
/* What float32 may make of a gradient that is truly 0, as a part of the largest. */
#define NOISE 1e-6

ftl_status ftl_golden_open(ftl_golden *golden, const char *name) {
    char path[512];
    size_t n_bytes;
    memset(golden, 0, sizeof *golden);
    golden->name = name;
    snprintf(path, sizeof path, "%s/%s.h5", FTL_TEST_GOLDEN, name);
    FTL_TRY(ftl_file_read(&golden->bytes, &n_bytes, path));
    ftl_status status = ftl_h5_open_borrowed(&golden->h5, golden->bytes, n_bytes, path);
    if (status != FTL_OK) free(golden->bytes);
    return status;
}

static void print_worst(
        const ftl_golden *golden, const char *what, const ftl_golden_worst *worst) {
    if (worst->at[0])
        printf("%s: largest error of %s %.1e (%s)\n", golden->name, what, worst->error,
                worst->at);
}

void ftl_golden_close(ftl_golden *golden) {
    print_worst(golden, "values", &golden->value);
    print_worst(golden, "gradients", &golden->gradient);
    print_worst(golden, "what moved", &golden->moved);
    ftl_h5_close(golden->h5);
    free(golden->bytes);
}

ftl_status ftl_golden_int(int *out, ftl_golden *golden, const char *name) {
    int64_t value;
    FTL_TRY(ftl_h5_attr_read(golden->h5, "/", name, FTL_H5_I64, 1, &value));
    *out = (int)value;
    return FTL_OK;
}

ftl_status ftl_golden_real(double *out, ftl_golden *golden, const char *name) {
    return ftl_h5_attr_read(golden->h5, "/", name, FTL_H5_F64, 1, out);
}

ftl_status ftl_golden_read(ftl_golden *golden, void *out, ftl_h5_type type,
        int64_t count, int64_t index, const char *path) {
    ftl_h5_info info;
    FTL_TRY(ftl_h5_describe(golden->h5, path, &info));
    int64_t stored = info.count, first = 0;
    if (index != FTL_GOLDEN_WHOLE) {
        stored = info.rank > 0 ? info.count / info.dims[0] : 0;
        first = index;
        if (info.rank == 0 || index >= info.dims[0])
            return ftl_fail(FTL_EFORMAT, "%s: %s has no entry %d", golden->name, path,
                    (int)index);
    }
    if (info.type != type || stored != count || info.offset < 0)
        return ftl_fail(FTL_EFORMAT, "%s: %s: wanted %d elements, found %d",
                golden->name, path, (int)count, (int)stored);
    memcpy(out, golden->bytes + info.offset + first * count * 4, (size_t)count * 4);
    return FTL_OK;
}

static ftl_status count_dataset(void *n, const char *path, const ftl_h5_info *info) {
    (void)path, (void)info;
    ++*(int *)n;
    return FTL_OK;
}

static int count_kind(const ftl_store *store, ftl_state_kind kind) {
    int n = 0;
    for (int i = 0; i < store->n_states; i++)
        n += store->state[i]->kind == kind;
    return n;
}

/* The file must not hold tensors that the store lacks: those would go unchecked. */
static ftl_status same_number(ftl_golden *golden, const ftl_store *store,
        ftl_state_kind kind, const char *folder) {
    int n = 0, wanted = count_kind(store, kind);
    if (wanted) FTL_TRY(ftl_h5_visit(golden->h5, folder, count_dataset, &n));
    if (n == wanted) return FTL_OK;
    return ftl_fail(FTL_EFORMAT, "%s: %s holds %d tensors, %s has %d", golden->name,
            folder, n, store->name, wanted);
}

ftl_status ftl_golden_load(
        ftl_golden *golden, ftl_store *store, const char *group, int64_t index) {
    static const char *const folders[] = {
            [FTL_PARAMETER] = "params", [FTL_BUFFER] = "buffers"};
    char path[256];
    for (int kind = 0; kind < 2; kind++) {
        snprintf(path, sizeof path, "/%s/%s", group, folders[kind]);
        FTL_TRY(same_number(golden, store, (ftl_state_kind)kind, path));
    }
    for (int i = 0; i < store->n_states; i++) {
        const ftl_state *state = store->state[i];
        snprintf(path, sizeof path, "/%s/%s/%s", group, folders[state->kind],
                state->name);
        FTL_TRY(ftl_golden_read(golden, state->data, FTL_H5_F32,
                ftl_shape_count(state->shape), index, path));
    }
    return FTL_OK;
}

static double norm(const float *x, int64_t n) {
    double squares = 0;
    for (int64_t i = 0; i < n; i++)
        squares += (double)x[i] * (double)x[i];
    return sqrt(squares);
}

static double distance(const float *x, const float *y, int64_t n) {
    double squares = 0;
    for (int64_t i = 0; i < n; i++)
        squares += ((double)x[i] - (double)y[i]) * ((double)x[i] - (double)y[i]);
    return sqrt(squares);
}

static void remember(
        ftl_golden_worst *worst, double error, const char *path, int64_t index) {
    if (worst->at[0] && error <= worst->error) return;
    worst->error = error;
    if (index == FTL_GOLDEN_WHOLE)
        snprintf(worst->at, sizeof worst->at, "%s", path);
    else
        snprintf(worst->at, sizeof worst->at, "%s [%d]", path, (int)index);
}

/* Entry `index` of a dataset, malloc'ed; NULL and a failed check if there is none. */
static float *fetch(
        ftl_golden *golden, int64_t count, int64_t index, const char *path) {
    float *want = malloc((size_t)count * sizeof *want);
    if (!want) abort();
    if (ftl_test_ok(__FILE__, __LINE__, path,
                (int)ftl_golden_read(golden, want, FTL_H5_F32, count, index, path)))
        return want;
    free(want);
    return NULL;
}

void ftl_golden_check(ftl_golden *golden, const float *got, int64_t count,
        double tolerance, int64_t index, const char *path) {
    float *want = fetch(golden, count, index, path);
    if (!want) return;
    double error = distance(got, want, count), size = norm(want, count);
    if (!(error <= tolerance * size))
        ftl_test_fail(__FILE__, __LINE__, "%s: %s [%d] is %.3e off, its norm is %.3e",
                golden->name, path, (int)index, error, size);
    remember(&golden->value, size > 0 ? error / size : error, path, index);
    free(want);
}

void ftl_golden_check_state(ftl_golden *golden, const ftl_store *store,
        ftl_state_kind kind, double tolerance, int64_t index, const char *folder) {
    char path[256];
    if (!ftl_test_ok(__FILE__, __LINE__, folder,
                (int)same_number(golden, store, kind, folder)))
        return;
    for (int i = 0; i < store->n_states; i++) {
        const ftl_state *state = store->state[i];
        if (state->kind != kind) continue;
        snprintf(path, sizeof path, "%s/%s", folder, state->name);
        ftl_golden_check(golden, state->data, ftl_shape_count(state->shape), tolerance,
                index, path);
    }
}

/* The norm of the float64 gradient at `path`, in step `index`. */
static ftl_status read_norm64(
        double *out, ftl_golden *golden, int64_t index, const char *path) {
    double all[64];
    ftl_h5_info info;
    FTL_TRY(ftl_h5_describe(golden->h5, path, &info));
    bool whole = index == FTL_GOLDEN_WHOLE;
    int64_t n = whole ? 1 : info.dims[0];
    if (n > 64 || index >= n)
        return ftl_fail(
                FTL_EFORMAT, "%s: %s: no step %d", golden->name, path, (int)index);
    FTL_TRY(ftl_h5_attr_read(golden->h5, path, "norm64", FTL_H5_F64, n, all));
    *out = all[whole ? 0 : index];
    return FTL_OK;
}

static ftl_status largest_norm64(double *out, ftl_golden *golden,
        const ftl_store *store, int64_t index, const char *folder) {
    char path[256];
    *out = 0;
    for (int i = 0; i < store->n_states; i++) {
        double size = 0;
        if (store->state[i]->kind != FTL_PARAMETER) continue;
        snprintf(path, sizeof path, "%s/%s", folder, store->state[i]->name);
        FTL_TRY(read_norm64(&size, golden, index, path));
        *out = fmax(*out, size);
    }
    return FTL_OK;
}

static void check_gradient(ftl_golden *golden, const float *got, int64_t count,
        double tolerance, double largest, int64_t index, const char *path) {
    double truth = 0, limit, error;
    float *want = fetch(golden, count, index, path);
    if (!want) return;
    if (ftl_test_ok(__FILE__, __LINE__, path,
                (int)read_norm64(&truth, golden, index, path))) {
        bool zero = truth <= TRULY_ZERO * largest;
        double size = norm(want, count);
        error = zero ? norm(got, count) : distance(got, want, count);
        limit = zero ? NOISE * largest : tolerance * (size + NOISE * largest);
        if (!(error <= limit))
            ftl_test_fail(__FILE__, __LINE__,
                    "%s: %s [%d] is %.3e off; its norm is %.3e (truly %.3e), the "
                    "largest of the network %.3e",
                    golden->name, path, (int)index, error, size, truth, largest);
        if (!zero) remember(&golden->gradient, error / size, path, index);
    }
    free(want);
}

void ftl_golden_check_gradients(ftl_golden *golden, const ftl_store *store,
        const float *block, double tolerance, int64_t index, const char *folder) {
    char path[256];
    double largest;
    if (!ftl_test_ok(__FILE__, __LINE__, folder,
                (int)same_number(golden, store, FTL_PARAMETER, folder)) ||
            !ftl_test_ok(__FILE__, __LINE__, folder,
                    (int)largest_norm64(&largest, golden, store, index, folder)))
        return;
    for (int i = 0; i < store->n_states; i++) {
        const ftl_state *state = store->state[i];
        if (state->kind != FTL_PARAMETER) continue;
        snprintf(path, sizeof path, "%s/%s", folder, state->name);
        check_gradient(golden, block + state->offset, ftl_shape_count(state->shape),
                tolerance, largest, index, path);
    }
}

ftl_status ftl_golden_gradient_is_zero(bool *zero, ftl_golden *golden,
        const ftl_store *store, const ftl_state *state, int64_t index,
        const char *folder) {
    char path[256];
    double largest, size;
    snprintf(path, sizeof path, "%s/%s", folder, state->name);
    FTL_TRY(largest_norm64(&largest, golden, store, index, folder));
    FTL_TRY(read_norm64(&size, golden, index, path));
    *zero = size <= TRULY_ZERO * largest;
    return FTL_OK;
}
