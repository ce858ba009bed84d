/* few_channels.h - 3x3 convolutions with an image of few channels at one end: where the
 * networks begin and end. Libraries compute as if the image had 16 channels; these
 * kernels (engine/backend/cpu/few_channels*.c) do not. Compiled once: which calls they
 * take. */
#ifndef FTL_ENGINE_BACKEND_FEW_CHANNELS_H
#define FTL_ENGINE_BACKEND_FEW_CHANNELS_H

#include "engine/backend/kernel.h"
#include "engine/backend/panel.h"
#include "engine/ops/ops.h"

#define FTL_FEW_CHANNELS 4                    /* the most */
#define FTL_FEW_CHANNELS_WIDTH FTL_PANEL_ROWS /* px of a forward line, at least */

/* Is it a 3x3 convolution of stride 1 and padding 1 between `many` channels and `few`?
 * Few: 1 to FTL_FEW_CHANNELS; many: a multiple of 16. */
bool ftl_few_channels_suit(
        const ftl_conv_attrs *attrs, ftl_shape w, int64_t few, int64_t many);

/* The calls of these ops that the kernels take: conv and conv_bias whose y has few
 * channels, conv_data whose x has, conv_weights where either has. */
bool ftl_few_channels_take(const ftl_call *call);

/* Panels of FTL_PANEL sums that hold each tap and few channel of a pixel. */
static inline int64_t ftl_few_channels_panels(int64_t few) {
    return (9 * few + FTL_PANEL - 1) / FTL_PANEL;
}

/* ftl_kernel.prepare: images as NHWC, that with many channels as it is stored, the
 * other one float32; kernels dense. Of conv_weights: the second one. */
ftl_status ftl_few_channels_prepare(ftl_call *call, ftl_arena *arena, bool *taken);
ftl_status ftl_few_channels_prepare_weights(
        ftl_call *call, ftl_arena *arena, bool *taken);

#endif
