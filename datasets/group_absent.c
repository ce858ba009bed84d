/* group_absent.c - why a group has no image: which values there are instead. */
#include "datasets/group.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum { MAX_VALUES = 4, TEXT_BYTES = 512 };

/* A text that grows, and is cut off where its room ends. */
typedef struct text {
    char bytes[TEXT_BYTES];
    size_t n;
} text;

static void add(text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(text *t, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const int n = vsnprintf(t->bytes + t->n, TEXT_BYTES - t->n, format, arguments);
    va_end(arguments);
    if (n > 0) t->n += (size_t)n;
    if (t->n > TEXT_BYTES - 1) t->n = TEXT_BYTES - 1;
}

/* The smallest value above this one, -1 being "missing", and how many images have it;
 * 0: there is none. */
static int64_t next_value(
        int32_t *value, const ftl_pack_attribute *a, int64_t n_images, int64_t above) {
    int64_t n = 0;
    for (int64_t i = 0; i < n_images; i++) {
        if (a->value[i] <= above || (n && a->value[i] > *value)) continue;
        if (!n || a->value[i] < *value) n = 0;
        *value = a->value[i];
        n++;
    }
    return n;
}

static void add_value(text *t, const ftl_pack_attribute *a, int32_t value) {
    if (value < 0)
        add(t, "missing");
    else if (value < a->n_value_names)
        add(t, "\"%s\"", a->value_name[value]);
    else
        add(t, "%" PRId32, value);
}

/* "age" is 18 in 1 image, 19 in 5 images, another value in 90 more */
static void add_values(text *t, const ftl_pack *pack, const ftl_pack_attribute *a) {
    int64_t n, left = pack->n, above = -2;
    int32_t value = -1;
    add(t, "%s\"%s\" is ", t->n ? ", " : "", a->name);
    for (int i = 0; i < MAX_VALUES && left > 0; i++, above = value) {
        n = next_value(&value, a, pack->n, above);
        if (i) add(t, ", ");
        add_value(t, a, value);
        add(t, " in %s%" PRId64 " image%s", n == pack->n ? "all " : "", n,
                n == 1 ? "" : "s");
        left -= n;
    }
    if (left > 0) add(t, ", another value in %" PRId64 " more", left);
}

ftl_status ftl_groups_fail_absent(const ftl_pack_file *file, const char *attribute,
        const ftl_group *group, const char *set) {
    text t = {.n = 0};
    for (int i = 0; i < group->n_conditions; i++) {
        const char *name = group->condition[i].attribute;
        const ftl_pack_attribute *a =
                ftl_pack_attribute_find(&file->pack, name ? name : attribute);
        if (a) add_values(&t, &file->pack, a);
    }
    return ftl_fail(FTL_EINPUT,
            "%s: %s%s%s image of group %s: %s; have data.groups ask for values that "
            "there are, choose another attribute, or correct the labels and import "
            "again",
            file->path, set ? "the " : "", set ? set : "there is",
            set ? " set has no" : " no", group->name, t.bytes);
}
