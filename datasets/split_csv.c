/* split_csv.c - ftl_splits_write_csv. */
#include "datasets/split.h"

#include "engine/base/file.h"
#include "engine/base/memory_file.h"

#include <stdlib.h>
#include <string.h>

/* A cell, in quotes where it needs them. */
static void write_cell(FILE *to, const char *text) {
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, to);
        return;
    }
    fputc('"', to);
    for (; *text; text++) {
        if (*text == '"') fputc('"', to);
        fputc(*text, to);
    }
    fputc('"', to);
}

static void write_rows(FILE *to, const ftl_splits *splits, const ftl_split *split) {
    for (int64_t i = 0; i < split->n; i++) {
        int32_t group = split->group[i];
        write_cell(to, split->file->pack.names[split->index[i]]);
        fprintf(to, ",%s,", split->name);
        if (group >= 0) write_cell(to, splits->group_name[group]);
        fprintf(to, ",%lld\n", (long long)split->index[i]);
    }
}

ftl_status ftl_splits_write_csv(const char *path, const ftl_splits *splits) {
    char *text;
    size_t n_bytes;
    ftl_memory_file to;
    FTL_TRY(ftl_memory_file_open(&to, path));
    fprintf(to.file, "file,set,group,index\n");
    for (int k = 0; k < FTL_N_SPLITS; k++)
        write_rows(to.file, splits, &splits->split[k]);
    FTL_TRY(ftl_memory_file_close(&to, FTL_OK, &text, &n_bytes));
    const ftl_status status = ftl_file_write(path, text, n_bytes);
    free(text);
    return status;
}
