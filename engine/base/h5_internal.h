/* h5_internal.h - what the files of the HDF5 wrapper share. Nobody else includes it. */
#ifndef FTL_ENGINE_BASE_H5_INTERNAL_H
#define FTL_ENGINE_BASE_H5_INTERNAL_H

#include "engine/base/h5.h"

#include <hdf5.h>

struct ftl_h5 {
    hid_t file;
    hid_t link_plist;      /* makes missing groups */
    hid_t dataset_plist;   /* contiguous, no times */
    hid_t attribute_plist; /* names are UTF-8 */
    const void *bytes;     /* the image, if opened; NULL if created */
    size_t n_bytes;
    void *owned; /* our copy of the image, or NULL */
    char *name;  /* for messages */
};

/* Switch off libhdf5's printing on this thread. First thing in each public function. */
void ftl_h5_silence(void);

/* "name: path: what (HDF5: deepest complaint)". Right after the call that failed: the
 * next call into libhdf5 forgets why. */
ftl_status ftl_h5_fail(
        const ftl_h5 *file, ftl_status status, const char *path, const char *what);

/* Close an identifier of any kind, if it is one. */
void ftl_h5_release(hid_t id);

/* Is there something at the absolute path, by hard links alone? */
bool ftl_h5_find(const ftl_h5 *file, const char *path);

/* Open the group or dataset at path. Fails with FTL_EFORMAT. ftl_h5_release. */
ftl_status ftl_h5_open_object(hid_t *out, const ftl_h5 *file, const char *path);

/* How a type is stored, and how it lies in memory; numbers only. Borrowed. */
hid_t ftl_h5_file_type(ftl_h5_type type);
hid_t ftl_h5_memory_type(ftl_h5_type type);

/* The type to store strings of `length` bytes, and the one to read those stored as
 * `stored` into length + 1 bytes. ftl_h5_release; negative on failure. */
hid_t ftl_h5_string_type(size_t length);
hid_t ftl_h5_string_reader(hid_t stored);

/* Which of ours a stored type is. */
ftl_h5_type ftl_h5_classify(hid_t stored);

/* "f32", "string", ... for messages. */
const char *ftl_h5_type_name(ftl_h5_type type);

#endif
