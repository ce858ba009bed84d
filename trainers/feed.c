/* feed.c - see feed.h. */
#include "trainers/feed.h"

#include "datasets/batch.h"
#include "engine/base/random.h"

#include <stdlib.h>

static int64_t count(const ftl_feed *feed) {
    int64_t n = 0;
    for (int i = 0; i < feed->n_splits; i++)
        n += feed->split[i]->n;
    return n;
}

ftl_status ftl_feed_open(ftl_feed *feed, const ftl_splits *splits,
        ftl_feed_source source, int64_t batch, bool flips, uint64_t seed,
        uint32_t stage) {
    static const struct {
        ftl_random_stream order, flip;
    } streams[] = {
            [FTL_FEED_REFERENCE] = {FTL_STREAM_ORDER, FTL_STREAM_FLIP},
            [FTL_FEED_BIASED] = {FTL_STREAM_ORDER_BIASED, FTL_STREAM_FLIP_BIASED},
            [FTL_FEED_BOTH] = {FTL_STREAM_ORDER_BOTH, FTL_STREAM_FLIP_BOTH},
    };
    const size_t n = (size_t)batch;
    *feed = (ftl_feed) {.batch = batch,
            .seed = seed,
            .flip_stream = (uint32_t)streams[source].flip + stage,
            .flips = flips,
            .position = calloc(n, sizeof *feed->position),
            .index = calloc(n, sizeof *feed->index),
            .flip = calloc(n, sizeof *feed->flip)};
    if (source != FTL_FEED_REFERENCE)
        feed->split[feed->n_splits++] = &splits->split[FTL_SPLIT_BIASED];
    if (source != FTL_FEED_BIASED)
        feed->split[feed->n_splits++] = &splits->split[FTL_SPLIT_REFERENCE];
    if (!feed->position || !feed->index || !feed->flip)
        return ftl_fail(FTL_ENOMEM, "out of memory for a batch");
    return ftl_order_init(
            &feed->order, count(feed), seed, (uint32_t)streams[source].order + stage);
}

void ftl_feed_close(ftl_feed *feed) {
    ftl_order_deinit(&feed->order);
    free(feed->position);
    free(feed->index);
    free(feed->flip);
    *feed = (ftl_feed) {0};
}

/* Two sets may be two files: images come one by one then. */
static void gather_each(ftl_feed *feed, float *x) {
    const int64_t n_first = feed->split[0]->n;
    for (int64_t i = 0; i < feed->batch; i++) {
        const bool first = feed->position[i] < n_first;
        const ftl_split *split = feed->split[first ? 0 : 1];
        const ftl_pack *pack = &split->file->pack;
        feed->index[i] = split->index[feed->position[i] - (first ? 0 : n_first)];
        ftl_batch_gather(x + (size_t)i * ftl_pack_image_bytes(pack), pack,
                &feed->index[i], feed->flips ? &feed->flip[i] : NULL, 1);
    }
}

void ftl_feed_take(ftl_feed *feed, float *x, int64_t first) {
    ftl_order_take(&feed->order, feed->position, NULL, first, feed->batch);
    if (feed->flips)
        ftl_order_flips(feed->flip, feed->seed, feed->flip_stream, first, feed->batch);
    if (feed->n_splits > 1) {
        gather_each(feed, x);
        return;
    }
    const ftl_split *split = feed->split[0];
    for (int64_t i = 0; i < feed->batch; i++)
        feed->index[i] = split->index[feed->position[i]];
    ftl_batch_gather(x, &split->file->pack, feed->index,
            feed->flips ? feed->flip : NULL, feed->batch);
}
