/* h5_attribute.c - attributes of groups and datasets; see h5.h. */
#include "engine/base/h5_internal.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "path@name" for messages; cut if very long. */
typedef struct label {
    char text[256];
} label;

static label label_of(const char *path, const char *name) {
    label l;
    int n = snprintf(l.text, sizeof l.text, "%s@%s", path, name);
    assert(n >= 0);
    (void)n;
    return l;
}

/* --------------------------------------------------------------------- writing */

/* Create and write. stored, memory, space: borrowed. */
static ftl_status write_attribute(ftl_h5 *file, const char *path, const char *name,
        hid_t stored, hid_t memory, hid_t space, const void *data) {
    assert(!file->bytes);
    label l = label_of(path, name);
    hid_t object;
    FTL_TRY(ftl_h5_open_object(&object, file, path));
    ftl_status status = FTL_OK;
    hid_t attribute = -1;
    if (H5Aexists(object, name) > 0) {
        status = ftl_fail(FTL_EINPUT, "%s: %s: is there already", file->name, l.text);
        goto out;
    }
    attribute =
            H5Acreate2(object, name, stored, space, file->attribute_plist, H5P_DEFAULT);
    if (attribute < 0 || H5Awrite(attribute, memory, data) < 0) {
        status = ftl_h5_fail(file, FTL_EBACKEND, l.text, "cannot be written");
    }
out:
    ftl_h5_release(attribute);
    ftl_h5_release(object);
    return status;
}

static ftl_status check_size(
        const ftl_h5 *file, const char *path, const char *name, size_t n_bytes) {
    if (n_bytes <= FTL_H5_ATTR_BYTES) return FTL_OK;
    return ftl_fail(FTL_EINPUT, "%s: %s: %zu bytes are more than an attribute's %d",
            file->name, label_of(path, name).text, n_bytes, FTL_H5_ATTR_BYTES);
}

ftl_status ftl_h5_attr_write_text(
        ftl_h5 *file, const char *path, const char *name, const char *text) {
    ftl_h5_silence();
    FTL_TRY(check_size(file, path, name, strlen(text)));
    hid_t type = ftl_h5_string_type(strlen(text));
    hid_t space = H5Screate(H5S_SCALAR);
    ftl_status status = write_attribute(file, path, name, type, type, space, text);
    ftl_h5_release(space);
    ftl_h5_release(type);
    return status;
}

ftl_status ftl_h5_attr_write(ftl_h5 *file, const char *path, const char *name,
        ftl_h5_type type, int64_t count, const void *data) {
    assert(count > 0);
    ftl_h5_silence();
    hid_t stored = ftl_h5_file_type(type), memory = ftl_h5_memory_type(type);
    FTL_TRY(check_size(file, path, name, (size_t)count * H5Tget_size(stored)));
    hsize_t extent = (hsize_t)count;
    hid_t space =
            count == 1 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &extent, NULL);
    ftl_status status = write_attribute(file, path, name, stored, memory, space, data);
    ftl_h5_release(space);
    return status;
}

/* --------------------------------------------------------------------- reading */

bool ftl_h5_attr_has(ftl_h5 *file, const char *path, const char *name) {
    ftl_h5_silence();
    return ftl_h5_find(file, path) &&
           H5Aexists_by_name(file->file, path, name, H5P_DEFAULT) > 0;
}

/* An attribute that was opened, with its stored type and the number of its elements. */
typedef struct attribute {
    hid_t id, type;
    int64_t count;
} attribute;

static void attribute_close(attribute *a) {
    ftl_h5_release(a->type);
    ftl_h5_release(a->id);
}

/* On failure nothing is held. */
static ftl_status attribute_open(
        attribute *a, const ftl_h5 *file, const char *path, const char *name) {
    *a = (attribute) {-1, -1, 0};
    label l = label_of(path, name);
    hid_t object, space = -1;
    FTL_TRY(ftl_h5_open_object(&object, file, path));
    ftl_status status = FTL_OK;
    htri_t there = H5Aexists(object, name);
    if (there <= 0) {
        status =
                there < 0
                        ? ftl_h5_fail(file, FTL_EFORMAT, l.text, "cannot be looked for")
                        : ftl_fail(FTL_EFORMAT, "%s: holds no %s", file->name, l.text);
        goto out;
    }
    a->id = H5Aopen(object, name, H5P_DEFAULT);
    a->type = H5Aget_type(a->id);
    space = H5Aget_space(a->id);
    a->count = H5Sget_simple_extent_npoints(space);
    if (a->id < 0 || a->type < 0 || a->count < 0) {
        status = ftl_h5_fail(file, FTL_EFORMAT, l.text, "cannot be opened: damaged");
        attribute_close(a);
    }
out:
    ftl_h5_release(space);
    ftl_h5_release(object);
    return status;
}

static ftl_status fail_text(const ftl_h5 *file, const char *where) {
    return ftl_h5_fail(file, FTL_EFORMAT, where, "cannot be read");
}

static ftl_status fail_memory(const ftl_h5 *file, const char *where) {
    return ftl_fail(FTL_ENOMEM, "%s: %s: no memory left", file->name, where);
}

/* Text of variable length is allocated by libhdf5: make it ours. */
static ftl_status read_variable(
        char **text, const attribute *a, const ftl_h5 *file, const char *where) {
    char *theirs = NULL;
    if (H5Aread(a->id, a->type, &theirs) < 0) return fail_text(file, where);
    *text = strdup(theirs ? theirs : "");
    if (theirs) H5free_memory(theirs);
    return *text ? FTL_OK : fail_memory(file, where);
}

static ftl_status read_fixed(
        char **text, const attribute *a, const ftl_h5 *file, const char *where) {
    char *own = calloc(H5Tget_size(a->type) + 1, 1);
    if (!own) return fail_memory(file, where);
    hid_t memory = ftl_h5_string_reader(a->type);
    if (memory < 0 || H5Aread(a->id, memory, own) < 0) {
        ftl_status status = fail_text(file, where);
        ftl_h5_release(memory);
        free(own);
        return status;
    }
    ftl_h5_release(memory);
    *text = own;
    return FTL_OK;
}

ftl_status ftl_h5_attr_read_text(
        ftl_h5 *file, const char *path, const char *name, char **text) {
    *text = NULL;
    ftl_h5_silence();
    attribute a;
    FTL_TRY(attribute_open(&a, file, path, name));
    ftl_status status = FTL_OK;
    label l = label_of(path, name);
    if (H5Tget_class(a.type) != H5T_STRING || a.count != 1) {
        status = ftl_fail(FTL_EFORMAT, "%s: %s: is no text", file->name, l.text);
        goto out;
    }
    status = H5Tis_variable_str(a.type) > 0 ? read_variable(text, &a, file, l.text)
                                            : read_fixed(text, &a, file, l.text);
out:
    attribute_close(&a);
    return status;
}

ftl_status ftl_h5_attr_read(ftl_h5 *file, const char *path, const char *name,
        ftl_h5_type type, int64_t count, void *data) {
    ftl_h5_silence();
    hid_t memory = ftl_h5_memory_type(type);
    attribute a;
    FTL_TRY(attribute_open(&a, file, path, name));
    ftl_status status = FTL_OK;
    label l = label_of(path, name);
    ftl_h5_type stored = ftl_h5_classify(a.type);
    if (stored != type || a.count != count) {
        status = ftl_fail(FTL_EFORMAT,
                "%s: %s: holds %" PRId64 " %s, not %" PRId64 " %s", file->name, l.text,
                a.count, ftl_h5_type_name(stored), count, ftl_h5_type_name(type));
    } else if (H5Aread(a.id, memory, data) < 0) {
        status = ftl_h5_fail(file, FTL_EFORMAT, l.text, "cannot be read: damaged");
    }
    attribute_close(&a);
    return status;
}
