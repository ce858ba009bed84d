/* cost.c - see cost.h. An op whose arithmetic matters is a row of the table. */
#include "engine/compile/cost.h"

#include "engine/ops/ops.h"

static double count(ftl_shape shape) { return (double)ftl_shape_count(shape); }

/* Each number of `images` [N, C, H, W] takes part in as many products as the kernel has
 * numbers for its channel. */
static double products(ftl_shape images, ftl_shape kernel) {
    return 2 * count(images) * count(kernel) / (double)images.dim[1];
}

static double conv_flop(const ftl_call *call) {
    return products(call->out[0].shape, call->in[1].shape);
}

static double conv_data_flop(const ftl_call *call) {
    return products(call->in[0].shape, call->in[1].shape);
}

static double conv_weights_flop(const ftl_call *call) {
    return products(call->in[1].shape, call->out[0].shape);
}

/* x, y: the images on either side. With a resampling it is a 4x4 convolution of stride
 * 2, with as many windows as the smaller one has pixels (see engine/nn/layers.h). */
static double conv3x3_products(const ftl_call *call, ftl_shape x, ftl_shape y) {
    const ftl_conv3x3_attrs *attrs = call->attrs;
    const double taps = attrs->resample == FTL_RESAMPLE_NONE ? 9 : 16;
    const int64_t x_px = x.dim[2] * x.dim[3], y_px = y.dim[2] * y.dim[3];
    return 2 * taps * (double)(x.dim[0] * x.dim[1] * y.dim[1]) *
           (double)(x_px < y_px ? x_px : y_px);
}

static double conv3x3_flop(const ftl_call *call) {
    return conv3x3_products(call, call->in[0].shape, call->out[0].shape);
}

static double conv3x3_weights_flop(const ftl_call *call) {
    return conv3x3_products(call, call->in[0].shape, call->in[1].shape);
}

static double matmul_flop(const ftl_call *call) {
    const ftl_matmul_attrs *attrs = call->attrs;
    const int64_t k = call->in[0].shape.dim[attrs->transpose_a ? 0 : 1];
    return 2 * (double)k * count(call->out[0].shape);
}

static const struct {
    const ftl_op *op;
    ftl_call_kind kind;
    double (*flop)(const ftl_call *call); /* NULL: none to speak of */
} rows[] = {
        {&ftl_op_conv, FTL_CALL_CONVOLUTION, conv_flop},
        {&ftl_op_conv_bias, FTL_CALL_CONVOLUTION, conv_flop},
        {&ftl_op_conv_data, FTL_CALL_CONVOLUTION, conv_data_flop},
        {&ftl_op_conv_weights, FTL_CALL_CONVOLUTION, conv_weights_flop},
        {&ftl_op_conv3x3, FTL_CALL_CONVOLUTION, conv3x3_flop},
        {&ftl_op_conv3x3_bias, FTL_CALL_CONVOLUTION, conv3x3_flop},
        {&ftl_op_conv3x3_add, FTL_CALL_CONVOLUTION, conv3x3_flop},
        {&ftl_op_conv3x3_mask, FTL_CALL_CONVOLUTION, conv3x3_flop},
        {&ftl_op_conv3x3_weights, FTL_CALL_CONVOLUTION, conv3x3_weights_flop},
        {&ftl_op_matmul, FTL_CALL_PRODUCT, matmul_flop},
        {&ftl_op_reorder, FTL_CALL_REORDER, NULL},
};

static double sum_bytes(const ftl_call *call) {
    double bytes = 0;
    for (int i = 0; i < call->op->n_in; i++)
        bytes += (double)ftl_tensor_bytes(&call->in[i]);
    for (int i = 0; i < call->op->n_out; i++)
        bytes += (double)ftl_tensor_bytes(&call->out[i]);
    return bytes;
}

ftl_cost ftl_cost_of(const ftl_call *call) {
    ftl_cost cost = {.kind = FTL_CALL_MEMORY, .bytes = sum_bytes(call)};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].op != call->op) continue;
        cost.kind = rows[i].kind;
        if (rows[i].flop) cost.flop = rows[i].flop(call);
    }
    return cost;
}
