/* linear.c - linear and convolutional layers; see layers.h. */
#include "engine/nn/layers.h"
#include "engine/ops/ops.h"

#include <assert.h>

static const ftl_init zero = {.kind = FTL_INIT_FILL, .value = 0};

/* The weight of a layer whose scope has been entered, normalised if asked for. */
static ftl_status make_weight(ftl_value *w, ftl_net *net, ftl_shape shape,
        const ftl_linear_options *options) {
    FTL_TRY(ftl_net_parameter(w, net, "weight", shape, options->init));
    if (!options->spectral) return FTL_OK;
    return ftl_nn_spectral_norm(w, net, *w, shape.dim[0]);
}

static ftl_status add_bias(ftl_value *y, ftl_net *net, ftl_value x, int64_t out,
        const ftl_linear_options *options) {
    *y = x;
    if (options->no_bias) return FTL_OK;
    ftl_value bias;
    FTL_TRY(ftl_net_parameter(&bias, net, "bias", FTL_SHAPE(out), zero));
    return ftl_bias_add(y, net->graph, x, bias);
}

ftl_status ftl_nn_linear(ftl_value *y, ftl_net *net, ftl_value x, const char *name,
        int64_t out, const ftl_linear_options *options) {
    ftl_value w;
    int64_t in = ftl_value_shape(net->graph, x).dim[1];
    FTL_TRY(ftl_net_enter(net, "%s", name));
    FTL_TRY(make_weight(&w, net, FTL_SHAPE(out, in), options));
    FTL_TRY(ftl_matmul(y, net->graph, x, false, w, true));
    FTL_TRY(add_bias(y, net, *y, out, options));
    ftl_net_leave(net);
    return FTL_OK;
}

ftl_status ftl_nn_conv(ftl_value *y, ftl_net *net, ftl_value x, const char *name,
        int64_t out, int kernel, int stride, int pad,
        const ftl_linear_options *options) {
    ftl_value w;
    int64_t in = ftl_value_shape(net->graph, x).dim[1];
    FTL_TRY(ftl_net_enter(net, "%s", name));
    FTL_TRY(make_weight(&w, net, FTL_SHAPE(out, in, kernel, kernel), options));
    FTL_TRY(ftl_conv(y, net->graph, x, w, stride, pad));
    FTL_TRY(add_bias(y, net, *y, out, options));
    ftl_net_leave(net);
    return FTL_OK;
}

ftl_status ftl_nn_up_conv(ftl_value *y, ftl_net *net, ftl_value x, const char *name,
        int64_t out, int kernel, const ftl_linear_options *options) {
    ftl_graph *g = net->graph;
    ftl_shape shape = ftl_value_shape(g, x);
    ftl_value w;
    assert(kernel == 3 || kernel == 1);
    if (kernel == 1) {
        FTL_TRY(ftl_nn_conv(y, net, x, name, out, 1, 1, 0, options));
        return ftl_upsample2(y, g, *y);
    }
    FTL_TRY(ftl_net_enter(net, "%s", name));
    FTL_TRY(make_weight(&w, net, FTL_SHAPE(out, shape.dim[1], 3, 3), options));
    FTL_TRY(ftl_box_kernel(&w, g, w, 1, true));
    FTL_TRY(ftl_conv_data(y, g, x, w, 2, 1, 2 * shape.dim[2], 2 * shape.dim[3]));
    FTL_TRY(add_bias(y, net, *y, out, options));
    ftl_net_leave(net);
    return FTL_OK;
}

ftl_status ftl_nn_conv_down(ftl_value *y, ftl_net *net, ftl_value x, const char *name,
        int64_t out, int kernel, const ftl_linear_options *options) {
    ftl_graph *g = net->graph;
    ftl_value w;
    assert(kernel == 3 || kernel == 1);
    if (kernel == 1) {
        FTL_TRY(ftl_avg_pool2(&x, g, x));
        return ftl_nn_conv(y, net, x, name, out, 1, 1, 0, options);
    }
    int64_t in = ftl_value_shape(g, x).dim[1];
    FTL_TRY(ftl_net_enter(net, "%s", name));
    FTL_TRY(make_weight(&w, net, FTL_SHAPE(out, in, 3, 3), options));
    FTL_TRY(ftl_box_kernel(&w, g, w, 0.25f, false));
    FTL_TRY(ftl_conv(y, g, x, w, 2, 1));
    FTL_TRY(add_bias(y, net, *y, out, options));
    ftl_net_leave(net);
    return FTL_OK;
}
