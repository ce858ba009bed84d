/* run_describe.c - what a run would do and need, for --dry-run. */
#include "trainers/methods/method.h"
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

/* What some configurations keep and others do not. */
typedef struct extras {
    size_t moment1, best, anchor; /* 0 or 1 */
    size_t frozen, trained;       /* discriminators beside the first */
} extras;

static ftl_status find_extras(ftl_run_state *run, extras *out) {
    *out = (extras) {0};
    for (int i = 0; i < run->settings.run.n; i++) {
        const ftl_variant *stage = &run->settings.run.item[i];
        if (stage->kind == FTL_STAGE_PRETRAIN)
            out->moment1 |= ((ftl_pretrain_settings *)stage->section)->gan.beta1 > 0;
        if (stage->kind != FTL_STAGE_ADAPT) continue;
        const ftl_adapt_settings *adapt = stage->section;
        ftl_adaptation adaptation;
        FTL_TRY(ftl_adaptation_expand(&adaptation, adapt,
                (int)run->settings.model.resolution, "adapt", run->arena));
        FTL_TRY(ftl_adaptation_apply(&adaptation, &run->gan));
        out->moment1 |= adapt->gan.beta1 > 0;
        out->anchor |= adaptation.ewc > 0;
        for (int k = 1; k < adaptation.n_judges; k++)
            *(adaptation.judge[k].trains ? &out->trained : &out->frozen) += 1;
        out->best |= adapt->keep == 1;
    }
    return FTL_OK;
}

/* What presets come to. */
static ftl_status print_adaptations(ftl_run_state *run, FILE *file) {
    for (int i = 0; i < run->settings.run.n; i++) {
        ftl_adaptation adaptation;
        const char *text;
        if (run->settings.run.item[i].kind != FTL_STAGE_ADAPT) continue;
        const ftl_adapt_settings *adapt = run->settings.run.item[i].section;
        FTL_TRY(ftl_adaptation_expand(&adaptation, adapt,
                (int)run->settings.model.resolution, "adapt", run->arena));
        FTL_TRY(ftl_adaptation_describe(&text, &adaptation, adapt, 2, run->arena));
        fprintf(file, "%s is\n%s\n", ftl_methods[adapt->method]->name, text);
    }
    return FTL_OK;
}

ftl_status ftl_run_describe(ftl_run_state *run, FILE *file) {
    const double mib = 1048576;
    size_t plans;
    extras more;
    FTL_TRY(find_extras(run, &more));
    FTL_TRY(measure_plans(run, largest_batch(&run->settings), &plans));
    size_t g = block_bytes(run->gan.g), d = block_bytes(run->gan.d[0].store);
    size_t c = block_bytes(run->classifier.store);
    /* Value, gradient, second moment; G's average and the best of it; C's moments. */
    size_t networks = (5 + more.moment1 + 2 * more.anchor) * g +
                      ((3 + more.moment1) * (1 + more.trained) + more.frozen) * d +
                      4 * c;
    size_t checkpoint = (3 + more.moment1 + more.best + 2 * more.anchor) * g +
                        ((2 + more.moment1) * (1 + more.trained) + more.frozen) * d +
                        3 * c;
    /* Of two stages that ended, two rolling ones, and one that is being written. */
    size_t disk = 5 * checkpoint;
    if (run->settings.data.source) disk += run->data.files[0]->sealed.n_map;
    fprintf(file, "%s\n", run->resolved);
    FTL_TRY(print_adaptations(run, file));
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
            "disk          at most %.0f MiB in %s, checkpoints of up to %.0f MiB\n",
            (double)disk / mib + 1, run->directory, (double)checkpoint / mib);
    fprintf(file, "nothing was written\n");
    return FTL_OK;
}
