/*
 * The limit for load clients as a program that tests/rivals/compare runs beside them: it only polls and reads
 * (tests/speed/poll_client.h), and prints what it saw as JSON.
 *
 *   poll_and_read URL MODEL STREAMS REQUESTS TOKENS
 */
#include "poll_client.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t microseconds(double seconds)
{
    return (int64_t)(seconds * 1e6);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return puts("poll_and_read") < 0;
    if (argc != 6) {
        fprintf(stderr, "usage: poll_and_read URL MODEL STREAMS REQUESTS TOKENS\n");
        return 2;
    }
    char body[512];
    snprintf(body, sizeof body,
        "{\"model\":\"%s\",\"stream\":true,\"stream_options\":{\"include_usage\":true},\"max_tokens\":%ld,"
        "\"messages\":[{\"role\":\"user\",\"content\":\"one two three\"}]}",
        argv[2], strtol(argv[5], NULL, 10));
    long streams = strtol(argv[3], NULL, 10), requests = strtol(argv[4], NULL, 10);
    if (streams < 1 || requests < streams)
        return 2;
    struct poll_client_load load = {
        .url = argv[1], .body = body, .streams = (size_t)streams, .rounds = (int)(requests / streams)};
    struct poll_client_seen seen;
    struct error e = {0};
    if (poll_client_run(&load, &seen, &e) != STATUS_OK) {
        fprintf(stderr, "poll_and_read: %s\n", e.text);
        return 1;
    }
    printf("{\"ok\": %" PRId64 ", \"ttft_mean_us\": %" PRId64 ", \"ttft_p99_us\": %" PRId64 "}\n",
        seen.requests, microseconds(seen.ttft_mean_s), microseconds(seen.ttft_p99_s));
    return 0;
}
