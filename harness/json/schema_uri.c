#include "schema_uri.h"

#include "text.h"

#include <string.h>

/* A piece of a URI, delimiters left out; text NULL where the part is absent, which differs from empty. */
struct part {
    const char *text;
    size_t len;
};

struct uri {
    struct part scheme, authority, path, query, fragment;
};

static struct part take_until(const char **at, const char *stops)
{
    struct part p = {*at, strcspn(*at, stops)};
    *at += p.len;
    return p;
}

static bool is_scheme(struct part p)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    if (p.len == 0 || strchr(letters, p.text[0]) == NULL)
        return false;
    for (size_t i = 1; i < p.len; i++)
        if (strchr(letters, p.text[i]) == NULL && strchr("0123456789+-.", p.text[i]) == NULL)
            return false;
    return true;
}

static struct uri split(const char *text)
{
    struct uri u = {0};
    const char *at = text;
    struct part first = take_until(&at, ":/?#");
    if (*at == ':' && is_scheme(first)) {
        u.scheme = first;
        at++;
    } else {
        at = text;
    }
    if (at[0] == '/' && at[1] == '/') {
        at += 2;
        u.authority = take_until(&at, "/?#");
    }
    u.path = take_until(&at, "?#");
    if (*at == '?') {
        at++;
        u.query = take_until(&at, "#");
    }
    if (*at == '#')
        u.fragment = (struct part){at + 1, strlen(at + 1)};
    return u;
}

static void append_part(struct buf *out, const char *before, struct part p, const char *after)
{
    if (p.text == NULL)
        return;
    buf_append_text(out, before);
    buf_append(out, p.text, p.len);
    buf_append_text(out, after);
}

/* The last segment of what was written of the path goes, with the slash before it. */
static void drop_segment(struct buf *out, size_t path_at)
{
    size_t len = out->len;
    while (len > path_at && out->data[len - 1] != '/')
        len--;
    out->len = len > path_at ? len - 1 : path_at;
    if (out->data != NULL)
        out->data[out->len] = '\0';
}

/* Section 5.2.4. */
static void append_without_dots(struct buf *out, const char *path)
{
    size_t path_at = out->len;
    while (*path != '\0') {
        const char *slash = path[0] == '/' ? "/" : "";
        const char *segment = path + strlen(slash);
        size_t len = strcspn(segment, "/");
        bool last = segment[len] == '\0';
        bool dot = len == 1 && segment[0] == '.', dots = len == 2 && segment[0] == '.' && segment[1] == '.';
        if (dots)
            drop_segment(out, path_at);
        if (!dot && !dots) {
            buf_append_text(out, slash);
            buf_append(out, segment, len);
        } else if (last) {
            buf_append_text(out, slash);
        }
        path = segment + len;
    }
}

/* Section 5.2.3: the reference's path in place of the last segment of the base's. */
static void merge_paths(struct buf *merged, const struct uri *base, struct part path)
{
    size_t keep = base->path.len;
    while (keep > 0 && base->path.text[keep - 1] != '/')
        keep--;
    if (keep == 0 && base->authority.text != NULL)
        buf_append_char(merged, '/');
    buf_append(merged, base->path.text, keep);
    buf_append(merged, path.text, path.len);
}

/* Section 5.2.2, the path alone. */
static void append_path(struct buf *out, const struct uri *base, const struct uri *r)
{
    bool relative = r->scheme.text == NULL && r->authority.text == NULL;
    if (relative && r->path.len == 0) {
        buf_append(out, base->path.text, base->path.len);
        return;
    }
    struct buf path = BUF_INIT(1 << 20);
    if (relative && r->path.text[0] != '/')
        merge_paths(&path, base, r->path);
    else
        buf_append(&path, r->path.text, r->path.len);
    append_without_dots(out, buf_text(&path));
    if (buf_status(&path) != STATUS_OK)
        out->failed = buf_status(&path);
    buf_fini(&path);
}

enum status schema_uri_resolve(const char *base_text, const char *reference, struct buf *out)
{
    struct uri base = split(base_text), r = split(reference);
    struct part scheme = r.scheme, authority = r.authority, query = r.query;
    if (scheme.text == NULL) {
        scheme = base.scheme;
        if (authority.text == NULL) {
            authority = base.authority;
            if (r.path.len == 0 && query.text == NULL)
                query = base.query;
        }
    }
    append_part(out, "", scheme, ":");
    append_part(out, "//", authority, "");
    append_path(out, &base, &r);
    append_part(out, "?", query, "");
    append_part(out, "#", r.fragment, "");
    return buf_status(out);
}

bool schema_uri_decode(const char *text, struct buf *out)
{
    for (; *text != '\0'; text++) {
        char c = *text;
        if (c == '%') {
            int high = text_hex_digit(text[1]), low = high < 0 ? -1 : text_hex_digit(text[2]);
            if (low < 0 || (high == 0 && low == 0))
                return false;
            c = (char)(high * 16 + low);
            text += 2;
        }
        buf_append_char(out, c);
    }
    return buf_status(out) == STATUS_OK;
}
