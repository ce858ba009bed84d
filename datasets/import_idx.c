/* import_idx.c - gzip IDX, as MNIST and Fashion-MNIST come.
 *
 * The source is a folder with train-images-idx3-ubyte, train-labels-idx1-ubyte,
 * t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each with .gz or without. Both
 * parts become one pack with the attributes `label` and `part` (0 train, 1 test).
 * Images of 28 x 28 become 32 x 32 by a border of 2 px of the background, since
 * resizing by 8/7 would blur them, unless the options say how to fit them; any other
 * size is made by resize.h. */
#include "datasets/import.h"
#include "datasets/resize.h"
#include "engine/base/interrupt.h"
#include "engine/base/log.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#define PADDED_FROM 28
#define PADDED_TO 32
#define NAME_BYTES 24

/* More than a file of this format has ever held. */
#define MAX_BYTES (INT64_C(1) << 34)
#define READ_STEP (INT64_C(1) << 24)

/* One IDX file. */
typedef struct idx {
    uint8_t *bytes; /* [dims], malloc'ed */
    int64_t dims[3];
} idx;

typedef struct part {
    const char *name;
    idx images, labels;
} part;

static ftl_status read_exactly(
        gzFile file, void *to, int64_t n, const char *path, const char *what) {
    int got = gzread(file, to, (unsigned)n);
    if (got == n) return FTL_OK;
    int code;
    const char *message = gzerror(file, &code);
    if (code == Z_ERRNO) return ftl_fail(FTL_EIO, "%s: cannot be read", path);
    return ftl_fail(FTL_EFORMAT, "%s: truncated or damaged in its %s%s%s", path, what,
            message[0] ? ": " : "", message);
}

/* Magic: two zeros, the type (8: uint8), the rank; then the rank's big-endian sizes. */
static ftl_status read_header(gzFile file, idx *out, int rank, const char *path) {
    unsigned char header[4 + 4 * 3];
    FTL_TRY(read_exactly(file, header, 4, path, "header"));
    if (header[0] || header[1] || header[2] != 8 || header[3] != rank)
        return ftl_fail(FTL_EFORMAT, "%s: no IDX file of bytes with %d dimension%s",
                path, rank, rank == 1 ? "" : "s");
    FTL_TRY(read_exactly(file, header + 4, 4 * rank, path, "header"));
    int64_t total = 1;
    for (int i = 0; i < rank; i++) {
        const unsigned char *b = header + 4 + 4 * i;
        uint32_t size = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
                        (uint32_t)b[2] << 8 | (uint32_t)b[3];
        out->dims[i] = size;
        if (size == 0 || size > MAX_BYTES / total)
            return ftl_fail(FTL_EFORMAT, "%s: its header claims %lld x %u bytes", path,
                    (long long)total, size);
        total *= size;
    }
    return FTL_OK;
}

/* The memory grows with what is there, not with what the header claims. */
static ftl_status read_body(gzFile file, idx *out, int64_t total, const char *path) {
    for (int64_t got = 0; got < total;) {
        int64_t step = total - got < READ_STEP ? total - got : READ_STEP;
        uint8_t *grown = realloc(out->bytes, (size_t)(got + step));
        if (!grown) return ftl_fail(FTL_ENOMEM, "%s: no memory left", path);
        out->bytes = grown;
        FTL_TRY(read_exactly(file, grown + got, step, path, "data"));
        got += step;
    }
    char more;
    if (gzread(file, &more, 1) != 0)
        return ftl_fail(FTL_EFORMAT, "%s: more data than its header tells of", path);
    return FTL_OK;
}

/* folder/part-kind, with .gz or without. */
static ftl_status read_file(
        idx *out, ftl_import *import, const char *stem, const char *kind, int rank) {
    const char *source = import->options->source;
    char *path = ftl_arena_printf(import->arena, "%s/%s-%s.gz", source, stem, kind);
    if (!path) return FTL_ENOMEM;
    size_t length = strlen(path) - strlen(".gz");
    if (!ftl_file_exists(path)) path[length] = '\0';
    if (!ftl_file_exists(path))
        return ftl_fail(FTL_EINPUT, "%s.gz: there is no such file", path);
    gzFile file = gzopen(path, "rb");
    if (!file) return ftl_fail(FTL_EINPUT, "%s: cannot be opened", path);
    ftl_status status;
    FTL_TRY_OUT(read_header(file, out, rank, path));
    int64_t total = 1;
    for (int i = 0; i < rank; i++)
        total *= out->dims[i];
    FTL_TRY_OUT(read_body(file, out, total, path));
out:
    gzclose(file);
    return status;
}

static ftl_status read_part(part *p, ftl_import *import) {
    const char *source = import->options->source;
    FTL_TRY(read_file(&p->images, import, p->name, "images-idx3-ubyte", 3));
    FTL_TRY(read_file(&p->labels, import, p->name, "labels-idx1-ubyte", 1));
    FTL_TRY(ftl_image_check_size(p->images.dims[2], p->images.dims[1], source));
    if (p->images.dims[0] != p->labels.dims[0])
        return ftl_fail(FTL_EFORMAT, "%s: %s has %lld images and %lld labels", source,
                p->name, (long long)p->images.dims[0], (long long)p->labels.dims[0]);
    return FTL_OK;
}

static void pad(uint8_t *to, const uint8_t *from, int background) {
    const int border = (PADDED_TO - PADDED_FROM) / 2;
    memset(to, background, (size_t)PADDED_TO * PADDED_TO);
    for (int y = 0; y < PADDED_FROM; y++)
        memcpy(to + (size_t)(y + border) * PADDED_TO + border,
                from + (size_t)y * PADDED_FROM, PADDED_FROM);
}

static bool is_padded(const ftl_import *import, const part *p) {
    return !import->options->fit_given && import->options->size == PADDED_TO &&
           p->images.dims[1] == PADDED_FROM && p->images.dims[2] == PADDED_FROM;
}

/* Rows first ... of the import from all images of a part. */
static ftl_status take_images(ftl_import *import, const part *p, int64_t first) {
    const ftl_import_options *o = import->options;
    int size = o->size;
    int height = (int)p->images.dims[1], width = (int)p->images.dims[2];
    bool padded = is_padded(import, p);
    int failed = FTL_OK;
#pragma omp parallel for reduction(max : failed)
    for (int64_t i = 0; i < p->images.dims[0]; i++) {
        if (ftl_interrupt_pending()) continue; /* the import ends behind this loop */
        size_t n_from = (size_t)height * (size_t)width;
        uint8_t *from = p->images.bytes + (size_t)i * n_from;
        uint8_t *to =
                import->images + (size_t)(first + i) * (size_t)size * (size_t)size;
        ftl_image image = {from, width, height, 1};
        int status = FTL_OK;
        if (padded)
            pad(to, from, o->background[0]);
        else
            status = (int)ftl_resize(to, size, &image, o->fit, o->background);
        if (!status)
            status = (int)ftl_sha256(import->digest[first + i].byte, from, n_from);
        if (status > failed) failed = status;
    }
    if (failed)
        return ftl_fail((ftl_status)failed, "%s: the images cannot be resized",
                import->options->source);
    return FTL_OK;
}

static ftl_status take_parts(ftl_import *import, const part *parts, int n_parts) {
    int64_t n = 0;
    for (int i = 0; i < n_parts; i++)
        n += parts[i].images.dims[0];
    FTL_TRY(ftl_import_reserve(import, n, 1));
    import->digest = ftl_arena_alloc(import->arena, sizeof *import->digest * (size_t)n);
    import->names = ftl_arena_alloc(import->arena, sizeof *import->names * (size_t)n);
    char *names = ftl_arena_alloc(import->arena, NAME_BYTES * (size_t)n);
    if (!import->digest || !import->names || !names) return FTL_ENOMEM;
    int32_t *label, *part_value;
    FTL_TRY(ftl_import_attribute_add(
            import, import->options->source, "label", n, true, &label));
    FTL_TRY(ftl_import_attribute_add(
            import, import->options->source, "part", n, false, &part_value));
    import->channels = 1;
    import->n = import->counts.found = n;
    if (!is_padded(import, parts) &&
            ftl_import_enlarges(import->options, (int)parts->images.dims[2],
                    (int)parts->images.dims[1]))
        import->counts.enlarged = n;
    int64_t row = 0;
    for (int k = 0; k < n_parts; k++) {
        FTL_TRY(take_images(import, &parts[k], row));
        for (int64_t i = 0; i < parts[k].images.dims[0]; i++, row++) {
            char *name = names + (size_t)row * NAME_BYTES;
            snprintf(name, NAME_BYTES, "%s/%05lld", parts[k].name, (long long)i);
            import->names[row] = name;
            label[row] = parts[k].labels.bytes[i];
            part_value[row] = k;
        }
    }
    return FTL_OK;
}

/* Both parts have images of the size of this one's. */
static ftl_status describe(ftl_import *import, const part *p) {
    const ftl_import_options *o = import->options;
    int32_t height = (int32_t)p->images.dims[1], width = (int32_t)p->images.dims[2];
    if (o->background[0] != o->background[1] || o->background[1] != o->background[2])
        return ftl_fail(FTL_ECONFIG, "import: background: images of the format idx are "
                                     "grey, and so must be what is around them");
    import->source = (ftl_pack_extent) {width, height, width, height};
    if (!is_padded(import, p)) return FTL_OK;
    import->settings = ftl_arena_printf(import->arena,
            "size=%d border=%d background=#%02x%02x%02x", PADDED_TO,
            (PADDED_TO - PADDED_FROM) / 2, o->background[0], o->background[1],
            o->background[2]);
    return import->settings ? FTL_OK : FTL_ENOMEM;
}

static ftl_status read_source(ftl_import *import) {
    part parts[] = {{.name = "train"}, {.name = "t10k"}};
    const int n_parts = sizeof parts / sizeof *parts;
    ftl_status status = FTL_OK;
    FTL_TRY(ftl_import_refuse_csv(import, "idx"));
    for (int i = 0; i < n_parts; i++) {
        FTL_TRY_OUT(read_part(&parts[i], import));
        FTL_TRY_OUT(ftl_interrupt_check(import->options->source, "imported"));
    }
    if (parts[0].images.dims[1] != parts[1].images.dims[1] ||
            parts[0].images.dims[2] != parts[1].images.dims[2]) {
        status = ftl_fail(FTL_EFORMAT, "%s: the two parts have images of unlike sizes",
                import->options->source);
        goto out;
    }
    FTL_TRY_OUT(describe(import, &parts[0]));
    FTL_TRY_OUT(take_parts(import, parts, n_parts));
out:
    for (int i = 0; i < n_parts; i++) {
        free(parts[i].images.bytes);
        free(parts[i].labels.bytes);
    }
    return status;
}

extern const ftl_importer ftl_importer_idx;
const ftl_importer ftl_importer_idx = {
        .name = "idx",
        .help = "a folder with MNIST's four IDX files, gzip or plain",
        .read = read_source,
};

const char *ftl_importer_zlib_version(void) { return zlibVersion(); }
