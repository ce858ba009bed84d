/* test_report_comparison.c - report.html of a comparison: all of it that is there, and
 * what is missing named. */
#include "datasets/grid.h"
#include "test/trainers/page_check.h"
#include "test/trainers/page_fixture.h"
#include "trainers/report/html.h"

#include <unistd.h>

#define CSV_HEAD                                                                       \
    "method,ratio,seed,fd,fd_corrected,fd_lo,fd_hi,frechet,extractor,checkpoint,"      \
    "seconds\n"

/* Two seeds, of which the second has no directory; one that failed. */
static const char csv[] =
        CSV_HEAD "pre-trained,,,0.6,0.61,0.6,0.62,180,resnet18,last,9\n"
                 "a<b & c,0.1,1,0.25,0.25,0.2,0.3,10,resnet18,last,60\n"
                 "a<b & c,0.1,1,0.125,0.125,0.1,0.2,9,resnet18,best,60\n"
                 "a<b & c,0.1,2,0.3125,0.35,0.3,0.4,12,resnet18,last,61.5\n"
                 "other,0.1,1,,,,,,,failed,3\n";

static char *render_comparison(const char *text) {
    static char path[4096];
    if (make_run("cmp/pretrained") != FTL_OK) return NULL;
    if (make_run("cmp/runs/a<b & c-0.1-s1") != FTL_OK) return NULL;
    snprintf(path, sizeof path, "%s/cmp", root);
    directory = path;
    return put_text("compare.csv", text) == FTL_OK ? render() : NULL;
}

static void compares(void) {
    char *page = render_comparison(csv);
    FTL_CHECK(page && page_is_well_formed(page) && page_stands_alone(page));
    FTL_CHECK(holds(page, "<h1>cmp</h1>"));
    /* 0.25 and 0.35: mean 0.3, deviation sqrt(0.005). */
    FTL_CHECK(holds(page, "0.3000&#160;<span class=\"sd\">&#177;&#160;0.0707</span>"));
    FTL_CHECK(holds(page, "11.00&#160;<span class=\"sd\">&#177;&#160;1.41</span>"));
    FTL_CHECK(holds(page, "<td>0.1250</td><td>9.00</td></tr>"));
    FTL_CHECK(holds(page, "<td>0 (1 failed)</td>"));
    FTL_CHECK(holds(page, "<a href=\"runs/a%3Cb%20%26%20c-0.1-s1/report.html\">"
                          "runs/a&lt;b &amp; c-0.1-s1</a>"));
    FTL_CHECK(holds(page, "<td>[0.3000,&#160;0.4000]</td><td>12.00</td><td>62</td>"));
    FTL_CHECK(holds(page, "180 &#8594;</text>")); /* beyond the scale */
    FTL_CHECK(holds(page, "<li>runs/a&lt;b &amp; c-0.1-s2: config.yaml: there is no"));
    free(page);
    FTL_CHECK(!render_comparison("method,ratio\na,1\n"));
    FTL_CHECK_FAILS(ftl_page_write(directory), FTL_EFORMAT, "column 3 is to be seed");
    ftl_clear();
}

/* Methods may have ratios of their own: none of them is left out. */
static void each_method_is_explained(void) {
    char *page = render_comparison(
            CSV_HEAD "pre-trained,,,0.6,0.61,0.6,0.62,180,resnet18,last,9\n"
                     "a<b & c,0.1,1,0.25,0.25,0.2,0.3,10,resnet18,last,60\n"
                     "a<b & c,0.2,1,0.25,0.25,0.2,0.3,10,resnet18,last,60\n"
                     "rare,0.2,1,0.25,0.25,0.2,0.3,10,resnet18,last,60\n");
    FTL_CHECK(page && count(page, "<h3>") == 2 + 2); /* and ratios */
    FTL_CHECK(holds(page, "<h3>a&lt;b &amp; c</h3>") && holds(page, "<h3>rare</h3>"));
    free(page);
}

#define LINE(method, ratio, seed)                                                      \
    method "," ratio "," seed ",0.25,0.25,0.2,0.3,10,resnet18,last,60\n"
#define FIVE                                                                           \
    CSV_HEAD LINE("pre-trained", "", "") LINE("x", "0.1", "1") LINE("x", "0.1", "2")   \
            LINE("x", "0.2", "1") LINE("x", "0.2", "2") LINE("y", "0.1", "1")

/* The page of these lines and this planned.csv; NULL: there is none. */
static char *render_planned(const char *text, const char *planned) {
    char *page = render_comparison(text), path[4200];
    free(page);
    snprintf(path, sizeof path, "%s/planned.csv", directory);
    unlink(path);
    return planned && put_text("planned.csv", planned) ? NULL : render();
}

static void says_how_far_it_is(void) {
    char *page =
            render_planned(FIVE, "method,ratio,runs\nx,0.1,2\nx,0.2,3\ny,0.1,1\nz,0.1,"
                                 "4\n");
    FTL_CHECK(page && page_is_well_formed(page));
    FTL_CHECK(holds(page, "fairtl: 5 of 10 runs so far, from one pre-trained model, up "
                          "to 2 seeds of a method and ratio.</p>"));
    FTL_CHECK(holds(page, "x</th><td>0.2</td><td>2&#160;of&#160;3</td>"));
    FTL_CHECK(holds(page, "x</th><td>0.1</td><td>2</td>"));
    FTL_CHECK(holds(page, "measured of y: there is no deviation"));
    free(page);
    page = render_planned(FIVE, "method,ratio,runs\nx,0.1,2\nx,0.2,2\ny,0.1,1\n");
    FTL_CHECK(page && !strstr(page, "so far") && !strstr(page, "planned.csv"));
    FTL_CHECK(holds(page, "fairtl: 5 runs from one pre-trained model, up to 2 seeds of "
                          "a method and ratio.</p>"));
    free(page);
}

static void names_what_has_few_seeds(void) {
    char *page = render_planned(FIVE LINE("y", "0.2", "1") LINE("y", "0.2", "2")
                                        LINE("z", "0.1", "1") LINE("z", "0.2", "1"),
            NULL);
    FTL_CHECK(holds(page, "Fewer than two seeds were measured of y at ratio 0.1 and z: "
                          "there is no deviation"));
    FTL_CHECK(!strstr(page, "so far"));
    FTL_CHECK(holds(page, "<li>planned.csv: there is no such file"));
    free(page);
    page = render_planned(
            CSV_HEAD LINE("x", "0.1", "1") "y,0.1,1,,,,,,,failed,3\n", "method,runs\n");
    FTL_CHECK(holds(page, "model, 1 seed of each method.</p>"));
    FTL_CHECK(holds(page, "measured of each method: there is no deviation"));
    FTL_CHECK(holds(page, "<li>planned.csv: this is not what fairtl compare writes"));
    free(page);
}

enum { SIDE = 16, COLUMNS = 3, SHADES = 8 };

/* A grid of nine images that no other shade has. */
static ftl_status make_grid(ftl_image *out, int shade) {
    static uint8_t pixels[COLUMNS * COLUMNS * SIDE * SIDE];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)((i * i / 7 + (size_t)shade * 29 + i / 256 * 40) % 251);
    return ftl_grid_compose(out, pixels, COLUMNS * COLUMNS, SIDE, SIDE, 1, COLUMNS, 1);
}

/* As an attribute of an <img>, its first rows of pixels; free() it. */
static char *image_text(int shade, int height) {
    ftl_image image;
    unsigned char *png_bytes;
    char *text = NULL;
    size_t n, n_text;
    if (make_grid(&image, shade)) return NULL;
    image.height = height ? height : image.height;
    const ftl_status status = ftl_png_encode(&png_bytes, &n, &image, "x");
    ftl_image_deinit(&image);
    if (status) return NULL;
    FILE *file = open_memstream(&text, &n_text);
    if (file) ftl_html_data(file, "image/png", png_bytes, n);
    if (file) fclose(file);
    free(png_bytes);
    return text;
}

static int count_image(const char *page, int shade, int height) {
    char *text = image_text(shade, height);
    const int n = text ? count(page, text) : -1;
    free(text);
    return n;
}

static ftl_status put_grid(const char *name, int shade) {
    char path[4200];
    ftl_image image;
    snprintf(path, sizeof path, "%s/samples/%s", directory, name);
    FTL_TRY(make_grid(&image, shade));
    const ftl_status status = ftl_png_write(path, &image);
    ftl_image_deinit(&image);
    return status;
}

/* A comparison of one run whose pictures are grids; the pre-trained model has none of
 * its own, as if it had been given. */
static ftl_status make_pictures(void) {
    static const char *const names[SHADES] = {"pretrain-final.png",
            "adapt-00000500.png", "adapt-00001000.png", "adapt-00001500.png",
            "adapt-00002000.png", "adapt-00002500.png", "adapt-by-group.png"};
    static char path[4096];
    FTL_TRY(make_run("drawn/runs/x-0.1-s1"));
    for (int i = 0; names[i]; i++)
        FTL_TRY(put_grid(names[i], i));
    FTL_TRY(put_grid("adapt-final.png", 5)); /* as that of 2.5 kimg */
    snprintf(path, sizeof path, "%s/drawn/pretrained", root);
    FTL_TRY(ftl_directory_create(path));
    snprintf(path, sizeof path, "%s/drawn", root);
    directory = path;
    FTL_TRY(put_text("planned.csv", "method,ratio,runs\nx,0.1,1\n"));
    return put_text(
            "compare.csv", CSV_HEAD LINE("pre-trained", "", "") LINE("x", "0.1", "1"));
}

static void shows_before_during_and_after(void) {
    FTL_CHECK_OK(make_pictures());
    char *page = render();
    FTL_CHECK(page && page_is_well_formed(page) && page_stands_alone(page));
    /* Whole: before, after, by group. */
    FTL_CHECK(count_image(page, 0, 0) == 1 && count_image(page, 5, 0) == 1);
    FTL_CHECK(count_image(page, 6, 0) == 1);
    /* A row: before, three of the four that are not the final one, after. */
    for (int i = 0; i < 6; i++) {
        FTL_CHECK(count_image(page, i, SIDE + 2 * FTL_GRID_GAP) == (i != 1));
        FTL_CHECK(i == 0 || i == 5 || count_image(page, i, 0) == 0);
    }
    FTL_CHECK(count(page, "class=\"strip\"") == 5);
    FTL_CHECK(holds(page, "<span>before</span>") && holds(page, "<span>after</span>"));
    FTL_CHECK(holds(page, "<span>1.5 kimg</span>"));
    FTL_CHECK(count(page, "<details>") == count(page, "</details>"));
    free(page);
}

/* A picture that is parted by nothing is shown whole. One that cannot be decoded is
 * named, once. */
static void odd_pictures_are_shown_or_named(void) {
    static uint8_t pixels[40 * 30];
    char path[4200];
    FTL_CHECK_OK(make_pictures());
    snprintf(path, sizeof path, "%s/drawn/runs/x-0.1-s1/samples/adapt-final.png", root);
    FTL_CHECK_OK(ftl_png_write(path, &(ftl_image) {pixels, 40, 30, 1}));
    FTL_CHECK_OK(put("runs/x-0.1-s1/samples/adapt-00002500.png", png, sizeof png));
    char *page = render(), *whole;
    unsigned char *bytes;
    size_t n, n_text;
    FTL_CHECK_OK(ftl_png_encode(&bytes, &n, &(ftl_image) {pixels, 40, 30, 1}, "x"));
    FILE *file = open_memstream(&whole, &n_text);
    FTL_CHECK(file);
    ftl_html_data(file, "image/png", bytes, n);
    fclose(file);
    const int n_whole = count(page, whole);
    free(bytes);
    free(whole);
    FTL_CHECK(n_whole == 2); /* as a grid, and as the row "after" */
    FTL_CHECK(count(page, "<li>runs/x-0.1-s1: adapt-00002500.png: ") == 1);
    free(page);
}

/* D's loss is that of real and generated images together. */
static void draws_losses(void) {
    static const char lines[] =
            "{\"tick\": 1, \"stage\": \"adapt\", \"kimg\": 1.0, \"d_real\": 1, "
            "\"d_fake\": 2,"
            " \"g\": 2}\n"
            "{\"tick\": 2, \"stage\": \"adapt\", \"kimg\": 2.0, \"d_real\": 0.75, "
            "\"d_fake\": 0.25, \"g\": 2}\n";
    FTL_CHECK_OK(make_pictures());
    FTL_CHECK_OK(put_text("runs/x-0.1-s1/stats.jsonl", lines));
    char *page = render();
    FTL_CHECK(page && page_is_well_formed(page));
    FTL_CHECK(count(page, "aria-label=\"loss of the ") == 2);
    FTL_CHECK(holds(page, "class=\"curve s0\" d=\"M197.0 32.6L348.0 175.4\""));
    FTL_CHECK(holds(page, "class=\"curve s0\" d=\"M197.0 104.0L348.0 104.0\""));
    free(page);
    FTL_CHECK_OK(put_text("runs/x-0.1-s1/stats.jsonl", "{}\n"));
    page = render();
    FTL_CHECK(page && !strstr(page, "<summary>Losses"));
    free(page);
}

int main(void) {
    root = ftl_test_directory();
    FTL_TEST(compares);
    FTL_TEST(each_method_is_explained);
    FTL_TEST(says_how_far_it_is);
    FTL_TEST(names_what_has_few_seeds);
    FTL_TEST(shows_before_during_and_after);
    FTL_TEST(odd_pictures_are_shown_or_named);
    FTL_TEST(draws_losses);
    return ftl_test_finish();
}
