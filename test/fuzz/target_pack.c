/* target_pack.c - any contents as a pack; see fuzz_h5.h. What is opened can be used. */
#include "test/fuzz/fuzz_h5.h"

#include "datasets/pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void use(const ftl_pack_file *file) {
    const ftl_pack *pack = &file->pack;
    unsigned sum = 0;
    int64_t *first = malloc(sizeof *first * (size_t)pack->n);
    FILE *nowhere = fopen("/dev/null", "w");
    FUZZ_CHECK(nowhere && first && pack->n > 0 && pack->height > 0 && pack->width > 0);
    FUZZ_CHECK(ftl_pack_print_info(nowhere, file) == FTL_OK);
    FUZZ_CHECK(ftl_pack_find_equal(first, file) == FTL_OK);
    for (int64_t i = 0; i < pack->n; i++)
        FUZZ_CHECK(first[i] >= 0 && first[i] <= i && first[first[i]] == first[i]);
    free(first);
    for (int64_t i = 0; i < pack->n; i++) {
        const uint8_t *image = ftl_pack_image(pack, i);
        for (size_t k = 0; k < ftl_pack_image_bytes(pack); k++)
            sum += image[k];
        fprintf(nowhere, "%s %u\n", pack->names[i], sum);
        for (int k = 0; k < pack->n_attributes; k++) {
            const ftl_pack_attribute *a = &pack->attributes[k];
            FUZZ_CHECK(a->value[i] >= -1);
            if (a->n_value_names && a->value[i] >= 0)
                fprintf(nowhere, "%s\n", a->value_name[a->value[i]]);
        }
    }
    fclose(nowhere);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ftl_pack_file *file;
    fuzz_h5_kind kind = fuzz_h5_write("p.h5", data, size);
    if (kind == FUZZ_H5_NONE) return 0;
    bool accepted = fuzz_accepted(ftl_pack_open(&file, fuzz_path("p.h5")));
    FUZZ_CHECK(accepted == (file != NULL) && !(accepted && kind == FUZZ_H5_DAMAGED));
    if (accepted) use(file);
    ftl_pack_close(file);
    return 0;
}
