/* conv3x3.h - shapes of the 3x3 convolutions with a resampling; see ops.h. */
#ifndef FTL_ENGINE_OPS_CONV3X3_H
#define FTL_ENGINE_OPS_CONV3X3_H

#include "engine/ops/ops.h"

/* Side of y from side of x. */
static inline int64_t ftl_conv3x3_side(const ftl_conv3x3_attrs *attrs, int64_t side) {
    if (attrs->resample == FTL_RESAMPLE_UP) return 2 * side;
    return attrs->resample == FTL_RESAMPLE_DOWN ? side / 2 : side;
}

/* Does r become y's shape when it is upsampled? */
static inline bool ftl_conv3x3_is_half(ftl_shape r, ftl_shape y) {
    return r.rank == 4 && r.dim[0] == y.dim[0] && r.dim[1] == y.dim[1] &&
           2 * r.dim[2] == y.dim[2] && 2 * r.dim[3] == y.dim[3];
}

/* FTL_ESHAPE unless x and w fit; *y becomes the output's shape. */
ftl_status ftl_infer_conv3x3(ftl_shape *y, const char *op, ftl_shape x, ftl_shape w,
        const ftl_conv3x3_attrs *attrs);

#endif
