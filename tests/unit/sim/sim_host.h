/*
 * sim_host.h - a simulated server in a thread of the test, and a client that is nothing but a socket.
 *
 *     struct sim_host host;
 *     sim_host_start(&host, &(struct sim_options){.seed = 1});
 *     int fd = sim_host_connect(&host);
 *     sim_host_send(fd, "GET /health HTTP/1.1\r\nHost: h\r\n\r\n");
 *     sim_host_read_until(fd, &answer, "{\"status\":\"ok\"}");
 *     sim_host_stop(&host);                       // the truth is whole: host.truth
 */
#ifndef ASSAY_SIM_HOST_H
#define ASSAY_SIM_HOST_H

#include "buf.h"
#include "sim.h"

#include <json-c/json.h>
#include <pthread.h>

struct sim_host {
    struct sim_server *server;
    pthread_t thread;
    enum status ran;
    const char *truth; /* path */
    int port;
};

void sim_host_start(struct sim_host *host, const struct sim_options *options); /* truth_path is set here */
void sim_host_stop(struct sim_host *host);

/* The records of the truth, once it has stopped: an array, to be put. */
struct json_object *sim_host_read_truth(const struct sim_host *host);

int sim_host_connect(const struct sim_host *host);
int sim_host_dial(const char *url); /* -1: refused */
void sim_host_send(int fd, const char *text);
void sim_host_send_bytes(int fd, const void *bytes, size_t len);

/* A POST of a chat request for that model, with more members behind ("" or ",\"max_tokens\":3"). */
void sim_host_post(int fd, const char *model, bool stream, const char *more);

/* Reads until the text has arrived, fails the test at the end of the connection or after a minute. */
void sim_host_read_until(int fd, struct buf *out, const char *text);

/* Reads to the end: 0 where the server closed, the errno of a reset. Fails the test after a minute. */
int sim_host_read_all(int fd, struct buf *out);

#endif
