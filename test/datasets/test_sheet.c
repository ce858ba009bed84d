/* test_sheet.c - contact sheets: which images are shown, and where. */
#include "datasets/grid.h"
#include "datasets/sheet.h"
#include "test/harness.h"

#include <string.h>

enum { N = 40, SIDE = 50 };

/* Image i is flat and of shade i + 1; white and black are the sheet's own. */
static uint8_t images[N * SIDE * SIDE];
static const ftl_pack pack = {
        .n = N, .height = SIDE, .width = SIDE, .channels = 1, .images = images};
static const char *const names[] = {"even", "none", "odd"};

static void set_up(int32_t group[N]) {
    for (int i = 0; i < N; i++) {
        memset(images + i * SIDE * SIDE, i + 1, SIDE * SIDE);
        group[i] = i == 7 ? -1 : i % 2 * 2;
    }
}

/* How many pixels have each shade. */
static void count(int pixels[256], const ftl_image *sheet) {
    memset(pixels, 0, 256 * sizeof *pixels);
    for (int64_t i = 0; i < (int64_t)sheet->width * sheet->height; i++)
        pixels[sheet->pixels[i]]++;
}

/* Each image once and whole; groups one below the other; who is in none is not there.
 */
static void shows_all(void) {
    int32_t group[N];
    int pixels[256];
    ftl_image sheet;
    set_up(group);
    FTL_CHECK_OK(ftl_sheet_draw(&sheet, &pack, group, names, 3, 100, 1));
    count(pixels, &sheet);
    int last_even = 0, first_odd = sheet.height;
    for (int y = 0; y < sheet.height; y++)
        for (int x = 0; x < sheet.width; x++) {
            int shade = sheet.pixels[y * sheet.width + x];
            if (shade < 1 || shade > N) continue;
            if (shade % 2 && y > last_even) last_even = y;
            if (shade % 2 == 0 && y < first_odd) first_odd = y;
        }
    ftl_image_deinit(&sheet);
    for (int i = 0; i < N; i++)
        FTL_CHECK(pixels[i + 1] == (i == 7 ? 0 : SIDE * SIDE));
    FTL_CHECK(last_even < first_odd);
    FTL_CHECK(pixels[0] > 100); /* the titles */
}

/* Some of each group, the same ones for the same seed. */
static void shows_some(void) {
    int32_t group[N];
    int pixels[3][256], even = 0, odd = 0;
    set_up(group);
    for (int k = 0; k < 3; k++) {
        ftl_image sheet;
        FTL_CHECK_OK(ftl_sheet_draw(&sheet, &pack, group, names, 3, 5, k == 2 ? 9 : 1));
        count(pixels[k], &sheet);
        ftl_image_deinit(&sheet);
    }
    for (int i = 1; i <= N; i++) {
        even += pixels[0][i] && i % 2;
        odd += pixels[0][i] && i % 2 == 0;
    }
    FTL_CHECK(even == 5 && odd == 5);
    FTL_CHECK(memcmp(pixels[0], pixels[1], sizeof pixels[0]) == 0);
    FTL_CHECK(memcmp(pixels[0], pixels[2], sizeof pixels[0]) != 0);
}

static void shows_one_group_without_groups(void) {
    int32_t group[N];
    int pixels[256];
    ftl_image sheet;
    set_up(group);
    FTL_CHECK_OK(ftl_sheet_draw(
            &sheet, &pack, NULL, (const char *const[]) {"all"}, 1, 100, 1));
    count(pixels, &sheet);
    ftl_image_deinit(&sheet);
    FTL_CHECK(pixels[8] == SIDE * SIDE && pixels[1] == SIDE * SIDE);
}

static void refuses(void) {
    int32_t group[N];
    ftl_image sheet;
    for (int i = 0; i < N; i++)
        group[i] = -1;
    FTL_CHECK_FAILS(ftl_sheet_draw(&sheet, &pack, group, names, 3, 5, 1), FTL_EINPUT,
            "no image is in any group");
    FTL_CHECK(!sheet.pixels);
}

int main(void) {
    FTL_TEST(shows_all);
    FTL_TEST(shows_some);
    FTL_TEST(shows_one_group_without_groups);
    FTL_TEST(refuses);
    return ftl_test_finish();
}
