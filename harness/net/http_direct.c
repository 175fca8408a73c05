#include "http_direct.h"

#include "arrival.h"
#include "clock.h"
#include "http_connection.h"
#include "http_parse.h"
#include "http_wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { READ_BYTES = 64 * 1024, REQUEST_HEAD_MAX = 1 << 20 };

struct http_direct {
    struct loop *loop;
    struct http_origin *origins;
    struct arrival_clock arrivals;
    char bytes[READ_BYTES]; /* of the read being worked on */
};

/* The part of an exchange that is ours. */
struct direct_work {
    struct direct_connection *connection;
    struct http_parse answer;
    struct http_origin *origin;
    struct buf wire; /* the request */
    size_t written;
    bool fresh, lost_writing;
};

static void direct_on_ready(unsigned what, void *arg);

struct http_direct *http_direct_new(struct loop *loop)
{
    struct http_direct *d = malloc(sizeof *d); /* not cleared: most of it is the buffer */
    if (!d)
        return NULL;
    d->loop = loop;
    d->origins = NULL;
    d->arrivals = (struct arrival_clock){0};
    return d;
}

void http_direct_free(struct http_direct *direct)
{
    struct http_origin *next;
    if (!direct)
        return;
    for (struct http_origin *o = direct->origins; o; o = next) {
        next = o->next;
        connection_free_idle(o);
        http_origin_free(o);
    }
    free(direct);
}

static struct http_origin *direct_find(
    struct http_direct *d, const struct http_request *request, struct http_place *place)
{
    if (!http_place_of(request, place))
        return NULL;
    for (struct http_origin *o = d->origins; o; o = o->next)
        if (http_origin_is(o, place))
            return o;
    struct http_origin *made = http_origin_new(place);
    if (made) {
        made->next = d->origins;
        d->origins = made;
    }
    return made;
}

bool http_direct_takes(struct http_direct *direct, const struct http_request *request)
{
    struct http_place place;
    struct http_origin *origin = direct_find(direct, request, &place);
    return origin && !http_origin_wants_proxy(origin);
}

/* ---- writing ---- */

static void direct_write(struct http_exchange *x)
{
    struct direct_work *w = x->work;
    unsigned interest = LOOP_READ;
    while (w->written < w->wire.len && !w->lost_writing) {
        ssize_t n = connection_send(w->connection, w->wire.data + w->written, w->wire.len - w->written);
        if (n >= 0)
            w->written += (size_t)n;
        else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            interest |= LOOP_WRITE;
            break;
        } else if (errno != EINTR)
            w->lost_writing = true; /* reading tells why, and whether an answer came before it */
    }
    if (!connection_wait(w->connection, interest))
        http_fail(x, HTTP_INTERNAL, "cannot wait for a connection: out of memory");
}

static void direct_begin(struct http_exchange *x)
{
    http_ready(x);
    direct_write(x);
}

/* ---- connecting ---- */

static void direct_connect(struct http_exchange *x)
{
    struct direct_work *w = x->work;
    char why[256];
    w->connection = connection_new(x->client->direct->loop, w->origin, direct_on_ready);
    if (!w->connection) {
        http_fail(x, HTTP_INTERNAL, "cannot make a connection: out of memory");
        return;
    }
    w->connection->user = x;
    enum connection_state state = connection_open(w->connection, why, sizeof why);
    if (state == CONNECTION_OPEN)
        direct_begin(x);
    else if (state == CONNECTION_FAILED)
        http_fail(x, w->connection->ours ? HTTP_INTERNAL : HTTP_CONNECT, why);
}

static void direct_go_on_connecting(struct http_exchange *x)
{
    struct direct_work *w = x->work;
    char why[256];
    enum connection_state state = connection_go_on(w->connection, why, sizeof why);
    if (state == CONNECTION_OPEN)
        direct_begin(x);
    else if (state == CONNECTION_FAILED)
        http_finish(x, w->connection->ours ? HTTP_INTERNAL : HTTP_CONNECT, why);
}

/* ---- the answer ---- */

static void direct_complete(struct http_exchange *x, bool nothing_behind)
{
    struct direct_work *w = x->work;
    w->connection->reusable =
        nothing_behind && w->answer.keep_alive && w->written == w->wire.len && !w->fresh && !w->lost_writing;
    http_finish(x, HTTP_OK, NULL);
}

/* An idle connection may have been closed by the server just before: the request is made again on a new one,
 * once. */
static bool direct_try_again(struct http_exchange *x)
{
    struct direct_work *w = x->work;
    if (!w->connection->served || w->answer.head_bytes > 0 ||
        loop_now_ns() - x->result.t_sent_ns > HTTP_STALE_WITHIN_NS)
        return false;
    connection_free(w->connection);
    w->connection = NULL;
    w->written = 0;
    w->lost_writing = false;
    http_unready(x);
    direct_connect(x);
    return true;
}

/* The connection is gone: error is 0 where it was closed in order. */
static void direct_lost(struct http_exchange *x, int error)
{
    struct direct_work *w = x->work;
    struct http_piece piece;
    char text[160];
    if (direct_try_again(x))
        return;
    http_parse_close(&w->answer, &piece);
    bool whole = piece.kind == HTTP_PIECE_END;
    if (whole && error == 0) {
        direct_complete(x, false);
    } else if (w->answer.head_bytes == 0 && w->written < w->wire.len) {
        http_finish(x, HTTP_SEND, "the connection was lost while the request was being written");
    } else if (error) {
        snprintf(text, sizeof text, "the connection was lost %s: %s",
            w->answer.head_bytes ? "in the middle of the answer" : "before anything was answered",
            strerror(error));
        http_finish(x, HTTP_TRUNCATED, text);
    } else {
        http_finish(x, w->answer.error, w->answer.text);
    }
}

/* False: x is gone, or as good as. */
static bool direct_take_piece(
    struct http_exchange *x, const struct http_piece *piece, bool nothing_behind, int64_t t_ns)
{
    struct direct_work *w = x->work;
    switch (piece->kind) {
    case HTTP_PIECE_NONE:
        return true;
    case HTTP_PIECE_HEAD:
        return http_take_headers(x, w->answer.status, w->answer.http, t_ns);
    case HTTP_PIECE_BODY:
        return http_take_body(x, piece->bytes, piece->len, t_ns);
    case HTTP_PIECE_END:
        direct_complete(x, nothing_behind);
        return false;
    case HTTP_PIECE_BAD:
        http_finish(x, w->answer.error, w->answer.text);
        return false;
    }
    return false;
}

static bool direct_take(struct http_exchange *x, const char *bytes, size_t len, int64_t t_ns)
{
    struct direct_work *w = x->work;
    struct http_piece piece;
    x->t_last_read_ns = t_ns;
    do {
        size_t used = http_parse_next(&w->answer, bytes, len, &piece);
        bytes += used;
        len -= used;
        if (!direct_take_piece(x, &piece, len == 0, t_ns))
            return false;
    } while (piece.kind != HTTP_PIECE_NONE);
    return true;
}

/* One read: what is still there wakes the loop again. */
static bool direct_read(struct http_exchange *x)
{
    struct direct_work *w = x->work;
    struct http_direct *d = x->client->direct;
    int64_t before_ns = x->t_last_read_ns ? x->t_last_read_ns : x->result.t_sent_ns, t_ns;
    ssize_t n = arrival_receive(&d->arrivals, w->connection->fd, d->bytes, READ_BYTES, before_ns, &t_ns);
    if (n > 0)
        return direct_take(x, d->bytes, (size_t)n, t_ns);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return true;
    direct_lost(x, n < 0 ? errno : 0);
    return false;
}

static void direct_on_ready(unsigned what, void *arg)
{
    struct direct_connection *c = arg;
    struct http_exchange *x = c->user;
    if (!x) {
        connection_free(c); /* idle: closed by the server, or bytes that nobody asked for */
        return;
    }
    if (x->verdict != HTTP_OK)
        return;
    if (!c->open)
        direct_go_on_connecting(x);
    else if ((!(what & LOOP_READ) || direct_read(x)) && what & LOOP_WRITE)
        direct_write(x);
}

/* ---- the table ---- */

static bool direct_start(struct http_exchange *x, const struct http_request *request, struct error *e)
{
    struct direct_work *w = malloc(sizeof *w);
    struct http_place place;
    if (!w) {
        error_set(e, STATUS_NO_MEMORY, "cannot start a request: out of memory");
        return false;
    }
    *w = (struct direct_work){.origin = direct_find(x->client->direct, request, &place),
        .wire = BUF_INIT(REQUEST_HEAD_MAX + request->body_len),
        .fresh = request->fresh_connection};
    x->work = w;
    http_parse_init(&w->answer, strcmp(request->method, "HEAD") == 0);
    if (http_wire_write(request, w->origin->host, place.path, &w->wire) != STATUS_OK) {
        error_set(e, STATUS_NO_MEMORY, "cannot start a request: out of memory, or a header too large");
        return false;
    }
    w->connection = w->fresh ? NULL : connection_take_idle(w->origin);
    if (w->connection) {
        w->connection->user = x;
        direct_begin(x);
    } else {
        direct_connect(x);
    }
    return true;
}

static void direct_stop(struct http_exchange *x)
{
    struct direct_work *w = x->work;
    struct direct_connection *c = w->connection;
    w->connection = NULL;
    if (!c)
        return;
    x->result.reused = c->served && x->result.t_sent_ns != 0;
    x->result.connect_ns = c->served ? 0 : c->connect_ns;
    if (c->reusable)
        connection_put_idle(c);
    else
        connection_free(c);
}

static const char *direct_header(const struct http_exchange *x, const char *name)
{
    const struct direct_work *w = x->work;
    return http_parse_field(&w->answer, name);
}

static void direct_each_header(
    const struct http_exchange *x, void (*each)(const char *name, const char *value, void *arg), void *arg)
{
    const struct direct_work *w = x->work;
    http_parse_each_field(&w->answer, each, arg);
}

static void direct_release(struct http_exchange *x)
{
    struct direct_work *w = x->work;
    if (!w)
        return;
    connection_free(w->connection);
    http_parse_fini(&w->answer);
    buf_fini(&w->wire);
    free(w);
}

const struct http_engine http_engine_direct = {
    .start = direct_start,
    .stop = direct_stop,
    .header = direct_header,
    .each_header = direct_each_header,
    .release = direct_release,
};
