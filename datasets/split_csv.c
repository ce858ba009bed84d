/* split_csv.c - ftl_splits_write_csv. */
#include "datasets/split.h"

#include "engine/base/file.h"

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
    char *text = NULL;
    size_t n_bytes = 0;
    FILE *to = open_memstream(&text, &n_bytes);
    if (!to) return ftl_fail(FTL_ENOMEM, "%s: no memory left", path);
    fprintf(to, "file,set,group,index\n");
    for (int k = 0; k < FTL_N_SPLITS; k++)
        write_rows(to, splits, &splits->split[k]);
    bool whole = !ferror(to);
    whole &= fclose(to) == 0;
    ftl_status status = whole ? ftl_file_write(path, text, n_bytes)
                              : ftl_fail(FTL_ENOMEM, "%s: no memory left", path);
    free(text);
    return status;
}
