/* gan_freeze.c - what stands still in a GAN's networks, and what is computed once
 * because of that; see gan.h. */
#include "trainers/gan.h"

#include "engine/base/memory_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a pattern names: "D@64", the blocks of a network whose input has so many px, or
 * a glob over full names. */
typedef struct pattern {
    const char *text;
    bool by_px;
    char network[32];
    int px;
} pattern;

static pattern read_pattern(const char *text) {
    pattern p = {.text = text};
    int end = 0;
    p.by_px = sscanf(text, "%31[A-Za-z0-9_]@%d%n", p.network, &p.px, &end) == 2 &&
              text[end] == 0;
    return p;
}

/* Of G at -1, else of a discriminator; NULL: it stands still anyhow. */
static ftl_store *store_at(const ftl_gan *gan, int i) {
    if (i < 0) return gan->g;
    return gan->d[i].trainable ? gan->d[i].store : NULL;
}

static bool matches(const pattern *p, const ftl_gan *gan, const ftl_store *store,
        const ftl_state *state) {
    if (!p->by_px) return ftl_store_matches(store, state, p->text);
    if (strcmp(p->network, store->name) != 0) return false;
    return (store == gan->g ? gan->model->generator_block_px
                            : gan->model->discriminator_block_px)(
                   state->name, &gan->options) == p->px;
}

ftl_status ftl_gan_freeze(ftl_gan *gan, const char *text, int *n) {
    const pattern p = read_pattern(text);
    *n = 0;
    for (int i = -1; i < gan->n_d; i++) {
        ftl_store *store = store_at(gan, i);
        if (store && !p.by_px) *n += ftl_store_freeze(store, text);
        for (int k = 0; store && p.by_px && k < store->n_states; k++) {
            if (!matches(&p, gan, store, store->state[k])) continue;
            store->state[k]->frozen = true;
            ++*n;
        }
    }
    if (*n > 0) return FTL_OK;
    return ftl_fail(FTL_ECONFIG,
            "the pattern \"%s\" matches no tensor of G or D; patterns are globs over "
            "full names (\"D.blocks.0.*\") or resolutions (\"D@%d\")",
            text, gan->options.resolution);
}

/* Bytes of a name that all of its block have in front: "blocks.0.0." of
 * "blocks.0.0.conv1.weight", up to the last part that is a number; without one the
 * first part, "linear."; 0: there is but one part. */
static size_t block_bytes(const char *name) {
    size_t first = 0, numbered = 0;
    for (const char *part = name, *end; (end = strchr(part, '.')); part = end + 1) {
        if (!first) first = (size_t)(end - name) + 1;
        if (strspn(part, "0123456789") == (size_t)(end - part))
            numbered = (size_t)(end - name) + 1;
    }
    return numbered ? numbered : first;
}

static bool same_block(const char *a, const char *b) {
    const size_t n = block_bytes(a);
    return n ? n == block_bytes(b) && strncmp(a, b, n) == 0 : strcmp(a, b) == 0;
}

/* A block of a network's tensors, or all of them, and what a pattern matches there. */
typedef struct block {
    const char *name;    /* of its first tensor */
    size_t bytes;        /* that all have in front; 0: all of the network */
    const char *matched; /* of the last one that matches */
    int n, n_matched;
} block;

static void count(block *b, const pattern *p, const ftl_gan *gan,
        const ftl_store *store, const ftl_state *state) {
    b->n++;
    if (!matches(p, gan, store, state)) return;
    b->n_matched++;
    b->matched = state->name;
}

/* The block that begins with tensor `first`; empty if one before it is of the same. */
static block look_at_block(
        const pattern *p, const ftl_gan *gan, const ftl_store *store, int first) {
    const char *name = store->state[first]->name;
    block b = {.name = name, .bytes = block_bytes(name)};
    for (int k = 0; k < store->n_states; k++) {
        if (!same_block(name, store->state[k]->name)) continue;
        if (k < first) return (block) {0};
        count(&b, p, gan, store, store->state[k]);
    }
    return b;
}

static block look_at_all(const pattern *p, const ftl_gan *gan, const ftl_store *store) {
    block b = {.name = ""};
    for (int k = 0; k < store->n_states; k++)
        count(&b, p, gan, store, store->state[k]);
    return b;
}

/* Append "D.blocks.0.0.* (12)", with "(2 of 12)" where not all match; the name of an
 * only one. */
static void print_block(FILE *file, const char *store, const block *b, int n_before) {
    if (b->n_matched == 0) return;
    fprintf(file, "%s%s.", n_before ? ", " : "", store);
    if (b->n_matched == 1)
        fputs(b->matched, file);
    else if (b->n_matched == b->n)
        fprintf(file, "%.*s* (%d)", (int)b->bytes, b->name, b->n);
    else
        fprintf(file, "%.*s* (%d of %d)", (int)b->bytes, b->name, b->n_matched, b->n);
}

/* Append what matches; returns how many that are. */
static int print_matches(FILE *file, const pattern *p, const ftl_gan *gan) {
    int n = 0;
    for (int i = -1; i < gan->n_d; i++) {
        const ftl_store *store = store_at(gan, i);
        if (!store) continue;
        const block all = look_at_all(p, gan, store);
        const bool is_all = all.n_matched == all.n;
        for (int k = 0; k < (is_all ? 1 : store->n_states); k++) {
            const block b = is_all ? all : look_at_block(p, gan, store, k);
            print_block(file, store->name, &b, n);
            n += b.n_matched;
        }
    }
    return n;
}

ftl_status ftl_gan_describe_frozen(
        const char **text, const ftl_gan *gan, const char *words, ftl_arena *arena) {
    const pattern p = read_pattern(words);
    char *list;
    ftl_memory_file memory;
    *text = NULL;
    FTL_TRY(ftl_memory_file_open(&memory, "a list of tensors"));
    const int n = print_matches(memory.file, &p, gan);
    FTL_TRY(ftl_memory_file_close(&memory, FTL_OK, &list, NULL));
    *text = ftl_arena_printf(
            arena, "\"%s\" freezes %d tensor%s: %s", words, n, n == 1 ? "" : "s", list);
    free(list);
    return *text ? FTL_OK : FTL_ENOMEM;
}

int ftl_gan_share_frozen(ftl_gan *gan) {
    int n = 0;
    for (int i = 1; i < gan->n_d; i++) {
        ftl_store *d_s = gan->d[i].store;
        if (gan->d[i].trainable) continue;
        for (int k = 0; k < d_s->n_states; k++)
            n += ftl_state_share(d_s->state[k], gan->d[0].store->state[k]);
    }
    return n;
}

void ftl_gan_thaw(ftl_gan *gan) {
    for (int i = 1; i < gan->n_d; i++)
        for (int k = 0; k < gan->d[i].store->n_states; k++)
            ftl_state_unshare(gan->d[i].store, gan->d[i].store->state[k]);
    ftl_store_thaw(gan->g);
    for (int i = 0; i < gan->n_d; i++)
        ftl_store_thaw(gan->d[i].store);
}
