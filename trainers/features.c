/* features.c - see features.h. */
#include "trainers/features.h"

#include "datasets/batch.h"

#include <string.h>

enum { BATCH = 64 };

ftl_status ftl_features_of_classifier(ftl_features *f, ftl_classifier *classifier) {
    uint8_t digest[FTL_SHA256_BYTES];
    const ftl_store *store = classifier->store;
    *f = (ftl_features) {.name = "resnet18",
            .resizer = "none",
            .d = 8 * (int64_t)classifier->options.width,
            .batch = BATCH};
    FTL_TRY(ftl_sha256(digest, store->block, (size_t)store->n_block * sizeof(float)));
    ftl_sha256_hex(f->hash, digest);
    return ftl_classifier_plan_features(&f->plan, classifier, BATCH);
}

void ftl_features_deinit(ftl_features *f) {
    ftl_plan_free(f->plan);
    *f = (ftl_features) {0};
}

void ftl_features_extract(ftl_features *f, float *out, const ftl_pack *pack,
        const int64_t *index, int64_t n) {
    int64_t take, of[BATCH];
    const float *features = ftl_plan_output(f->plan, "features");
    for (int64_t first = 0; first < n; first += take) {
        take = n - first < BATCH ? n - first : BATCH;
        /* A partial batch is filled up with its first image, and cut below. */
        for (int64_t i = 0; i < BATCH; i++) {
            const int64_t at = first + (i < take ? i : 0);
            of[i] = index ? index[at] : at;
        }
        ftl_batch_gather(ftl_plan_input(f->plan, "x"), pack, of, NULL, BATCH);
        ftl_plan_run(f->plan);
        memcpy(out + first * f->d, features, (size_t)(take * f->d) * sizeof *out);
    }
}
