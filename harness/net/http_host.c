#include "http_host.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <string.h>
#include <strings.h>

static bool host_ends_with(const char *host, const char *tail)
{
    size_t len = strlen(host), tail_len = strlen(tail);
    return len >= tail_len && strcasecmp(host + len - tail_len, tail) == 0;
}

static bool host_is_loopback(const char *host)
{
    struct in_addr v4;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    return strcasecmp(host, "localhost") == 0 || host_ends_with(host, ".localhost") ||
           strcmp(host, "[::1]") == 0;
}

bool http_url_is_loopback(const char *url)
{
    CURLU *parsed = curl_url();
    char *host = NULL;
    bool loopback = parsed && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
                    curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK && host_is_loopback(host);
    curl_free(host);
    curl_url_cleanup(parsed);
    return loopback;
}
