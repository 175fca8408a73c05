/*
 * http_origin.h - a server that can be reached without libcurl: http:// to a numeric address, to localhost or
 * to a Unix socket, in HTTP/1.1, and no proxy on the way. Whatever is unusual in an address is left to libcurl.
 *
 * Private to this room.
 *
 *     struct http_place place;
 *     if (http_place_of(request, &place) && http_origin_make(&place, &origin) == STATUS_OK) ...
 */
#ifndef ASSAY_HTTP_ORIGIN_H
#define ASSAY_HTTP_ORIGIN_H

#include "http.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

/* The parts of a URL, borrowed. */
struct http_place {
    const char *authority; /* host[:port] */
    size_t authority_len;
    const char *path;        /* with its query; "" for / */
    const char *unix_socket; /* NULL: none */
};

union http_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
};

struct direct_connection;

struct http_origin {
    struct http_origin *next;
    char *host;        /* as it stands in the Host field */
    char *unix_socket; /* NULL: none */
    union http_address addresses[2];
    socklen_t lengths[2];
    bool answered;                  /* one of them has, once */
    int address_count, last_good;   /* localhost has two addresses: the one that answered is asked first */
    struct direct_connection *idle; /* the last used first */
};

/* False: one for libcurl. */
bool http_place_of(const struct http_request *request, struct http_place *place);

bool http_origin_is(const struct http_origin *origin, const struct http_place *place);
/* NULL: one for libcurl after all, or no memory. */
struct http_origin *http_origin_new(const struct http_place *place);
void http_origin_free(struct http_origin *origin);

/* Whether the environment may want a proxy on the way there. */
bool http_origin_wants_proxy(const struct http_origin *origin);

#endif
