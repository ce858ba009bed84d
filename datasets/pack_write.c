/* pack_write.c - ftl_pack_encode, ftl_pack_write. */
#include "datasets/pack_schema.h"

#include "engine/base/h5.h"

#include <assert.h>
#include <string.h>

static ftl_status write_hash(
        ftl_h5 *h5, const char *path, const void *bytes, size_t n_bytes) {
    char hex[FTL_SHA256_HEX];
    FTL_TRY(ftl_pack_hash_bytes(hex, bytes, n_bytes));
    return ftl_h5_attr_write_text(h5, path, "sha256", hex);
}

/* Their hash comes first: what moves is gone. */
static ftl_status write_images(ftl_h5 *h5, const ftl_pack *pack, void *moving) {
    int64_t dims[] = {pack->n, pack->height, pack->width, pack->channels};
    char hex[FTL_SHA256_HEX];
    assert(!moving || moving == pack->images);
    FTL_TRY(ftl_pack_hash_bytes(
            hex, pack->images, (size_t)pack->n * ftl_pack_image_bytes(pack)));
    FTL_TRY(moving ? ftl_h5_write_moving(
                             h5, FTL_PACK_IMAGES, FTL_H5_U8, 4, dims, moving)
                   : ftl_h5_write(
                             h5, FTL_PACK_IMAGES, FTL_H5_U8, 4, dims, pack->images));
    return ftl_h5_attr_write_text(h5, FTL_PACK_IMAGES, "sha256", hex);
}

static ftl_status write_strings(
        ftl_h5 *h5, const char *path, const char *const *strings, int64_t n) {
    char hex[FTL_SHA256_HEX];
    FTL_TRY(ftl_h5_write(h5, path, FTL_H5_STRING, 1, &n, strings));
    FTL_TRY(ftl_pack_hash_names(hex, strings, n));
    return ftl_h5_attr_write_text(h5, path, "sha256", hex);
}

ftl_status ftl_pack_check_name(const char *name, const char *where) {
    if (!name[0] || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
            strlen(name) > 255 || strchr(name, '/'))
        return ftl_fail(
                FTL_EINPUT, "%s: no attribute can be called \"%s\"", where, name);
    return FTL_OK;
}

static ftl_status write_attribute(ftl_h5 *h5, const ftl_pack *pack,
        const ftl_pack_attribute *attribute, const char *file) {
    char path[512];
    FTL_TRY(ftl_pack_check_name(attribute->name, file));
    snprintf(path, sizeof path, "%s/%s", FTL_PACK_ATTRIBUTES, attribute->name);
    FTL_TRY(ftl_h5_write(h5, path, FTL_H5_I32, 1, &pack->n, attribute->value));
    FTL_TRY(write_hash(
            h5, path, attribute->value, sizeof *attribute->value * (size_t)pack->n));
    if (!attribute->n_value_names) return FTL_OK;
    snprintf(path, sizeof path, "%s/%s", FTL_PACK_VALUES, attribute->name);
    return write_strings(h5, path, attribute->value_name, attribute->n_value_names);
}

static ftl_status write_root(ftl_h5 *h5, const ftl_pack *pack) {
    const int32_t version = FTL_PACK_VERSION;
    FTL_TRY(ftl_h5_attr_write_text(h5, "/", "format", FTL_PACK_FORMAT));
    FTL_TRY(ftl_h5_attr_write(h5, "/", "format_version", FTL_H5_I32, 1, &version));
    FTL_TRY(ftl_h5_attr_write_text(h5, "/", "importer", pack->importer));
    FTL_TRY(ftl_h5_attr_write_text(h5, "/", "options", pack->options));
    for (const ftl_pack_count_row *row = ftl_pack_count_rows; row->name; row++) {
        int64_t count = ftl_pack_count(&pack->counts, row);
        if (row->optional && !count) continue;
        FTL_TRY(ftl_h5_attr_write(h5, "/", row->name, FTL_H5_I64, 1, &count));
    }
    const ftl_pack_extent *px = &pack->source;
    return ftl_h5_attr_write(h5, "/", FTL_PACK_SOURCE_PX, FTL_H5_I32, 4,
            (const int32_t[]) {
                    px->min_width, px->min_height, px->max_width, px->max_height});
}

ftl_status ftl_pack_encode(
        ftl_pack_encoded *out, const ftl_pack *pack, void *moving, const char *path) {
    assert(pack->n > 0 && (pack->channels == 1 || pack->channels == 3));
    *out = (ftl_pack_encoded) {0};
    ftl_status status;
    FTL_TRY_OUT(ftl_h5_create(&out->h5));
    FTL_TRY_OUT(write_root(out->h5, pack));
    FTL_TRY_OUT(write_images(out->h5, pack, moving));
    FTL_TRY_OUT(write_strings(out->h5, FTL_PACK_NAMES, pack->names, pack->n));
    for (int i = 0; i < pack->n_attributes; i++)
        FTL_TRY_OUT(write_attribute(out->h5, pack, &pack->attributes[i], path));
    FTL_TRY_OUT(ftl_h5_image_borrow(out->h5, &out->bytes, &out->n_bytes));
    FTL_TRY_OUT(ftl_sha256(out->digest, out->bytes, out->n_bytes));
out:
    if (status == FTL_ENOMEM) { /* HDF5 does not know what it was asked for */
        ftl_clear();
        status = ftl_fail(FTL_ENOMEM,
                "%s: no memory for the file of %lld images, %.1f GiB", path,
                (long long)pack->n,
                (double)pack->n * (double)ftl_pack_image_bytes(pack) / (1 << 30));
    }
    if (status != FTL_OK) ftl_pack_encoded_deinit(out);
    return status;
}

ftl_status ftl_pack_write(const char *path, const ftl_pack_encoded *encoded) {
    return ftl_sealed_write_unless_interrupted(
            path, encoded->bytes, encoded->n_bytes, encoded->digest);
}

void ftl_pack_encoded_deinit(ftl_pack_encoded *encoded) {
    ftl_h5_close(encoded->h5);
    *encoded = (ftl_pack_encoded) {0};
}

ftl_status ftl_pack_build(const char *path, const ftl_pack *pack) {
    ftl_pack_encoded encoded;
    FTL_TRY(ftl_pack_encode(&encoded, pack, NULL, path));
    ftl_status status = ftl_pack_write(path, &encoded);
    ftl_pack_encoded_deinit(&encoded);
    return status;
}
