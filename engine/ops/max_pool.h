/* max_pool.h - what max pooling and its gradient share. */
#ifndef FTL_ENGINE_OPS_MAX_POOL_H
#define FTL_ENGINE_OPS_MAX_POOL_H

#include "engine/ops/ops.h"

/* Shape of max_pool(x). Fails with FTL_ESHAPE; messages begin with `op`. */
ftl_status ftl_infer_max_pool(
        ftl_shape *y, const char *op, ftl_shape x, const ftl_pool_attrs *attrs);

/* Index into a plane [height, width] of the maximum under the window of output
 * (row, column): the first in row-major order, or the last NaN if there is one. */
int64_t ftl_first_maximum(const float *plane, int64_t height, int64_t width,
        const ftl_pool_attrs *attrs, int64_t row, int64_t column);

#endif
