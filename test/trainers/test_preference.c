/* test_preference.c - mean scores of a discriminator by group, against a straight sum.
 */
#include "trainers/preference.h"

#include "datasets/batch.h"
#include "engine/base/random.h"
#include "test/harness.h"

#include <math.h>
#include <string.h>

enum { N = 150, N_SET = 100, PX = 32, GROUPS = 3 }; /* the set is more than one batch */

static float noise[N * PX * PX];
static uint8_t images[N * PX * PX];
static int64_t in_set[N_SET];
static int32_t group[N_SET];

/* Every seventh image has no group, and nobody is in the last one. */
static void make_set(ftl_pack_file *file, ftl_split *split) {
    const ftl_random_key key = {.seed = 2, .stream = FTL_STREAM_TEST};
    ftl_random_normal(noise, N * PX * PX, key, 0);
    for (int i = 0; i < N * PX * PX; i++)
        images[i] = (uint8_t)fminf(fmaxf(127.5F + 40 * noise[i], 0), 255);
    for (int i = 0; i < N_SET; i++) {
        in_set[i] = i + i / 2;
        group[i] = i % 7 == 6 ? -1 : i % 3 == 0;
    }
    *file = (ftl_pack_file) {.pack = {.n = N,
                                     .height = PX,
                                     .width = PX,
                                     .channels = 1,
                                     .images = images}};
    *split = (ftl_split) {.file = file, .n = N_SET, .index = in_set, .group = group};
}

/* The scores of one image after another. */
static ftl_status add_up(
        double *mean, const ftl_gan *gan, int index, const ftl_split *s) {
    int64_t count[GROUPS] = {0};
    ftl_plan *plan;
    FTL_TRY(ftl_gan_plan_score(&plan, gan, index, 1));
    for (int i = 0; i < N_SET; i++) {
        ftl_batch_gather(
                ftl_plan_input(plan, "x"), &s->file->pack, &s->index[i], NULL, 1);
        ftl_plan_run(plan);
        if (s->group[i] < 0) continue;
        mean[s->group[i]] += (double)*(const float *)ftl_plan_output(plan, "score");
        count[s->group[i]]++;
    }
    ftl_plan_free(plan);
    for (int k = 0; k < 2; k++)
        mean[k] /= (double)count[k];
    return FTL_OK;
}

static void means_by_group(void) {
    const ftl_gan_options options = {
            .resolution = PX, .channels = 1, .ch = 2, .z_dim = 8};
    double mean[GROUPS], of_first[GROUPS], straight[GROUPS] = {0};
    ftl_pack_file file;
    ftl_split split;
    ftl_gan gan;
    make_set(&file, &split);
    FTL_CHECK_OK(ftl_gan_init(&gan, &ftl_biggan, &options, 3, false));
    FTL_CHECK_OK(ftl_gan_add(&gan, "D_s", false));
    /* Another one than the first. */
    ftl_store_find(gan.d[1].store, "linear.bias")->data[0] += 0.5F;
    FTL_CHECK_OK(ftl_preference_measure(mean, &gan, 1, &split, GROUPS));
    FTL_CHECK_OK(ftl_preference_measure(of_first, &gan, 0, &split, GROUPS));
    FTL_CHECK_OK(add_up(straight, &gan, 1, &split));
    for (int k = 0; k < 2; k++)
        FTL_CHECK_NEAR(mean[k], straight[k], 1e-5);
    FTL_CHECK_NEAR(mean[0] - of_first[0], 0.5, 1e-5);
    FTL_CHECK(fabs(mean[0] - mean[1]) > 1e-4);
    FTL_CHECK(isnan(mean[2]));
    ftl_gan_deinit(&gan);
}

int main(void) {
    FTL_TEST(means_by_group);
    return ftl_test_finish();
}
