/* group_fixture.h - groups as constants:
 *
 *     static ftl_group items[] = {
 *             FTL_GROUP("young", FTL_VALUES("age", FTL_NUMBERS(0, 39))),
 *             FTL_GROUP("old", FTL_VALUES("age", FTL_NUMBERS(40, INT64_MAX)))}; */
#ifndef FTL_TEST_DATASETS_GROUP_FIXTURE_H
#define FTL_TEST_DATASETS_GROUP_FIXTURE_H

#include "engine/base/option.h"

/* An array and its length, as two initialisers. */
#define FTL_ARRAY_AND_LENGTH(type, ...)                                                \
    (const type[]) {__VA_ARGS__},                                                      \
            (int)(sizeof((const type[]) {__VA_ARGS__}) / sizeof(type))

#define FTL_NUMBERS(first, last)                                                       \
    { first, last, NULL }
#define FTL_NUMBER(value) FTL_NUMBERS(value, value)
#define FTL_WORD(word)                                                                 \
    { 0, 0, word }
#define FTL_VALUES(attribute, ...)                                                     \
    { attribute, FTL_ARRAY_AND_LENGTH(ftl_range, __VA_ARGS__) }
#define FTL_GROUP(name, ...)                                                           \
    { name, FTL_ARRAY_AND_LENGTH(ftl_condition, __VA_ARGS__) }

#endif
