/* precision.c - which values a plan in bf16 stores as bf16; see program.h.
 *
 * Images between the convolutions: a value of rank 4 whose op and whose readers are all
 * in the table below, and that nobody outside sees. So float32 stay: inputs, outputs
 * and states; kernels of convolutions, their gradients and all that spectral norm does
 * with them; what tanh reads and writes, and the gradient there; losses; and all of
 * rank 1 and 2, in which the last layers of the networks and all matrix products are.
 * (A matrix product of a network reads its weights once: to round them first would cost
 * what it saves.) Kernels compute in float32 and round once, when they store. */
#include "engine/compile/program.h"
#include "engine/ops/ops.h"

/* What an op of the table computes from images or makes of them. */
typedef enum result {
    IMAGE, /* always one */
    LIKE,  /* one if an operand is stored as bf16; kernels of convolutions else */
    OTHER, /* none: it only reads them */
} result;

static const struct {
    const ftl_op *op;
    result result;
} table[] = {
        {&ftl_op_conv, IMAGE},
        {&ftl_op_conv_bias, IMAGE},
        {&ftl_op_conv_data, IMAGE},
        {&ftl_op_conv_weights, OTHER},
        {&ftl_op_conv3x3, IMAGE},
        {&ftl_op_conv3x3_bias, IMAGE},
        {&ftl_op_conv3x3_add, IMAGE},
        {&ftl_op_conv3x3_mask, IMAGE},
        {&ftl_op_conv3x3_weights, OTHER},
        {&ftl_op_batch_norm, IMAGE},
        {&ftl_op_batch_norm_grad, IMAGE},
        {&ftl_op_channel_affine, IMAGE},
        {&ftl_op_channel_scale, LIKE},
        {&ftl_op_channel_sum, OTHER},
        {&ftl_op_bias_add, LIKE},
        {&ftl_op_add, LIKE},
        {&ftl_op_sub, LIKE},
        {&ftl_op_mul, LIKE},
        {&ftl_op_affine, LIKE},
        {&ftl_op_scale_by, LIKE},
        {&ftl_op_relu, LIKE},
        {&ftl_op_relu_grad, LIKE},
        {&ftl_op_leaky_relu, LIKE},
        {&ftl_op_leaky_relu_grad, LIKE},
        {&ftl_op_upsample2, LIKE},
        {&ftl_op_sum_pool2, IMAGE},
        {&ftl_op_max_pool, LIKE},
        {&ftl_op_max_pool_grad, IMAGE},
        {&ftl_op_spatial_sum, OTHER},
        {&ftl_op_spatial_broadcast, IMAGE},
        {&ftl_op_concat, LIKE},
        {&ftl_op_slice, LIKE},
        {&ftl_op_pad, LIKE},
};
enum { N_TABLE = (int)(sizeof table / sizeof *table) };

/* The op's row, -1 if it has none. */
static int row_of(const ftl_op *op) {
    for (int i = 0; i < N_TABLE; i++)
        if (table[i].op == op) return i;
    return -1;
}

static bool makes_image(const bool *half, const ftl_node_data *node) {
    const int row = row_of(node->op);
    if (row < 0 || table[row].result == OTHER) return false;
    if (table[row].result == IMAGE) return true;
    for (int i = 0; i < node->op->n_in; i++)
        if (half[node->in[i]]) return true;
    return false;
}

void ftl_precision_mark(bool *half, const ftl_graph *graph) {
    /* First, what may not be: */
    for (int i = 0; i < graph->n_values; i++)
        half[i] = graph->values[i].shape.rank == 4 && graph->values[i].type == FTL_F32;
    for (int i = 0; i < graph->n_outputs; i++)
        half[graph->outputs[i].value] = false;
    for (ftl_node n = 0; n < graph->n_nodes; n++) {
        const ftl_node_data *node = &graph->nodes[n];
        if (row_of(node->op) >= 0) continue;
        for (int i = 0; i < node->op->n_in; i++)
            half[node->in[i]] = false;
    }
    /* then, in order of computation, of the rest what is an image. */
    for (ftl_node n = 0; n < graph->n_nodes; n++) {
        const ftl_node_data *node = &graph->nodes[n];
        if (makes_image(half, node)) continue;
        for (int i = 0; i < node->op->n_out; i++)
            half[node->out[i]] = false;
    }
}
