/*
 * http_fetch.h - one request after the other through a client of its own, and what was told of it.
 *
 *     static const struct canned_reply reply = {.text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"};
 *     struct http_fetch f = http_fetch_one(&reply);
 *     ck_assert_int_eq(f.result.error, HTTP_OK);
 *     http_fetch_fini(&f);
 */
#ifndef ASSAY_HTTP_FETCH_H
#define ASSAY_HTTP_FETCH_H

#include "buf.h"
#include "canned_server.h"
#include "http.h"

/* One request and all that its callbacks saw. */
struct http_fetch {
    struct loop *loop;
    struct http_client *client;
    struct http_exchange *handle;
    struct buf body;
    struct http_result result;
    char server[64];
    int headers, reads, dones;
    int64_t first_read_ns;
    bool cancel_in_headers, cancel_in_data;
};

void http_fetch_init(struct http_fetch *f);
void http_fetch_fini(struct http_fetch *f);
struct http_request http_fetch_request(struct http_fetch *f, const char *url);
void http_fetch_run(struct http_fetch *f, const struct http_request *request);

/* A GET against one canned reply, start to end. */
struct http_fetch http_fetch_one(const struct canned_reply *reply);

#endif
