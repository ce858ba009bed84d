/* group_assign.c - groups and the images of a pack. */
#include "datasets/group.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* A condition that is ready to be asked. */
typedef struct test {
    const int32_t *value; /* [n] of the pack's attribute */
    ftl_range *range;     /* numbers only */
    int n_ranges;
} test;

/* The tests of all groups, one group after the other. */
typedef struct tests {
    test *item;
    ftl_range *range;
} tests;

static const char *name_of(const ftl_condition *condition, const char *attribute) {
    return condition->attribute ? condition->attribute : attribute;
}

/* "a, b, c"; what does not fit is left out. */
static void join(char *out, size_t size, int n, const char *(*name)(const void *, int),
        const void *of) {
    size_t length = 0;
    out[0] = 0;
    for (int i = 0; i < n; i++) {
        int more = snprintf(
                out + length, size - length, "%s%s", i ? ", " : "", name(of, i));
        if (more < 0 || (size_t)more >= size - length) {
            snprintf(out + length, size - length, "%s", i ? ", ..." : "...");
            return;
        }
        length += (size_t)more;
    }
}

static const char *name_of_attribute(const void *pack, int i) {
    return ((const ftl_pack *)pack)->attributes[i].name;
}

static const char *name_of_value(const void *attribute, int i) {
    return ((const ftl_pack_attribute *)attribute)->value_name[i];
}

static ftl_status fail_attribute(
        const ftl_pack_file *file, const ftl_condition *condition, const char *name) {
    const char *key = condition->attribute ? "data.groups" : "data.attribute";
    const ftl_pack *pack = &file->pack;
    char list[256];
    if (!pack->n_attributes)
        return ftl_fail(FTL_ECONFIG,
                "%s: %s has no attribute \"%s\"; it has none at all", key, file->path,
                name);
    join(list, sizeof list, pack->n_attributes, name_of_attribute, pack);
    return ftl_fail(FTL_ECONFIG, "%s: %s has no attribute \"%s\"; it has %s", key,
            file->path, name, list);
}

/* The number of a value by what it is called. */
static ftl_status find_word(ftl_range *out, const ftl_pack_file *file,
        const ftl_pack_attribute *attribute, const char *word) {
    char list[256];
    for (int i = 0; i < attribute->n_value_names; i++) {
        *out = (ftl_range) {.first = i, .last = i};
        if (strcmp(attribute->value_name[i], word) == 0) return FTL_OK;
    }
    if (!attribute->n_value_names)
        return ftl_fail(FTL_ECONFIG,
                "data.groups: \"%s\" is a word, but the values of \"%s\" in %s are "
                "numbers without names",
                word, attribute->name, file->path);
    join(list, sizeof list, attribute->n_value_names, name_of_value, attribute);
    return ftl_fail(FTL_ECONFIG,
            "data.groups: no value of \"%s\" in %s is called \"%s\"; there is %s",
            attribute->name, file->path, word, list);
}

/* Does a text begin with a number, other than the one that stands for it? */
static bool is_another_number(const char *text, int code) {
    const char *digit = text + strspn(text, " +-.");
    return isdigit((unsigned char)*digit) && strtod(text, NULL) != code;
}

/* A number means the one that stands for a text. Where the texts are numbers themselves
 * nobody can tell which of the two was meant: "18" may be the first of ages. */
static ftl_status check_number(
        const ftl_pack_file *file, const ftl_pack_attribute *attribute) {
    for (int i = 0; i < attribute->n_value_names; i++)
        if (is_another_number(attribute->value_name[i], i))
            return ftl_fail(FTL_ECONFIG,
                    "data.groups: the values of \"%s\" in %s are texts, and \"%s\" is "
                    "the one with number %d: no number or range can be asked for; "
                    "write "
                    "texts in quotes, or correct the table and import it again",
                    attribute->name, file->path, attribute->value_name[i], i);
    return FTL_OK;
}

static ftl_status prepare(test *out, ftl_range **room, const ftl_pack_file *file,
        const ftl_condition *condition, const char *attribute) {
    const char *name = name_of(condition, attribute);
    const ftl_pack_attribute *found = ftl_pack_attribute_find(&file->pack, name);
    if (!found) return fail_attribute(file, condition, name);
    *out = (test) {found->value, *room, condition->n_ranges};
    for (int i = 0; i < condition->n_ranges; i++) {
        const ftl_range *range = &condition->range[i];
        ftl_range *to = (*room)++;
        *to = *range;
        FTL_TRY(range->word ? find_word(to, file, found, range->word)
                            : check_number(file, found));
    }
    return FTL_OK;
}

static ftl_status prepare_all(tests *out, const ftl_pack_file *file,
        const char *attribute, const ftl_groups *groups) {
    size_t n_tests = 0, n_ranges = 0, at = 0;
    for (int k = 0; k < groups->n; k++)
        for (int i = 0; i < groups->item[k].n_conditions; i++) {
            n_tests++;
            n_ranges += (size_t)groups->item[k].condition[i].n_ranges;
        }
    out->item = malloc(sizeof *out->item * (n_tests + 1));
    out->range = malloc(sizeof *out->range * (n_ranges + 1));
    if (!out->item || !out->range)
        return ftl_fail(FTL_ENOMEM, "%s: no memory for the groups", file->path);
    ftl_range *room = out->range;
    for (int k = 0; k < groups->n; k++)
        for (int i = 0; i < groups->item[k].n_conditions; i++)
            FTL_TRY(prepare(&out->item[at++], &room, file,
                    &groups->item[k].condition[i], attribute));
    return FTL_OK;
}

static bool holds(const test *t, int64_t i) {
    int32_t value = t->value[i];
    for (int k = 0; k < t->n_ranges && value >= 0; k++)
        if (value >= t->range[k].first && value <= t->range[k].last) return true;
    return false;
}

static ftl_status assign(int32_t *group, int64_t *count, const ftl_pack_file *file,
        const ftl_groups *groups, const test *first) {
    for (int k = 0; k < groups->n; k++)
        count[k] = 0;
    for (int64_t i = 0; i < file->pack.n; i++) {
        const test *t = first;
        group[i] = -1;
        for (int k = 0; k < groups->n; k++) {
            bool in = true;
            for (int left = groups->item[k].n_conditions; left > 0; left--)
                in &= holds(t++, i);
            if (!in) continue;
            if (group[i] >= 0)
                return ftl_fail(FTL_ECONFIG, "data.groups: %s of %s is in %s and in %s",
                        file->pack.names[i], file->path, groups->item[group[i]].name,
                        groups->item[k].name);
            group[i] = k;
            count[k]++;
        }
    }
    return FTL_OK;
}

ftl_status ftl_groups_assign(int32_t *group, int64_t *count, const ftl_pack_file *file,
        const char *attribute, const ftl_groups *groups) {
    tests t = {0};
    ftl_status status = prepare_all(&t, file, attribute, groups);
    if (status == FTL_OK) status = assign(group, count, file, groups, t.item);
    free(t.item);
    free(t.range);
    return status;
}

bool ftl_groups_are_known(
        const ftl_pack *pack, const char *attribute, const ftl_groups *groups) {
    for (int k = 0; k < groups->n; k++)
        for (int i = 0; i < groups->item[k].n_conditions; i++)
            if (!ftl_pack_attribute_find(
                        pack, name_of(&groups->item[k].condition[i], attribute)))
                return false;
    return true;
}
