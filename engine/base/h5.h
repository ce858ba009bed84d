/* h5.h - the one HDF5 wrapper.
 *
 * HDF5 is a format here, not the I/O: files are built in memory and read from memory
 * (core driver, no backing store, no times), so equal contents give equal bytes and a
 * full disk never meets libhdf5. Bytes go to and come from the disk by file.h.
 * Paths are absolute: "/group/name"; missing groups are made. Everything is
 * contiguous, uncompressed and little-endian; strings have fixed length; data of 256
 * bytes and more begin at a multiple of 64 bytes in the file. The same writes in the
 * same order give the same bytes, whenever and wherever they are made.
 * Reading takes any HDF5 file that keeps its data in itself: big-endian numbers, chunks
 * and filters too. Only hard links are followed. libhdf5's own complaints are not
 * printed: the deepest one ends the message. Use from one thread at a time, whatever
 * the files: libhdf5 need not be built for more. */
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
    FTL_H5_OTHER,  /* something that we neither write nor read */
} ftl_h5_type;

typedef struct ftl_h5_info {
    ftl_h5_type type;
    int rank;
    int64_t dims[FTL_H5_MAX_RANK];
    int64_t count;     /* product of dims; 1 for a scalar */
    size_t item_bytes; /* of one element; of a string: its fixed length */
    int64_t offset;    /* of the data in the file's bytes; -1 if they do not lie
                          there contiguous and little-endian */
} ftl_h5_info;

typedef struct ftl_h5 ftl_h5;

/* A new, empty file in memory. *out is owned by the caller; ftl_h5_close. Writing fails
 * with FTL_ENOMEM or FTL_EBACKEND; the file is then good for nothing but closing. */
ftl_status ftl_h5_create(ftl_h5 **out);

/* Open a file image for reading; `name` is what messages call it (copied). The bytes
 * are copied. Fails with FTL_EFORMAT, FTL_ENOMEM; *out is then NULL. The functions that
 * read fail with FTL_EFORMAT when something is absent, not what was asked for, or
 * damaged. */
ftl_status ftl_h5_open(
        ftl_h5 **out, const void *bytes, size_t n_bytes, const char *name);

/* The same without a copy: the bytes must stay as they are until ftl_h5_close. */
ftl_status ftl_h5_open_borrowed(
        ftl_h5 **out, const void *bytes, size_t n_bytes, const char *name);

/* The same for files that others made: in any format of HDF5. Our own files are in its
 * oldest, and libhdf5 is given no chance to take them for anything else. */
ftl_status ftl_h5_open_foreign(
        ftl_h5 **out, const void *bytes, size_t n_bytes, const char *name);

/* Free without writing. NULL is fine. */
void ftl_h5_close(ftl_h5 *file);

/* A new dataset. data is dense, row-major. Strings: data is const char *const[count];
 * the longest gives the length of all. rank 0 is a scalar (dims may be NULL), a
 * dimension of 0 is allowed. What is at path already is never replaced: FTL_EINPUT. */
ftl_status ftl_h5_write(ftl_h5 *file, const char *path, ftl_h5_type type, int rank,
        const int64_t *dims, const void *data);

/* The same for numbers in a block that malloc gave and whose contents nobody needs
 * afterwards (pages.h): its memory goes back while they are copied, so that they are
 * never there twice. rank >= 1. The block stays the caller's, to be freed or written
 * anew, however the call ends. */
ftl_status ftl_h5_write_moving(ftl_h5 *file, const char *path, ftl_h5_type type,
        int rank, const int64_t *dims, void *data);

/* A new attribute of the group or dataset at `path` ("/" is the root), which must
 * exist. Names may hold any characters, text is UTF-8. An empty string is stored with
 * length 1. FTL_EINPUT: there already, or longer than FTL_H5_ATTR_BYTES (use a
 * dataset). */
#define FTL_H5_ATTR_BYTES 64000
ftl_status ftl_h5_attr_write_text(
        ftl_h5 *file, const char *path, const char *name, const char *text);
ftl_status ftl_h5_attr_write(ftl_h5 *file, const char *path, const char *name,
        ftl_h5_type type, int64_t count,
        const void *data); /* count 1: a scalar; numbers */

/* The file's bytes, as they would lie on disk. *bytes is malloc'ed; free() it. Writing
 * may go on afterwards. */
ftl_status ftl_h5_image(ftl_h5 *file, void **bytes, size_t *n_bytes);

/* The same bytes where the file itself keeps them: borrowed until it is written to, or
 * closed. */
ftl_status ftl_h5_image_borrow(ftl_h5 *file, const void **bytes, size_t *n_bytes);

/* What lies at path? Fails with FTL_EFORMAT when it is absent or no dataset. Where data
 * are contiguous, they lie inside the bytes that were opened: this is checked. */
ftl_status ftl_h5_describe(ftl_h5 *file, const char *path, ftl_h5_info *info);
bool ftl_h5_has(ftl_h5 *file, const char *path);
bool ftl_h5_attr_has(ftl_h5 *file, const char *path, const char *name);

/* Read a dataset whole; type and count must be exactly as stored, else FTL_EFORMAT.
 * Strings: data is char[count][item_bytes + 1]. */
ftl_status ftl_h5_read(
        ftl_h5 *file, const char *path, ftl_h5_type type, int64_t count, void *data);

/* Attributes. The text is malloc'ed: free() it; one of variable length, as h5py writes,
 * is read too. Numbers must be exactly of that type and count. */
ftl_status ftl_h5_attr_read_text(
        ftl_h5 *file, const char *path, const char *name, char **text);
ftl_status ftl_h5_attr_read(ftl_h5 *file, const char *path, const char *name,
        ftl_h5_type type, int64_t count, void *data);

/* Call visit for each dataset below `group`, in the order of their names (bytewise),
 * with its path relative to the group ("a/b": the order is that of whole paths). A
 * status other than FTL_OK ends the walk and is returned. */
typedef ftl_status ftl_h5_visitor(
        void *context, const char *path, const ftl_h5_info *info);
ftl_status ftl_h5_visit(
        ftl_h5 *file, const char *group, ftl_h5_visitor *visit, void *context);

/* Version of the library, "1.10.8". Static. */
const char *ftl_h5_version(void);

#endif
