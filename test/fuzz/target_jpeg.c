/* target_jpeg.c - any bytes as a JPEG. */
#include "test/fuzz/fuzz_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_image(ftl_jpeg_decode, data, size);
    return 0;
}
