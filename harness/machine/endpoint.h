/*
 * endpoint.h - where a target's URL points to: address, port, and whether that is this machine.
 *
 *     struct endpoint e;
 *     if (endpoint_resolve("http://127.0.0.1:8080/v1", &e) && e.local) ...
 */
#ifndef ASSAY_ENDPOINT_H
#define ASSAY_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

struct endpoint {
    unsigned char address[16]; /* IPv6, or IPv4 mapped into it, in network order */
    uint16_t port;             /* 0: a Unix socket */
    bool loopback;             /* 127.0.0.0/8, ::1, or an unspecified address */
    bool local;                /* loopback, or the address of one of this machine's interfaces */
};

/* False where the URL cannot be understood or the name not resolved (the resolver may take its time). */
bool endpoint_resolve(const char *url, struct endpoint *endpoint);

#endif
