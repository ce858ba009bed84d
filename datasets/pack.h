/* pack.h - the packed format: a data set in one sealed HDF5 file.
 *
 *     /images               u8  [n, height, width, channels], contiguous
 *     /names                fixed strings [n]: where each image came from
 *     /attributes/<name>    i32 [n]; -1 where it is not known
 *     /values/<name>        fixed strings [k]: what the values 0 .. k - 1 of that
 *                           attribute are called; only where the source has names
 *
 * Each dataset has an attribute sha256: the hash of its bytes as stored (strings: of
 * each with a zero behind it), in hexadecimal digits. The root's attributes are format
 * "fairtl-pack", format_version, importer, options, source_px (i32 [4]), and the counts
 * of ftl_pack_counts, each as count_<name>; those that not every pack has only if they
 * are not 0.
 *
 * An open pack is read-only and may be used by any number of threads. */
#ifndef FTL_DATASETS_PACK_H
#define FTL_DATASETS_PACK_H

#include "engine/base/arena.h"
#include "engine/base/file.h"
#include "engine/base/hash.h"
#include "engine/base/status.h"

#include <stdint.h>
#include <stdio.h>

#define FTL_PACK_VERSION 2

/* A side of a packed image is at most this long. */
#define FTL_PACK_MAX_SIDE 4096

/* An attribute has names for at most this many values. */
#define FTL_PACK_MAX_NAMES 65536

/* What the importer met in its source. */
typedef struct ftl_pack_counts {
    int64_t found;              /* images in the source */
    int64_t skipped;            /* other files in it, by their names no images */
    int64_t unusable;           /* not an image, damaged, unreadable */
    int64_t duplicates;         /* the same bytes as an image that was kept */
    int64_t contradicting;      /* left out: the same bytes under different labels */
    int64_t rows_without_image; /* rows of the table that name no image */
    int64_t images_without_row; /* kept, with all attributes missing */
    int64_t incomplete;         /* kept, with attributes missing that should be there */
    int64_t rows_left_out;      /* rows of the table that are no rows, or contradict */
    int64_t unread;             /* values that are none of those there can be */
    int64_t other;              /* problems of another kind; the report names them */
    int64_t grey;               /* grey ones in a pack that is RGB */
    int64_t reduced;            /* too large to be decoded at full size */
    int64_t enlarged;           /* with a side shorter than it is now */
} ftl_pack_counts;

typedef struct ftl_pack_attribute {
    const char *name;
    const int32_t *value;          /* [n], -1 missing */
    const char *const *value_name; /* [n_value_names] what 0, 1, ... are called; NULL */
    int n_value_names;             /* 0: values are but numbers */
} ftl_pack_attribute;

/* Sides of the usable images in the source; all 0 if it is not known. */
typedef struct ftl_pack_extent {
    int32_t min_width, min_height, max_width, max_height; /* px */
} ftl_pack_extent;

/* The same struct describes what is to be written and what was read. */
typedef struct ftl_pack {
    int64_t n;
    int height, width;
    int channels;             /* 1 grey, 3 RGB */
    const uint8_t *images;    /* [n, height, width, channels] */
    const char *const *names; /* [n] */
    int n_attributes;
    const ftl_pack_attribute *attributes; /* in bytewise order of their names if read */
    const char *importer, *options;
    ftl_pack_counts counts;
    ftl_pack_extent source;
} ftl_pack;

/* A pack's file, in memory. */
typedef struct ftl_pack_encoded {
    struct ftl_h5 *h5; /* holds the bytes */
    const void *bytes;
    size_t n_bytes;
    uint8_t digest[FTL_SHA256_BYTES]; /* what ftl_pack_file has as digits */
} ftl_pack_encoded;

/* Make the bytes of a pack, which take its size once more. What `pack` points to stays
 * the caller's; messages call it `path`. `moving` is NULL, or pack->images again if
 * malloc gave them and nobody needs their contents any more: then they are never there
 * twice (ftl_h5_write_moving). Equal contents give equal bytes. Fails with FTL_ENOMEM,
 * FTL_EINPUT (an attribute's name), FTL_EBACKEND; *out is then empty. */
ftl_status ftl_pack_encode(
        ftl_pack_encoded *out, const ftl_pack *pack, void *moving, const char *path);

/* Write them, all at once or not at all. Fails with FTL_EIO, FTL_EINTERRUPTED; an old
 * file is then unchanged. */
ftl_status ftl_pack_write(const char *path, const ftl_pack_encoded *encoded);

/* Empty it. An empty one is fine. */
void ftl_pack_encoded_deinit(ftl_pack_encoded *encoded);

/* Both at once, without moving. */
ftl_status ftl_pack_build(const char *path, const ftl_pack *pack);

/* Fails with FTL_EINPUT if no attribute can have this name: it is empty, "." or "..",
 * longer than 255 bytes, or holds a '/'. `where` begins the message. */
ftl_status ftl_pack_check_name(const char *name, const char *where);

/* An open file. Images are read straight from the mapping; the rest is in the arena. */
typedef struct ftl_pack_file {
    ftl_pack pack;
    const char *path;
    char digest[FTL_SHA256_HEX]; /* of the whole file */
    ftl_sealed sealed;
    ftl_arena *arena;
} ftl_pack_file;

/* Open and verify everything: seal, schema, hashes, ranges of values. *out is owned by
 * the caller. Fails with FTL_EINPUT (cannot be opened), FTL_EIO, FTL_ENOMEM,
 * FTL_EFORMAT (the message names the file and what in it is wrong); *out is then NULL.
 */
ftl_status ftl_pack_open(ftl_pack_file **out, const char *path);

/* NULL is fine. All that was borrowed from the pack is gone afterwards. */
void ftl_pack_close(ftl_pack_file *file);

/* An attribute; NULL if there is none of that name. Borrowed. */
const ftl_pack_attribute *ftl_pack_attribute_find(
        const ftl_pack *pack, const char *name);

/* Bytes of one image. */
size_t ftl_pack_image_bytes(const ftl_pack *pack);

/* Image i, [height, width, channels]. Borrowed. */
const uint8_t *ftl_pack_image(const ftl_pack *pack, int64_t i);

/* first  [n]: of each image the first one that has the same pixels, itself if none
 *        before it has
 * On all cores. Fails with FTL_ENOMEM. */
ftl_status ftl_pack_find_equal(int64_t *first, const ftl_pack_file *file);

/* Tell what a pack holds: size, importer, what became of the source, and how many
 * images each attribute value has. */
ftl_status ftl_pack_print_info(FILE *to, const ftl_pack_file *file);

#endif
