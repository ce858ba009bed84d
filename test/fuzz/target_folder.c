/* target_folder.c - any bytes as the table of a folder of three images: a.png, b.png
 * and its copy c.png. */
#include "test/fuzz/fuzz.h"

#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool ready;
    if (!ready) {
        FUZZ_CHECK(mkdir(fuzz_path("s"), 0777) == 0);
        fuzz_put_png("s/a.png", 3, 10);
        fuzz_put_png("s/b.png", 1, 20);
        fuzz_put_png("s/c.png", 1, 20);
        ready = true;
    }
    fuzz_put("t.csv", data, size);
    fuzz_import("folder", "s", fuzz_path("t.csv"));
    return 0;
}
