/* pack_read.c - ftl_pack_open. */
#include "datasets/pack_schema.h"

#include "engine/base/h5.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* While a pack is being opened. */
typedef struct reader {
    ftl_pack_file *file;
    ftl_h5 *h5;
    ftl_pack_attribute *attributes; /* the array behind pack.attributes */
    int capacity;
} reader;

static ftl_status fail_memory(const reader *r) {
    return ftl_fail(FTL_ENOMEM, "%s: no memory left", r->file->path);
}

static void *allocate(reader *r, size_t n_bytes) {
    return ftl_arena_alloc(r->file->arena, n_bytes);
}

static ftl_status read_text(reader *r, const char *name, const char **out) {
    if (!ftl_h5_attr_has(r->h5, "/", name))
        return ftl_fail(FTL_EFORMAT, "%s: not a pack: its root has no attribute \"%s\"",
                r->file->path, name);
    char *text;
    FTL_TRY(ftl_h5_attr_read_text(r->h5, "/", name, &text));
    *out = ftl_arena_strdup(r->file->arena, text);
    free(text);
    return *out ? FTL_OK : fail_memory(r);
}

static ftl_status read_root(reader *r) {
    ftl_pack *pack = &r->file->pack;
    const char *format;
    FTL_TRY(read_text(r, "format", &format));
    if (strcmp(format, FTL_PACK_FORMAT) != 0)
        return ftl_fail(FTL_EFORMAT, "%s: its format is \"%s\", not \"%s\"",
                r->file->path, format, FTL_PACK_FORMAT);
    int32_t version;
    FTL_TRY(ftl_h5_attr_read(r->h5, "/", "format_version", FTL_H5_I32, 1, &version));
    if (version != FTL_PACK_VERSION)
        return ftl_fail(FTL_EFORMAT,
                "%s: format_version %d; this program reads %d: import the source again",
                r->file->path, version, FTL_PACK_VERSION);
    FTL_TRY(read_text(r, "importer", &pack->importer));
    FTL_TRY(read_text(r, "options", &pack->options));
    for (const ftl_pack_count_row *row = ftl_pack_count_rows; row->name; row++) {
        int64_t count;
        if (row->optional && !ftl_h5_attr_has(r->h5, "/", row->name)) continue;
        FTL_TRY(ftl_h5_attr_read(r->h5, "/", row->name, FTL_H5_I64, 1, &count));
        if (count < 0)
            return ftl_fail(FTL_EFORMAT, "%s: attribute \"%s\" is negative",
                    r->file->path, row->name);
        memcpy((char *)&pack->counts + row->offset, &count, sizeof count);
    }
    int32_t px[4];
    FTL_TRY(ftl_h5_attr_read(r->h5, "/", FTL_PACK_SOURCE_PX, FTL_H5_I32, 4, px));
    pack->source = (ftl_pack_extent) {px[0], px[1], px[2], px[3]};
    return FTL_OK;
}

static ftl_status check_hash(reader *r, const char *path, const char *hex) {
    if (!ftl_h5_attr_has(r->h5, path, "sha256"))
        return ftl_fail(
                FTL_EFORMAT, "%s: %s has no attribute sha256", r->file->path, path);
    char *stored;
    FTL_TRY(ftl_h5_attr_read_text(r->h5, path, "sha256", &stored));
    bool equal = strcmp(stored, hex) == 0;
    free(stored);
    if (!equal)
        return ftl_fail(FTL_EFORMAT,
                "%s: %s does not have the contents that its sha256 tells of",
                r->file->path, path);
    return FTL_OK;
}

static ftl_status describe(reader *r, const char *path, ftl_h5_type type,
        const char *type_name, int rank, ftl_h5_info *info) {
    if (!ftl_h5_has(r->h5, path))
        return ftl_fail(
                FTL_EFORMAT, "%s: not a pack: it has no %s", r->file->path, path);
    FTL_TRY(ftl_h5_describe(r->h5, path, info));
    if (info->type != type || info->rank != rank)
        return ftl_fail(FTL_EFORMAT, "%s: %s must be %s of rank %d", r->file->path,
                path, type_name, rank);
    return FTL_OK;
}

static ftl_status read_images(reader *r) {
    ftl_pack_file *file = r->file;
    ftl_pack *pack = &file->pack;
    ftl_h5_info info;
    FTL_TRY(describe(r, FTL_PACK_IMAGES, FTL_H5_U8, "uint8", 4, &info));
    const int64_t *dims = info.dims;
    /* The first bound keeps the product of all four below 2^63. */
    if (dims[0] < 1 || (uint64_t)dims[0] > file->sealed.n_bytes || dims[1] < 1 ||
            dims[1] > FTL_PACK_MAX_SIDE || dims[2] < 1 || dims[2] > FTL_PACK_MAX_SIDE ||
            (dims[3] != 1 && dims[3] != 3))
        return ftl_fail(FTL_EFORMAT,
                "%s: %s is [%lld, %lld, %lld, %lld]; [n, height, width, 1 or 3] with "
                "at "
                "least one image and sides of 1 to %d is needed",
                file->path, FTL_PACK_IMAGES, (long long)dims[0], (long long)dims[1],
                (long long)dims[2], (long long)dims[3], FTL_PACK_MAX_SIDE);
    uint64_t n_bytes = (uint64_t)(dims[0] * dims[1] * dims[2] * dims[3]);
    if (info.offset < 0 || n_bytes > file->sealed.n_bytes ||
            (uint64_t)info.offset > file->sealed.n_bytes - n_bytes)
        return ftl_fail(FTL_EFORMAT, "%s: %s is not stored in one piece", file->path,
                FTL_PACK_IMAGES);
    pack->n = dims[0];
    pack->height = (int)dims[1];
    pack->width = (int)dims[2];
    pack->channels = (int)dims[3];
    pack->images = file->sealed.bytes + info.offset;
    char hex[FTL_SHA256_HEX];
    FTL_TRY(ftl_pack_hash_bytes(hex, pack->images, (size_t)n_bytes));
    return check_hash(r, FTL_PACK_IMAGES, hex);
}

static ftl_status check_length(reader *r, const char *path, const ftl_h5_info *info) {
    int64_t n = r->file->pack.n;
    if (info->count != n)
        return ftl_fail(FTL_EFORMAT, "%s: %s has %lld entries for %lld images",
                r->file->path, path, (long long)info->count, (long long)n);
    return FTL_OK;
}

/* Fixed strings [n], verified. */
static ftl_status read_strings(
        reader *r, const char *path, const ftl_h5_info *info, const char ***out) {
    size_t n = (size_t)info->count, length = info->item_bytes + 1;
    char *text = allocate(r, n * length);
    const char **strings = allocate(r, n * sizeof *strings);
    if (!text || !strings) return fail_memory(r);
    FTL_TRY(ftl_h5_read(r->h5, path, FTL_H5_STRING, info->count, text));
    for (size_t i = 0; i < n; i++)
        strings[i] = text + i * length;
    *out = strings;
    char hex[FTL_SHA256_HEX];
    FTL_TRY(ftl_pack_hash_names(hex, strings, info->count));
    return check_hash(r, path, hex);
}

static ftl_status read_names(reader *r) {
    ftl_h5_info info;
    const char **names = NULL;
    FTL_TRY(describe(r, FTL_PACK_NAMES, FTL_H5_STRING, "fixed strings", 1, &info));
    FTL_TRY(check_length(r, FTL_PACK_NAMES, &info));
    FTL_TRY(read_strings(r, FTL_PACK_NAMES, &info, &names));
    r->file->pack.names = names;
    return FTL_OK;
}

static ftl_status add_attribute(reader *r, ftl_pack_attribute attribute) {
    ftl_pack *pack = &r->file->pack;
    if (pack->n_attributes == r->capacity) {
        int capacity = r->capacity ? 2 * r->capacity : 16;
        ftl_pack_attribute *grown = allocate(r, sizeof *grown * (size_t)capacity);
        if (!grown) return fail_memory(r);
        if (pack->n_attributes)
            memcpy(grown, r->attributes, sizeof *grown * (size_t)pack->n_attributes);
        r->attributes = grown;
        r->capacity = capacity;
        pack->attributes = grown;
    }
    r->attributes[pack->n_attributes++] = attribute;
    return FTL_OK;
}

static ftl_status read_attribute(reader *r, const char *name) {
    ftl_pack *pack = &r->file->pack;
    ftl_arena *arena = r->file->arena;
    ftl_h5_info info;
    const char *path = ftl_arena_printf(arena, "%s/%s", FTL_PACK_ATTRIBUTES, name);
    const char *own_name = ftl_arena_strdup(arena, name);
    int32_t *value = allocate(r, sizeof *value * (size_t)pack->n);
    if (!path || !own_name || !value) return fail_memory(r);
    FTL_TRY(describe(r, path, FTL_H5_I32, "int32", 1, &info));
    FTL_TRY(check_length(r, path, &info));
    FTL_TRY(ftl_h5_read(r->h5, path, FTL_H5_I32, pack->n, value));
    for (int64_t i = 0; i < pack->n; i++)
        if (value[i] < -1)
            return ftl_fail(FTL_EFORMAT,
                    "%s: %s: value %d of image %lld is below -1 (missing)",
                    r->file->path, path, value[i], (long long)i);
    char hex[FTL_SHA256_HEX];
    FTL_TRY(ftl_pack_hash_bytes(hex, value, sizeof *value * (size_t)pack->n));
    FTL_TRY(check_hash(r, path, hex));
    return add_attribute(r, (ftl_pack_attribute) {.name = own_name, .value = value});
}

/* What the values of an attribute are called. They come after it: the walk is in order
 * of paths. */
static ftl_status read_value_names(reader *r, const char *name) {
    ftl_pack *pack = &r->file->pack;
    ftl_h5_info info;
    const char **names = NULL;
    const char *path = ftl_arena_printf(r->file->arena, "%s/%s", FTL_PACK_VALUES, name);
    if (!path) return fail_memory(r);
    FTL_TRY(describe(r, path, FTL_H5_STRING, "fixed strings", 1, &info));
    int k = 0;
    while (k < pack->n_attributes && strcmp(pack->attributes[k].name, name) != 0)
        k++;
    if (k == pack->n_attributes || info.count < 1 || info.count > FTL_PACK_MAX_NAMES)
        return ftl_fail(FTL_EFORMAT,
                "%s: %s must name 1 to %d values of an attribute that is there",
                r->file->path, path, FTL_PACK_MAX_NAMES);
    FTL_TRY(read_strings(r, path, &info, &names));
    for (int64_t i = 0; i < pack->n; i++)
        if (pack->attributes[k].value[i] >= info.count)
            return ftl_fail(FTL_EFORMAT,
                    "%s: %s has no name for value %d of image %lld", r->file->path,
                    path, pack->attributes[k].value[i], (long long)i);
    r->attributes[k].value_name = names;
    r->attributes[k].n_value_names = (int)info.count;
    return FTL_OK;
}

/* "values/race" -> "race"; NULL if the path is not right below that group. */
static const char *below(const char *path, const char *group) {
    size_t n = strlen(group);
    if (strncmp(path, group + 1, n - 1) != 0 || path[n - 1] != '/') return NULL;
    return strchr(path + n, '/') ? NULL : path + n;
}

/* Visits every dataset of the file; `path` lacks the leading slash. */
static ftl_status visit(void *context, const char *path, const ftl_h5_info *info) {
    reader *r = context;
    (void)info;
    if (strcmp(path, "images") == 0 || strcmp(path, "names") == 0) return FTL_OK;
    const char *attribute = below(path, FTL_PACK_ATTRIBUTES);
    if (attribute) return read_attribute(r, attribute);
    const char *values = below(path, FTL_PACK_VALUES);
    if (values) return read_value_names(r, values);
    return ftl_fail(
            FTL_EFORMAT, "%s: /%s does not belong into a pack", r->file->path, path);
}

ftl_status ftl_pack_open(ftl_pack_file **out, const char *path) {
    *out = NULL;
    ftl_pack_file *file = calloc(1, sizeof *file);
    if (!file) return ftl_fail(FTL_ENOMEM, "%s: no memory left", path);
    reader r = {.file = file};
    ftl_status status;
    FTL_TRY_OUT(ftl_arena_create(&file->arena));
    file->path = ftl_arena_strdup(file->arena, path);
    if (!file->path) {
        status = ftl_fail(FTL_ENOMEM, "%s: no memory left", path);
        goto out;
    }
    FTL_TRY_OUT(ftl_sealed_open(&file->sealed, path));
    ftl_sha256_hex(file->digest, file->sealed.digest);
    FTL_TRY_OUT(ftl_h5_open_borrowed(
            &r.h5, file->sealed.bytes, file->sealed.n_bytes, path));
    FTL_TRY_OUT(read_root(&r));
    FTL_TRY_OUT(read_images(&r));
    FTL_TRY_OUT(read_names(&r));
    FTL_TRY_OUT(ftl_h5_visit(r.h5, "/", visit, &r));
    *out = file;
    file = NULL;
out:
    ftl_h5_close(r.h5);
    ftl_pack_close(file);
    return status;
}
