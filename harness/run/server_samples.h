/*
 * server_samples.h - what `assay monitor` wrote on the server's machine, brought into a run: server_samples.jsonl, with
 * its times moved onto the clocks of this machine and each sample joined to the test that it fell into; and into each
 * record what that machine used (`energy`) and how it was (`system_health`).
 *
 *     struct server_samples_request request = {.file = "server.jsonl", .run = "runs/latest"};
 *     struct server_samples done;
 *     if (server_samples_merge(&request, &done, &why) != STATUS_OK) ...
 *
 * Behind the samples of a test stands their summary, whose verdict is that of the server's machine within that test.
 * What was merged before is replaced. Where nobody can say how far the clocks are apart, nothing is joined.
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
    size_t samples;                              /* of the run's time */
    size_t left_out;                             /* lines that cannot be read */
    size_t tests;                                /* whose server is on that machine */
    size_t seen;                                 /* of them: samples fell into them */
    size_t judged, not_clean, unknown, measured; /* measured: with joules */
    size_t other;                                /* tests of servers on other machines */
    int64_t short_by_ns; /* the file ends so long before the run did; 0: it does not */
    bool records;        /* were brought up to date: not where the file is of this very machine */
    char worst[512];     /* the first test that was not clean, with its flags; "" where all were */
    char doubt[512];     /* why the file may be of another machine than the server's; "" */
};

/*
 * STATUS_INVALID where the file cannot be used, is of another time or of this machine while the server is not, and
 * where its clock is not known.
 */
enum status server_samples_merge(const struct server_samples_request *request, struct server_samples *done,
    struct error *e) ASSAY_MUST_CHECK;

#endif
