/* feed.h - the real images of a discriminator's steps: of one set, or of two as if they
 * were one.
 *
 * Sample p of a stage is a function of the seed, the streams and p alone (order.h), so
 * a feed has no state that would have to be saved. */
#ifndef FTL_TRAINERS_FEED_H
#define FTL_TRAINERS_FEED_H

#include "datasets/order.h"
#include "datasets/split.h"

/* In the order of the choices of the settings. */
typedef enum ftl_feed_source {
    FTL_FEED_REFERENCE,
    FTL_FEED_BIASED,
    FTL_FEED_BOTH, /* the biased set, and behind it the reference set */
} ftl_feed_source;

typedef struct ftl_feed {
    const ftl_split *split[2]; /* borrowed */
    int n_splits;
    int64_t batch;
    uint64_t seed;
    uint32_t flip_stream;
    bool flips;
    ftl_order order;
    int64_t *position; /* [batch]: of the last take, counted through all sets */
    int64_t *index;    /* [batch] */
    bool *flip;        /* [batch] */
} ftl_feed;

/* stage: added to the random streams, 256 times its number. The sets of the source are
 * not empty. Release with ftl_feed_close, also after a failure (FTL_ENOMEM). */
ftl_status ftl_feed_open(ftl_feed *feed, const ftl_splits *splits,
        ftl_feed_source source, int64_t batch, bool flips, uint64_t seed,
        uint32_t stage);
void ftl_feed_close(ftl_feed *feed);

/* The images at positions first .. first + batch - 1 of the stage.
 * x  [batch, channels, px, px], overwritten */
void ftl_feed_take(ftl_feed *feed, float *x, int64_t first);

#endif
