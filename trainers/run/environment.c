/* environment.c - what the bits of a run depend on beside its configuration. */
#include "configs/yaml.h"
#include "datasets/image.h"
#include "datasets/importer.h"
#include "engine/backend/kernel.h"
#include "engine/backend/onednn.h"
#include "engine/base/file.h"
#include "engine/base/h5.h"
#include "trainers/metrics/lapack.h"
#include "trainers/run/run_state.h"

#include <stdio.h>
#include <stdlib.h>

#ifndef FTL_VERSION
#define FTL_VERSION "unknown"
#endif

/* The program's own SHA-256: another binary may round differently. */
static ftl_status hash_program(char hex[FTL_SHA256_HEX]) {
    char *bytes;
    size_t n;
    uint8_t digest[FTL_SHA256_BYTES];
    FTL_TRY(ftl_file_read(&bytes, &n, "/proc/self/exe"));
    ftl_status status = ftl_sha256(digest, bytes, n);
    free(bytes);
    if (status == FTL_OK) ftl_sha256_hex(hex, digest);
    return status;
}

ftl_status ftl_environment_describe(const char **out, ftl_arena *arena, int threads) {
    char hex[FTL_SHA256_HEX], lapack[FTL_LAPACK_TEXT];
    FTL_TRY(hash_program(hex));
    *out = ftl_arena_printf(arena,
            "fairtl: %s\nbinary: %s\noneDNN: %s\noneDNN instruction set: %s\n"
            "kernels: %s\nLAPACK: %s\nthreads: %d\n",
            FTL_VERSION, hex, ftl_onednn_version(), ftl_onednn_isa(),
            ftl_cpu_level_name(ftl_cpu_level_used()), ftl_lapack_version(lapack),
            threads);
    return *out ? FTL_OK : FTL_ENOMEM;
}

void ftl_print_versions(FILE *file) {
    char lapack[FTL_LAPACK_TEXT];
    fprintf(file, "fairtl %s\n", FTL_VERSION);
    fprintf(file, "oneDNN %s, %s\n", ftl_onednn_version(), ftl_onednn_isa());
    fprintf(file, "HDF5 %s\n", ftl_h5_version());
    fprintf(file, "libyaml %s\n", ftl_yaml_version());
    fprintf(file, "%s\n%s\n", ftl_jpeg_version(), ftl_png_version());
    fprintf(file, "zlib %s\n", ftl_importer_zlib_version());
    fprintf(file, "%s\n", ftl_sha256_version());
    fprintf(file, "jansson %s\n", ftl_metrics_library());
    fprintf(file, "LAPACK: %s\n", ftl_lapack_version(lapack));
    fprintf(file, "own kernels for %s\n", ftl_cpu_level_name(ftl_cpu_level_used()));
}
