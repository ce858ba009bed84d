/* import_settle.c - a pack and the files beside it belong together, whenever an import
 * was killed.
 *
 * A pack and its report cannot take their places in one step. So the report is staged
 * first, with the digest of the pack that is to come: whoever comes next sees by that
 * whether the pack came too. */
#include "datasets/import.h"

#include "engine/base/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

ftl_status ftl_import_name_beside(
        char path[FTL_IMPORT_PATH_BYTES], const char *pack_path, const char *ending) {
    int length = snprintf(path, FTL_IMPORT_PATH_BYTES, "%s%s", pack_path, ending);
    if (length >= 0 && length < FTL_IMPORT_PATH_BYTES) return FTL_OK;
    return ftl_fail(FTL_EIO, "%s: the name is too long", pack_path);
}

void ftl_import_print_seal(
        char text[FTL_IMPORT_SEAL_BYTES], const uint8_t digest[FTL_SHA256_BYTES]) {
    char hex[FTL_SHA256_HEX];
    ftl_sha256_hex(hex, digest);
    snprintf(text, FTL_IMPORT_SEAL_BYTES, "\nSHA-256 of the pack: %s\n", hex);
}

/* Is the staged report that of the pack which is there? */
static ftl_status compare(bool *same, const char *staged, const char *pack_path) {
    uint8_t digest[FTL_SHA256_BYTES];
    char seal[FTL_IMPORT_SEAL_BYTES], *text;
    size_t n_bytes;
    *same = false;
    if (!ftl_sealed_read_digest(digest, pack_path)) return FTL_OK;
    FTL_TRY(ftl_file_read(&text, &n_bytes, staged));
    ftl_import_print_seal(seal, digest);
    *same = strstr(text, seal) != NULL;
    free(text);
    return FTL_OK;
}

ftl_status ftl_importer_settle(const char *pack_path) {
    char staged[FTL_IMPORT_PATH_BYTES], report[FTL_IMPORT_PATH_BYTES],
            refused[FTL_IMPORT_PATH_BYTES];
    bool same;
    FTL_TRY(ftl_import_name_beside(staged, pack_path, FTL_IMPORT_STAGED));
    FTL_TRY(ftl_import_name_beside(report, pack_path, FTL_IMPORT_REPORT));
    FTL_TRY(ftl_import_name_beside(refused, pack_path, FTL_IMPORT_REFUSED));
    ftl_file_sweep(pack_path);
    ftl_file_sweep(staged);
    ftl_file_sweep(refused);
    if (!ftl_file_exists(staged)) return FTL_OK;
    FTL_TRY(compare(&same, staged, pack_path));
    if (!same && unlink(staged) != 0)
        return ftl_fail(FTL_EIO, "%s: cannot be removed: %s", staged, strerror(errno));
    if (!same) return FTL_OK;
    unlink(refused); /* first: once the report is in its place nobody comes again */
    if (rename(staged, report) != 0)
        return ftl_fail(FTL_EIO, "%s: cannot be written: %s", report, strerror(errno));
    return FTL_OK;
}

void ftl_importer_remove(const char *pack_path) {
    static const char *const endings[] = {"", FTL_IMPORT_REPORT, FTL_IMPORT_STAGED};
    char path[FTL_IMPORT_PATH_BYTES];
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (ftl_import_name_beside(path, pack_path, endings[i]) == FTL_OK) unlink(path);
}
