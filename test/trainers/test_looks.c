/* test_looks.c - when looks end a stage, and that their latents are nobody else's. */
#include "test/harness.h"
#include "trainers/run/run_trainers.h"

#include <string.h>

/* As after a look with these shares of three groups. */
static void see_three(ftl_progress *p, double one, double two, double three) {
    memmove(p->looks, p->looks + 1, (FTL_MAX_LOOKS - 1) * sizeof *p->looks);
    memcpy(p->looks[FTL_MAX_LOOKS - 1], (double[]) {one, two, three},
            3 * sizeof(double));
    p->n_looks++;
}

/* As after looks with these shares of the first of two groups. */
static void see_shares(ftl_progress *p, const double *share, int n) {
    for (int i = 0; i < n; i++)
        see_three(p, share[i], 1 - share[i], 0);
}

static ftl_looks_end judge(const ftl_looks *l, const ftl_progress *p) {
    return ftl_looks_judge(l, p);
}

static void shares_that_settle(void) {
    const ftl_looks_settings looks = {.every = 0.2, .samples = 16};
    ftl_settle_settings settle = {.from = 1, .within = 0.05, .count = 3};
    const ftl_plateau_settings plateau = {0};
    ftl_progress p = {.step = 100};
    ftl_looks l;
    ftl_looks_init(&l, 10, &looks, &settle, &plateau);
    FTL_CHECK(l.every == 20 && l.settle_from == 100);
    see_shares(&p, (double[]) {0.7, 0.71}, 2);
    FTL_CHECK(judge(&l, &p) == FTL_LOOKS_GO_ON); /* two are too few */
    see_shares(&p, (double[]) {0.74}, 1);
    FTL_CHECK(judge(&l, &p) == FTL_LOOKS_SETTLED);
    p.step = 99;
    FTL_CHECK(judge(&l, &p) == FTL_LOOKS_GO_ON); /* too early */
    p.step = 100;
    see_shares(&p, (double[]) {0.77}, 1);
    FTL_CHECK(judge(&l, &p) == FTL_LOOKS_GO_ON); /* 0.71 and 0.77 */
    see_shares(&p, (double[]) {0.75}, 1);
    FTL_CHECK(judge(&l, &p) == FTL_LOOKS_SETTLED);
    settle.count = 0;
    FTL_CHECK(judge(&l, &p) == FTL_LOOKS_GO_ON);
    ftl_looks_init(&l, 10, &looks, NULL, &plateau);
    FTL_CHECK(judge(&l, &p) == FTL_LOOKS_GO_ON);
}

/* The first group's share stands still while the others' still move. */
static void shares_of_other_groups(void) {
    const ftl_looks_settings looks = {.every = 0.2, .samples = 16};
    const ftl_settle_settings settle = {.from = 1, .within = 0.05, .count = 3};
    const ftl_plateau_settings plateau = {0};
    ftl_progress p = {.step = 100};
    ftl_looks l;
    ftl_looks_init(&l, 10, &looks, &settle, &plateau);
    see_three(&p, 0.5, 0.1, 0.4);
    see_three(&p, 0.5, 0.2, 0.3);
    see_three(&p, 0.5, 0.22, 0.28);
    FTL_CHECK(judge(&l, &p) == FTL_LOOKS_GO_ON);
    see_three(&p, 0.5, 0.24, 0.26);
    FTL_CHECK(judge(&l, &p) == FTL_LOOKS_SETTLED);
}

static void nothing_better(void) {
    const ftl_looks_settings looks = {.every = 0.2, .samples = 16, .frechet = true};
    ftl_plateau_settings plateau = {.of = 1, .count = 3, .from = 1};
    ftl_progress p = {.step = 100, .n_looks = 3};
    ftl_looks l;
    ftl_looks_init(&l, 10, &looks, NULL, &plateau);
    FTL_CHECK(judge(&l, &p) == FTL_LOOKS_GO_ON); /* no best, no plateau */
    p.best[FTL_KEPT_BEST_FD] = (ftl_best) {.has = true, .look = 1};
    p.best[FTL_KEPT_BEST_FRECHET] = (ftl_best) {.has = true, .look = 3};
    p.n_looks = 5;
    FTL_CHECK(judge(&l, &p) == FTL_LOOKS_GO_ON); /* two since the third */
    plateau.of = 0;
    FTL_CHECK(judge(&l, &p) == FTL_LOOKS_PLATEAU); /* four since the first */
    plateau.of = 1;
    p.n_looks = 6;
    FTL_CHECK(judge(&l, &p) == FTL_LOOKS_PLATEAU);
    p.step = 99;
    FTL_CHECK(judge(&l, &p) == FTL_LOOKS_GO_ON); /* too early */
    p.step = 100;
    plateau.count = 0;
    FTL_CHECK(judge(&l, &p) == FTL_LOOKS_GO_ON);
}

/* Neither those of another stage, nor of training, nor of reports. */
static void latents_of_their_own(void) {
    ftl_run_state run = {0};
    ftl_gan_trainer t = {.run = &run, .seed = 9};
    const ftl_random_key looks = ftl_gan_trainer_key(&t, FTL_STREAM_LATENT_CHOICE, 0);
    FTL_CHECK(looks.stream % 256 != FTL_STREAM_LATENT_REPORT);
    FTL_CHECK(looks.stream % 256 != FTL_STREAM_LATENT_D);
    FTL_CHECK(looks.stream % 256 != FTL_STREAM_LATENT_G);
    run.progress.stage = 1;
    const ftl_random_key next = ftl_gan_trainer_key(&t, FTL_STREAM_LATENT_CHOICE, 0);
    FTL_CHECK(looks.stream != next.stream);
    for (uint64_t step = 0; step < 8; step++) {
        const ftl_random_key report = {
                .seed = 9, .stream = FTL_STREAM_LATENT_REPORT, .step = step};
        float a[8], b[8], c[8];
        ftl_random_normal(a, 8, report, 0);
        ftl_random_normal(b, 8, looks, 0);
        ftl_random_normal(c, 8, next, 0);
        FTL_CHECK(memcmp(a, b, sizeof a) && memcmp(a, c, sizeof a));
    }
}

int main(void) {
    FTL_TEST(shares_that_settle);
    FTL_TEST(shares_of_other_groups);
    FTL_TEST(nothing_better);
    FTL_TEST(latents_of_their_own);
    return ftl_test_finish();
}
