/* pack_info.c - ftl_pack_print_info. */
#include "datasets/pack_schema.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An attribute with more values than this (an age, say) is summed up in one line. */
#define MAX_LISTED 40

static int compare(const void *a, const void *b) {
    int32_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

static int64_t run_length(const int32_t *sorted, int64_t n, int64_t from) {
    int64_t to = from;
    while (to < n && sorted[to] == sorted[from])
        to++;
    return to - from;
}

static ftl_status print_attribute(
        FILE *to, const ftl_pack_attribute *attribute, int64_t n) {
    int32_t *sorted = malloc(sizeof *sorted * (size_t)n);
    if (!sorted) return ftl_fail(FTL_ENOMEM, "no memory to count %s", attribute->name);
    memcpy(sorted, attribute->value, sizeof *sorted * (size_t)n);
    qsort(sorted, (size_t)n, sizeof *sorted, compare);
    int64_t missing = sorted[0] < 0 ? run_length(sorted, n, 0) : 0;
    int64_t n_values = 0;
    for (int64_t i = missing; i < n; i += run_length(sorted, n, i))
        n_values++;

    fprintf(to, "attribute %s: ", attribute->name);
    if (n_values > MAX_LISTED)
        fprintf(to, "%lld values from %d to %d", (long long)n_values, sorted[missing],
                sorted[n - 1]);
    else
        fprintf(to, "%lld value%s", (long long)n_values, n_values == 1 ? "" : "s");
    if (missing)
        fprintf(to, ", missing for %lld image%s", (long long)missing,
                missing == 1 ? "" : "s");
    fputc('\n', to);
    for (int64_t i = missing; n_values <= MAX_LISTED && i < n;) {
        int64_t length = run_length(sorted, n, i);
        fprintf(to, "  %8d  %8lld", sorted[i], (long long)length);
        if (attribute->n_value_names)
            fprintf(to, "  %s", attribute->value_name[sorted[i]]);
        fputc('\n', to);
        i += length;
    }
    free(sorted);
    return FTL_OK;
}

ftl_status ftl_pack_print_info(FILE *to, const ftl_pack_file *file) {
    const ftl_pack *pack = &file->pack;
    fprintf(to, "pack      %s\n", file->path);
    fprintf(to, "sha256    %s\n", file->digest);
    fprintf(to, "images    %lld, %d x %d, %s\n", (long long)pack->n, pack->width,
            pack->height, pack->channels == 1 ? "grey" : "RGB");
    fprintf(to, "importer  %s (%s)\n", pack->importer, pack->options);
    if (pack->source.max_width) {
        fprintf(to, "source    ");
        ftl_pack_print_extent(to, &pack->source);
        fputc('\n', to);
    }
    for (const ftl_pack_count_row *row = ftl_pack_count_rows; row->name; row++) {
        int64_t count = ftl_pack_count(&pack->counts, row);
        if (count || row == ftl_pack_count_rows)
            fprintf(to, "  %8lld  %s\n", (long long)count, row->help);
    }
    if (!pack->n_attributes) fprintf(to, "no attributes: an unlabelled set\n");
    for (int i = 0; i < pack->n_attributes; i++)
        FTL_TRY(print_attribute(to, &pack->attributes[i], pack->n));
    if (ferror(to)) return ftl_fail(FTL_EIO, "cannot print: %s", strerror(errno));
    return FTL_OK;
}
