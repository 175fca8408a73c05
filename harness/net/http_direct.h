/*
 * http_direct.h - the engine of our own: HTTP/1.1 over sockets on the loop, for the servers of http_origin.h.
 *
 * One read per wakeup into a buffer that all connections share; head and body go out in one write where the
 * kernel takes them; a connection stays registered with the loop from its beginning to its end, idle or not,
 * so that a request on an old connection costs one write and one read. Private to this room.
 */
#ifndef ASSAY_HTTP_DIRECT_H
#define ASSAY_HTTP_DIRECT_H

#include "http_private.h"

struct http_direct *http_direct_new(struct loop *loop); /* NULL: no memory */
void http_direct_free(struct http_direct *direct);      /* after its exchanges */

/* False: one for libcurl. */
bool http_direct_takes(struct http_direct *direct, const struct http_request *request);

#endif
