/* test_parity_biggan.c - BigGAN's G and D against PyTorch: outputs in training and
 * evaluation mode, gradients for parameters, latents and images, statistics and
 * singular vectors afterwards; through compiled plans, debug plans and plain reference
 * kernels. */
#include "engine/backend/kernel.h"
#include "test/harness.h"
#include "test/trainers/golden_pass.h"
#include "trainers/models/model.h"

#define TOLERANCE 1e-5

static ftl_status describe_g(
        ftl_value *y, ftl_net *net, ftl_value x, const void *options) {
    return ftl_biggan.generator(y, net, x, options);
}

static ftl_status describe_d(
        ftl_value *y, ftl_net *net, ftl_value x, const void *options) {
    return ftl_biggan.discriminator(y, net, x, options);
}

static ftl_status read_options(
        ftl_gan_options *options, int *batch, ftl_golden *golden) {
    FTL_TRY(ftl_golden_int(&options->resolution, golden, "resolution"));
    FTL_TRY(ftl_golden_int(&options->channels, golden, "channels"));
    FTL_TRY(ftl_golden_int(&options->ch, golden, "ch"));
    FTL_TRY(ftl_golden_int(&options->z_dim, golden, "z_dim"));
    return ftl_golden_int(batch, golden, "batch");
}

static void check_file(const char *name, const ftl_plan_options *plan_options) {
    ftl_golden golden;
    ftl_gan_options options = {0};
    int batch;
    FTL_CHECK_OK(ftl_golden_open(&golden, name));
    FTL_CHECK_OK(read_options(&options, &batch, &golden));
    ftl_golden_network g = {.group = "G",
            .input = "z",
            .shape = FTL_SHAPE(batch, options.z_dim),
            .describe = describe_g,
            .options = &options};
    ftl_golden_network d = {.group = "D",
            .input = "x",
            .shape = FTL_SHAPE(
                    batch, options.channels, options.resolution, options.resolution),
            .describe = describe_d,
            .options = &options};
    ftl_golden_check_pass(&golden, &g, plan_options, TOLERANCE);
    ftl_golden_check_pass(&golden, &d, plan_options, TOLERANCE);
    ftl_golden_close(&golden);
}

static const ftl_plan_options debug = {.debug = true};
static const ftl_plan_options reference = {.reference_only = true};

static void at_32(void) { check_file("biggan32", NULL); }
static void at_32_debug(void) { check_file("biggan32", &debug); }
static void at_32_reference(void) { check_file("biggan32", &reference); }

/* What an old CPU would run. */
static void at_32_baseline(void) {
    ftl_cpu_level_force(FTL_CPU_BASELINE);
    check_file("biggan32", NULL);
    ftl_cpu_level_force(ftl_cpu_level_best());
}

static void at_64(void) { check_file("biggan64", NULL); }
static void at_64_debug(void) { check_file("biggan64", &debug); }

int main(void) {
    FTL_TEST(at_32);
    FTL_TEST(at_32_debug);
    FTL_TEST(at_32_reference);
    FTL_TEST(at_32_baseline);
    FTL_TEST(at_64);
    FTL_TEST(at_64_debug);
    return ftl_test_finish();
}
