/*
 * monitor_lines.h - the two lines of a monitor's file that are no samples: what it begins and ends with
 * (schemas/sample.schema.json, `type`).
 *
 *     json_object_put(monitor_start_line(options, monitor));           // after a first reading
 *     struct monitor_ending ending = {.by = "command", .exit_code = 3};
 *     json_object_put(monitor_summary_line(summary, &ending));
 */
#ifndef ASSAY_MONITOR_LINES_H
#define ASSAY_MONITOR_LINES_H

#include "monitor_session.h"

struct json_object;
struct monitor;
struct monitor_summary;

struct monitor_ending {
    const char *by;         /* "command", "signal", "time", "output"; NULL: nobody saw the end */
    int exit_code;          /* of the command */
    int signal;             /* that told us to stop */
    const char *processors; /* where sampling ran and why: monitor_pin_text() */
};

/* NULL: no memory. The caller owns what they return. */
struct json_object *monitor_start_line(
    const struct monitor_session_options *options, const struct monitor *monitor);
struct json_object *monitor_summary_line(
    const struct monitor_summary *summary, const struct monitor_ending *ending);

#endif
