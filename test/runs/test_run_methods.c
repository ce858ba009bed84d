/* test_run_methods.c - each way to adapt, as a run that is stopped and goes on: it ends
 * with the same bytes as one that is left alone. */
#include "test/harness.h"
#include "test/runs/whole_run.h"

#include <signal.h>
#include <stdio.h>

#define ADAPT "adapt --from whole/checkpoints/pretrain.h5 tiny.yaml --out "

/* Adapt with these settings, once in one go and once with a stop between. */
static bool resumes(const char *name, const char *settings) {
    char whole[1200], stopped[1200], a[64], b[64], folder[80];
    static const char words[] = ADAPT
            "%s --set run=[{adapt:~{batch:~4,~save_every:~0.008,~%s}},~{evaluate:~"
            "{samples:~64}}]";
    snprintf(a, sizeof a, "%s-whole", name);
    snprintf(b, sizeof b, "%s-stopped", name);
    snprintf(folder, sizeof folder, "%s/checkpoints", b);
    snprintf(whole, sizeof whole, words, a, settings);
    snprintf(stopped, sizeof stopped, words, b, settings);
    if (whole_run("%s", whole) != 0) return whole_run_complained("(nothing)");
    const pid_t process = whole_run_start("%s", stopped);
    (void)whole_run_await(process, folder, "step-");
    kill(process, SIGINT);
    const int status = whole_run_end(process);
    if (status != 130 && status != 0) return whole_run_complained("(a signal)");
    if (whole_run("%s --resume", stopped) != 0)
        return whole_run_complained("(nothing)");
    return whole_run_same(a, b);
}

static void pretrains(void) { FTL_CHECK(whole_run("run tiny.yaml --out whole") == 0); }

static void several_discriminators(void) {
    FTL_CHECK(resumes("several",
            "kimg:~0.04,~discriminators:~[{name:~D,~weight:~0.4},~{name:~D_b,~weight:~"
            "0.4,~data:~biased},~{name:~D_both,~weight:~0.1,~data:~both},~{name:~D_s,~"
            "weight:~0.1,~train:~false}]"));
}

int main(void) {
    whole_run_begin();
    FTL_TEST(pretrains);
    FTL_TEST(several_discriminators);
    return ftl_test_finish();
}
