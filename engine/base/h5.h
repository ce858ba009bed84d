/* h5.h - the one HDF5 wrapper.
 *
 * HDF5 is a format here, not the I/O: files are built in memory and read from memory
 * (core driver, no backing store, no times), so equal contents give equal bytes and a
 * full disk never meets libhdf5. Bytes go to and come from the disk by file.h.
 * Paths are absolute: "/group/name"; missing groups are made. Everything is
 * contiguous, uncompressed and little-endian; strings have fixed length. */
#ifndef FTL_ENGINE_BASE_H5_H
#define FTL_ENGINE_BASE_H5_H

#include "engine/base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FTL_H5_MAX_RANK 8

typedef enum ftl_h5_type {
    FTL_H5_F32,
    FTL_H5_F64,
    FTL_H5_I32,
    FTL_H5_I64,
    FTL_H5_U8,
    FTL_H5_STRING, /* fixed length; read as that length plus a terminating zero */
    FTL_H5_OTHER,  /* something that we do not write */
} ftl_h5_type;

typedef struct ftl_h5_info {
    ftl_h5_type type;
    int rank;
    int64_t dims[FTL_H5_MAX_RANK];
    int64_t count;    /* product of dims; 1 for a scalar */
    size_t item_bytes; /* of one element; of a string: its fixed length */
    int64_t offset;   /* of the data in the file's bytes, -1 if not contiguous */
} ftl_h5_info;

typedef struct ftl_h5 ftl_h5;

/* A new, empty file in memory. *out is owned by the caller; ftl_h5_close. */
ftl_status ftl_h5_create(ftl_h5 **out);

/* Open a file image; `name` is what messages call it. The bytes are copied.
 * Fails with FTL_EFORMAT. */
ftl_status ftl_h5_open(ftl_h5 **out, const void *bytes, size_t n_bytes, const char *name);

/* Free without writing. NULL is fine. */
void ftl_h5_close(ftl_h5 *file);

/* Datasets. data is dense, row-major. Strings: data is const char *const[count]. */
ftl_status ftl_h5_write(ftl_h5 *file, const char *path, ftl_h5_type type, int rank,
        const int64_t *dims, const void *data);

/* Attributes of the group or dataset at `path` ("/" is the root). Names may hold any
 * characters. An empty string is stored with length 1. */
ftl_status ftl_h5_attr_write_text(
        ftl_h5 *file, const char *path, const char *name, const char *text);
ftl_status ftl_h5_attr_write(ftl_h5 *file, const char *path, const char *name,
        ftl_h5_type type, int64_t count, const void *data); /* count 1: a scalar */

/* The file's bytes, as they would lie on disk. *bytes is malloc'ed; free() it. */
ftl_status ftl_h5_image(ftl_h5 *file, void **bytes, size_t *n_bytes);

/* What lies at path? Fails with FTL_EFORMAT when it is absent or no dataset. */
ftl_status ftl_h5_describe(ftl_h5 *file, const char *path, ftl_h5_info *info);
bool ftl_h5_has(ftl_h5 *file, const char *path);
bool ftl_h5_attr_has(ftl_h5 *file, const char *path, const char *name);

/* Read a dataset whole; type and count must be exactly as stored, else FTL_EFORMAT.
 * Strings: data is char[count][item_bytes + 1]. */
ftl_status ftl_h5_read(
        ftl_h5 *file, const char *path, ftl_h5_type type, int64_t count, void *data);

/* Attributes. The text is malloc'ed: free() it. */
ftl_status ftl_h5_attr_read_text(
        ftl_h5 *file, const char *path, const char *name, char **text);
ftl_status ftl_h5_attr_read(ftl_h5 *file, const char *path, const char *name,
        ftl_h5_type type, int64_t count, void *data);

/* Call visit for each dataset below `group`, in the order of their names (bytewise),
 * with its path relative to the group. A status other than FTL_OK ends the walk and is
 * returned. */
typedef ftl_status ftl_h5_visitor(void *context, const char *path, const ftl_h5_info *info);
ftl_status ftl_h5_visit(
        ftl_h5 *file, const char *group, ftl_h5_visitor *visit, void *context);

/* Version of the library, "1.10.8". Static. */
const char *ftl_h5_version(void);

#endif
