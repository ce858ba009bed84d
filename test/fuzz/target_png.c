/* target_png.c - any bytes as a PNG. mutate_png.c repairs checksums, so that libpng
 * goes on to read what they vouch for. */
#include "test/fuzz/fuzz_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_image(ftl_png_decode, data, size);
    return 0;
}
