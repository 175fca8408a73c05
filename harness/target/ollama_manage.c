#include "ollama_manage.h"

#include "answer_error.h"
#include "exchange_write.h"
#include "json.h"
#include "target_call.h"
#include "target_private.h"

#include <stdio.h>
#include <string.h>

/* A line of progress at a time: how pull and create answer. */
struct pull {
    struct exchange *x;
    pull_progress_fn progress;
    void *arg;
    bool done;
};

static void pull_begin(void *state, struct exchange *x, void *arg)
{
    *(struct pull **)state = arg;
    ((struct pull *)arg)->x = x;
}

/* {"status", "total"?, "completed"?} on each line; the last status is "success". */
static bool pull_event(void *state, const struct sse_event *line)
{
    struct pull *p = *(struct pull **)state;
    struct json_object *root = NULL;
    int64_t total = -1, completed = 0;
    char what[128] = "";
    if (json_parse(line->data, line->len, &root, NULL) != STATUS_OK) {
        exchange_fail(p->x, EXCHANGE_PROTOCOL, "a line of progress is not JSON");
        return false;
    }
    if (answer_is_error(root)) {
        answer_error_message(root, line->data, line->len, what, sizeof what);
        exchange_fail(p->x, EXCHANGE_STREAM_ERROR, "%s", what);
    }
    const char *status = json_get_text(root, "/status");
    exchange_copy_text(what, sizeof what, status ? status : "", status ? strlen(status) : 0);
    (void)json_get_int(root, "/total", &total);
    (void)json_get_int(root, "/completed", &completed);
    p->done = strcmp(what, "success") == 0;
    json_object_put(root);
    if (p->x->error == EXCHANGE_OK && p->progress && !p->progress(what, completed, total, p->arg))
        exchange_fail(p->x, EXCHANGE_CANCELLED, "stopped");
    return p->x->error == EXCHANGE_OK;
}

static void pull_whole(void *state, const char *body, size_t len)
{
    struct sse_event line = {.name = "", .data = body, .len = len};
    (void)pull_event(state, &line);
}

static bool pull_is_complete(const void *state)
{
    return (*(struct pull *const *)state)->done;
}

static void pull_end(void *state, bool closed_cleanly)
{
    struct pull *p = *(struct pull **)state;
    (void)closed_cleanly;
    if (!p->done && p->x->error == EXCHANGE_OK)
        exchange_fail(p->x, EXCHANGE_TRUNCATED, "the server stopped before the model was there");
}

static const struct answer_reader pull_reader = {.state_size = sizeof(struct pull *),
    .lines = true,
    .begin = pull_begin,
    .event = pull_event,
    .whole = pull_whole,
    .is_complete = pull_is_complete,
    .end = pull_end};

/* A model that is not there is 404 too, but then the answer says so in JSON. */
static bool is_unknown_path(const struct exchange *x)
{
    return x->http_status == 405 || x->http_status == 501 ||
           (x->http_status == 404 && strncmp(x->content_type, "application/json", 16) != 0);
}

/* Takes the body. */
static enum status run_with_progress(
    struct target *t, const char *path, struct json_object *body, struct pull *p, struct error *e)
{
    struct exchange x;
    struct buf text = BUF_INIT(1 << 16);
    char url[sizeof t->base + 64];
    enum status s = json_write(body, &text, e);
    json_object_put(body);
    exchange_init(&x);
    snprintf(url, sizeof url, "%s%s", t->url.root, path);
    struct call_request request = {.method = "POST",
        .url = url,
        .content_type = "application/json",
        .body = buf_text(&text),
        .body_len = text.len,
        .reader = &pull_reader,
        .reader_arg = p,
        .streamed = true};
    if (s == STATUS_OK) {
        target_call_run(t, &request, &x);
        if (x.error != EXCHANGE_OK)
            s = error_set(e, is_unknown_path(&x) ? STATUS_UNAVAILABLE : STATUS_NOT_FOUND, "%s: %s",
                exchange_error_name(x.error), x.error_text);
    }
    buf_fini(&text);
    exchange_fini(&x);
    return s;
}

static struct json_object *body_about(const char *model, bool stream)
{
    struct json_object *o = json_object_new_object();
    if (json_set_text(o, "model", model) && json_set_bool(o, "stream", stream))
        return o;
    json_object_put(o);
    return NULL;
}

enum status ollama_pull(
    struct target *t, const char *model, pull_progress_fn progress, void *arg, struct error *e)
{
    struct pull p = {.progress = progress, .arg = arg};
    struct error why = {0};
    enum status s = run_with_progress(t, "/api/pull", body_about(model, true), &p, &why);
    return s == STATUS_OK ? s : error_set(e, s, "the server cannot fetch %s (%s)", model, error_text(&why));
}

enum status ollama_create(
    struct target *t, const char *name, const char *from, const char *parameters_json, struct error *e)
{
    struct pull p = {0};
    struct error why = {0};
    struct json_object *body = body_about(name, true), *parameters = NULL;
    enum status s =
        parameters_json ? json_parse(parameters_json, strlen(parameters_json), &parameters, e) : STATUS_OK;
    bool ok = s == STATUS_OK && json_set_text(body, "from", from) &&
              (!parameters || json_set(body, "parameters", parameters));
    if (!ok) {
        json_object_put(body);
        return s != STATUS_OK ? s : error_set(e, STATUS_NO_MEMORY, "out of memory");
    }
    s = run_with_progress(t, "/api/create", body, &p, &why);
    return s == STATUS_OK
               ? s
               : error_set(e, s, "the server cannot make %s of %s (%s)", name, from, error_text(&why));
}

enum status ollama_remove(struct target *t, const char *model, struct error *e)
{
    struct exchange x;
    struct buf text = BUF_INIT(4096);
    char url[sizeof t->base + 64];
    struct json_object *body = body_about(model, false);
    enum status s = json_write(body, &text, e);
    json_object_put(body);
    exchange_init(&x);
    snprintf(url, sizeof url, "%s/api/delete", t->url.root);
    struct call_request request = {.method = "DELETE",
        .url = url,
        .content_type = "application/json",
        .body = buf_text(&text),
        .body_len = text.len};
    if (s == STATUS_OK) {
        target_call_run(t, &request, &x);
        if (x.error != EXCHANGE_OK)
            s = error_set(e, is_unknown_path(&x) ? STATUS_UNAVAILABLE : STATUS_NOT_FOUND,
                "the server does not delete %s (%s: %s)", model, exchange_error_name(x.error), x.error_text);
    }
    buf_fini(&text);
    exchange_fini(&x);
    return s;
}
