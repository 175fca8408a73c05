/*
 * answer_server.h - a server that says the same at once to whoever asks: next to nothing beside the system calls,
 * so that what a client of short requests costs is the client's.
 *
 * A process of its own, one thread, libevent. GET lists one model; a POST gets the answer, either one small body
 * or a stream of one token, each written at once.
 *
 *     struct answer_server server;
 *     if (answer_server_start(ANSWER_WHOLE, &server, &why) != STATUS_OK) ...
 *     ask(server.url);
 *     answer_server_stop(&server, &cpu_s);
 */
#ifndef ASSAY_ANSWER_SERVER_H
#define ASSAY_ANSWER_SERVER_H

#include "status.h"

#include <sys/types.h>

enum answer_form { ANSWER_WHOLE, ANSWER_STREAM };

struct answer_server {
    pid_t pid;
    int alive;    /* it ends when this is closed, also by our death */
    char url[64]; /* http://127.0.0.1:PORT */
};

/* Before the caller has threads: it forks. */
enum status answer_server_start(
    enum answer_form form, struct answer_server *server, struct error *e) ASSAY_MUST_CHECK;
void answer_server_stop(struct answer_server *server, double *cpu_s); /* of the server's whole life */

#endif
