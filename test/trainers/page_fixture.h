/* page_fixture.h - a run's directory to make a report of, and the report. */
#ifndef FTL_TEST_TRAINERS_PAGE_FIXTURE_H
#define FTL_TEST_TRAINERS_PAGE_FIXTURE_H

#include "engine/base/file.h"
#include "test/harness.h"
#include "trainers/report/page.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A name that would break a page, and what it has to become. */
#define NAME_JSON "<b>\\\"x\\\" & 'y'"
#define NAME_HTML "&lt;b&gt;&quot;x&quot; &amp; &#39;y&#39;"

static const char about[] =
        "{\"fairtl\": \"9.9.9\", \"seed\": 7, \"finished\": true,"
        " \"groups\": [\"" NAME_JSON "\", \"others\"],"
        " \"sets\": [{\"name\": \"biased\", \"images\": 4321, \"counts\": [4000, 321],"
        " \"ungrouped\": 12}],"
        " \"stages\": [{\"name\": \"adapt\", \"method\": \"fairtl++\","
        " \"expansion\": \"x: <&>\\n\","
        " \"segments\": [{\"name\": \"linear-probe\", \"kimg\": 1},"
        " {\"name\": \"fine-tune\", \"kimg\": 1}]}],"
        " \"environment\": {\"threads\": \"2 <&>\"}, \"inputs\": {},"
        " \"parameters\": {\"G\": 12345}}\n";

#define EVALUATION(stage, kimg, fd)                                                    \
    "{\"stage\": \"" stage "\", \"kimg\": " kimg                                       \
    ", \"n_samples\": 100, \"groups\": [\"" NAME_JSON "\", \"others\"], "              \
    "\"counts\": [75, 25], \"share\": [0.75, 0.25], \"confidence\": 0.9375, "          \
    "\"fd\": " fd ", \"fd_corrected\": " fd ", \"fd_interval\": [0.0125, 0.75], "      \
    "\"classifier\": {\"hash\": \"c0ffee\", \"accuracy\": [0.9, 1.0], \"n\": [10, "    \
    "20]}}"

static const char metrics[] = "[\n" EVALUATION(
        "pretrain", "2.0", "0.5125") ",\n" EVALUATION("adapt", "1.5", "0.0625") "\n]\n";

static const char stats[] =
        "{\"tick\": 1, \"stage\": \"classifier\", \"step\": 1, \"loss\": 0.5}\n"
        "{\"tick\": 2, \"stage\": \"pretrain\", \"kimg\": 1.0, \"d_real\": 1, "
        "\"<&>\": 2}\n"
        "{\"tick\": 3, \"stage\": \"pretrain\", \"kimg\": 2.0, \"d_real\": 0.5, "
        "\"d_real_D_b\": 0.25, \"g\": 2}\n"
        "this is a line <of> none & nothing\n"
        "{\"tick\": 3, \"stage\": \"pretrain\", \"kimg\": 1.0, \"share\": 0.75, "
        "\"fd\": "
        "0.35, \"fd_corrected\": 0.36}\n"
        "{\"tick\": 4, \"stage\": \"adapt\", \"kimg\": 0.5, \"share\": [0.5, 0.5], "
        "\"fd\": 0.1, \"fd_corrected\": 0.12, \"fd_interval\": [0.05, 0.2], "
        "\"frechet\": 33.5}\n"
        "{\"tick\": 5, \"stage\": \"adapt\", \"kimg\": 1.5, \"share\": [0.5, 0.5], "
        "\"fd\": 0.1, \"fd_corrected\": 0.11, \"fd_interval\": [0.04, 0.18], "
        "\"frechet\": 30.25}\n";

/* Bytes that are no UTF-8, and a control character. */
static const char log_text[] =
        "run: seed 7\nwarning: <script>alert(\"1\")</script> & \xff\xc0\x80\x01.\n"
        "adapt: warning: this is none\nwarning: two\n";

static const unsigned char png[] = {0x89, 'P', 'N', 'G', 13, 10, 26, 10, 1, 2, 3, 4};

static const char *root, *directory;

static inline ftl_status put(const char *name, const void *bytes, size_t n) {
    char path[4300];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return ftl_file_write(path, bytes, n);
}

static inline ftl_status put_text(const char *name, const char *text) {
    return put(name, text, strlen(text));
}

/* A run in a directory of this name; `directory` is then its path. */
static inline ftl_status make_run(const char *name) {
    static char path[4096], samples[4200];
    snprintf(path, sizeof path, "%s/%s", root, name);
    snprintf(samples, sizeof samples, "%s/samples", path);
    directory = path;
    FTL_TRY(ftl_directory_create(samples));
    FTL_TRY(put_text("about.json", about));
    FTL_TRY(put_text("metrics.json", metrics));
    FTL_TRY(put_text("stats.jsonl", stats));
    FTL_TRY(put_text("log.txt", log_text));
    FTL_TRY(put_text("config.yaml", "seed: 7 # <&>\n"));
    FTL_TRY(put("samples/pretrain-final.png", png, sizeof png));
    FTL_TRY(put("samples/adapt-final.png", png, sizeof png));
    FTL_TRY(put("samples/adapt-by-group.png", png, sizeof png));
    FTL_TRY(put("samples/adapt-00000500.png", png, sizeof png));
    return put_text("samples/adapt-00001000.png", "no picture at all");
}

/* The page, malloc'ed; NULL: it could not be made. */
static inline char *render(void) {
    char path[4096], *text;
    size_t n;
    snprintf(path, sizeof path, "%s/report.html", directory);
    if (ftl_page_write(directory) != FTL_OK) return NULL;
    return ftl_file_read(&text, &n, path) == FTL_OK ? text : NULL;
}

static inline bool holds(const char *page, const char *text) {
    const bool found = strstr(page, text) != NULL;
    if (!found) printf("missing: %s\n", text);
    return found;
}

static inline int count(const char *page, const char *text) {
    int n = 0;
    for (const char *at = page; (at = strstr(at, text)); at++)
        n++;
    return n;
}

#endif
