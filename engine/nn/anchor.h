/* anchor.h - a quadratic anchor: parameters are pulled back to where they were, each as
 * strongly as it mattered. With squared gradients as importance it is elastic weight
 * consolidation (Kirkpatrick et al. 2017, equation 3, where weight is lambda / 2). */
#ifndef FTL_ENGINE_NN_ANCHOR_H
#define FTL_ENGINE_NN_ANCHOR_H

#include "engine/nn/adam.h"

/* weight sum_i importance_i (w_i - source_i)^2, over the parameters of a store. */
typedef struct ftl_anchor {
    const ftl_store *store; /* borrowed; NULL: there is no anchor */
    float *source;          /* [n_parameters_block], owned */
    float *importance;      /* [n_parameters_block], owned */
    double weight;
} ftl_anchor;

/* source: what the parameters are now. importance: 0. Release with ftl_anchor_deinit.
 * Fails with FTL_ENOMEM; there is no anchor then. */
ftl_status ftl_anchor_init(ftl_anchor *anchor, const ftl_store *store, double weight);
void ftl_anchor_deinit(ftl_anchor *anchor);

/* importance += share gradient^2, with the gradient that adam holds. */
void ftl_anchor_observe(ftl_anchor *anchor, const ftl_adam *adam, double share);

/* Add the anchor's gradient to that of adam, for every parameter that is not frozen,
 * and give its loss. adam is of the anchor's store. */
double ftl_anchor_pull(const ftl_anchor *anchor, ftl_adam *adam);

#endif
