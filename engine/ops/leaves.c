/* leaves.c - what a graph reads and writes: inputs, states, writes of states. graph.c
 * makes their nodes; a plan binds them to memory, so they have no kernels. */
#include "engine/ops/ops.h"

const ftl_op ftl_op_input = {
        .name = "input", .n_in = 0, .n_out = 1, .gradient = FTL_ZERO_GRADIENT};

const ftl_op ftl_op_state = {
        .name = "state", .n_in = 0, .n_out = 1, .gradient = FTL_ZERO_GRADIENT};

const ftl_op ftl_op_state_write = {
        .name = "state_write", .n_in = 1, .n_out = 0, .gradient = FTL_ZERO_GRADIENT};
