/* training.h - from a loss to gradients in an optimiser's block. */
#ifndef FTL_ENGINE_NN_TRAINING_H
#define FTL_ENGINE_NN_TRAINING_H

#include "engine/nn/adam.h"
#include "engine/plan.h"

/* Add the gradients of `loss` [1] with regard to every parameter of the store that is
 * not frozen, as outputs called "<store>.<tensor>". What is frozen costs nothing. */
ftl_status ftl_nn_add_gradients(
        ftl_graph *graph, ftl_value loss, const ftl_store *store);

/* Have a plan of that graph write these outputs straight into adam's gradient block.
 * The frozen tensors must be the same as when the graph was described. */
ftl_status ftl_nn_bind_gradients(ftl_plan *plan, const ftl_adam *adam);

#endif
