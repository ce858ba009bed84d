/* gan_freeze.c - what stands still in a GAN's networks, and what is computed once
 * because of that; see gan.h. */
#include "trainers/gan.h"

#include <stdio.h>
#include <string.h>

/* "D@64": the tensors of a network's blocks whose input has so many px. */
static int freeze_resolution(ftl_store *store, int px,
        int (*block_px)(const char *, const ftl_gan_options *),
        const ftl_gan_options *options) {
    int n = 0;
    for (int i = 0; i < store->n_states; i++) {
        if (block_px(store->state[i]->name, options) != px) continue;
        store->state[i]->frozen = true;
        n++;
    }
    return n;
}

ftl_status ftl_gan_freeze(ftl_gan *gan, const char *pattern, int *n) {
    char network[32];
    int px = 0, end = 0;
    bool by_px = sscanf(pattern, "%31[A-Za-z0-9_]@%d%n", network, &px, &end) == 2 &&
                 pattern[end] == 0;
    *n = 0;
    for (int i = -1; i < gan->n_d; i++) {
        ftl_store *store = i < 0 ? gan->g : gan->d[i].store;
        if (i >= 0 && !gan->d[i].trainable) continue;
        if (!by_px)
            *n += ftl_store_freeze(store, pattern);
        else if (strcmp(network, store->name) == 0)
            *n += freeze_resolution(store, px,
                    i < 0 ? gan->model->generator_block_px
                          : gan->model->discriminator_block_px,
                    &gan->options);
    }
    if (*n > 0) return FTL_OK;
    return ftl_fail(FTL_ECONFIG,
            "the pattern \"%s\" matches no tensor of G or D; patterns are globs over "
            "full names (\"D.blocks.0.*\") or resolutions (\"D@%d\")",
            pattern, gan->options.resolution);
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
