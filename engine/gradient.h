/* gradient.h - derivatives, as more nodes of the same graph. */
#ifndef FTL_ENGINE_GRADIENT_H
#define FTL_ENGINE_GRADIENT_H

#include "engine/graph.h"

/* Add the nodes of the vector-Jacobian product sum_i dy[i] . dy_i/dx.
 * y, dy  n_y values; dy NULL, or an element with id 0: ones of y's shape
 * x      n_x values; any values: parameters, latents, weights that are computed
 * dx     receives n_x values with the shapes of x; zeros where y does not depend on x
 * The result is made of ops and can be differentiated again. Fails with
 * FTL_EUNSUPPORTED when an op on the way has no gradient (the message names it and its
 * layer). */
ftl_status ftl_gradient(ftl_graph *graph, int n_y, const ftl_value *y,
        const ftl_value *dy, int n_x, const ftl_value *x, ftl_value *dx);

#endif
