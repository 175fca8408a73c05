#include "poll_client.h"

#include "clock.h"
#include "hist.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { READ_SIZE = 65536, REQUEST_MAX = 65536, TAIL = 5 };

static const char last_chunk[TAIL + 1] = "0\r\n\r\n";

struct stream {
    struct client *client;
    struct event *readable;
    int fd, rounds_left;
    int64_t sent_ns; /* 0: its answer has begun */
    int64_t left;    /* bytes of the body that are missing; -1: it is chunked */
    char tail[TAIL]; /* the last bytes of a chunked body */
    size_t tail_len;
};

struct client {
    struct event_base *base;
    struct stream *all;
    struct hist *ttft;
    struct poll_client_seen *seen;
    struct error *error;
    enum status status;
    size_t running; /* streams that have not done all their rounds */
    int request_len;
    char request[REQUEST_MAX];
    char bytes[READ_SIZE + 1]; /* of the read being worked on */
};

static void fail(struct client *c, const char *what)
{
    if (c->status == STATUS_OK)
        c->status = error_set(c->error, STATUS_IO, "%s", what);
    event_base_loopbreak(c->base);
}

static int dial(const char *url)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    const char *colon = strrchr(url, ':');
    address.sin_port = htons((uint16_t)strtol(colon ? colon + 1 : "0", NULL, 10));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

static void ask(struct stream *stream)
{
    struct client *c = stream->client;
    stream->tail_len = 0;
    stream->rounds_left--;
    stream->sent_ns = clock_mono_ns(clock_system());
    if (send(stream->fd, c->request, (size_t)c->request_len, MSG_NOSIGNAL) != c->request_len)
        fail(c, "a request could not be sent whole");
}

static void end(struct stream *stream)
{
    struct client *c = stream->client;
    c->seen->requests++;
    if (stream->rounds_left > 0)
        ask(stream);
    else if (--c->running == 0)
        event_base_loopbreak(c->base);
}

/* The head comes with the first bytes. False: it does not, or there is no 200. */
static bool begin_answer(struct stream *stream, const char *bytes, size_t len)
{
    static const char field[] = "\r\nContent-Length: ";
    const char *head_end = memmem(bytes, len, "\r\n\r\n", 4);
    if (!head_end || strncmp(bytes, "HTTP/1.1 200 ", 13) != 0)
        return false;
    hist_record(stream->client->ttft, clock_mono_ns(clock_system()) - stream->sent_ns);
    stream->sent_ns = 0;
    const char *length = memmem(bytes, (size_t)(head_end - bytes), field, sizeof field - 1);
    stream->left = length ? strtoll(length + sizeof field - 1, NULL, 10) + (head_end + 4 - bytes) : -1;
    return true;
}

/* Whether these bytes end a chunked body. */
static bool ends_chunks(struct stream *stream, const char *bytes, size_t len)
{
    size_t keep = len < TAIL ? len : TAIL, room = TAIL - keep;
    size_t old = room < stream->tail_len ? room : stream->tail_len;
    memmove(stream->tail, stream->tail + stream->tail_len - old, old);
    memcpy(stream->tail + old, bytes + len - keep, keep);
    stream->tail_len = old + keep;
    return stream->tail_len == TAIL && memcmp(stream->tail, last_chunk, TAIL) == 0;
}

static void take(evutil_socket_t fd, short what, void *arg)
{
    struct stream *stream = arg;
    struct client *c = stream->client;
    char *bytes = c->bytes;
    (void)what;
    ssize_t n = recv(fd, bytes, READ_SIZE, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        fail(c, "the server closed a connection");
        return;
    }
    bytes[n] = '\0';
    c->seen->reads++;
    c->seen->bytes += n;
    if (stream->sent_ns && !begin_answer(stream, bytes, (size_t)n)) {
        fail(c, "the server did not answer with 200");
        return;
    }
    if (stream->left >= 0)
        stream->left -= n;
    if (stream->left < 0 ? ends_chunks(stream, bytes, (size_t)n) : stream->left == 0)
        end(stream);
}

static enum status open_streams(struct client *c, const struct poll_client_load *load)
{
    for (size_t i = 0; i < load->streams; i++) {
        struct stream *stream = &c->all[i];
        *stream = (struct stream){.client = c, .fd = dial(load->url), .rounds_left = load->rounds};
        if (stream->fd < 0)
            return error_set_errno(c->error, "connection %zu of %zu failed", i + 1, load->streams);
        evutil_make_socket_nonblocking(stream->fd);
        stream->readable = event_new(c->base, stream->fd, EV_READ | EV_PERSIST, take, stream);
        if (!stream->readable || event_add(stream->readable, NULL) != 0)
            return error_set(c->error, STATUS_NO_MEMORY, "no memory for the streams");
    }
    return STATUS_OK;
}

static void close_streams(struct client *c, size_t count)
{
    for (size_t i = 0; c->all && i < count; i++) {
        if (c->all[i].readable)
            event_free(c->all[i].readable);
        if (c->all[i].client && c->all[i].fd >= 0)
            close(c->all[i].fd);
    }
    free(c->all);
}

static double thread_cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / (double)NS_PER_S;
}

/* Streams that begin at a distance go on out of step. */
static void begin_streams(struct client *c, size_t streams, int64_t distance_ns)
{
    for (size_t i = 0; i < streams && c->status == STATUS_OK; i++) {
        if (distance_ns > 0 && i > 0) {
            clock_sleep_until(clock_system(), c->seen->first_begin_ns + (int64_t)i * distance_ns);
            event_base_loop(c->base, EVLOOP_NONBLOCK);
        }
        ask(&c->all[i]);
    }
}

static void play(struct client *c, size_t streams, int64_t distance_ns)
{
    double cpu_s = thread_cpu_s();
    c->seen->first_begin_ns = clock_mono_ns(clock_system());
    c->running = streams;
    begin_streams(c, streams, distance_ns);
    if (c->status == STATUS_OK && event_base_dispatch(c->base) < 0)
        fail(c, "the event loop failed");
    c->seen->last_end_ns = clock_mono_ns(clock_system());
    c->seen->wall_s = (double)(c->seen->last_end_ns - c->seen->first_begin_ns) / (double)NS_PER_S;
    c->seen->cpu_s = thread_cpu_s() - cpu_s;
}

static double hist_mean_s(const struct hist *h)
{
    double sum = 0;
    for (struct hist_bin bin = HIST_FIRST; hist_next(h, &bin);)
        sum += (double)bin.count *
               ((double)hist_bucket_low(bin.index) + (double)hist_bucket_high(bin.index)) / 2;
    return h->total ? sum / (double)h->total / (double)NS_PER_S : 0;
}

enum status poll_client_run(
    const struct poll_client_load *load, struct poll_client_seen *seen, struct error *e)
{
    struct client c = {.base = event_base_new(), .ttft = hist_new(), .seen = seen, .error = e};
    c.all = calloc(load->streams, sizeof *c.all);
    *seen = (struct poll_client_seen){0};
    c.request_len = snprintf(c.request, sizeof c.request,
        "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n\r\n%s", strlen(load->body),
        load->body);
    int64_t begin_ns = clock_mono_ns(clock_system());
    if (!c.base || !c.ttft || !c.all)
        c.status = error_set(e, STATUS_NO_MEMORY, "no memory for the client");
    else if (c.request_len >= REQUEST_MAX)
        c.status = error_set(e, STATUS_LIMIT, "the request is too long");
    else
        c.status = open_streams(&c, load);
    seen->connect_s = (double)(clock_mono_ns(clock_system()) - begin_ns) / (double)NS_PER_S;
    if (c.status == STATUS_OK) {
        play(&c, load->streams, load->distance_ns);
        seen->ttft_mean_s = hist_mean_s(c.ttft);
        seen->ttft_p99_s = c.ttft->total ? hist_quantile(c.ttft, 0.99) / (double)NS_PER_S : 0;
    }
    close_streams(&c, load->streams);
    hist_free(c.ttft);
    if (c.base)
        event_base_free(c.base);
    return c.status;
}
