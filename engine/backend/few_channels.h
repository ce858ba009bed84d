/* few_channels.h - 3x3 convolutions with an image of few channels at one end: where the
 * networks begin and end. Libraries compute as if the image had 16 channels; these
 * kernels (engine/backend/cpu/few_channels.c) do not. Compiled once: which calls they
 * take. */
#ifndef FTL_ENGINE_BACKEND_FEW_CHANNELS_H
#define FTL_ENGINE_BACKEND_FEW_CHANNELS_H

#include "engine/backend/kernel.h"
#include "engine/ops/ops.h"

#define FTL_FEW_CHANNELS 4 /* the most */

/* Is it a 3x3 convolution of stride 1 and padding 1 from `many` channels to `few`? Few:
 * 1 to FTL_FEW_CHANNELS; many: a multiple of 16. */
bool ftl_few_channels_suit(
        const ftl_conv_attrs *attrs, ftl_shape w, int64_t few, int64_t many);

/* The calls of these ops that the kernels take: conv, conv_bias and conv_weights whose
 * y has few channels, conv_data whose x has. */
bool ftl_few_channels_take(const ftl_call *call);

/* ftl_kernel.prepare: images as NHWC, that with many channels as it is stored, the
 * other one float32; kernels dense. */
ftl_status ftl_few_channels_prepare(ftl_call *call, ftl_arena *arena, bool *taken);

#endif
