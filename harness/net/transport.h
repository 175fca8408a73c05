/*
 * transport.h - how requests reach a server, beside its URL: certificates, a socket, a proxy, headers of
 * one's own, the version of HTTP.
 *
 * All zero is the usual way. What is secret here (values of headers, the proxy's password) reaches the wire
 * and nothing else: http_transport_describe() leaves it out, and http_transport_fini() overwrites it.
 *
 *     struct http_transport way = {0};
 *     if (http_transport_set(&way.ca_file, "ours.pem", &why) != STATUS_OK ||
 *         http_transport_add_header(&way, "X-Team: ${TEAM_TOKEN}", false, &why) != STATUS_OK ||
 *         http_transport_check(&way, &why) != STATUS_OK) ...
 *     http_transport_fini(&way);
 */
#ifndef ASSAY_TRANSPORT_H
#define ASSAY_TRANSPORT_H

#include "buf.h"
#include "status.h"

#include <stdbool.h>
#include <stddef.h>

enum { TRANSPORT_HEADERS_MAX = 32 };

/* 2: no other is accepted. Over http:// that is prior knowledge, since nobody negotiates there; over https:// and
 * for AUTO it is ALPN that says, so that AUTO is 1.1 over http://. */
enum http_wish { HTTP_WISH_1_1, HTTP_WISH_2, HTTP_WISH_AUTO };

/* Texts are owned; NULL: none. */
struct http_transport {
    char *ca_file;              /* PEM: authorities that are trusted instead of the machine's */
    char *cert_file, *key_file; /* PEM: the client's own certificate, and its key where that is elsewhere */
    char *unix_socket;          /* path; the URL's host is then only a name */
    char *proxy;                /* URL: http, https, socks4(a), socks5(h); may hold user:password */
    bool insecure;              /* the server's certificate is not verified */
    enum http_wish http;
    char *headers[TRANSPORT_HEADERS_MAX]; /* "Name: value" */
    size_t header_count;
};

enum status http_transport_set(char **field, const char *text, struct error *e) ASSAY_MUST_CHECK;

/* "1.1", "2" or "auto"; STATUS_USAGE for another. */
enum status http_transport_set_http(
    struct http_transport *t, const char *word, struct error *e) ASSAY_MUST_CHECK;

/*
 * "Name: value"; ${NAME} in the value is the environment's variable (STATUS_NOT_FOUND where that is not set).
 * STATUS_USAGE for what is no header, for one that assay sets itself, and, unless literal, for a secret
 * (Authorization, Cookie, X-Api-Key, ...) that is spelled out: it would stand in a file or in the list of
 * processes.
 */
enum status http_transport_add_header(
    struct http_transport *t, const char *line, bool literal, struct error *e) ASSAY_MUST_CHECK;
/* Whether a header of this name was added, whatever its case. */
bool http_transport_has_header(const struct http_transport *t, const char *name);

/* Files that cannot be read, a key without a certificate, a proxy that is none: STATUS_USAGE says which. */
enum status http_transport_check(const struct http_transport *t, struct error *e) ASSAY_MUST_CHECK;

/* "HTTP/2; certificate not verified; proxy http://box:3128; header X-Team": for records, without secrets; nothing for
 * the usual way. */
void http_transport_describe(const struct http_transport *t, struct buf *out);

/* Calls back with every secret part of it, to be kept out of texts. */
void http_transport_each_secret(
    const struct http_transport *t, void (*secret)(const char *text, void *arg), void *arg);

enum status http_transport_copy(
    const struct http_transport *from, struct http_transport *to, struct error *e) ASSAY_MUST_CHECK;
void http_transport_fini(struct http_transport *t); /* also of a zeroed one */

#endif
