/* test_tensor.c - shapes, their text, and how many bytes a layout occupies. */
#include "engine/tensor.h"
#include "test/harness.h"

#include <string.h>

static void shapes_compare_and_count(void) {
    const ftl_shape a = FTL_SHAPE(2, 3, 4);
    FTL_CHECK(a.rank == 3 && a.dim[2] == 4 && a.dim[3] == 0);
    FTL_CHECK(ftl_shape_count(a) == 24);
    FTL_CHECK(ftl_shape_equal(a, FTL_SHAPE(2, 3, 4)));
    FTL_CHECK(!ftl_shape_equal(a, FTL_SHAPE(2, 4, 3)));
    FTL_CHECK(!ftl_shape_equal(a, FTL_SHAPE(2, 3, 4, 1)));
    /* counts beyond 32 bits */
    FTL_CHECK(ftl_shape_count(FTL_SHAPE(1 << 20, 1 << 20)) == (int64_t)1 << 40);
}

static void equal_shapes_are_equal_bytes(void) {
    ftl_shape a, b;
    memset(&a, 0xff, sizeof a);
    memset(&b, 0, sizeof b);
    a = FTL_SHAPE(5, 7);
    b = FTL_SHAPE(5, 7);
    FTL_CHECK(memcmp(&a, &b, sizeof a) == 0);
}

static void shapes_are_printed(void) {
    char text[FTL_SHAPE_TEXT];
    FTL_CHECK(!strcmp(ftl_shape_format(text, FTL_SHAPE(1)), "[1]"));
    FTL_CHECK(!strcmp(ftl_shape_format(text, FTL_SHAPE(32, 8, 3, 3)), "[32, 8, 3, 3]"));
    FTL_CHECK_FAILS(
            ftl_fail(FTL_ESHAPE, "it is %s", ftl_shape_format(text, FTL_SHAPE(2, 3))),
            FTL_ESHAPE, "it is [2, 3]");
    /* the longest there is */
    const int64_t low = INT64_MIN;
    ftl_shape_format(text, FTL_SHAPE(low, low, low, low));
    FTL_CHECK(text[strlen(text) - 1] == ']');
}

static void bytes_include_padding(void) {
    ftl_tensor t = {.type = FTL_F32, .shape = FTL_SHAPE(2, 19, 3, 5)};
    FTL_CHECK(ftl_tensor_bytes(&t) == 2 * 19 * 3 * 5 * 4);
    t.layout = (ftl_layout) {.kind = FTL_BLOCKED, .block = 16};
    FTL_CHECK(ftl_tensor_bytes(&t) == 2 * 32 * 3 * 5 * 4);
    t.layout.block = 19;
    FTL_CHECK(ftl_tensor_bytes(&t) == 2 * 19 * 3 * 5 * 4);
    t.layout = (ftl_layout) {.kind = FTL_PACKED, .bytes = 12345};
    FTL_CHECK(ftl_tensor_bytes(&t) == 12345);
    t = (ftl_tensor) {.type = FTL_I32, .shape = FTL_SHAPE(7)};
    FTL_CHECK(ftl_tensor_bytes(&t) == 28);
}

/* The four loops must reach each element of a blocked tensor once, where it lies. */
static void channels_describe_layouts(void) {
    ftl_tensor t = {.shape = FTL_SHAPE(9)};
    ftl_channels c = ftl_tensor_channels(&t);
    FTL_CHECK(c.n == 1 && c.c == 9 && c.n_blocks == 9 && c.inner == 1 && c.block == 1);

    t.shape = FTL_SHAPE(4, 9);
    c = ftl_tensor_channels(&t);
    FTL_CHECK(c.n == 4 && c.c == 9 && c.n_blocks == 9 && c.inner == 1 && c.block == 1);

    t.shape = FTL_SHAPE(4, 9, 2, 3);
    c = ftl_tensor_channels(&t);
    FTL_CHECK(c.n == 4 && c.c == 9 && c.n_blocks == 9 && c.inner == 6 && c.block == 1);
    const int64_t n = 3, channel = 7, s = 5;
    FTL_CHECK(((n * c.n_blocks + channel / c.block) * c.inner + s) * c.block +
                      channel % c.block ==
              ((n * 9 + channel) * 6 + s));

    t.layout = (ftl_layout) {.kind = FTL_BLOCKED, .block = 8};
    c = ftl_tensor_channels(&t);
    FTL_CHECK(c.n == 4 && c.c == 9 && c.n_blocks == 2 && c.inner == 6 && c.block == 8);
}

int main(void) {
    FTL_TEST(shapes_compare_and_count);
    FTL_TEST(equal_shapes_are_equal_bytes);
    FTL_TEST(shapes_are_printed);
    FTL_TEST(bytes_include_padding);
    FTL_TEST(channels_describe_layouts);
    return ftl_test_finish();
}
