/* target_checkpoint.c - any contents as a checkpoint; see fuzz_h5.h. All of it is read:
 * by its own list, and as a store of a [2, 3] parameter w and a buffer b. */
#include "test/fuzz/fuzz_h5.h"

#include "checkpoints/checkpoint.h"

#include <stdlib.h>

static ftl_status read_entry(void *context, const ftl_checkpoint_entry *entry) {
    ftl_checkpoint *checkpoint = context;
    const char *text;
    int64_t whole;
    double real;
    FUZZ_CHECK(ftl_checkpoint_has(checkpoint, entry->name));
    fuzz_accepted(ftl_checkpoint_text(checkpoint, entry->name, &text));
    fuzz_accepted(ftl_checkpoint_i64(checkpoint, entry->name, &whole));
    fuzz_accepted(ftl_checkpoint_f64(checkpoint, entry->name, &real));
    if (entry->section != FTL_CHECKPOINT_TENSOR) return FTL_OK;
    /* Eight bytes are enough for an element of any type. */
    void *data = malloc((size_t)entry->count * 8 + 1);
    FUZZ_CHECK(data);
    fuzz_accepted(ftl_checkpoint_get(
            checkpoint, entry->name, entry->type, entry->rank, entry->dims, data));
    free(data);
    return FTL_OK;
}

static void read_store(ftl_checkpoint *checkpoint) {
    ftl_store *store;
    ftl_state *state;
    ftl_init zero = {.kind = FTL_INIT_FILL};
    ftl_shape shape = {.rank = 2, .dim = {2, 3}}, line = {.rank = 1, .dim = {4}};
    FUZZ_CHECK(!ftl_store_create(&store, "G"));
    FUZZ_CHECK(!ftl_store_declare(&state, store, "w", FTL_PARAMETER, shape, zero));
    FUZZ_CHECK(!ftl_store_declare(&state, store, "b", FTL_BUFFER, line, zero));
    FUZZ_CHECK(!ftl_store_allocate(store, 1, "G"));
    fuzz_accepted(ftl_checkpoint_get_store(checkpoint, "G", store));
    fuzz_accepted(ftl_checkpoint_get_block(checkpoint, "m.G", store, store->block));
    ftl_store_free(store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ftl_checkpoint *checkpoint;
    fuzz_h5_kind kind = fuzz_h5_write("c.h5", data, size);
    if (kind == FUZZ_H5_NONE) return 0;
    bool accepted = fuzz_accepted(ftl_checkpoint_open(&checkpoint, fuzz_path("c.h5")));
    FUZZ_CHECK(accepted == (checkpoint != NULL));
    FUZZ_CHECK(!(accepted && kind == FUZZ_H5_DAMAGED));
    if (!accepted) return 0;
    fuzz_accepted(ftl_checkpoint_check_kind(checkpoint, "training", "to resume"));
    read_store(checkpoint);
    fuzz_accepted(ftl_checkpoint_finish(checkpoint, NULL));
    FUZZ_CHECK(ftl_checkpoint_visit(checkpoint, read_entry, checkpoint) == FTL_OK);
    ftl_checkpoint_close(checkpoint);
    return 0;
}
