/* test_report_page.c - report.html of a run: well-formed and complete whatever the
 * names and texts are, the same bytes each time, and of a directory that is damaged
 * too. */
#include "test/trainers/page_check.h"
#include "test/trainers/page_fixture.h"
#include "trainers/report/chart.h"
#include "trainers/report/html.h"
#include "trainers/report/page_parts.h"

#include <math.h>
#include <unistd.h>

static void is_complete(void) {
    FTL_CHECK_OK(make_run("run <&\">"));
    char *page = render();
    FTL_CHECK(page && page_is_well_formed(page) && page_stands_alone(page));
    FTL_CHECK(holds(page, "<h1>run &lt;&amp;&quot;&gt;</h1>"));
    FTL_CHECK(holds(page, "fairtl 9.9.9, seed 7; finished."));
    FTL_CHECK(holds(page, "share of " NAME_HTML));
    FTL_CHECK(holds(page, "D_b, real images"));
    FTL_CHECK(holds(page, "<td>0.5125</td><td>0.0625</td>"));
    FTL_CHECK(holds(page, "[0.0125,&#160;0.7500]"));
    FTL_CHECK(holds(page, "confidence</th><td>0.9375</td>"));
    FTL_CHECK(!strstr(page, "&amp;#")); /* nothing is escaped twice */
    FTL_CHECK(holds(page, "adapt (fairtl++)"));
    FTL_CHECK(holds(page, "<td>4321</td><td>4000</td><td>321</td><td>12</td>"));
    FTL_CHECK(holds(page, "<td>10</td><td>9</td><td>10.00&#160;%</td>"));
    FTL_CHECK(holds(page, "x: &lt;&amp;&gt;\n"));
    FTL_CHECK(holds(page, "seed: 7 # &lt;&amp;&gt;\n"));
    FTL_CHECK(holds(page, "2 &lt;&amp;&gt;"));
    FTL_CHECK(holds(page, ">linear-probe</text>") && holds(page, ">fine-tune</text>"));
    FTL_CHECK(count(page, "src=\"data:image/png;base64,iVBORw0KGgoBAgME\"") == 4);
    FTL_CHECK(count(page, "<figure>") == count(page, "<figcaption>"));
    free(page);
}

static void warns(void) {
    FTL_CHECK_OK(make_run("warns"));
    char *page = render();
    FTL_CHECK(page);
    FTL_CHECK(holds(page, "<li>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; "
                          "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd.</li>"));
    FTL_CHECK(holds(page, "<li>two</li>"));
    FTL_CHECK(!strstr(page, "this is none"));
    FTL_CHECK(holds(page, "<li>stats.jsonl: 1 of its lines"));
    FTL_CHECK(holds(page, "line 4"));
    FTL_CHECK(holds(page, "<li>samples/adapt-00001000.png: it is no PNG</li>"));
    free(page);
}

static void is_stable(void) {
    FTL_CHECK_OK(make_run("a/same"));
    char *first = render(), *again = render();
    FTL_CHECK_OK(make_run("b/same"));
    char *other = render();
    FTL_CHECK(first && again && other);
    FTL_CHECK(strcmp(first, again) == 0 && strcmp(first, other) == 0);
    free(first);
    free(again);
    free(other);
}

/* Each file in turn is damaged, then gone: the report is made, and names it. */
static void damage_is_named(void) {
    static const char *const names[] = {
            "about.json", "metrics.json", "stats.jsonl", "log.txt", "config.yaml"};
    for (int i = 0; i < 5; i++) {
        char path[4200], gone[64];
        FTL_CHECK_OK(make_run("damaged"));
        FTL_CHECK_OK(put(names[i], "[\0<&", 4));
        char *page = render();
        FTL_CHECK(page && page_is_well_formed(page));
        if (i < 3) {
            const bool named = strstr(page, "<li>metrics: ") || strstr(page, names[i]);
            FTL_CHECK(named);
        }
        free(page);
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        snprintf(gone, sizeof gone, "<li>%s: there is no such file</li>", names[i]);
        unlink(path);
        page = render();
        FTL_CHECK(page && page_is_well_formed(page) && holds(page, gone));
        free(page);
    }
}

/* What a run has that was only just begun. */
static void little_is_enough(void) {
    static char path[4096];
    snprintf(path, sizeof path, "%s/begun", root);
    directory = path;
    FTL_CHECK_OK(ftl_directory_create(path));
    FTL_CHECK_FAILS(
            ftl_page_write(path), FTL_EINPUT, "begun: neither a run nor a comparison");
    FTL_CHECK_OK(put_text("config.yaml", "seed: 1\n"));
    char *page = render();
    FTL_CHECK(page && page_is_well_formed(page));
    FTL_CHECK(holds(page, "Nothing has been measured yet."));
    FTL_CHECK(holds(page, "<li>samples: there is no such folder</li>"));
    free(page);
    FTL_CHECK_OK(put_text("about.json", "{\"finished\": false}"));
    FTL_CHECK_OK(put_text("log.txt", "a\nstopped: interrupted <after> step 3\n"));
    page = render();
    FTL_CHECK(page && holds(page, "; stopped: interrupted &lt;after&gt; step 3.</p>"));
    free(page);
}

/* What each of n evaluations is called: pre-training's are in front. */
static char *roles(const int *checkpoint, const unsigned *also, int n, int n_before) {
    ftl_evaluation e[6];
    const ftl_evaluation *list[6];
    const ftl_metrics measured = {.evaluation = list, .n = n};
    char *text;
    size_t n_bytes;
    FILE *file = open_memstream(&text, &n_bytes);
    if (!file) abort();
    for (int i = 0; i < n; i++) {
        e[i] = (ftl_evaluation) {.stage = i < n_before ? "pretrain" : "adapt",
                .checkpoint = checkpoint[i],
                .also = also[i]};
        list[i] = &e[i];
    }
    for (int i = 0; i < n; i++) {
        ftl_page_write_role(file, &measured, i);
        fputs("; ", file);
    }
    fclose(file);
    return text;
}

static void generators_are_called_what_they_are(void) {
    static const int checkpoint[] = {
            FTL_KEPT_LAST, FTL_KEPT_BEST_FD, FTL_KEPT_BEST_FRECHET, FTL_KEPT_LAST};
    static const unsigned none[4], fd[] = {1U << FTL_KEPT_BEST_FD, 0};
    char *whole = roles(checkpoint, none, 4, 3), *alone = roles(checkpoint, none, 3, 3),
         *plain = roles((const int[]) {FTL_KEPT_LAST, FTL_KEPT_LAST}, none, 2, 1),
         *both = roles((const int[]) {FTL_KEPT_LAST, FTL_KEPT_LAST}, fd, 2, 1),
         *one = roles(checkpoint, none, 1, 1);
    FTL_CHECK(!strcmp(whole, "before, last; before, best by FD; "
                             "before, best by Frechet distance; after, last; "));
    FTL_CHECK(!strcmp(alone, "last; best by FD; best by Frechet distance; "));
    FTL_CHECK(!strcmp(plain, "before; after, last; "));
    FTL_CHECK(!strcmp(both, "before, last and best by FD; after, last; "));
    FTL_CHECK(!strcmp(one, "last; "));
    free(whole);
    free(alone);
    free(plain);
    free(both);
    free(one);
}

/* A second adaptation comes behind the first, whatever its files are called. */
static void stages_are_in_order(void) {
    FTL_CHECK_OK(make_run("two"));
    FTL_CHECK_OK(put("samples/adapt-2-final.png", png, sizeof png));
    FTL_CHECK_OK(put("samples/adapt-2-00000500.png", png, sizeof png));
    char *page = render();
    FTL_CHECK(page);
    const char *first = strstr(page, ">after: adapt<"),
               *second = strstr(page, ">after: adapt-2<");
    FTL_CHECK(first && second && first < second);
    first = strstr(page, ">adapt, 0.5 kimg<");
    second = strstr(page, ">adapt-2, 0.5 kimg<");
    FTL_CHECK(first && second && first < second);
    free(page);
}

/* What f writes. */
static char *written(void (*f)(FILE *file)) {
    char *text = NULL;
    size_t n;
    FILE *file = open_memstream(&text, &n);
    if (!file) return NULL;
    f(file);
    fclose(file);
    return text;
}

static void write_data(FILE *file) {
    for (size_t n = 0; n < 5; n++)
        ftl_html_data(file, "x",
                "\xfb\xff\xbf"
                "ab",
                n);
}

static void write_text(FILE *file) {
    ftl_html_text(file, "a\tb\n\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    ftl_html_text(file, "\xed\xa0\x80|\xf5\x80\x80\x80|\xe2\x82|\x7f|\xc2\x85");
}

static void html_is_written(void) {
    char *text = written(write_data);
    FTL_CHECK(strcmp(text, "data:x;base64,data:x;base64,+w==data:x;base64,+/8=data:x;"
                           "base64,+/+/data:x;base64,+/+/YQ==") == 0);
    free(text);
    text = written(write_text);
#define R "\xef\xbf\xbd"
    FTL_CHECK(strcmp(text, "a\tb\n\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" R R R
                           "|" R R R R "|" R R "|" R "|" R R) == 0);
    free(text);
}

/* A gap in a curve begins it anew; a band ends there. */
static void write_chart(FILE *file) {
    static const double x[] = {0, 1, 2, 3, 4}, y[] = {0, 10, NAN, 5, 10},
                        lo[] = {0, 5, 0, 0, NAN}, hi[] = {5, 10, 0, 0, 0};
    const ftl_chart_series series = {
            .name = "s", .x = x, .y = y, .lo = lo, .hi = hi, .n = 5, .points = true};
    const ftl_chart chart = {.title = "<t>",
            .x_label = "x",
            .about = "\"a\"",
            .x_hi = 4,
            .y_hi = 10,
            .series = &series,
            .n_series = 1};
    ftl_chart_draw(file, &chart);
}

static void chart_is_drawn(void) {
    char *text = written(write_chart);
    FTL_CHECK(holds(text, "aria-label=\"&quot;a&quot;\""));
    FTL_CHECK(holds(text, ">&lt;t&gt;</text>"));
    FTL_CHECK(holds(text, "class=\"curve s0\" d=\"M46.0 184.0L121.5 24.0M272.5 "
                          "104.0L348.0 24.0\""));
    FTL_CHECK(holds(text, "class=\"band s0\" d=\"M46.0 104.0L121.5 24.0L121.5 "
                          "104.0L46.0 184.0Z\""));
    FTL_CHECK(count(text, "class=\"band") == 1 && count(text, "class=\"point") == 4);
    FTL_CHECK(!strstr(text, "nan"));
    FTL_CHECK(count(text, "class=\"grid\"") == 6); /* 0, 2, ... 10 */
    free(text);
}

int main(void) {
    root = ftl_test_directory();
    FTL_TEST(is_complete);
    FTL_TEST(warns);
    FTL_TEST(is_stable);
    FTL_TEST(damage_is_named);
    FTL_TEST(little_is_enough);
    FTL_TEST(generators_are_called_what_they_are);
    FTL_TEST(stages_are_in_order);
    FTL_TEST(html_is_written);
    FTL_TEST(chart_is_drawn);
    return ftl_test_finish();
}
