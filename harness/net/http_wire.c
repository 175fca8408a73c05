#include "http_wire.h"

#include "base64.h"

#include <string.h>
#include <strings.h>

enum { HEAD_BYTES_USUAL = 320 };

static bool line_has_name(const char *line, const char *name, size_t len)
{
    return ((line[0] ^ name[0]) & 0x5f) == 0 && strncasecmp(line, name, len) == 0 &&
           (line[len] == ':' || line[len] == ';');
}

static bool caller_has(const struct http_request *r, const char *name)
{
    size_t len = strlen(name);
    for (const char *const *h = r->headers; h && *h; h++)
        if (line_has_name(*h, name, len))
            return true;
    for (size_t i = 0; r->transport && i < r->transport->header_count; i++)
        if (line_has_name(r->transport->headers[i], name, len))
            return true;
    return false;
}

static void write_ours(const struct http_request *r, const char *name, const char *value, struct buf *out)
{
    if (caller_has(r, name))
        return;
    buf_append_text(out, name);
    buf_append(out, ": ", 2);
    buf_append_text(out, value);
    buf_append(out, "\r\n", 2);
}

static void write_user(const struct http_request *r, struct buf *out)
{
    struct buf plain = BUF_INIT(1 << 16);
    if (!r->user || caller_has(r, "Authorization"))
        return;
    buf_printf(&plain, "%s:%s", r->user, r->password ? r->password : "");
    buf_append_text(out, "Authorization: Basic ");
    base64_encode(out, buf_text(&plain), plain.len);
    buf_append(out, "\r\n", 2);
    if (plain.data)
        explicit_bzero(plain.data, plain.cap);
    buf_fini(&plain);
}

static void write_line(const char *line, struct buf *out)
{
    const char *colon = strchr(line, ':');
    if (!colon || colon[1 + strspn(colon + 1, " \t")] == '\0')
        return;
    buf_append_text(out, line);
    buf_append(out, "\r\n", 2);
}

static void write_length(size_t len, struct buf *out)
{
    buf_append_text(out, "Content-Length: ");
    buf_append_int(out, (int64_t)len);
    buf_append(out, "\r\n", 2);
}

enum status http_wire_write(const struct http_request *r, const char *host, const char *path, struct buf *out)
{
    bool head = strcmp(r->method, "HEAD") == 0;
    bool body = !head && (r->body || strcmp(r->method, "POST") == 0);
    buf_reserve(out, HEAD_BYTES_USUAL + (body ? r->body_len : 0));
    buf_append_text(out, r->method);
    buf_append_char(out, ' ');
    buf_append_text(out, *path ? path : "/");
    buf_append_text(out, " HTTP/1.1\r\n");
    write_ours(r, "Host", host, out);
    write_user(r, out);
    write_ours(r, "User-Agent", "assay", out);
    write_ours(r, "Accept", "*/*", out);
    for (const char *const *h = r->headers; h && *h; h++)
        write_line(*h, out);
    for (size_t i = 0; r->transport && i < r->transport->header_count; i++)
        write_line(r->transport->headers[i], out);
    if (r->fresh_connection)
        write_ours(r, "Connection", "close", out);
    if (body) {
        write_length(r->body_len, out);
        write_ours(r, "Content-Type", "application/x-www-form-urlencoded", out);
    }
    buf_append(out, "\r\n", 2);
    if (body)
        buf_append(out, r->body, r->body_len);
    return buf_status(out);
}
