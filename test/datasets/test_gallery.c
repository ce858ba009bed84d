/* test_gallery.c - images to be measured: folders, packs, HDF5 files of others. */
#include "datasets/gallery.h"

#include "engine/base/h5.h"
#include "engine/base/log.h"
#include "test/datasets/import_fixture.h"

#define N 5

static const ftl_gallery_options grey = {4, 1, FTL_FIT_CROP, {0}};
static const ftl_gallery_options coloured = {4, 3, FTL_FIT_CROP, {0}};

/* N grey 6 x 6 images, each of one shade, and one below the folder. */
static void fill_folder(char folder[512]) {
    uint8_t pixels[36];
    new_source(folder);
    if (ftl_directory_create(join(folder, "deeper"))) abort();
    for (int i = 0; i < N; i++) {
        char name[32];
        snprintf(name, sizeof name, i < N - 1 ? "%d.png" : "deeper/%d.png", i);
        memset(pixels, 10 * i + 5, sizeof pixels);
        if (ftl_png_write(join(folder, name), &(ftl_image) {pixels, 6, 6, 1})) abort();
    }
}

/* All shades as read in two parts, the second of which may be empty. */
static ftl_status read_all(
        uint8_t *images, const char *path, int size, int channels, int64_t first_part) {
    ftl_gallery *g;
    size_t n_bytes = (size_t)(size * size * channels);
    const ftl_gallery_options as = {size, channels, FTL_FIT_CROP, {0}};
    FTL_TRY(ftl_gallery_open(&g, path, &as));
    int64_t n = ftl_gallery_count(g);
    ftl_status status = n == N ? FTL_OK : FTL_EINPUT;
    if (status == FTL_OK) status = ftl_gallery_read(g, images, 0, first_part);
    if (status == FTL_OK && first_part < n)
        status = ftl_gallery_read(
                g, images + (size_t)first_part * n_bytes, first_part, n - first_part);
    ftl_gallery_close(g);
    return status;
}

/* In the order of names: "0.png" .. "3.png", "deeper/4.png". */
static void reads_a_folder(void) {
    char folder[512];
    uint8_t images[N * 4 * 4 * 3];
    fill_folder(folder);
    for (int64_t part = 1; part <= N; part++) {
        for (int channels = 1; channels <= 3; channels += 2) {
            size_t n_bytes = (size_t)(16 * channels);
            memset(images, 0, sizeof images);
            FTL_CHECK_OK(read_all(images, folder, 4, channels, part));
            for (size_t i = 0; i < N * n_bytes; i++)
                FTL_CHECK(images[i] == 10 * (i / n_bytes) + 5);
        }
    }
}

static void takes_copies_and_names_what_it_cannot_use(void) {
    char folder[512];
    uint8_t images[N * 16];
    ftl_gallery *g;
    fill_folder(folder);
    put_png(folder, "1.png", 3, 5); /* RGB, but grey to the eye */
    put_png(folder, "2.png", 3, 5); /* the same bytes again */
    put_text(folder, "notes.txt", "not an image");
    FTL_CHECK_OK(ftl_gallery_open(&g, folder, &grey));
    ftl_status status = ftl_gallery_read(g, images, 0, N);
    ftl_pack_extent e = ftl_gallery_extent(g);
    ftl_gallery_close(g);
    FTL_CHECK_OK(status);
    FTL_CHECK(images[16] == 5 && images[32] == 5 && images[48] == 35);
    FTL_CHECK(e.min_width == 6 && e.max_width == 6 && e.min_height == 5 &&
              e.max_height == 6);

    uint8_t pixels[36 * 3];
    for (int i = 0; i < 36 * 3; i++)
        pixels[i] = i % 3 == 1 ? 200 : 20;
    if (ftl_png_write(join(folder, "3.png"), &(ftl_image) {pixels, 6, 6, 3})) abort();
    FTL_CHECK_FAILS(read_all(images, folder, 4, 1, N), FTL_EINPUT,
            ": 3.png: in colour, but the networks are of grey images: make it grey");
    put_text(folder, "3.png", "no image at all");
    FTL_CHECK_FAILS(read_all(images, folder, 4, 1, N), FTL_EINPUT,
            "/3.png: neither JPEG nor PNG; all images must be usable");
    /* Nor alone in its part. */
    FTL_CHECK_OK(ftl_gallery_open(&g, folder, &grey));
    status = ftl_gallery_read(g, images, 3, 1);
    ftl_gallery_close(g);
    FTL_CHECK_FAILS(status, FTL_EINPUT, "/3.png: neither JPEG nor PNG");
}

static void reads_a_pack(void) {
    char folder[512];
    uint8_t images[N * 16], direct[N * 16];
    fill_folder(folder);
    if (remove(join(folder, "deeper/4.png")) || remove(join(folder, "deeper"))) abort();
    put_png(folder, "4.png", 1, 45);
    FTL_CHECK_OK(run("folder", folder, NULL, 4, NULL));
    FTL_CHECK_OK(read_all(direct, folder, 4, 1, N));
    FTL_CHECK_OK(read_all(images, pack_path, 4, 1, 2));
    FTL_CHECK(!memcmp(images, direct, sizeof images) && images[N * 16 - 1] == 45);
}

/* The only image of a gallery. */
static void read_one(uint8_t *image, const char *path, const ftl_gallery_options *as) {
    ftl_gallery *g;
    memset(image, 1, (size_t)(as->size * as->size * as->channels));
    FTL_CHECK_OK(ftl_gallery_open(&g, path, as));
    ftl_status status = ftl_gallery_read(g, image, 0, 1);
    ftl_gallery_close(g);
    FTL_CHECK_OK(status);
}

/* A grey wedge, 8 x 4 px: as a folder, as a file, and as an import gives it. */
static void fits_as_an_import_does(void) {
    enum { W = 8, H = 4, N_OUT = H * H * 3 };
    static const uint8_t backgrounds[][3] = {{0, 0, 0}, {250, 3, 90}};
    static const int64_t dims[] = {1, H, W};
    char folder[512], h5_path[600];
    uint8_t wedge[W * H], got[N_OUT], first[FTL_N_FITS][N_OUT];
    new_source(folder);
    for (int i = 0; i < W * H; i++)
        wedge[i] = (uint8_t)(3 * (i % W) + 40 * (i / W) + 20);
    if (ftl_png_write(join(folder, "0.png"), &(ftl_image) {wedge, W, H, 1})) abort();
    ftl_h5 *file;
    void *image;
    size_t n;
    snprintf(h5_path, sizeof h5_path, "%s/wedge.h5", ftl_test_directory());
    if (ftl_h5_create(&file) ||
            ftl_h5_write(file, "/images", FTL_H5_U8, 3, dims, wedge))
        abort();
    if (ftl_h5_image(file, &image, &n) || ftl_file_write(h5_path, image, n)) abort();
    ftl_h5_close(file);
    free(image);

    for (int fit = 0; fit < FTL_N_FITS; fit++) {
        for (int b = 0; b < 2; b++) {
            ftl_gallery_options as = {.size = H, .channels = 3, .fit = (ftl_fit)fit};
            ftl_import_options options = {.source = folder,
                    .size = H,
                    .fit = (ftl_fit)fit,
                    .fit_given = true};
            memcpy(as.background, backgrounds[b], 3);
            memcpy(options.background, backgrounds[b], 3);
            uint8_t imported[N_OUT];
            FTL_CHECK_OK(run_with("folder", &options, NULL));
            as.fit = FTL_FIT_CROP; /* a pack is read as it is: its images have the size
                                    */
            read_one(imported, pack_path, &as);
            as.fit = (ftl_fit)fit;
            read_one(got, folder, &as);
            FTL_CHECK(!memcmp(got, imported, N_OUT));
            read_one(got, h5_path, &as);
            FTL_CHECK(!memcmp(got, imported, N_OUT));
            FTL_CHECK(fit != FTL_FIT_PAD || !memcmp(got, backgrounds[b], 3));
            if (b == 0) memcpy(first[fit], got, N_OUT);
        }
    }
    FTL_CHECK(memcmp(first[FTL_FIT_CROP], first[FTL_FIT_PAD], N_OUT));
    FTL_CHECK(memcmp(first[FTL_FIT_CROP], first[FTL_FIT_STRETCH], N_OUT));
    FTL_CHECK(memcmp(first[FTL_FIT_PAD], first[FTL_FIT_STRETCH], N_OUT));
}

/* A file with a dataset `name` of this shape, filled with the shade of each image. */
static const char *write_h5(const char *name, ftl_h5_type type, int rank,
        const int64_t *dims, const char *format) {
    static char path[600];
    static float data[N * 4 * 4 * 4];
    static uint8_t bytes[N * 4 * 4 * 4];
    ftl_h5 *file;
    void *image;
    size_t n;
    int64_t each = 1;
    for (int i = 1; i < rank; i++)
        each *= dims[i];
    for (int64_t i = 0; i < dims[0] * each; i++)
        bytes[i] = (uint8_t)(10 * (i / each) + 5);
    snprintf(path, sizeof path, "%s/f.h5", ftl_test_directory());
    const void *what = type == FTL_H5_U8 ? (const void *)bytes : data;
    if (ftl_h5_create(&file) || ftl_h5_write(file, name, type, rank, dims, what))
        abort();
    if (format && ftl_h5_attr_write_text(file, "/", "format", format)) abort();
    if (ftl_h5_image(file, &image, &n) || ftl_file_write(path, image, n)) abort();
    ftl_h5_close(file);
    free(image);
    return path;
}

/* The shades of n images of a gallery, drawn one time for each n of the list. */
static void read_drawn(uint8_t *shades, const char *path, const int64_t *n, int n_times,
        uint64_t seed) {
    ftl_gallery *g;
    uint8_t images[N * 16];
    FTL_CHECK_OK(ftl_gallery_open(&g, path, &grey));
    for (int i = 0; i < n_times; i++)
        FTL_CHECK_OK(ftl_gallery_draw(g, n[i], seed));
    int64_t count = ftl_gallery_count(g);
    FTL_CHECK(count == n[n_times - 1]);
    ftl_status status = ftl_gallery_read(g, images, 0, count);
    ftl_gallery_close(g);
    FTL_CHECK_OK(status);
    for (int64_t i = 0; i < count; i++)
        shades[i] = images[16 * i];
}

/* Of a folder as of a file: without replacement, in their order, each as often as any
 * other, and the same ones for the same seed. */
static void draws_some_of_them(void) {
    enum { SEEDS = 2000 };
    static const int64_t dims[] = {N, 4, 4}, some[] = {2}, twice[] = {4, 2};
    char folder[512];
    uint8_t a[N], b[N];
    int count[N] = {0};
    fill_folder(folder);
    const char *file = write_h5("/images", FTL_H5_U8, 3, dims, NULL);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        read_drawn(a, file, some, 1, seed);
        FTL_CHECK(a[0] < a[1]);
        count[a[0] / 10]++;
        count[a[1] / 10]++;
        if (seed > 20) continue;
        read_drawn(b, folder, some, 1, seed);
        FTL_CHECK(!memcmp(a, b, 2));
        read_drawn(a, file, twice, 2, seed);
        read_drawn(b, folder, twice, 2, seed);
        FTL_CHECK(a[0] < a[1] && !memcmp(a, b, 2));
    }
    for (int i = 0; i < N; i++) /* 800 expected, standard deviation 22 */
        FTL_CHECK(count[i] > 700 && count[i] < 900);
}

/* Compressed and planar, as gallery.py wrote it. */
static void read_golden(const char *path) {
    uint8_t images[N * 4 * 4 * 3];
    FTL_CHECK_OK(read_all(images, path, 4, 3, 2));
    for (int n = 0; n < N; n++)
        for (int y = 0; y < 4; y++)
            for (int x = 0; x < 4; x++)
                for (int c = 0; c < 3; c++) /* the square of the centre: x + 1 */
                    FTL_CHECK(images[((n * 4 + y) * 4 + x) * 3 + c] ==
                              n * 40 + c * 9 + y * 7 + x + 1);
}

static void reads_what_others_wrote(void) {
    read_golden(FTL_TEST_GOLDEN "/h5/gallery.h5");
    read_golden(FTL_TEST_GOLDEN "/h5/gallery_latest.h5");
}

static void reads_every_layout(void) {
    static const struct {
        int rank;
        int64_t dims[4];
    } layout[] = {{3, {N, 4, 4}}, {4, {N, 4, 4, 1}}, {4, {N, 1, 4, 4}},
            {4, {N, 4, 4, 3}}, {4, {N, 3, 4, 4}}};
    uint8_t images[N * 16 * 3];
    for (size_t i = 0; i < sizeof layout / sizeof *layout; i++) {
        const char *path = write_h5(
                "/images", FTL_H5_U8, layout[i].rank, layout[i].dims, "of another");
        for (int channels = 1; channels <= 3; channels += 2) {
            FTL_CHECK_OK(read_all(images, path, 4, channels, 3));
            for (int k = 0; k < N * 16 * channels; k++)
                FTL_CHECK(images[k] == 10 * (k / (16 * channels)) + 5);
        }
    }
}

static void refuses_other_files(void) {
    static const int64_t shape[] = {N, 4, 4, 3}, wide[] = {N, 4, 4, 2},
                         none[] = {0, 4, 4};
    ftl_gallery *g;
    FTL_CHECK_FAILS(ftl_gallery_open(&g, write_h5("/pixels", FTL_H5_U8, 4, shape, NULL),
                            &coloured),
            FTL_EFORMAT, "f.h5: has no dataset /images");
    FTL_CHECK(!g);
    FTL_CHECK_FAILS(ftl_gallery_open(&g,
                            write_h5("/images", FTL_H5_F32, 4, shape, NULL), &coloured),
            FTL_EFORMAT, "are no bytes");
    FTL_CHECK_FAILS(ftl_gallery_open(&g, write_h5("/images", FTL_H5_U8, 4, wide, NULL),
                            &coloured),
            FTL_EFORMAT, "have another shape");
    FTL_CHECK_FAILS(ftl_gallery_open(&g, write_h5("/images", FTL_H5_U8, 3, none, NULL),
                            &coloured),
            FTL_EINPUT, "no image in it");
    FTL_CHECK_FAILS(
            ftl_gallery_open(&g,
                    write_h5("/images", FTL_H5_U8, 4, shape, "fairtl-pack"), &coloured),
            FTL_EFORMAT, "truncated: a pack must end with the trailer");
    FTL_CHECK_FAILS(
            ftl_gallery_open(&g,
                    write_h5("/images", FTL_H5_U8, 4, shape, "fairtl-checkpoint"),
                    &coloured),
            FTL_EFORMAT, "holds no images but a model");
    FTL_CHECK_FAILS(ftl_gallery_open(&g, FTL_TEST_GOLDEN "/h5/gallery.py", &coloured),
            FTL_EFORMAT, "gallery.py: /: no HDF5 file");
    FTL_CHECK_FAILS(
            ftl_gallery_open(&g, "/nowhere/at/all", &coloured), FTL_EINPUT, "/nowhere");
}

int main(void) {
    ftl_log_quiet(1);
    FTL_TEST(reads_a_folder);
    FTL_TEST(takes_copies_and_names_what_it_cannot_use);
    FTL_TEST(reads_a_pack);
    FTL_TEST(fits_as_an_import_does);
    FTL_TEST(reads_what_others_wrote);
    FTL_TEST(reads_every_layout);
    FTL_TEST(draws_some_of_them);
    FTL_TEST(refuses_other_files);
    return ftl_test_finish();
}
