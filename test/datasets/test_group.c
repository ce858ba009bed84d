/* test_group.c - which image is in which group, and groups that make no sense. */
#include "datasets/group.h"
#include "test/datasets/group_fixture.h"
#include "test/harness.h"

#define N 9

static const char *const hair_names[] = {"black", "blond", "brown"};
static const char *const names[N] = {"0", "1", "2", "3", "4", "5", "6", "7", "8"};
static const int32_t gender[N] = {0, 1, 0, 1, -1, 0, 1, 0, 1};
static const int32_t age[N] = {5, 17, 18, 39, 40, -1, 70, 116, 2000000000};
static const int32_t hair[N] = {0, 0, 1, 2, 0, 0, -1, 2, 1};
static const ftl_pack_attribute attributes[] = {{"age", age, NULL, 0},
        {"gender", gender, NULL, 0}, {"hair", hair, hair_names, 3}};
static const ftl_pack_file file = {
        .pack = {.n = N, .names = names, .n_attributes = 3, .attributes = attributes},
        .path = "p.h5"};

#define GROUPS(items) (&(const ftl_groups) {items, (int)(sizeof items / sizeof *items)})

/* Does each image come into the group that is wanted, and is the count right? */
static bool check(
        const ftl_groups *groups, const char *attribute, const int32_t want[N]) {
    int32_t group[N];
    int64_t count[8];
    if (ftl_groups_check(groups, attribute) ||
            ftl_groups_assign(group, count, &file, attribute, groups)) {
        ftl_test_fail(__FILE__, __LINE__, "%s", ftl_message());
        return false;
    }
    for (int i = 0; i < N; i++) {
        if (group[i] != want[i]) return false;
        if (group[i] >= 0) count[group[i]]--;
    }
    for (int k = 0; k < groups->n; k++)
        if (count[k]) return false;
    return true;
}

static void takes_values(void) {
    ftl_group items[] = {FTL_GROUP("women", FTL_VALUES(NULL, FTL_NUMBER(1))),
            FTL_GROUP("men", FTL_VALUES(NULL, FTL_NUMBER(0), FTL_NUMBER(7)))};
    FTL_CHECK(check(
            GROUPS(items), "gender", (const int32_t[]) {1, 0, 1, 0, -1, 1, 0, 1, 0}));
}

/* Ends are included; a missing value is in no range, not even in one without end. */
static void takes_ranges(void) {
    ftl_group items[] = {
            FTL_GROUP("minor", FTL_VALUES(NULL, FTL_NUMBERS(INT64_MIN, 17))),
            FTL_GROUP("young", FTL_VALUES(NULL, FTL_NUMBERS(18, 39))),
            FTL_GROUP("old", FTL_VALUES(NULL, FTL_NUMBERS(70, INT64_MAX)))};
    FTL_CHECK(check(
            GROUPS(items), "age", (const int32_t[]) {0, 0, 1, 1, -1, -1, 2, 2, 2}));
}

static void takes_words(void) {
    ftl_group items[] = {
            FTL_GROUP("dark", FTL_VALUES(NULL, FTL_WORD("brown"), FTL_WORD("black"))),
            FTL_GROUP("light", FTL_VALUES(NULL, FTL_NUMBER(1)))};
    FTL_CHECK(check(
            GROUPS(items), "hair", (const int32_t[]) {0, 0, 1, 0, 0, 0, -1, 0, 1}));
}

/* The product of two attributes; who lacks one of them is in no group. */
static void takes_products(void) {
    ftl_group items[] = {
            FTL_GROUP("black-haired women", FTL_VALUES("hair", FTL_WORD("black")),
                    FTL_VALUES("gender", FTL_NUMBER(1))),
            FTL_GROUP("black-haired men", FTL_VALUES("hair", FTL_WORD("black")),
                    FTL_VALUES("gender", FTL_NUMBER(0))),
            FTL_GROUP("other women", FTL_VALUES("hair", FTL_NUMBERS(1, 2)),
                    FTL_VALUES("gender", FTL_NUMBER(1))),
            FTL_GROUP("other men", FTL_VALUES(NULL, FTL_NUMBER(0)),
                    FTL_VALUES("hair", FTL_NUMBERS(1, 2)))};
    FTL_CHECK(check(
            GROUPS(items), "gender", (const int32_t[]) {1, 0, 3, 2, -1, 1, -1, 3, 2}));
    FTL_CHECK(ftl_groups_are_known(&file.pack, "gender", GROUPS(items)));
    FTL_CHECK(!ftl_groups_are_known(&file.pack, "sex", GROUPS(items)));
}

static ftl_status assign(const ftl_groups *groups, const char *attribute) {
    int32_t group[N];
    int64_t count[8];
    return ftl_groups_assign(group, count, &file, attribute, groups);
}

static void refuses_what_the_pack_lacks(void) {
    ftl_group number[] = {FTL_GROUP("a", FTL_VALUES(NULL, FTL_NUMBER(0))),
            FTL_GROUP("b", FTL_VALUES("race", FTL_NUMBER(1)))};
    FTL_CHECK_FAILS(assign(GROUPS(number), "sex"), FTL_ECONFIG,
            "data.attribute: p.h5 has no attribute \"sex\"; it has age, gender, hair");
    FTL_CHECK_FAILS(assign(GROUPS(number), "age"), FTL_ECONFIG,
            "data.groups: p.h5 has no attribute \"race\"; it has age");
    ftl_group word[] = {FTL_GROUP("a", FTL_VALUES(NULL, FTL_WORD("black"))),
            FTL_GROUP("b", FTL_VALUES(NULL, FTL_WORD("red")))};
    FTL_CHECK_FAILS(assign(GROUPS(word), "hair"), FTL_ECONFIG,
            "data.groups: no value of \"hair\" in p.h5 is called \"red\"; there is "
            "black, blond, brown");
    FTL_CHECK_FAILS(assign(GROUPS(word), "age"), FTL_ECONFIG,
            "data.groups: \"black\" is a word, but the values of \"age\" in p.h5 are "
            "numbers");
    /* Whether a word and a number mean the same, the pack tells. */
    ftl_group both[] = {FTL_GROUP("a", FTL_VALUES(NULL, FTL_WORD("blond"))),
            FTL_GROUP("b", FTL_VALUES(NULL, FTL_NUMBER(1)))};
    FTL_CHECK_OK(ftl_groups_check(GROUPS(both), "hair"));
    FTL_CHECK_FAILS(assign(GROUPS(both), "hair"), FTL_ECONFIG,
            "data.groups: 2 of p.h5 is in a and in b");
}

/* What a number would mean there, nobody can tell; a word is clear. */
static void refuses_numbers_among_numbered_texts(void) {
    static const char *const ages[] = {"18", "5", "62 years"};
    static const char *const digits[] = {"0", "1 ", "Infant", "nan"};
    static const int32_t value[N] = {0, 1, 2, 0, 1, 2, -1, -1, -1};
    const ftl_pack_attribute named[] = {
            {"age", value, ages, 3}, {"digit", value, digits, 4}};
    const ftl_pack_file texts = {
            .pack = {.n = N, .names = names, .n_attributes = 2, .attributes = named},
            .path = "t.h5"};
    int32_t group[N];
    int64_t count[2];
    ftl_group ranges[] = {FTL_GROUP("young", FTL_VALUES(NULL, FTL_NUMBERS(0, 1))),
            FTL_GROUP("old", FTL_VALUES(NULL, FTL_NUMBERS(2, INT64_MAX)))};
    ftl_group words[] = {FTL_GROUP("young", FTL_VALUES(NULL, FTL_WORD("18"))),
            FTL_GROUP("old", FTL_VALUES(NULL, FTL_WORD("62 years")))};
    FTL_CHECK_FAILS(ftl_groups_assign(group, count, &texts, "age", GROUPS(ranges)),
            FTL_ECONFIG,
            "data.groups: the values of \"age\" in t.h5 are texts, and \"18\" is the "
            "one with number 0: no number");
    FTL_CHECK_OK(ftl_groups_assign(group, count, &texts, "age", GROUPS(words)));
    FTL_CHECK(count[0] == 2 && count[1] == 2);
    /* Both mean the same. */
    FTL_CHECK_OK(ftl_groups_assign(group, count, &texts, "digit", GROUPS(ranges)));
    FTL_CHECK(count[0] == 4 && count[1] == 2);
}

#define REFUSED(message, attribute, ...)                                               \
    do {                                                                               \
        ftl_group items_[] = {__VA_ARGS__};                                            \
        FTL_CHECK_FAILS(                                                               \
                ftl_groups_check(GROUPS(items_), attribute), FTL_ECONFIG, message);    \
    } while (0)

static void refuses_groups(void) {
    ftl_group none = {"b", &(const ftl_condition) {NULL, NULL, 0}, 1};
    REFUSED("two groups", "x", FTL_GROUP("a", FTL_VALUES(NULL, FTL_NUMBER(0))));
    REFUSED("a is there twice", "x", FTL_GROUP("a", FTL_VALUES(NULL, FTL_NUMBER(0))),
            FTL_GROUP("a", FTL_VALUES(NULL, FTL_NUMBER(1))));
    REFUSED("value 1 is in a and in b", "x",
            FTL_GROUP("a", FTL_VALUES(NULL, FTL_NUMBER(1))),
            FTL_GROUP("b", FTL_VALUES(NULL, FTL_NUMBER(5), FTL_NUMBER(1))));
    REFUSED("value 1 is in a and in b", "x",
            FTL_GROUP("a", FTL_VALUES(NULL, FTL_NUMBER(1))),
            FTL_GROUP("b", FTL_VALUES("x", FTL_NUMBERS(0, 4))));
    REFUSED("values of a are in b too", "x",
            FTL_GROUP("a", FTL_VALUES(NULL, FTL_NUMBERS(0, 18))),
            FTL_GROUP("b", FTL_VALUES(NULL, FTL_NUMBERS(18, INT64_MAX))));
    REFUSED("value cat is in a and in b", "x",
            FTL_GROUP("a", FTL_VALUES(NULL, FTL_WORD("cat"))),
            FTL_GROUP("b", FTL_VALUES(NULL, FTL_WORD("cat"))));
    REFUSED("an image can be in a and in b: let them ask", NULL,
            FTL_GROUP("a", FTL_VALUES("x", FTL_NUMBER(0))),
            FTL_GROUP("b", FTL_VALUES("y", FTL_NUMBER(1))));
    REFUSED("b: -1 is no value", "x", FTL_GROUP("a", FTL_VALUES(NULL, FTL_NUMBER(0))),
            FTL_GROUP("b", FTL_VALUES(NULL, FTL_NUMBER(-1))));
    REFUSED("b: -2 is no value", "x", FTL_GROUP("a", FTL_VALUES(NULL, FTL_NUMBER(9))),
            FTL_GROUP("b", FTL_VALUES(NULL, FTL_NUMBERS(-2, 3))));
    REFUSED("b has no values", "x", FTL_GROUP("a", FTL_VALUES(NULL, FTL_NUMBER(0))),
            none);
    REFUSED("data.attribute: is needed: group b names no attribute", NULL,
            FTL_GROUP("a", FTL_VALUES("x", FTL_NUMBER(0))),
            FTL_GROUP("b", FTL_VALUES(NULL, FTL_NUMBER(1))));
    REFUSED("data.attribute: has no use", "x",
            FTL_GROUP("a", FTL_VALUES("x", FTL_NUMBER(0))),
            FTL_GROUP("b", FTL_VALUES("x", FTL_NUMBER(1))));
}

int main(void) {
    FTL_TEST(takes_values);
    FTL_TEST(takes_ranges);
    FTL_TEST(takes_words);
    FTL_TEST(takes_products);
    FTL_TEST(refuses_what_the_pack_lacks);
    FTL_TEST(refuses_numbers_among_numbered_texts);
    FTL_TEST(refuses_groups);
    return ftl_test_finish();
}
