/*
 * transport_options.h - the options that say how servers are reached, as users of HTTP tools know them.
 *
 * They hold for every server that is named; what assay.yaml says of one target goes before them.
 *
 *     static const struct opt table[] = {..., TRANSPORT_OPTIONS(struct mine, transport), {0}};
 *     struct http_transport way = {0};
 *     if (transport_options_apply(&mine.transport, &way, &why) != STATUS_OK) ...
 */
#ifndef ASSAY_TRANSPORT_OPTIONS_H
#define ASSAY_TRANSPORT_OPTIONS_H

#include "opt.h"
#include "transport.h"

#include <stddef.h>

struct transport_options {
    const char *cacert, *cert, *cert_key, *unix_socket, *proxy, *http;
    struct opt_list headers;
    bool insecure;
};

#define OPT_TARGETS "http://|sim:|lms:" /* what --target begins with */

#define TRANSPORT_OPTIONS(type, field)                                                                       \
    {"cacert", 0, OPT_TEXT, offsetof(type, field.cacert), "FILE",                                            \
        "trust the authorities in this file (PEM) instead of the machine's"},                                \
        {"cert", 0, OPT_TEXT, offsetof(type, field.cert), "FILE", "show this client certificate (PEM)"},     \
        {"cert-key", 0, OPT_TEXT, offsetof(type, field.cert_key), "FILE",                                    \
            "its key, where that is in another file"},                                                       \
        {"insecure", 'k', OPT_FLAG, offsetof(type, field.insecure), NULL,                                    \
            "do not verify certificates; the record says so"},                                               \
        {"unix-socket", 0, OPT_TEXT, offsetof(type, field.unix_socket), "PATH",                              \
            "connect through this socket; or --target http+unix://%2Fpath"},                                 \
        {"proxy", 0, OPT_TEXT, offsetof(type, field.proxy), "URL", "go through this proxy"},                 \
        {"http", 0, OPT_TEXT, offsetof(type, field.http), "VERSION",                                         \
            "speak 1.1 (default), 2 and nothing else, or auto: 2 where https offers it",                     \
            .values = "1.1|2|auto"},                                                                         \
    {                                                                                                        \
        "header", 'H', OPT_LIST, offsetof(type, field.headers), "LINE",                                      \
            "send this header too: 'Name: value', ${VARIABLE} in it; @FILE: lines of a file",                \
            .flag_only = true                                                                                \
    }

/* One --header: a line, or @FILE with one on each line. */
enum status transport_options_header(
    struct http_transport *way, const char *text, struct error *e) ASSAY_MUST_CHECK;

/* way is to be closed in every case. */
enum status transport_options_apply(
    const struct transport_options *o, struct http_transport *way, struct error *e) ASSAY_MUST_CHECK;

#endif
