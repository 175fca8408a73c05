#include "ollama_events.h"

#include "answer_error.h"
#include "exchange_write.h"
#include "json.h"
#include "openai_counts.h"
#include "openai_events.h"
#include "openai_results.h"

#include <string.h>

/* ---- figures of the last line ---- */

static double seconds(struct json_object *root, const char *key)
{
    int64_t ns = openai_count(root, key);
    return ns < 0 ? -1 : (double)ns / 1e9;
}

/* A load of a few milliseconds is the check that the model is there. Counts are of all that was given, cached
 * or not; eval_duration begins behind the first token. */
static void take_figures(struct exchange *x, struct json_object *root)
{
    struct exchange_native *n = &x->native;
    if (openai_count(root, "total_duration") < 0)
        return;
    n->source = "ollama_durations";
    n->total_s = seconds(root, "total_duration");
    n->load_s = seconds(root, "load_duration");
    n->prompt_s = seconds(root, "prompt_eval_duration");
    n->decode_s = seconds(root, "eval_duration");
    n->prompt_n = openai_count(root, "prompt_eval_count");
    n->decode_n = openai_count(root, "eval_count");
    x->tokens.source = TOKENS_SERVER_NATIVE;
    x->tokens.prompt = n->prompt_n;
    x->tokens.completion = n->decode_n;
    if (n->decode_n < 0 && n->prompt_n < 0)
        x->tokens.source = TOKENS_NONE;
}

static void take_text(char *field, size_t size, struct json_object *root, const char *key)
{
    struct json_object *text = openai_member(root, key);
    if (json_object_is_type(text, json_type_string))
        exchange_copy_text(
            field, size, json_object_get_string(text), (size_t)json_object_get_string_len(text));
}

/* ---- text ---- */

/* chat: {"message": {role, content, thinking, tool_calls}}; generate: {"response", "thinking"}. */
static struct openai_piece take_piece(struct openai_answer *a, struct json_object *root)
{
    struct json_object *message = openai_member(root, "message");
    if (message)
        return openai_answer_take(a, message);
    struct openai_piece thought = {0};
    struct json_object *thinking = openai_member(root, "thinking");
    if (json_object_is_type(thinking, json_type_string) && json_object_get_string_len(thinking) > 0) {
        thought.kinds = EVENT_REASONING;
        thought.bytes = (size_t)json_object_get_string_len(thinking);
        buf_append(&a->x->reasoning, json_object_get_string(thinking), thought.bytes);
    }
    struct openai_piece said = openai_answer_take(a, openai_member(root, "response"));
    return (struct openai_piece){thought.kinds | said.kinds, thought.bytes + said.bytes};
}

static void take_end(struct openai_answer *a, struct json_object *root)
{
    take_text(a->x->finish_reason, sizeof a->x->finish_reason, root, "done_reason");
    take_figures(a->x, root);
    a->done = true;
}

static bool is_done(struct json_object *root)
{
    struct json_object *done = openai_member(root, "done");
    return json_object_is_type(done, json_type_boolean) && json_object_get_boolean(done);
}

static void fail_with_error(struct exchange *x, struct json_object *root, const char *text, size_t len)
{
    char message[512];
    answer_error_message(root, text, len, message, sizeof message);
    exchange_fail(x, EXCHANGE_STREAM_ERROR, "the server reported an error in its answer: %s", message);
}

static bool take_line(struct openai_answer *a, struct json_object *root, int64_t t_ns)
{
    struct openai_piece p = take_piece(a, root);
    bool last = is_done(root);
    if (!a->x->model[0])
        take_text(a->x->model, sizeof a->x->model, root, "model");
    if (last)
        take_end(a, root);
    if (!p.kinds && !last && openai_member(root, "message"))
        p.kinds = EVENT_ROLE;
    return openai_answer_record(a, t_ns, p, last ? EVENT_FINISH | EVENT_USAGE | EVENT_DONE : 0u, -1);
}

static bool event(void *state, const struct sse_event *line)
{
    struct openai_answer *a = state;
    struct json_object *root = NULL;
    struct error why = {0};
    bool go_on = false;
    if (a->done)
        return true;
    enum status s = json_parse(line->data, line->len, &root, &why);
    if (s != STATUS_OK || !json_object_is_type(root, json_type_object))
        exchange_fail(a->x, EXCHANGE_PROTOCOL, "line %zu is not a JSON object: %s", a->x->event_count + 1,
            s != STATUS_OK ? error_text(&why) : "another type");
    else if (answer_is_error(root))
        fail_with_error(a->x, root, line->data, line->len);
    else
        go_on = take_line(a, root, line->t_ns);
    json_object_put(root);
    return go_on;
}

static void whole(void *state, const char *body, size_t len)
{
    struct openai_answer *a = state;
    struct json_object *root = openai_result_parse(a->x, body, len);
    if (!root)
        return;
    (void)take_piece(a, root);
    take_text(a->x->model, sizeof a->x->model, root, "model");
    if (is_done(root))
        take_end(a, root);
    else
        exchange_fail(a->x, EXCHANGE_PROTOCOL, "the answer does not say that it is done");
    json_object_put(root);
}

const struct answer_reader ollama_reader = {.state_size = sizeof(struct openai_answer),
    .lines = true,
    .begin = openai_reader_begin,
    .event = event,
    .whole = whole,
    .is_complete = openai_reader_is_complete,
    .end = openai_reader_end};

/* ---- embeddings ---- */

static void embed_whole(void *state, const char *body, size_t len)
{
    struct openai_answer *a = state;
    struct exchange *x = a->x;
    struct json_object *root = openai_result_parse(x, body, len), *list = json_get_array(root, "/embeddings");
    size_t count = list ? json_object_array_length(list) : 0;
    a->done = true;
    if (!root)
        return;
    if (!list)
        exchange_fail(x, EXCHANGE_PROTOCOL, "the answer has no list of vectors (embeddings)");
    struct json_object *first = list ? json_object_array_get_idx(list, 0) : NULL;
    size_t dimension = json_object_is_type(first, json_type_array) ? json_object_array_length(first) : 0;
    bool ok = list && exchange_make_vectors(x, count, dimension);
    for (size_t i = 0; ok && i < count; i++)
        ok = exchange_add_vector(x, i, json_object_array_get_idx(list, i));
    take_figures(x, root);
    take_text(x->model, sizeof x->model, root, "model");
    json_object_put(root);
}

static bool no_event(void *state, const struct sse_event *line)
{
    (void)line;
    exchange_fail(((struct openai_answer *)state)->x, EXCHANGE_PROTOCOL,
        "a stream came where one answer was asked for");
    return false;
}

static void embed_end(void *state, bool closed_cleanly)
{
    struct openai_answer *a = state;
    (void)closed_cleanly;
    if (!a->done && a->x->error == EXCHANGE_OK)
        exchange_fail(a->x, EXCHANGE_TRUNCATED, "the answer ended before it was whole");
}

const struct answer_reader ollama_embed_reader = {.state_size = sizeof(struct openai_answer),
    .begin = openai_reader_begin,
    .event = no_event,
    .whole = embed_whole,
    .is_complete = openai_reader_is_complete,
    .end = embed_end};
