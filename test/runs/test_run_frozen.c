/* test_run_frozen.c - what a run freezes keeps every byte, and nothing else does: its
 * parameters, moments and counts of steps, singular vectors and batch statistics, from
 * the first step of an adaptation to the last. */
#include "checkpoints/checkpoint.h"
#include "test/harness.h"
#include "test/runs/whole_run.h"
#include "trainers/gan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const ftl_gan_options tiny = {
        .resolution = 32, .channels = 1, .ch = 1, .z_dim = 8};

/* A network and its optimiser, as a checkpoint has them. */
typedef struct network {
    ftl_store *store;
    ftl_adam adam;
} network;

static void release(network *n) {
    ftl_adam_deinit(&n->adam);
    ftl_store_free(n->store);
}

static ftl_status read_adam(ftl_checkpoint *c, ftl_adam *adam) {
    const char *name = adam->store->name;
    const int64_t n = adam->store->n_states;
    char full[64];
    snprintf(full, sizeof full, "adam.%s.moment1", name);
    FTL_TRY(ftl_checkpoint_get_block(c, full, adam->store, adam->moment1));
    snprintf(full, sizeof full, "adam.%s.moment2", name);
    FTL_TRY(ftl_checkpoint_get_block(c, full, adam->store, adam->moment2));
    snprintf(full, sizeof full, "adam.%s.steps", name);
    return ftl_checkpoint_get(c, full, FTL_H5_I64, 1, &n, adam->steps);
}

/* Release *out also after a failure. */
static ftl_status read_network(network *out, const char *path, const char *name) {
    ftl_checkpoint *c = NULL;
    ftl_status status;
    *out = (network) {0};
    FTL_TRY_OUT(ftl_checkpoint_open(&c, whole_run_path("%s", path)));
    FTL_TRY_OUT(name[0] == 'G' ? ftl_gan_make_generator(
                                         &out->store, name, &ftl_biggan, &tiny, 1)
                               : ftl_gan_make_discriminator(
                                         &out->store, name, &ftl_biggan, &tiny, 1));
    FTL_TRY_OUT(ftl_checkpoint_get_store(c, name, out->store));
    FTL_TRY_OUT(ftl_adam_init(&out->adam, out->store, true));
    FTL_TRY_OUT(read_adam(c, &out->adam));
out:
    ftl_checkpoint_close(c);
    return status;
}

static bool same(const float *a, const float *b, const ftl_state *state) {
    return memcmp(a + state->offset, b + state->offset,
                   (size_t)ftl_shape_count(state->shape) * sizeof *a) == 0;
}

static bool begins_with_one(const char *name, const char *const *prefixes) {
    for (int i = 0; prefixes[i]; i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0) return true;
    return false;
}

/* Whatever there is of one tensor; NULL if all is as it should be. */
static const char *fault(
        const network *before, const network *after, int i, bool still) {
    const ftl_state *state = before->store->state[i];
    const bool is_parameter = state->kind == FTL_PARAMETER;
    /* A spectral vector of one element is 1 or -1 whatever happens. */
    const bool may_move = is_parameter || ftl_shape_count(state->shape) > 1;
    if ((still || may_move) &&
            same(before->store->block, after->store->block, state) != still)
        return "its values";
    if (!is_parameter) return NULL;
    if (same(before->adam.moment1, after->adam.moment1, state) != still)
        return "its first moment";
    if (same(before->adam.moment2, after->adam.moment2, state) != still)
        return "its second moment";
    if ((before->adam.steps[i] == after->adam.steps[i]) != still)
        return "its count of steps";
    return NULL;
}

/* Between these checkpoints what begins with a prefix kept its bytes, and the rest did
 * not. Returns how many tensors stood still, -1 if anything is wrong. */
static int count_frozen(const char *before, const char *after, const char *name,
        const char *const *prefixes) {
    network a, b = {0};
    int n = 0, wrong = 0;
    ftl_status status = read_network(&a, before, name);
    if (status == FTL_OK) status = read_network(&b, after, name);
    if (status != FTL_OK) ftl_test_fail(__FILE__, __LINE__, "%s", ftl_message());
    for (int i = 0; status == FTL_OK && i < a.store->n_states; i++) {
        const char *tensor = a.store->state[i]->name;
        const bool still = begins_with_one(tensor, prefixes);
        const char *what = fault(&a, &b, i, still);
        n += still;
        if (!what) continue;
        ftl_test_fail(__FILE__, __LINE__, "%s.%s: %s %s", name, tensor, what,
                still ? "changed, and it is frozen" : "did not change");
        wrong++;
    }
    release(&a);
    release(&b);
    return status == FTL_OK && wrong == 0 ? n : -1;
}

/* Two adaptations: one that gathers moments, then this one, which goes on with them. */
static int adapt(const char *out, const char *settings) {
    return whole_run("adapt --from whole/checkpoints/pretrain.h5 tiny.yaml --out %s "
                     "--set run=[{adapt:~{kimg:~0.02,~batch:~4,~beta1:~0.5}},~{adapt:~"
                     "{kimg:~0.04,~batch:~4,~beta1:~0.5,~carry:~true,~%s}}]",
            out, settings);
}

/* What the log says that was frozen. */
static bool log_has(const char *run, const char *line) {
    char path[64];
    snprintf(path, sizeof path, "%s/log.txt", run);
    char *log = whole_run_read(path);
    const bool has = log && strstr(log, line);
    free(log);
    return has;
}

static void pretrains(void) { FTL_CHECK(whole_run("run tiny.yaml --out whole") == 0); }

/* The rule of FreezeD: the blocks of the two highest resolutions, from the first step
 * to the last; all of G trains. */
static void freezed_freezes_throughout(void) {
    static const char before[] = "freezed/checkpoints/adapt.h5",
                      after[] = "freezed/checkpoints/adapt-2.h5";
    static const char *const low[] = {"blocks.0.", "blocks.1.", NULL}, *const none[] = {
                                                                               NULL};
    FTL_CHECK(adapt("freezed", "method:~freezed") == 0);
    FTL_CHECK(count_frozen(before, after, "D", low) == 24);
    FTL_CHECK(count_frozen(before, after, "G", none) == 0);
    FTL_CHECK(log_has(
            "freezed", "adapt-2: \"D@32\" freezes 12 tensors: D.blocks.0.0.* (12)\n"));
    FTL_CHECK(log_has(
            "freezed", "adapt-2: \"D@16\" freezes 12 tensors: D.blocks.1.0.* (12)\n"));
}

/* In G too, where there are batch statistics. */
static void g_freezes_too(void) {
    static const char before[] = "both/checkpoints/adapt.h5",
                      after[] = "both/checkpoints/adapt-2.h5";
    static const char *const first[] = {"blocks.0.", NULL};
    FTL_CHECK(adapt("both", "freeze:~[G@4,~D@32]") == 0);
    FTL_CHECK(count_frozen(before, after, "D", first) == 12);
    FTL_CHECK(count_frozen(before, after, "G", first) == 20);
    FTL_CHECK(log_has(
            "both", "adapt-2: \"G@4\" freezes 20 tensors: G.blocks.0.0.* (20)\n"));
}

int main(void) {
    whole_run_begin();
    FTL_TEST(pretrains);
    FTL_TEST(freezed_freezes_throughout);
    FTL_TEST(g_freezes_too);
    return ftl_test_finish();
}
