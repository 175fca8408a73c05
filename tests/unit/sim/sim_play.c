#include "sim_play.h"

#include "json.h"
#include "sim_http.h"
#include "sse.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WRITES_MAX (sizeof((struct sim_play *)0)->due_ns / sizeof(int64_t))

const char *sim_play_body(bool stream, int max_tokens, const char *more)
{
    static char text[4][4096];
    static int next;
    char cap[64] = "";
    next = (next + 1) % 4;
    if (max_tokens > 0)
        snprintf(cap, sizeof cap, ",\"max_tokens\":%d", max_tokens);
    snprintf(text[next], sizeof text[next],
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"one two  "
        "three\\nfour\"}],\"stream\":%s%s%s}",
        stream ? "true" : "false", cap, more);
    return text[next];
}

static void note_choice(struct sim_play *play, struct json_object *tree, const char *inner)
{
    char pointer[64];
    const char *text;
    snprintf(pointer, sizeof pointer, "/choices/0/%s/content", inner);
    if ((text = json_get_text(tree, pointer)))
        buf_append_text(&play->content, text);
    snprintf(pointer, sizeof pointer, "/choices/0/%s/reasoning_content", inner);
    if ((text = json_get_text(tree, pointer)))
        buf_append_text(&play->reasoning, text);
    snprintf(pointer, sizeof pointer, "/choices/0/%s/reasoning", inner);
    if ((text = json_get_text(tree, pointer)))
        buf_append_text(&play->reasoning, text);
    snprintf(pointer, sizeof pointer, "/choices/0/%s/role", inner);
    play->role_seen |= json_get_text(tree, pointer) != NULL;
    if ((text = json_get_text(tree, "/choices/0/finish_reason")))
        snprintf(play->finish_reason, sizeof play->finish_reason, "%s", text);
    play->usage_events += json_get_int(tree, "/usage/completion_tokens", &play->completion_tokens);
}

static void on_event(const struct sse_event *event, void *arg)
{
    struct sim_play *play = arg;
    struct json_object *tree = NULL;
    if (event->len == 6 && memcmp(event->data, "[DONE]", 6) == 0) {
        play->done_seen = true;
        return;
    }
    if (json_parse(event->data, event->len, &tree, NULL) != STATUS_OK) {
        play->bad_events++;
        return;
    }
    play->events++;
    note_choice(play, tree, "delta");
    json_object_put(tree);
}

static void read_events(struct sim_play *play)
{
    struct sse sse;
    sse_init(&sse, 64 << 20, on_event, play);
    ck_assert_int_eq(sse_push(&sse, buf_text(&play->body), play->body.len, 0), STATUS_OK);
    ck_assert_int_eq(sse_finish(&sse), STATUS_OK);
    sse_fini(&sse);
}

static void read_completion(struct sim_play *play)
{
    struct json_object *tree = NULL;
    if (json_parse(buf_text(&play->body), play->body.len, &tree, NULL) != STATUS_OK)
        play->bad_events++;
    else
        note_choice(play, tree, "message");
    json_object_put(tree);
}

static void read_response(struct sim_play *play)
{
    const char *end = strstr(buf_text(&play->raw), "\r\n\r\n");
    if (!end)
        return;
    size_t head = (size_t)(end - play->raw.data) + 4, payload = play->raw.len - head;
    buf_append(&play->body, end + 4, payload);
    if (strstr(play->raw.data, "\r\nTransfer-Encoding: chunked\r\n")) {
        struct sim_http_chunks chunks = {0};
        sim_http_decode_chunks(&chunks, play->body.data, play->body.len, &payload);
        play->body.len = payload;
        play->body.data[payload] = '\0';
        play->chunks_bad = chunks.bad;
        play->chunks_done = chunks.done;
    }
    if (play->stream.chat.stream)
        read_events(play);
    else
        read_completion(play);
}

static const struct sim_scenario *load(struct sim_play *play, const char *name, const char *json)
{
    static struct sim_catalog builtins; /* read once in each process: that takes longer than most plays */
    struct error why = {0};
    if (json) {
        ck_assert_msg(
            sim_scenario_parse(json, strlen(json), &play->own, &why) == STATUS_OK, "%s", error_text(&why));
        return &play->own;
    }
    if (builtins.count == 0)
        ck_assert_int_eq(sim_catalog_load(&builtins, NULL, &why), STATUS_OK);
    const struct sim_scenario *found = sim_catalog_find(&builtins, name);
    ck_assert_msg(found != NULL, "no scenario %s", name);
    return found;
}

/* The engine of a scenario that has one is always at once done with the next token. */
static bool something_is_due(struct sim_stream *st)
{
    while (st->due_ns == SIM_NEVER && st->granted < sim_stream_tokens_wanted(st))
        sim_stream_grant(st, SIM_PLAY_READ_NS + (st->granted + 1) * SIM_PLAY_GRANT_NS);
    return st->due_ns != SIM_NEVER;
}

void sim_play_run(struct sim_play *play, const char *name, const char *json, const char *body, size_t limit)
{
    struct sim_refusal refusal;
    struct sim_chat chat;
    *play = (struct sim_play){.raw = BUF_INIT(64 << 20),
        .body = BUF_INIT(64 << 20),
        .content = BUF_INIT(64 << 20),
        .reasoning = BUF_INIT(64 << 20),
        .course = SIM_GOES_ON};
    const struct sim_scenario *scenario = load(play, name, json);
    ck_assert_msg(sim_chat_parse(body, strlen(body), &chat, &refusal), "%s", refusal.message);
    play->truth = sim_truth_begin(NULL, false);
    ck_assert_msg(sim_form_make(&chat.form, scenario, &chat, &refusal), "%s", refusal.message);
    struct sim_stream_start start = {.scenario = scenario,
        .fault = scenario->fault_count ? scenario->faults : NULL,
        .number = 1,
        .created_unix_s = 1700000000,
        .read_ns = SIM_PLAY_READ_NS,
        .seed = 7,
        .keep_alive = true,
        .truth = play->truth};
    ck_assert_int_eq(sim_stream_init(&play->stream, &start, &chat), STATUS_OK);
    while (
        play->course == SIM_GOES_ON && something_is_due(&play->stream) && (!limit || play->writes < limit)) {
        size_t before = play->raw.len;
        int64_t due_ns = play->stream.due_ns;
        play->course = sim_stream_step(&play->stream, &play->raw);
        ck_assert_int_eq(buf_status(&play->raw), STATUS_OK);
        if (play->raw.len == before)
            continue;
        ck_assert_uint_lt(play->writes, WRITES_MAX);
        play->due_ns[play->writes] = due_ns;
        play->write_end[play->writes++] = play->raw.len;
    }
    read_response(play);
}

void sim_play_fini(struct sim_play *play)
{
    sim_stream_fini(&play->stream);
    sim_truth_end(NULL, play->truth);
    sim_scenario_fini(&play->own);
    buf_fini(&play->raw);
    buf_fini(&play->body);
    buf_fini(&play->content);
    buf_fini(&play->reasoning);
}

void sim_play_builtin(struct sim_play *play, const char *name, bool stream, int max_tokens, const char *more)
{
    sim_play_run(play, name, NULL, sim_play_body(stream, max_tokens, more), 0);
}

void sim_play_json(struct sim_play *play, const char *json, bool stream, int max_tokens, const char *more)
{
    sim_play_run(play, "own", json, sim_play_body(stream, max_tokens, more), 0);
}

bool sim_play_has(const struct sim_play *play, const char *text)
{
    return strstr(buf_text(&play->raw), text) != NULL;
}

size_t sim_play_count(const struct sim_play *play, const char *text)
{
    size_t count = 0;
    for (const char *at = buf_text(&play->body); (at = strstr(at, text)); at += strlen(text))
        count++;
    return count;
}
