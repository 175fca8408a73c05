#include "capture.h"

#include "base64.h"
#include "exchange.h"
#include "fs.h"
#include "json.h"
#include "our_schemas.h"
#include "target.h"
#include "text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { BODY_BYTES = 64 << 20, READS_MAX = 100000 };

struct read {
    int64_t t_ns;
    size_t end; /* in the body */
};

struct capture {
    struct capture_options options;
    struct target_tap tap;
    const char *name;
    const struct target_info *server;
    size_t count;
    struct error why; /* the first that went wrong */
    /* of the exchange in hand */
    struct json_object *request, *headers;
    struct buf body;
    struct read *reads;
    size_t read_count, read_room;
    bool overflow;
};

/* ---- what comes ---- */

static bool set_bytes(struct json_object *tree, const char *key, const char *bytes, size_t len)
{
    struct json_object *o = json_object_new_object();
    struct buf base64 = BUF_INIT(2 * (size_t)BODY_BYTES);
    bool ok;
    if (text_utf8_valid(bytes, len) && memchr(bytes, '\0', len) == NULL) {
        ok = json_set_bytes(o, "text", bytes, len);
    } else {
        base64_encode(&base64, bytes, len);
        ok = buf_status(&base64) == STATUS_OK && json_set_text(o, "base64", buf_text(&base64));
    }
    buf_fini(&base64);
    return json_set(tree, key, o) && ok;
}

static void note_failure(struct capture *c, enum status s, const char *text)
{
    if (c->why.status == STATUS_OK)
        (void)error_set(&c->why, s, "%s", text);
}

/* The part of a URL behind the host, without what may be a secret in it. */
static const char *path_of(const char *url)
{
    const char *host = strstr(url, "://");
    const char *path = host ? strchr(host + 3, '/') : NULL;
    return path ? path : "/";
}

static bool set_neutral(
    const struct capture *c, struct json_object *tree, const char *key, const char *text, size_t len)
{
    struct buf copy = BUF_INIT(BODY_BYTES);
    bool ok = buf_append(&copy, text, len) == STATUS_OK;
    if (ok && copy.data)
        capture_neutral(&c->options.names, copy.data, copy.len);
    ok = ok && json_set_bytes(tree, key, buf_text(&copy), copy.len);
    buf_fini(&copy);
    return ok;
}

static bool set_body(const struct capture *c, struct json_object *tree, const void *body, size_t len)
{
    struct buf copy = BUF_INIT(BODY_BYTES);
    bool ok = buf_append(&copy, body, len) == STATUS_OK;
    if (ok && len > 0) {
        capture_neutral(&c->options.names, copy.data, copy.len);
        ok = set_bytes(tree, "body", copy.data, copy.len);
    }
    buf_fini(&copy);
    return ok;
}

static void on_request(
    const char *method, const char *url, const char *content_type, const void *body, size_t len, void *arg)
{
    struct capture *c = arg;
    const char *path = path_of(url);
    json_object_put(c->request);
    json_object_put(c->headers);
    c->request = json_object_new_object();
    c->headers = json_object_new_array();
    buf_clear(&c->body);
    c->read_count = 0;
    c->overflow = false;
    bool ok = json_set_text(c->request, "line", "request") &&
              json_set_text(c->request, "schema_version", "1.0.0") &&
              json_set_text(c->request, "method", method) &&
              set_neutral(c, c->request, "path", path, strcspn(path, "?")) &&
              (!content_type || json_set_text(c->request, "content_type", content_type)) &&
              set_body(c, c->request, body, len) && c->headers;
    if (!ok)
        note_failure(c, STATUS_NO_MEMORY, "no memory for a request");
}

/* What a reader goes by; dates, cookies and identities say nothing to it. */
static bool is_wanted(const char *name)
{
    static const char *const wanted[] = {
        "content-type", "server", "transfer-encoding", "retry-after", "cache-control", "x-assay-simulated"};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (strcasecmp(wanted[i], name) == 0)
            return true;
    return false;
}

static void on_header(const char *name, const char *value, void *arg)
{
    struct capture *c = arg;
    struct json_object *line = is_wanted(name) ? json_object_new_object() : NULL;
    if (!line)
        return;
    bool ok = json_set_text(line, "line", "header") && json_set_text(line, "name", name) &&
              set_neutral(c, line, "value", value, strlen(value));
    if (!json_add(c->headers, line) || !ok)
        note_failure(c, STATUS_NO_MEMORY, "no memory for a header");
}

static void on_data(const void *bytes, size_t len, int64_t t_ns, void *arg)
{
    struct capture *c = arg;
    if (c->read_count == c->read_room && c->read_room < READS_MAX) {
        size_t room = c->read_room ? 2 * c->read_room : 256;
        struct read *grown = reallocarray(c->reads, room, sizeof *grown);
        c->reads = grown ? grown : c->reads;
        c->read_room = grown ? room : c->read_room;
    }
    c->overflow |= c->read_count == c->read_room || buf_append(&c->body, bytes, len) != STATUS_OK;
    if (!c->overflow)
        c->reads[c->read_count++] = (struct read){t_ns, c->body.len};
}

/* ---- the file ---- */

static enum status append_tree(struct buf *out, struct json_object *tree, bool ok, struct error *e)
{
    enum status s = ok ? schema_check(schema_for("capture"), tree, e)
                       : error_set(e, STATUS_NO_MEMORY, "no memory for a line");
    if (s == STATUS_OK)
        s = json_write(tree, out, e);
    json_object_put(tree);
    return s == STATUS_OK ? buf_append_char(out, '\n') : s;
}

/* "GET /v1/models" as "get_v1_models". */
static void name_by_path(const struct json_object *request, char *name, size_t size)
{
    size_t n = 0;
    char text[256];
    snprintf(text, sizeof text, "%s%s", json_get_text(request, "/method"), json_get_text(request, "/path"));
    for (const char *p = text; *p && n + 1 < size; p++) {
        bool plain = isalnum((unsigned char)*p);
        if (plain || (n > 0 && name[n - 1] != '_'))
            name[n++] = plain ? (char)tolower((unsigned char)*p) : '_';
    }
    while (n > 0 && name[n - 1] == '_')
        n--;
    name[n] = '\0';
}

static enum status append_request(struct capture *c, const char *name, struct buf *out, struct error *e)
{
    const struct target_info *server = c->server;
    bool ok = json_set_text(c->request, "name", name) &&
              json_set_text(c->request, "protocol", server ? server->protocol : "unknown") &&
              json_set_text(c->request, "server", server ? server->server : "") &&
              (!server || !server->server_version[0] ||
                  json_set_text(c->request, "server_version", server->server_version)) &&
              (!server || !server->simulated || json_set_bool(c->request, "simulated", true));
    return append_tree(out, json_object_get(c->request), ok, e);
}

static enum status append_reads(struct capture *c, const struct exchange *x, struct buf *out, struct error *e)
{
    enum status s = STATUS_OK;
    if (c->body.data)
        capture_neutral(&c->options.names, c->body.data, c->body.len);
    for (size_t i = 0, start = 0; s == STATUS_OK && i < c->read_count; i++) {
        struct json_object *line = json_object_new_object();
        int64_t t_ns = x->t_sent_ns && c->reads[i].t_ns > x->t_sent_ns ? c->reads[i].t_ns - x->t_sent_ns : 0;
        bool ok = json_set_text(line, "line", "read") && json_set_int(line, "t_ns", t_ns) &&
                  set_bytes(line, "bytes", c->body.data + start, c->reads[i].end - start);
        start = c->reads[i].end;
        s = append_tree(out, line, ok, e);
    }
    return s;
}

static enum status append_end(const struct exchange *x, struct buf *out, struct error *e)
{
    struct json_object *line = json_object_new_object();
    bool ok =
        json_set_text(line, "line", "end") && json_set_text(line, "error", exchange_error_name(x->error));
    if (x->http_status > 0)
        ok = ok && json_set_int(line, "status", x->http_status) &&
             json_set_int(
                 line, "headers_ns", x->t_headers_ns > x->t_sent_ns ? x->t_headers_ns - x->t_sent_ns : 0);
    return append_tree(out, line, ok, e);
}

/* What was named has that name; what was not, or comes again, is numbered. */
static enum status write_file(struct capture *c, const char *name, const struct buf *text, struct error *e)
{
    struct buf path = BUF_INIT(1 << 16);
    char file[160];
    snprintf(file, sizeof file, "%.100s.jsonl", name);
    enum status s = fs_join(&path, c->options.folder, file);
    if (s == STATUS_OK && (!c->name || fs_exists(buf_text(&path)))) {
        snprintf(file, sizeof file, "%02zu-%.100s.jsonl", c->count, name);
        buf_clear(&path);
        s = fs_join(&path, c->options.folder, file);
    }
    if (s == STATUS_OK)
        s = fs_write_atomic(buf_text(&path), buf_text(text), text->len, e);
    buf_fini(&path);
    return s;
}

static void on_end(const struct exchange *x, void *arg)
{
    struct capture *c = arg;
    struct buf text = BUF_INIT(4 * (size_t)BODY_BYTES);
    struct error why = {0};
    char made[128];
    if (!c->request)
        return;
    if (c->count == 0 &&
        x->error == EXCHANGE_CONNECT) /* nobody there: the folder stays free for another try */
        return;
    name_by_path(c->request, made, sizeof made);
    const char *name = c->name ? c->name : made;
    enum status s = c->overflow ? error_set(&why, STATUS_LIMIT, "%s: an answer too large to keep", name)
                                : append_request(c, name, &text, &why);
    for (size_t i = 0; s == STATUS_OK && i < json_object_array_length(c->headers); i++)
        s = append_tree(&text, json_object_get(json_object_array_get_idx(c->headers, i)), true, &why);
    if (s == STATUS_OK)
        s = append_reads(c, x, &text, &why);
    if (s == STATUS_OK)
        s = append_end(x, &text, &why);
    if (s == STATUS_OK)
        s = write_file(c, name, &text, &why);
    c->count += s == STATUS_OK;
    if (s != STATUS_OK)
        note_failure(c, s, error_text(&why));
    json_object_put(c->request);
    c->request = NULL;
    buf_fini(&text);
}

/* ---- its life ---- */

static int find_capture(const char *name, void *arg)
{
    size_t len = strlen(name);
    bool *found = arg;
    *found |= len > 6 && strcmp(name + len - 6, ".jsonl") == 0;
    return *found;
}

enum status capture_new(const struct capture_options *options, struct capture **capture, struct error *e)
{
    bool found = false;
    *capture = NULL;
    enum status s = fs_make_dirs(options->folder, e);
    if (s == STATUS_OK)
        s = fs_list(options->folder, find_capture, &found, e);
    if (s == STATUS_OK && found)
        s = error_set(e, STATUS_USAGE, "%s holds captures already; name an empty folder", options->folder);
    if (s != STATUS_OK)
        return s;
    struct capture *c = calloc(1, sizeof *c);
    if (!c)
        return error_set(e, STATUS_NO_MEMORY, "no memory for captures");
    c->options = *options;
    c->tap = (struct target_tap){
        .request = on_request, .header = on_header, .data = on_data, .end = on_end, .arg = c};
    buf_init(&c->body, BODY_BYTES);
    *capture = c;
    return STATUS_OK;
}

void capture_free(struct capture *c)
{
    if (!c)
        return;
    json_object_put(c->request);
    json_object_put(c->headers);
    buf_fini(&c->body);
    free(c->reads);
    free(c);
}

const struct target_tap *capture_tap(struct capture *capture)
{
    return &capture->tap;
}

void capture_name(struct capture *capture, const char *name, const struct target_info *server)
{
    capture->name = name;
    capture->server = server;
}

size_t capture_count(const struct capture *capture)
{
    return capture->count;
}

enum status capture_status(const struct capture *capture, struct error *e)
{
    if (capture->why.status != STATUS_OK && e)
        *e = capture->why;
    return capture->why.status;
}
