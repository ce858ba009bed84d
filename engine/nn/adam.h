/* adam.h - Adam on the parameter block of a store (Kingma and Ba 2015, algorithm 1). */
#ifndef FTL_ENGINE_NN_ADAM_H
#define FTL_ENGINE_NN_ADAM_H

#include "engine/store.h"

typedef struct ftl_adam_options {
    double learning_rate, beta1, beta2, epsilon;
} ftl_adam_options;

/* Gradients and moments of one store, in blocks of the shape of its parameter block.
 * Each tensor has its own step count: one that was frozen for a while must not meet a
 * bias correction that believes in moments it never gathered. With beta1 = 0 no first
 * moment is kept. */
typedef struct ftl_adam {
    ftl_store *store; /* borrowed; allocated */
    float *gradient;  /* [n_parameters_block]; the caller fills it before each step */
    float *moment1;   /* NULL if beta1 = 0 */
    float *moment2;
    int64_t *steps; /* of each state of the store; 0 for buffers */
    bool has_moment1;
} ftl_adam;

/* Zero moments. Release with ftl_adam_deinit. Fails with FTL_ENOMEM. */
ftl_status ftl_adam_init(ftl_adam *adam, ftl_store *store, bool has_moment1);
void ftl_adam_deinit(ftl_adam *adam);

/* Where the gradient of this state of the store belongs. */
float *ftl_adam_gradient(const ftl_adam *adam, const ftl_state *state);

/* Is every gradient of what is not frozen finite? If not, *bad names the first tensor.
 */
bool ftl_adam_finite(const ftl_adam *adam, const char **bad);

/* One update of every parameter that is not frozen. */
void ftl_adam_step(ftl_adam *adam, const ftl_adam_options *options);

#endif
