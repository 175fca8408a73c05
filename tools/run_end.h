/*
 * run_end.h - what every driver of a run does when the last test is over: finalise, write the reports, say
 * how it went, and end with the path of the report.
 */
#ifndef ASSAY_RUN_END_H
#define ASSAY_RUN_END_H

#include <stdbool.h>

struct run_end_options {
    const char *junit;  /* JUnit XML here too, or NULL */
    bool require_clean; /* a machine that was not fit fails */
    bool json;          /* print the summary as JSON */
    int stop_signal;    /* that ended the run early, or 0 */
};

/* Returns the exit code; verb names the command in messages. */
int run_end(const char *verb, const char *folder, const struct run_end_options *options);

#endif
