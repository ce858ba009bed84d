/* tune.h - which kernel is faster, by trying. */
#ifndef FTL_ENGINE_COMPILE_TUNE_H
#define FTL_ENGINE_COMPILE_TUNE_H

#include "engine/choices.h"
#include "engine/plan.h"

/* For every convolution of the graph that more than one kind of kernel could compute,
 * and that has no choice yet: run each some times, and add the faster one (the fixed
 * rule's, unless another is faster by a twentieth) to the choices. Tens of milliseconds
 * each; the same convolution is tried once. The graph is what the passes in front of
 * winograd made; of the options, precision and coarse count. Fails with
 * FTL_EINTERRUPTED if a signal came (interrupt.h), before the next trial: choices made
 * till then stay. */
ftl_status ftl_tune(
        ftl_choices *choices, const ftl_graph *graph, const ftl_plan_options *options);

#endif
