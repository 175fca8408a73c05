/*
 * server_samples.h - what `assay monitor` wrote on the server's machine, brought into a run: server_samples.jsonl, with
 * its times moved onto the clocks of this machine and each sample joined to the test that it fell into.
 *
 *     struct server_samples_request request = {.file = "server.jsonl", .run = "runs/latest"};
 *     struct server_samples done;
 *     if (server_samples_merge(&request, &done, &why) != STATUS_OK) ...
 *
 * Behind the samples of a test stands their summary, whose verdict is that of the server's machine within that test.
 * What was merged before is replaced; the run's other files stay as they are.
 */
#ifndef ASSAY_SERVER_SAMPLES_H
#define ASSAY_SERVER_SAMPLES_H

#include "clock_offset.h"
#include "status.h"

#define SERVER_SAMPLES_FILE "server_samples.jsonl"

struct server_samples_request {
    const char *file; /* of assay monitor; "-" is not possible: it is read twice */
    const char *run;  /* its folder, finalised */
    /* Asks the server for the time; not called where the file is from this very machine. NULL: nobody can. */
    void (*ask_time)(void *arg, struct clock_bounds *dates);
    void *arg;
};

struct server_samples {
    char host[256];
    struct clock_offset clock;
    size_t samples; /* of the run's time */
    size_t tests, judged, not_clean;
    char worst[512]; /* the first test that was not clean, with its flags; "" where all were */
};

/*
 * STATUS_INVALID where the file holds no sample of the run's time (the clock may be far off), or is none of a monitor.
 */
enum status server_samples_merge(const struct server_samples_request *request, struct server_samples *done,
    struct error *e) ASSAY_MUST_CHECK;

#endif
