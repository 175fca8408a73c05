/*
 * http_curl.h - the engine that is libcurl: TLS, proxies, names that must be resolved, and whatever else
 * http_direct.h does not take.
 *
 * Private to this room.
 */
#ifndef ASSAY_HTTP_CURL_H
#define ASSAY_HTTP_CURL_H

#include "http_private.h"

struct http_curl *http_curl_new(struct loop *loop); /* NULL: no memory */
void http_curl_free(struct http_curl *curl);        /* after its exchanges */

#endif
