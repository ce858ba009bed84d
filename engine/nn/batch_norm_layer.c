/* batch_norm_layer.c - batch normalisation with running statistics; see layers.h. */
#include "engine/nn/layers.h"
#include "engine/ops/ops.h"

static const ftl_init zero = {.kind = FTL_INIT_FILL, .value = 0};
static const ftl_init one = {.kind = FTL_INIT_FILL, .value = 1};

/* Gain and bias [C] of a layer whose scope has been entered. */
static ftl_status make_affine(ftl_value *gain, ftl_value *bias, ftl_net *net,
        int64_t channels, ftl_batch_norm_style style) {
    ftl_shape vector = FTL_SHAPE(channels), row = FTL_SHAPE(1, channels);
    if (style == FTL_BN_CONDITIONAL) {
        ftl_init small = {.kind = FTL_INIT_NORMAL, .value = 0.02f};
        FTL_TRY(ftl_net_parameter(gain, net, "gain.weight", row, small));
        FTL_TRY(ftl_net_parameter(bias, net, "bias.weight", row, small));
        FTL_TRY(ftl_reshape(gain, net->graph, *gain, vector));
        FTL_TRY(ftl_reshape(bias, net->graph, *bias, vector));
        return ftl_affine(gain, net->graph, *gain, 1, 1);
    }
    bool torch = style == FTL_BN_TORCH;
    FTL_TRY(ftl_net_parameter(gain, net, torch ? "weight" : "gain", vector, one));
    return ftl_net_parameter(bias, net, "bias", vector, zero);
}

/* running = (1 - momentum) running + momentum scale batch */
static ftl_status move_statistic(ftl_net *net, const char *name, ftl_value running,
        ftl_value batch, float scale) {
    ftl_value old, new;
    FTL_TRY(ftl_affine(&old, net->graph, running, 1 - FTL_BATCH_NORM_MOMENTUM, 0));
    FTL_TRY(ftl_affine(&new, net->graph, batch, FTL_BATCH_NORM_MOMENTUM * scale, 0));
    FTL_TRY(ftl_add(&new, net->graph, old, new));
    return ftl_net_write(net, name, new);
}

/* y = x a + b with a = gain / sqrt(var + epsilon), b = bias - mean a. */
static ftl_status apply_stored(ftl_value *y, ftl_graph *g, ftl_value x, ftl_value gain,
        ftl_value bias, ftl_value mean, ftl_value var) {
    ftl_value a, b;
    FTL_TRY(ftl_affine(&a, g, var, 1, FTL_BATCH_NORM_EPSILON));
    FTL_TRY(ftl_rsqrt(&a, g, a));
    FTL_TRY(ftl_mul(&a, g, a, gain));
    FTL_TRY(ftl_mul(&b, g, mean, a));
    FTL_TRY(ftl_sub(&b, g, bias, b));
    return ftl_channel_affine(y, g, x, a, b);
}

ftl_status ftl_nn_batch_norm(ftl_value *y, ftl_net *net, ftl_value x, const char *name,
        ftl_batch_norm_style style) {
    bool torch = style == FTL_BN_TORCH;
    const char *mean_name = torch ? "running_mean" : "stored_mean";
    const char *var_name = torch ? "running_var" : "stored_var";
    ftl_shape shape = ftl_value_shape(net->graph, x);
    ftl_shape vector = FTL_SHAPE(shape.dim[1]);
    ftl_value gain, bias, mean, var, batch_mean, batch_var;
    FTL_TRY(ftl_net_enter(net, "%s", name));
    FTL_TRY(make_affine(&gain, &bias, net, shape.dim[1], style));
    FTL_TRY(ftl_net_buffer(&mean, net, mean_name, vector, zero));
    FTL_TRY(ftl_net_buffer(&var, net, var_name, vector, one));
    if (net->mode == FTL_NET_EVAL) {
        FTL_TRY(apply_stored(y, net->graph, x, gain, bias, mean, var));
    } else {
        const int64_t count = ftl_shape_count(shape) / shape.dim[1];
        FTL_TRY(ftl_batch_norm(y, &batch_mean, &batch_var, net->graph, x, gain, bias,
                FTL_BATCH_NORM_EPSILON));
        FTL_TRY(move_statistic(net, mean_name, mean, batch_mean, 1));
        FTL_TRY(move_statistic(net, var_name, var, batch_var,
                count > 1 ? (float)((double)count / (double)(count - 1)) : 1));
    }
    ftl_net_leave(net);
    return FTL_OK;
}
