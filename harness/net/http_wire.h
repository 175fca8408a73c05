/*
 * http_wire.h - a request as its bytes: what assay says of itself, then the caller's fields, then the body.
 *
 * A field of the caller's takes the place of ours of the same name; one without a value ("Accept:") takes it
 * away. Private to this room.
 */
#ifndef ASSAY_HTTP_WIRE_H
#define ASSAY_HTTP_WIRE_H

#include "buf.h"
#include "http.h"

/* STATUS_NO_MEMORY. host and path as http_origin.h has them. */
enum status http_wire_write(
    const struct http_request *request, const char *host, const char *path, struct buf *out) ASSAY_MUST_CHECK;

#endif
