/*
 * poll_client.h - a client of model servers that only polls and reads: what reading so many streams costs at
 * least, and the yardstick for clients that do more.
 *
 * It opens its connections, sends the same request on each, reads what comes without looking at it, and asks
 * again as soon as an answer has ended. Answers are chunked or have a Content-Length. One thread, libevent.
 *
 *     struct poll_client_load load = {.url = "http://127.0.0.1:8080", .body = "{...}", .streams = 1000,
 *         .rounds = 3};
 *     struct poll_client_seen seen;
 *     if (poll_client_run(&load, &seen, &why) != STATUS_OK) ...
 *     printf("%.2f CPU s\n", seen.cpu_s);
 */
#ifndef ASSAY_POLL_CLIENT_H
#define ASSAY_POLL_CLIENT_H

#include "status.h"

#include <stddef.h>
#include <stdint.h>

struct poll_client_load {
    const char *url;     /* http://127.0.0.1:PORT */
    const char *body;    /* POSTed to /v1/chat/completions */
    size_t streams;      /* connections, and requests at the same time */
    int rounds;          /* requests on each */
    int64_t distance_ns; /* from the first request of one stream to that of the next; 0: all at once */
};

struct poll_client_seen {
    double connect_s;               /* until all connections were open; in none of the others */
    double wall_s, cpu_s;           /* from the first request to the end of the last answer; of this thread */
    double ttft_mean_s, ttft_p99_s; /* from before a request is sent to the first bytes of its answer */
    int64_t requests, reads, bytes; /* answers that were whole, reads that brought something */
    int64_t first_begin_ns, last_end_ns; /* monotonic */
};

enum status poll_client_run(
    const struct poll_client_load *load, struct poll_client_seen *seen, struct error *e) ASSAY_MUST_CHECK;

#endif
