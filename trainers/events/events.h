/* events.h - stats.jsonl for TensorBoard, as tensorboard/events.out.tfevents.0.fairtl.
 *
 * Every line of stats.jsonl is an event: each of its numbers under "<stage>/<key>", a
 * list of shares under "<stage>/share/<group>", "picture" as the image of that file
 * below the run's directory. Steps are images shown in the stage, the classifier's its
 * steps. Times are seconds of training, counted from the lines' images_per_s.
 *
 * The file is a function of stats.jsonl and the pictures alone: what one was cut back
 * to, the other is. A line appended to both, or both written anew, give the same bytes.
 */
#ifndef FTL_TRAINERS_EVENTS_EVENTS_H
#define FTL_TRAINERS_EVENTS_EVENTS_H

#include "engine/base/status.h"

#include <stddef.h>

#define FTL_EVENTS_FILE "tensorboard/events.out.tfevents.0.fairtl"

typedef struct ftl_events {
    const char *directory;    /* of the run; borrowed */
    const char *const *group; /* [n_groups] names; borrowed */
    int n_groups;
    /* Where the lines so far ended: */
    char stage[64];
    double images, seconds;
} ftl_events;

/* Write the file anew from stats.jsonl, which may be absent; lines of it that are none
 * are left out. directory, group and n_groups are set. Fails with FTL_EIO, FTL_ENOMEM,
 * and FTL_EFORMAT if a picture is no PNG. */
ftl_status ftl_events_begin(ftl_events *events);

/* Append the event of one line, which has n bytes. Errors as above, and FTL_EFORMAT if
 * the line is none. */
ftl_status ftl_events_append(ftl_events *events, const char *line, size_t n);

#endif
