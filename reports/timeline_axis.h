/*
 * timeline_axis.h - round figures along an axis: seconds since the start, and values with a unit that fits them.
 *
 *     struct timeline_axis axis = timeline_axis_for("bytes", 6.4e9, 0, 4);       // up to 8 GiB in steps of 2 GiB
 *     timeline_axis_label(&axis, 2 * axis.step, text, sizeof text);              // "4 GiB"
 *     double step_s = timeline_time_step(600, 8);                                // 120
 *     timeline_time_label(90, step_s, text, sizeof text);                        // "1:30"
 */
#ifndef ASSAY_TIMELINE_AXIS_H
#define ASSAY_TIMELINE_AXIS_H

#include <stddef.h>

struct timeline_axis {
    double top;  /* it goes from 0 to here */
    double step; /* from one figure to the next; divides top */
    double per;  /* one of the unit is so much of the value: 2^30 for GiB */
    char unit[16];
};

struct timeline_axis timeline_axis_for(const char *unit, double highest, double at_least, int steps);
void timeline_axis_label(const struct timeline_axis *axis, double value, char *text, size_t size);

/* Seconds between two figures where `most` of them have room on the span. */
double timeline_time_step(double span_s, int most);
/* "1.5 s", "1:30", "2:00:00"; as exact as the step asks for. */
void timeline_time_label(double t_s, double step_s, char *text, size_t size);

#endif
