/* augment.c - see augment.h. */
#include "trainers/augment.h"

#include "engine/ops/ops.h"

const char *const ftl_augment_names[] = {"colour", "translation", "cutout", NULL};

static int reach_of(int64_t px) { return (int)(px + 4) / 8; }

ftl_status ftl_augment_begin(
        ftl_augment *a, ftl_graph *graph, unsigned policy, ftl_shape shape) {
    const ftl_shape row = FTL_SHAPE(shape.dim[0]);
    *a = (ftl_augment) {.policy = policy};
    if (policy & FTL_AUGMENT_COLOUR) {
        FTL_TRY(ftl_graph_input(
                &a->brightness, graph, "augment.brightness", FTL_F32, row));
        if (shape.dim[1] > 1)
            FTL_TRY(ftl_graph_input(
                    &a->saturation, graph, "augment.saturation", FTL_F32, row));
        FTL_TRY(ftl_graph_input(&a->contrast, graph, "augment.contrast", FTL_F32, row));
    }
    if (policy & FTL_AUGMENT_TRANSLATION)
        FTL_TRY(ftl_graph_input(&a->code, graph, "augment.code", FTL_I32, row));
    if (policy & FTL_AUGMENT_CUTOUT)
        FTL_TRY(ftl_graph_input(&a->mask, graph, "augment.mask", FTL_F32, shape));
    return FTL_OK;
}

/* y = m + factor (x - m), a factor for each image */
static ftl_status stretch(
        ftl_value *y, ftl_graph *graph, ftl_value x, ftl_value m, ftl_value factor) {
    ftl_value difference, spread;
    FTL_TRY(ftl_sub(&difference, graph, x, m));
    FTL_TRY(ftl_row_broadcast(&spread, graph, factor, ftl_value_shape(graph, x)));
    FTL_TRY(ftl_mul(&difference, graph, difference, spread));
    return ftl_add(y, graph, m, difference);
}

static ftl_status colour(ftl_value *x, const ftl_augment *a, ftl_graph *graph) {
    const ftl_shape shape = ftl_value_shape(graph, *x);
    const int64_t n = ftl_shape_count(shape) / shape.dim[0];
    ftl_value m;
    FTL_TRY(ftl_row_broadcast(&m, graph, a->brightness, shape));
    FTL_TRY(ftl_add(x, graph, *x, m));
    if (a->saturation.id) {
        FTL_TRY(ftl_channel_mean(&m, graph, *x));
        FTL_TRY(stretch(x, graph, *x, m, a->saturation));
    }
    FTL_TRY(ftl_row_sum(&m, graph, *x));
    FTL_TRY(ftl_affine(&m, graph, m, 1 / (float)n, 0));
    FTL_TRY(ftl_row_broadcast(&m, graph, m, shape));
    return stretch(x, graph, *x, m, a->contrast);
}

ftl_status ftl_augment_apply(
        ftl_value *y, const ftl_augment *a, ftl_graph *graph, ftl_value x) {
    if (a->policy & FTL_AUGMENT_COLOUR) FTL_TRY(colour(&x, a, graph));
    if (a->policy & FTL_AUGMENT_TRANSLATION)
        FTL_TRY(ftl_translate(&x, graph, x, a->code,
                reach_of(ftl_value_shape(graph, x).dim[2]), false));
    if (a->policy & FTL_AUGMENT_CUTOUT) FTL_TRY(ftl_mul(&x, graph, x, a->mask));
    *y = x;
    return FTL_OK;
}

/* floor(u n), u in [0, 1) */
static int below(float u, int n) {
    const int k = (int)(u * (float)n);
    return k < n ? k : n - 1;
}

/* 1 outside of the square around a centre, 0 inside; one image's channels */
static void draw_mask(float *mask, int channels, int px, float u, float v) {
    const int side = (px + 1) / 2, range = px + 1 - side % 2;
    const int top = below(u, range) - side / 2, left = below(v, range) - side / 2;
    for (int c = 0; c < channels; c++)
        for (int i = 0; i < px; i++)
            for (int j = 0; j < px; j++)
                *mask++ = (float)(i < top || i >= top + side || j < left ||
                                  j >= left + side);
}

void ftl_augment_draw(ftl_plan *plan, unsigned policy, int channels, int px, int64_t at,
        int64_t n, ftl_random_key key, int64_t first) {
    enum { BRIGHTNESS, SATURATION, CONTRAST, CODE, TOP, LEFT, N_NUMBERS };
    const bool colours = policy & FTL_AUGMENT_COLOUR;
    const bool moves = policy & FTL_AUGMENT_TRANSLATION;
    const bool cuts = policy & FTL_AUGMENT_CUTOUT;
    const int side = 2 * reach_of(px) + 1;
    float *brightness = colours ? ftl_plan_input(plan, "augment.brightness") : NULL;
    float *saturation =
            colours && channels > 1 ? ftl_plan_input(plan, "augment.saturation") : NULL;
    float *contrast = colours ? ftl_plan_input(plan, "augment.contrast") : NULL;
    int32_t *code = moves ? ftl_plan_input(plan, "augment.code") : NULL;
    float *mask = cuts ? ftl_plan_input(plan, "augment.mask") : NULL;
    const size_t image = (size_t)channels * (size_t)px * (size_t)px;
    for (int64_t i = at; i < at + n; i++) {
        float u[N_NUMBERS];
        ftl_random_uniform(u, N_NUMBERS, key, (uint64_t)(first + i - at));
        if (brightness) brightness[i] = u[BRIGHTNESS] - 0.5F;
        if (saturation) saturation[i] = 2 * u[SATURATION];
        if (contrast) contrast[i] = u[CONTRAST] + 0.5F;
        if (code) code[i] = below(u[CODE], side * side);
        if (mask) draw_mask(mask + (size_t)i * image, channels, px, u[TOP], u[LEFT]);
    }
}
