#include "http_connection.h"

#include "arrival.h"
#include "clock.h"
#include "http_error.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* where there is SO_NOSIGPIPE instead */
#endif
#define IDLE_LONGEST_NS (118 * NS_PER_S) /* servers and what stands between give up at 120 s */
#define IDLE_TRUSTED_NS NS_PER_MS        /* as young as this it is not looked at again */
#define AGAIN_NS NS_PER_MS

struct direct_connection *connection_new(
    struct loop *loop, struct http_origin *origin, void (*on_ready)(unsigned what, void *connection))
{
    struct direct_connection *c = calloc(1, sizeof *c);
    if (c)
        *c = (struct direct_connection){
            .loop = loop, .origin = origin, .on_ready = on_ready, .fd = -1, .t_start_ns = loop_now_ns()};
    return c;
}

static void connection_unlink(struct direct_connection *c)
{
    if (!c->link)
        return;
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    c->link = NULL;
}

static void connection_close(struct direct_connection *c)
{
    loop_watch_free(c->watch);
    c->watch = NULL;
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
}

void connection_free(struct direct_connection *c)
{
    if (!c)
        return;
    connection_unlink(c);
    connection_close(c);
    loop_timer_free(c->again);
    free(c);
}

/* ---- connecting ---- */

static int socket_new(int family)
{
    int yes = 1;
#ifdef SOCK_NONBLOCK
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
#else
    int fd = socket(family, SOCK_STREAM, 0);
    if (fd >= 0 && (fcntl(fd, F_SETFL, O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)) {
        close(fd);
        return -1;
    }
#endif
#ifdef SO_NOSIGPIPE
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &yes, sizeof yes);
#endif
    if (fd >= 0 && family != AF_UNIX) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        arrival_ask(fd);
    }
    return fd;
}

static int connection_address(const struct direct_connection *c)
{
    return (c->origin->last_good + c->tried) % c->origin->address_count;
}

static int connection_connect(struct direct_connection *c)
{
    int i = connection_address(c);
    return connect(c->fd, &c->origin->addresses[i].any, c->origin->lengths[i]);
}

static void connection_on_again(void *arg)
{
    struct direct_connection *c = arg;
    c->on_ready(LOOP_WRITE, c);
}

/* The second connect() finds the loopback's connection up, which the first one only began. */
static enum connection_state connection_try(struct direct_connection *c, int *error)
{
    int rc = connection_connect(c);
    if (rc != 0 && errno == EINPROGRESS)
        rc = connection_connect(c);
    if (rc == 0 || errno == EISCONN)
        return CONNECTION_OPEN;
    *error = errno;
    bool full = *error == EAGAIN && c->origin->unix_socket;
    if (full && (c->again || (c->again = loop_timer_new(c->loop, connection_on_again, c))))
        return loop_timer_set(c->again, loop_now_ns() + AGAIN_NS) == STATUS_OK ? CONNECTION_COMING
                                                                               : CONNECTION_FAILED;
    if (*error != EINPROGRESS && *error != EALREADY && *error != EINTR)
        return CONNECTION_FAILED;
    return connection_wait(c, LOOP_WRITE) ? CONNECTION_COMING : CONNECTION_FAILED;
}

static enum connection_state connection_opened(struct direct_connection *c)
{
    int64_t took_ns = loop_now_ns() - c->t_start_ns;
    c->open = true;
    c->connect_ns = took_ns > 0 ? took_ns : 1;
    c->origin->last_good = connection_address(c);
    c->origin->answered = true;
    return CONNECTION_OPEN;
}

static void connection_note_failure(struct direct_connection *c, int error)
{
    bool first = c->tried == 0;
    c->first_error = first ? error : c->first_error;
    c->all_ours = (first || c->all_ours) && http_errno_is_ours(error);
}

/* Of several addresses the one that has answered before speaks; before that it is our failure only where it is at
 * each of them: a server on 127.0.0.1 alone refuses ::1 whatever else is wrong. */
static enum connection_state connection_failed(struct direct_connection *c, int error, char *why, size_t size)
{
    const char *where = c->origin->unix_socket ? c->origin->unix_socket : c->origin->host;
    if (c->origin->answered && c->tried > 0)
        error = c->first_error;
    c->ours = c->origin->answered || c->tried == 0 ? http_errno_is_ours(error) : c->all_ours;
    snprintf(why, size, "cannot connect to %s: %s", where, strerror(error));
    return CONNECTION_FAILED;
}

/* The next address, until one answers or none is left. */
static enum connection_state connection_try_others(
    struct direct_connection *c, int error, char *why, size_t size)
{
    for (; c->tried < c->origin->address_count; c->tried++) {
        connection_close(c);
        c->fd = socket_new(c->origin->addresses[connection_address(c)].any.sa_family);
        enum connection_state state = CONNECTION_FAILED;
        error = c->fd < 0 ? errno : ENOMEM;
        c->watch = c->fd < 0 ? NULL : loop_watch_new(c->loop, c->fd, c->on_ready, c);
        if (c->watch)
            state = connection_try(c, &error);
        if (state == CONNECTION_OPEN)
            return connection_opened(c);
        if (state == CONNECTION_COMING)
            return state;
        connection_note_failure(c, error);
    }
    return connection_failed(c, error, why, size);
}

enum connection_state connection_open(struct direct_connection *c, char *why, size_t size)
{
    return connection_try_others(c, ENOMEM, why, size);
}

enum connection_state connection_go_on(struct direct_connection *c, char *why, size_t size)
{
    int error = 0;
    socklen_t len = sizeof error;
    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        error = errno;
    if (error == 0) {
        enum connection_state state = connection_try(c, &error);
        if (state != CONNECTION_FAILED)
            return state == CONNECTION_OPEN ? connection_opened(c) : state;
    }
    connection_note_failure(c, error);
    c->tried++;
    return connection_try_others(c, error, why, size);
}

/* ---- bytes ---- */

ssize_t connection_send(struct direct_connection *c, const char *bytes, size_t len)
{
    return send(c->fd, bytes, len, MSG_NOSIGNAL);
}

bool connection_wait(struct direct_connection *c, unsigned interest)
{
    return loop_watch_set(c->watch, interest) == STATUS_OK;
}

/* ---- idle ones ---- */

void connection_put_idle(struct direct_connection *c)
{
    struct direct_connection **list = &c->origin->idle;
    c->user = NULL;
    c->served = true;
    c->reusable = false;
    c->t_idle_ns = loop_now_ns();
    connection_wait(c, LOOP_READ | LOOP_ASIDE);
    c->next = *list;
    if (c->next)
        c->next->link = &c->next;
    c->link = list;
    *list = c;
}

/* Nothing to read, and not closed. */
static bool connection_lives(struct direct_connection *c)
{
    char byte;
    int64_t idle_ns = loop_now_ns() - c->t_idle_ns;
    if (idle_ns < IDLE_TRUSTED_NS)
        return true;
    return idle_ns < IDLE_LONGEST_NS && recv(c->fd, &byte, 1, MSG_PEEK) < 0 &&
           (errno == EAGAIN || errno == EWOULDBLOCK);
}

struct direct_connection *connection_take_idle(struct http_origin *origin)
{
    for (struct direct_connection *c; (c = origin->idle) != NULL;) {
        if (connection_lives(c)) {
            connection_unlink(c);
            return c;
        }
        connection_free(c);
    }
    return NULL;
}

void connection_free_idle(struct http_origin *origin)
{
    while (origin->idle)
        connection_free(origin->idle);
}
