/* test_yaml.c - trees with line numbers, and what is refused of YAML. */
#include "test/harness.h"

#include "configs/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ftl_arena *arena;
static ftl_yaml *root;

static ftl_status parse(const char *text, size_t n_bytes) {
    ftl_arena_free(arena);
    arena = NULL;
    FTL_TRY(ftl_arena_create(&arena));
    return ftl_yaml_parse(&root, arena, text, n_bytes, "x.yaml", true);
}

#define REFUSED(text, wanted)                                                          \
    do {                                                                               \
        ftl_clear();                                                                   \
        ftl_status refused_ = parse(text, sizeof(text) - 1);                           \
        if (refused_ != FTL_ECONFIG || strcmp(ftl_message(), wanted) != 0 || root)     \
            ftl_test_fail(__FILE__, __LINE__, "status %d: \"%s\"", (int)refused_,      \
                    ftl_message());                                                    \
        ftl_clear();                                                                   \
    } while (0)

#define PARSED(text) FTL_CHECK_OK(parse(text, sizeof(text) - 1))

static void trees_keep_order_and_lines(void) {
    PARSED("# comment\n"
           "b: 1\n"
           "a:\n"
           "  - x\n"
           "  - 'y z'\n"
           "\n"
           "  - {k: v}\n"
           "c:\n");
    FTL_CHECK(root->kind == FTL_YAML_MAP && root->n == 3 && root->line == 2);
    const ftl_yaml *b = root->first;
    FTL_CHECK(strcmp(b->key, "b") == 0 && strcmp(b->text, "1") == 0 && b->plain);
    FTL_CHECK(b->line == 2 && b->key_line == 2);
    const ftl_yaml *a = ftl_yaml_find(root, "a");
    FTL_CHECK(a == b->next && a->kind == FTL_YAML_LIST && a->n == 3);
    FTL_CHECK(a->key_line == 3 && a->line == 4);
    const ftl_yaml *y = ftl_yaml_item(a, 1);
    FTL_CHECK(strcmp(y->text, "y z") == 0 && !y->plain && y->line == 5 && !y->key);
    const ftl_yaml *map = ftl_yaml_item(a, 2);
    FTL_CHECK(map == a->last && map->kind == FTL_YAML_MAP && map->line == 7);
    FTL_CHECK(!ftl_yaml_item(a, 3));
    const ftl_yaml *c = ftl_yaml_find(root, "c");
    FTL_CHECK(ftl_yaml_empty(c) && !ftl_yaml_null(c) && c->key_line == 8);
    FTL_CHECK(!ftl_yaml_find(root, "d"));
    FTL_CHECK(strcmp(c->origin, "x.yaml") == 0);
}

static void nothing_has_names(void) {
    PARSED("");
    FTL_CHECK(ftl_yaml_empty(root));
    PARSED("# only this\n");
    FTL_CHECK(ftl_yaml_empty(root));
    PARSED("---\n...\n");
    FTL_CHECK(ftl_yaml_empty(root));
    PARSED("null");
    FTL_CHECK(ftl_yaml_null(root) && !ftl_yaml_empty(root));
    PARSED("~");
    FTL_CHECK(ftl_yaml_null(root));
    PARSED("'~'");
    FTL_CHECK(!ftl_yaml_null(root));
    PARSED("''");
    FTL_CHECK(!ftl_yaml_null(root) && !ftl_yaml_empty(root));
    PARSED("\xef\xbb\xbf"
           "a: 1\r\nb: 2\r\n");
    FTL_CHECK(root->n == 2 && root->last->line == 2);
    PARSED("\xff\xfe"
           "a\0:\0 \0"
           "1\0");
    FTL_CHECK(root->n == 1 && strcmp(root->first->text, "1") == 0);
}

static void extras_are_refused(void) {
    REFUSED("a: &x 1\nb: 2\n",
            "x.yaml:1: anchors (&) and aliases (*) are not supported: "
            "write the value out, or put the text in quotes");
    REFUSED("a: 1\nb: *x\n", "x.yaml:2: anchors (&) and aliases (*) are not supported: "
                             "write the value out, or put the text in quotes");
    REFUSED("a: 1\n&k b: 2\n",
            "x.yaml:2: anchors (&) and aliases (*) are not supported: "
            "write the value out, or put the text in quotes");
    REFUSED("a: &x [1]", "x.yaml:1: anchors (&) and aliases (*) are not supported: "
                         "write the value out, or put the text in quotes");
    REFUSED("a: &x {b: 1}", "x.yaml:1: anchors (&) and aliases (*) are not supported: "
                            "write the value out, or put the text in quotes");
    REFUSED("*k : 2\n", "x.yaml:1: a key must be a single word");
    REFUSED("a: !!int 1",
            "x.yaml:1: tags (!) are not supported: remove the tag, or put "
            "the text in quotes");
    REFUSED("a: !x [1]", "x.yaml:1: tags (!) are not supported: remove the tag, or put "
                         "the text in quotes");
    REFUSED("%TAG ! tag:x,2000:\n--- a", "x.yaml:1: %TAG directives are not supported: "
                                         "remove them");
    REFUSED("a: 1\n---\nb: 2\n",
            "x.yaml:2: a second document starts here; only one is allowed");
    REFUSED("a: 1\n...\n---\n",
            "x.yaml:3: a second document starts here; only one is allowed");
    REFUSED("[a]: 1", "x.yaml:1: a key must be a single word");
    REFUSED("? {a: 1}\n: 2", "x.yaml:1: a key must be a single word");
    REFUSED("a: 1\n? \n: 2\n", "x.yaml:2: a key is empty");
    REFUSED("a: \"x\\0y\"", "x.yaml:1: a text must not hold a zero byte");
    REFUSED("\"a\\0\": 1", "x.yaml:1: a text must not hold a zero byte");
}

static void duplicates_are_refused(void) {
    REFUSED("a: 1\nb: 2\na: 3\n", "x.yaml:3: a: given twice, first on line 1");
    REFUSED("x:\n  b: {}\n  c: 1\n  \"b\": 2\n",
            "x.yaml:4: b: given twice, first on line 2");
    PARSED("a: {b: 1}\nb: {b: 1}\n");
    ftl_status status =
            ftl_yaml_parse(&root, arena, "{a: 1, a: 2}", 12, "--set x", false);
    FTL_CHECK_FAILS(status, FTL_ECONFIG, "--set x: a: given twice");
}

static void syntax_errors_name_the_line(void) {
    REFUSED("a: [1\nb: 2\n",
            "x.yaml:2: did not find expected ',' or ']' (while parsing a "
            "flow sequence from line 1)");
    REFUSED("a:\n\tb: 2\n", "x.yaml:2: found character that cannot start any token "
                            "(while scanning for the next token); this is a tab: "
                            "indent with blanks");
    REFUSED("a: 'x\n",
            "x.yaml:2: found unexpected end of stream (while scanning a quoted "
            "scalar from line 1)");
    REFUSED("a: 1\n  b: 2\n",
            "x.yaml:2: mapping values are not allowed in this context");
    REFUSED("a: b: c\n", "x.yaml:1: mapping values are not allowed in this context");
    REFUSED("a: 1\nb: \x01\n", "x.yaml:2: control characters are not allowed (byte 8)");
    REFUSED("a: 1\n\nb: \xff\n", "x.yaml:3: invalid leading UTF-8 octet (byte 9)");
}

/* `n` times `unit` behind `head`. */
static ftl_status parse_repeated(const char *head, const char *unit, size_t n) {
    size_t n_head = strlen(head), n_unit = strlen(unit);
    char *text = malloc(n_head + n * n_unit + 1);
    memcpy(text, head, n_head);
    for (size_t i = 0; i < n; i++)
        memcpy(text + n_head + i * n_unit, unit, n_unit);
    ftl_status status = parse(text, n_head + n * n_unit);
    free(text);
    return status;
}

static void limits_hold(void) {
    PARSED("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
    FTL_CHECK_FAILS(parse_repeated("a: ", "[", 500000), FTL_ECONFIG,
            "x.yaml:1: nested deeper than 32 levels");
    FTL_CHECK_FAILS(
            parse_repeated("a: ", "{b: ", 250000), FTL_ECONFIG, "nested deeper");
    FTL_CHECK_FAILS(parse_repeated("", "- ", 500000), FTL_ECONFIG, "nested deeper");
    FTL_CHECK_FAILS(parse_repeated("", "? ", 500000), FTL_ECONFIG, "a single word");
    FTL_CHECK_FAILS(parse_repeated("", "- a\n", 150000), FTL_ECONFIG,
            "x.yaml:100000: more than 100000 values in one file");
    FTL_CHECK_OK(parse_repeated("", "- a\n", 99999));
    FTL_CHECK(root->n == 99999 && root->last->line == 99999);
    FTL_CHECK_FAILS(parse_repeated("", "# 3456789", 600000), FTL_ECONFIG,
            "x.yaml: 5400000 bytes are too many for a configuration (4194304)");
    FTL_CHECK_OK(parse_repeated("a: ", "x", 1 << 20));
    FTL_CHECK(strlen(root->first->text) == 1 << 20);
    FTL_CHECK_OK(parse_repeated("a: |\n", "  line\n", 100000));
    FTL_CHECK(strlen(root->first->text) == 500000);
    char key[200];
    memset(key, 'k', sizeof key);
    memcpy(key + 128, ": 1", 4);
    FTL_CHECK_OK(parse(key, 131));
    FTL_CHECK(strlen(root->first->key) == 128);
    memcpy(key + 128, "k: 1", 5);
    FTL_CHECK_FAILS(parse(key, 132), FTL_ECONFIG, "a key is longer than 128 bytes");
}

/* A document that would expand to 10^9 values. */
static void laughs_are_refused(void) {
    REFUSED("a: &a [x, x, x, x, x, x, x, x, x, x]\n"
            "b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
            "c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\n",
            "x.yaml:1: anchors (&) and aliases (*) are not supported: write the value "
            "out, or put the text in quotes");
}

static void trees_can_be_changed(void) {
    PARSED("{a: 1, b: 2, c: 3}");
    ftl_yaml *fresh = ftl_yaml_create(arena, FTL_YAML_LIST, "y", 7);
    ftl_yaml_replace(root, ftl_yaml_find(root, "c"), fresh);
    FTL_CHECK(root->last == fresh && strcmp(fresh->key, "c") == 0 && !fresh->next);
    ftl_yaml *first = ftl_yaml_create(arena, FTL_YAML_SCALAR, "y", 8);
    ftl_yaml_replace(root, root->first, first);
    FTL_CHECK(root->first == first && strcmp(first->key, "a") == 0 && root->n == 3);
    FTL_CHECK(strcmp(first->next->key, "b") == 0 && first->next->next == fresh);
    FTL_CHECK_FAILS(ftl_yaml_fail(fresh, "no"), FTL_ECONFIG, "y:7: no");
}

static void long_texts_are_cut(void) {
    char shown[FTL_YAML_SHOWN];
    FTL_CHECK(strcmp(ftl_yaml_show(shown, "a\nb\tc"), "a b c") == 0);
    char text[FTL_YAML_SHOWN + 10];
    memset(text, 'x', sizeof text);
    text[FTL_YAML_SHOWN - 1] = 0;
    FTL_CHECK(strcmp(ftl_yaml_show(shown, text), text) == 0);
    text[FTL_YAML_SHOWN - 1] = 'x';
    text[FTL_YAML_SHOWN] = 0;
    FTL_CHECK(strlen(ftl_yaml_show(shown, text)) == FTL_YAML_SHOWN - 1);
    FTL_CHECK(strcmp(shown + FTL_YAML_SHOWN - 4, "...") == 0);
    /* a character of two bytes across the cut goes whole */
    memcpy(text + FTL_YAML_SHOWN - 5, "\xc3\xa9", 2);
    FTL_CHECK(strcmp(ftl_yaml_show(shown, text) + FTL_YAML_SHOWN - 5, "...") == 0);
}

int main(void) {
    FTL_TEST(trees_keep_order_and_lines);
    FTL_TEST(nothing_has_names);
    FTL_TEST(extras_are_refused);
    FTL_TEST(duplicates_are_refused);
    FTL_TEST(syntax_errors_name_the_line);
    FTL_TEST(limits_hold);
    FTL_TEST(laughs_are_refused);
    FTL_TEST(trees_can_be_changed);
    FTL_TEST(long_texts_are_cut);
    ftl_arena_free(arena);
    return ftl_test_finish();
}
