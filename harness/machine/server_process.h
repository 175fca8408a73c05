/*
 * server_process.h - the process that holds the measured server's listening socket, and whether it stays the
 * same.
 *
 *     struct server_history h = {0};
 *     server_history_note(&h, &seen, now_ns);                  // with every sample
 *     if (h.replaced > 0) ...                                  // the server was restarted meanwhile
 *
 * Where several processes hold the socket, it is the oldest of them: the others are its workers. What a server
 * starts to do its work (a runner per model) may come and go.
 */
#ifndef ASSAY_SERVER_PROCESS_H
#define ASSAY_SERVER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct server_process {
    pid_t pid;            /* 0: none in sight */
    uint64_t start_ticks; /* since boot: tells it apart from a later process of the same number */
};

struct server_history {
    struct server_process first, last; /* that were in sight; pid 0: none ever was */
    size_t replaced;                   /* how often another process took the place of one that had ended */
    bool gone;                         /* nobody is in its place now */
    int64_t gone_ns, back_ns; /* monotonic: when the first end, the first successor was noticed; 0: never */
};

bool server_process_same(const struct server_process *a, const struct server_process *b);
void server_history_note(struct server_history *history, const struct server_process *now, int64_t t_ns);

#endif
