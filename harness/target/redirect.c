#include "redirect.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static char *part_of(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    return curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) == CURLUE_OK ? text : NULL;
}

static bool same_part(CURLU *a, CURLU *b, CURLUPart part)
{
    char *x = part_of(a, part), *y = part_of(b, part);
    bool same = x && y && strcasecmp(x, y) == 0;
    curl_free(x);
    curl_free(y);
    return same;
}

static bool same_server(CURLU *a, CURLU *b)
{
    return same_part(a, b, CURLUPART_SCHEME) && same_part(a, b, CURLUPART_HOST) &&
           same_part(a, b, CURLUPART_PORT);
}

static enum status refuse(CURLU *to, struct error *e)
{
    char *scheme = part_of(to, CURLUPART_SCHEME), *host = part_of(to, CURLUPART_HOST),
         *port = part_of(to, CURLUPART_PORT);
    enum status s = error_set(e, STATUS_UNAVAILABLE,
        "the server sends us on to another, %.10s://%.200s:%.5s: name that one if it is the one to measure",
        scheme ? scheme : "", host ? host : "", port ? port : "");
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    return s;
}

enum status redirect_resolve(
    const char *url, const char *method, int http_status, const char *location, char **next, struct error *e)
{
    CURLU *from = curl_url(), *to = curl_url();
    char *text = NULL;
    enum status s = STATUS_OK;
    *next = NULL;
    if (http_status == 303 && strcmp(method, "GET") != 0)
        s = error_set(e, STATUS_UNAVAILABLE, "the server wants the answer to be fetched elsewhere");
    else if (!from || !to || curl_url_set(from, CURLUPART_URL, url, 0) != CURLUE_OK ||
             curl_url_set(to, CURLUPART_URL, url, 0) != CURLUE_OK ||
             curl_url_set(to, CURLUPART_URL, location, 0) != CURLUE_OK)
        s = error_set(e, STATUS_INVALID, "the server sends us on to what is no URL");
    else if (!same_server(from, to))
        s = refuse(to, e);
    else if (curl_url_get(to, CURLUPART_URL, &text, 0) != CURLUE_OK || !(*next = strdup(text)))
        s = error_set(e, STATUS_NO_MEMORY, "out of memory");
    curl_free(text);
    curl_url_cleanup(from);
    curl_url_cleanup(to);
    return s;
}
