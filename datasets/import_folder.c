/* import_folder.c - a folder of JPEG and PNG files, and what tells their labels.
 *
 * With a table, a CSV, the first column holds file names (below the folder:
 * "train/1.jpg") and the others are attributes. It is the one that the options name,
 * else labels.csv of the folder. Without a table an image's class is the folder that it
 * is in; images in no folder but the source have none. If there are neither, the pack
 * has no attributes. Images come in bytewise order of their names. */
#include "datasets/import_files.h"
#include "datasets/import_table.h"

#include "engine/base/log.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_TABLE "labels.csv"

/* The table's path; NULL in *out if there is none. */
static ftl_status find_table(const ftl_import *import, const char **out) {
    const ftl_import_options *options = import->options;
    *out = options->csv;
    if (options->csv) return FTL_OK;
    char *path =
            ftl_arena_printf(import->arena, "%s/%s", options->source, DEFAULT_TABLE);
    if (!path) return FTL_ENOMEM;
    if (ftl_file_exists(path)) *out = path;
    return FTL_OK;
}

/* "cats/young" of "cats/young/1.jpg"; NULL if it is in no folder. In the arena. */
static ftl_status folder_of(ftl_import *import, const char *name, const char **out) {
    const char *slash = strrchr(name, '/');
    *out = NULL;
    if (!slash) return FTL_OK;
    *out = ftl_arena_printf(import->arena, "%.*s", (int)(slash - name), name);
    return *out ? FTL_OK : FTL_ENOMEM;
}

static int compare(const void *a, const void *b) {
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

/* Folders of all files, each once, in bytewise order: not the order of the files, where
 * "a-b/1.jpg" comes before "a/1.jpg". */
static int unique_folders(const char **folder, int64_t n) {
    int64_t kept = 0;
    qsort(folder, (size_t)n, sizeof *folder, compare);
    for (int64_t i = 0; i < n; i++)
        if (!kept || strcmp(folder[i], folder[kept - 1]) != 0)
            folder[kept++] = folder[i];
    return kept > FTL_PACK_MAX_NAMES ? FTL_PACK_MAX_NAMES + 1 : (int)kept;
}

static ftl_status label_classes(
        const ftl_import_files *files, const char **folder, int64_t n_folders) {
    ftl_import *import = files->import;
    int32_t *value;
    int n_classes = unique_folders(folder, n_folders);
    if (n_classes > FTL_PACK_MAX_NAMES)
        return ftl_fail(FTL_EINPUT, "%s: more than %d folders with images", files->root,
                FTL_PACK_MAX_NAMES);
    FTL_TRY(ftl_import_attribute_add(
            import, files->root, "class", files->n, true, &value));
    FTL_TRY(ftl_import_name_values(import, folder, n_classes));
    for (int64_t i = 0; i < files->n; i++) {
        const char *name = files->item[i].name, *own;
        FTL_TRY(folder_of(import, name, &own));
        if (!own) {
            FTL_TRY(ftl_import_problem(import, &import->counts.images_without_row,
                    "%s: in no folder that would be its class", name));
            continue;
        }
        const char **found =
                bsearch(&own, folder, (size_t)n_classes, sizeof *folder, compare);
        if (found) value[i] = (int32_t)(found - folder);
    }
    return FTL_OK;
}

static ftl_status take_classes(const ftl_import_files *files) {
    int64_t n_folders = 0;
    const char **folder = malloc(sizeof *folder * (size_t)files->n);
    if (!folder) return ftl_fail(FTL_ENOMEM, "%s: no memory left", files->root);
    ftl_status status = FTL_OK;
    for (int64_t i = 0; i < files->n && status == FTL_OK; i++) {
        status = folder_of(files->import, files->item[i].name, &folder[n_folders]);
        n_folders += status == FTL_OK && folder[n_folders];
    }
    if (status == FTL_OK && n_folders)
        status = label_classes(files, folder, n_folders);
    else if (status == FTL_OK)
        ftl_log_info("%s: neither %s nor folders in it: images without labels",
                files->root, DEFAULT_TABLE);
    free(folder);
    return status;
}

static ftl_status read_source(ftl_import *import) {
    ftl_import_files files = {0};
    const char *table = NULL;
    ftl_status status;
    FTL_TRY(find_table(import, &table));
    FTL_TRY_OUT(ftl_import_files_list(
            &files, import, import->options->source, true, table));
    if (table)
        FTL_TRY_OUT(ftl_import_table_take(&files, table));
    else
        FTL_TRY_OUT(take_classes(&files));
    FTL_TRY_OUT(ftl_import_files_take(&files));
out:
    ftl_import_files_deinit(&files);
    return status;
}

extern const ftl_importer ftl_importer_folder;
const ftl_importer ftl_importer_folder = {
        .name = "folder",
        .help = "JPEG and PNG files with labels.csv (or another CSV), or a folder for "
                "each class",
        .read = read_source,
};
