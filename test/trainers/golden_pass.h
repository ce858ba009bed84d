/* golden_pass.h - one pass through one network, forward and backward, against a golden
 * file: what biggan*.h5 and resnet18_*.h5 hold. */
#ifndef FTL_TEST_TRAINERS_GOLDEN_PASS_H
#define FTL_TEST_TRAINERS_GOLDEN_PASS_H

#include "engine/nn/adam.h"
#include "engine/nn/net.h"
#include "engine/plan.h"
#include "test/trainers/golden.h"

typedef struct ftl_golden_network {
    const char *group, *input; /* "G", "z": paths in the file */
    ftl_shape shape;           /* of the input */
    ftl_status (*describe)(
            ftl_value *y, ftl_net *net, ftl_value x, const void *options);
    const void *options;
} ftl_golden_network;

/* Everything compared within `tolerance`: outputs in both modes, gradients of <w, y>
 * for the input and, within twice that, for all parameters, buffers afterwards. */
void ftl_golden_check_pass(ftl_golden *golden, const ftl_golden_network *network,
        const ftl_plan_options *options, double tolerance);

/* Outputs named after the parameters of a store: the gradients of a value [1]. */
ftl_status ftl_golden_add_gradients(
        ftl_graph *graph, ftl_value loss, const ftl_store *store);

/* Have the plan write them into the block of an optimiser of the store. */
ftl_status ftl_golden_bind_gradients(ftl_plan *plan, const ftl_adam *adam);

#endif
