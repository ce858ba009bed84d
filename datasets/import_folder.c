/* import_folder.c - a folder of JPEG and PNG files, and a table of attributes.
 *
 * The table is a CSV: the first column holds file names, the others are attributes. It
 * is the one that the options name, else labels.csv of the folder, else there is none
 * and the pack has no attributes. Images come in bytewise order of their names. The
 * pack is grey if every image is, else RGB. */
#include "datasets/csv.h"
#include "datasets/import.h"
#include "datasets/resize.h"
#include "engine/base/log.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define DEFAULT_TABLE "labels.csv"

/* A file that may be an image. */
typedef struct entry {
    const char *name;
    int64_t row; /* of the table, -1 if it has none */
    int channels;
    ftl_status status; /* of decoding it */
    char *reason;      /* if that failed, malloc'ed */
    ftl_import_digest digest;
} entry;

typedef struct folder {
    ftl_import *import;
    entry *entries; /* [n], in order of names; malloc'ed */
    int64_t n, capacity;
    bool has_table;
    ftl_csv table;
} folder;

/* A name of the table, for looking it up. */
typedef struct table_name {
    const char *name;
    int64_t row;
} table_name;

static int compare_entries(const void *a, const void *b) {
    const entry *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static int compare_names(const void *a, const void *b) {
    const table_name *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

static bool has_image_name(const char *name) {
    const char *dot = strrchr(name, '.');
    return dot && (!strcasecmp(dot, ".jpg") || !strcasecmp(dot, ".jpeg") ||
                          !strcasecmp(dot, ".png"));
}

/* The table's path; NULL in *out if there is none. */
static ftl_status find_table(folder *f, const char **out) {
    const ftl_import_options *options = f->import->options;
    *out = options->csv;
    if (options->csv) return FTL_OK;
    char *path =
            ftl_arena_printf(f->import->arena, "%s/%s", options->source, DEFAULT_TABLE);
    if (!path) return FTL_ENOMEM;
    if (ftl_file_exists(path)) *out = path;
    return FTL_OK;
}

static ftl_status add_entry(folder *f, const char *name) {
    if (f->n == f->capacity) {
        int64_t capacity = f->capacity ? 2 * f->capacity : 256;
        entry *grown = realloc(f->entries, sizeof *grown * (size_t)capacity);
        if (!grown) return ftl_fail(FTL_ENOMEM, "no memory for the names of files");
        f->entries = grown;
        f->capacity = capacity;
    }
    const char *own_name = ftl_arena_strdup(f->import->arena, name);
    if (!own_name) return FTL_ENOMEM;
    f->entries[f->n++] = (entry) {.name = own_name, .row = -1};
    return FTL_OK;
}

/* Everything but hidden files and the table; what is no image is sorted out later, so
 * that the report is in order. */
static ftl_status scan(folder *f, const char *table) {
    const char *source = f->import->options->source;
    struct stat table_info = {0};
    bool table_known = table && stat(table, &table_info) == 0;
    DIR *directory = opendir(source);
    if (!directory) return ftl_fail(FTL_EIO, "%s: %s", source, strerror(errno));
    ftl_status status = FTL_OK;
    for (;;) {
        errno = 0;
        const struct dirent *found = readdir(directory);
        if (!found) break;
        struct stat info;
        if (found->d_name[0] == '.') continue;
        if (table_known && fstatat(dirfd(directory), found->d_name, &info, 0) == 0 &&
                info.st_dev == table_info.st_dev && info.st_ino == table_info.st_ino)
            continue;
        FTL_TRY_OUT(add_entry(f, found->d_name));
    }
    if (errno) status = ftl_fail(FTL_EIO, "%s: %s", source, strerror(errno));
out:
    closedir(directory);
    if (f->n) qsort(f->entries, (size_t)f->n, sizeof *f->entries, compare_entries);
    return status;
}

static ftl_status drop_entries_that_are_no_images(folder *f) {
    int64_t kept = 0;
    for (int64_t i = 0; i < f->n; i++) {
        const entry *e = &f->entries[i];
        if (has_image_name(e->name)) {
            f->entries[kept++] = *e;
            continue;
        }
        FTL_TRY(ftl_import_report(f->import,
                "%s: not read: no .jpg, .jpeg or .png file of this folder itself",
                e->name));
    }
    f->n = kept;
    f->import->counts.found = kept;
    if (kept == 0)
        return ftl_fail(FTL_EINPUT, "%s: no .jpg, .jpeg or .png file in it",
                f->import->options->source);
    return FTL_OK;
}

/* The values of one column for the images that have a row. */
static ftl_status take_column(folder *f, int column) {
    const ftl_csv *table = &f->table;
    if (!table->header[column][0])
        return ftl_fail(FTL_EFORMAT, "%s: column %d of the header has no name",
                table->name, column + 1);
    bool minus_one = false, zero = false, more = false;
    for (int64_t row = 0; row < table->n_rows; row++) {
        int32_t value;
        FTL_TRY(ftl_csv_value(&value, table, row, column));
        minus_one |= value == -1 && ftl_csv_cell(table, row, column)[0];
        zero |= value == 0;
        more |= value > 1;
    }
    if (minus_one && !zero && !more)
        ftl_log_warning(
                "%s: column \"%s\" holds -1 and 1 only; -1 is taken as missing: "
                "write 0 if it means no",
                table->name, table->header[column]);
    int32_t *values;
    FTL_TRY(ftl_import_attribute_add(
            f->import, table->header[column], f->n, true, &values));
    for (int64_t i = 0; i < f->n; i++)
        if (f->entries[i].row >= 0)
            FTL_TRY(ftl_csv_value(&values[i], table, f->entries[i].row, column));
    return FTL_OK;
}

/* Rows are matched in their own order, so that the report is in order of lines. */
static ftl_status match_rows(folder *f) {
    const ftl_csv *table = &f->table;
    for (int64_t row = 0; row < table->n_rows; row++) {
        entry key = {.name = ftl_csv_cell(table, row, 0)};
        entry *found = bsearch(
                &key, f->entries, (size_t)f->n, sizeof *f->entries, compare_entries);
        if (found) {
            found->row = row;
            continue;
        }
        f->import->counts.rows_without_image++;
        FTL_TRY(ftl_import_report(f->import, "%s:%lld: no image \"%s\"", table->name,
                (long long)table->line[row], key.name));
    }
    return FTL_OK;
}

static ftl_status check_rows_unique(const ftl_csv *table) {
    if (table->n_rows == 0) return FTL_OK;
    table_name *names = malloc(sizeof *names * (size_t)table->n_rows);
    if (!names) return ftl_fail(FTL_ENOMEM, "%s: no memory left", table->name);
    for (int64_t i = 0; i < table->n_rows; i++)
        names[i] = (table_name) {ftl_csv_cell(table, i, 0), i};
    qsort(names, (size_t)table->n_rows, sizeof *names, compare_names);
    ftl_status status = FTL_OK;
    for (int64_t i = 1; i < table->n_rows && status == FTL_OK; i++)
        if (strcmp(names[i].name, names[i - 1].name) == 0)
            status = ftl_fail(FTL_EFORMAT,
                    "%s:%lld: \"%s\" has a row already, line %lld", table->name,
                    (long long)table->line[names[i].row], names[i].name,
                    (long long)table->line[names[i - 1].row]);
    free(names);
    return status;
}

static ftl_status take_table(folder *f, const char *path) {
    FTL_TRY(ftl_csv_read(&f->table, path));
    f->has_table = true;
    FTL_TRY(check_rows_unique(&f->table));
    FTL_TRY(match_rows(f));
    for (int i = 1; i < f->table.n_columns; i++)
        FTL_TRY(take_column(f, i));
    return FTL_OK;
}

/* Always three channels: whether all are grey is known at the end. */
static ftl_status decode(const folder *f, entry *e, uint8_t *to, uint8_t *scratch) {
    int size = f->import->options->size;
    char *path = NULL, *bytes = NULL;
    size_t n_bytes, length = strlen(f->import->options->source) + strlen(e->name) + 2;
    ftl_image image = {0};
    ftl_status status;
    path = malloc(length);
    if (!path) return ftl_fail(FTL_ENOMEM, "%s: no memory left", e->name);
    snprintf(path, length, "%s/%s", f->import->options->source, e->name);
    FTL_TRY_OUT(ftl_file_read(&bytes, &n_bytes, path));
    FTL_TRY_OUT(ftl_sha256(e->digest.byte, bytes, n_bytes));
    FTL_TRY_OUT(ftl_image_decode(&image, bytes, n_bytes, NULL, e->name));
    e->channels = image.channels;
    FTL_TRY_OUT(ftl_resize(image.channels == 3 ? to : scratch, size, &image,
            FTL_FIT_CROP, (uint8_t[3]) {0}));
    if (image.channels == 1)
        for (size_t i = 0; i < (size_t)size * (size_t)size; i++)
            memset(to + 3 * i, scratch[i], 3);
out:
    ftl_image_deinit(&image);
    free(bytes);
    free(path);
    return status;
}

/* Nothing fails in here: each entry keeps its status and a copy of its message. */
static void decode_all(folder *f, uint8_t *scratch, size_t scratch_bytes) {
    size_t n_image =
            (size_t)f->import->options->size * (size_t)f->import->options->size * 3;
    int64_t done = 0;
#pragma omp parallel for schedule(dynamic, 16)
    for (int64_t i = 0; i < f->n; i++) {
        entry *e = &f->entries[i];
        ftl_clear();
        e->status = decode(f, e, f->import->images + (size_t)i * n_image,
                scratch + (size_t)omp_get_thread_num() * scratch_bytes);
        if (e->status != FTL_OK) e->reason = strdup(ftl_message());
        ftl_clear();
        int64_t count;
#pragma omp atomic capture
        count = ++done;
        if (omp_get_thread_num() == 0)
            ftl_log_progress(
                    "import: %lld of %lld images", (long long)count, (long long)f->n);
    }
    ftl_log_progress_end();
}

static ftl_status take_images(folder *f) {
    ftl_import *import = f->import;
    size_t n_pixels = (size_t)import->options->size * (size_t)import->options->size;
    import->images = malloc((size_t)f->n * n_pixels * 3);
    uint8_t *scratch = malloc((size_t)omp_get_max_threads() * n_pixels);
    if (!import->images || !scratch) {
        free(scratch);
        return ftl_fail(FTL_ENOMEM, "%s: no memory for %lld images",
                import->options->source, (long long)f->n);
    }
    decode_all(f, scratch, n_pixels);
    free(scratch);
    for (int64_t i = 0; i < f->n; i++)
        if (f->entries[i].status == FTL_ENOMEM || f->entries[i].status == FTL_EBACKEND)
            return ftl_fail(f->entries[i].status, "%s",
                    f->entries[i].reason ? f->entries[i].reason : "no memory left");
    return FTL_OK;
}

/* Only usable images stay; the others are named, as are those without a row. */
static ftl_status keep_usable(folder *f) {
    ftl_import *import = f->import;
    size_t n_image = (size_t)import->options->size * (size_t)import->options->size * 3;
    import->names =
            ftl_arena_alloc(import->arena, sizeof *import->names * (size_t)f->n);
    import->digest =
            ftl_arena_alloc(import->arena, sizeof *import->digest * (size_t)f->n);
    if (!import->names || !import->digest) return FTL_ENOMEM;
    int64_t n = 0;
    import->channels = 1;
    for (int64_t i = 0; i < f->n; i++) {
        const entry *e = &f->entries[i];
        if (e->status != FTL_OK) {
            import->counts.unusable++;
            FTL_TRY(ftl_import_report(
                    import, "%s", e->reason ? e->reason : "no memory left"));
            continue;
        }
        if (f->has_table && e->row < 0) {
            import->counts.images_without_row++;
            FTL_TRY(ftl_import_report(
                    import, "%s: no row in %s", e->name, f->table.name));
        }
        if (e->channels == 3) import->channels = 3;
        if (n != i)
            memcpy(import->images + (size_t)n * n_image,
                    import->images + (size_t)i * n_image, n_image);
        for (int k = 0; k < import->n_attributes; k++)
            import->attribute[k].value[n] = import->attribute[k].value[i];
        import->names[n] = e->name;
        import->digest[n++] = e->digest;
    }
    import->n = n;
    if (n == 0)
        return ftl_fail(FTL_EINPUT,
                "%s: none of its %lld images can be used; the first: %s",
                import->options->source, (long long)f->n,
                f->entries[0].reason ? f->entries[0].reason : "no memory left");
    return FTL_OK;
}

/* Three equal channels to one. */
static void drop_colour(ftl_import *import) {
    size_t n = (size_t)import->n * (size_t)import->options->size *
               (size_t)import->options->size;
    assert(n > 0); /* keep_usable refuses a folder without images */
    for (size_t i = 0; i < n; i++)
        import->images[i] = import->images[3 * i];
    /* Less is needed now; if it cannot be had, the larger block is as good. */
    uint8_t *less = realloc(import->images, n);
    if (less) import->images = less;
}

static ftl_status read_source(ftl_import *import) {
    folder f = {.import = import};
    const char *table = NULL;
    ftl_status status;
    import->settings = ftl_arena_printf(import->arena,
            "size=%d fit=crop filter=" FTL_RESIZE_FILTER " alpha-over=black",
            import->options->size);
    if (!import->settings) return FTL_ENOMEM;
    FTL_TRY_OUT(find_table(&f, &table));
    FTL_TRY_OUT(scan(&f, table));
    FTL_TRY_OUT(drop_entries_that_are_no_images(&f));
    if (table)
        FTL_TRY_OUT(take_table(&f, table));
    else
        ftl_log_info("%s: no %s in it: images without labels", import->options->source,
                DEFAULT_TABLE);
    FTL_TRY_OUT(take_images(&f));
    FTL_TRY_OUT(keep_usable(&f));
    if (import->channels == 1) drop_colour(import);
out:
    for (int64_t i = 0; i < f.n; i++)
        free(f.entries[i].reason);
    free(f.entries);
    ftl_csv_deinit(&f.table);
    return status;
}

extern const ftl_importer ftl_importer_folder;
const ftl_importer ftl_importer_folder = {
        .name = "folder",
        .help = "a folder of JPEG and PNG files with labels.csv (or another CSV)",
        .read = read_source,
};
