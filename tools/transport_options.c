#include "transport_options.h"

#include "fs.h"

#include <string.h>

enum { HEADER_FILE_MAX = 65536 };

/* Empty lines and those that begin with # are passed over. Values may be spelled out in a file. */
static enum status headers_of_file(struct http_transport *way, const char *path, struct error *e)
{
    struct buf text = BUF_INIT(HEADER_FILE_MAX);
    enum status s = fs_read_file(path, &text, e);
    char *rest = text.data;
    long number = 0;
    while (s == STATUS_OK && rest && *rest) {
        size_t len = strcspn(rest, "\r\n");
        char *line = rest;
        rest += len + (rest[len] == '\r' && rest[len + 1] == '\n' ? 2 : rest[len] != '\0');
        line[len] = '\0';
        number++;
        if (len > 0 && line[0] != '#')
            s = http_transport_add_header(way, line, true, e);
        if (s != STATUS_OK)
            error_locate(e, path, number, 0, NULL);
    }
    if (text.data)
        explicit_bzero(text.data, text.cap);
    buf_fini(&text);
    return s;
}

enum status transport_options_header(struct http_transport *way, const char *text, struct error *e)
{
    return text[0] == '@' ? headers_of_file(way, text + 1, e)
                          : http_transport_add_header(way, text, false, e);
}

enum status transport_options_apply(
    const struct transport_options *o, struct http_transport *way, struct error *e)
{
    const struct {
        const char *text;
        char **field;
    } texts[] = {{o->cacert, &way->ca_file}, {o->cert, &way->cert_file}, {o->cert_key, &way->key_file},
        {o->unix_socket, &way->unix_socket}, {o->proxy, &way->proxy}};
    enum status s = STATUS_OK;
    for (size_t i = 0; s == STATUS_OK && i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].text)
            s = http_transport_set(texts[i].field, texts[i].text, e);
    for (size_t i = 0; s == STATUS_OK && i < o->headers.count; i++)
        s = transport_options_header(way, o->headers.items[i], e);
    if (s == STATUS_OK && o->http)
        s = http_transport_set_http(way, o->http, e);
    way->insecure = o->insecure;
    return s;
}
