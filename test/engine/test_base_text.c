/* test_base_text.c - distances, hints, globs. */
#include "engine/base/text.h"
#include "test/harness.h"

#include <string.h>

static void distances(void) {
    static const struct {
        const char *a, *b;
        int distance;
    } row[] = {
            {"", "", 0},
            {"", "abc", 3},
            {"abc", "abc", 0},
            {"kitten", "sitting", 3},
            {"lambda", "lamdba", 1}, /* a swap is one mistake */
            {"ab", "ba", 1},
            {"batch", "bath", 1},
            {"flaw", "lawn", 2},
            {"ca", "abc", 3}, /* 2 if a byte could be touched twice */
            {"abcdef", "uvwxyz", 6},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        FTL_CHECK(ftl_text_distance(row[i].a, row[i].b) == row[i].distance);
        FTL_CHECK(ftl_text_distance(row[i].b, row[i].a) == row[i].distance);
    }
}

static void long_words(void) {
    char a[301], b[301];
    memset(a, 'x', 300), a[300] = 0;
    memcpy(b, a, sizeof b);
    FTL_CHECK(ftl_text_distance(a, b) == 0);
    b[299] = 'y';
    FTL_CHECK(ftl_text_distance(a, b) == 300);
    FTL_CHECK(ftl_text_distance(a, "x") == 300);
    a[255] = b[255] = 0;
    b[254] = 'y';
    FTL_CHECK(ftl_text_distance(a, b) == 1);
}

static void hints(void) {
    static const char *const keys[] = {"seed", "data", "model", "resolution",
            "precision", "batch", "ch", "z", NULL};
    FTL_CHECK(!strcmp(ftl_text_nearest("sed", keys), "seed"));
    FTL_CHECK(!strcmp(ftl_text_nearest("Batch", keys), "batch"));
    FTL_CHECK(!strcmp(ftl_text_nearest("resolutoin", keys), "resolution"));
    FTL_CHECK(!strcmp(ftl_text_nearest("precison", keys), "precision"));
    FTL_CHECK(!strcmp(ftl_text_nearest("cg", keys), "ch"));
    FTL_CHECK(!ftl_text_nearest("lambda", keys));
    FTL_CHECK(!ftl_text_nearest("q", keys));
    FTL_CHECK(!ftl_text_nearest("", keys));
    static const char *const equal[] = {"aaab", "aaac", NULL};
    FTL_CHECK(ftl_text_nearest("aaad", equal) == equal[0]);
    FTL_CHECK(!ftl_text_nearest("seed", (const char *const[]) {NULL}));
}

static void globs(void) {
    static const struct {
        const char *pattern, *text;
        bool match;
    } row[] = {
            {"", "", true},
            {"", "a", false},
            {"*", "", true},
            {"?", "", false},
            {"**", "a/b", true},
            {"D.blocks.0.*", "D.blocks.0.0.conv1.weight", true},
            {"D.blocks.0.*", "D.blocks.1.0.conv1.weight", false},
            {"D.blocks.0.*", "D.blocks.0", false},
            {"*.weight", "G.linear.weight", true},
            {"*.weight", "G.linear.weight_v", false},
            {"G.?.b", "G.1.b", true},
            {"G?1", "G.1", true},
            {"G?1", "G/1", true},
            {"a*b*c", "a-b-b-c", true},
            {"a*b*c", "a-b-b-d", false},
            {"*aab", "aaaaaab", true},
            {"[ab]", "a", false},
            {"abc", "ab", false},
            {"ab", "abc", false},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        if (ftl_text_match(row[i].pattern, row[i].text) == row[i].match) continue;
        ftl_test_fail(__FILE__, __LINE__, "%s against %s", row[i].pattern, row[i].text);
    }
}

int main(void) {
    FTL_TEST(distances);
    FTL_TEST(long_words);
    FTL_TEST(hints);
    FTL_TEST(globs);
    return ftl_test_finish();
}
