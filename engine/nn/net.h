/* net.h - describing a network: layers with named state.
 *
 * A model is a function that describes its computation through an ftl_net. Which store
 * the net is bound to decides what the same function computes: live weights, their EMA,
 * a trainable or a frozen discriminator. The first call on an empty store declares
 * every tensor; after ftl_store_allocate further calls find them again.
 *
 * Singular vectors and batch statistics move once a phase: in training mode each is
 * written once, from the first use; in evaluation mode they are read and never written.
 */
#ifndef FTL_ENGINE_NN_NET_H
#define FTL_ENGINE_NN_NET_H

#include "engine/graph.h"
#include "engine/store.h"

typedef enum ftl_net_mode {
    FTL_NET_TRAIN, /* batch statistics; singular vectors and running statistics move */
    FTL_NET_EVAL,  /* stored statistics; one power iteration from stored vectors */
} ftl_net_mode;

typedef struct ftl_net {
    ftl_graph *graph; /* borrowed */
    ftl_store *store; /* borrowed */
    ftl_net_mode mode;
    char scope[160];   /* "blocks.0.0", "" at the top */
    int scope_ends[8]; /* length of the scope before each ftl_net_enter */
    int depth;
} ftl_net;

/* Begin describing: layers of the graph are called "<store>.<scope>". Ended by
 * ftl_net_end. */
ftl_status ftl_net_begin(
        ftl_net *net, ftl_graph *graph, ftl_store *store, ftl_net_mode mode);
void ftl_net_end(ftl_net *net);

/* Everything until ftl_net_leave is named below this: printf, as in ("blocks.%d.0", i).
 */
ftl_status ftl_net_enter(ftl_net *net, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
void ftl_net_leave(ftl_net *net);

/* A named state tensor of the current scope as a value. */
ftl_status ftl_net_parameter(
        ftl_value *y, ftl_net *net, const char *name, ftl_shape shape, ftl_init init);
ftl_status ftl_net_buffer(
        ftl_value *y, ftl_net *net, const char *name, ftl_shape shape, ftl_init init);

/* In training mode: the buffer's next value. Only the first write of a buffer in a
 * graph counts; in evaluation mode, and for frozen tensors, nothing happens. */
ftl_status ftl_net_write(ftl_net *net, const char *name, ftl_value value);

#endif
