/* checkpoint.h - named tensors, texts and numbers <-> a sealed HDF5 file.
 *
 * A checkpoint holds tensors ("G.blocks.0.0.conv1.weight"), texts ("config") and
 * numbers ("step"). In the file:
 *     /tensors/<name>   a dataset; attribute `role` = parameter | buffer if it is a
 *                       store's
 *     /texts/<name>     a string
 *     /values/<name>    a scalar, i64 or f64
 *     /                 attributes format, format_version {major, minor}, kind, fairtl
 * with a trailer that vouches for every byte (file.h): it is checked before libhdf5
 * sees any. Reading is strict: whatever is missing, left over, of another shape or
 * another type is an error that names the checkpoint and the tensor, so nothing is ever
 * left at its initial value in silence.
 *
 * Names are not empty, hold no '/', are neither "." nor "..", and are shorter than
 * FTL_CHECKPOINT_NAME_BYTES: anything else is a programming error. */
#ifndef FTL_CHECKPOINTS_CHECKPOINT_H
#define FTL_CHECKPOINTS_CHECKPOINT_H

#include "engine/base/h5.h"
#include "engine/base/hash.h"
#include "engine/store.h"

#include <stdbool.h>
#include <stdint.h>

#define FTL_CHECKPOINT_FORMAT "fairtl-checkpoint"
#define FTL_CHECKPOINT_NAME_BYTES 512

/* A file of another major version is not read, nor one of a later minor version. */
#define FTL_CHECKPOINT_MAJOR 1
#define FTL_CHECKPOINT_MINOR 0

/* --------------------------------------------------------------------- writing */

typedef struct ftl_checkpoint_writer ftl_checkpoint_writer;

/* An empty checkpoint in memory; kind is "training", "generator" or "classifier"
 * (and "imported" where tools/import_torch.py wrote it). *out is owned by
 * the caller: ftl_checkpoint_discard. Fails with FTL_ENOMEM, FTL_EBACKEND.
 * The same puts in the same order give the same bytes, whenever they are made. */
ftl_status ftl_checkpoint_begin(ftl_checkpoint_writer **out, const char *kind);

/* Add one. Tensors are dense, row-major, F32, F64, I32, I64 or U8; rank 0 is a scalar.
 * All copy. They fail with FTL_ENOMEM or FTL_EBACKEND, with FTL_EINPUT if the name is
 * taken, and for tensors with FTL_ENUMERIC, naming the tensor, if one holds NaN or
 * infinity: such a file could not be read. The writer is then good for nothing but
 * ftl_checkpoint_discard. */
ftl_status ftl_checkpoint_put(ftl_checkpoint_writer *writer, const char *name,
        ftl_h5_type type, int rank, const int64_t *dims, const void *data);
ftl_status ftl_checkpoint_put_text(
        ftl_checkpoint_writer *writer, const char *name, const char *text);
ftl_status ftl_checkpoint_put_i64(
        ftl_checkpoint_writer *writer, const char *name, int64_t value);
ftl_status ftl_checkpoint_put_f64(
        ftl_checkpoint_writer *writer, const char *name, double value);

/* Every state of an allocated store as "<store>.<state>", with its role; put_store_as:
 * as "<name>.<state>". */
ftl_status ftl_checkpoint_put_store(
        ftl_checkpoint_writer *writer, const ftl_store *store);
ftl_status ftl_checkpoint_put_store_as(
        ftl_checkpoint_writer *writer, const char *name, const ftl_store *store);

/* What lies beside the parameters of a store, in a block of the shape of its own (an
 * optimiser's moments): for each parameter a tensor "<prefix>.<state>". */
ftl_status ftl_checkpoint_put_block(ftl_checkpoint_writer *writer, const char *prefix,
        const ftl_store *store, const float *block);

/* The bytes of the file, without the trailer. *bytes is malloc'ed; free() it. */
ftl_status ftl_checkpoint_image(
        ftl_checkpoint_writer *writer, void **bytes, size_t *n_bytes);

/* Write the file, such that a crash leaves either the old or the new one. digest (may
 * be NULL) receives the SHA-256 of its contents. Releases the memory as soon as it can:
 * whether it fails (FTL_EIO, FTL_ENOMEM, FTL_EBACKEND) or not, nothing may follow but
 * ftl_checkpoint_discard. */
ftl_status ftl_checkpoint_save(ftl_checkpoint_writer *writer, const char *path,
        uint8_t digest[FTL_SHA256_BYTES]);

/* How large the file would be. Does all that ftl_checkpoint_save does but for the file
 * itself, and so costs the time and the memory that it costs. Fails with FTL_ENOMEM,
 * FTL_EBACKEND. */
ftl_status ftl_checkpoint_measure(ftl_checkpoint_writer *writer, size_t *n_bytes);

/* Free. NULL is fine. */
void ftl_checkpoint_discard(ftl_checkpoint_writer *writer);

/* --------------------------------------------------------------------- reading */

typedef struct ftl_checkpoint ftl_checkpoint;

/* Open and verify all of a file. *out is owned by the caller: ftl_checkpoint_close.
 * Fails with FTL_EINPUT (cannot be opened), FTL_EIO, FTL_EFORMAT (truncated, damaged,
 * no checkpoint or of a version that this program does not read), FTL_ENOMEM; *out is
 * then NULL. What replaces the file by rename while it is open changes nothing here. */
ftl_status ftl_checkpoint_open(ftl_checkpoint **out, const char *path);
void ftl_checkpoint_close(ftl_checkpoint *checkpoint); /* NULL is fine */

/* FTL_EINPUT unless it is of this kind; `purpose` says what for, at the end of the
 * message: "to resume", "as the attribute classifier". */
ftl_status ftl_checkpoint_check_kind(
        const ftl_checkpoint *checkpoint, const char *kind, const char *purpose);

/* Borrowed until ftl_checkpoint_close: where it was opened, its kind, the version of
 * fairtl that wrote it, the SHA-256 of its contents in hexadecimal digits. */
const char *ftl_checkpoint_path(const ftl_checkpoint *checkpoint);
const char *ftl_checkpoint_kind(const ftl_checkpoint *checkpoint);
const char *ftl_checkpoint_writer_version(const ftl_checkpoint *checkpoint);
const char *ftl_checkpoint_digest(const ftl_checkpoint *checkpoint);

/* Is there a tensor, text or value of this name? */
bool ftl_checkpoint_has(const ftl_checkpoint *checkpoint, const char *name);

/* Read one. FTL_EFORMAT, naming checkpoint and key, if it is absent or of another type;
 * *out is then unchanged. A text is borrowed until ftl_checkpoint_close. */
ftl_status ftl_checkpoint_text(
        ftl_checkpoint *checkpoint, const char *name, const char **out);
ftl_status ftl_checkpoint_i64(
        ftl_checkpoint *checkpoint, const char *name, int64_t *out);
ftl_status ftl_checkpoint_f64(
        ftl_checkpoint *checkpoint, const char *name, double *out);

/* Read a tensor of exactly this type and these dimensions into data. Fails with
 * FTL_ESHAPE (another shape) or FTL_EFORMAT (absent, another type, damaged, or NaN or
 * infinity in it). data is unchanged if the tensor does not fit, and undefined if it is
 * damaged or not finite. */
ftl_status ftl_checkpoint_get(ftl_checkpoint *checkpoint, const char *name,
        ftl_h5_type type, int rank, const int64_t *dims, void *data);

/* Read every state of an allocated store from "<name>.<state>"; `name` is the store's
 * own, or another (D's weights for D_s). A tensor "<name>.*" that the store does not
 * have is an error too. Everything is compared before anything is read: if something
 * does not fit, the store is unchanged; if something is damaged or not finite, its
 * values are undefined. */
ftl_status ftl_checkpoint_get_store(
        ftl_checkpoint *checkpoint, const char *name, ftl_store *store);

/* Read what ftl_checkpoint_put_block wrote; the same rules. */
ftl_status ftl_checkpoint_get_block(ftl_checkpoint *checkpoint, const char *prefix,
        const ftl_store *store, float *block);

/* Fail with FTL_EFORMAT if a tensor was never read, naming the first, unless its name
 * begins with one of the prefixes (NULL-ended list, or NULL): what the caller has no
 * use for must be said, never guessed. */
ftl_status ftl_checkpoint_finish(
        const ftl_checkpoint *checkpoint, const char *const *ignored_prefixes);

typedef enum ftl_checkpoint_section {
    FTL_CHECKPOINT_TENSOR,
    FTL_CHECKPOINT_TEXT,
    FTL_CHECKPOINT_VALUE,
} ftl_checkpoint_section;

typedef struct ftl_checkpoint_entry {
    ftl_checkpoint_section section;
    const char *name; /* borrowed until ftl_checkpoint_close */
    ftl_h5_type type;
    int rank;
    int64_t dims[FTL_H5_MAX_RANK];
    int64_t count;
    const char *role; /* of a tensor: "parameter", "buffer", or "" */
} ftl_checkpoint_entry;

/* Call visit for each tensor, then each text, then each value, each in the bytewise
 * order of names. A status other than FTL_OK ends it and is returned. */
typedef ftl_status ftl_checkpoint_visitor(
        void *context, const ftl_checkpoint_entry *entry);
ftl_status ftl_checkpoint_visit(
        const ftl_checkpoint *checkpoint, ftl_checkpoint_visitor *visit, void *context);

/* "f32 [1024, 16]" into text, which it returns. */
#define FTL_CHECKPOINT_SHAPE_TEXT 200
const char *ftl_checkpoint_format_shape(char text[FTL_CHECKPOINT_SHAPE_TEXT],
        ftl_h5_type type, int rank, const int64_t *dims);

#endif
