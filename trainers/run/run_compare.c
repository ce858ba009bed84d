/* run_compare.c - what must be the same for a run to go on: its configuration, its
 * images, and what bits depend on. */
#include "trainers/features.h"
#include "trainers/run/run_state.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* One line of a text, without its newline. */
typedef struct line {
    const char *text;
    int n;
} line;

static line next_line(const char **at) {
    line l = {.text = *at, .n = (int)strcspn(*at, "\n")};
    *at += l.n;
    if (**at) ++*at;
    return l;
}

static bool equal(line a, line b) {
    return a.n == b.n && strncmp(a.text, b.text, (size_t)a.n) == 0;
}

static line trim(line l) {
    while (l.n > 0 && (l.text[0] == ' ' || l.text[0] == '-')) {
        l.text++;
        l.n--;
    }
    return l;
}

/* "difference, is (was was)"; in the arena; NULL when memory is out. */
static const char *append(ftl_arena *arena, const char *difference, line was, line is) {
    const char *colon = memchr(was.text, ':', (size_t)was.n);
    if (colon && colon + 1 < was.text + was.n) {
        was.n -= (int)(colon + 2 - was.text);
        was.text = colon + 2;
    }
    return ftl_arena_printf(arena, "%s%s%.*s (was %.*s)", difference,
            difference[0] ? ", " : "", is.n, is.text, was.n, was.text);
}

/* Is it the same learning rate in both lines, with different values? */
static bool is_learning_rate(line a, line b) {
    static const char *const keys[] = {"lr: ", "g_lr: ", "d_lr: "};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        size_t n = strlen(keys[i]);
        if (strncmp(a.text, keys[i], n) == 0 && strncmp(b.text, keys[i], n) == 0)
            return true;
    }
    return false;
}

ftl_status ftl_run_compare_config(const char **difference, const ftl_run_state *run,
        const char *was, const char *where) {
    const char *is = run->resolved;
    *difference = "";
    while (*was || *is) {
        line a = next_line(&was), b = next_line(&is);
        if (equal(a, b)) continue;
        a = trim(a);
        b = trim(b);
        bool rate = is_learning_rate(a, b);
        if (!rate || !run->options->inexact)
            return ftl_fail(FTL_ECONFIG,
                    "%s was written with another configuration: \"%.*s\" there, "
                    "\"%.*s\" here; resume with the same one, or give another --out%s",
                    where, a.n, a.text, b.n, b.text,
                    rate ? " (with --inexact a run goes on with other learning rates)"
                         : "");
        *difference = append(run->arena, *difference, a, b);
        if (!*difference) return FTL_ENOMEM;
    }
    return FTL_OK;
}

ftl_status ftl_run_compare_lines(
        const char **difference, ftl_arena *arena, const char *was, const char *is) {
    static const line nothing = {.text = "nothing", .n = 7};
    *difference = "";
    while (*was || *is) {
        line a = next_line(&was), b = next_line(&is);
        if (equal(a, b)) continue;
        *difference = append(arena, *difference, a.n ? a : nothing, b.n ? b : nothing);
        if (!*difference) return FTL_ENOMEM;
    }
    return FTL_OK;
}

/* "Inception's weights: HASH", for each stage that uses some. */
static ftl_status describe_weights(const char **text, const ftl_run_state *run) {
    for (int i = 0; i < run->settings.run.n && *text; i++) {
        char hash[FTL_SHA256_HEX];
        if (run->settings.run.item[i].kind != FTL_STAGE_EVALUATE) continue;
        const ftl_evaluate_settings *evaluate = run->settings.run.item[i].section;
        if (!evaluate->weights) continue;
        FTL_TRY(ftl_features_check_inception(hash, evaluate->weights));
        *text = ftl_arena_printf(
                run->arena, "%sInception's weights: %s\n", *text, hash);
    }
    return FTL_OK;
}

ftl_status ftl_run_describe_inputs(ftl_run_state *run) {
    const char *text = "";
    for (int i = 0; i < FTL_N_SPLITS && text; i++) {
        const ftl_split *split = &run->data.splits.split[i];
        if (split->file)
            text = ftl_arena_printf(
                    run->arena, "%s%s: %s\n", text, split->name, split->file->digest);
    }
    if (text && run->from)
        text = ftl_arena_printf(run->arena, "%sadapted from: %s\n", text, run->from);
    FTL_TRY(describe_weights(&text, run));
    run->inputs = text;
    return text ? FTL_OK : FTL_ENOMEM;
}
