/* import_duplicates.c - ftl_import_deduplicate. */
#include "datasets/import.h"

#include <stdlib.h>
#include <string.h>

typedef struct entry {
    const ftl_import_digest *digest;
    int64_t row;
} entry;

static int compare(const void *a, const void *b) {
    const entry *x = a, *y = b;
    int order = memcmp(x->digest->byte, y->digest->byte, FTL_SHA256_BYTES);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

/* first[i] = the first row with the bytes of row i. */
static ftl_status find_first(const ftl_import *import, int64_t *first) {
    size_t n = (size_t)import->n;
    entry *entries = malloc(sizeof *entries * (n ? n : 1));
    if (!entries) return ftl_fail(FTL_ENOMEM, "no memory to look for duplicates");
    for (size_t i = 0; i < n; i++)
        entries[i] = (entry) {&import->digest[i], (int64_t)i};
    qsort(entries, n, sizeof *entries, compare);
    for (size_t i = 0; i < n; i++) {
        int64_t row = entries[i].row;
        first[row] = row;
        if (i && memcmp(entries[i].digest->byte, entries[i - 1].digest->byte,
                         FTL_SHA256_BYTES) == 0)
            first[row] = first[entries[i - 1].row];
    }
    free(entries);
    return FTL_OK;
}

/* Take labels that the first copy lacks from this one. False, and which attribute, if
 * both have one and they differ. */
static bool merge_labels(
        const ftl_import *import, int64_t first, int64_t row, const char **differs) {
    bool agree = true;
    for (int k = 0; k < import->n_attributes; k++) {
        if (!import->attribute[k].label) continue;
        int32_t *value = import->attribute[k].value;
        if (value[first] < 0) value[first] = value[row];
        if (value[row] < 0 || value[row] == value[first]) continue;
        if (agree) *differs = import->attribute[k].name;
        agree = false;
    }
    return agree;
}

static void move_row(ftl_import *import, int64_t to, int64_t from) {
    if (to == from) return;
    size_t n_image = (size_t)import->options->size * (size_t)import->options->size *
                     (size_t)import->channels;
    memcpy(import->images + (size_t)to * n_image,
            import->images + (size_t)from * n_image, n_image);
    import->names[to] = import->names[from];
    import->digest[to] = import->digest[from];
    for (int k = 0; k < import->n_attributes; k++)
        import->attribute[k].value[to] = import->attribute[k].value[from];
}

/* Keep the row? If not, report and count. */
static ftl_status judge_row(ftl_import *import, int64_t row, int64_t first,
        const char *contradicted, bool *keep) {
    *keep = false;
    if (contradicted)
        return ftl_import_problem(import, &import->counts.contradicting,
                "%s: left out: the same bytes as %s, with another \"%s\"",
                import->names[row],
                row == first ? "a later image" : import->names[first], contradicted);
    if (row != first)
        return ftl_import_problem(import, &import->counts.duplicates,
                "%s: left out: the same bytes as %s", import->names[row],
                import->names[first]);
    *keep = true;
    return FTL_OK;
}

ftl_status ftl_import_deduplicate(ftl_import *import) {
    size_t n = (size_t)import->n;
    ftl_status status = FTL_OK;
    int64_t *first = malloc(sizeof *first * (n ? n : 1));
    const char **contradicted = calloc(n ? n : 1, sizeof *contradicted);
    bool *keep = calloc(n ? n : 1, sizeof *keep);
    if (!first || !contradicted || !keep) {
        status = ftl_fail(FTL_ENOMEM, "no memory to look for duplicates");
        goto out;
    }
    FTL_TRY_OUT(find_first(import, first));
    for (int64_t i = 0; i < import->n; i++) {
        const char *differs = NULL;
        if (first[i] == i || merge_labels(import, first[i], i, &differs)) continue;
        if (!contradicted[first[i]]) contradicted[first[i]] = differs;
    }
    /* All reports before rows move: they name rows by where they were. */
    for (int64_t i = 0; i < import->n; i++)
        FTL_TRY_OUT(judge_row(import, i, first[i], contradicted[first[i]], &keep[i]));
    int64_t kept = 0;
    for (int64_t i = 0; i < import->n; i++)
        if (keep[i]) move_row(import, kept++, i);
    import->n = kept;
out:
    free(first);
    free(contradicted);
    free(keep);
    return status;
}
