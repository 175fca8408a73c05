#include "target_get.h"

#include "json.h"
#include "target_call.h"
#include "target_private.h"

#include <stdio.h>

enum { BODY_BYTES_MAX = 32 << 20, PATH_BYTES_MAX = 1024 }; /* a model's name in a query, escaped */

void target_get(struct target *t, const char *root, const char *path, struct exchange *x, struct buf *body)
{
    char url[sizeof t->base + PATH_BYTES_MAX];
    snprintf(url, sizeof url, "%s%s", root, path);
    struct call_request request = {.method = "GET", .url = url, .whole_body = body};
    buf_clear(body);
    target_call_run(t, &request, x);
}

bool target_post(struct target *t, const char *root, const char *path, const struct buf *json,
    struct exchange *x, struct buf *answer)
{
    char url[sizeof t->base + 64];
    snprintf(url, sizeof url, "%s%s", root, path);
    struct call_request request = {.method = "POST",
        .url = url,
        .content_type = "application/json",
        .body = buf_text(json),
        .body_len = json->len,
        .whole_body = answer};
    buf_clear(answer);
    target_call_run(t, &request, x);
    return x->error == EXCHANGE_OK;
}

static enum status parse(struct target *t, const char *path, const struct exchange *x, const struct buf *body,
    struct json_object **root, struct error *e)
{
    bool late = x->error >= EXCHANGE_TIMEOUT_CONNECT && x->error <= EXCHANGE_TIMEOUT_TOTAL;
    if (x->error != EXCHANGE_OK)
        return error_set(e, late ? STATUS_TIMEOUT : STATUS_UNAVAILABLE, "%s failed (%s: %s)", path,
            exchange_error_name(x->error), x->error_text);
    t->info.simulated |= x->simulated;
    return json_parse(buf_text(body), body->len, root, e);
}

enum status target_get_json(struct target *t, const char *path, struct json_object **root, struct error *e)
{
    struct exchange x;
    struct buf body = BUF_INIT(BODY_BYTES_MAX);
    *root = NULL;
    exchange_init(&x);
    target_get(t, t->url.root, path, &x, &body);
    enum status s = parse(t, path, &x, &body, root, e);
    buf_fini(&body);
    exchange_fini(&x);
    return s;
}

enum status target_post_json(
    struct target *t, const char *path, struct json_object *body, struct json_object **root, struct error *e)
{
    struct exchange x;
    struct buf text = BUF_INIT(BODY_BYTES_MAX), answer = BUF_INIT(BODY_BYTES_MAX);
    *root = NULL;
    exchange_init(&x);
    enum status s = json_write(body, &text, e);
    if (s == STATUS_OK) {
        target_post(t, t->url.root, path, &text, &x, &answer);
        s = parse(t, path, &x, &answer, root, e);
    }
    json_object_put(body);
    buf_fini(&text);
    buf_fini(&answer);
    exchange_fini(&x);
    return s;
}
