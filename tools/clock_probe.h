/*
 * clock_probe.h - asks a server for the time: by the Date of its answers, a few times, so that it is known to some
 * milliseconds (clock_offset.h).
 *
 *     struct clock_bounds dates = {0};
 *     clock_probe(&(struct target_access){.url = url}, CLOCK_PROBE_QUESTIONS, &dates);
 *     if (dates.answers == 0) ...                          // it does not date its answers
 *
 * Takes about half a second for each question. What is asked for is the base URL, without a key: whatever the answer
 * is, it has a date.
 */
#ifndef ASSAY_CLOCK_PROBE_H
#define ASSAY_CLOCK_PROBE_H

#include "clock_offset.h"
#include "target.h"

#define CLOCK_PROBE_QUESTIONS 8

void clock_probe(const struct target_access *access, int questions, struct clock_bounds *dates);

#endif
