/*
 * canned_server.h - a TCP server on the loopback that answers with given bytes, well or badly.
 *
 * The n-th request it reads gets the n-th reply; the last reply serves all further ones. Bytes go out as they
 * are, head included, in pieces and with pauses as the reply says. Each connection has a thread of its own.
 *
 *     static const struct canned_reply replies[] = {
 *         {.text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
 *         {.text = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhal", .end = CANNED_RESET},
 *     };
 *     struct canned_server *server = canned_server_start(replies, 2);
 *     ... canned_server_url(server) ...                       // "http://127.0.0.1:PORT"
 *     ck_assert_ptr_nonnull(strstr(canned_server_request(server, 0), "POST /v1/chat/completions"));
 *     canned_server_stop(server);
 */
#ifndef ASSAY_CANNED_SERVER_H
#define ASSAY_CANNED_SERVER_H

#include <stdbool.h>
#include <stddef.h>

/* What follows the last byte. */
enum canned_end {
    CANNED_KEEP, /* the connection stays open for the next request */
    CANNED_CLOSE,
    CANNED_RESET, /* RST */
    CANNED_HOLD,  /* nothing more, and the connection stays open until the server stops */
};

struct canned_reply {
    const char *text; /* the bytes; len 0: as long as the string */
    size_t len;
    size_t piece;       /* bytes per send; 0: all at once */
    int piece_pause_us; /* between two pieces */
    int pause_ms;       /* before the first byte */
    size_t
        until;   /* so many requests have been read the pause lasts, if it is not over before; 0: only that */
    bool unread; /* answer (or end) without reading the request */
    enum canned_end end;
};

struct canned_server;

/* Fails the running Check test where it cannot start. The replies are borrowed until the server stops. */
struct canned_server *canned_server_start(const struct canned_reply *replies, size_t count);
void canned_server_stop(struct canned_server *server);

int canned_server_port(const struct canned_server *server);
const char *canned_server_url(const struct canned_server *server);

/* Head and body of the index-th request read so far, "" if there was none; good until the server stops. */
const char *canned_server_request(struct canned_server *server, size_t index);
size_t canned_server_request_count(struct canned_server *server);
size_t canned_server_connection_count(struct canned_server *server);
/* Replies whose pause was over before there were the requests that it was to last for (canned_reply.until). */
size_t canned_server_early_count(struct canned_server *server);

#endif
