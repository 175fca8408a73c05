/*
 * socket_match.h - is a listening socket that of a server's URL?
 *
 *     if (socket_answers_for(address, port, &endpoint)) ...
 */
#ifndef ASSAY_SOCKET_MATCH_H
#define ASSAY_SOCKET_MATCH_H

#include "endpoint.h"

/* address: IPv6, or IPv4 mapped into it, in network order; zeros where it listens on all. */
bool socket_answers_for(const unsigned char address[16], uint16_t port, const struct endpoint *endpoint);

#endif
