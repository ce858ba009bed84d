/* pack.c - what reads an open pack. */
#include "datasets/pack.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void ftl_pack_close(ftl_pack_file *file) {
    if (!file) return;
    ftl_sealed_close(&file->sealed);
    ftl_arena_free(file->arena);
    free(file);
}

const ftl_pack_attribute *ftl_pack_attribute_find(
        const ftl_pack *pack, const char *name) {
    for (int i = 0; i < pack->n_attributes; i++)
        if (strcmp(pack->attributes[i].name, name) == 0) return &pack->attributes[i];
    return NULL;
}

size_t ftl_pack_image_bytes(const ftl_pack *pack) {
    return (size_t)pack->height * (size_t)pack->width * (size_t)pack->channels;
}

const uint8_t *ftl_pack_image(const ftl_pack *pack, int64_t i) {
    assert(i >= 0 && i < pack->n);
    return pack->images + (size_t)i * ftl_pack_image_bytes(pack);
}
