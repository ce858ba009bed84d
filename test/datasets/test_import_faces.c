/* test_import_faces.c - the importers of CelebA and UTKFace, on files named like
 * theirs. */
#include "engine/base/log.h"
#include "test/datasets/import_fixture.h"

/* ------------------------------------------------------------------------- UTKFace */

typedef struct want {
    const char *name;
    int age, gender, race;
} want;

/* In bytewise order of names. */
static const want utkface[] = {
        {" 7_1_2_20170109142408075.jpg.chip.jpg", 7, 1, 2},
        {"100_0_0_20170112213500903.jpg.chip.jpg", 100, 0, 0},
        {"25_0_1_20170116220224657 .jpg.chip.jpg", 25, 0, 1},
        {"25_1 _3_20170116220224658.jpg", 25, 1, 3},
        {"39_1_20170116174525125.jpg.chip.jpg", 39, -1, -1},
        {"44_1_4_201701161745jpg.chip.JPG", 44, 1, 4},
        {"61_3_20170109150557335.jpg.chip.jpg", 61, -1, -1},
        {"999_0_1_20170109150557339.jpg", -1, 0, 1},
        {"99_0_5_20170109150557336.jpg", 99, 0, -1},
        {"99_x_0_20170109150557337.jpg", 99, -1, 0},
        {"9_0_1_2_20170109150557338.jpg", -1, -1, -1},
        {"9_0_1_x.jpg", -1, -1, -1},
        {"9_20170109150557338.jpg", -1, -1, -1},
        {"portrait.jpg", -1, -1, -1},
        {"x_0_20170109150557338.jpg", -1, -1, -1},
};
enum { N_UTKFACE = sizeof utkface / sizeof *utkface };

static void imports_utkface(void) {
    char source[512];
    ftl_pack_counts c;
    ftl_pack_file *file;
    new_source(source);
    for (int i = 0; i < N_UTKFACE; i++)
        put_png(source, utkface[i].name, 3, i);
    FTL_CHECK_OK(run("utkface", source, NULL, 5, &c));
    FTL_CHECK(c.found == N_UTKFACE && c.incomplete == 5 && c.images_without_row == 5);
    FTL_CHECK(
            report_says(" 5  kept without labels: no row, name or class tells them\n"));
    FTL_CHECK_OK(ftl_pack_open(&file, pack_path));
    const ftl_pack *p = &file->pack;
    const int32_t *age = values(p, "age"), *gender = values(p, "gender");
    const ftl_pack_attribute *race = ftl_pack_attribute_find(p, "race");
    bool good = p->n == N_UTKFACE && age && gender && race &&
                race->n_value_names == 5 && !strcmp(race->value_name[3], "Indian");
    for (int i = 0; good && i < N_UTKFACE; i++) {
        good = !strcmp(p->names[i], utkface[i].name) && age[i] == utkface[i].age &&
               gender[i] == utkface[i].gender && race->value[i] == utkface[i].race;
        if (!good) fprintf(stderr, "%s is read wrongly\n", p->names[i]);
    }
    ftl_pack_close(file);
    FTL_CHECK(good);
    FTL_CHECK(report_says("61_3_20170109150557335.jpg.chip.jpg: a field is missing: "
                          "neither gender nor race is known"));
    FTL_CHECK(report_says("99_0_5_20170109150557336.jpg: its race, \"5\", is no number "
                          "from 0 to 4"));
    FTL_CHECK(report_says("portrait.jpg: its name is not age_gender_race_date"));
}

static void leaves_contradictions_out(void) {
    char source[512];
    ftl_pack_counts c;
    new_source(source);
    put_png(source, "30_0_0_20170109150557335.jpg", 3, 1);
    put_png(source, "31_0_0_20170109150557336.jpg", 3, 1); /* another age */
    put_png(source, "40_0_1_20170109150557337.jpg", 3, 2);
    put_png(source, "40_0_1_20170109150557338.jpg", 3, 2);
    FTL_CHECK_OK(run("utkface", source, NULL, 5, &c));
    FTL_CHECK(c.found == 4 && c.contradicting == 2 && c.duplicates == 1);
    FTL_CHECK_FAILS(
            run("utkface", source, "x.csv", 5, NULL), FTL_ECONFIG, "takes no csv");
}

/* -------------------------------------------------------------------------- CelebA */

static void put_below(
        const char *source, const char *below, const char *name, const char *text) {
    char folder[600];
    snprintf(folder, sizeof folder, "%s/%s", source, below);
    if (ftl_directory_create(folder)) abort();
    if (text)
        put_text(folder, name, text);
    else
        put_png(folder, name, 3, name[5]);
}

static const char partition[] =
        "000001.jpg 0\r\n000002.jpg 2\r\n000003.jpg 1\r\n000008.jpg 1\r\n";

/* Four images, of which the last has no row. */
static void put_celeba(const char *source, const char *prefix[3], const char *list) {
    static const char *const images[] = {
            "000001.jpg", "000002.jpg", "000003.jpg", "000004.jpg"};
    char below[64];
    snprintf(below, sizeof below, "%simg_align_celeba", prefix[0]);
    for (int i = 0; i < 4; i++)
        put_below(source, below, images[i], NULL);
    put_below(source, prefix[1], "list_attr_celeba.txt", list);
    put_below(source, prefix[2], "list_eval_partition.txt", partition);
}

static const char attributes[] = "4\r\nMale  Young\r\n000001.jpg -1  1\r\n"
                                 "000002.jpg  1 -1\r\n000003.jpg  1  1\r\n"
                                 "000009.jpg  1  1\r\n";

static void imports_celeba(void) {
    static const char *flat[] = {"", "", ""}, *download[] = {"Img/", "Anno/", "Eval/"};
    for (int k = 0; k < 2; k++) {
        char source[512];
        ftl_pack_counts c;
        ftl_pack_file *file;
        new_source(source);
        put_celeba(source, k ? download : flat, attributes);
        FTL_CHECK_OK(run("celeba", source, NULL, 5, &c));
        FTL_CHECK(
                c.found == 4 && c.rows_without_image == 2 && c.images_without_row == 1);
        FTL_CHECK(c.incomplete == 1 && c.other == 0); /* 4 has no partition */
        FTL_CHECK_OK(ftl_pack_open(&file, pack_path));
        const ftl_pack *p = &file->pack;
        const int32_t *male = values(p, "Male"), *young = values(p, "Young");
        const int32_t *part = values(p, "partition");
        bool good = p->n == 4 && p->n_attributes == 3 && male && young && part &&
                    male[0] == 0 && male[1] == 1 && male[2] == 1 && male[3] == -1 &&
                    young[0] == 1 && young[1] == 0 && young[2] == 1 && part[0] == 0 &&
                    part[1] == 2 && part[2] == 1 && part[3] == -1 &&
                    !strcmp(p->names[2], "000003.jpg");
        ftl_pack_close(file);
        FTL_CHECK(good);
        FTL_CHECK(report_says("list_attr_celeba.txt:6: no image \"000009.jpg\""));
        FTL_CHECK(report_says("list_eval_partition.txt:4: no image \"000008.jpg\""));
        FTL_CHECK(report_says("000004.jpg: no row in "));
    }
}

static ftl_status import_list(const char *list) {
    static const char *flat[] = {"", "", ""};
    char source[512];
    new_source(source);
    put_celeba(source, flat, list);
    return run("celeba", source, NULL, 5, NULL);
}

static void refuses_celeba(void) {
    static const struct refusal {
        const char *list, *message;
    } refusals[] = {
            {"", "txt:0: the first line must be the number of rows"},
            {"Male\n000001.jpg 1\n", "txt:1: the first line must be the number"},
            {"1 2\nMale\n", "txt:1: the first line must be the number"},
            {"1\n\n", "txt: no names of attributes"},
            {"1\nMale Young\n000001.jpg 1\n",
                    "txt:3: 1 values; there are 2 attributes"},
            {"1\nMale\n000001.jpg 1 1\n", "txt:3: 2 values; there are 1 attributes"},
            {"1\nMale\n000001.jpg 0\n", "txt:3: Male is \"0\", neither -1 nor 1"},
            {"0\nMale\n", "list_attr_celeba.txt: no row in it"},
            {"1\nMale\n1.jpg 1\n", "none of its 1 rows can be taken; the first: "},
            {"1\nMale Male\n000001.jpg 1 1\n",
                    "list_attr_celeba.txt:2: two attributes are called \"Male\""},
    };
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        ftl_status status = import_list(refusals[i].list);
        FTL_CHECK(status == FTL_EFORMAT || status == FTL_EINPUT);
        FTL_CHECK_FAILS(status, status, refusals[i].message);
    }
    /* A list that was cut between two rows. */
    FTL_CHECK_OK(import_list("3\nMale\n000001.jpg 1\n"));
    FTL_CHECK(report_says("its first line tells of 3 rows, there are 1"));
    FTL_CHECK(report_says(" 1  other problems of the source"));
    char source[512];
    new_source(source);
    FTL_CHECK_FAILS(
            run("celeba", source, NULL, 5, NULL), FTL_EINPUT, "img_align_celeba");
    put_below(source, "img_align_celeba", "000001.jpg", NULL);
    FTL_CHECK_FAILS(
            run("celeba", source, NULL, 5, NULL), FTL_EINPUT, "list_attr_celeba");
    put_text(source, "list_attr_celeba.txt", "1\nMale\n000001.jpg 1\n");
    FTL_CHECK_OK(run("celeba", source, NULL, 5, NULL));
    FTL_CHECK(report_says("no list_eval_partition.txt"));
    put_text(source, "list_eval_partition.txt", "000001.jpg 3\n");
    FTL_CHECK_FAILS(run("celeba", source, NULL, 5, NULL), FTL_EFORMAT,
            "list_eval_partition.txt:1: not a name and 0, 1 or 2");
    FTL_CHECK_FAILS(run("celeba", source, "x.csv", 5, NULL), FTL_ECONFIG, "no csv");
}

/* What says nothing clear of an image says nothing of it; all others are imported. */
static void leaves_rows_of_celeba_out(void) {
    static const char *flat[] = {"", "", ""};
    char source[512];
    ftl_pack_counts c;
    ftl_pack_file *file;
    new_source(source);
    put_celeba(source, flat,
            "9\nMale Young\n000001.jpg 1 1\n000002.jpg 1 -1\n000003.jpg 1\n"
            "000001.jpg  1  1\n000002.jpg 1 1\n000004.jpg 1 2\n000004.jpg 1 -1\n"
            "000002.jpg 1 -1\n000001.jpg 0 0\n");
    put_text(source, "list_eval_partition.txt",
            "000001.jpg 0\n000002.jpg 1\n000002.jpg 2\n000003.jpg x\n000004.jpg 2\n");
    FTL_CHECK_OK(run("celeba", source, NULL, 5, &c));
    FTL_CHECK(c.rows_left_out == 6 + 3 && c.images_without_row == 2 &&
              c.incomplete == 2 && c.other == 0);
    FTL_CHECK_OK(ftl_pack_open(&file, pack_path));
    static const int32_t young[] = {1, -1, -1, 0}, part[] = {0, -1, -1, 2};
    const int32_t *y = values(&file->pack, "Young");
    const int32_t *p = values(&file->pack, "partition");
    bool good = file->pack.n == 4 && y && p;
    for (int i = 0; good && i < 4; i++)
        good = y[i] == young[i] && p[i] == part[i];
    ftl_pack_close(file);
    FTL_CHECK(good);
    FTL_CHECK(report_says("celeba.txt:5: 1 values; there are 2 attributes: left out"));
    FTL_CHECK(
            report_says("celeba.txt:6: \"000001.jpg\" has the same row already, line"));
    FTL_CHECK(report_says("celeba.txt:4: \"000002.jpg\" has another row, line 7, and"));
    FTL_CHECK(report_says("celeba.txt:7: \"000002.jpg\" has another row, line 4, and"));
    FTL_CHECK(report_says("celeba.txt:8: Young is \"2\", neither -1 nor 1: left out"));
    FTL_CHECK(
            report_says("celeba.txt:10: \"000002.jpg\" has another row, line 4, and"));
    FTL_CHECK(report_says("celeba.txt:11: Male is \"0\", neither -1 nor 1: left out"));
    FTL_CHECK(report_says("partition.txt:2: \"000002.jpg\" has another row, line 3, "));
    FTL_CHECK(report_says("partition.txt:4: not a name and 0, 1 or 2: left out"));
    FTL_CHECK(report_says("000003.jpg: its row in "));
}

static void refuses_what_is_not_utkface(void) {
    char source[512];
    new_source(source);
    put_png(source, "1.jpg", 3, 1);
    put_png(source, "2.jpg", 3, 2);
    FTL_CHECK_FAILS(run("utkface", source, NULL, 4, NULL), FTL_EINPUT,
            "none of its images is called age_gender_race_date.jpg, as UTKFace's are; "
            "the first is \"1.jpg\"");
    put_png(source, "20_1_2_20170112.jpg", 3, 2);
    FTL_CHECK_OK(run("utkface", source, NULL, 4, NULL));
    FTL_CHECK_FAILS(run("utkface", join(source, "1.jpg"), NULL, 4, NULL), FTL_EINPUT,
            "1.jpg: Not a directory; a folder of images is expected, an archive must "
            "be "
            "unpacked first");
}

int main(void) {
    ftl_log_quiet(1);
    FTL_TEST(imports_utkface);
    FTL_TEST(leaves_contradictions_out);
    FTL_TEST(imports_celeba);
    FTL_TEST(refuses_celeba);
    FTL_TEST(leaves_rows_of_celeba_out);
    FTL_TEST(refuses_what_is_not_utkface);
    return ftl_test_finish();
}
