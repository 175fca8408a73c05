/*
 * redirect.h - where an answer of class 3xx sends us, and whether we go there: only on the same server.
 *
 * Credentials and a measurement belong to the server that was named, so another scheme, host or port is
 * refused with its name.
 *
 *     char *next = NULL;
 *     if (redirect_resolve(url, "POST", 308, location, &next, &why) == STATUS_OK) ... free(next);
 */
#ifndef ASSAY_REDIRECT_H
#define ASSAY_REDIRECT_H

#include "status.h"

enum { REDIRECTS_MAX = 5 };

/*
 * location: the header's value, may be relative. STATUS_UNAVAILABLE: it leads to another server, or a POST would
 * have to become a GET (303); STATUS_INVALID: it is no URL.
 */
enum status redirect_resolve(const char *url, const char *method, int http_status, const char *location,
    char **next, struct error *e) ASSAY_MUST_CHECK;

#endif
