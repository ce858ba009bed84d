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
#include "datasets/words.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* --------------------------------------------------------------------------- rows */

/* The columns that a list fills. */
typedef struct columns {
    int32_t *value[FTL_IMPORT_MAX_ATTRIBUTES]; /* [files->n] each, -1 missing */
    int n;
} columns;

static void set_row(const columns *c, int64_t at, const int32_t *value) {
    for (int k = 0; k < c->n; k++)
        c->value[k][at] = value ? value[k] : -1;
}

static bool is_row(const columns *c, int64_t at, const int32_t *value) {
    for (int k = 0; k < c->n; k++)
        if (c->value[k][at] != value[k]) return false;
    return true;
}

/* The line that was read last is no row. */
static ftl_status leave_out(
        const ftl_import_files *files, const ftl_words *l, const char *why) {
    ftl_import_file *file = ftl_import_files_find(files, l->word[0]);
    if (file && file->row < 0) file->left_out = true;
    return ftl_import_problem(files->import, &files->import->counts.rows_left_out,
            "%s:%lld: %s: left out", l->path, (long long)l->line, why);
}

static ftl_status tell_clash(const ftl_import_files *files, const ftl_words *l,
        const char *name, int64_t line, int64_t other) {
    return ftl_import_problem(files->import, &files->import->counts.rows_left_out,
            "%s:%lld: \"%s\" has another row, line %lld, and they differ: left out",
            l->path, (long long)line, name, (long long)other);
}

/* `value` is what the line says of its image. Of rows that differ none is taken; `row`
 * is then the line of the first, and `left_out` is set. */
static ftl_status take_row(const ftl_import_files *files, const ftl_words *l,
        const columns *c, const int32_t *value) {
    ftl_import *import = files->import;
    ftl_import_file *file = ftl_import_files_find(files, l->word[0]);
    if (!file)
        return ftl_import_problem(import, &import->counts.rows_without_image,
                "%s:%lld: no image \"%s\"%s", l->path, (long long)l->line, l->word[0],
                ftl_import_files_why(l->word[0]));
    int64_t at = file - files->item, first = file->row;
    if (first < 0) {
        set_row(c, at, value);
        file->row = l->line;
        file->left_out = false;
        return FTL_OK;
    }
    if (!file->left_out && is_row(c, at, value))
        return ftl_import_note(import, NULL,
                "%s:%lld: \"%s\" has the same row already, line %lld", l->path,
                (long long)l->line, file->name, (long long)first);
    if (!file->left_out) FTL_TRY(tell_clash(files, l, file->name, first, l->line));
    set_row(c, at, NULL);
    file->left_out = true;
    return tell_clash(files, l, file->name, l->line, first);
}

/* Take the line that was read last, or leave it out. */
typedef ftl_status row_reader(
        const ftl_import_files *files, const ftl_words *l, const columns *c);

/* All rows that follow. A list of which nothing can be taken is another list. */
static ftl_status read_rows(const ftl_import_files *files, ftl_words *l,
        const columns *c, row_reader *read, int64_t *n_rows) {
    const ftl_import_lines *problems = &files->import->problems;
    size_t before = problems->n_bytes;
    for (*n_rows = 0;; ++*n_rows) {
        FTL_TRY(ftl_words_read_line(l));
        if (!l->n_words) break;
        FTL_TRY(read(files, l, c));
    }
    if (!*n_rows) return ftl_fail(FTL_EFORMAT, "%s: no row in it", l->path);
    for (int64_t i = 0; i < files->n; i++)
        if (files->item[i].row >= 0) return FTL_OK;
    const char *first = problems->text + before;
    size_t n_left = problems->n_bytes - before;
    const char *end = n_left ? memchr(first, '\n', n_left) : NULL;
    return ftl_fail(FTL_EFORMAT,
            "%s: none of its %lld rows can be taken; the first: %.*s", l->path,
            (long long)*n_rows, end ? (int)(end - first) : 0, first);
}

/* ------------------------------------------------------------------------ attributes
 */

static ftl_status read_header(
        ftl_import_files *files, ftl_words *l, int64_t *n_rows, columns *c) {
    char *rest = NULL;
    FTL_TRY(ftl_words_read_line(l));
    *n_rows = l->n_words == 1 ? strtoll(l->word[0], &rest, 10) : -1;
    if (*n_rows < 0 || !rest || *rest)
        return ftl_fail(FTL_EFORMAT,
                "%s:%lld: the first line must be the number of rows", l->path,
                (long long)l->line);
    FTL_TRY(ftl_words_read_line(l));
    if (!l->n_words)
        return ftl_fail(FTL_EFORMAT, "%s: no names of attributes", l->path);
    const char *where = ftl_arena_printf(
            files->import->arena, "%s:%lld", l->path, (long long)l->line);
    if (!where) return FTL_ENOMEM;
    for (c->n = 0; c->n < l->n_words; c->n++) {
        /* Checked before the array is written to: this refuses one too many. */
        int32_t *values;
        FTL_TRY(ftl_import_attribute_add(
                files->import, where, l->word[c->n], files->n, true, &values));
        c->value[c->n] = values;
    }
    return FTL_OK;
}

static ftl_status read_attribute_row(
        const ftl_import_files *files, const ftl_words *l, const columns *c) {
    char why[512];
    int32_t value[FTL_IMPORT_MAX_ATTRIBUTES];
    if (l->n_words != c->n + 1) {
        snprintf(why, sizeof why, "%d values; there are %d attributes", l->n_words - 1,
                c->n);
        return leave_out(files, l, why);
    }
    for (int k = 0; k < c->n; k++) {
        const char *word = l->word[k + 1];
        value[k] = strcmp(word, "1") == 0;
        if (value[k] || strcmp(word, "-1") == 0) continue;
        snprintf(why, sizeof why, "%.255s is \"%.64s\", neither -1 nor 1",
                files->import->attribute[k].name, word);
        return leave_out(files, l, why);
    }
    return take_row(files, l, c, value);
}

static ftl_status read_attributes(ftl_import_files *files, ftl_words *l) {
    columns c;
    int64_t n_claimed, n_rows;
    ftl_import *import = files->import;
    FTL_TRY(read_header(files, l, &n_claimed, &c));
    FTL_TRY(read_rows(files, l, &c, read_attribute_row, &n_rows));
    if (n_rows != n_claimed)
        FTL_TRY(ftl_import_problem(import, NULL,
                "%s: its first line tells of %lld rows, there are %lld", l->path,
                (long long)n_claimed, (long long)n_rows));
    return ftl_import_files_check_rows(
            files, l->path, &import->counts.images_without_row);
}

/* ------------------------------------------------------------------------- partition
 */

static ftl_status read_partition_row(
        const ftl_import_files *files, const ftl_words *l, const columns *c) {
    if (l->n_words != 2 || strlen(l->word[1]) != 1 || !strchr("012", l->word[1][0]))
        return leave_out(files, l, "not a name and 0, 1 or 2");
    return take_row(files, l, c, &(int32_t) {l->word[1][0] - '0'});
}

static ftl_status read_partition(ftl_import_files *files, ftl_words *l) {
    static const char *const parts[] = {"train", "validation", "test"};
    ftl_import *import = files->import;
    columns c = {.n = 1};
    int64_t n_rows;
    FTL_TRY(ftl_import_attribute_add(
            import, l->path, "partition", files->n, false, &c.value[0]));
    FTL_TRY(ftl_import_name_values(import, parts, 3));
    for (int64_t i = 0; i < files->n; i++) {
        files->item[i].row = -1;
        files->item[i].left_out = false;
    }
    FTL_TRY(read_rows(files, l, &c, read_partition_row, &n_rows));
    return ftl_import_files_check_rows(files, l->path, &import->counts.incomplete);
}

/* ----------------------------------------------------------------------------- source
 */

typedef ftl_status list_reader(ftl_import_files *files, ftl_words *l);

static ftl_status read_list(
        ftl_import_files *files, const char *path, list_reader *read) {
    ftl_words l;
    FTL_TRY(ftl_words_open(&l, path));
    ftl_status status = read(files, &l);
    ftl_words_close(&l);
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
        return ftl_fail(FTL_EINPUT, "%s: no folder img_align_celeba in it", source);
    if (!attributes)
        return ftl_fail(FTL_EINPUT, "%s: no file list_attr_celeba.txt in it", source);
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
