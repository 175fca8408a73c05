/*
 * http_easy.h - a request as an easy handle of libcurl: address, headers, body, TLS, version, manners. What
 * becomes of it is http_curl.c's.
 *
 * Private to this room.
 *
 *     struct easy_work *w = x->work = easy_work_new(x, request, e);       // NULL: e says why
 *     curl_multi_add_handle(multi, w->easy);
 *     easy_work_free(w);                                                  // when it is in no multi handle
 */
#ifndef ASSAY_HTTP_EASY_H
#define ASSAY_HTTP_EASY_H

#include "http_private.h"
#include "http_turns.h"

#include <curl/curl.h>

/* Of a name with several addresses libcurl tries one of each family at a time, and the others in their turn. */
enum { EASY_SOCKETS_MAX = 16 };

struct easy_work {
    struct http_turn turn; /* first: a turn is its work */
    struct http_exchange *x;
    CURL *easy;
    struct curl_slist *headers;
    char *body;
    int64_t body_len;
    size_t header_bytes;
    enum http_wish http;
    bool takes_turns, tls;
    bool looks_first; /* for a connection that is there; no_room: there was none */
    bool no_room;
    curl_socket_t fd; /* of its connection, once it is connected; before that the last one made for it */
    curl_socket_t made[EASY_SOCKETS_MAX]; /* for it, the last ones */
    unsigned made_count;
    unsigned long ready_in; /* the call of curl in which it was connected; 0: not yet */
    int64_t t_begun_ns;     /* given to curl */
    int64_t making_ns;      /* from there until its new connection was there */
    bool heard;             /* something was read from that since */
    char text[CURL_ERROR_SIZE];
};

struct easy_work *easy_work_new(struct http_exchange *x, const struct http_request *request, struct error *e);
void easy_work_free(struct easy_work *w);

/* A socket was made for it. */
void easy_work_note_socket(struct easy_work *w, curl_socket_t fd);
/* Of several the one that is connected, which need not be the last: it has this port at our end. */
void easy_work_settle_socket(struct easy_work *w, int local_port);

/* For one that looked for a connection with room: now it makes one. */
void easy_work_open_connection(struct easy_work *w);

#endif
