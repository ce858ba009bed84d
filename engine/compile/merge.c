/* merge.c - common subexpressions: nodes of equal op, attributes and inputs become one.
 *
 * A hash table over what was written so far, chained by node index. Leaves are unique
 * by construction, and what has an effect is never merged. */
#include "engine/compile/rewrite.h"
#include "engine/ops/ops.h"

#include <stdlib.h>
#include <string.h>

#define N_BUCKETS 4096

typedef struct merge_table {
    int bucket[N_BUCKETS]; /* node + 1, 0: empty */
    int *next;             /* of each node of the new graph: node + 1 */
} merge_table;

static unsigned mix(unsigned hash, const void *bytes, size_t n) {
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ byte[i]) * 16777619u;
    return hash;
}

static bool same(
        const ftl_node_data *a, const ftl_op *op, const void *attrs, const int *in) {
    if (a->op != op) return false;
    for (int i = 0; i < op->n_in; i++)
        if (a->in[i] != in[i]) return false;
    return !op->attrs_bytes || memcmp(a->attrs, attrs, op->attrs_bytes) == 0;
}

static ftl_status rule(void *context, ftl_rewrite *rewrite, ftl_node node, bool *done) {
    merge_table *table = context;
    const ftl_node_data *data = &rewrite->from->nodes[node];
    const ftl_op *op = data->op;
    if (op == &ftl_op_input || op == &ftl_op_state || op == &ftl_op_state_write)
        return FTL_OK;
    int in[FTL_MAX_IN] = {0};
    for (int i = 0; i < op->n_in; i++)
        in[i] = rewrite->map[data->in[i]].id;
    unsigned hash = mix(2166136261u, &op, sizeof op);
    hash = mix(hash, in, (size_t)op->n_in * sizeof *in);
    hash = mix(hash, data->attrs, op->attrs_bytes) % N_BUCKETS;
    for (int at = table->bucket[hash]; at; at = table->next[at - 1]) {
        const ftl_node_data *known = &rewrite->to->nodes[at - 1];
        if (!same(known, op, data->attrs, in)) continue;
        for (int i = 0; i < op->n_out; i++)
            rewrite->map[data->out[i]] = (ftl_value) {known->out[i]};
        *done = true;
        return FTL_OK;
    }
    /* It will be copied as the next node of the new graph. */
    int copy = rewrite->to->n_nodes;
    table->next[copy] = table->bucket[hash];
    table->bucket[hash] = copy + 1;
    return FTL_OK;
}

ftl_status ftl_pass_merge(ftl_graph **out, const ftl_graph *from) {
    merge_table *table = calloc(1, sizeof *table);
    int *next = calloc((size_t)from->n_nodes + 1, sizeof *next);
    ftl_status status = FTL_OK;
    if (!table || !next) {
        status = ftl_fail(FTL_ENOMEM, "out of memory for a compiler pass");
    } else {
        table->next = next;
        status = ftl_rewrite_graph(out, from, rule, table);
    }
    free(table);
    free(next);
    return status;
}
