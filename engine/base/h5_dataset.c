/* h5_dataset.c - datasets, and the walk over them; see h5.h. */
#include "engine/base/h5_internal.h"

#include "engine/base/pages.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is written before its memory goes back. */
enum { PIECE_BYTES = 32 << 20 };

enum { DEEPEST = 32 }; /* groups within groups; hard links can make circles */

/* --------------------------------------------------------------------- writing */

/* Strings side by side, each padded with zeroes to *length, the longest. free() it. */
static char *pack_strings(size_t *length, const char *const *string, int64_t count) {
    *length = 1;
    for (int64_t i = 0; i < count; i++) {
        size_t n = strlen(string[i]);
        if (n > *length) *length = n;
    }
    char *packed = calloc((size_t)count + 1, *length);
    for (int64_t i = 0; packed && i < count; i++) {
        memcpy(packed + (size_t)i * *length, string[i], strlen(string[i]));
    }
    return packed;
}

/* A dataset that is being written. */
typedef struct target {
    const ftl_h5 *file;
    const char *path;
    hid_t dataset, space, memory;
    int rank;
    hsize_t extent[FTL_H5_MAX_RANK];
} target;

static ftl_status write_whole(const target *t, const void *data) {
    if (H5Dwrite(t->dataset, t->memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0)
        return FTL_OK;
    return ftl_h5_fail(t->file, FTL_EBACKEND, t->path, "cannot be written");
}

/* Rows begin ... begin + n of the first dimension. */
static ftl_status write_rows(
        const target *t, hsize_t begin, hsize_t n, const void *data) {
    hsize_t start[FTL_H5_MAX_RANK] = {begin}, count[FTL_H5_MAX_RANK];
    memcpy(count, t->extent, sizeof count);
    count[0] = n;
    hid_t rows = H5Screate_simple(t->rank, count, NULL);
    ftl_status status = FTL_OK;
    if (rows < 0 ||
            H5Sselect_hyperslab(t->space, H5S_SELECT_SET, start, NULL, count, NULL) <
                    0 ||
            H5Dwrite(t->dataset, t->memory, rows, t->space, H5P_DEFAULT, data) < 0)
        status = ftl_h5_fail(t->file, FTL_EBACKEND, t->path, "cannot be written");
    ftl_h5_release(rows);
    return status;
}

/* libhdf5's memory grows with what is written, as ours becomes less. */
static ftl_status write_moving(const target *t, char *data) {
    size_t row = H5Tget_size(t->memory);
    for (int i = 1; i < t->rank; i++)
        row *= (size_t)t->extent[i];
    const hsize_t piece = row < PIECE_BYTES ? PIECE_BYTES / row : 1;
    for (hsize_t begin = 0; begin < t->extent[0]; begin += piece) {
        const hsize_t left = t->extent[0] - begin, n = left < piece ? left : piece;
        char *at = data + (size_t)begin * row;
        FTL_TRY(write_rows(t, begin, n, at));
        ftl_pages_give_back(at, (size_t)n * row);
    }
    return FTL_OK;
}

/* moving: the same as data, or NULL. */
static ftl_status write_dataset(ftl_h5 *file, const char *path, ftl_h5_type type,
        int rank, const int64_t *dims, const void *data, void *moving) {
    assert(!file->bytes && rank >= 0 && rank <= FTL_H5_MAX_RANK);
    ftl_h5_silence();
    if (ftl_h5_find(file, path)) {
        return ftl_fail(FTL_EINPUT, "%s: %s: is there already", file->name, path);
    }
    target t = {.file = file, .path = path, .rank = rank};
    int64_t count = 1;
    for (int i = 0; i < rank; i++) {
        assert(dims[i] >= 0);
        t.extent[i] = (hsize_t)dims[i];
        count *= dims[i];
    }

    ftl_status status = FTL_OK;
    char *packed = NULL;
    hid_t string = -1, stored;
    if (type == FTL_H5_STRING) {
        size_t length;
        packed = pack_strings(&length, data, count);
        if (!packed) return ftl_fail(FTL_ENOMEM, "%s: %s: no memory", file->name, path);
        data = packed;
        stored = t.memory = string = ftl_h5_string_type(length);
    } else {
        stored = ftl_h5_file_type(type);
        t.memory = ftl_h5_memory_type(type);
    }
    t.space = rank ? H5Screate_simple(rank, t.extent, NULL) : H5Screate(H5S_SCALAR);
    t.dataset = H5Dcreate2(file->file, path, stored, t.space, file->link_plist,
            file->dataset_plist, H5P_DEFAULT);
    if (t.dataset < 0) {
        status = ftl_h5_fail(file, FTL_EBACKEND, path, "cannot be created");
        goto out;
    }
    if (count) status = moving ? write_moving(&t, moving) : write_whole(&t, data);
out:
    ftl_h5_release(t.dataset);
    ftl_h5_release(string);
    ftl_h5_release(t.space);
    free(packed);
    return status;
}

ftl_status ftl_h5_write(ftl_h5 *file, const char *path, ftl_h5_type type, int rank,
        const int64_t *dims, const void *data) {
    return write_dataset(file, path, type, rank, dims, data, NULL);
}

ftl_status ftl_h5_write_moving(ftl_h5 *file, const char *path, ftl_h5_type type,
        int rank, const int64_t *dims, void *data) {
    assert(rank >= 1 && type != FTL_H5_STRING);
    return write_dataset(file, path, type, rank, dims, data, data);
}

/* --------------------------------------------------------------------- reading */

/* Its extent. Fails on what no array of ours can be. */
static ftl_status read_extent(
        ftl_h5_info *info, const ftl_h5 *file, const char *path, hid_t dataset) {
    hsize_t extent[H5S_MAX_RANK] = {0};
    hid_t space = H5Dget_space(dataset);
    H5S_class_t kind = H5Sget_simple_extent_type(space);
    int rank = H5Sget_simple_extent_dims(space, extent, NULL);
    ftl_h5_release(space);
    if (rank < 0 || (kind != H5S_SIMPLE && kind != H5S_SCALAR)) {
        return ftl_h5_fail(file, FTL_EFORMAT, path, "has no extent");
    }
    if (rank > FTL_H5_MAX_RANK) {
        return ftl_fail(FTL_EFORMAT, "%s: %s: has %d dimensions, more than %d",
                file->name, path, rank, FTL_H5_MAX_RANK);
    }
    info->rank = rank;
    info->count = 1;
    for (int i = 0; i < rank; i++) {
        if (extent[i] > INT64_MAX ||
                __builtin_mul_overflow(info->count, (int64_t)extent[i], &info->count)) {
            return ftl_fail(FTL_EFORMAT, "%s: %s: is larger than any file: damaged",
                    file->name, path);
        }
        info->dims[i] = (int64_t)extent[i];
    }
    return FTL_OK;
}

/* Where its data are. Fails if outside of the image. */
static ftl_status read_offset(
        ftl_h5_info *info, const ftl_h5 *file, const char *path, hid_t dataset) {
    info->offset = -1;
    hid_t plist = H5Dget_create_plist(dataset);
    H5D_layout_t layout = H5Pget_layout(plist);
    int n_external = H5Pget_external_count(plist);
    ftl_h5_release(plist);
    if (n_external < 0 || layout == H5D_LAYOUT_ERROR) {
        return ftl_h5_fail(file, FTL_EFORMAT, path, "has no layout");
    }
    if (n_external > 0 || layout == H5D_VIRTUAL) {
        return ftl_fail(FTL_EFORMAT,
                "%s: %s: keeps its data in other files; repack it with h5repack",
                file->name, path);
    }
    haddr_t offset = layout == H5D_CONTIGUOUS ? H5Dget_offset(dataset) : HADDR_UNDEF;
    if (offset == HADDR_UNDEF) return FTL_OK;
    uint64_t n_bytes;
    if (__builtin_mul_overflow((uint64_t)info->count, info->item_bytes, &n_bytes) ||
            (file->bytes &&
                    (offset > file->n_bytes || n_bytes > file->n_bytes - offset))) {
        return ftl_fail(FTL_EFORMAT,
                "%s: %s: reaches beyond the end of the file: damaged", file->name,
                path);
    }
    info->offset = (int64_t)offset;
    return FTL_OK;
}

/* Could the bytes in the file be taken as they are? */
static bool is_as_written(const ftl_h5_info *info, hid_t stored) {
    if (info->type == FTL_H5_OTHER) return false;
    return info->type == FTL_H5_STRING ||
           H5Tequal(stored, ftl_h5_file_type(info->type)) > 0;
}

/* Open and describe. *dataset: ftl_h5_release; -1 on failure. */
static ftl_status open_dataset(
        hid_t *dataset, ftl_h5_info *info, const ftl_h5 *file, const char *path) {
    memset(info, 0, sizeof *info);
    FTL_TRY(ftl_h5_open_object(dataset, file, path));
    ftl_status status = FTL_OK;
    hid_t stored = -1;
    if (H5Iget_type(*dataset) != H5I_DATASET) {
        status = ftl_fail(FTL_EFORMAT, "%s: %s: is no dataset", file->name, path);
        goto out;
    }
    stored = H5Dget_type(*dataset);
    if (stored < 0) {
        status = ftl_h5_fail(file, FTL_EFORMAT, path, "has no type");
        goto out;
    }
    info->type = ftl_h5_classify(stored);
    info->item_bytes = H5Tget_size(stored);
    FTL_TRY_OUT(read_extent(info, file, path, *dataset));
    FTL_TRY_OUT(read_offset(info, file, path, *dataset));
    if (!is_as_written(info, stored)) info->offset = -1;
out:
    ftl_h5_release(stored);
    if (status) {
        ftl_h5_release(*dataset);
        *dataset = -1;
    }
    return status;
}

ftl_status ftl_h5_describe(ftl_h5 *file, const char *path, ftl_h5_info *info) {
    ftl_h5_silence();
    hid_t dataset;
    FTL_TRY(open_dataset(&dataset, info, file, path));
    ftl_h5_release(dataset);
    return FTL_OK;
}

ftl_status ftl_h5_read(
        ftl_h5 *file, const char *path, ftl_h5_type type, int64_t count, void *data) {
    ftl_h5_silence();
    hid_t dataset, stored = -1, string = -1;
    ftl_h5_info info;
    FTL_TRY(open_dataset(&dataset, &info, file, path));
    ftl_status status = FTL_OK;
    if (info.type != type || info.count != count) {
        status = ftl_fail(FTL_EFORMAT,
                "%s: %s: holds %" PRId64 " %s, not %" PRId64 " %s", file->name, path,
                info.count, ftl_h5_type_name(info.type), count, ftl_h5_type_name(type));
        goto out;
    }
    if (count == 0) goto out;
    hid_t memory;
    if (type == FTL_H5_STRING) {
        stored = H5Dget_type(dataset);
        memory = string = ftl_h5_string_reader(stored);
    } else {
        memory = ftl_h5_memory_type(type);
    }
    if (H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0) {
        status = ftl_h5_fail(file, FTL_EFORMAT, path, "cannot be read: damaged");
    }
out:
    ftl_h5_release(string);
    ftl_h5_release(stored);
    ftl_h5_release(dataset);
    return status;
}

/* -------------------------------------------------------------------- the walk */

typedef struct walk {
    const ftl_h5 *file;
    const char *prefix; /* of the group that is walked, relative: "" or "a/b/" */
    int depth;
    char **path;
    size_t n, room;
    ftl_status status;
} walk;

/* Keep the path, whose owner the walk becomes. */
static ftl_status keep(walk *w, char *path) {
    if (w->n == w->room) {
        size_t room = w->room ? 2 * w->room : 64;
        char **larger = realloc(w->path, room * sizeof *larger);
        if (!larger) {
            free(path);
            return ftl_fail(FTL_ENOMEM, "%s: no memory for its table", w->file->name);
        }
        w->path = larger;
        w->room = room;
    }
    w->path[w->n++] = path;
    return FTL_OK;
}

static ftl_status walk_group(walk *w, hid_t group);

static ftl_status walk_member(walk *w, hid_t group, const char *name) {
    hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    if (object < 0) return ftl_h5_fail(w->file, FTL_EFORMAT, name, "cannot be opened");
    bool is_group = H5Iget_type(object) == H5I_GROUP;
    if (!is_group && H5Iget_type(object) != H5I_DATASET) {
        ftl_h5_release(object); /* a named type holds no data */
        return FTL_OK;
    }
    ftl_status status;
    size_t n = strlen(w->prefix) + strlen(name) + 2;
    char *path = malloc(n);
    if (path) snprintf(path, n, "%s%s%s", w->prefix, name, is_group ? "/" : "");
    if (!path) {
        status = ftl_fail(FTL_ENOMEM, "%s: no memory for its table", w->file->name);
    } else if (!is_group) {
        status = keep(w, path);
    } else {
        const char *outer = w->prefix;
        w->prefix = path;
        status = walk_group(w, object);
        w->prefix = outer;
        free(path);
    }
    ftl_h5_release(object);
    return status;
}

static herr_t walk_link(
        hid_t group, const char *name, const H5L_info_t *info, void *context) {
    walk *w = context;
    if (info->type != H5L_TYPE_HARD) return 0;
    w->status = walk_member(w, group, name);
    return w->status ? -1 : 0;
}

static ftl_status walk_group(walk *w, hid_t group) {
    if (w->depth == DEEPEST) {
        return ftl_fail(FTL_EFORMAT, "%s: %s: groups are nested without end",
                w->file->name, w->prefix);
    }
    w->depth++;
    herr_t result =
            H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, walk_link, w);
    w->depth--;
    if (w->status) return w->status;
    if (result >= 0) return FTL_OK;
    return ftl_h5_fail(w->file, FTL_EFORMAT, w->prefix, "cannot be listed");
}

static int compare(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Describe and visit one. */
static ftl_status visit_one(ftl_h5 *file, const char *group, const char *path,
        ftl_h5_visitor *visit, void *context) {
    size_t n = strlen(group) + strlen(path) + 2;
    char *absolute = malloc(n);
    if (!absolute) return ftl_fail(FTL_ENOMEM, "%s: no memory for a path", file->name);
    snprintf(absolute, n, "%s%s%s", group, group[1] ? "/" : "", path);
    ftl_h5_info info;
    ftl_status status = ftl_h5_describe(file, absolute, &info);
    if (!status) status = visit(context, path, &info);
    free(absolute);
    return status;
}

ftl_status ftl_h5_visit(
        ftl_h5 *file, const char *group, ftl_h5_visitor *visit, void *context) {
    ftl_h5_silence();
    hid_t top;
    FTL_TRY(ftl_h5_open_object(&top, file, group));
    ftl_status status;
    walk w = {.file = file, .prefix = ""};
    if (H5Iget_type(top) != H5I_GROUP) {
        status = ftl_fail(FTL_EFORMAT, "%s: %s: is no group", file->name, group);
        goto out;
    }
    FTL_TRY_OUT(walk_group(&w, top));
    if (w.n) qsort(w.path, w.n, sizeof *w.path, compare);
    for (size_t i = 0; i < w.n; i++) {
        FTL_TRY_OUT(visit_one(file, group, w.path[i], visit, context));
    }
out:
    for (size_t i = 0; i < w.n; i++)
        free(w.path[i]);
    free(w.path);
    ftl_h5_release(top);
    return status;
}
