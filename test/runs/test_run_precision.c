/* test_run_precision.c - runs in bf16 end with the same bytes when they are stopped,
 * and what model.precision: auto came to is kept. */
#include "engine/backend/machine.h"
#include "engine/backend/onednn.h"
#include "test/harness.h"
#include "test/runs/whole_run.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define HALF "run tiny.yaml --set model.precision=bf16"
#define AUTO "run tiny.yaml --set model.precision=auto"

static bool holds(const char *path, const char *text) {
    char *file = whole_run_read(path);
    const bool found = file && strstr(file, text);
    free(file);
    return found;
}

static void resumes_in_bf16(void) {
    FTL_CHECK(whole_run(HALF " --out whole") == 0);
    pid_t process = whole_run_start(HALF " --out killed");
    whole_run_await(process, "killed/checkpoints", "classifier.h5");
    kill(process, SIGKILL);
    whole_run_end(process);
    process = whole_run_start(HALF " --out killed --resume");
    whole_run_await(process, "killed/checkpoints", "pretrain.h5");
    kill(process, SIGTERM);
    whole_run_end(process);
    FTL_CHECK(whole_run(HALF " --out killed --resume") == 0);
    FTL_CHECK(whole_run_same("whole", "killed"));
}

/* It comes to what is faster here; a run that was begun with something else keeps that.
 */
static void auto_is_settled_once(void) {
    FTL_CHECK(whole_run(AUTO " --out auto") == 0);
    const bool gains = ftl_machine_gains_by_bf16();
    FTL_CHECK(holds("auto/config.yaml", gains ? "precision: bf16" : "precision: fp32"));
    FTL_CHECK(whole_run_same("whole", "auto") == gains);
    FTL_CHECK(whole_run(AUTO " --out auto --resume") == 0);
    pid_t process = whole_run_start("run tiny.yaml --out wide");
    whole_run_await(process, "wide/checkpoints", "classifier.h5");
    kill(process, SIGTERM);
    whole_run_end(process);
    FTL_CHECK(whole_run(AUTO " --out wide --resume") == 0);
    FTL_CHECK(holds("wide/config.yaml", "precision: fp32"));
    FTL_CHECK(whole_run(AUTO " --out wide --dry-run") == 0);
    FTL_CHECK(whole_run("run tiny.yaml --out left_alone") == 0);
    FTL_CHECK(whole_run_same("left_alone", "wide"));
    FTL_CHECK(whole_run(HALF " --out wide --resume") == 2);
    FTL_CHECK(whole_run_complained(
            "\"precision: fp32\" there, \"precision: bf16\" here"));
}

/* They are not the same runs under two names. */
static void precisions_differ(void) {
    FTL_CHECK(!whole_run_same_file(
            "whole/checkpoints/pretrain.h5", "wide/checkpoints/pretrain.h5"));
    FTL_CHECK(!whole_run_same_file(
            "whole/samples/pretrain-final.png", "wide/samples/pretrain-final.png"));
}

int main(void) {
    if (!ftl_onednn_has_bf16()) return ftl_test_skip("oneDNN has no native bf16 here");
    whole_run_begin();
    FTL_TEST(resumes_in_bf16);
    FTL_TEST(auto_is_settled_once);
    FTL_TEST(precisions_differ);
    return ftl_test_finish();
}
