/* test_features.c - feature vectors by the penultimate layer of a classifier. */
#include "datasets/batch.h"
#include "test/harness.h"
#include "trainers/features.h"

#include <stdlib.h>
#include <string.h>

enum { PX = 32, IMAGES = 70, WIDTH = 4, FEATURES = 8 * WIDTH };

static uint8_t pixels[IMAGES * PX * PX * 3];
static const ftl_pack pack = {
        .n = IMAGES, .height = PX, .width = PX, .channels = 3, .images = pixels};

static ftl_status make(ftl_classifier *c) {
    uint32_t state = 99;
    for (size_t i = 0; i < sizeof pixels; i++) {
        state = state * 1664525u + 1013904223u;
        pixels[i] = (uint8_t)(state >> 24);
    }
    ftl_classifier_options options = {
            .resolution = PX, .channels = 3, .width = WIDTH, .classes = 2};
    return ftl_classifier_init(c, &options, 5);
}

static void are_what_the_last_layer_sees(void) {
    ftl_classifier c;
    ftl_features f;
    ftl_plan *plan;
    static float all[IMAGES * FEATURES];
    int64_t index[IMAGES];
    for (int i = 0; i < IMAGES; i++)
        index[i] = i;
    FTL_CHECK_OK(make(&c));
    FTL_CHECK_OK(ftl_features_of_classifier(&f, &c));
    FTL_CHECK(f.d == FEATURES && strlen(f.hash) == 64 && !strcmp(f.name, "resnet18"));
    ftl_features_extract(&f, all, &pack, NULL, IMAGES);
    ftl_features_deinit(&f);
    FTL_CHECK_OK(ftl_classifier_plan_predict(&plan, &c, IMAGES));
    ftl_batch_gather(ftl_plan_input(plan, "x"), &pack, index, NULL, IMAGES);
    ftl_plan_run(plan);
    const float *want = ftl_plan_output(plan, "features");
    float largest = 0, error = 0;
    for (int i = 0; i < IMAGES * FEATURES; i++) {
        float gap = all[i] > want[i] ? all[i] - want[i] : want[i] - all[i];
        if (!(gap <= error)) error = gap;
        if (want[i] > largest) largest = want[i];
    }
    ftl_plan_free(plan);
    ftl_classifier_deinit(&c);
    FTL_CHECK(largest > 0);
    FTL_CHECK_NEAR(error, 0, 1e-5 * (double)largest);
}

static void do_not_depend_on_their_company(void) {
    ftl_classifier c;
    ftl_features f;
    static float all[IMAGES * FEATURES], some[3 * FEATURES];
    const int64_t index[] = {69, 0, 33};
    FTL_CHECK_OK(make(&c));
    FTL_CHECK_OK(ftl_features_of_classifier(&f, &c));
    ftl_features_extract(&f, all, &pack, NULL, IMAGES);
    ftl_features_extract(&f, some, &pack, index, 3);
    ftl_features_deinit(&f);
    ftl_classifier_deinit(&c);
    for (int i = 0; i < 3; i++)
        FTL_CHECK(memcmp(some + i * FEATURES, all + index[i] * FEATURES,
                          FEATURES * sizeof(float)) == 0);
    FTL_CHECK(memcmp(all, all + FEATURES, FEATURES * sizeof(float)) != 0);
}

/* Other weights are another extractor. */
static void hash_names_the_weights(void) {
    ftl_classifier c;
    ftl_features f;
    char hash[FTL_SHA256_HEX];
    FTL_CHECK_OK(make(&c));
    FTL_CHECK_OK(ftl_features_of_classifier(&f, &c));
    memcpy(hash, f.hash, sizeof hash);
    ftl_features_deinit(&f);
    c.store->block[3] += 0.5f;
    FTL_CHECK_OK(ftl_features_of_classifier(&f, &c));
    FTL_CHECK(strcmp(hash, f.hash) != 0);
    ftl_features_deinit(&f);
    ftl_classifier_deinit(&c);
}

int main(void) {
    FTL_TEST(are_what_the_last_layer_sees);
    FTL_TEST(do_not_depend_on_their_company);
    FTL_TEST(hash_names_the_weights);
    return ftl_test_finish();
}
