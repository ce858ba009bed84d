/* test_features_inception.c - the features of the Inception graph of 2015, from a file
 * of weights: what is read, what is refused, and that images do not depend on their
 * company. What the graph computes is test_parity_inception.c's. */
#include "test/harness.h"
#include "test/trainers/inception_fixture.h"
#include "trainers/features.h"
#include "trainers/inception_input.h"

#include <stdio.h>
#include <string.h>

enum { PX = 24, IMAGES = 3, FEATURES = FTL_INCEPTION_FEATURES };

/* Of the fixture's weights, as tools/convert_inception.py computes it too: see
 * test/tools/test_convert_inception.py. */
static const char *const fixture_hash = "2996b803560248760cc3a8d428a84ed8"
                                        "6d4f40e04ee475622766d1e8e82d43ea";

static char path[4096];
static ftl_store *store;

static void write_weights(const char *kind, const char *extra) {
    snprintf(path, sizeof path, "%s/weights.h5", ftl_test_directory());
    FTL_CHECK_OK(inception_write(path, kind, store, extra));
}

static void are_of_each_image(void) {
    static uint8_t pixels[IMAGES * PX * PX * 3];
    static float all[IMAGES * FEATURES];
    const ftl_pack pack = {
            .n = IMAGES, .height = PX, .width = PX, .channels = 3, .images = pixels};
    const int64_t index[IMAGES] = {2, 0, 2};
    ftl_features f;
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * i * 31 / 7);
    FTL_CHECK_OK(inception_draw(&store));
    write_weights("inception-2015", NULL);
    FTL_CHECK_OK(ftl_features_of_inception(&f, path, 3));
    FTL_CHECK(f.d == FEATURES && !strcmp(f.name, "inception-2015"));
    FTL_CHECK(!strcmp(f.resizer, "bilinear-299 without antialiasing"));
    FTL_CHECK(!strcmp(f.hash, fixture_hash));
    ftl_features_extract(&f, all, &pack, index, IMAGES);
    ftl_features_deinit(&f);
    const size_t bytes = FEATURES * sizeof *all;
    FTL_CHECK(!memcmp(all, all + 2 * FEATURES, bytes));
    FTL_CHECK(memcmp(all, all + FEATURES, bytes) != 0);
}

/* Other weights are another extractor. */
static void hash_names_the_weights(void) {
    char hash[FTL_SHA256_HEX];
    store->state[17]->data[3] += 0.5f;
    write_weights("inception-2015", NULL);
    FTL_CHECK_OK(ftl_features_check_inception(hash, path));
    FTL_CHECK(strlen(hash) == 64 && strcmp(hash, fixture_hash) != 0);
}

static void other_files_are_refused(void) {
    char hash[FTL_SHA256_HEX];
    write_weights("inception-2015", "other");
    FTL_CHECK_FAILS(ftl_features_check_inception(hash, path), FTL_EFORMAT,
            "holds a tensor other, which the model does not have");
    ftl_store_free(store);
    FTL_CHECK_OK(ftl_store_create(&store, "inception")); /* of no tensors */
    FTL_CHECK_OK(ftl_store_allocate(store, 0, "inception"));
    write_weights("training", NULL);
    FTL_CHECK_FAILS(ftl_features_check_inception(hash, path), FTL_EINPUT,
            "inception-2015 checkpoint is needed for these features");
    write_weights("inception-2015", NULL);
    FTL_CHECK_FAILS(ftl_features_check_inception(hash, path), FTL_EFORMAT,
            "has no tensor inception.Conv2d_1a_3x3.weight");
    FTL_CHECK_FAILS(ftl_features_check_inception(hash, "nowhere.h5"), FTL_EINPUT, "");
    ftl_store_free(store);
}

int main(void) {
    FTL_TEST(are_of_each_image);
    FTL_TEST(hash_names_the_weights);
    FTL_TEST(other_files_are_refused);
    return ftl_test_finish();
}
