/* checkpoint_read.c - opening a checkpoint and reading it strictly; see checkpoint.h.
 */
#include "checkpoints/checkpoint_schema.h"

#include "engine/base/arena.h"
#include "engine/base/file.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct item {
    ftl_checkpoint_entry entry;
    const char *path; /* in the file: "/tensors/G.linear.weight" */
    const char *text; /* of a text, once read */
    bool read;        /* of a tensor */
} item;

struct ftl_checkpoint {
    ftl_arena *arena;
    const char *path; /* of the file */
    const char *kind, *version;
    char digest[FTL_SHA256_HEX];
    ftl_sealed sealed;
    ftl_h5 *h5;
    item *items; /* in the order of their paths */
    int n_items, room;
};

static ftl_status fail_memory(const ftl_checkpoint *checkpoint) {
    return ftl_fail(FTL_ENOMEM, "%s: no memory to read it", checkpoint->path);
}

/* --------------------------------------------------------------------- opening */

static ftl_status read_root_text(
        ftl_checkpoint *checkpoint, const char *name, const char **out) {
    if (!ftl_h5_attr_has(checkpoint->h5, "/", name))
        return ftl_fail(FTL_EFORMAT,
                "%s: is no checkpoint: its root has no attribute \"%s\"",
                checkpoint->path, name);
    char *text;
    FTL_TRY(ftl_h5_attr_read_text(checkpoint->h5, "/", name, &text));
    *out = ftl_arena_strdup(checkpoint->arena, text);
    free(text);
    return *out ? FTL_OK : fail_memory(checkpoint);
}

static ftl_status check_version(ftl_checkpoint *checkpoint) {
    int32_t version[2];
    FTL_TRY(ftl_h5_attr_read(
            checkpoint->h5, "/", "format_version", FTL_H5_I32, 2, version));
    if (version[0] == FTL_CHECKPOINT_MAJOR && version[1] >= 0 &&
            version[1] <= FTL_CHECKPOINT_MINOR)
        return FTL_OK;
    return ftl_fail(FTL_EFORMAT,
            "%s: has format version %d.%d; this program reads %d.0 to %d.%d: use the "
            "fairtl that wrote it (%s)",
            checkpoint->path, version[0], version[1], FTL_CHECKPOINT_MAJOR,
            FTL_CHECKPOINT_MAJOR, FTL_CHECKPOINT_MINOR, checkpoint->version);
}

static ftl_status read_root(ftl_checkpoint *checkpoint) {
    const char *format;
    FTL_TRY(read_root_text(checkpoint, "format", &format));
    if (strcmp(format, FTL_CHECKPOINT_FORMAT) != 0)
        return ftl_fail(FTL_EFORMAT,
                "%s: is no checkpoint: its format is \"%s\", not \"%s\"",
                checkpoint->path, format, FTL_CHECKPOINT_FORMAT);
    FTL_TRY(read_root_text(checkpoint, "fairtl", &checkpoint->version));
    FTL_TRY(check_version(checkpoint));
    return read_root_text(checkpoint, "kind", &checkpoint->kind);
}

/* Which section a path relative to the root belongs to, and the name behind it. */
static bool dissect(
        const char *path, ftl_checkpoint_section *section, const char **name) {
    for (int s = FTL_CHECKPOINT_TENSOR; s <= FTL_CHECKPOINT_VALUE; s++) {
        const char *group = ftl_checkpoint_group((ftl_checkpoint_section)s);
        const size_t n = strlen(group);
        if (strncmp(path, group, n) != 0 || path[n] != '/') continue;
        *section = (ftl_checkpoint_section)s;
        *name = path + n + 1;
        return !strchr(*name, '/') && strlen(*name) < FTL_CHECKPOINT_NAME_BYTES;
    }
    return false;
}

/* Could a writer have put this there? */
static bool is_proper(ftl_checkpoint_section section, const ftl_h5_info *info) {
    switch (section) {
    case FTL_CHECKPOINT_TENSOR:
        return info->type != FTL_H5_STRING && info->type != FTL_H5_OTHER;
    case FTL_CHECKPOINT_TEXT:
        return info->type == FTL_H5_STRING && info->rank == 0;
    case FTL_CHECKPOINT_VALUE:
        return (info->type == FTL_H5_I64 || info->type == FTL_H5_F64) &&
               info->rank == 0;
    }
    return false;
}

/* Append to the table; it doubles when full. */
static item *new_item(ftl_checkpoint *checkpoint) {
    if (checkpoint->n_items == checkpoint->room) {
        const int room = checkpoint->room ? 2 * checkpoint->room : 256;
        item *items = ftl_arena_alloc(checkpoint->arena, (size_t)room * sizeof *items);
        if (!items) return NULL;
        if (checkpoint->n_items)
            memcpy(items, checkpoint->items,
                    (size_t)checkpoint->n_items * sizeof *items);
        checkpoint->items = items;
        checkpoint->room = room;
    }
    return &checkpoint->items[checkpoint->n_items++];
}

static ftl_status read_role(ftl_checkpoint *checkpoint, item *it) {
    it->entry.role = "";
    if (it->entry.section != FTL_CHECKPOINT_TENSOR ||
            !ftl_h5_attr_has(checkpoint->h5, it->path, FTL_CHECKPOINT_ROLE))
        return FTL_OK;
    char *role;
    FTL_TRY(ftl_h5_attr_read_text(
            checkpoint->h5, it->path, FTL_CHECKPOINT_ROLE, &role));
    it->entry.role = ftl_arena_strdup(checkpoint->arena, role);
    free(role);
    return it->entry.role ? FTL_OK : fail_memory(checkpoint);
}

static ftl_status list_item(void *context, const char *path, const ftl_h5_info *info) {
    ftl_checkpoint *checkpoint = context;
    ftl_checkpoint_section section;
    const char *name;
    if (!dissect(path, &section, &name) || !is_proper(section, info)) {
        char what[FTL_CHECKPOINT_SHAPE_TEXT];
        return ftl_fail(FTL_EFORMAT, "%s: holds /%s (%s), which no checkpoint has",
                checkpoint->path, path,
                ftl_checkpoint_format_shape(what, info->type, info->rank, info->dims));
    }
    item *it = new_item(checkpoint);
    if (!it) return fail_memory(checkpoint);
    it->path = ftl_arena_printf(checkpoint->arena, "/%s", path);
    if (!it->path) return fail_memory(checkpoint);
    it->entry.section = section;
    it->entry.name = it->path + 1 + (name - path);
    it->entry.type = info->type;
    it->entry.rank = info->rank;
    it->entry.count = info->count;
    memcpy(it->entry.dims, info->dims, sizeof it->entry.dims);
    return read_role(checkpoint, it);
}

static ftl_status open_in(ftl_checkpoint *checkpoint, const char *path) {
    checkpoint->path = path; /* for messages, until there is a copy */
    FTL_TRY(ftl_sealed_open(&checkpoint->sealed, path));
    ftl_sha256_hex(checkpoint->digest, checkpoint->sealed.digest);
    FTL_TRY(ftl_arena_create(&checkpoint->arena));
    checkpoint->path = ftl_arena_strdup(checkpoint->arena, path);
    if (!checkpoint->path) return FTL_ENOMEM;
    FTL_TRY(ftl_h5_open_borrowed(&checkpoint->h5, checkpoint->sealed.bytes,
            checkpoint->sealed.n_bytes, checkpoint->path));
    FTL_TRY(read_root(checkpoint));
    return ftl_h5_visit(checkpoint->h5, "/", list_item, checkpoint);
}

ftl_status ftl_checkpoint_open(ftl_checkpoint **out, const char *path) {
    *out = NULL;
    ftl_checkpoint *checkpoint = calloc(1, sizeof *checkpoint);
    if (!checkpoint) return ftl_fail(FTL_ENOMEM, "%s: no memory to read it", path);
    ftl_status status = open_in(checkpoint, path);
    if (status) {
        ftl_checkpoint_close(checkpoint);
    } else {
        *out = checkpoint;
    }
    return status;
}

void ftl_checkpoint_close(ftl_checkpoint *checkpoint) {
    if (!checkpoint) return;
    ftl_h5_close(checkpoint->h5); /* before the bytes that it reads */
    ftl_sealed_close(&checkpoint->sealed);
    ftl_arena_free(checkpoint->arena);
    free(checkpoint);
}

ftl_status ftl_checkpoint_check_kind(
        const ftl_checkpoint *checkpoint, const char *kind, const char *purpose) {
    if (strcmp(checkpoint->kind, kind) == 0) return FTL_OK;
    return ftl_fail(FTL_EINPUT, "%s: is a %s checkpoint; a %s checkpoint is needed %s",
            checkpoint->path, checkpoint->kind, kind, purpose);
}

const char *ftl_checkpoint_path(const ftl_checkpoint *checkpoint) {
    return checkpoint->path;
}

const char *ftl_checkpoint_kind(const ftl_checkpoint *checkpoint) {
    return checkpoint->kind;
}

const char *ftl_checkpoint_writer_version(const ftl_checkpoint *checkpoint) {
    return checkpoint->version;
}

const char *ftl_checkpoint_digest(const ftl_checkpoint *checkpoint) {
    return checkpoint->digest;
}

/* --------------------------------------------------------------------- finding */

static int compare_path(const void *path, const void *of) {
    return strcmp(path, ((const item *)of)->path);
}

static item *find(const ftl_checkpoint *checkpoint, ftl_checkpoint_section section,
        const char *name) {
    if (!checkpoint->n_items) return NULL;
    char path[FTL_CHECKPOINT_PATH_BYTES];
    ftl_checkpoint_locate(path, section, name);
    return bsearch(path, checkpoint->items, (size_t)checkpoint->n_items,
            sizeof *checkpoint->items, compare_path);
}

bool ftl_checkpoint_has(const ftl_checkpoint *checkpoint, const char *name) {
    return find(checkpoint, FTL_CHECKPOINT_TENSOR, name) ||
           find(checkpoint, FTL_CHECKPOINT_TEXT, name) ||
           find(checkpoint, FTL_CHECKPOINT_VALUE, name);
}

ftl_status ftl_checkpoint_visit(const ftl_checkpoint *checkpoint,
        ftl_checkpoint_visitor *visit, void *context) {
    for (int i = 0; i < checkpoint->n_items; i++)
        FTL_TRY(visit(context, &checkpoint->items[i].entry));
    return FTL_OK;
}

/* ----------------------------------------------------------- texts and numbers */

ftl_status ftl_checkpoint_text(
        ftl_checkpoint *checkpoint, const char *name, const char **out) {
    item *it = find(checkpoint, FTL_CHECKPOINT_TEXT, name);
    if (!it)
        return ftl_fail(FTL_EFORMAT, "%s: has no text \"%s\"", checkpoint->path, name);
    if (!it->text) {
        ftl_h5_info info;
        FTL_TRY(ftl_h5_describe(checkpoint->h5, it->path, &info));
        if (info.item_bytes > checkpoint->sealed.n_bytes)
            return ftl_fail(FTL_EFORMAT, "%s: text \"%s\" is longer than the file",
                    checkpoint->path, name);
        char *text = ftl_arena_alloc(checkpoint->arena, info.item_bytes + 1);
        if (!text) return fail_memory(checkpoint);
        FTL_TRY(ftl_h5_read(checkpoint->h5, it->path, FTL_H5_STRING, 1, text));
        it->text = text;
    }
    *out = it->text;
    return FTL_OK;
}

static ftl_status get_value(ftl_checkpoint *checkpoint, const char *name,
        ftl_h5_type type, const char *what, void *out) {
    item *it = find(checkpoint, FTL_CHECKPOINT_VALUE, name);
    if (!it || it->entry.type != type)
        return ftl_fail(FTL_EFORMAT, "%s: %s \"%s\"%s", checkpoint->path,
                it ? "has a value" : "has no value", name, it ? what : "");
    return ftl_h5_read(checkpoint->h5, it->path, type, 1, out);
}

ftl_status ftl_checkpoint_i64(
        ftl_checkpoint *checkpoint, const char *name, int64_t *out) {
    return get_value(checkpoint, name, FTL_H5_I64,
            " with a fraction (f64) where a whole number (i64) is needed", out);
}

ftl_status ftl_checkpoint_f64(
        ftl_checkpoint *checkpoint, const char *name, double *out) {
    return get_value(checkpoint, name, FTL_H5_F64,
            " that is a whole number (i64) where one with a fraction (f64) is needed",
            out);
}

/* --------------------------------------------------------------------- tensors */

/* Find a tensor that is just what the model needs. */
static ftl_status match(item **out, const ftl_checkpoint *checkpoint, const char *name,
        ftl_h5_type type, int rank, const int64_t *dims) {
    item *it = find(checkpoint, FTL_CHECKPOINT_TENSOR, name);
    char is[FTL_CHECKPOINT_SHAPE_TEXT], needed[FTL_CHECKPOINT_SHAPE_TEXT];
    ftl_checkpoint_format_shape(needed, type, rank, dims);
    if (!it)
        return ftl_fail(FTL_EFORMAT, "%s: has no tensor %s, which the model needs (%s)",
                checkpoint->path, name, needed);
    const ftl_checkpoint_entry *entry = &it->entry;
    bool same = entry->rank == rank;
    for (int i = 0; same && i < rank; i++)
        same = entry->dims[i] == dims[i];
    if (!same || entry->type != type) {
        ftl_checkpoint_format_shape(is, entry->type, entry->rank, entry->dims);
        /* Where the types agree, only the shapes are worth reading. */
        const bool brief = entry->type == type;
        return ftl_fail(same ? FTL_EFORMAT : FTL_ESHAPE,
                "%s: %s is %s, the model needs %s", checkpoint->path, name,
                brief ? strchr(is, '[') : is, brief ? strchr(needed, '[') : needed);
    }
    *out = it;
    return FTL_OK;
}

static ftl_status read_tensor(ftl_checkpoint *checkpoint, item *it, void *data) {
    const ftl_checkpoint_entry *entry = &it->entry;
    FTL_TRY(ftl_h5_read(checkpoint->h5, it->path, entry->type, entry->count, data));
    if (!ftl_checkpoint_finite(data, entry->type, entry->count))
        return ftl_fail(FTL_EFORMAT, "%s: %s holds NaN or infinity", checkpoint->path,
                entry->name);
    it->read = true;
    return FTL_OK;
}

ftl_status ftl_checkpoint_get(ftl_checkpoint *checkpoint, const char *name,
        ftl_h5_type type, int rank, const int64_t *dims, void *data) {
    item *it;
    FTL_TRY(match(&it, checkpoint, name, type, rank, dims));
    return read_tensor(checkpoint, it, data);
}

/* Find a store's tensor. A block beside it (with_role false) has no roles. */
static ftl_status match_state(item **out, const ftl_checkpoint *checkpoint,
        const char *prefix, const ftl_state *state, bool with_role) {
    char full[FTL_CHECKPOINT_NAME_BYTES];
    ftl_checkpoint_join(full, prefix, state->name);
    FTL_TRY(match(
            out, checkpoint, full, FTL_H5_F32, state->shape.rank, state->shape.dim));
    const char *needed = with_role ? ftl_checkpoint_role(state->kind) : "";
    const char *role = (*out)->entry.role;
    if (strcmp(role, needed) != 0)
        return ftl_fail(FTL_EFORMAT, "%s: %s is stored as %s%s, the model needs %s%s",
                checkpoint->path, full, role[0] ? "a " : "neither parameter nor buffer",
                role, needed[0] ? "a " : "neither parameter nor buffer", needed);
    return FTL_OK;
}

/* Is there a tensor "<prefix>.*" that is no state of the store? */
static ftl_status refuse_extra(const ftl_checkpoint *checkpoint, const char *prefix,
        const ftl_store *store, bool with_buffers) {
    const size_t n = strlen(prefix);
    for (int i = 0; i < checkpoint->n_items; i++) {
        const ftl_checkpoint_entry *entry = &checkpoint->items[i].entry;
        if (entry->section != FTL_CHECKPOINT_TENSOR ||
                strncmp(entry->name, prefix, n) != 0 || entry->name[n] != '.')
            continue;
        const ftl_state *state = ftl_store_find(store, entry->name + n + 1);
        if (!state || (state->kind == FTL_BUFFER && !with_buffers))
            return ftl_fail(FTL_EFORMAT,
                    "%s: holds a tensor %s, which the model does not have",
                    checkpoint->path, entry->name);
    }
    return FTL_OK;
}

/* Compare everything first, so that what does not fit changes nothing. */
static ftl_status get_states(ftl_checkpoint *checkpoint, const char *prefix,
        const ftl_store *store, float *block, bool whole) {
    item *it;
    for (int i = 0; i < store->n_states; i++) {
        if (!whole && store->state[i]->kind == FTL_BUFFER) continue;
        FTL_TRY(match_state(&it, checkpoint, prefix, store->state[i], whole));
    }
    FTL_TRY(refuse_extra(checkpoint, prefix, store, whole));
    for (int i = 0; i < store->n_states; i++) {
        const ftl_state *state = store->state[i];
        if (!whole && state->kind == FTL_BUFFER) continue;
        FTL_TRY(match_state(&it, checkpoint, prefix, state, whole));
        FTL_TRY(read_tensor(checkpoint, it, block + state->offset));
    }
    return FTL_OK;
}

ftl_status ftl_checkpoint_get_store(
        ftl_checkpoint *checkpoint, const char *name, ftl_store *store) {
    assert(store->block);
    return get_states(checkpoint, name, store, store->block, true);
}

ftl_status ftl_checkpoint_get_block(ftl_checkpoint *checkpoint, const char *prefix,
        const ftl_store *store, float *block) {
    return get_states(checkpoint, prefix, store, block, false);
}

static bool is_ignored(const char *name, const char *const *prefixes) {
    for (; prefixes && *prefixes; prefixes++)
        if (strncmp(name, *prefixes, strlen(*prefixes)) == 0) return true;
    return false;
}

ftl_status ftl_checkpoint_finish(
        const ftl_checkpoint *checkpoint, const char *const *ignored_prefixes) {
    for (int i = 0; i < checkpoint->n_items; i++) {
        const item *it = &checkpoint->items[i];
        if (it->entry.section == FTL_CHECKPOINT_TENSOR && !it->read &&
                !is_ignored(it->entry.name, ignored_prefixes))
            return ftl_fail(FTL_EFORMAT,
                    "%s: holds a tensor %s, which the model does not have",
                    checkpoint->path, it->entry.name);
    }
    return FTL_OK;
}
