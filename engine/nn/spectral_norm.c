/* spectral_norm.c - weights divided by their largest singular value; see layers.h. */
#include "engine/nn/layers.h"
#include "engine/ops/ops.h"

ftl_status ftl_nn_spectral_norm(
        ftl_value *w, ftl_net *net, ftl_value weight, int64_t rows) {
    ftl_graph *g = net->graph;
    int64_t columns = ftl_shape_count(ftl_value_shape(g, weight)) / rows;
    ftl_init unit_normal = {.kind = FTL_INIT_NORMAL, .value = 1};
    ftl_init one = {.kind = FTL_INIT_FILL, .value = 1};
    ftl_value u, sv, matrix, constant, v, t, sigma, inverse;
    FTL_TRY(ftl_net_buffer(&u, net, "u0", FTL_SHAPE(1, rows), unit_normal));
    FTL_TRY(ftl_net_buffer(&sv, net, "sv0", FTL_SHAPE(1), one));
    FTL_TRY(ftl_reshape(&matrix, g, weight, FTL_SHAPE(rows, columns)));
    /* u and v are constants of the step: the weight reaches them only cut off. */
    FTL_TRY(ftl_stop_gradient(&constant, g, matrix));
    FTL_TRY(ftl_matmul(&v, g, u, false, constant, false));
    FTL_TRY(ftl_normalize(&v, g, v, FTL_SPECTRAL_EPSILON));
    FTL_TRY(ftl_matmul(&t, g, v, false, constant, true));
    FTL_TRY(ftl_normalize(&u, g, t, FTL_SPECTRAL_EPSILON));
    /* The same product once more, now with a gradient; `merge` makes the two one. */
    FTL_TRY(ftl_matmul(&t, g, v, false, matrix, true));
    FTL_TRY(ftl_dot(&sigma, g, t, u));
    FTL_TRY(ftl_net_write(net, "u0", u));
    FTL_TRY(ftl_net_write(net, "sv0", sigma));
    FTL_TRY(ftl_reciprocal(&inverse, g, sigma));
    return ftl_scale_by(w, g, weight, inverse);
}
