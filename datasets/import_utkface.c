/* import_utkface.c - UTKFace: labels are in the names of files.
 *
 *     <age>_<gender>_<race>_<date and time>.jpg[.chip.jpg]
 *
 * gender is 0 male, 1 female; race 0 White, 1 Black, 2 Asian, 3 Indian, 4 Others: as an
 * algorithm and one person perceived them. A few names lack a field, and nothing tells
 * which of gender and race it is: such an image keeps its age only. Blanks around
 * fields mean nothing. */
#include "datasets/import_files.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MAX_AGE 150
#define MIN_DATE_DIGITS 8 /* the day; the time behind it has varied */

enum { AGE, GENDER, RACE, N_LABELS };
enum { N_FIELDS = N_LABELS + 1 };

static const char *const genders[] = {"male", "female"};
static const char *const races[] = {"White", "Black", "Asian", "Indian", "Others"};

static const struct label {
    const char *name;
    int max;
    const char *const *value_name; /* [max + 1]; NULL: a number */
} labels[N_LABELS] = {
        {"age", MAX_AGE, NULL}, {"gender", 1, genders}, {"race", 4, races}};

/* What is between two underscores, without blanks around it. */
typedef struct field {
    const char *text;
    int length;
} field;

static field trim(const char *text, size_t length) {
    while (length && isspace((unsigned char)text[0]))
        text++, length--;
    while (length && isspace((unsigned char)text[length - 1]))
        length--;
    return (field) {text, (int)length};
}

/* Up to one more than a name should have; returns how many there are. */
static int split(field fields[N_FIELDS + 1], const char *name) {
    int n = 0;
    for (;;) {
        size_t length = strcspn(name, "_");
        fields[n++] = trim(name, length);
        if (!name[length] || n > N_FIELDS) return n;
        name += length + 1;
    }
}

static bool is_date(field f) {
    int n = 0;
    while (n < f.length && isdigit((unsigned char)f.text[n]))
        n++;
    return n >= MIN_DATE_DIGITS;
}

/* -1 if it is no number of at most three digits within the label's range. */
static int32_t value_of(field f, const struct label *label) {
    int32_t value = 0;
    if (f.length < 1 || f.length > 3) return -1;
    for (int i = 0; i < f.length; i++) {
        if (!isdigit((unsigned char)f.text[i])) return -1;
        value = 10 * value + (f.text[i] - '0');
    }
    return value <= label->max ? value : -1;
}

static ftl_status read_whole(ftl_import *import, const char *name,
        const field fields[N_FIELDS], int32_t value[N_LABELS]) {
    const struct label *wrong = NULL;
    field text = {0};
    for (int k = 0; k < N_LABELS; k++) {
        value[k] = value_of(fields[k], &labels[k]);
        if (value[k] >= 0 || wrong) continue;
        wrong = &labels[k];
        text = fields[k];
    }
    if (!wrong) return FTL_OK;
    return ftl_import_problem(import, &import->counts.incomplete,
            "%s: its %s, \"%.*s\", is no number from 0 to %d: it is not known", name,
            wrong->name, text.length, text.text, wrong->max);
}

static ftl_status read_name(
        ftl_import *import, const char *name, int32_t value[N_LABELS]) {
    field fields[N_FIELDS + 1];
    int n = split(fields, name);
    for (int k = 0; k < N_LABELS; k++)
        value[k] = -1;
    if (n == N_FIELDS && is_date(fields[N_FIELDS - 1]))
        return read_whole(import, name, fields, value);
    if (n == N_FIELDS - 1 && is_date(fields[n - 1]))
        value[AGE] = value_of(fields[AGE], &labels[AGE]);
    if (value[AGE] >= 0)
        return ftl_import_problem(import, &import->counts.incomplete,
                "%s: a field is missing: neither gender nor race is known", name);
    return ftl_import_problem(import, &import->counts.images_without_row,
            "%s: its name is not age_gender_race_date: no label is known", name);
}

static ftl_status read_labels(const ftl_import_files *files) {
    int32_t *column[N_LABELS], value[N_LABELS];
    ftl_import *import = files->import;
    for (int k = 0; k < N_LABELS; k++) {
        const struct label *label = &labels[k];
        FTL_TRY(ftl_import_attribute_add(
                import, files->root, label->name, files->n, true, &column[k]));
        if (label->value_name)
            FTL_TRY(ftl_import_name_values(import, label->value_name, label->max + 1));
    }
    for (int64_t i = 0; i < files->n; i++) {
        FTL_TRY(read_name(import, files->item[i].name, value));
        for (int k = 0; k < N_LABELS; k++)
            column[k][i] = value[k];
    }
    if (import->counts.images_without_row == files->n)
        return ftl_fail(FTL_EINPUT,
                "%s: none of its images is called age_gender_race_date.jpg, as "
                "UTKFace's "
                "are; the first is \"%s\"",
                files->root, files->item[0].name);
    return FTL_OK;
}

static ftl_status read_source(ftl_import *import) {
    ftl_import_files files;
    FTL_TRY(ftl_import_refuse_csv(import, "utkface"));
    ftl_status status =
            ftl_import_files_list(&files, import, import->options->source, false, NULL);
    if (status == FTL_OK) status = read_labels(&files);
    if (status == FTL_OK) status = ftl_import_files_take(&files);
    ftl_import_files_deinit(&files);
    return status;
}

extern const ftl_importer ftl_importer_utkface;
const ftl_importer ftl_importer_utkface = {
        .name = "utkface",
        .help = "a folder of UTKFace's images, whose names tell age, gender and race",
        .read = read_source,
};
