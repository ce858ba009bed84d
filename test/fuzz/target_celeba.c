/* target_celeba.c - any bytes as CelebA's lists: the attributes, and behind the first
 * byte 0xff the partition. The images are 1.jpg, 2.jpg and its copy 3.jpg. */
#include "test/fuzz/fuzz.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool ready;
    if (!ready) {
        FUZZ_CHECK(mkdir(fuzz_path("s"), 0777) == 0);
        FUZZ_CHECK(mkdir(fuzz_path("s/img_align_celeba"), 0777) == 0);
        fuzz_put_png("s/img_align_celeba/1.jpg", 3, 10);
        fuzz_put_png("s/img_align_celeba/2.jpg", 3, 20);
        fuzz_put_png("s/img_align_celeba/3.jpg", 3, 20);
        ready = true;
    }
    const uint8_t *parted = size ? memchr(data, 0xff, size) : NULL;
    size_t n_attributes = parted ? (size_t)(parted - data) : size;
    fuzz_put("s/list_attr_celeba.txt", data, n_attributes);
    unlink(fuzz_path("s/list_eval_partition.txt"));
    if (parted)
        fuzz_put("s/list_eval_partition.txt", parted + 1, size - n_attributes - 1);
    fuzz_import("celeba", "s", NULL);
    return 0;
}
