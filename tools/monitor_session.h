/*
 * monitor_session.h - one `assay monitor`: from the first line of its file to the summary.
 *
 *     struct monitor_session_options options = {.output = "samples.jsonl", .period_ns = 200 * NS_PER_MS,
 *         .command = argv};
 *     int code = monitor_session_run(&options);        // says on stderr what went wrong
 *
 * Around a command the exit code is the command's; 4 where it was 0 but samples were lost.
 */
#ifndef ASSAY_MONITOR_SESSION_H
#define ASSAY_MONITOR_SESSION_H

#include "monitor_out.h"

#include <stdint.h>

struct monitor_session_options {
    const char *root;   /* of a captured tree; "": this machine */
    const char *output; /* "-": standard output */
    enum monitor_out_mode mode;
    int64_t period_ns;
    int64_t for_ns;         /* 0: until told to stop, or until the command ends */
    const char *target_url; /* NULL: no server in particular */
    char *const *command;   /* NULL: alone */
    bool quiet;             /* no summary on stderr */
};

int monitor_session_run(const struct monitor_session_options *options);

#endif
