/* memory.c - where each slot lies; see program.h.
 *
 * A slot lives from its first writer to its last reader, scratch during one call. Where
 * lives overlap, memory must not: largest first, each takes the lowest gap that fits
 * between those placed before it (greedy by size; Pisarchyk and Lee 2020). */
#include "engine/compile/program.h"

#include <stdint.h>
#include <stdlib.h>

size_t ftl_slot_align(size_t n_bytes) {
    return (n_bytes + FTL_SLOT_ALIGNMENT - 1) / FTL_SLOT_ALIGNMENT * FTL_SLOT_ALIGNMENT;
}

int ftl_slot_root(const ftl_program *program, int slot) {
    while (program->slots[slot].place == FTL_SLOT_ALIAS)
        slot = program->slots[slot].alias;
    return slot;
}

static void find_lives(ftl_program *program) {
    for (int i = 0; i < program->n_slots; i++) {
        program->slots[i].first = program->n_steps;
        program->slots[i].last = -1;
    }
    for (int i = 0; i < program->n_steps; i++) {
        const ftl_step *step = &program->steps[i];
        for (int k = 0; k < step->call.op->n_out; k++) {
            ftl_slot *slot = &program->slots[ftl_slot_root(program, step->out[k])];
            if (slot->first > i) slot->first = i;
            if (slot->last < i) slot->last = i;
        }
        for (int k = 0; k < step->call.op->n_in; k++) {
            ftl_slot *slot = &program->slots[ftl_slot_root(program, step->in[k])];
            if (slot->last < i) slot->last = i;
        }
    }
}

/* May output 0 of step i lie on its input k? */
static bool can_overwrite(const ftl_program *program, int i, int k) {
    const ftl_step *step = &program->steps[i];
    if (!step->kernel || !(step->kernel->overwrites >> k & 1)) return false;
    int root = ftl_slot_root(program, step->in[k]);
    const ftl_slot *in = &program->slots[root];
    const ftl_slot *out = &program->slots[step->out[0]];
    if (in->place != FTL_SLOT_ARENA || out->place != FTL_SLOT_ARENA) return false;
    if (in->last != i || in->bytes != out->bytes) return false;
    for (int j = 0; j < step->call.op->n_in; j++)
        if (j != k && ftl_slot_root(program, step->in[j]) == root) return false;
    return true;
}

static void find_overwrites(ftl_program *program) {
    for (int i = 0; i < program->n_steps; i++) {
        const ftl_step *step = &program->steps[i];
        for (int k = 0; k < step->call.op->n_in; k++) {
            if (!can_overwrite(program, i, k)) continue;
            int root = ftl_slot_root(program, step->in[k]);
            ftl_slot *out = &program->slots[step->out[0]];
            if (out->last > program->slots[root].last)
                program->slots[root].last = out->last;
            out->place = FTL_SLOT_ALIAS;
            out->alias = root;
            break;
        }
    }
}

/* A slot, or the scratch of a call. */
typedef struct piece {
    size_t bytes; /* a multiple of FTL_SLOT_ALIGNMENT */
    int first, last, order;
    size_t *offset;
} piece;

static int larger_first(const void *a, const void *b) {
    const piece *x = a, *y = b;
    if (x->bytes != y->bytes) return x->bytes < y->bytes ? 1 : -1;
    return x->order - y->order;
}

static int list_pieces(ftl_program *program, piece *pieces) {
    int n = 0;
    for (int i = 0; i < program->n_slots; i++) {
        ftl_slot *slot = &program->slots[i];
        if (slot->place != FTL_SLOT_ARENA) continue;
        pieces[n] = (piece) {.bytes = ftl_slot_align(slot->bytes),
                .first = slot->first,
                .last = slot->last,
                .order = n,
                .offset = &slot->offset};
        n++;
    }
    for (int i = 0; i < program->n_steps; i++) {
        ftl_step *step = &program->steps[i];
        if (!step->call.scratch_bytes) continue;
        pieces[n] = (piece) {.bytes = ftl_slot_align(step->call.scratch_bytes),
                .first = i,
                .last = i,
                .order = n,
                .offset = &step->scratch_offset};
        n++;
    }
    return n;
}

/* Keep `placed` sorted by offset. */
static void insert(const piece **placed, int n_placed, const piece *it) {
    int at = n_placed;
    while (at > 0 && *placed[at - 1]->offset > *it->offset) {
        placed[at] = placed[at - 1];
        at--;
    }
    placed[at] = it;
}

/* The lowest offset at which a piece overlaps none of `placed` (sorted by offset) that
 * lives at the same time. */
static size_t lowest_gap(const piece *it, const piece *const *placed, int n_placed) {
    size_t offset = 0;
    for (int i = 0; i < n_placed; i++) {
        const piece *other = placed[i];
        if (other->last < it->first || other->first > it->last) continue;
        if (*other->offset >= offset + it->bytes) break;
        size_t end = *other->offset + other->bytes;
        if (end > offset) offset = end;
    }
    return offset;
}

static ftl_status place_shared(ftl_program *program) {
    const size_t room = (size_t)program->n_slots + (size_t)program->n_steps + 1;
    piece *pieces = calloc(room, sizeof *pieces);
    const piece **placed = calloc(room, sizeof *placed);
    ftl_status status = FTL_OK;
    if (!pieces || !placed) {
        status = ftl_fail(FTL_ENOMEM, "out of memory for a plan");
        goto out;
    }
    int n = list_pieces(program, pieces);
    qsort(pieces, (size_t)n, sizeof *pieces, larger_first);
    for (int i = 0; i < n; i++) {
        piece *it = &pieces[i];
        *it->offset = lowest_gap(it, placed, i);
        size_t end = *it->offset + it->bytes;
        if (end > program->arena_bytes) program->arena_bytes = end;
        insert(placed, i, it);
    }
out:
    free(pieces);
    free(placed);
    return status;
}

/* Behind the slots all calls have the same scratch. */
static void place_apart(ftl_program *program) {
    for (int i = 0; i < program->n_slots; i++) {
        ftl_slot *slot = &program->slots[i];
        if (slot->place != FTL_SLOT_ARENA) continue;
        slot->offset = program->arena_bytes;
        program->arena_bytes += ftl_slot_align(slot->bytes) + FTL_REDZONE;
    }
    for (int i = 0; i < program->n_steps; i++)
        program->steps[i].scratch_offset = program->arena_bytes;
    program->arena_bytes += ftl_slot_align(program->scratch_bytes) + FTL_REDZONE;
}

ftl_status ftl_place(ftl_program *program, bool debug) {
    find_lives(program);
    if (debug) {
        place_apart(program);
    } else {
        find_overwrites(program);
        FTL_TRY(place_shared(program));
    }
    for (int i = 0; i < program->n_slots; i++)
        if (program->slots[i].place == FTL_SLOT_FIXED)
            program->fixed_bytes += ftl_slot_align(program->slots[i].bytes);
    return FTL_OK;
}
