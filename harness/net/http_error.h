/*
 * http_error.h - which class of error a result of libcurl is; it depends on how far the request had come.
 *
 * Private to this room.
 */
#ifndef ASSAY_HTTP_ERROR_H
#define ASSAY_HTTP_ERROR_H

#include "http.h"

#include <curl/curl.h>

struct http_moment {
    bool sent;          /* the connection was ready */
    bool uploading;     /* part of the request's body was still to be written */
    bool answered;      /* something of the answer's head has come */
    const char *text;   /* curl's own message, "" without */
    long connect_errno; /* of the last connect that failed; 0: none did, or it is not known */
};

/* True for what this machine lacks, whoever the server is: descriptors, ports, memory. */
bool http_errno_is_ours(int error);

enum http_error http_error_of_curl(CURLcode code, const struct http_moment *moment);

/* Of errors that are not libcurl's to find: static; NULL of the others. */
const char *http_error_own_text(enum http_error error);

/* A sentence for a person; static or of moment. */
const char *http_error_text(enum http_error error, CURLcode code, const struct http_moment *moment);

#endif
