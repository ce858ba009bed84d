/* winograd.h - the pass that finds convolutions for Winograd's kernels, and what it
 * recognises. */
#ifndef FTL_ENGINE_COMPILE_WINOGRAD_H
#define FTL_ENGINE_COMPILE_WINOGRAD_H

#include "engine/choices.h"
#include "engine/compile/rewrite.h"
#include "engine/ops/ops.h"

/* A convolution as conv3x3 sees it: ids of values in the graph. */
typedef struct ftl_convolution {
    const ftl_op *op; /* conv3x3, conv3x3_bias or conv3x3_weights */
    ftl_conv3x3_attrs attrs;
    int x, w;                            /* w: of conv3x3_weights dy */
    int scale, bias;                     /* 0: none */
    ftl_shape x_shape, w_shape, y_shape; /* y: of conv3x3_weights dy */
} ftl_convolution;

/* Is the node, with what it alone reads, a convolution that Winograd's kernels could
 * compute? uses: of each value, how many nodes and outputs read it. coarse: forward
 * convolutions may be; gradients always may. */
bool ftl_winograd_match(ftl_convolution *out, const ftl_graph *graph, const int *uses,
        bool coarse, const ftl_node_data *node);

/* The fixed rule: ftl_winograd_suits. */
bool ftl_winograd_rule(const ftl_convolution *c);

/* The key of its choice (engine/choices.h), and the words. */
#define FTL_WINOGRAD_KEY 256
void ftl_winograd_key(
        char key[FTL_WINOGRAD_KEY], const ftl_convolution *c, ftl_type precision);
#define FTL_CHOICE_WINOGRAD "winograd"
#define FTL_CHOICE_DIRECT "direct"

typedef struct ftl_winograd_pass {
    const ftl_choices *choices; /* NULL: none */
    ftl_type precision;
    bool coarse; /* forward convolutions as well, not only gradients */
} ftl_winograd_pass;

/* 3x3 convolutions, with a resampling or without, for Winograd's kernels: as was
 * chosen, else by the rule of ftl_winograd_suits. */
ftl_status ftl_pass_winograd(
        ftl_graph **out, const ftl_graph *from, const ftl_winograd_pass *pass);

/* Behind it: what can be done where the convolutions write their results (epilogue.c).
 */
ftl_status ftl_pass_epilogue(ftl_graph **out, const ftl_graph *from);

#endif
