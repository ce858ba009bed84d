/* cost.h - how much arithmetic and how many bytes a call is worth.
 *
 * What a call would cost that does its work once and directly: so its time says how
 * near to the machine's limits a kernel comes, and clever kernels can come out above
 * them. */
#ifndef FTL_ENGINE_COMPILE_COST_H
#define FTL_ENGINE_COMPILE_COST_H

#include "engine/op.h"
#include "engine/plan.h"

typedef struct ftl_cost {
    ftl_call_kind kind;
    double flop;  /* multiplications and additions; 0 where memory is the limit */
    double bytes; /* of all operands and results, each counted once */
} ftl_cost;

/* Shapes, layouts and types of the call must be set. An op that the table in cost.c
 * does not know is bound by memory. */
ftl_cost ftl_cost_of(const ftl_call *call);

#endif
