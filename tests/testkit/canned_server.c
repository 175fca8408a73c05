#include "canned_server.h"

#include "buf.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { REQUESTS_MAX = 256, CONNECTIONS_MAX = 256, REQUEST_BYTES_MAX = 16 << 20 };

struct canned_connection {
    struct canned_server *server;
    pthread_t thread;
    int fd;
};

struct canned_server {
    const struct canned_reply *replies;
    size_t reply_count;
    int listener, stop_pipe[2];
    int port;
    char url[64];
    pthread_t acceptor;
    pthread_mutex_t lock; /* of what follows */
    char *requests[REQUESTS_MAX];
    size_t request_count, replies_begun, replies_early;
    struct canned_connection connections[CONNECTIONS_MAX];
    size_t connection_count;
};

/* False when the server is to stop, or after pause_ms. A negative pause has no end. */
static bool canned_wait(struct canned_server *server, int fd, int pause_ms)
{
    struct pollfd fds[2] = {{.fd = server->stop_pipe[0], .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    int rc;
    do
        rc = poll(fds, fd >= 0 ? 2 : 1, pause_ms);
    while (rc < 0 && errno == EINTR);
    return rc > 0 && !fds[0].revents;
}

static bool canned_is_stopping(struct canned_server *server)
{
    struct pollfd p = {.fd = server->stop_pipe[0], .events = POLLIN};
    return poll(&p, 1, 0) > 0;
}

static size_t canned_body_length(const char *head)
{
    const char *field = strcasestr(head, "\r\nContent-Length:");
    return field ? (size_t)strtoull(field + strlen("\r\nContent-Length:"), NULL, 10) : 0;
}

/* 0: the head has not ended. */
static size_t canned_request_length(const char *text)
{
    const char *head_end = strstr(text, "\r\n\r\n");
    return head_end ? (size_t)(head_end + 4 - text) + canned_body_length(text) : 0;
}

/* Reads one request; false where the client has gone or the server is to stop. A head is looked for once: a
 * sanitizer goes through all of the text each time. */
static bool canned_read_request(struct canned_connection *c, struct buf *request)
{
    char piece[16384];
    for (size_t length = 0;;) {
        if (!length)
            length = canned_request_length(buf_text(request));
        if (length && request->len >= length)
            return true;
        if (!canned_wait(c->server, c->fd, -1))
            return false;
        ssize_t n = recv(c->fd, piece, sizeof piece, 0);
        if (n <= 0 || buf_append(request, piece, (size_t)n) != STATUS_OK)
            return false;
    }
}

static const struct canned_reply *canned_next_reply(struct canned_server *server)
{
    pthread_mutex_lock(&server->lock);
    size_t index = server->replies_begun++;
    pthread_mutex_unlock(&server->lock);
    return &server->replies[index < server->reply_count ? index : server->reply_count - 1];
}

/* The reply that the next request will get, without taking it. */
static const struct canned_reply *canned_peek_reply(struct canned_server *server)
{
    pthread_mutex_lock(&server->lock);
    size_t index = server->replies_begun;
    pthread_mutex_unlock(&server->lock);
    return &server->replies[index < server->reply_count ? index : server->reply_count - 1];
}

static void canned_remember(struct canned_server *server, struct buf *request)
{
    pthread_mutex_lock(&server->lock);
    if (server->request_count < REQUESTS_MAX)
        server->requests[server->request_count++] = buf_take(request);
    pthread_mutex_unlock(&server->lock);
    buf_clear(request);
}

static bool canned_send(struct canned_connection *c, const struct canned_reply *reply)
{
    size_t len = reply->len ? reply->len : reply->text ? strlen(reply->text) : 0;
    size_t piece = reply->piece ? reply->piece : len;
    for (size_t at = 0; at < len;) {
        size_t want = len - at < piece ? len - at : piece;
        ssize_t n = send(c->fd, reply->text + at, want, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        at += (size_t)n;
        struct timespec pause = {.tv_nsec = reply->piece_pause_us * 1000L};
        if (reply->piece_pause_us && at < len)
            nanosleep(&pause, NULL);
    }
    return true;
}

static void canned_reset(int fd)
{
    struct linger hard = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

/* False when the server is to stop. */
static bool canned_pause(struct canned_server *server, const struct canned_reply *reply)
{
    enum { STEP_MS = 5 };
    int step_ms = reply->until ? STEP_MS : reply->pause_ms;
    for (int left_ms = reply->pause_ms; left_ms > 0; left_ms -= step_ms) {
        if (reply->until && canned_server_request_count(server) >= reply->until)
            return true;
        canned_wait(server, -1, step_ms);
        if (canned_is_stopping(server))
            return false;
    }
    pthread_mutex_lock(&server->lock);
    server->replies_early += server->request_count < reply->until;
    pthread_mutex_unlock(&server->lock);
    return true;
}

static void *canned_serve(void *arg)
{
    struct canned_connection *c = arg;
    struct buf request = BUF_INIT(REQUEST_BYTES_MAX);
    for (bool open = true; open && !canned_is_stopping(c->server);) {
        if (!canned_peek_reply(c->server)->unread) {
            if (!canned_read_request(c, &request))
                break;
            canned_remember(c->server, &request);
        }
        const struct canned_reply *reply = canned_next_reply(c->server);
        if (!canned_pause(c->server, reply))
            break;
        open = canned_send(c, reply) && reply->end == CANNED_KEEP;
        if (reply->end == CANNED_HOLD)
            canned_wait(c->server, -1, -1);
        if (reply->end == CANNED_RESET)
            canned_reset(c->fd);
    }
    buf_fini(&request);
    close(c->fd);
    return NULL;
}

static void *canned_accept(void *arg)
{
    struct canned_server *server = arg;
    while (canned_wait(server, server->listener, -1)) {
        int fd = accept(server->listener, NULL, NULL), yes = 1;
        if (fd < 0)
            continue;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        pthread_mutex_lock(&server->lock);
        struct canned_connection *c = &server->connections[server->connection_count];
        *c = (struct canned_connection){.server = server, .fd = fd};
        bool started = server->connection_count + 1 < CONNECTIONS_MAX &&
                       pthread_create(&c->thread, NULL, canned_serve, c) == 0;
        server->connection_count += started;
        pthread_mutex_unlock(&server->lock);
        if (!started)
            close(fd);
    }
    return NULL;
}

static void canned_listen(struct canned_server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;
    server->listener = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_ge(server->listener, 0);
    ck_assert_int_eq(bind(server->listener, (struct sockaddr *)&address, len), 0);
    ck_assert_int_eq(listen(server->listener, 128), 0);
    ck_assert_int_eq(getsockname(server->listener, (struct sockaddr *)&address, &len), 0);
    server->port = ntohs(address.sin_port);
    snprintf(server->url, sizeof server->url, "http://127.0.0.1:%d", server->port);
}

struct canned_server *canned_server_start(const struct canned_reply *replies, size_t count)
{
    struct canned_server *server = calloc(1, sizeof *server);
    ck_assert_ptr_nonnull(server);
    server->replies = replies;
    server->reply_count = count;
    pthread_mutex_init(&server->lock, NULL);
    ck_assert_int_eq(pipe(server->stop_pipe), 0);
    canned_listen(server);
    ck_assert_int_eq(pthread_create(&server->acceptor, NULL, canned_accept, server), 0);
    return server;
}

void canned_server_stop(struct canned_server *server)
{
    if (!server)
        return;
    ssize_t told = write(server->stop_pipe[1], "x", 1);
    ck_assert_int_eq((int)told, 1);
    pthread_join(server->acceptor, NULL);
    for (size_t i = 0; i < server->connection_count; i++)
        pthread_join(server->connections[i].thread, NULL);
    for (size_t i = 0; i < server->request_count; i++)
        free(server->requests[i]);
    close(server->listener);
    close(server->stop_pipe[0]);
    close(server->stop_pipe[1]);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

int canned_server_port(const struct canned_server *server)
{
    return server->port;
}

const char *canned_server_url(const struct canned_server *server)
{
    return server->url;
}

const char *canned_server_request(struct canned_server *server, size_t index)
{
    pthread_mutex_lock(&server->lock);
    const char *text = index < server->request_count ? server->requests[index] : NULL;
    pthread_mutex_unlock(&server->lock);
    return text ? text : "";
}

size_t canned_server_request_count(struct canned_server *server)
{
    pthread_mutex_lock(&server->lock);
    size_t count = server->request_count;
    pthread_mutex_unlock(&server->lock);
    return count;
}

size_t canned_server_connection_count(struct canned_server *server)
{
    pthread_mutex_lock(&server->lock);
    size_t count = server->connection_count;
    pthread_mutex_unlock(&server->lock);
    return count;
}

size_t canned_server_early_count(struct canned_server *server)
{
    pthread_mutex_lock(&server->lock);
    size_t count = server->replies_early;
    pthread_mutex_unlock(&server->lock);
    return count;
}
