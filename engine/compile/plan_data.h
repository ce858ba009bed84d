/* plan_data.h - what a plan is made of: for engine/plan*.c only. Everybody else uses
 * plan.h.
 */
#ifndef FTL_ENGINE_COMPILE_PLAN_DATA_H
#define FTL_ENGINE_COMPILE_PLAN_DATA_H

#include "engine/compile/program.h"

struct ftl_plan {
    ftl_program program;
    ftl_plan_memory *memory; /* slots that are reused, and scratch */
    unsigned char *start;    /* of the memory, when the calls were last pointed to it */
    bool debug;
};

/* Point the calls to where their memory is now. Before calls are run one by one. */
void ftl_plan_follow_memory(ftl_plan *plan);

/* Run one call. */
void ftl_plan_run_step(const ftl_step *step);

#endif
