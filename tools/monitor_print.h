/*
 * monitor_print.h - the summary of a monitor for people.
 *
 *     monitor_print_summary(stderr, summary, line);        // line: monitor_summary_line()
 */
#ifndef ASSAY_MONITOR_PRINT_H
#define ASSAY_MONITOR_PRINT_H

#include "monitor_summary.h"

#include <stdio.h>

void monitor_print_summary(FILE *out, const struct monitor_summary *summary, const struct json_object *line);

#endif
