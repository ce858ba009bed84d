/* test_import.c - what all importers have in common, and the one of folders. */
#include "engine/base/log.h"
#include "test/datasets/import_fixture.h"
#include "test/datasets/limit_memory.h"

#include <unistd.h>

static void finds_importers(void) {
    const ftl_importer *importer;
    FTL_CHECK_OK(ftl_importer_find(&importer, "idx", "--format"));
    FTL_CHECK_FAILS(ftl_importer_find(&importer, "foldr", "--format"), FTL_ECONFIG,
            "--format: no format \"foldr\"; there is folder, celeba, utkface, idx (did "
            "you mean "
            "folder?)");
    FTL_CHECK_FAILS(ftl_importer_find(&importer, "hdf", "data.format"), FTL_ECONFIG,
            "data.format: no format \"hdf\"; there is folder, celeba, utkface, idx");
}

static void imports_a_clean_folder(void) {
    char kept[512];
    new_source(kept);
    put_png(kept, "b.png", 1, 20);
    put_png(kept, "a.PNG", 1, 10);
    put_text(kept, "labels.csv", "file,gender,age\nb.png,1,30\na.PNG,0,\n");
    ftl_pack_counts counts;
    ftl_pack_file *file;
    FTL_CHECK_OK(run("folder", kept, NULL, 4, &counts));
    FTL_CHECK(counts.found == 2 && counts.unusable == 0);
    FTL_CHECK_OK(ftl_pack_open(&file, pack_path));
    const ftl_pack *pack = &file->pack;
    const int32_t *gender = values(pack, "gender");
    const int32_t *age = values(pack, "age");
    bool good = pack->n == 2 && pack->channels == 1 && pack->width == 4 &&
                !strcmp(pack->names[0], "a.PNG") && pack->images[0] == 10 &&
                pack->images[16] == 20 && gender && gender[0] == 0 && gender[1] == 1 &&
                age && age[0] == -1 && age[1] == 30;
    ftl_pack_close(file);
    FTL_CHECK(good);
    FTL_CHECK(report_says("Everything was taken."));
}

/* Grey among colour, damage, strangers, duplicates, rows and images without partner. */
static void make_a_mess(const char *source) {
    put_png(source, "01.png", 3, 1);
    put_png(source, "02-grey.png", 1, 2);
    put_text(source, "03-empty.jpg", "");
    put_text(source, "04-text.png", "no image");
    put_png(source, "05-copy-of-01.png", 3, 1);
    put_png(source, "06.png", 3, 6);
    put_png(source, "07-copy-of-06-other-label.png", 3, 6);
    put_png(source, "08-no-row.png", 3, 8);
    put_png(source, "09.png", 3, 9);
    put_text(source, "notes.txt", "hello");
    put_text(source, ".hidden", "");
    put_text(source, "labels.csv",
            "\xef\xbb\xbf"
            "file,race\r\n01.png,\r\n\"02-grey.png\",2\r\n03-empty.jpg,0\r\n"
            "04-text.png,0\r\n05-copy-of-01.png,1\r\n06.png,1\r\n"
            "07-copy-of-06-other-label.png,2\r\n09.png,0\r\nlost.png,1\r\n");
}

static void imports_a_messy_folder(void) {
    char source[512];
    new_source(source);
    make_a_mess(source);
    ftl_pack_counts c;
    ftl_pack_file *file;
    char gone[600];
    snprintf(gone, sizeof gone, "%s/10-gone.png", source);
    if (symlink("/nowhere.png", gone)) abort();
    FTL_CHECK_OK(run("folder", source, NULL, 5, &c));
    FTL_CHECK(c.found == 10 && c.unusable == 3 && c.duplicates == 1 &&
              c.contradicting == 2 && c.rows_without_image == 1 &&
              c.images_without_row == 2 && c.skipped == 1 && c.grey == 1 &&
              c.enlarged == 0);
    FTL_CHECK_OK(ftl_pack_open(&file, pack_path));
    const ftl_pack *p = &file->pack;
    const int32_t *race = values(p, "race");
    /* The copy of 01 knew the label that 01 lacks. */
    bool good = p->n == 4 && p->channels == 3 && race && race[0] == 1 && race[1] == 2 &&
                race[2] == -1 && race[3] == 0 && p->images[0] == 1 &&
                ftl_pack_image(p, 1)[74] == 2 && ftl_pack_image(p, 2)[0] == 8 &&
                ftl_pack_image(p, 3)[0] == 9 && !strcmp(p->names[1], "02-grey.png") &&
                p->counts.contradicting == 2;
    ftl_pack_close(file);
    FTL_CHECK(good);
    FTL_CHECK(report_says("03-empty.jpg: the file is empty"));
    FTL_CHECK(report_says("\n10-gone.png: "));
    FTL_CHECK(report_says("04-text.png: neither JPEG nor PNG"));
    FTL_CHECK(report_says("05-copy-of-01.png: left out: the same bytes as 01.png"));
    FTL_CHECK(report_says(
            "06.png: left out: the same bytes as 07-copy-of-06-other-label.png, "
            "with another \"race\""));
    FTL_CHECK(report_says("07-copy-of-06-other-label.png: left out: the same bytes as "
                          "06.png, with another \"race\""));
    FTL_CHECK(report_says("08-no-row.png: no row in "));
    FTL_CHECK(report_says("notes.txt: not read"));
    FTL_CHECK(report_says("labels.csv:10: no image \"lost.png\""));
    FTL_CHECK(report_says("02-grey.png: grey, made RGB"));
    FTL_CHECK(report_says("images of the source: 6 x 5 px"));
}

/* pack_path and what follows. */
static const char *beside(const char *ending) {
    static char path[700];
    snprintf(path, sizeof path, "%s%s", pack_path, ending);
    return path;
}

/* The same refusals, once with a problem and once without. */
static void is_strict(void) {
    char source[512];
    ftl_pack_file *file;
    new_source(source);
    make_a_mess(source);
    ftl_import_options options = {.source = source, .size = 5, .strict = true};
    FTL_CHECK_FAILS(run_with("folder", &options, NULL), FTL_EINPUT,
            ": 8 problems, and the import is strict: no pack was made; ");
    FTL_CHECK(!ftl_file_exists(pack_path));
    FTL_CHECK(refusal_says("03-empty.jpg: the file is empty"));
    FTL_CHECK(refusal_says("07-copy-of-06-other-label.png: left out"));
    FTL_CHECK(!ftl_file_exists(beside(".report.txt")));
    new_source(source);
    put_png(source, "a.png", 3, 10);
    put_png(source, "b.png", 1, 20); /* grey among colour is no fault */
    options.source = source;
    FTL_CHECK_OK(run_with("folder", &options, NULL));
    FTL_CHECK_OK(ftl_pack_open(&file, pack_path));
    bool good = file->pack.n == 2 && file->pack.counts.grey == 1;
    ftl_pack_close(file);
    FTL_CHECK(good);
    put_text(source, "notes.txt", "hello");
    FTL_CHECK_FAILS(run_with("folder", &options, NULL), FTL_EINPUT,
            ": 1 problem, and the import is strict: no pack was made; ");
    FTL_CHECK(refusal_says("notes.txt: not read"));
}

static ftl_status import_to(const ftl_import_options *options, const char *path) {
    const ftl_importer *importer;
    FTL_TRY(ftl_importer_find(&importer, "folder", "--format"));
    return ftl_importer_run(importer, options, path, NULL);
}

/* Each line names a file whose label really is another. */
static void names_who_contradicts(void) {
    char source[512];
    ftl_pack_counts c;
    new_source(source);
    static const char *const same[] = {"1.png", "2.png", "3.png", "4.png", "5.png"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        put_png(source, same[i], 3, 10);
    put_png(source, "7.png", 3, 20);
    put_png(source, "8.png", 3, 20);
    put_png(source, "9.png", 3, 20);
    put_text(source, "labels.csv",
            "file,age,sex\n1.png,,\n2.png,20,\n3.png,20,0\n4.png,30,\n5.png,,1\n"
            "7.png,,1\n8.png,40,\n9.png,40,1\n");
    FTL_CHECK_OK(run("folder", source, NULL, 5, &c));
    FTL_CHECK(c.contradicting == 5 && c.duplicates == 2);
    FTL_CHECK(report_says("\n1.png: left out: the same bytes as 2.png and 4.png, which "
                          "differ in \"age\"\n"));
    FTL_CHECK(report_says("\n2.png: left out: the same bytes as 4.png, with another "
                          "\"age\"\n"));
    FTL_CHECK(report_says("\n3.png: left out: the same bytes as 4.png, with another "
                          "\"age\"\n"));
    FTL_CHECK(report_says("\n4.png: left out: the same bytes as 2.png, with another "
                          "\"age\"\n"));
    FTL_CHECK(report_says("\n5.png: left out: the same bytes as 3.png, with another "
                          "\"sex\"\n"));
    FTL_CHECK(report_says("\n8.png: left out: the same bytes as 7.png\n"));
    ftl_pack_file *file;
    FTL_CHECK_OK(ftl_pack_open(&file, pack_path));
    const int32_t *age = values(&file->pack, "age"), *sex = values(&file->pack, "sex");
    bool good = file->pack.n == 1 && age && age[0] == 40 && sex && sex[0] == 1;
    ftl_pack_close(file);
    FTL_CHECK(good);
}

/* A pack keeps its report until another takes the place of both. */
static void keeps_the_report_of_an_earlier_pack(void) {
    char source[512], path[700];
    new_source(source);
    put_png(source, "a.png", 3, 10);
    put_png(source, "b.png", 1, 20);
    ftl_import_options options = {.source = source, .size = 5, .strict = true};
    FTL_CHECK_OK(run_with("folder", &options, NULL));
    snprintf(path, sizeof path, "%s", pack_path);
    put_text(source, "notes.txt", "hello");
    FTL_CHECK_FAILS(import_to(&options, path), FTL_EINPUT, "p.h5.refused.txt names it");
    FTL_CHECK(report_says("Everything was taken."));
    FTL_CHECK(refusal_says("refused, not imported as folder from "));
    FTL_CHECK(refusal_says("2  would be in the pack"));
    FTL_CHECK(refusal_says("notes.txt: not read"));
    options.strict = false;
    FTL_CHECK_OK(import_to(&options, path));
    FTL_CHECK(report_says("notes.txt: not read"));
    FTL_CHECK(report_says("2  in the pack"));
    FTL_CHECK(!ftl_file_exists(beside(".refused.txt")));
    put_text(source, "labels.csv", "file,x\na.png,1\n\"");
    FTL_CHECK_FAILS(import_to(&options, path), FTL_EFORMAT, "quote");
    FTL_CHECK(report_says("2  in the pack"));
    FTL_CHECK(!ftl_file_exists(beside(".report.txt.new")));
}

/* An import that was killed when its report was staged, before its pack was there and
 * after. */
static void settles_what_was_begun(void) {
    char source[512], path[700], *report;
    size_t n;
    new_source(source);
    put_png(source, "a.png", 3, 10);
    ftl_import_options options = {.source = source, .size = 5};
    FTL_CHECK_OK(run_with("folder", &options, NULL));
    snprintf(path, sizeof path, "%s", pack_path);
    FTL_CHECK_OK(ftl_importer_settle(path));
    FTL_CHECK(report_says("\nSHA-256 of the pack: "));
    FTL_CHECK_OK(ftl_file_read(&report, &n, beside(".report.txt")));
    ftl_status staged = ftl_file_write(beside(".report.txt.new"), report, n);
    free(report);
    FTL_CHECK_OK(staged);
    FTL_CHECK_OK(ftl_file_write(beside(".report.txt"), "old", 3));
    FTL_CHECK_OK(ftl_file_write(beside(".refused.txt"), "old", 3));
    FTL_CHECK_OK(ftl_file_write(beside(".report.txt.new.tmp-1-0"), "half", 4));
    FTL_CHECK_OK(ftl_importer_settle(path));
    FTL_CHECK(report_says("Everything was taken."));
    FTL_CHECK(!ftl_file_exists(beside(".report.txt.new")));
    FTL_CHECK(!ftl_file_exists(beside(".report.txt.new.tmp-1-0")));
    FTL_CHECK(!ftl_file_exists(beside(".refused.txt")));
    /* The staged one of another pack, and an import that goes no further. */
    FTL_CHECK_OK(ftl_file_write(beside(".report.txt.new"), "another pack's", 14));
    options.source = "nowhere";
    FTL_CHECK_FAILS(import_to(&options, path), FTL_EINPUT, "nowhere");
    FTL_CHECK(report_says("Everything was taken."));
    FTL_CHECK(!ftl_file_exists(beside(".report.txt.new")));
    ftl_importer_remove(path);
    FTL_CHECK(!ftl_file_exists(path) && !ftl_file_exists(beside(".report.txt")));
}

/* None is left: the pack would be empty. */
static void refuses_contradictions_only(void) {
    char source[512];
    new_source(source);
    put_png(source, "a.png", 3, 10);
    put_png(source, "b.png", 3, 10);
    put_text(source, "labels.csv", "file,x\na.png,1\nb.png,2\n");
    FTL_CHECK_FAILS(run("folder", source, NULL, 4, NULL), FTL_EINPUT,
            ": no image is left: each has copies with other labels; ");
    FTL_CHECK(refusal_says("a.png: left out"));
    FTL_CHECK(!ftl_file_exists(beside(".report.txt")));
}

static void put_folder(char path[600], const char *source, const char *name) {
    snprintf(path, 600, "%s/%s", source, name);
    if (ftl_directory_create(path)) abort();
}

static void imports_a_folder_a_class(void) {
    char source[512], folder[600], linked[700];
    ftl_pack_counts c;
    ftl_pack_file *file;
    new_source(source);
    put_folder(folder, source, "dogs");
    put_png(folder, "1.png", 3, 1);
    put_folder(folder, source, "cats/old");
    put_png(folder, "1.png", 3, 2);
    put_folder(folder, source, "cats");
    put_png(folder, "1.png", 3, 3);
    put_png(folder, "2.png", 3, 1); /* the same as a dog */
    put_folder(folder, source, "cats-wild");
    put_png(folder, "1.png", 3, 4);
    put_png(source, "0.png", 3, 5);
    put_folder(folder, source, "empty");
    snprintf(linked, sizeof linked, "%s/again", source);
    if (symlink(folder, linked)) abort();
    FTL_CHECK_OK(run("folder", source, NULL, 5, &c));
    FTL_CHECK(c.found == 6 && c.skipped == 1 && c.images_without_row == 1 &&
              c.contradicting == 2);
    FTL_CHECK_OK(ftl_pack_open(&file, pack_path));
    const ftl_pack *p = &file->pack;
    const ftl_pack_attribute *class = ftl_pack_attribute_find(p, "class");
    static const char *const names[] = {
            "0.png", "cats-wild/1.png", "cats/1.png", "cats/old/1.png"};
    static const char *const classes[] = {"cats", "cats-wild", "cats/old", "dogs"};
    static const int want[] = {-1, 1, 0, 2};
    bool good = p->n == 4 && p->n_attributes == 1 && class && class->n_value_names == 4;
    for (int i = 0; good && i < 4; i++)
        good = !strcmp(p->names[i], names[i]) && class->value[i] == want[i] &&
               !strcmp(class->value_name[i], classes[i]);
    ftl_pack_close(file);
    FTL_CHECK(good);
    FTL_CHECK(report_says("again: not read: a link to a folder"));
    FTL_CHECK(report_says("0.png: in no folder that would be its class"));
    FTL_CHECK(report_says("cats/2.png: left out: the same bytes as dogs/1.png, with "
                          "another \"class\""));
}

static void imports_paths_of_a_table(void) {
    char source[512], folder[600];
    ftl_pack_file *file;
    new_source(source);
    put_folder(folder, source, "train");
    put_png(folder, "1.png", 3, 1);
    put_text(source, "labels.csv", "file,x\ntrain/1.png,7\n");
    FTL_CHECK_OK(run("folder", source, NULL, 5, NULL));
    FTL_CHECK_OK(ftl_pack_open(&file, pack_path));
    const int32_t *x = values(&file->pack, "x");
    bool good = file->pack.n_attributes == 1 && x && x[0] == 7;
    ftl_pack_close(file);
    FTL_CHECK(good);
}

/* Texts are numbered in bytewise order, over all rows. */
static void imports_texts(void) {
    char source[512], *table = NULL;
    size_t n;
    ftl_pack_file *file;
    new_source(source);
    FILE *csv = open_memstream(&table, &n);
    fputs("file,race,mixed,id\n1.png,White,3,a\n2.png,,x,b\n3.png,Black,y,c\n", csv);
    for (int i = 0; i < 1000; i++)
        fprintf(csv, "lost-%d.png,Asian,,%d-\n", i, i);
    fclose(csv);
    put_text(source, "labels.csv", table);
    free(table);
    put_png(source, "1.png", 3, 1);
    put_png(source, "2.png", 3, 2);
    put_png(source, "3.png", 3, 3);
    FTL_CHECK_OK(run("folder", source, NULL, 5, NULL));
    FTL_CHECK_OK(ftl_pack_open(&file, pack_path));
    const ftl_pack_attribute *race = ftl_pack_attribute_find(&file->pack, "race");
    const ftl_pack_attribute *mixed = ftl_pack_attribute_find(&file->pack, "mixed");
    bool good = file->pack.n == 3 && file->pack.n_attributes == 2 && race && mixed &&
                file->pack.counts.other == 1 && /* the column id */
                race->value[0] == 2 && race->value[1] == -1 && race->value[2] == 1 &&
                race->n_value_names == 3 && !strcmp(race->value_name[0], "Asian") &&
                mixed->value[0] == 0 && mixed->value[1] == 1 && mixed->value[2] == 2;
    ftl_pack_close(file);
    FTL_CHECK(good);
    FTL_CHECK(report_says("labels.csv: column \"race\" holds text: its 3 values are "
                          "numbered from 0, \"Asian\""));
    FTL_CHECK(report_says("labels.csv: column \"id\": not taken: more than 1000"));
}

/* A few odd cells among numbers are missing values, and problems; they do not turn the
 * numbers into texts. */
static void imports_numbers_with_odd_cells(void) {
    static const char *const cells[] = {"77", "9", "62 years", " 18.0", "NA", "5 ", ""};
    static const int want[] = {77, 9, -1, 18, -1, 5, -1};
    enum { N = sizeof want / sizeof *want };
    char source[512], name[16], *table = NULL;
    size_t n;
    ftl_pack_file *file;
    new_source(source);
    FILE *csv = open_memstream(&table, &n);
    fputs("file, age\n", csv);
    for (int i = 0; i < N; i++) {
        fprintf(csv, "%d.png,%s\n", i, cells[i]);
        snprintf(name, sizeof name, "%d.png", i);
        put_png(source, name, 3, i);
    }
    fputs("lost.png,no image\n", csv);
    fclose(csv);
    put_text(source, "labels.csv", table);
    free(table);
    FTL_CHECK_OK(run("folder", source, NULL, 5, NULL));
    FTL_CHECK(report_says(" 2  values in the table that are no number, now missing"));
    FTL_CHECK_OK(ftl_pack_open(&file, pack_path));
    const ftl_pack_attribute *age = ftl_pack_attribute_find(&file->pack, "age");
    bool good = file->pack.n == N && age && age->n_value_names == 0 &&
                file->pack.counts.unread == 2 && file->pack.counts.other == 0;
    for (int i = 0; good && i < N; i++)
        good = age->value[i] == want[i];
    ftl_pack_close(file);
    FTL_CHECK(good);
    FTL_CHECK(report_says("labels.csv:4: column \"age\" holds numbers, but \"62 "
                          "years\" is no integer from 0 to 2147483647: taken as "
                          "missing\n"));
    FTL_CHECK(report_says("labels.csv:6: column \"age\" holds numbers, but \"NA\" "));
    ftl_import_options options = {.source = source, .size = 5, .strict = true};
    FTL_CHECK_FAILS(run_with("folder", &options, NULL), FTL_EINPUT, ": 3 problems, ");
}

/* Systems leave hidden files everywhere: they are no fault, but told of. */
static void names_hidden_images(void) {
    char source[512], folder[600];
    new_source(source);
    put_png(source, "a.png", 3, 1);
    put_png(source, ".b.png", 3, 2);
    put_text(source, ".DS_Store", "");
    put_folder(folder, source, ".trash");
    put_png(folder, "c.png", 3, 3);
    put_text(source, "labels.csv", "file,x\na.png,1\n");
    ftl_import_options options = {.source = source, .size = 5, .strict = true};
    FTL_CHECK_OK(run_with("folder", &options, NULL));
    FTL_CHECK(report_says("\n.b.png: not read: its name begins with a dot\n"));
    FTL_CHECK(report_says("\n.trash: not read: its name begins with a dot\n"));
    put_text(source, "labels.csv",
            "file,x\na.png,1\n.b.png,1\n.trash/c.png,1\n../a.png,1\n./a.png,1\n");
    FTL_CHECK_OK(run("folder", source, NULL, 5, NULL));
    FTL_CHECK(report_says("labels.csv:3: no image \".b.png\": names that begin with a "
                          "dot are not read\n"));
    FTL_CHECK(
            report_says(":4: no image \".trash/c.png\": names that begin with a dot"));
    FTL_CHECK(report_says(":5: no image \"../a.png\"\n"));
    FTL_CHECK(report_says(":6: no image \"./a.png\"\n"));
}

/* What says nothing clear of an image says nothing of it; all others are imported. */
static void leaves_rows_out(void) {
    char source[512], name[16];
    ftl_pack_counts c;
    ftl_pack_file *file;
    new_source(source);
    for (int i = 0; i < 6; i++) {
        snprintf(name, sizeof name, "%d.png", i);
        put_png(source, name, 3, i);
    }
    put_text(source, "labels.csv",
            "f,x,y\n0.png,0,7\n1.png,1\n2.png,2,7\n3.png,3,7\n2.png,2,8\n"
            "3.png, 3,7\n4.png,4,7,7\n4.png,4,7\n5.png,5,7\n2.png,2,7\n");
    FTL_CHECK_OK(run("folder", source, NULL, 5, &c));
    FTL_CHECK(c.rows_left_out == 5 && c.images_without_row == 2 && c.other == 0);
    FTL_CHECK_OK(ftl_pack_open(&file, pack_path));
    const int32_t *x = values(&file->pack, "x");
    bool good = file->pack.n == 6 && file->pack.counts.rows_left_out == 5 && x &&
                x[0] == 0 && x[1] == -1 && x[2] == -1 && x[3] == 3 && x[4] == 4 &&
                x[5] == 5;
    ftl_pack_close(file);
    FTL_CHECK(good);
    FTL_CHECK(report_says("labels.csv:3: 2 cells; the header has 3: left out"));
    FTL_CHECK(report_says("labels.csv:8: 4 cells; the header has 3: left out"));
    FTL_CHECK(report_says("labels.csv:4: \"2.png\" has another row, line 6, and they"));
    FTL_CHECK(report_says("labels.csv:6: \"2.png\" has another row, line 4, and they"));
    FTL_CHECK(report_says("labels.csv:11: \"2.png\" has another row, line 4, and "));
    FTL_CHECK(report_says("labels.csv:7: \"3.png\" has the same row already, line 5"));
    FTL_CHECK(report_says("\n1.png: its row in "));
    FTL_CHECK(report_says("\n2.png: its row in "));
    FTL_CHECK(report_says(" 5  rows of the table left out"));
}

static void fits_as_told(void) {
    char source[512];
    ftl_pack_file *file;
    new_source(source);
    put_png(source, "a.png", 1, 50); /* 6 x 5 */
    ftl_import_options options = {.source = source,
            .size = 12,
            .fit = FTL_FIT_PAD,
            .fit_given = true,
            .background = {1, 2, 3}};
    FTL_CHECK_OK(run_with("folder", &options, NULL));
    FTL_CHECK_OK(ftl_pack_open(&file, pack_path));
    /* 12 x 10, a row of background above and below; which makes it RGB. */
    const ftl_pack *p = &file->pack;
    bool good = p->channels == 3 && p->images[0] == 1 && p->images[2] == 3 &&
                p->images[36] == 50 && p->images[36 * 11 - 1] == 50 &&
                p->images[36 * 12 - 1] == 3 && p->counts.enlarged == 1 &&
                !strcmp(p->options,
                        "size=12 fit=pad filter=triangle-antialias background=#010203");
    ftl_pack_close(file);
    FTL_CHECK(good);
    options.background[0] = options.background[1] = 3; /* a grey: nothing is coloured */
    options.size = 6;
    FTL_CHECK_OK(run_with("folder", &options, NULL));
    FTL_CHECK_OK(ftl_pack_open(&file, pack_path));
    p = &file->pack;
    good = p->channels == 1 && p->images[5] == 50 && p->images[35] == 3 &&
           p->counts.enlarged == 0;
    ftl_pack_close(file);
    FTL_CHECK(good);
}

static void reads_colours(void) {
    uint8_t c[3];
    FTL_CHECK_OK(ftl_importer_read_colour(c, "white", "--background"));
    FTL_CHECK(c[0] == 255 && c[1] == 255 && c[2] == 255);
    FTL_CHECK_OK(ftl_importer_read_colour(c, "#0A80ff", "--background"));
    FTL_CHECK(c[0] == 10 && c[1] == 128 && c[2] == 255);
    FTL_CHECK_OK(ftl_importer_read_colour(c, "black", "--background"));
    FTL_CHECK(c[0] == 0 && c[1] == 0 && c[2] == 0);
    static const char *const bad[] = {
            "", "red", "12345", "1234567", "-12345", "##12345"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        FTL_CHECK_FAILS(ftl_importer_read_colour(c, bad[i], "--background"),
                FTL_ECONFIG, "--background: \"");
    ftl_fit fit;
    FTL_CHECK_OK(ftl_importer_read_fit(&fit, "stretch", "--fit"));
    FTL_CHECK(fit == FTL_FIT_STRETCH);
    FTL_CHECK_FAILS(ftl_importer_read_fit(&fit, "Crop", "--fit"), FTL_ECONFIG,
            "--fit: \"Crop\" is none of crop, pad, stretch");
}

static void imports_without_a_table(void) {
    char source[512];
    new_source(source);
    put_png(source, "a.png", 3, 10);
    ftl_pack_file *file;
    FTL_CHECK_OK(run("folder", source, NULL, 8, NULL));
    FTL_CHECK_OK(ftl_pack_open(&file, pack_path));
    bool good = file->pack.n == 1 && file->pack.n_attributes == 0;
    ftl_pack_close(file);
    FTL_CHECK(good);
}

static void refuses_folders(void) {
    char source[512];
    new_source(source);
    FTL_CHECK_FAILS(run("folder", "/nowhere", NULL, 8, NULL), FTL_EINPUT, "/nowhere: ");
    FTL_CHECK_FAILS(run("folder", source, NULL, 8, NULL), FTL_EINPUT, "no .jpg, .jpeg");
    FTL_CHECK_FAILS(run("folder", source, NULL, 1, NULL), FTL_ECONFIG, "size: 1");
    put_text(source, "a.jpg", "x");
    FTL_CHECK_FAILS(run("folder", source, NULL, 8, NULL), FTL_EINPUT,
            "none of its 1 images can be used; the first: a.jpg: neither");
    put_png(source, "a.jpg", 3, 1);
    put_text(source, "other.csv", "f,\na.jpg,1\n");
    char csv[600];
    snprintf(csv, sizeof csv, "%s/other.csv", source);
    FTL_CHECK_FAILS(run("folder", source, csv, 8, NULL), FTL_EFORMAT,
            "other.csv: column 2 of the header has no name");
    put_text(source, "other.csv", "\nf,x/y\na.jpg,1\n");
    FTL_CHECK_FAILS(run("folder", source, csv, 8, NULL), FTL_EINPUT,
            "other.csv:2: no attribute can be called \"x/y\"");
    FTL_CHECK_FAILS(
            run("folder", source, "/nowhere.csv", 8, NULL), FTL_EINPUT, "/nowhere");
    FTL_CHECK(!ftl_file_exists(pack_path));
}

/* Images, or the file that they move into. The first image would not be decoded. */
static void says_early_that_memory_is_short(void) {
    enum { N = 64 };
    char source[512], name[32];
    if (ftl_test_is_checked()) {
        ftl_test_skip_case("memory cannot be limited");
        return;
    }
    new_source(source);
    for (int i = 0; i < N; i++) {
        snprintf(name, sizeof name, "%d.png", i);
        put_text(source, name, "no PNG");
    }
    static const size_t mib[] = {100, 300};
    for (size_t i = 0; i < 2; i++) {
        FTL_CHECK(limit_memory(mib[i]));
        ftl_status status = run("folder", source, NULL, 1024, NULL);
        limit_memory(0);
        FTL_CHECK_FAILS(status, FTL_ENOMEM,
                "p.h5: 64 images of 1024 x 1024 px need 0.2 GiB of memory (");
    }
    FTL_CHECK(limit_memory(600));
    ftl_status status = run("folder", source, NULL, 1024, NULL);
    limit_memory(0);
    FTL_CHECK_FAILS(status, FTL_EINPUT, "none of its 64 images can be used");
}

/* An image, a checkpoint or notes named by mistake stay what they are. */
static void replaces_packs_only(void) {
    char source[512], path[700];
    ftl_import_options options = {.source = source, .size = 4};
    const ftl_importer *importer;
    new_source(source);
    put_png(source, "a.png", 3, 1);
    snprintf(path, sizeof path, "%s/a.png", source);
    FTL_CHECK_OK(ftl_importer_find(&importer, "folder", "--format"));
    FTL_CHECK_FAILS(ftl_importer_run(importer, &options, path, NULL), FTL_EINPUT,
            "a.png: is there already, and is no whole pack");
    FTL_CHECK_FAILS(ftl_importer_run(importer, &options, source, NULL), FTL_EINPUT,
            "is a folder; name a file");
    snprintf(path, sizeof path, "%s/new/p.h5", source);
    FTL_CHECK_FAILS(ftl_importer_run(importer, &options, path, NULL), FTL_EINPUT,
            "new/p.h5: cannot be written: No such file or directory");
    snprintf(path, sizeof path, "%s/p.h5", ftl_test_directory());
    FTL_CHECK_OK(ftl_importer_run(importer, &options, path, NULL));
    FTL_CHECK_OK(ftl_importer_run(importer, &options, path, NULL));
    /* Nothing of an import is in the way of the folder that it reads. */
    ftl_import_options strict = {.source = source, .size = 4, .strict = true};
    char inside[700];
    snprintf(inside, sizeof inside, "%s/p.h5", source);
    FTL_CHECK_OK(ftl_importer_run(importer, &strict, inside, NULL));
    FTL_CHECK_OK(ftl_sealed_write(path, "something", 9, NULL));
    FTL_CHECK_FAILS(ftl_importer_run(importer, &options, path, NULL), FTL_EINPUT,
            "p.h5: is there already");
}

int main(void) {
    ftl_log_quiet(1);
    FTL_TEST(finds_importers);
    FTL_TEST(imports_a_clean_folder);
    FTL_TEST(imports_a_messy_folder);
    FTL_TEST(is_strict);
    FTL_TEST(names_who_contradicts);
    FTL_TEST(keeps_the_report_of_an_earlier_pack);
    FTL_TEST(settles_what_was_begun);
    FTL_TEST(refuses_contradictions_only);
    FTL_TEST(imports_without_a_table);
    FTL_TEST(imports_a_folder_a_class);
    FTL_TEST(imports_paths_of_a_table);
    FTL_TEST(imports_texts);
    FTL_TEST(imports_numbers_with_odd_cells);
    FTL_TEST(names_hidden_images);
    FTL_TEST(leaves_rows_out);
    FTL_TEST(fits_as_told);
    FTL_TEST(reads_colours);
    FTL_TEST(refuses_folders);
    FTL_TEST(says_early_that_memory_is_short);
    FTL_TEST(replaces_packs_only);
    return ftl_test_finish();
}
