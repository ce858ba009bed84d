/* import_celeba.c - CelebA, aligned and cropped.
 *
 *     img_align_celeba/            the images
 *     list_attr_celeba.txt         a number of rows; names of attributes; then for each
 *                                  image its name and -1 (no, becomes 0) or 1 (yes)
 *     list_eval_partition.txt      for each image its name and 0 (train), 1
 * (validation) or 2 (test); becomes the attribute `partition`
 *
 * in the source itself, or as the download has them in Img/, Anno/ and Eval/. Without
 * the last file there is no such attribute. */
#include "datasets/import_files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BLANKS " \t\r"

/* A list: lines of words. */
typedef struct list {
    char *text; /* malloc'ed; words are cut out of it in place */
    char *at;   /* the next line */
    const char *path;
    int64_t line; /* the one that was read last, from 1 */
    const char **word;
    int n_words, capacity;
} list;

static void close_list(list *l) {
    free(l->text);
    free(l->word);
    *l = (list) {0};
}

static ftl_status open_list(list *l, const char *path) {
    size_t n_bytes;
    *l = (list) {.path = path};
    FTL_TRY(ftl_file_read(&l->text, &n_bytes, path));
    const char *zero = memchr(l->text, 0, n_bytes);
    l->at = l->text;
    if (n_bytes >= 3 && memcmp(l->text, "\xef\xbb\xbf", 3) == 0) l->at += 3;
    if (!zero) return FTL_OK;
    close_list(l);
    return ftl_fail(FTL_EFORMAT, "%s: a zero byte; this is no text file", path);
}

static ftl_status add_word(list *l, const char *word) {
    if (l->n_words == l->capacity) {
        int capacity = l->capacity ? 2 * l->capacity : 64;
        const char **grown = realloc(l->word, sizeof *grown * (size_t)capacity);
        if (!grown) return ftl_fail(FTL_ENOMEM, "%s: no memory left", l->path);
        l->word = grown;
        l->capacity = capacity;
    }
    l->word[l->n_words++] = word;
    return FTL_OK;
}

/* The next line that has words; n_words is 0 at the end. */
static ftl_status read_line(list *l) {
    l->n_words = 0;
    while (*l->at && !l->n_words) {
        char *end = l->at + strcspn(l->at, "\n"), *from = l->at;
        l->at = *end ? end + 1 : end;
        l->line++;
        *end = 0;
        for (;;) {
            from += strspn(from, BLANKS);
            if (!*from) break;
            FTL_TRY(add_word(l, from));
            from += strcspn(from, BLANKS);
            if (*from) *from++ = 0;
        }
    }
    return FTL_OK;
}

/* The file that this row is about; NULL, and a problem, if there is none. */
static ftl_status find_row(ftl_import_files *files, const list *l,
        ftl_import_file **found, int64_t *rows_without_image) {
    *found = ftl_import_files_find(files, l->word[0]);
    if (!*found)
        return ftl_import_problem(files->import, rows_without_image,
                "%s:%lld: no image \"%s\"", l->path, (long long)l->line, l->word[0]);
    if ((*found)->row >= 0)
        return ftl_fail(FTL_EFORMAT, "%s:%lld: \"%s\" has a row already, line %lld",
                l->path, (long long)l->line, l->word[0], (long long)(*found)->row);
    (*found)->row = l->line;
    return FTL_OK;
}

/* ------------------------------------------------------------------------ attributes
 */

static ftl_status read_header(ftl_import_files *files, list *l, int64_t *n_rows,
        int32_t *column[FTL_IMPORT_MAX_ATTRIBUTES], int *n_columns) {
    char *rest = NULL;
    FTL_TRY(read_line(l));
    *n_rows = l->n_words == 1 ? strtoll(l->word[0], &rest, 10) : -1;
    if (*n_rows < 0 || !rest || *rest)
        return ftl_fail(FTL_EFORMAT,
                "%s:%lld: the first line must be the number of rows", l->path,
                (long long)l->line);
    FTL_TRY(read_line(l));
    if (!l->n_words)
        return ftl_fail(FTL_EFORMAT, "%s: no names of attributes", l->path);
    for (*n_columns = 0; *n_columns < l->n_words; ++*n_columns) {
        /* Checked before the array is written to: this refuses one too many. */
        int32_t *values;
        FTL_TRY(ftl_import_attribute_add(
                files->import, l->word[*n_columns], files->n, true, &values));
        column[*n_columns] = values;
    }
    return FTL_OK;
}

static ftl_status read_row(
        ftl_import_files *files, const list *l, int32_t *const *column, int n_columns) {
    ftl_import *import = files->import;
    ftl_import_file *file;
    if (l->n_words != n_columns + 1)
        return ftl_fail(FTL_EFORMAT, "%s:%lld: %d values; there are %d attributes",
                l->path, (long long)l->line, l->n_words - 1, n_columns);
    FTL_TRY(find_row(files, l, &file, &import->counts.rows_without_image));
    for (int k = 0; k < n_columns; k++) {
        const char *word = l->word[k + 1];
        bool yes = strcmp(word, "1") == 0;
        if (!yes && strcmp(word, "-1") != 0)
            return ftl_fail(FTL_EFORMAT, "%s:%lld: %s is \"%s\", neither -1 nor 1",
                    l->path, (long long)l->line, import->attribute[k].name, word);
        if (file) column[k][file - files->item] = yes;
    }
    return FTL_OK;
}

static ftl_status read_attributes(ftl_import_files *files, list *l) {
    int32_t *column[FTL_IMPORT_MAX_ATTRIBUTES];
    int n_columns = 0;
    int64_t n_claimed, n_rows = 0;
    ftl_import *import = files->import;
    FTL_TRY(read_header(files, l, &n_claimed, column, &n_columns));
    for (;; n_rows++) {
        FTL_TRY(read_line(l));
        if (!l->n_words) break;
        FTL_TRY(read_row(files, l, column, n_columns));
    }
    if (n_rows != n_claimed)
        FTL_TRY(ftl_import_problem(import, NULL,
                "%s: its first line tells of %lld rows, "
                "there are %lld",
                l->path, (long long)n_claimed, (long long)n_rows));
    for (int64_t i = 0; i < files->n; i++)
        if (files->item[i].row < 0)
            FTL_TRY(ftl_import_problem(import, &import->counts.images_without_row,
                    "%s: no row in %s", files->item[i].name, l->path));
    return FTL_OK;
}

/* ------------------------------------------------------------------------- partition
 */

static ftl_status read_partition(ftl_import_files *files, list *l) {
    static const char *const parts[] = {"train", "validation", "test"};
    ftl_import *import = files->import;
    int32_t *value;
    FTL_TRY(ftl_import_attribute_add(import, "partition", files->n, false, &value));
    FTL_TRY(ftl_import_name_values(import, parts, 3));
    for (int64_t i = 0; i < files->n; i++)
        files->item[i].row = -1;
    for (;;) {
        ftl_import_file *file;
        FTL_TRY(read_line(l));
        if (!l->n_words) break;
        if (l->n_words != 2 || strlen(l->word[1]) != 1 || !strchr("012", l->word[1][0]))
            return ftl_fail(FTL_EFORMAT, "%s:%lld: not a name and 0, 1 or 2", l->path,
                    (long long)l->line);
        FTL_TRY(find_row(files, l, &file, &import->counts.rows_without_image));
        if (file) value[file - files->item] = l->word[1][0] - '0';
    }
    for (int64_t i = 0; i < files->n; i++)
        if (files->item[i].row < 0)
            FTL_TRY(ftl_import_problem(import, &import->counts.incomplete,
                    "%s: no row in %s", files->item[i].name, l->path));
    return FTL_OK;
}

/* ----------------------------------------------------------------------------- source
 */

typedef ftl_status list_reader(ftl_import_files *files, list *l);

static ftl_status read_list(
        ftl_import_files *files, const char *path, list_reader *read) {
    list l;
    FTL_TRY(open_list(&l, path));
    ftl_status status = read(files, &l);
    close_list(&l);
    return status;
}

/* The first of source/place/name and source/name that is there; NULL if none is. */
static ftl_status find(const ftl_import *import, const char *place, const char *name,
        mode_t kind, const char **out) {
    const char *const places[] = {"", place};
    *out = NULL;
    for (int i = 0; i < 2 && !*out; i++) {
        struct stat info;
        *out = ftl_arena_printf(
                import->arena, "%s/%s%s", import->options->source, places[i], name);
        if (!*out) return FTL_ENOMEM;
        if (stat(*out, &info) || (info.st_mode & S_IFMT) != kind) *out = NULL;
    }
    return FTL_OK;
}

static ftl_status read_source(ftl_import *import) {
    const char *images, *attributes, *partition, *source = import->options->source;
    ftl_import_files files = {0};
    ftl_status status;
    FTL_TRY(ftl_import_refuse_csv(import, "celeba"));
    FTL_TRY(find(import, "Img/", "img_align_celeba", S_IFDIR, &images));
    FTL_TRY(find(import, "Anno/", "list_attr_celeba.txt", S_IFREG, &attributes));
    FTL_TRY(find(import, "Eval/", "list_eval_partition.txt", S_IFREG, &partition));
    if (!images)
        return ftl_fail(FTL_EIO, "%s: no folder img_align_celeba in it", source);
    if (!attributes)
        return ftl_fail(FTL_EIO, "%s: no file list_attr_celeba.txt in it", source);
    FTL_TRY_OUT(ftl_import_files_list(&files, import, images, false, NULL));
    FTL_TRY_OUT(read_list(&files, attributes, read_attributes));
    if (partition)
        FTL_TRY_OUT(read_list(&files, partition, read_partition));
    else
        FTL_TRY_OUT(ftl_import_note(import, NULL,
                "%s: no list_eval_partition.txt in it: no attribute \"partition\"",
                source));
    FTL_TRY_OUT(ftl_import_files_take(&files));
out:
    ftl_import_files_deinit(&files);
    return status;
}

extern const ftl_importer ftl_importer_celeba;
const ftl_importer ftl_importer_celeba = {
        .name = "celeba",
        .help = "CelebA: img_align_celeba/, list_attr_celeba.txt, "
                "list_eval_partition.txt",
        .read = read_source,
};
