/* conv3x3.h - shapes of the 3x3 convolutions with a resampling; see ops.h. */
#ifndef FTL_ENGINE_OPS_CONV3X3_H
#define FTL_ENGINE_OPS_CONV3X3_H

#include "engine/ops/ops.h"

/* Side of y from side of x. */
static inline int64_t ftl_conv3x3_side(const ftl_conv3x3_attrs *attrs, int64_t side) {
    if (attrs->resample == FTL_RESAMPLE_UP) return 2 * side;
    return attrs->resample == FTL_RESAMPLE_DOWN ? side / 2 : side;
}

/* FTL_ESHAPE unless x and w fit; *y becomes the output's shape. */
ftl_status ftl_infer_conv3x3(ftl_shape *y, const char *op, ftl_shape x, ftl_shape w,
        const ftl_conv3x3_attrs *attrs);

#endif
