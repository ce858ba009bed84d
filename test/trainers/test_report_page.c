/* test_report_page.c - report.html of a run: well-formed and complete whatever the
 * names and texts are, the same bytes each time, and of a directory that is damaged
 * too. */
#include "engine/base/file.h"
#include "test/harness.h"
#include "test/trainers/page_check.h"
#include "trainers/report/chart.h"
#include "trainers/report/html.h"
#include "trainers/report/page.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

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
        "\"g\": 2}\n"
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

static ftl_status put(const char *name, const void *bytes, size_t n) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return ftl_file_write(path, bytes, n);
}

static ftl_status put_text(const char *name, const char *text) {
    return put(name, text, strlen(text));
}

/* A run in a directory of this name; `directory` is then its path. */
static ftl_status make_run(const char *name) {
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
static char *render(void) {
    char path[4096], *text;
    size_t n;
    snprintf(path, sizeof path, "%s/report.html", directory);
    if (ftl_page_write(directory) != FTL_OK) return NULL;
    return ftl_file_read(&text, &n, path) == FTL_OK ? text : NULL;
}

static bool holds(const char *page, const char *text) {
    const bool found = strstr(page, text) != NULL;
    if (!found) printf("missing: %s\n", text);
    return found;
}

static int count(const char *page, const char *text) {
    int n = 0;
    for (const char *at = page; (at = strstr(at, text)); at++)
        n++;
    return n;
}

static void is_complete(void) {
    FTL_CHECK_OK(make_run("run <&\">"));
    char *page = render();
    FTL_CHECK(page && page_is_well_formed(page) && page_stands_alone(page));
    FTL_CHECK(holds(page, "<h1>run &lt;&amp;&quot;&gt;</h1>"));
    FTL_CHECK(holds(page, "fairtl 9.9.9, seed 7; finished."));
    FTL_CHECK(holds(page, "share of " NAME_HTML));
    FTL_CHECK(holds(page, "<td>0.5125</td><td>0.0625</td>"));
    FTL_CHECK(holds(page, "[0.0125,&#160;0.7500]"));
    FTL_CHECK(holds(page, "confidence</th><td>0.9375</td>"));
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
    FTL_CHECK(holds(page, "Of fewer than two seeds there is no deviation"));
    free(page);
    FTL_CHECK(!render_comparison("method,ratio\na,1\n"));
    FTL_CHECK_FAILS(ftl_page_write(directory), FTL_EFORMAT, "column 3 is to be seed");
    ftl_clear();
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
    FTL_TEST(stages_are_in_order);
    FTL_TEST(compares);
    FTL_TEST(html_is_written);
    FTL_TEST(chart_is_drawn);
    return ftl_test_finish();
}
