/* group.c - ftl_groups_check and ftl_groups_find: groups without images. */
#include "datasets/group.h"

#include "engine/base/text.h"

#include <string.h>

static bool overlap(const ftl_range *a, const ftl_range *b) {
    if (a->word && b->word) return strcmp(a->word, b->word) == 0;
    if (a->word || b->word) return false; /* only a pack can tell */
    return a->first <= b->last && b->first <= a->last;
}

/* A value that both hold; NULL if there is none. */
static const ftl_range *find_overlap(const ftl_condition *a, const ftl_condition *b) {
    for (int i = 0; i < a->n_ranges; i++)
        for (int k = 0; k < b->n_ranges; k++)
            if (overlap(&a->range[i], &b->range[k])) return &a->range[i];
    return NULL;
}

static const char *attribute_of(const ftl_condition *condition, const char *attribute) {
    return condition->attribute ? condition->attribute : attribute;
}

/* Two groups have no image in common if they ask for different values of one attribute.
 * *shared is an example of one that they share, if there is any. */
static bool are_disjoint(const ftl_group *a, const ftl_group *b, const char *attribute,
        const ftl_range **shared) {
    *shared = NULL;
    for (int i = 0; i < a->n_conditions; i++)
        for (int k = 0; k < b->n_conditions; k++) {
            const ftl_condition *x = &a->condition[i], *y = &b->condition[k];
            if (strcmp(attribute_of(x, attribute), attribute_of(y, attribute)) != 0)
                continue;
            const ftl_range *found = find_overlap(x, y);
            if (!found) return true;
            *shared = found;
        }
    return false;
}

static ftl_status fail_overlap(
        const ftl_group *a, const ftl_group *b, const ftl_range *shared) {
    if (!shared)
        return ftl_fail(FTL_ECONFIG,
                "data.groups: an image can be in %s and in %s: let them ask for "
                "different values of one attribute",
                a->name, b->name);
    if (shared->word)
        return ftl_fail(FTL_ECONFIG, "data.groups: value %s is in %s and in %s",
                shared->word, a->name, b->name);
    if (shared->first < shared->last)
        return ftl_fail(FTL_ECONFIG, "data.groups: values of %s are in %s too", a->name,
                b->name);
    return ftl_fail(FTL_ECONFIG, "data.groups: value %lld is in %s and in %s",
            (long long)shared->first, a->name, b->name);
}

static ftl_status check_condition(
        const ftl_group *group, const ftl_condition *condition, const char *attribute) {
    if (!attribute_of(condition, attribute))
        return ftl_fail(FTL_ECONFIG,
                "data.attribute: is needed: group %s names no attribute", group->name);
    if (condition->n_ranges == 0)
        return ftl_fail(FTL_ECONFIG, "data.groups: %s has no values", group->name);
    for (int i = 0; i < condition->n_ranges; i++) {
        const ftl_range *range = &condition->range[i];
        bool open = range->first == INT64_MIN && range->last >= 0;
        if (!range->word && range->first < 0 && !open)
            return ftl_fail(FTL_ECONFIG,
                    "data.groups: %s: %lld is no value (-1 means missing)", group->name,
                    (long long)range->first);
    }
    return FTL_OK;
}

static ftl_status check_group(const ftl_groups *groups, int k, const char *attribute) {
    const ftl_group *group = &groups->item[k];
    for (int i = 0; i < group->n_conditions; i++)
        FTL_TRY(check_condition(group, &group->condition[i], attribute));
    for (int j = 0; j < k; j++) {
        const ftl_group *other = &groups->item[j];
        const ftl_range *shared;
        if (strcmp(other->name, group->name) == 0)
            return ftl_fail(FTL_ECONFIG, "data.groups: %s is there twice", group->name);
        if (!are_disjoint(other, group, attribute, &shared))
            return fail_overlap(other, group, shared);
    }
    return FTL_OK;
}

static bool is_used(const ftl_groups *groups) {
    for (int k = 0; k < groups->n; k++)
        for (int i = 0; i < groups->item[k].n_conditions; i++)
            if (!groups->item[k].condition[i].attribute) return true;
    return false;
}

ftl_status ftl_groups_check(const ftl_groups *groups, const char *attribute) {
    if (groups->n < 2)
        return ftl_fail(FTL_ECONFIG, "data.groups: %d; at least two groups are needed",
                groups->n);
    for (int k = 0; k < groups->n; k++)
        FTL_TRY(check_group(groups, k, attribute));
    if (attribute && !is_used(groups))
        return ftl_fail(FTL_ECONFIG,
                "data.attribute: has no use: each group names its attributes");
    return FTL_OK;
}

ftl_status ftl_groups_find(
        int *out, const ftl_groups *groups, const char *name, const char *key) {
    const ftl_group *nearest = &groups->item[0];
    for (*out = 0; *out < groups->n; ++*out) {
        const ftl_group *group = &groups->item[*out];
        if (strcmp(group->name, name) == 0) return FTL_OK;
        if (ftl_text_distance(group->name, name) <
                ftl_text_distance(nearest->name, name))
            nearest = group;
    }
    return ftl_fail(FTL_ECONFIG, "%s: no group is called \"%s\"; did you mean %s?", key,
            name, nearest->name);
}
