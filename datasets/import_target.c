/* import_target.c - can a pack be written there? Asked before hours of decoding. */
#include "datasets/import.h"

#include "datasets/pack_schema.h"
#include "engine/base/h5.h"

#include <stdlib.h>
#include <string.h>

static bool is_pack(const ftl_sealed *sealed, const char *path) {
    ftl_h5 *h5 = NULL;
    char *format = NULL;
    bool yes =
            ftl_h5_open_borrowed(&h5, sealed->bytes, sealed->n_bytes, path) == FTL_OK &&
            ftl_h5_attr_read_text(h5, "/", "format", &format) == FTL_OK &&
            strcmp(format, FTL_PACK_FORMAT) == 0;
    free(format);
    ftl_h5_close(h5);
    ftl_clear();
    return yes;
}

/* What is no pack may be one of the images, or a checkpoint. */
static ftl_status check_old(const char *path) {
    ftl_sealed sealed;
    ftl_status status = ftl_sealed_open(&sealed, path);
    ftl_clear();
    if (status == FTL_OK && is_pack(&sealed, path)) {
        ftl_sealed_close(&sealed);
        return FTL_OK;
    }
    ftl_sealed_close(&sealed);
    return ftl_fail(FTL_EINPUT,
            "%s: is there already, and is no whole pack: it is not replaced; delete it "
            "or write to another place",
            path);
}

ftl_status ftl_import_check_target(const char *path) {
    if (ftl_file_exists(path)) FTL_TRY(check_old(path));
    return ftl_file_check_target(path);
}
