#include "target_url.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void target_forget_secret(char *secret)
{
    if (secret)
        explicit_bzero(secret, strlen(secret));
    free(secret);
}

void target_url_fini(struct target_url *u)
{
    target_forget_secret(u->user);
    target_forget_secret(u->password);
    u->user = u->password = NULL;
}

static char *url_part(CURLU *parsed, CURLUPart part, unsigned flags)
{
    char *text = NULL, *copy = NULL;
    if (curl_url_get(parsed, part, &text, flags) == CURLUE_OK)
        copy = strdup(text);
    curl_free(text);
    return copy;
}

/* "http://127.0.0.1:8080/v1/" -> "http://127.0.0.1:8080" */
static bool url_trim(struct target_url *out)
{
    static const char version[] = "/v1";
    size_t len = strlen(out->root), tail = sizeof version - 1;
    while (len && out->root[len - 1] == '/')
        out->root[--len] = '\0';
    out->has_version = len >= tail && strcmp(out->root + len - tail, version) == 0;
    if (out->has_version)
        out->root[len - tail] = '\0';
    return len > 0;
}

static void url_name_host(CURLU *parsed, struct target_url *out)
{
    char *host = url_part(parsed, CURLUPART_HOST, 0),
         *port = url_part(parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    snprintf(out->host_port, sizeof out->host_port, "%s_%s", host ? host : "", port ? port : "");
    for (char *c = out->host_port; *c; c++)
        if (!strchr("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-", *c))
            *c = '_'; /* brackets and colons of IPv6 */
    free(host);
    free(port);
}

/* The text of an error must not show the URL: it may hold a password. */
static enum status url_read(CURLU *parsed, const char *url, struct target_url *out, struct error *e)
{
    CURLUcode code = curl_url_set(parsed, CURLUPART_URL, url, CURLU_GUESS_SCHEME);
    if (code != CURLUE_OK)
        return error_set(e, STATUS_INVALID, "the target is not a URL: %s", curl_url_strerror(code));
    out->user = url_part(parsed, CURLUPART_USER, CURLU_URLDECODE);
    out->password = url_part(parsed, CURLUPART_PASSWORD, CURLU_URLDECODE);
    curl_url_set(parsed, CURLUPART_USER, NULL, 0);
    curl_url_set(parsed, CURLUPART_PASSWORD, NULL, 0);
    curl_url_set(parsed, CURLUPART_QUERY, NULL, 0);
    curl_url_set(parsed, CURLUPART_FRAGMENT, NULL, 0);
    char *clean = url_part(parsed, CURLUPART_URL, 0);
    bool fits = clean && (size_t)snprintf(out->root, sizeof out->root, "%s", clean) < sizeof out->root;
    free(clean);
    if (!fits || !url_trim(out))
        return error_set(
            e, STATUS_INVALID, "the target's URL is longer than %zu bytes", sizeof out->root - 1);
    if (strncasecmp(out->root, "http://", 7) != 0 && strncasecmp(out->root, "https://", 8) != 0)
        return error_set(e, STATUS_INVALID, "the target's URL must begin with http:// or https://");
    url_name_host(parsed, out);
    return STATUS_OK;
}

enum status target_url_parse(const char *url, struct target_url *out, struct error *e)
{
    *out = (struct target_url){0};
    CURLU *parsed = curl_url();
    if (!parsed)
        return error_set(e, STATUS_NO_MEMORY, "out of memory");
    enum status status = url_read(parsed, url, out, e);
    curl_url_cleanup(parsed);
    if (status != STATUS_OK)
        target_url_fini(out);
    return status;
}
