#include "typed_events.h"

#include "answer_error.h"
#include "exchange_write.h"
#include "json.h"

#include <string.h>

static bool fail(struct openai_answer *a, struct json_object *root, const struct sse_event *event)
{
    char message[512];
    (void)openai_answer_record(a, event->t_ns, (struct openai_piece){0}, EVENT_ERROR, -1);
    answer_error_message(root, event->data, event->len, message, sizeof message);
    exchange_fail(a->x, EXCHANGE_STREAM_ERROR, "the server reported an error in its stream: %s", message);
    return false;
}

static bool take(struct openai_answer *a, const struct typed_event *kinds, struct json_object *root,
    const struct sse_event *event)
{
    const char *type = json_get_text(root, "/type");
    if (!type)
        type = event->name;
    if (strcmp(type, "error") == 0 || answer_is_error(root))
        return fail(a, root, event);
    for (; kinds->type; kinds++)
        if (strcmp(kinds->type, type) == 0)
            return kinds->take(a, root, event->t_ns);
    return openai_answer_record(a, event->t_ns, (struct openai_piece){0}, 0, -1);
}

static bool is_done_mark(const struct sse_event *event)
{
    static const char mark[] = "[DONE]";
    return event->len == sizeof mark - 1 && memcmp(event->data, mark, event->len) == 0;
}

/* An end mark that some servers add says nothing that the last event has not said; alone it is no end. */
bool typed_event_take(struct openai_answer *a, const struct typed_event *kinds, const struct sse_event *event)
{
    struct json_object *root = NULL;
    struct error why = {0};
    bool go_on = false;
    if (a->done || is_done_mark(event))
        return true;
    enum status s = json_parse(event->data, event->len, &root, &why);
    if (s == STATUS_OK && json_object_is_type(root, json_type_object))
        go_on = take(a, kinds, root, event);
    else if (strcmp(event->name, "error") == 0)
        go_on = fail(a, NULL, event);
    else
        exchange_fail(a->x, EXCHANGE_PROTOCOL, "event %zu is not a JSON object: %s", a->x->event_count + 1,
            s != STATUS_OK ? error_text(&why) : "another type");
    json_object_put(root);
    return go_on;
}
