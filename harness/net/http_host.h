/* http_host.h - what an http URL says of its host. */
#ifndef ASSAY_HTTP_HOST_H
#define ASSAY_HTTP_HOST_H

#include <stdbool.h>

/* localhost, *.localhost, 127.0.0.0/8, ::1: hosts to which no proxy leads. */
bool http_url_is_loopback(const char *url);

#endif
