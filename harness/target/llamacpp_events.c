#include "llamacpp_events.h"

#include "answer_error.h"
#include "exchange_write.h"
#include "json.h"
#include "openai_counts.h"
#include "openai_events.h"
#include "openai_results.h"

#include <stdio.h>
#include <string.h>

/* Its words for why it stopped, in those that all protocols share. */
static void take_stop(struct exchange *x, struct json_object *root)
{
    static const struct {
        const char *type, *reason;
    } reasons[] = {{"limit", "length"}, {"eos", "stop"}, {"word", "stop"}};
    const char *type = json_get_text(root, "/stop_type");
    for (size_t i = 0; type && i < sizeof reasons / sizeof reasons[0]; i++)
        if (strcmp(type, reasons[i].type) == 0)
            snprintf(x->finish_reason, sizeof x->finish_reason, "%s", reasons[i].reason);
    if (!x->finish_reason[0] && type)
        exchange_copy_text(x->finish_reason, sizeof x->finish_reason, type, strlen(type));
}

static bool is_last(struct json_object *root)
{
    bool stop = false;
    return json_get_bool(root, "/stop", &stop) && stop;
}

static void take_end(struct openai_answer *a, struct json_object *root)
{
    take_stop(a->x, root);
    (void)openai_take_counts(a->x, root);
    a->done = true;
}

static void take_model(struct exchange *x, struct json_object *root)
{
    const char *model = x->model[0] ? NULL : json_get_text(root, "/model");
    if (model)
        exchange_copy_text(x->model, sizeof x->model, model, strlen(model));
}

static bool take_event(struct openai_answer *a, struct json_object *root, int64_t t_ns)
{
    struct openai_piece p = openai_answer_take(a, openai_member(root, "content"));
    struct json_object *tokens = json_get_array(root, "/tokens");
    bool last = is_last(root);
    size_t count = tokens ? json_object_array_length(tokens) : 0;
    take_model(a->x, root);
    if (last)
        take_end(a, root);
    bool said = count > 0 && count < INT32_MAX && (p.kinds & EVENT_TOKEN_KINDS);
    return openai_answer_record(
        a, t_ns, p, last ? EVENT_FINISH | EVENT_USAGE | EVENT_DONE : 0u, said ? (int32_t)count : -1);
}

static bool event(void *state, const struct sse_event *e)
{
    struct openai_answer *a = state;
    struct json_object *root = NULL;
    struct error why = {0};
    char message[512];
    bool go_on = false;
    if (a->done)
        return true;
    enum status s = json_parse(e->data, e->len, &root, &why);
    if (s != STATUS_OK || !json_object_is_type(root, json_type_object)) {
        exchange_fail(a->x, EXCHANGE_PROTOCOL, "event %zu is not a JSON object: %s", a->x->event_count + 1,
            s != STATUS_OK ? error_text(&why) : "another type");
    } else if (answer_is_error(root)) {
        answer_error_message(root, e->data, e->len, message, sizeof message);
        exchange_fail(a->x, EXCHANGE_STREAM_ERROR, "the server reported an error in its stream: %s", message);
    } else {
        go_on = take_event(a, root, e->t_ns);
    }
    json_object_put(root);
    return go_on;
}

static void whole(void *state, const char *body, size_t len)
{
    struct openai_answer *a = state;
    struct json_object *root = openai_result_parse(a->x, body, len);
    if (!root)
        return;
    (void)openai_answer_take(a, openai_member(root, "content"));
    take_model(a->x, root);
    take_end(a, root);
    json_object_put(root);
}

const struct answer_reader llamacpp_reader = {.state_size = sizeof(struct openai_answer),
    .begin = openai_reader_begin,
    .event = event,
    .whole = whole,
    .is_complete = openai_reader_is_complete,
    .end = openai_reader_end};
