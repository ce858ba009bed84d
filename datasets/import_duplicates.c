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

/* What becomes of a row. */
typedef struct fate {
    int64_t first; /* row with the same bytes */
    int attribute; /* in which rows with these bytes contradict each other; -1: in none
                    */
    int64_t other; /* a row that contradicts this one in it ... */
    int64_t another; /* ... or, >= 0, these two each other, and this one has no value */
} fate;

/* Rows with the same bytes, in their order, and one attribute. Labels that the first
 * lacks are taken from a later one. */
static void judge_attribute(
        const ftl_import *import, const entry *of, int64_t n, int k, fate *fates) {
    int32_t *value = import->attribute[k].value;
    int64_t one = -1, two = -1; /* the first rows with values that differ */
    for (int64_t i = 0; i < n && two < 0; i++) {
        int64_t row = of[i].row;
        if (value[row] < 0) continue;
        if (one < 0) one = row;
        if (value[row] != value[one]) two = row;
    }
    for (int64_t i = 0; i < n && two >= 0; i++) {
        int64_t row = of[i].row;
        fate *f = &fates[row];
        bool has_own = f->attribute >= 0 && f->another < 0;
        if (has_own || (value[row] < 0 && f->attribute >= 0)) continue;
        f->attribute = k;
        f->other = value[row] < 0 || value[row] != value[one] ? one : two;
        f->another = value[row] < 0 ? two : -1;
    }
    if (one >= 0 && value[of[0].row] < 0) value[of[0].row] = value[one];
}

/* By rows that have the same bytes. */
static ftl_status judge_rows(const ftl_import *import, fate *fates) {
    size_t n = (size_t)import->n;
    entry *entries = malloc(sizeof *entries * (n ? n : 1));
    if (!entries) return ftl_fail(FTL_ENOMEM, "no memory to look for duplicates");
    for (size_t i = 0; i < n; i++)
        entries[i] = (entry) {&import->digest[i], (int64_t)i};
    qsort(entries, n, sizeof *entries, compare);
    for (size_t from = 0, to; from < n; from = to) {
        const entry *of = &entries[from];
        for (to = from; to < n && memcmp(entries[to].digest->byte, of->digest->byte,
                                          FTL_SHA256_BYTES) == 0;
                to++)
            fates[entries[to].row] = (fate) {of->row, -1, -1, -1};
        for (int k = 0; k < import->n_attributes; k++)
            if (import->attribute[k].label)
                judge_attribute(import, of, (int64_t)(to - from), k, fates);
    }
    free(entries);
    return FTL_OK;
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
static ftl_status report_row(
        ftl_import *import, int64_t row, const fate *f, bool *keep) {
    const char *const *name = import->names;
    *keep = false;
    if (f->attribute >= 0 && f->another >= 0)
        return ftl_import_problem(import, &import->counts.contradicting,
                "%s: left out: the same bytes as %s and %s, which differ in \"%s\"",
                name[row], name[f->other], name[f->another],
                import->attribute[f->attribute].name);
    if (f->attribute >= 0)
        return ftl_import_problem(import, &import->counts.contradicting,
                "%s: left out: the same bytes as %s, with another \"%s\"", name[row],
                name[f->other], import->attribute[f->attribute].name);
    if (row != f->first)
        return ftl_import_problem(import, &import->counts.duplicates,
                "%s: left out: the same bytes as %s", name[row], name[f->first]);
    *keep = true;
    return FTL_OK;
}

ftl_status ftl_import_deduplicate(ftl_import *import) {
    size_t n = (size_t)import->n;
    ftl_status status = FTL_OK;
    fate *fates = malloc(sizeof *fates * (n ? n : 1));
    bool *keep = calloc(n ? n : 1, sizeof *keep);
    if (!fates || !keep) {
        status = ftl_fail(FTL_ENOMEM, "no memory to look for duplicates");
        goto out;
    }
    FTL_TRY_OUT(judge_rows(import, fates));
    /* All reports before rows move: they name rows by where they were. */
    for (int64_t i = 0; i < import->n; i++)
        FTL_TRY_OUT(report_row(import, i, &fates[i], &keep[i]));
    int64_t kept = 0;
    for (int64_t i = 0; i < import->n; i++)
        if (keep[i]) move_row(import, kept++, i);
    import->n = kept;
out:
    free(fates);
    free(keep);
    return status;
}
