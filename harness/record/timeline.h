/*
 * timeline.h - moments in the record's timeline that the supervisor adds to those of the case.
 *
 *     timeline_add(record, "server_gone", 2.5);        // seconds after the start of the test; before it: negative
 */
#ifndef ASSAY_TIMELINE_H
#define ASSAY_TIMELINE_H

#include <stdbool.h>

struct json_object;

/* In order of time, behind what is there of the same moment. False: no memory. */
bool timeline_add(struct json_object *record, const char *event, double t_s);

#endif
