/*
 * http_connection.h - one connection to an origin: made without waiting, kept while idle, closed.
 *
 * Private to this room.
 *
 *     struct direct_connection *c = connection_new(loop, origin, on_ready);
 *     c->user = mine;                                     // NULL while idle; on_ready gets c
 *     switch (connection_open(c, why, sizeof why)) ...    // _COMING: on_ready says when to connection_go_on()
 *     connection_put_idle(c);                             // now the origin's, or
 *     connection_free(c);
 */
#ifndef ASSAY_HTTP_CONNECTION_H
#define ASSAY_HTTP_CONNECTION_H

#include "http_origin.h"
#include "loop.h"

#include <stddef.h>
#include <sys/types.h>

/* What each read touches comes first. */
struct direct_connection {
    void *user;
    int fd; /* -1: none */
    bool open, served, reusable;
    struct loop_watch *watch;
    void (*on_ready)(unsigned what, void *connection);
    struct http_origin *origin;
    struct loop *loop;
    struct direct_connection *next, **link; /* among the idle ones */
    struct loop_timer *again; /* a Unix socket whose server has no room in its queue is asked again */
    int tried;                /* addresses of the origin */
    int first_error;          /* of the first of them */
    bool all_ours, ours;      /* what failed was this machine's: no descriptor, no port, no memory */
    int64_t t_start_ns, connect_ns, t_idle_ns;
};

enum connection_state { CONNECTION_COMING, CONNECTION_OPEN, CONNECTION_FAILED };

struct direct_connection *connection_new(
    struct loop *loop, struct http_origin *origin, void (*on_ready)(unsigned what, void *connection));
void connection_free(struct direct_connection *c); /* also of an idle one; closes it */

/* Failed: why says where to and what the system says. */
enum connection_state connection_open(struct direct_connection *c, char *why, size_t size);
enum connection_state connection_go_on(struct direct_connection *c, char *why, size_t size);

/* As send(): errno. What comes is read from fd, see arrival.h. */
ssize_t connection_send(struct direct_connection *c, const char *bytes, size_t len);
/* False: no memory. */
bool connection_wait(struct direct_connection *c, unsigned interest);

void connection_put_idle(struct direct_connection *c);
/* The one that was used last and still seems to live; NULL: none. */
struct direct_connection *connection_take_idle(struct http_origin *origin);
void connection_free_idle(struct http_origin *origin);

#endif
