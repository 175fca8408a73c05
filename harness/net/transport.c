#include "transport.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>
#include <unistd.h>

enum { HEADER_MAX = 8192 };

static void forget(char **text)
{
    if (*text)
        explicit_bzero(*text, strlen(*text));
    free(*text);
    *text = NULL;
}

enum status http_transport_set(char **field, const char *text, struct error *e)
{
    char *copy = strdup(text);
    if (!copy)
        return error_set(e, STATUS_NO_MEMORY, "out of memory");
    forget(field);
    *field = copy;
    return STATUS_OK;
}

enum status http_transport_set_http(struct http_transport *t, const char *word, struct error *e)
{
    static const char *const words[] = {
        [HTTP_WISH_1_1] = "1.1", [HTTP_WISH_2] = "2", [HTTP_WISH_AUTO] = "auto"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i], word) == 0) {
            t->http = (enum http_wish)i;
            return STATUS_OK;
        }
    return error_set(e, STATUS_USAGE, "HTTP %s cannot be spoken: 1.1, 2 and auto can", word);
}

/* ---- headers ---- */

static bool one_of(const char *const *names, const char *name, size_t len)
{
    for (; *names; names++)
        if (strlen(*names) == len && strncasecmp(*names, name, len) == 0)
            return true;
    return false;
}

/* Without them an answer could not be read, or would be measured wrongly. */
static const char *const ours[] = {"Content-Type", "Content-Length", "Transfer-Encoding", "Connection",
    "Expect", "Accept-Encoding", "Upgrade", "TE", NULL};
static const char *const secrets[] = {
    "Authorization", "Proxy-Authorization", "Cookie", "X-Api-Key", "Api-Key", "X-Auth-Token", NULL};

static enum status check_name(const char *line, size_t len, struct error *e)
{
    if (len == 0 ||
        strspn(line, "!#$%&'*+-.^_`|~0123456789"
                     "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != len ||
        line[len] != ':')
        return error_set(e, STATUS_USAGE, "a header is written \"Name: value\"");
    if (one_of(ours, line, len))
        return error_set(e, STATUS_USAGE, "the header %.*s is set by assay itself", (int)len, line);
    return STATUS_OK;
}

static const char *variable_at(const char *at, size_t *len)
{
    if (at[0] != '$' || at[1] != '{')
        return NULL;
    const char *name = at + 2;
    *len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");
    return *len > 0 && name[*len] == '}' ? name : NULL;
}

static enum status expand(const char *line, struct buf *out, struct error *e)
{
    enum status s = STATUS_OK;
    while (s == STATUS_OK && *line) {
        size_t len = 0;
        char variable[256];
        const char *name = variable_at(line, &len);
        if (!name) {
            s = buf_append(out, line++, 1);
            continue;
        }
        snprintf(variable, sizeof variable, "%.*s", (int)len, name);
        const char *value = getenv(variable);
        if (!value || !*value)
            return error_set(
                e, STATUS_NOT_FOUND, "the variable %s, which a header names, is not set", variable);
        s = buf_append(out, value, strlen(value));
        line = name + len + 1;
    }
    return s == STATUS_OK ? s : error_set(e, STATUS_USAGE, "a header is longer than %d bytes", HEADER_MAX);
}

static enum status check_value(const char *value, struct error *e)
{
    if (!*value)
        return error_set(e, STATUS_USAGE, "a header has no value: it is written \"Name: value\"");
    for (const char *c = value; *c; c++)
        if (((unsigned char)*c < ' ' && *c != '\t') || *c == 127)
            return error_set(e, STATUS_USAGE, "the value of a header contains a control character");
    return STATUS_OK;
}

enum status http_transport_add_header(
    struct http_transport *t, const char *line, bool literal, struct error *e)
{
    struct buf whole = BUF_INIT(HEADER_MAX);
    size_t name_len = strcspn(line, ":");
    enum status s = check_name(line, name_len, e);
    if (s == STATUS_OK && !literal && one_of(secrets, line, name_len) && !strstr(line, "${"))
        s = error_set(e, STATUS_USAGE,
            "a secret has no place here: name the variable that holds it, as in '%.*s: ${NAME}'",
            (int)name_len, line);
    if (s == STATUS_OK && t->header_count == TRANSPORT_HEADERS_MAX)
        s = error_set(e, STATUS_LIMIT, "more than %d headers", TRANSPORT_HEADERS_MAX);
    if (s == STATUS_OK)
        s = literal ? buf_append(&whole, line, strlen(line)) : expand(line, &whole, e);
    if (s == STATUS_OK) {
        const char *value = buf_text(&whole) + name_len + 1;
        s = check_value(value + strspn(value, " \t"), e);
    }
    if (s == STATUS_OK)
        s = http_transport_set(&t->headers[t->header_count], buf_text(&whole), e);
    if (s == STATUS_OK)
        t->header_count++;
    if (whole.data)
        explicit_bzero(whole.data, whole.cap);
    buf_fini(&whole);
    return s;
}

bool http_transport_has_header(const struct http_transport *t, const char *name)
{
    for (size_t i = 0; i < t->header_count; i++)
        if (strncasecmp(t->headers[i], name, strlen(name)) == 0 && t->headers[i][strlen(name)] == ':')
            return true;
    return false;
}

/* ---- the whole ---- */

static enum status check_file(const char *path, const char *what, struct error *e)
{
    if (!path || access(path, R_OK) == 0)
        return STATUS_OK;
    struct error why = {0};
    (void)!error_set_errno(&why, "%s", path);
    return error_set(e, STATUS_USAGE, "the file of %s cannot be read: %s", what, error_text(&why));
}

static enum status check_proxy(const char *proxy, struct error *e)
{
    static const char *const schemes[] = {"http", "https", "socks4", "socks4a", "socks5", "socks5h", NULL};
    CURLU *parsed = curl_url();
    char *host = NULL;
    bool known = one_of(schemes, proxy, strcspn(proxy, ":")) && strstr(proxy, "://");
    bool good = parsed && known &&
                curl_url_set(parsed, CURLUPART_URL, proxy, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
                curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK && *host;
    curl_free(host);
    curl_url_cleanup(parsed);
    return good ? STATUS_OK
                : error_set(
                      e, STATUS_USAGE, "the proxy is not a URL: http://host:port and socks5://host:port are");
}

enum status http_transport_check(const struct http_transport *t, struct error *e)
{
    enum status s = check_file(t->ca_file, "the authorities (cacert)", e);
    if (s == STATUS_OK)
        s = check_file(t->cert_file, "the client's certificate (cert)", e);
    if (s == STATUS_OK)
        s = check_file(t->key_file, "the certificate's key (cert-key)", e);
    if (s == STATUS_OK && t->key_file && !t->cert_file)
        s = error_set(e, STATUS_USAGE, "a key (cert-key) is of no use without its certificate (cert)");
    if (s == STATUS_OK && t->unix_socket && t->proxy)
        s = error_set(e, STATUS_USAGE, "a Unix socket and a proxy exclude each other");
    if (s == STATUS_OK && t->unix_socket &&
        strlen(t->unix_socket) >= sizeof((struct sockaddr_un *)0)->sun_path)
        s = error_set(e, STATUS_USAGE, "the path of the Unix socket is longer than %zu bytes",
            sizeof((struct sockaddr_un *)0)->sun_path - 1);
    return s == STATUS_OK && t->proxy ? check_proxy(t->proxy, e) : s;
}

/* http://user:password@box:3128 without what is before the @. */
static void describe_proxy(const char *proxy, struct buf *out)
{
    const char *host = strstr(proxy, "://"), *at = strrchr(proxy, '@');
    host = host ? host + 3 : proxy;
    buf_printf(out, "; proxy %.*s%s", (int)(host - proxy), proxy, at ? at + 1 : host);
}

void http_transport_describe(const struct http_transport *t, struct buf *out)
{
    static const char *const versions[] = {
        [HTTP_WISH_1_1] = "", [HTTP_WISH_2] = "; HTTP/2", [HTTP_WISH_AUTO] = "; HTTP/2 where it is offered"};
    struct buf all = BUF_INIT(HEADER_MAX);
    buf_append_text(&all, versions[t->http]);
    if (t->insecure)
        buf_printf(&all, "; certificate not verified");
    if (t->ca_file)
        buf_printf(&all, "; authorities of one's own");
    if (t->cert_file)
        buf_printf(&all, "; client certificate");
    if (t->unix_socket)
        buf_printf(&all, "; socket %s", t->unix_socket);
    if (t->proxy)
        describe_proxy(t->proxy, &all);
    for (size_t i = 0; i < t->header_count; i++)
        buf_printf(&all, "; header %.*s", (int)strcspn(t->headers[i], ":"), t->headers[i]);
    if (all.len > 2)
        buf_append(out, buf_text(&all) + 2, all.len - 2);
    buf_fini(&all);
}

void http_transport_each_secret(
    const struct http_transport *t, void (*secret)(const char *text, void *arg), void *arg)
{
    for (size_t i = 0; i < t->header_count; i++) {
        const char *value = strchr(t->headers[i], ':') + 1;
        value += strspn(value, " \t");
        secret(value, arg);
        const char *word = strrchr(value, ' '); /* "Bearer KEY": the key alone too */
        if (word)
            secret(word + 1, arg);
    }
    const char *at = t->proxy ? strrchr(t->proxy, '@') : NULL, *host = at ? strstr(t->proxy, "://") : NULL;
    const char *colon = host ? memchr(host + 3, ':', (size_t)(at - host - 3)) : NULL;
    char password[512];
    if (colon) {
        snprintf(password, sizeof password, "%.*s", (int)(at - colon - 1), colon + 1);
        secret(password, arg);
        explicit_bzero(password, sizeof password);
    }
}

enum status http_transport_copy(const struct http_transport *from, struct http_transport *to, struct error *e)
{
    char *const *source[] = {
        &from->ca_file, &from->cert_file, &from->key_file, &from->unix_socket, &from->proxy};
    char **copy[] = {&to->ca_file, &to->cert_file, &to->key_file, &to->unix_socket, &to->proxy};
    enum status s = STATUS_OK;
    *to = (struct http_transport){.insecure = from->insecure, .http = from->http};
    for (size_t i = 0; s == STATUS_OK && i < sizeof copy / sizeof copy[0]; i++)
        if (*source[i])
            s = http_transport_set(copy[i], *source[i], e);
    for (; s == STATUS_OK && to->header_count < from->header_count; to->header_count++)
        s = http_transport_set(&to->headers[to->header_count], from->headers[to->header_count], e);
    if (s != STATUS_OK)
        http_transport_fini(to);
    return s;
}

void http_transport_fini(struct http_transport *t)
{
    forget(&t->ca_file);
    forget(&t->cert_file);
    forget(&t->key_file);
    forget(&t->unix_socket);
    forget(&t->proxy);
    for (size_t i = 0; i < t->header_count; i++)
        forget(&t->headers[i]);
    *t = (struct http_transport){0};
}
