/* test_method_printed.c - what methods print of themselves can stand in a configuration
 * in their place, and expands to the same, number by number. */
#include "test/harness.h"
#include "test/trainers/expansion.h"

#include <string.h>

/* The printed expansion in the place of the keys that it came from. */
static ftl_status read_again(ftl_test_expansion *again, ftl_test_expansion *e) {
    const char *text;
    char entry[3072];
    *again = (ftl_test_expansion) {0};
    FTL_TRY(ftl_adaptation_describe(&text, &e->all, e->adapt, 6, e->arena));
    snprintf(entry, sizeof entry, "adapt:\n      batch: %d\n      g_lr: 0.5\n%s",
            (int)e->adapt->gan.batch, text);
    return ftl_test_expand_entry(again, entry);
}

static bool same_judge(const ftl_judge *a, const ftl_judge *b) {
    return strcmp(a->name, b->name) == 0 && a->trains == b->trains &&
           a->weight == b->weight && (!a->trains || a->source == b->source);
}

static bool same_segment(const ftl_segment *a, const ftl_segment *b) {
    bool same = strcmp(a->name, b->name) == 0 && a->n_steps == b->n_steps &&
                a->g_lr == b->g_lr && a->d_lr == b->d_lr && a->n_freeze == b->n_freeze;
    for (int i = 0; same && i < a->n_freeze; i++)
        same = strcmp(a->freeze[i], b->freeze[i]) == 0;
    return same;
}

static bool same_importance(
        const ftl_importance_settings *a, const ftl_importance_settings *b) {
    return a->alpha == b->alpha && a->lr == b->lr && a->width == b->width &&
           a->epochs == b->epochs && a->batch == b->batch;
}

static bool same(const ftl_test_expansion *e, const ftl_test_expansion *f) {
    const ftl_adaptation *a = &e->all, *b = &f->all;
    bool same = a->n_judges == b->n_judges && a->n_segments == b->n_segments &&
                a->fresh == b->fresh && a->importance == b->importance &&
                a->augment == b->augment && a->lecam.weight == b->lecam.weight &&
                a->lecam.decay == b->lecam.decay && a->ewc == b->ewc &&
                a->ewc_samples == b->ewc_samples;
    for (int i = 0; same && i < a->n_judges; i++)
        same = same_judge(&a->judge[i], &b->judge[i]);
    for (int i = 0; same && i < a->n_segments; i++)
        same = same_segment(&a->segment[i], &b->segment[i]);
    return same && same_importance(&e->adapt->importance, &f->adapt->importance);
}

static void check(int batch, const char *keys) {
    ftl_test_expansion e, again = {0};
    const char *first = "", *second = "";
    ftl_status status = ftl_test_expand(&e, batch, keys);
    if (status == FTL_OK) status = read_again(&again, &e);
    if (status == FTL_OK)
        status = ftl_adaptation_describe(&first, &e.all, e.adapt, 2, e.arena);
    if (status == FTL_OK)
        status = ftl_adaptation_describe(
                &second, &again.all, again.adapt, 2, again.arena);
    if (status != FTL_OK)
        ftl_test_fail(__FILE__, __LINE__, "%s: %s", keys, ftl_message());
    else if (!same(&e, &again) || strcmp(first, second) != 0)
        ftl_test_fail(
                __FILE__, __LINE__, "%s is\n%sand that is\n%s", keys, first, second);
    ftl_clear();
    ftl_test_expansion_close(&again);
    ftl_test_expansion_close(&e);
}

static void every_method_is_what_it_prints(void) {
    static const char *const keys[] = {"method: fairtl, kimg: 4",
            "method: fairtl, kimg: 4, freeze: [D@32, \"G.linear.*\", D.linear.bias]",
            "method: fairtl++, kimg: 4",
            "method: fairtl++, kimg: 4, lambda: 0.3333333333333333",
            "method: fairtl++, kimg: 4, lambda: 0.9, probe: 0.123456789",
            "method: fairtl++, kimg: 4, lambda: 0",
            "method: fairtl++, kimg: 4, lambda: 1",
            "method: fairtl++, kimg: 4, lambda: 1e-9, probe: 0",
            "method: fairtl++, kimg: 4, probe: 1, freeze: [\"D.blocks.0.*\"]",
            "method: freezed, kimg: 4", "method: freezed, kimg: 4, freeze: [D@8]",
            "method: scratch, kimg: 4", "method: scratch, kimg: 4, augment: [cutout]",
            "method: scratch, stages: [{name: a, kimg: 1}, {name: b, kimg: 2}]",
            "method: lecam, kimg: 4",
            "method: lecam, kimg: 4, lecam: 0.12345678901, lecam_decay: 0.99990",
            "method: ewc, kimg: 4, ewc: 1234567.891, ewc_samples: 1000000",
            "method: diffaugment, kimg: 4",
            "method: diffaugment, kimg: 4, augment: [cutout, colour]",
            "method: importance, kimg: 4",
            "method: importance, kimg: 4, importance: {alpha: 0.123456789, width: 2, "
            "epochs: 20, batch: 16, lr: 1.23456789e-7}"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        check(4, keys[i]);
    for (int i = 0; ftl_methods[i]; i++) { /* none was forgotten */
        char begins[64];
        bool is_there = false;
        snprintf(begins, sizeof begins, "method: %s,", ftl_methods[i]->name);
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
            is_there |= strncmp(keys[k], begins, strlen(begins)) == 0;
        FTL_CHECK(is_there);
    }
}

static void parts_are_printed_too(void) {
    check(4, "method: fairtl, discriminators: [{name: D, weight: 0.5}, {name: D_s, "
             "train: false, weight: 0.5}], stages: [{name: linear-probe, kimg: 2, "
             "freeze: [\"D@32\", \"D@16\"]}, {name: fine-tune, kimg: 2, g_lr: 0.5}]");
    check(4, "kimg: 1, discriminators: [{name: D, weight: 0, data: biased}, {name: "
             "D_both, weight: 1e-9, data: biased+reference}, {name: D_r, weight: "
             "0.1234567890123}]");
    check(4, "method: fairtl++, kimg: 4, ewc: 1.0e-7, lecam: 999.999999, augment: "
             "[translation]");
    /* Names that mean something else without quotes. */
    check(4, "stages: [{name: \"a, b: {c}\", kimg: 1}, {name: \"3\", kimg: 1}, {name: "
             "\"null\", kimg: 1}, {name: \"x\\\"\\n\\\\ # y\", kimg: 1, freeze: "
             "[\"D.blocks.[01].*\", \"D.\\\"\"]}]");
    check(4, "stages: [{name: a, kimg: 1, g_lr: 1.23456789e-4, d_lr: 1.0e-9}]");
}

/* Lengths are those of whole steps, in as many digits as it takes. */
static void lengths_are_exact(void) {
    check(4, "kimg: 1234.5678");
    check(3, "kimg: 1234.5678");
    check(4, "kimg: 1e-9");
    check(7, "kimg: 1e6"); /* of which the last step is not full */
    check(4096, "kimg: 1e6");
    check(2, "kimg: 999999.9999");
    /* So many steps that the product with the batch, printed, would be one step more.
     */
    check(3, "kimg: 133034.70134028757");
    check(5, "kimg: 526716.0443260871");
}

int main(void) {
    FTL_TEST(every_method_is_what_it_prints);
    FTL_TEST(parts_are_printed_too);
    FTL_TEST(lengths_are_exact);
    return ftl_test_finish();
}
