/* profile_trace.c - a step as Chrome's trace format: complete events ("X"), times in
 * microseconds from the first one, in the columns of one process: what the trainer
 * does, and the calls of its plans. For chrome://tracing and https://ui.perfetto.dev.
 */
#include "trainers/profile/profile_data.h"

#include "engine/base/file.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { TRAINER = 1, CALLS = 2 }; /* threads of the trace */

static json_t *make_args(const ftl_profile_state *p, const ftl_profile_row *row) {
    const ftl_plan_call_info *call = &row->call;
    char shape[FTL_SHAPE_TEXT];
    if (!call->kernel[0])
        return json_pack("{s:s, s:f}", "of", call->layer, "bytes", call->bytes);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:f, s:f}", "layer", call->layer,
            "shape", ftl_shape_format(shape, call->shape), "kernel", call->kernel,
            "layout", call->layout, "type", call->type == FTL_BF16 ? "bf16" : "f32",
            "phase", row - p->rows < p->n_d ? "discriminator" : "generator", "flop",
            call->flop, "bytes", call->bytes);
}

static json_t *make_event(const ftl_profile_state *p, const ftl_profile_event *event) {
    static const char *const categories[FTL_PROFILE_PARTS] = {"convolution", "product",
            "reorder", "memory", "optimiser", "input", "check"};
    const ftl_profile_row *row = &p->rows[event->row];
    return json_pack("{s:s, s:s, s:s, s:f, s:f, s:i, s:i, s:o}", "name", row->call.op,
            "cat", categories[row->part], "ph", "X", "ts",
            (event->start_s - p->events[0].start_s) * 1e6, "dur",
            (event->end_s - event->start_s) * 1e6, "pid", 1, "tid",
            row->call.kernel[0] ? CALLS : TRAINER, "args", make_args(p, row));
}

static json_t *name_thread(int thread, const char *name) {
    return json_pack("{s:s, s:s, s:i, s:i, s:{s:s}}", "name", "thread_name", "ph", "M",
            "pid", 1, "tid", thread, "args", "name", name);
}

static json_t *make_trace(const ftl_profile_state *p) {
    json_t *events = json_array();
    int failed = json_array_append_new(events, name_thread(TRAINER, "trainer"));
    failed |= json_array_append_new(events, name_thread(CALLS, "calls of plans"));
    for (int i = 0; i < p->n_events; i++)
        failed |= json_array_append_new(events, make_event(p, &p->events[i]));
    if (!failed)
        return json_pack("{s:o, s:s}", "traceEvents", events, "displayTimeUnit", "ms");
    json_decref(events);
    return NULL;
}

ftl_status ftl_profile_write_trace(const ftl_profile_state *p, const char *path) {
    json_t *trace = make_trace(p);
    char *text = trace ? json_dumps(trace, JSON_COMPACT) : NULL;
    json_decref(trace);
    if (!text) return ftl_fail(FTL_ENOMEM, "out of memory for %s", path);
    ftl_status status = ftl_file_write(path, text, strlen(text));
    free(text);
    return status;
}
