/* test_profile.c - fairtl profile: the table fits a terminal, what it says adds up, and
 * the trace is what Chrome's viewer reads. */
#include "test/harness.h"
#include "trainers/profile/profile.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const config =
        "seed: 1\n"
        "data: {pack: none.h5, attribute: a, groups: {x: [0], y: [1]}, majority: x,\n"
        "  bias: 0.9, ref_ratio: 0.1, sizes: {classifier: 8, validation: 8,\n"
        "  evaluation: 8}}\n"
        "model: {arch: biggan, resolution: 32, ch: 2, z_dim: 8, precision: fp32}\n"
        "run:\n";
static const char *const pretrain =
        "  - pretrain: {kimg: 1, batch: 4, d_steps: 3, beta1: 0.5}\n";
static const char *const adapt =
        "  - adapt: {method: fairtl++, lambda: 0.5, batch: 4, stages: "
        "[{name:\n"
        "      probe, kimg: 0.1, freeze: [\"D@32\"]}, {name: tune, kimg: 0.9}]}\n";

static char *text;
static char path[4096], trace[4096];

static void write_config(const char *stages) {
    snprintf(path, sizeof path, "%s/p.yaml", ftl_test_directory());
    snprintf(trace, sizeof trace, "%s/p.json", ftl_test_directory());
    FILE *file = fopen(path, "w");
    if (!file) {
        ftl_test_fail(__FILE__, __LINE__, "%s", path);
        return;
    }
    fprintf(file, "%s%s", config, stages);
    fclose(file);
}

/* Profile into `text`. */
static ftl_status profile(const char *stages, int rows) {
    size_t n;
    write_config(stages);
    free(text);
    text = NULL;
    FILE *file = open_memstream(&text, &n);
    if (!file) return FTL_ENOMEM;
    ftl_status status = ftl_profile(&(ftl_profile_options) {.config = path,
                                            .steps = 2,
                                            .rows = rows,
                                            .channels = 3,
                                            .trace = trace},
            file);
    fclose(file);
    return status;
}

static size_t longest_line(void) {
    size_t longest = 0;
    for (const char *line = text; *line;) {
        const size_t n = strcspn(line, "\n");
        if (n > 100) printf("too long: %.*s\n", (int)n, line);
        if (n > longest) longest = n;
        line += n + (line[n] != 0);
    }
    return longest;
}

/* The number behind the name at the beginning of a line, the last of such lines. */
static double number_of(const char *name) {
    char line[128];
    double number = (double)NAN;
    snprintf(line, sizeof line, "\n%s ", name);
    for (const char *at = text; (at = strstr(at, line)); at++)
        number = strtod(at + strlen(line), NULL);
    return number;
}

static void the_table_adds_up(void) {
    static const char *const parts[] = {"convolutions", "matrix products", "reorders",
            "other calls, bound by memory", "optimisers and average",
            "images and latents", "finite?, statistics"};
    static const char *const memory[] = {"values between calls", "inputs and outputs",
            "generator", "discriminators", "average of the generator", "gradients",
            "moments", "images", "program"};
    double sum = 0, mib = 0, rows = 0;
    int n = 0;
    FTL_CHECK_OK(profile(pretrain, 0));
    FTL_CHECK(strstr(text, "a step is 3 discriminator steps"));
    FTL_CHECK(longest_line() <= 100);
    for (int i = 0; i < 7; i++)
        sum += number_of(parts[i]);
    for (int i = 0; i < 9; i++)
        mib += number_of(memory[i]);
    FTL_CHECK_NEAR(sum, number_of("sum of medians"), 0.05);
    FTL_CHECK_NEAR(mib, number_of("peak of this process"), 0.6);
    /* beta1 > 0: as many first moments as second ones, and as gradients. */
    FTL_CHECK_NEAR(number_of("moments"), 2 * number_of("gradients"), 0.11);
    FTL_CHECK(number_of("a whole step") > 0);
    const char *line = strchr(strstr(text, "\n     ms"), ' ');
    for (line += strcspn(line, "\n") + 1;
            *line == ' ' || (*line >= '0' && *line <= '9');
            line += strcspn(line, "\n") + 1, n++)
        rows += strtod(line, NULL);
    FTL_CHECK(n > 500);
    /* Each row is rounded, many to 0.00. */
    FTL_CHECK(rows > 0.5 * sum && rows < 1.1 * sum);
}

static void a_short_table_says_what_it_leaves_out(void) {
    FTL_CHECK_OK(profile(pretrain, 5));
    FTL_CHECK(strstr(text, " more (--rows 0 shows all)"));
    FTL_CHECK(longest_line() <= 100);
}

static void without_pretraining_the_longest_stage_of_the_adaptation_is_run(void) {
    FTL_CHECK_OK(profile(adapt, 0));
    FTL_CHECK(strstr(text, "adapt, tune: a step is"));
    FTL_CHECK(strstr(text, " D_s.blocks.0.0."));
    FTL_CHECK_FAILS(profile("  - evaluate: {samples: 100}\n", 0), FTL_ECONFIG, "run");
}

/* A complete event of a call says all of it; *end_us is where the last one ended. */
static bool is_complete(const json_t *event, double *end_us) {
    static const char *const texts[] = {
            "layer", "shape", "kernel", "layout", "type", "phase"};
    const json_t *args = json_object_get(event, "args");
    const double ts = json_real_value(json_object_get(event, "ts"));
    const double dur = json_real_value(json_object_get(event, "dur"));
    if (!json_is_string(json_object_get(event, "name"))) return false;
    if (!json_is_string(json_object_get(event, "cat"))) return false;
    if (json_integer_value(json_object_get(event, "pid")) != 1) return false;
    if (dur < 0 || ts < *end_us - 1e-3) return false;
    *end_us = ts + dur;
    for (int i = 0; i < 6 && json_integer_value(json_object_get(event, "tid")) == 2;
            i++)
        if (!json_is_string(json_object_get(args, texts[i]))) return false;
    return true;
}

static void the_trace_is_chromes(void) {
    json_error_t error;
    double end_us = 0;
    int n_complete = 0, n_adam = 0, n_d_conv = 0, n_bad = 0;
    FTL_CHECK_OK(profile(pretrain, 1));
    json_t *root = json_load_file(trace, 0, &error);
    FTL_CHECK(root);
    const json_t *events = json_object_get(root, "traceEvents"), *event;
    size_t i;
    json_array_foreach(events, i, event) {
        const char *ph = json_string_value(json_object_get(event, "ph"));
        const char *name = json_string_value(json_object_get(event, "name"));
        const char *layer = json_string_value(
                json_object_get(json_object_get(event, "args"), "layer"));
        if (!ph || strcmp(ph, "X") != 0) continue;
        n_complete++;
        n_bad += !is_complete(event, &end_us);
        n_adam += strcmp(name, "adam") == 0;
        n_d_conv += layer && strcmp(layer, "D.blocks.0.0.conv1") == 0 &&
                    strncmp(name, "conv", 4) == 0;
    }
    json_decref(root);
    FTL_CHECK(n_bad == 0);
    FTL_CHECK(n_complete > 1000);
    FTL_CHECK(n_adam == 4); /* three of the discriminator, one of the generator */
    /* Forward and weights three times, forward and data once. */
    FTL_CHECK(n_d_conv == 8);
}

int main(void) {
    FTL_TEST(the_table_adds_up);
    FTL_TEST(a_short_table_says_what_it_leaves_out);
    FTL_TEST(without_pretraining_the_longest_stage_of_the_adaptation_is_run);
    FTL_TEST(the_trace_is_chromes);
    free(text);
    return ftl_test_finish();
}
