/* import_files.c - listing and looking up; see import_files.h. */
#include "datasets/import_files.h"

#include "engine/base/interrupt.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* What is being listed. */
typedef struct listing {
    ftl_import_files *files;
    bool deep;
    bool has_table;
    struct stat table;
} listing;

static int compare(const void *a, const void *b) {
    const ftl_import_file *x = a, *y = b;
    return strcmp(x->name, y->name);
}

/* Others leave such files beside images: a note, no problem. */
static const char hidden[] = "not read: its name begins with a dot";

static bool has_image_name(const char *name) {
    const char *dot = strrchr(name, '.');
    return dot && (!strcasecmp(dot, ".jpg") || !strcasecmp(dot, ".jpeg") ||
                          !strcasecmp(dot, ".png"));
}

/* `name` is in the arena. */
static ftl_status add(ftl_import_files *files, const char *name, const char *skipped) {
    if (files->n == files->capacity) {
        int64_t capacity = files->capacity ? 2 * files->capacity : 256;
        ftl_import_file *grown = realloc(files->item, sizeof *grown * (size_t)capacity);
        if (!grown) return ftl_fail(FTL_ENOMEM, "no memory for the names of files");
        files->item = grown;
        files->capacity = capacity;
    }
    files->item[files->n++] =
            (ftl_import_file) {.name = name, .skipped = skipped, .row = -1};
    return FTL_OK;
}

static ftl_status list_folder(listing *l, const char *below);

/* `name` is the path below the root; `info` is of the entry itself, not of what it
 * links to. */
static ftl_status list_entry(listing *l, const char *path, const char *name) {
    struct stat info, target;
    if (lstat(path, &info)) return add(l->files, name, "cannot be looked at");
    bool exists = stat(path, &target) == 0;
    if (exists && l->has_table && target.st_dev == l->table.st_dev &&
            target.st_ino == l->table.st_ino)
        return FTL_OK;
    if (S_ISDIR(info.st_mode) && l->deep) return list_folder(l, name);
    if (exists && S_ISDIR(target.st_mode))
        return add(l->files, name,
                l->deep ? "not read: a link to a folder" : "not read: a folder");
    if (!has_image_name(name))
        return add(l->files, name, "not read: no .jpg, .jpeg or .png file");
    if (exists && !S_ISREG(target.st_mode))
        return add(l->files, name, "not read: no regular file");
    return add(l->files, name, NULL);
}

static ftl_status note_hidden(
        ftl_import_files *files, const char *path, const char *name) {
    struct stat info;
    bool folder = lstat(path, &info) == 0 && S_ISDIR(info.st_mode);
    return folder || has_image_name(name) ? add(files, name, hidden) : FTL_OK;
}

static ftl_status list_entries(listing *l, DIR *folder, const char *below) {
    ftl_import_files *files = l->files;
    for (;;) {
        FTL_TRY(ftl_interrupt_check(files->root, "listed"));
        errno = 0;
        const struct dirent *found = readdir(folder);
        if (!found) break;
        if (!strcmp(found->d_name, ".") || !strcmp(found->d_name, "..")) continue;
        ftl_arena *arena = files->import->arena;
        char *path = ftl_arena_printf(arena, "%s/%s%s%s", files->root, below,
                below[0] ? "/" : "", found->d_name);
        if (!path) return FTL_ENOMEM;
        const char *name = path + strlen(files->root) + 1;
        FTL_TRY(found->d_name[0] == '.' ? note_hidden(files, path, name)
                                        : list_entry(l, path, name));
    }
    if (errno)
        return ftl_fail(FTL_EIO, "%s/%s: %s", files->root, below, strerror(errno));
    return FTL_OK;
}

/* "" is the root itself. A folder below it that cannot be read is a problem only. */
static ftl_status list_folder(listing *l, const char *below) {
    const char *root = l->files->root;
    char *path = ftl_arena_printf(l->files->import->arena, "%s/%s", root, below);
    if (!path) return FTL_ENOMEM;
    DIR *folder = opendir(below[0] ? path : root);
    if (!folder && below[0])
        return add(l->files, below, "a folder that cannot be read");
    if (!folder)
        return ftl_fail(ftl_file_blame(errno), "%s: %s%s", root, strerror(errno),
                errno == ENOTDIR
                        ? "; a folder of images is expected, an archive must be "
                          "unpacked first"
                        : "");
    ftl_status status = list_entries(l, folder, below);
    closedir(folder);
    return status;
}

/* Only now, so that the report is in order of names. */
static ftl_status drop_skipped(ftl_import_files *files) {
    ftl_import *import = files->import;
    int64_t kept = 0;
    for (int64_t i = 0; i < files->n; i++) {
        const ftl_import_file *file = &files->item[i];
        if (file->skipped == hidden)
            FTL_TRY(ftl_import_note(import, NULL, "%s: %s", file->name, hidden));
        else if (file->skipped)
            FTL_TRY(ftl_import_problem(import, &import->counts.skipped, "%s: %s",
                    file->name, file->skipped));
        else
            files->item[kept++] = *file;
    }
    files->n = kept;
    import->counts.found = kept;
    if (kept == 0)
        return ftl_fail(
                FTL_EINPUT, "%s: no .jpg, .jpeg or .png file in it", files->root);
    return FTL_OK;
}

ftl_status ftl_import_files_list(ftl_import_files *out, ftl_import *import,
        const char *root, bool deep, const char *table) {
    *out = (ftl_import_files) {.import = import, .root = root};
    listing l = {.files = out, .deep = deep};
    l.has_table = table && stat(table, &l.table) == 0;
    FTL_TRY(list_folder(&l, ""));
    if (out->n) qsort(out->item, (size_t)out->n, sizeof *out->item, compare);
    return drop_skipped(out);
}

void ftl_import_files_deinit(ftl_import_files *files) {
    for (int64_t i = 0; i < files->n; i++)
        free(files->item[i].reason);
    free(files->item);
    *files = (ftl_import_files) {0};
}

ftl_status ftl_import_files_check_rows(
        const ftl_import_files *files, const char *table, int64_t *count) {
    for (int64_t i = 0; i < files->n; i++) {
        const ftl_import_file *file = &files->item[i];
        if (file->left_out)
            FTL_TRY(ftl_import_problem(files->import, count,
                    "%s: its row in %s was left out", file->name, table));
        else if (file->row < 0)
            FTL_TRY(ftl_import_problem(
                    files->import, count, "%s: no row in %s", file->name, table));
    }
    return FTL_OK;
}

const char *ftl_import_files_why(const char *name) {
    for (const char *part = name; part; part = strchr(part, '/')) {
        part += *part == '/';
        if (part[0] == '.' && part[1] && part[1] != '/' && part[1] != '.')
            return ": names that begin with a dot are not read";
    }
    return "";
}

ftl_import_file *ftl_import_files_find(
        const ftl_import_files *files, const char *name) {
    if (!files->n) return NULL;
    ftl_import_file key = {.name = name};
    return bsearch(&key, files->item, (size_t)files->n, sizeof *files->item, compare);
}
