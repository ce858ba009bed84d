/* test_run_forecast.c - what --dry-run says of memory and disk is so, it writes
 * nothing, and it says what is left of a run that goes on. Of times:
 * test/bench/dry_run.sh. */
#include "test/harness.h"
#include "test/runs/whole_run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Large enough that most of the memory, if that says anything, and of the disk is the
 * networks', not the libraries' and the logs'. */
static const char *large(void) {
    if (ftl_test_is_checked())
        return "run tiny.yaml --set model.ch=4 --set run.classifier.width=8 ";
    return "run tiny.yaml --set model.ch=8 --set run.classifier.width=16 --set "
           "run.classifier.epochs=2 --set run.pretrain.batch=16 --set "
           "run.adapt.batch=8 ";
}

/* The number behind words that begin a line of the last output's forecast; -1: none. */
static double said(const char *word) {
    char *text = whole_run_read("out.txt"), line[64];
    snprintf(line, sizeof line, "\n%s ", word);
    const char *at = text ? strstr(text, "\npart ") : NULL;
    if (at) at = strstr(at, line);
    double number = at ? strtod(at + strlen(line), NULL) : -1;
    free(text);
    return number;
}

/* That the last of these takes, as was forecast. */
static double disk_mib;

static void memory_of(const char *out, const char *precision) {
    FTL_CHECK(whole_run("%s--out %s --set model.precision=%s --dry-run", large(), out,
                      precision) == 0);
    const double forecast = said("memory");
    disk_mib = said("disk");
    FTL_CHECK(whole_run_printed("nothing was written"));
    FTL_CHECK(!whole_run_exists(out));
    FTL_CHECK(whole_run("%s--out %s --set model.precision=%s", large(), out,
                      precision) == 0);
    const double peak = (double)whole_run_peak_kib() / 1024;
    printf("%s: %.0f MiB were forecast, %.1f taken\n", precision, forecast, peak);
    if (ftl_test_is_checked()) return;
    FTL_CHECK(peak > 50 && forecast > 0.95 * peak && forecast < 1.05 * peak);
}

static void memory(void) {
    if (!ftl_test_is_checked()) memory_of("auto", "auto");
    memory_of("fp32", "fp32");
}

/* What a part takes in all: the last column, in seconds; -1: none. */
static double seconds_of(const char *part) {
    char *text = whole_run_read("out.txt"), line[64], unit[8] = "";
    double number, sum = -1;
    int n;
    snprintf(line, sizeof line, "\n%s ", part);
    const char *at = text ? strstr(text, "\npart ") : NULL;
    if (at) at = strstr(at, line);
    /* A column that is right-aligned and empty before it: two blanks at least. */
    for (const char *end = at ? strchr(at + 1, '\n') : NULL; end; end = NULL) {
        const char *column = end;
        while (column > at && !(column[-1] == ' ' && column[-2] == ' '))
            column--;
        for (sum = 0;
                sscanf(column, "%lf %7s%n", &number, unit, &n) == 2 && column < end;
                column += n)
            sum += number * (strcmp(unit, "ms") == 0         ? 1e-3
                                    : strcmp(unit, "s") == 0 ? 1
                                                             : 60);
    }
    free(text);
    return sum;
}

/* Of metrics of quality all is counted: both time and memory, of the graph of Inception
 * too. */
#define METRICS "--set run.evaluate.metrics=[frechet,kid,prdc] "
static void metrics(void) {
    FTL_CHECK(whole_run("run tiny.yaml --out other --dry-run") == 0);
    const double none_mib = said("memory"), none_s = seconds_of("evaluate");
    FTL_CHECK(whole_run("run tiny.yaml --out other " METRICS "--dry-run") == 0);
    const double some_s = seconds_of("evaluate");
    printf("evaluate: %.3f s and %.0f MiB, %.3f s with metrics\n", none_s, none_mib,
            some_s);
    FTL_CHECK(none_s > 0 && some_s > none_s);
    if (ftl_test_is_checked()) return; /* the graph takes minutes */
    FTL_CHECK(whole_run_fixture("inception weights.h5"));
    FTL_CHECK(whole_run("run tiny.yaml --out other --set run.evaluate.metrics=[kid] "
                        "--set run.evaluate.n=20 --set "
                        "run.evaluate.features=inception-2015 --set "
                        "run.evaluate.weights=weights.h5 --dry-run") == 0);
    const double all_mib = said("memory"), all_s = seconds_of("evaluate");
    printf("with Inception's: %.3f s and %.0f MiB\n", all_s, all_mib);
    FTL_CHECK(all_s > some_s);
    FTL_CHECK(all_mib > none_mib + 87); /* its weights alone */
}

static double size_of(const char *path) {
    struct stat info;
    if (stat(whole_run_path("%s", path), &info) == 0) return (double)info.st_size;
    ftl_test_fail(__FILE__, __LINE__, "%s: is not there", path);
    return 0;
}

/* Of files of the run "fp32". */
static double bytes_of(const char *const *names, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
        char path[128];
        snprintf(path, sizeof path, "fp32/%s", names[i]);
        sum += size_of(path);
    }
    return sum;
}

static void disk(void) {
    static const char *const checkpoints[] = {"checkpoints/classifier.h5",
            "checkpoints/pretrain.h5", "checkpoints/pretrain-best-fd.h5",
            "checkpoints/pretrain-best-frechet.h5", "checkpoints/adapt.h5",
            "checkpoints/adapt-best-fd.h5", "checkpoints/adapt-best-frechet.h5"};
    static const char *const others[] = {"data.h5", "log.txt", "stats.jsonl",
            "config.yaml", "metrics.json", "samples/before-after.png"};
    const double forecast = disk_mib * 1048576;
    const double least = bytes_of(checkpoints, 7), all = least + bytes_of(others, 6);
    printf("%.0f bytes were forecast, %.0f taken\n", forecast, all);
    FTL_CHECK(forecast > all - 0.05 * 1048576 && forecast < 1.1 * all);
    /* A picture after every step, for years. */
    FTL_CHECK(
            whole_run("run tiny.yaml --out other --set run.pretrain.kimg=1000000 --set "
                      "run.pretrain.samples=1024 --set run.pretrain.sample_every=0.001 "
                      "--dry-run") == 0);
    FTL_CHECK(whole_run_printed("that is more than the "));
}

/* What is said of pictures, of the report: how much behind "up to", and behind "and".
 */
static void read_bounds(double *pictures, double *report) {
    char *text = whole_run_read("out.txt");
    const char *at = text ? strstr(text, " up to ") : NULL;
    if (!at || sscanf(at, " up to %lf for pictures and %lf for the report", pictures,
                       report) != 2)
        *pictures = *report = -1;
    free(text);
}

/* As if PNG compressed nothing: never less than they take, and TensorBoard has each
 * picture once more, not what is in the report. */
#define DRAWS "run tiny.yaml --set run.pretrain.samples=1024 "
static void pictures(void) {
    double pictures, report, both, same;
    FTL_CHECK(whole_run(DRAWS "--out drawn --dry-run") == 0);
    const double plain = said("disk");
    read_bounds(&pictures, &report);
    FTL_CHECK(whole_run(DRAWS "--out drawn --set log.tensorboard=true --dry-run") == 0);
    const double twice = said("disk");
    read_bounds(&both, &same);
    FTL_CHECK(pictures > 1 && report > pictures && same - report < 0.01);
    FTL_CHECK(both > 1.9 * pictures && both < 2.1 * pictures);
    FTL_CHECK(twice - plain > both - pictures - 0.2 &&
              twice - plain < both - pictures + 0.2);
    FTL_CHECK(whole_run(DRAWS "--out drawn --set log.tensorboard=true") == 0);
    const double page = size_of("drawn/report.html"),
                 events = size_of("drawn/tensorboard/events.out.tfevents.0.fairtl"),
                 grid = size_of("drawn/samples/pretrain-final.png");
    FTL_CHECK(page > 0 && page < report * 1048576 && grid > 0);
    FTL_CHECK(events > grid && events < pictures * 1048576);
}

static void what_is_left(void) {
    FTL_CHECK(whole_run("run tiny.yaml --out fresh --dry-run") == 0);
    FTL_CHECK(said("classifier") == 16 && said("pretrain") == 15);
    FTL_CHECK(said("adapt: linear-probe") == 5 && said("adapt: fine-tune") == 5);
    pid_t process = whole_run_start("run tiny.yaml --out stopped --set "
                                    "run.pretrain.kimg=40");
    bool there = whole_run_await(process, "stopped/checkpoints", "step-00000021");
    kill(process, SIGINT);
    FTL_CHECK(there && whole_run_end(process) == 130);
    FTL_CHECK(whole_run("run tiny.yaml --out stopped --set run.pretrain.kimg=40 "
                        "--resume --dry-run") == 0);
    FTL_CHECK(whole_run_printed("goes on       from stopped/checkpoints/step-"));
    FTL_CHECK(said("classifier") == -1);
    FTL_CHECK(said("pretrain") > 0 && said("pretrain") <= 4995);
    /* It still goes on from where it was. */
    FTL_CHECK(whole_run("run tiny.yaml --out stopped --set run.pretrain.kimg=40 "
                        "--resume --dry-run") == 0);
}

static void an_end_before_its_time(void) {
    whole_run_remove("out.txt");
    pid_t process = whole_run_start("%s--set run.pretrain.batch=128 --out other "
                                    "--dry-run",
            large());
    /* Printed before the part that takes its time. */
    const bool there = whole_run_await_text(process, "out.txt", "\nparameters ");
    kill(process, SIGINT);
    FTL_CHECK(whole_run_end(process) == 130 && there);
    FTL_CHECK(whole_run_complained("interrupted; nothing was written"));
    FTL_CHECK(!whole_run_exists("other"));
}

int main(void) {
    whole_run_begin();
    FTL_TEST(memory);
    FTL_TEST(disk);
    FTL_TEST(metrics);
    FTL_TEST(pictures);
    FTL_TEST(what_is_left);
    FTL_TEST(an_end_before_its_time);
    return ftl_test_finish();
}
