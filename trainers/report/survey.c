/* survey.c - see survey.h. */
#include "trainers/report/survey.h"

#include "engine/base/file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    METHOD,
    RATIO,
    SEED,
    FD,
    CORRECTED,
    LO,
    HI,
    FRECHET,
    EXTRACTOR,
    CHECKPOINT,
    SECONDS,
    N_COLUMNS
};

static const char *const columns[N_COLUMNS] = {"method", "ratio", "seed", "fd",
        "fd_corrected", "fd_lo", "fd_hi", "frechet", "extractor", "checkpoint",
        "seconds"};

static ftl_status check_header(const ftl_csv *csv, const char *path) {
    for (int i = 0; i < N_COLUMNS; i++)
        if (i >= csv->n_columns || strcmp(csv->header[i], columns[i]) != 0)
            return ftl_fail(FTL_EFORMAT,
                    "%s: column %d is to be %s: this is not what fairtl compare writes",
                    path, i + 1, columns[i]);
    return csv->n_rows > 0 ? FTL_OK : ftl_fail(FTL_EFORMAT, "%s: it has no line", path);
}

static double number(const ftl_csv *csv, int64_t row, int column) {
    const char *text = ftl_csv_cell(csv, row, column);
    char *end;
    const double value = strtod(text, &end);
    return end != text && !*end ? value : (double)NAN;
}

static int find_setting(ftl_survey *s, const char *method, const char *ratio) {
    for (int i = 0; i < s->n_settings; i++)
        if (strcmp(s->setting[i].method, method) == 0 &&
                strcmp(s->setting[i].ratio, ratio) == 0)
            return i;
    s->setting[s->n_settings] =
            (ftl_survey_setting) {.method = method, .ratio = ratio, .first = s->n_runs};
    return s->n_settings++;
}

static int find_run(const ftl_survey *s, int setting, const char *seed) {
    for (int i = 0; i < s->n_runs; i++)
        if (s->run[i].setting == setting && strcmp(s->run[i].seed, seed) == 0) return i;
    return -1;
}

static ftl_status open_run(ftl_survey *s, const char *directory, int setting,
        const char *method, const char *ratio, const char *seed) {
    ftl_survey_run *run = &s->run[s->n_runs];
    run->path = setting < 0 ? "pretrained"
                            : ftl_arena_printf(
                                      s->arena, "runs/%s-%s-s%s", method, ratio, seed);
    const char *path =
            run->path ? ftl_arena_printf(s->arena, "%s/%s", directory, run->path)
                      : NULL;
    if (!path) return FTL_ENOMEM;
    run->seed = seed;
    run->setting = setting;
    s->n_runs++; /* its source is to be closed, whatever happens */
    return ftl_source_open(&run->source, path);
}

static ftl_status add_line(ftl_survey *s, const char *directory, int64_t row) {
    const ftl_csv *csv = &s->csv;
    const char *method = ftl_csv_cell(csv, row, METHOD),
               *ratio = ftl_csv_cell(csv, row, RATIO),
               *seed = ftl_csv_cell(csv, row, SEED);
    const int setting = seed[0] ? find_setting(s, method, ratio) : -1;
    int run = find_run(s, setting, seed);
    if (run < 0) {
        run = s->n_runs;
        FTL_TRY(open_run(s, directory, setting, method, ratio, seed));
    }
    s->line[s->n_lines++] = (ftl_survey_line) {.run = run,
            .extractor = ftl_csv_cell(csv, row, EXTRACTOR),
            .checkpoint = ftl_csv_cell(csv, row, CHECKPOINT),
            .fd = number(csv, row, FD),
            .corrected = number(csv, row, CORRECTED),
            .lo = number(csv, row, LO),
            .hi = number(csv, row, HI),
            .frechet = number(csv, row, FRECHET),
            .seconds = number(csv, row, SECONDS)};
    return FTL_OK;
}

/* False: the table is not what fairtl compare writes. */
static bool take_planned(ftl_survey *s, const ftl_csv *csv) {
    static const char *const names[] = {"method", "ratio", "runs"};
    for (int i = 0; i < 3; i++)
        if (i >= csv->n_columns || strcmp(csv->header[i], names[i]) != 0) return false;
    for (int64_t row = 0; row < csv->n_rows; row++)
        if (!(number(csv, row, 2) >= 1 && number(csv, row, 2) <= 1e6)) return false;
    for (int64_t row = 0; row < csv->n_rows; row++) {
        const int runs = (int)number(csv, row, 2);
        s->n_planned += runs;
        for (int i = 0; i < s->n_settings; i++)
            if (strcmp(s->setting[i].method, ftl_csv_cell(csv, row, 0)) == 0 &&
                    strcmp(s->setting[i].ratio, ftl_csv_cell(csv, row, 1)) == 0)
                s->setting[i].planned = runs;
    }
    return true;
}

static ftl_status read_planned(ftl_survey *s, const char *directory) {
    ftl_csv csv;
    const char *path = ftl_arena_printf(s->arena, "%s/planned.csv", directory);
    if (!path) return FTL_ENOMEM;
    if (!ftl_file_exists(path)) {
        s->problem = "planned.csv: there is no such file: whether runs are missing is "
                     "not known";
        return FTL_OK;
    }
    const ftl_status status = ftl_csv_read(&csv, path);
    if (status == FTL_ENOMEM) return status;
    if (status != FTL_OK || !take_planned(s, &csv))
        s->problem = "planned.csv: this is not what fairtl compare writes: whether "
                     "runs are missing is not known";
    if (status == FTL_OK) ftl_csv_deinit(&csv);
    ftl_clear();
    return FTL_OK;
}

static ftl_status read_all(ftl_survey *s, const char *directory) {
    const char *path = ftl_arena_printf(s->arena, "%s/compare.csv", directory);
    if (!path) return FTL_ENOMEM;
    FTL_TRY(ftl_csv_read(&s->csv, path));
    FTL_TRY(check_header(&s->csv, path));
    const size_t n = (size_t)s->csv.n_rows;
    s->run = ftl_arena_alloc(s->arena, (n + 1) * sizeof *s->run);
    s->line = ftl_arena_alloc(s->arena, n * sizeof *s->line);
    s->setting = ftl_arena_alloc(s->arena, n * sizeof *s->setting);
    if (!s->run || !s->line || !s->setting) return FTL_ENOMEM;
    FTL_TRY(open_run(s, directory, -1, "", "", ""));
    for (int64_t row = 0; row < s->csv.n_rows; row++)
        FTL_TRY(add_line(s, directory, row));
    FTL_TRY(read_planned(s, directory));
    FTL_TRY(ftl_source_name(&s->name, directory, s->arena));
    return FTL_OK;
}

ftl_status ftl_survey_open(ftl_survey *out, const char *directory) {
    *out = (ftl_survey) {0};
    FTL_TRY(ftl_arena_create(&out->arena));
    return read_all(out, directory);
}

void ftl_survey_close(ftl_survey *survey) {
    for (int i = 0; i < survey->n_runs; i++)
        ftl_source_close(&survey->run[i].source);
    ftl_csv_deinit(&survey->csv);
    ftl_arena_free(survey->arena);
    *survey = (ftl_survey) {0};
}

bool ftl_survey_is_there(const char *directory) {
    char path[FTL_SOURCE_PATH_BYTES];
    const int n = snprintf(path, sizeof path, "%s/compare.csv", directory);
    return n > 0 && n < (int)sizeof path && ftl_file_exists(path);
}

const char *ftl_survey_ratio(const ftl_survey *survey, int nth) {
    for (int i = 0; i < survey->n_settings; i++) {
        bool is_new = true;
        for (int k = 0; k < i; k++)
            is_new &= strcmp(survey->setting[k].ratio, survey->setting[i].ratio) != 0;
        if (is_new && nth-- == 0) return survey->setting[i].ratio;
    }
    return NULL;
}
