/* event.h - TensorBoard's events: protocol buffers, written by hand.
 *
 *     Event          wall_time 1 double, step 2 varint, file_version 3 string, summary
 * 5 Summary        value 1, repeated Summary.Value  tag 1 string, simple_value 2 float,
 * image 4 Summary.Image  height 1, width 2, colorspace 3 (1 grey, 3 RGB), encoded 4
 * bytes
 */
#ifndef FTL_TRAINERS_EVENTS_EVENT_H
#define FTL_TRAINERS_EVENTS_EVENT_H

#include "engine/base/memory_file.h"
#include "engine/base/status.h"

#include <stdint.h>
#include <stdio.h>

/* The values of one event, while they are collected. */
typedef struct ftl_event {
    ftl_memory_file summary; /* must stay where it is */
    int n;                   /* values so far */
} ftl_event;

/* An event without values; release with ftl_event_deinit in any case. Fails with
 * FTL_ENOMEM. */
ftl_status ftl_event_init(ftl_event *event);
void ftl_event_deinit(ftl_event *event);

/* Add a number, or a PNG file as it stands. Tags are UTF-8, with slashes between their
 * parts. Fail with FTL_ENOMEM, and with FTL_EFORMAT if it is no PNG. */
ftl_status ftl_event_add_number(ftl_event *event, const char *tag, double value);
ftl_status ftl_event_add_png(
        ftl_event *event, const char *tag, const void *png, size_t n_bytes);

/* Write it as a record; nothing if it has no values. wall_time_s: seconds. Fails with
 * FTL_ENOMEM; the file's owner looks at ferror. Once for an event. */
ftl_status ftl_event_write(
        FILE *file, ftl_event *event, double wall_time_s, int64_t step);

/* The record that every file of events begins with. Fails with FTL_ENOMEM. */
ftl_status ftl_event_write_version(FILE *file);

#endif
