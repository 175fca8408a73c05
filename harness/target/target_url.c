#include "target_url.h"

#include "buf.h"

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
    free(u->unix_socket);
    u->user = u->password = u->unix_socket = NULL;
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

static void url_take_name(const char *name, struct target_url *out)
{
    snprintf(out->host_port, sizeof out->host_port, "%s", name);
    for (char *c = out->host_port; *c; c++)
        if (!strchr("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-", *c))
            *c = '_';
}

/* "[fe80::1]" -> "ip6-fe80-1" */
static void name_ip6(const char *host, struct buf *name)
{
    buf_append_text(name, "ip6");
    for (const char *c = host; *c && *c != ']'; c++)
        if (*c != '[' && *c != ':')
            buf_printf(name, "%s%c", c[-1] == '[' || c[-1] == ':' ? "-" : "", *c);
}

static void url_name_host(CURLU *parsed, struct target_url *out)
{
    char *host = url_part(parsed, CURLUPART_HOST, 0),
         *port = url_part(parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    struct buf name = BUF_INIT(sizeof out->host_port - 1);
    if (host && host[0] == '[')
        name_ip6(host, &name);
    else
        buf_append_text(&name, host ? host : "");
    buf_printf(&name, "_%s", port ? port : "");
    url_take_name(buf_text(&name), out);
    buf_fini(&name);
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

#define UNIX_SCHEME "http+unix://"
#define UNIX_ROOT "http://localhost"

/* "http+unix://%2Frun%2Fm.sock/v1": requests go to http://localhost/v1 through that socket. */
static enum status url_read_unix(CURLU *parsed, const char *url, struct target_url *out, struct error *e)
{
    const char *socket = url + strlen(UNIX_SCHEME);
    int len = (int)strcspn(socket, "/?#"), path_len = 0, prefix = (int)strlen(UNIX_SCHEME) + len;
    char *path = len > 0 ? curl_easy_unescape(NULL, socket, len, &path_len) : NULL, plain[sizeof out->root];
    enum status s = STATUS_OK;
    if (!path || path[0] != '/' || strlen(path) != (size_t)path_len || !strrchr(path, '/')[1])
        s = error_set(e, STATUS_INVALID,
            "a Unix socket is written as its path with %%2F for each slash: "
            "http+unix://%%2Frun%%2Fmodel.sock");
    else if (snprintf(plain, sizeof plain, UNIX_ROOT "%s", socket + len) + prefix >= (int)sizeof plain)
        s = error_set(e, STATUS_INVALID, "the target's URL is longer than %zu bytes", sizeof plain - 1);
    if (s == STATUS_OK)
        s = url_read(parsed, plain, out, e);
    if (s == STATUS_OK && !(out->unix_socket = strdup(path)))
        s = error_set(e, STATUS_NO_MEMORY, "out of memory");
    if (s == STATUS_OK) {
        url_take_name(strrchr(path, '/') + 1, out);
        snprintf(out->shown, sizeof out->shown, "%.*s%s", prefix, url, out->root + strlen(UNIX_ROOT));
    }
    curl_free(path);
    return s;
}

enum status target_url_parse(const char *url, struct target_url *out, struct error *e)
{
    *out = (struct target_url){0};
    CURLU *parsed = curl_url();
    if (!parsed)
        return error_set(e, STATUS_NO_MEMORY, "out of memory");
    bool is_unix = strncasecmp(url, UNIX_SCHEME, strlen(UNIX_SCHEME)) == 0;
    enum status status = is_unix ? url_read_unix(parsed, url, out, e) : url_read(parsed, url, out, e);
    curl_url_cleanup(parsed);
    if (status != STATUS_OK)
        target_url_fini(out);
    return status;
}
