#include "replay_capture.h"

#include "base64.h"
#include "json.h"
#include "jsonl.h"
#include "our_schemas.h"
#include "testkit.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Chunks are framed anew, whatever the length was told by. */
static void add_header(struct buf *head, const struct json_object *line)
{
    const char *name = json_get_text(line, "/name");
    if (strcasecmp(name, "transfer-encoding") != 0 && strcasecmp(name, "content-length") != 0)
        buf_printf(head, "%s: %s\r\n", name, json_get_text(line, "/value"));
}

static void add_read(struct buf *body, const struct json_object *line)
{
    struct buf bytes = BUF_INIT(64 << 20);
    const char *base64 = json_get_text(line, "/bytes/base64");
    struct json_object *text = json_get(line, "/bytes/text");
    if (base64)
        ck_assert(base64_decode(&bytes, base64, strlen(base64)));
    else
        buf_append(&bytes, json_object_get_string(text), (size_t)json_object_get_string_len(text));
    if (bytes.len > 0) {
        buf_printf(body, "%zx\r\n", bytes.len);
        buf_append(body, bytes.data, bytes.len);
        buf_append_text(body, "\r\n");
    }
    buf_fini(&bytes);
}

static void take_line(struct replay *r, struct json_object *line, struct buf *head, struct buf *body)
{
    const char *kind = json_get_text(line, "/line");
    if (strcmp(kind, "request") == 0) {
        r->request = json_object_get(line);
    } else if (strcmp(kind, "header") == 0) {
        add_header(head, line);
    } else if (strcmp(kind, "read") == 0) {
        add_read(body, line);
        r->reads++;
    } else {
        snprintf(r->error, sizeof r->error, "%s", json_get_text(line, "/error"));
        (void)json_get_int(line, "/status", &r->status);
    }
}

void replay_load(const char *path, struct replay *r)
{
    struct jsonl *lines;
    struct error why = {0};
    struct buf head = BUF_INIT(1 << 20), body = BUF_INIT(128 << 20);
    *r = (struct replay){.wire = BUF_INIT(130 << 20)};
    ck_assert_msg(jsonl_open(path, &lines, &why) == STATUS_OK, "%s", error_text(&why));
    for (struct jsonl_line line; jsonl_next(lines, &line);) {
        ck_assert_msg(line.status == STATUS_OK, "%s", error_text(&line.error));
        ck_assert_msg(schema_check(schema_for("capture"), line.tree, &why) == STATUS_OK, "%s:%ld: %s", path,
            line.number, error_text(&why));
        take_line(r, line.tree, &head, &body);
    }
    ck_assert_int_eq(jsonl_close(lines, &why), STATUS_OK);
    ck_assert_msg(r->request && r->status > 0, "%s holds no answer", path);
    buf_printf(&r->wire,
        "HTTP/1.1 %d As captured\r\n%sTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
        (int)r->status, buf_text(&head));
    buf_append(&r->wire, buf_text(&body), body.len);
    buf_append_text(&r->wire, "0\r\n\r\n");
    ck_assert_int_eq(buf_status(&r->wire), STATUS_OK);
    buf_fini(&head);
    buf_fini(&body);
}

void replay_fini(struct replay *r)
{
    json_object_put(r->request);
    buf_fini(&r->wire);
    *r = (struct replay){0};
}
