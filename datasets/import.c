/* import.c - what importers share. */
#include "datasets/import.h"

#include "engine/base/spare.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool ftl_import_enlarges(const ftl_import_options *options, int width, int height) {
    int shorter = width < height ? width : height;
    int longer = width < height ? height : width;
    return (options->fit == FTL_FIT_PAD ? longer : shorter) < options->size;
}

ftl_status ftl_import_refuse_csv(const ftl_import *import, const char *format) {
    if (!import->options->csv) return FTL_OK;
    return ftl_fail(FTL_ECONFIG,
            "import: csv: the format %s has labels of its own and takes no csv",
            format);
}

const char *ftl_import_called(const ftl_import *import) {
    const bool lasting = import->pack_path && !import->options->no_report;
    return lasting ? import->pack_path : import->options->source;
}

ftl_status ftl_import_reserve(ftl_import *import, int64_t n, int channels) {
    const ftl_import_options *o = import->options;
    const size_t side = (size_t)o->size, n_image = side * side * (size_t)channels;
    assert(n > 0 && !import->images);
    import->images = calloc((size_t)n, n_image);
    /* What moves leaves its addresses behind: `ulimit -v` counts them twice. */
    if (import->images && ftl_spare_memory((size_t)n * n_image)) return FTL_OK;
    return ftl_fail(FTL_ENOMEM,
            "%s: %lld images of %d x %d px need %.1f GiB of memory (where addresses "
            "are "
            "limited, as by ulimit -v, twice as many), which is not to be had: a "
            "smaller size (--size, model.resolution) needs less",
            ftl_import_called(import), (long long)n, o->size, o->size,
            (double)n * (double)n_image / (1 << 30));
}

void ftl_import_free(ftl_import *import) {
    free(import->images);
    free(import->problems.text);
    free(import->notes.text);
    ftl_arena_free(import->arena);
    free(import);
}

ftl_status ftl_import_attribute_add(ftl_import *import, const char *where,
        const char *name, int64_t n, bool label, int32_t **value) {
    FTL_TRY(ftl_pack_check_name(name, where));
    if (import->n_attributes == FTL_IMPORT_MAX_ATTRIBUTES)
        return ftl_fail(FTL_EINPUT, "%s: more than %d attributes", where,
                FTL_IMPORT_MAX_ATTRIBUTES);
    for (int i = 0; i < import->n_attributes; i++)
        if (strcmp(import->attribute[i].name, name) == 0)
            return ftl_fail(
                    FTL_EINPUT, "%s: two attributes are called \"%s\"", where, name);
    char *own_name = ftl_arena_strdup(import->arena, name);
    int32_t *values = ftl_arena_alloc(import->arena, sizeof *values * (size_t)n);
    if (!own_name || !values) return FTL_ENOMEM;
    for (int64_t i = 0; i < n; i++)
        values[i] = -1;
    import->attribute[import->n_attributes++] =
            (ftl_import_attribute) {.name = own_name, .value = values, .label = label};
    *value = values;
    return FTL_OK;
}

ftl_status ftl_import_name_values(ftl_import *import, const char *const *name, int n) {
    assert(import->n_attributes > 0 && n >= 1 && n <= FTL_PACK_MAX_NAMES);
    const char **names = ftl_arena_alloc(import->arena, sizeof *names * (size_t)n);
    if (!names) return FTL_ENOMEM;
    for (int i = 0; i < n; i++) {
        names[i] = ftl_arena_strdup(import->arena, name[i]);
        if (!names[i]) return FTL_ENOMEM;
    }
    ftl_import_attribute *attribute = &import->attribute[import->n_attributes - 1];
    attribute->value_name = names;
    attribute->n_value_names = n;
    return FTL_OK;
}
