/* Lists of chosen kernels, and their text. */
#include "engine/choices.h"
#include "test/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void are_found_and_changed(void) {
    ftl_choices *c;
    FTL_CHECK_OK(ftl_choices_create(&c));
    FTL_CHECK(!ftl_choices_find(c, "a"));
    FTL_CHECK(!ftl_choices_find(NULL, "a"));
    for (int i = 0; i < 200; i++) {
        char key[16];
        snprintf(key, sizeof key, "key %d", i);
        FTL_CHECK_OK(ftl_choices_set(c, key, i % 2 ? "odd" : "even"));
    }
    FTL_CHECK(ftl_choices_count(c) == 200);
    FTL_CHECK(!strcmp(ftl_choices_find(c, "key 7"), "odd"));
    FTL_CHECK_OK(ftl_choices_set(c, "key 7", "even"));
    FTL_CHECK(!strcmp(ftl_choices_find(c, "key 7"), "even"));
    FTL_CHECK(ftl_choices_count(c) == 200);
    ftl_choices_free(c);
}

static void text_goes_both_ways(void) {
    ftl_choices *a, *b;
    char *text, *again;
    FTL_CHECK_OK(ftl_choices_create(&a));
    FTL_CHECK_OK(ftl_choices_create(&b));
    FTL_CHECK_OK(ftl_choices_format(&text, a));
    FTL_CHECK(!*text);
    free(text);
    FTL_CHECK_OK(ftl_choices_set(a, "conv [1, 2] -> [3]", "winograd"));
    FTL_CHECK_OK(ftl_choices_set(a, "b", "direct"));
    FTL_CHECK_OK(ftl_choices_format(&text, a));
    FTL_CHECK(!strcmp(text, "conv [1, 2] -> [3] = winograd\nb = direct\n"));
    FTL_CHECK_OK(ftl_choices_parse(b, text, "here"));
    FTL_CHECK_OK(ftl_choices_format(&again, b));
    FTL_CHECK(!strcmp(text, again));
    free(text);
    free(again);
    ftl_choices_free(a);
    ftl_choices_free(b);
}

static void damaged_text_is_refused(void) {
    ftl_choices *c;
    FTL_CHECK_OK(ftl_choices_create(&c));
    FTL_CHECK_FAILS(ftl_choices_parse(c, "a = b\n\nnothing\n", "x.h5"), FTL_EFORMAT,
            "x.h5: line 3 is not \"key = kernel\": nothing");
    FTL_CHECK_FAILS(ftl_choices_parse(c, " = b", "x.h5"), FTL_EFORMAT, "line 1");
    FTL_CHECK_FAILS(ftl_choices_parse(c, "b = ", "x.h5"), FTL_EFORMAT, "line 1");
    FTL_CHECK(!strcmp(ftl_choices_find(c, "a"), "b"));
    ftl_choices_free(c);
}

int main(void) {
    FTL_TEST(are_found_and_changed);
    FTL_TEST(text_goes_both_ways);
    FTL_TEST(damaged_text_is_refused);
    return ftl_test_finish();
}
