/* group.c - see group.h. */
#include "datasets/group.h"

#include "engine/base/text.h"

#include <string.h>

static bool holds(const ftl_group *group, int64_t value) {
    for (int i = 0; i < group->n_values; i++)
        if (group->value[i] == value) return true;
    return false;
}

static ftl_status check_group(const ftl_groups *groups, int k) {
    const ftl_group *group = &groups->item[k];
    if (group->n_values == 0)
        return ftl_fail(FTL_ECONFIG, "data.groups: %s has no values", group->name);
    for (int i = 0; i < group->n_values; i++)
        if (group->value[i] < 0)
            return ftl_fail(FTL_ECONFIG,
                    "data.groups: %s: %lld is no value (-1 means missing)", group->name,
                    (long long)group->value[i]);
    for (int j = 0; j < k; j++) {
        const ftl_group *other = &groups->item[j];
        if (strcmp(other->name, group->name) == 0)
            return ftl_fail(FTL_ECONFIG, "data.groups: %s is there twice", group->name);
        for (int i = 0; i < group->n_values; i++)
            if (holds(other, group->value[i]))
                return ftl_fail(FTL_ECONFIG,
                        "data.groups: value %lld is in %s and in %s",
                        (long long)group->value[i], other->name, group->name);
    }
    return FTL_OK;
}

ftl_status ftl_groups_check(const ftl_groups *groups) {
    if (groups->n < 2)
        return ftl_fail(FTL_ECONFIG, "data.groups: %d; at least two groups are needed",
                groups->n);
    for (int k = 0; k < groups->n; k++)
        FTL_TRY(check_group(groups, k));
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

static ftl_status fail_attribute(const ftl_pack_file *file, const char *attribute) {
    const ftl_pack *pack = &file->pack;
    if (!pack->n_attributes)
        return ftl_fail(FTL_ECONFIG,
                "data.attribute: %s has no attribute \"%s\"; it has none at all",
                file->path, attribute);
    char list[256] = "";
    size_t length = 0;
    for (int i = 0; i < pack->n_attributes; i++) {
        int more = snprintf(list + length, sizeof list - length, "%s%s", i ? ", " : "",
                pack->attributes[i].name);
        if (more < 0 || (size_t)more >= sizeof list - length) break;
        length += (size_t)more;
    }
    return ftl_fail(FTL_ECONFIG,
            "data.attribute: %s has no attribute \"%s\"; it has %s", file->path,
            attribute, list);
}

ftl_status ftl_groups_assign(int32_t *group, int64_t *count, const ftl_pack_file *file,
        const char *attribute, const ftl_groups *groups) {
    const ftl_pack_attribute *found = ftl_pack_attribute_find(&file->pack, attribute);
    if (!found) return fail_attribute(file, attribute);
    for (int k = 0; k < groups->n; k++)
        count[k] = 0;
    for (int64_t i = 0; i < file->pack.n; i++) {
        group[i] = -1;
        for (int k = 0; k < groups->n && group[i] < 0; k++)
            if (holds(&groups->item[k], found->value[i])) group[i] = k;
        if (group[i] >= 0) count[group[i]]++;
    }
    return FTL_OK;
}
