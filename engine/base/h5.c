/* h5.c - HDF5 files in memory: create, open, image, close; see h5.h. */
#include "engine/base/h5_internal.h"

#include "engine/base/spare.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INCREMENT = 1 << 20, ALIGN_FROM = 256, ALIGNMENT = 64 };

/* -------------------------------------------------------------------- failures */

void ftl_h5_silence(void) {
    /* What libhdf5 does at the exit of a program serves files on disk, and there are
     * none; after a failure it can keep the program from ending. */
    (void)H5dont_atexit();
    /* In a thread-safe libhdf5 each thread has a stack of its own. */
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

typedef struct complaint {
    const char *deepest;
    bool no_memory; /* among all that led to it */
} complaint;

static herr_t take_complaint(unsigned n, const H5E_error2_t *error, void *context) {
    complaint *c = context;
    if (n == 0 && error->desc) c->deepest = error->desc;
    c->no_memory |= error->min_num == H5E_NOSPACE || error->min_num == H5E_CANTALLOC;
    return 0;
}

ftl_status ftl_h5_fail(
        const ftl_h5 *file, ftl_status status, const char *path, const char *what) {
    complaint c = {0};
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_complaint, &c);
    if (c.no_memory)
        return ftl_fail(
                FTL_ENOMEM, "%s: %s: no memory left for HDF5", file->name, path);
    if (!c.deepest) return ftl_fail(status, "%s: %s: %s", file->name, path, what);
    return ftl_fail(status, "%s: %s: %s (HDF5: %s)", file->name, path, what, c.deepest);
}

void ftl_h5_release(hid_t id) {
    if (id > 0) H5Idec_ref(id);
}

/* ------------------------------------------------------------- create and open */

/* libhdf5 looks for the name on the disk even if it never uses what is there, and takes
 * two open files of one name for the same. Nothing can be made below /proc. */
static void unique_name(char *name, size_t n) {
    static atomic_uint count;
    snprintf(name, n, "/proc/fairtl/image-%u", atomic_fetch_add(&count, 1));
}

/* A file in memory only, in the oldest format that holds its contents, of those up to
 * the newest that is allowed. */
static hid_t access_plist(H5F_libver_t newest) {
    hid_t plist = H5Pcreate(H5P_FILE_ACCESS);
    if (plist < 0) return plist;
    if (H5Pset_fapl_core(plist, INCREMENT, false) < 0 ||
            H5Pset_libver_bounds(plist, H5F_LIBVER_EARLIEST, newest) < 0 ||
            H5Pset_fclose_degree(plist, H5F_CLOSE_STRONG) < 0 ||
            H5Pset_alignment(plist, ALIGN_FROM, ALIGNMENT) < 0) {
        ftl_h5_release(plist);
        return -1;
    }
    return plist;
}

/* Where libhdf5 finds no memory while it sets itself up, it crashes. */
enum { SPARE_BYTES = 8 << 20 };

static ftl_h5 *file_create(const char *name) {
    if (!ftl_spare_memory(SPARE_BYTES)) return NULL;
    ftl_h5 *file = calloc(1, sizeof *file);
    if (!file) return NULL;
    file->name = strdup(name);
    if (!file->name) {
        free(file);
        return NULL;
    }
    return file;
}

ftl_status ftl_h5_create(ftl_h5 **out) {
    *out = NULL;
    ftl_h5 *file = file_create("HDF5 file in memory");
    if (!file) return ftl_fail(FTL_ENOMEM, "no memory for an HDF5 file");
    ftl_h5_silence(); /* sets libhdf5 up, the first time */

    ftl_status status = FTL_OK;
    char name[64];
    unique_name(name, sizeof name);
    hid_t access = access_plist(H5F_LIBVER_V18);
    file->link_plist = H5Pcreate(H5P_LINK_CREATE);
    file->dataset_plist = H5Pcreate(H5P_DATASET_CREATE);
    file->attribute_plist = H5Pcreate(H5P_ATTRIBUTE_CREATE);
    /* Never filled: each dataset is written whole as soon as it is created. */
    if (access < 0 || H5Pset_create_intermediate_group(file->link_plist, 1) < 0 ||
            H5Pset_char_encoding(file->link_plist, H5T_CSET_UTF8) < 0 ||
            H5Pset_char_encoding(file->attribute_plist, H5T_CSET_UTF8) < 0 ||
            H5Pset_layout(file->dataset_plist, H5D_CONTIGUOUS) < 0 ||
            H5Pset_fill_time(file->dataset_plist, H5D_FILL_TIME_NEVER) < 0 ||
            H5Pset_obj_track_times(file->dataset_plist, false) < 0 ||
            (file->file = H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, access)) < 0) {
        status = ftl_h5_fail(file, FTL_EBACKEND, "/", "cannot be created");
    }
    ftl_h5_release(access);
    if (status) {
        ftl_h5_close(file);
    } else {
        *out = file;
    }
    return status;
}

/* The image callbacks of libhdf5's core driver. It would copy the image three times; it
 * is told that its copies are made, and reads ours, which it opened read-only. */
static void *image_malloc(size_t size, H5FD_file_image_op_t op, void *context) {
    (void)size, (void)op;
    const ftl_h5 *file = context;
    return (void *)(uintptr_t)file->bytes;
}

static void *image_memcpy(void *to, const void *from, size_t size,
        H5FD_file_image_op_t op, void *context) {
    (void)size, (void)op, (void)context;
    return to == from ? to : NULL;
}

static void *image_realloc(
        void *at, size_t size, H5FD_file_image_op_t op, void *context) {
    (void)at, (void)size, (void)op, (void)context;
    return NULL; /* a file that is only read never grows */
}

static herr_t image_free(void *at, H5FD_file_image_op_t op, void *context) {
    (void)at, (void)op, (void)context;
    return 0;
}

static void *context_copy(void *context) { return context; }

static herr_t context_free(void *context) {
    (void)context;
    return 0;
}

static ftl_status open_image(ftl_h5 **out, const void *bytes, size_t n_bytes,
        const char *name, H5F_libver_t newest) {
    *out = NULL;
    if (n_bytes == 0) return ftl_fail(FTL_EFORMAT, "%s: no HDF5 file: empty", name);
    ftl_h5 *file = file_create(name);
    if (!file) return ftl_fail(FTL_ENOMEM, "%s: no memory to open it", name);
    ftl_h5_silence();
    file->bytes = bytes;
    file->n_bytes = n_bytes;

    ftl_status status = FTL_OK;
    char unique[64];
    unique_name(unique, sizeof unique);
    H5FD_file_image_callbacks_t callbacks = {
            .image_malloc = image_malloc,
            .image_memcpy = image_memcpy,
            .image_realloc = image_realloc,
            .image_free = image_free,
            .udata_copy = context_copy,
            .udata_free = context_free,
            .udata = file,
    };
    hid_t access = access_plist(newest);
    if (access < 0 || H5Pset_file_image_callbacks(access, &callbacks) < 0 ||
            H5Pset_file_image(access, (void *)(uintptr_t)bytes, n_bytes) < 0) {
        status = ftl_h5_fail(file, FTL_EBACKEND, "/", "cannot be opened");
    } else if ((file->file = H5Fopen(unique, H5F_ACC_RDONLY, access)) < 0) {
        status = ftl_h5_fail(file, FTL_EFORMAT, "/", "no HDF5 file, or damaged");
    }
    ftl_h5_release(access);
    if (status) {
        ftl_h5_close(file);
    } else {
        *out = file;
    }
    return status;
}

ftl_status ftl_h5_open_borrowed(
        ftl_h5 **out, const void *bytes, size_t n_bytes, const char *name) {
    return open_image(out, bytes, n_bytes, name, H5F_LIBVER_V18);
}

ftl_status ftl_h5_open_foreign(
        ftl_h5 **out, const void *bytes, size_t n_bytes, const char *name) {
    return open_image(out, bytes, n_bytes, name, H5F_LIBVER_LATEST);
}

ftl_status ftl_h5_open(
        ftl_h5 **out, const void *bytes, size_t n_bytes, const char *name) {
    *out = NULL;
    void *copy = malloc(n_bytes ? n_bytes : 1);
    if (!copy) return ftl_fail(FTL_ENOMEM, "%s: no memory to open it", name);
    if (n_bytes) memcpy(copy, bytes, n_bytes);
    ftl_status status = ftl_h5_open_borrowed(out, copy, n_bytes, name);
    if (status) {
        free(copy);
    } else {
        (*out)->owned = copy;
    }
    return status;
}

void ftl_h5_close(ftl_h5 *file) {
    if (!file) return;
    ftl_h5_silence();
    if (file->file > 0) H5Fclose(file->file);
    ftl_h5_release(file->link_plist);
    ftl_h5_release(file->dataset_plist);
    ftl_h5_release(file->attribute_plist);
    free(file->owned);
    free(file->name);
    free(file);
}

ftl_status ftl_h5_image(ftl_h5 *file, void **bytes, size_t *n_bytes) {
    *bytes = NULL;
    *n_bytes = 0;
    ftl_h5_silence();
    ssize_t n = -1;
    if (H5Fflush(file->file, H5F_SCOPE_GLOBAL) < 0 ||
            (n = H5Fget_file_image(file->file, NULL, 0)) <= 0) {
        return ftl_h5_fail(file, FTL_EBACKEND, "/", "has no image");
    }
    void *image = malloc((size_t)n);
    if (!image) {
        return ftl_fail(
                FTL_ENOMEM, "%s: no memory for an image of %zd bytes", file->name, n);
    }
    if (H5Fget_file_image(file->file, image, (size_t)n) != n) {
        free(image);
        return ftl_h5_fail(file, FTL_EBACKEND, "/", "has no image");
    }
    *bytes = image;
    *n_bytes = (size_t)n;
    return FTL_OK;
}

/* The superblock of a file that is being written says so; one on disk must not. In the
 * versions that H5F_LIBVER_EARLIEST writes, byte 8 is the version, and four bytes from
 * 20 on are flags. */
enum { SUPERBLOCK_VERSION = 8, SUPERBLOCK_FLAGS = 20, SUPERBLOCK_FLAGS_BYTES = 4 };

ftl_status ftl_h5_image_borrow(ftl_h5 *file, const void **bytes, size_t *n_bytes) {
    void *handle = NULL; /* the core driver's: the address of its pointer */
    unsigned char *image;
    ssize_t n = -1;
    *bytes = NULL;
    *n_bytes = 0;
    ftl_h5_silence();
    if (H5Fflush(file->file, H5F_SCOPE_GLOBAL) < 0 ||
            (n = H5Fget_file_image(file->file, NULL, 0)) <= 0 ||
            H5Fget_vfd_handle(file->file, H5P_DEFAULT, &handle) < 0 || !handle)
        return ftl_h5_fail(file, FTL_EBACKEND, "/", "has no image");
    memcpy(&image, handle, sizeof image);
    assert(image[SUPERBLOCK_VERSION] < 2);
    memset(image + SUPERBLOCK_FLAGS, 0, SUPERBLOCK_FLAGS_BYTES);
    *bytes = image;
    *n_bytes = (size_t)n;
    return FTL_OK;
}

const char *ftl_h5_version(void) {
    static _Thread_local char version[32];
    unsigned major, minor, release;
    if (H5get_libversion(&major, &minor, &release) < 0) return "unknown";
    snprintf(version, sizeof version, "%u.%u.%u", major, minor, release);
    return version;
}

/* ----------------------------------------------------------- paths and objects */

/* Of what we write every path is shorter. */
enum { SHORT_PATH = 1024 };

/* Is there a hard link? 1, 0, or negative if HDF5 cannot tell. A soft link may lead
 * nowhere, an external one into another file. */
static int find_link(const ftl_h5 *file, const char *path) {
    H5L_info_t info;
    htri_t there = H5Lexists(file->file, path, H5P_DEFAULT);
    if (there <= 0) return there;
    if (H5Lget_info(file->file, path, &info, H5P_DEFAULT) < 0) return -1;
    return info.type == H5L_TYPE_HARD;
}

static int find_links(const ftl_h5 *file, const char *path) {
    char nearby[SHORT_PATH];
    size_t n = strlen(path) + 1;
    char *prefix = n <= sizeof nearby ? nearby : malloc(n);
    if (!prefix) return -1;
    memcpy(prefix, path, n);
    int found = 1;
    for (char *at = prefix + 1; found > 0 && *at;) {
        at += strcspn(at, "/");
        char end = *at;
        *at = 0;
        found = find_link(file, prefix);
        *at = end;
        if (end) at++;
    }
    if (prefix != nearby) free(prefix);
    return found;
}

bool ftl_h5_find(const ftl_h5 *file, const char *path) {
    assert(path[0] == '/');
    return !path[1] || find_links(file, path) > 0;
}

ftl_status ftl_h5_open_object(hid_t *out, const ftl_h5 *file, const char *path) {
    *out = -1;
    int found = path[1] ? find_links(file, path) : 1;
    if (found < 0) return ftl_h5_fail(file, FTL_EFORMAT, path, "cannot be looked for");
    if (!found) return ftl_fail(FTL_EFORMAT, "%s: holds no %s", file->name, path);
    *out = H5Oopen(file->file, path, H5P_DEFAULT);
    if (*out < 0) return ftl_h5_fail(file, FTL_EFORMAT, path, "cannot be opened");
    return FTL_OK;
}

bool ftl_h5_has(ftl_h5 *file, const char *path) {
    ftl_h5_silence();
    return ftl_h5_find(file, path);
}

/* ----------------------------------------------------------------------- types */

hid_t ftl_h5_file_type(ftl_h5_type type) {
    switch (type) {
    case FTL_H5_F32:
        return H5T_IEEE_F32LE;
    case FTL_H5_F64:
        return H5T_IEEE_F64LE;
    case FTL_H5_I32:
        return H5T_STD_I32LE;
    case FTL_H5_I64:
        return H5T_STD_I64LE;
    case FTL_H5_U8:
        return H5T_STD_U8LE;
    case FTL_H5_STRING:
    case FTL_H5_OTHER:
        break;
    }
    assert(!"a type of numbers");
    return -1;
}

hid_t ftl_h5_memory_type(ftl_h5_type type) {
    switch (type) {
    case FTL_H5_F32:
        return H5T_NATIVE_FLOAT;
    case FTL_H5_F64:
        return H5T_NATIVE_DOUBLE;
    case FTL_H5_I32:
        return H5T_NATIVE_INT32;
    case FTL_H5_I64:
        return H5T_NATIVE_INT64;
    case FTL_H5_U8:
        return H5T_NATIVE_UINT8;
    case FTL_H5_STRING:
    case FTL_H5_OTHER:
        break;
    }
    assert(!"a type of numbers");
    return -1;
}

/* A copy of a string type with another length and padding. */
static hid_t string_like(hid_t type, size_t length, H5T_str_t padding) {
    hid_t copy = H5Tcopy(type);
    if (copy < 0) return copy;
    if (H5Tset_size(copy, length) < 0 || H5Tset_strpad(copy, padding) < 0) {
        ftl_h5_release(copy);
        return -1;
    }
    return copy;
}

hid_t ftl_h5_string_type(size_t length) {
    hid_t type = string_like(H5T_C_S1, length ? length : 1, H5T_STR_NULLPAD);
    if (type >= 0) H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

hid_t ftl_h5_string_reader(hid_t stored) {
    return string_like(stored, H5Tget_size(stored) + 1, H5T_STR_NULLTERM);
}

ftl_h5_type ftl_h5_classify(hid_t stored) {
    if (H5Tget_class(stored) == H5T_STRING) {
        return H5Tis_variable_str(stored) == 0 ? FTL_H5_STRING : FTL_H5_OTHER;
    }
    hid_t native = H5Tget_native_type(stored, H5T_DIR_ASCEND);
    ftl_h5_type type = FTL_H5_OTHER;
    for (int i = FTL_H5_F32; native >= 0 && i <= FTL_H5_U8; i++) {
        hid_t memory = ftl_h5_memory_type((ftl_h5_type)i);
        /* The native type of a half is float: the size tells them apart. */
        if (H5Tequal(native, memory) > 0 &&
                H5Tget_size(stored) == H5Tget_size(memory)) {
            type = (ftl_h5_type)i;
        }
    }
    ftl_h5_release(native);
    return type;
}

const char *ftl_h5_type_name(ftl_h5_type type) {
    switch (type) {
    case FTL_H5_F32:
        return "f32";
    case FTL_H5_F64:
        return "f64";
    case FTL_H5_I32:
        return "i32";
    case FTL_H5_I64:
        return "i64";
    case FTL_H5_U8:
        return "u8";
    case FTL_H5_STRING:
        return "string";
    case FTL_H5_OTHER:
        break;
    }
    return "of another type";
}
