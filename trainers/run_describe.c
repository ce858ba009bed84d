/* run_describe.c - what a run would do and need, for --dry-run. */
#include "trainers/run_state.h"

#include <inttypes.h>

static size_t block_bytes(const ftl_store *store) {
    return (size_t)store->n_block * sizeof(float);
}

static int largest_batch(const ftl_settings *s) {
    int64_t batch = 2;
    for (int i = 0; i < s->run.n; i++) {
        const ftl_variant *stage = &s->run.item[i];
        int64_t b = 0;
        if (stage->kind == FTL_STAGE_PRETRAIN)
            b = ((ftl_pretrain_settings *)stage->section)->gan.batch;
        if (stage->kind == FTL_STAGE_ADAPT)
            b = ((ftl_adapt_settings *)stage->section)->gan.batch;
        if (b > batch) batch = b;
    }
    return (int)batch;
}

/* Bytes of the two plans of a GAN's phases at this batch. */
static ftl_status measure_plans(ftl_run_state *run, int batch, size_t *bytes) {
    ftl_plan *d = NULL, *g = NULL;
    ftl_status status = ftl_gan_plan_d(&d, &run->gan, batch);
    if (status == FTL_OK) status = ftl_gan_plan_g(&g, &run->gan, batch);
    if (status == FTL_OK) *bytes = ftl_plan_bytes(d) + ftl_plan_bytes(g);
    ftl_plan_free(d);
    ftl_plan_free(g);
    return status;
}

ftl_status ftl_run_describe(ftl_run_state *run, FILE *file) {
    const double mib = 1048576;
    size_t plans;
    FTL_TRY(measure_plans(run, largest_batch(&run->settings), &plans));
    size_t g = block_bytes(run->gan.g), d = block_bytes(run->gan.d[0].store);
    size_t c = block_bytes(run->classifier.store);
    /* G, its average, the best one; gradient and second moment of G and D. */
    size_t networks = 5 * g + 3 * d + 4 * c;
    size_t checkpoint = 4 * g + 2 * d + 3 * c;
    fprintf(file, "%s\n", run->resolved);
    ftl_splits_print(file, &run->data.splits);
    fprintf(file,
            "\nparameters    G %" PRId64 ", D %" PRId64 ", classifier %" PRId64 "\n",
            ftl_store_parameters(run->gan.g), ftl_store_parameters(run->gan.d[0].store),
            ftl_store_parameters(run->classifier.store));
    fprintf(file,
            "memory        about %.0f MiB: networks and optimisers %.0f, plans %.0f\n",
            (double)(networks + plans) / mib, (double)networks / mib,
            (double)plans / mib);
    fprintf(file,
            "disk          at most %.0f MiB in %s: five checkpoints of up to %.0f "
            "MiB\n",
            5 * (double)checkpoint / mib + 1, run->directory, (double)checkpoint / mib);
    fprintf(file, "nothing was written\n");
    return FTL_OK;
}
