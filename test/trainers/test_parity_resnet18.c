/* test_parity_resnet18.c - ResNet-18 against PyTorch: a pass as in
 * test_parity_biggan.c, and the cross-entropy loss with its gradients. */
#include "engine/gradient.h"
#include "engine/ops/ops.h"
#include "test/harness.h"
#include "test/trainers/golden_pass.h"
#include "trainers/models/model.h"

#define TOLERANCE 1e-5

static ftl_status describe_c(
        ftl_value *y, ftl_net *net, ftl_value x, const void *options) {
    return ftl_resnet18(y, NULL, net, x, options);
}

static ftl_status read_options(
        ftl_classifier_options *options, int *batch, ftl_golden *golden) {
    FTL_TRY(ftl_golden_int(&options->resolution, golden, "resolution"));
    FTL_TRY(ftl_golden_int(&options->channels, golden, "channels"));
    FTL_TRY(ftl_golden_int(&options->width, golden, "width"));
    FTL_TRY(ftl_golden_int(&options->classes, golden, "n_classes"));
    return ftl_golden_int(batch, golden, "batch");
}

/* The mean cross-entropy in training mode, and its gradients. */
static ftl_status describe_loss(ftl_graph *graph, ftl_store *store, ftl_shape images,
        const ftl_classifier_options *options) {
    ftl_net net;
    ftl_value x, label, logits, losses, loss, slope;
    int64_t batch = images.dim[0];
    FTL_TRY(ftl_graph_input(&x, graph, "x", FTL_F32, images));
    FTL_TRY(ftl_graph_input(&label, graph, "label", FTL_I32, FTL_SHAPE(batch)));
    FTL_TRY(ftl_net_begin(&net, graph, store, FTL_NET_TRAIN));
    FTL_TRY(ftl_resnet18(&logits, NULL, &net, x, options));
    ftl_net_end(&net);
    FTL_TRY(ftl_cross_entropy(&losses, graph, logits, label));
    FTL_TRY(ftl_sum(&loss, graph, losses));
    FTL_TRY(ftl_affine(&loss, graph, loss, 1 / (float)batch, 0));
    FTL_TRY(ftl_gradient(graph, 1, &loss, NULL, 1, &logits, &slope));
    FTL_TRY(ftl_graph_output(graph, "losses", losses));
    FTL_TRY(ftl_graph_output(graph, "loss", loss));
    FTL_TRY(ftl_graph_output(graph, "grad_logits", slope));
    return ftl_golden_add_gradients(graph, loss, store);
}

static ftl_status compile_loss(ftl_plan **plan, ftl_store *store, ftl_shape images,
        const ftl_classifier_options *options) {
    ftl_graph *graph;
    FTL_TRY(ftl_graph_create(&graph));
    ftl_status status = describe_loss(graph, store, images, options);
    if (status == FTL_OK) status = ftl_store_allocate(store, 1, "C");
    if (status == FTL_OK) status = ftl_plan_create(plan, graph, NULL);
    ftl_graph_free(graph);
    return status;
}

static void check_loss(
        ftl_golden *golden, ftl_shape images, const ftl_classifier_options *options) {
    ftl_store *store;
    ftl_plan *plan;
    ftl_adam adam;
    const int64_t n = images.dim[0], whole = FTL_GOLDEN_WHOLE;
    FTL_CHECK_OK(ftl_store_create(&store, "C"));
    FTL_CHECK_OK(compile_loss(&plan, store, images, options));
    FTL_CHECK_OK(ftl_adam_init(&adam, store, false));
    FTL_CHECK_OK(ftl_golden_bind_gradients(plan, &adam));
    FTL_CHECK_OK(ftl_golden_load(golden, store, "C", whole));
    FTL_CHECK_OK(ftl_golden_read(golden, ftl_plan_input(plan, "x"), FTL_H5_F32,
            ftl_shape_count(images), whole, "/C/x"));
    FTL_CHECK_OK(ftl_golden_read(
            golden, ftl_plan_input(plan, "label"), FTL_H5_I32, n, whole, "/C/labels"));
    ftl_plan_run(plan);
    ftl_golden_check(golden, ftl_plan_output(plan, "losses"), n, TOLERANCE, whole,
            "/C/ce/losses");
    ftl_golden_check(
            golden, ftl_plan_output(plan, "loss"), 1, TOLERANCE, whole, "/C/ce/loss");
    ftl_golden_check(golden, ftl_plan_output(plan, "grad_logits"), n * options->classes,
            TOLERANCE, whole, "/C/ce/grad_logits");
    ftl_golden_check_gradients(
            golden, store, adam.gradient, 2 * TOLERANCE, whole, "/C/ce/grad");
    ftl_adam_deinit(&adam);
    ftl_plan_free(plan);
    ftl_store_free(store);
}

static void check_file(const char *name, const ftl_plan_options *plan_options) {
    ftl_golden golden;
    ftl_classifier_options options = {0};
    int batch;
    FTL_CHECK_OK(ftl_golden_open(&golden, name));
    FTL_CHECK_OK(read_options(&options, &batch, &golden));
    ftl_shape images =
            FTL_SHAPE(batch, options.channels, options.resolution, options.resolution);
    ftl_golden_network network = {.group = "C",
            .input = "x",
            .shape = images,
            .describe = describe_c,
            .options = &options};
    ftl_golden_check_pass(&golden, &network, plan_options, TOLERANCE);
    if (!plan_options) check_loss(&golden, images, &options);
    ftl_golden_close(&golden);
}

static const ftl_plan_options debug = {.debug = true};
static const ftl_plan_options reference = {.reference_only = true};

static void at_32(void) { check_file("resnet18_32", NULL); }
static void at_32_debug(void) { check_file("resnet18_32", &debug); }
static void at_32_reference(void) { check_file("resnet18_32", &reference); }
static void at_64(void) { check_file("resnet18_64", NULL); }
static void at_64_debug(void) { check_file("resnet18_64", &debug); }

int main(void) {
    FTL_TEST(at_32);
    FTL_TEST(at_32_debug);
    FTL_TEST(at_32_reference);
    FTL_TEST(at_64);
    FTL_TEST(at_64_debug);
    return ftl_test_finish();
}
