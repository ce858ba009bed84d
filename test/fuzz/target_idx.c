/* target_idx.c - any bytes as IDX files, gzip or plain: the first two are the length of
 * the images' file, what is behind it are the labels. Both parts of the set get the
 * same. */
#include "test/fuzz/fuzz.h"

#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool ready;
    if (!ready) {
        FUZZ_CHECK(mkdir(fuzz_path("s"), 0777) == 0);
        fuzz_put("images", "", 0);
        fuzz_put("labels", "", 0);
        ready = true;
        FUZZ_CHECK(!symlink("../images", fuzz_path("s/train-images-idx3-ubyte")));
        FUZZ_CHECK(!symlink("../images", fuzz_path("s/t10k-images-idx3-ubyte")));
        FUZZ_CHECK(!symlink("../labels", fuzz_path("s/train-labels-idx1-ubyte")));
        FUZZ_CHECK(!symlink("../labels", fuzz_path("s/t10k-labels-idx1-ubyte")));
    }
    fuzz_input in = {data, data + size};
    size_t n_images = fuzz_byte(&in);
    n_images = n_images << 8 | fuzz_byte(&in);
    size_t left = (size_t)(in.end - in.at);
    if (n_images > left) n_images = left;
    fuzz_put("images", in.at, n_images);
    fuzz_put("labels", in.at + n_images, left - n_images);
    fuzz_import("idx", "s", NULL);
    return 0;
}
