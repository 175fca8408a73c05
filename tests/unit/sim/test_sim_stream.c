/* What a scenario puts on the wire, byte for byte, and when. No server, no waiting: the schedule is computed.
 */
#include "sim_play.h"

#include "clock.h"
#include "testkit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct sim_play play, other;

static void play_builtin(const char *name, bool stream, int max_tokens, const char *more)
{
    sim_play_run(&play, name, NULL, sim_play_body(stream, max_tokens, more), 0);
}

static void play_json(const char *json, bool stream, int max_tokens, const char *more)
{
    sim_play_run(&play, "own", json, sim_play_body(stream, max_tokens, more), 0);
}

static bool wire_has(const char *text)
{
    return strstr(buf_text(&play.raw), text) != NULL;
}

static size_t count_in_body(const char *text)
{
    size_t count = 0;
    for (const char *at = buf_text(&play.body); (at = strstr(at, text)); at += strlen(text))
        count++;
    return count;
}

static void the_schedule_is_absolute_and_exact(void)
{
    play_builtin("sim-steady", true, 5, "");
    const struct sim_truth_event *events = play.truth->events;
    ck_assert_uint_eq(play.truth->event_count, 1 + 5 + 2);
    ck_assert_int_eq(events[0].kind, SIM_EVENT_ROLE);
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(events[1 + i].kind, SIM_EVENT_ANSWER);
        ck_assert_int_eq(events[1 + i].tokens, 1);
        ck_assert_int_eq(events[1 + i].scheduled_ns, SIM_PLAY_READ_NS + (50 + 10 * i) * NS_PER_MS);
    }
    ck_assert_int_eq(events[6].kind, SIM_EVENT_FINISH);
    ck_assert_int_eq(events[7].kind, SIM_EVENT_DONE);
    ck_assert_int_eq(events[7].scheduled_ns, SIM_PLAY_READ_NS + 90 * NS_PER_MS);
    ck_assert_int_eq(play.course, SIM_ENDED);
    sim_play_fini(&play);
}

static void an_ordinary_stream_is_byte_for_byte_as_documented(void)
{
    static const char expected[] =
        "HTTP/1.1 200 OK\r\nServer: assay-sim/0.1.0\r\nX-Assay-Simulated: 1\r\nX-Assay-Request: 1\r\n"
        "Content-Type: text/event-stream\r\nCache-Control: no-store\r\nTransfer-Encoding: chunked\r\n"
        "Connection: keep-alive\r\n\r\n";
    static const char events[] =
        "data: "
        "{\"id\":\"chatcmpl-sim-1\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":"
        "\"m\","
        "\"system_fingerprint\":\"assay-sim\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\","
        "\"content\":\"\"},\"finish_reason\":null}]}\n\n"
        "data: "
        "{\"id\":\"chatcmpl-sim-1\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":"
        "\"m\","
        "\"system_fingerprint\":\"assay-sim\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},"
        "\"finish_reason\":null}]}\n\n"
        "data: "
        "{\"id\":\"chatcmpl-sim-1\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":"
        "\"m\","
        "\"system_fingerprint\":\"assay-sim\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" "
        "\\\"b\\\"\"},"
        "\"finish_reason\":null}]}\n\n"
        "data: "
        "{\"id\":\"chatcmpl-sim-1\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":"
        "\"m\","
        "\"system_fingerprint\":\"assay-sim\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":"
        "\"stop\"}]}\n\n"
        "data: [DONE]\n\n";
    play_json(
        "{\"name\":\"own\",\"answer\":{\"kind\":\"list\",\"words\":[\"a\",\" \\\"b\\\"\"]}}", true, 0, "");
    ck_assert_int_eq(strncmp(play.raw.data, expected, strlen(expected)), 0);
    ck_assert_msg(strcmp(buf_text(&play.body), events) == 0, "%.3000s", buf_text(&play.body));
    ck_assert(play.chunks_done);
    sim_play_fini(&play);
}

/* Scenarios whose text is not to arrive whole, or never ends. */
static bool answers_whole(const struct sim_scenario *scenario)
{
    for (size_t i = 0; i < scenario->fault_count; i++) {
        int kind = scenario->faults[i].kind;
        if (kind != SIM_FAULT_STALL && kind != SIM_FAULT_LONG_LINE && kind != SIM_FAULT_LEAK_STOP &&
            kind != SIM_FAULT_IGNORE_CAP && kind != SIM_FAULT_STATUS)
            return false;
    }
    return true;
}

static void streamed_and_unstreamed_answers_are_equal_in_every_scenario(void)
{
    struct sim_catalog all;
    size_t compared = 0;
    ck_assert_int_eq(sim_catalog_load(&all, NULL, NULL), STATUS_OK);
    for (size_t i = 0; i < all.count; i++) {
        const char *name = all.items[i].name;
        if (!answers_whole(&all.items[i]))
            continue;
        for (int cap = 0; cap <= 30; cap += 15) {
            sim_play_run(&play, name, NULL, sim_play_body(true, cap, ""), 0);
            sim_play_run(&other, name, NULL, sim_play_body(false, cap, ""), 0);
            ck_assert_msg(play.content.len + play.reasoning.len > 0, "%s: no text", name);
            ck_assert_msg(strcmp(buf_text(&play.content), buf_text(&other.content)) == 0, "%s: %s\n%s", name,
                buf_text(&play.content), buf_text(&other.content));
            ck_assert_str_eq(buf_text(&play.reasoning), buf_text(&other.reasoning));
            ck_assert_str_eq(play.finish_reason, other.finish_reason);
            ck_assert_int_eq(play.truth->completion_tokens, other.truth->completion_tokens);
            ck_assert_uint_eq(play.bad_events + other.bad_events, 0);
            compared++;
            sim_play_fini(&play);
            sim_play_fini(&other);
        }
    }
    ck_assert_uint_gt(compared, 100);
    sim_catalog_fini(&all);
}

static void a_salt_in_the_prompt_changes_salted_answers_only(void)
{
    static const char a[] = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x1 hello\"}]}";
    static const char b[] = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x2 hello\"}]}";
    static const char *const names[] = {"sim-steady", "sim-salted"};
    for (int i = 0; i < 2; i++) {
        sim_play_run(&play, names[i], NULL, a, 0);
        sim_play_run(&other, names[i], NULL, b, 0);
        ck_assert_int_eq(strcmp(buf_text(&play.content), buf_text(&other.content)) != 0, i);
        sim_play_fini(&play);
        sim_play_fini(&other);
    }
}

static void echo_answers_with_the_last_user_message(void)
{
    play_builtin("sim-echo", true, 0, "");
    ck_assert_str_eq(buf_text(&play.content), "one two  three\nfour");
    ck_assert_int_eq(play.truth->completion_tokens, 4);
    sim_play_fini(&play);
}

static void max_tokens_caps_reasoning_and_answer_together(void)
{
    play_builtin("sim-reasoning", true, 20, ",\"stream_options\":{\"include_usage\":true}");
    ck_assert_int_eq(play.truth->reasoning_tokens, 16);
    ck_assert_int_eq(play.truth->completion_tokens, 20);
    ck_assert_int_eq(play.completion_tokens, 20);
    ck_assert_str_eq(play.finish_reason, "length");
    sim_play_fini(&play);
}

static void reasoning_goes_into_the_field_that_was_asked_for(void)
{
    play_builtin("sim-reasoning", true, 0, "");
    ck_assert_uint_eq(count_in_body("\"reasoning_content\":"), 16);
    sim_play_fini(&play);
    play_builtin("sim-reasoning-plain", true, 0, "");
    ck_assert_uint_eq(count_in_body("\"reasoning\":"), 16);
    sim_play_fini(&play);
    play_builtin("sim-think", true, 0, "");
    ck_assert_int_eq(strncmp(buf_text(&play.content), "<think>\n", 8), 0);
    ck_assert_ptr_nonnull(strstr(buf_text(&play.content), "\n</think>\n\n"));
    ck_assert_uint_eq(play.reasoning.len, 0);
    sim_play_fini(&play);
    play_builtin("sim-think-split", true, 0, "");
    ck_assert_int_eq(strncmp(buf_text(&play.content), "<think>\n", 8), 0);
    ck_assert_ptr_nonnull(strstr(buf_text(&play.content), "\n</think>\n\n"));
    ck_assert_uint_eq(count_in_body("\"content\":\"<thi\"") + count_in_body("\"content\":\"nk>\\n\""), 2);
    ck_assert_uint_eq(count_in_body("think>"), 0);
    ck_assert_int_eq(play.truth->reasoning_tokens, 16);
    sim_play_fini(&play);
    play_builtin("sim-think-split", true, 8, "");
    ck_assert_ptr_null(strstr(buf_text(&play.content), "</th"));
    sim_play_fini(&play);
}

static void a_stop_sequence_ends_the_answer_before_itself(void)
{
    play_json(
        "{\"name\":\"own\",\"answer\":{\"kind\":\"list\",\"words\":[\"one\",\" two\",\" three\",\" four\"]}}",
        true, 0, ",\"stop\":[\"xyz\",\"ree\"]");
    ck_assert_str_eq(buf_text(&play.content), "one two th");
    ck_assert_str_eq(play.finish_reason, "stop");
    ck_assert_int_eq(play.truth->completion_tokens, 3);
    sim_play_fini(&play);
}

static void a_leaked_stop_sequence_stays_in_the_answer(void)
{
    play_json(
        "{\"name\":\"own\",\"answer\":{\"kind\":\"list\",\"words\":[\"one\",\" two\",\" three\",\" four\"]},"
        "\"faults\":[{\"kind\":\"leak_stop\"}]}",
        true, 0, ",\"stop\":\"two\"");
    ck_assert_str_eq(buf_text(&play.content), "one two");
    sim_play_fini(&play);
    play_builtin("sim-leaked-stop", true, 0, "");
    ck_assert_str_eq(buf_text(&play.content) + play.content.len - 10, "<|im_end|>");
    ck_assert_int_eq(play.truth->completion_tokens, 25);
    sim_play_fini(&play);
}

static void the_cap_can_be_ignored(void)
{
    play_builtin("sim-ignored-cap", true, 10, "");
    ck_assert_int_eq(play.truth->completion_tokens, 200);
    sim_play_fini(&play);
}

static void roles_come_early_before_with_or_never(void)
{
    play_builtin("sim-role-early", true, 2, "");
    ck_assert_int_eq(play.due_ns[0], SIM_PLAY_READ_NS);
    ck_assert_int_eq(play.due_ns[1], SIM_PLAY_READ_NS + 50 * NS_PER_MS);
    sim_play_fini(&play);
    play_builtin("sim-role-with-first", true, 2, "");
    ck_assert_ptr_nonnull(strstr(play.body.data, "\"delta\":{\"role\":\"assistant\",\"content\":\""));
    ck_assert_uint_eq(play.events, 3);
    sim_play_fini(&play);
    play_builtin("sim-role-absent", true, 2, "");
    ck_assert(!play.role_seen);
    sim_play_fini(&play);
    play_builtin("sim-headers-early", true, 2, "");
    ck_assert_int_eq(play.due_ns[0], SIM_PLAY_READ_NS);
    ck_assert_int_eq(memcmp(play.raw.data + play.write_end[0] - 4, "\r\n\r\n", 4), 0);
    sim_play_fini(&play);
}

static void usage_is_asked_always_never_on_each_or_wrong(void)
{
    static const char asked[] = ",\"stream_options\":{\"include_usage\":true}";
    static const struct {
        const char *name, *more;
        int64_t events, tokens;
    } rows[] = {
        {"sim-steady", "", 0, 0},
        {"sim-steady", asked, 1, 5},
        {"sim-usage-always", "", 1, 5},
        {"sim-no-usage", asked, 0, 0},
        {"sim-usage-each", "", 6, 5},
        {"sim-usage-wrong", asked, 1, 17},
        {"sim-usage-null", "", 0, 0},
        {"sim-usage-null", asked, 1, 5},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        play_builtin(rows[i].name, true, 5, rows[i].more);
        ck_assert_msg(
            play.usage_events == rows[i].events, "%s: %d usages", rows[i].name, (int)play.usage_events);
        ck_assert_int_eq(play.completion_tokens, rows[i].tokens);
        sim_play_fini(&play);
    }
    play_builtin("sim-usage-null", true, 5, asked);
    ck_assert_uint_eq(count_in_body("\"usage\":null"), 7); /* role, 5 tokens, finish */
    sim_play_fini(&play);
    play_builtin("sim-usage-stop", true, 0, "");
    ck_assert_int_eq(play.completion_tokens, 49);
    ck_assert_int_eq(play.truth->completion_tokens, 48);
    sim_play_fini(&play);
}

static void lines_end_as_the_scenario_wants(void)
{
    play_builtin("sim-crlf", true, 2, "");
    ck_assert_uint_eq(count_in_body("\r\n\r\ndata: "), 4);
    sim_play_fini(&play);
    play_builtin("sim-cr", true, 2, "");
    ck_assert_uint_eq(count_in_body("\r\rdata: "), 4);
    ck_assert_uint_eq(count_in_body("\n"), 0);
    sim_play_fini(&play);
    play_builtin("sim-no-space", true, 2, "");
    ck_assert_uint_eq(count_in_body("data:{"), 4);
    ck_assert_uint_eq(count_in_body("data: "), 0);
    ck_assert(play.done_seen);
    sim_play_fini(&play);
}

static void a_comment_is_a_chunk_of_its_own(void)
{
    play_builtin("sim-comments", true, 2, "");
    ck_assert(wire_has("\r\ne\r\n: keep-alive\n\n\r\n"));
    ck_assert_uint_eq(count_in_body(": keep-alive\n\ndata: "), 5);
    sim_play_fini(&play);
}

static void events_may_carry_more_fields_and_several_lines(void)
{
    play_builtin("sim-fields", true, 1, "");
    ck_assert_int_eq(strncmp(play.body.data, "event: message\nid: 0\nretry: 3000\ndata: {", 39), 0);
    sim_play_fini(&play);
    play_builtin("sim-multi-line", true, 1, "");
    ck_assert_uint_eq(count_in_body("\"system_fingerprint\":\"assay-sim\",\ndata: \"choices\":"), 3);
    sim_play_fini(&play);
}

static void a_tail_may_be_cut(void)
{
    play_builtin("sim-no-done", true, 1, "");
    ck_assert(!play.done_seen && play.chunks_done);
    sim_play_fini(&play);
    play_builtin("sim-cut-tail", true, 1, "");
    ck_assert_str_eq(play.body.data + play.body.len - 12, "\"length\"}]}\n");
    ck_assert_str_eq(play.finish_reason, "length");
    sim_play_fini(&play);
    play_builtin("sim-no-finish", true, 1, "");
    ck_assert_str_eq(play.finish_reason, "");
    ck_assert(play.done_seen);
    sim_play_fini(&play);
}

static void a_body_without_length_ends_with_the_connection(void)
{
    play_builtin("sim-http10", true, 1, "");
    ck_assert_int_eq(strncmp(play.raw.data, "HTTP/1.0 200 OK\r\n", 17), 0);
    ck_assert(!wire_has("Content-Length") && !wire_has("Transfer-Encoding") && !wire_has("Connection:"));
    ck_assert_int_eq(play.course, SIM_CLOSES);
    sim_play_fini(&play);
    play_builtin("sim-until-close", true, 1, "");
    ck_assert(
        wire_has("HTTP/1.1 200 OK") && wire_has("Connection: close\r\n") && !wire_has("Transfer-Encoding"));
    ck_assert_int_eq(play.course, SIM_CLOSES);
    sim_play_fini(&play);
}

static void a_split_event_leaves_in_two_writes_a_gap_apart(void)
{
    play_builtin("sim-split-utf8", true, 2, "");
    /* The first cut is inside a character: the second write begins with the chunk that begins in its middle.
     */
    const char *cut = play.raw.data + play.write_end[0];
    ck_assert_int_eq(cut[-1], '\n');
    ck_assert_uint_ge((unsigned char)cut[-3], 0xc0);
    ck_assert_int_eq(play.due_ns[1] - play.due_ns[0], NS_PER_MS);
    ck_assert_int_eq(play.truth->events[0].scheduled_ns, SIM_PLAY_READ_NS + 51 * NS_PER_MS);
    ck_assert_int_eq(play.truth->events[1].scheduled_ns, SIM_PLAY_READ_NS + 61 * NS_PER_MS);
    ck_assert_uint_eq(play.bad_events, 0);
    sim_play_fini(&play);
    play_builtin("sim-split-event", true, 2, "");
    ck_assert_uint_eq(play.bad_events, 0);
    ck_assert_uint_ge(play.writes, 4);
    sim_play_fini(&play);
}

static void bytes_may_leave_one_by_one(void)
{
    play_builtin("sim-split-bytes", true, 2, "");
    ck_assert_uint_eq(play.writes, play.raw.len);
    ck_assert_uint_eq(play.bad_events, 0);
    ck_assert(play.done_seen && play.chunks_done);
    sim_play_fini(&play);
}

static void tokens_and_events_are_grouped_as_asked(void)
{
    play_builtin("sim-burst4", true, 10, "");
    ck_assert_int_eq(play.truth->events[1].tokens, 4);
    ck_assert_int_eq(play.truth->events[2].tokens, 4);
    ck_assert_int_eq(play.truth->events[3].tokens, 2);
    sim_play_fini(&play);
    play_builtin("sim-coalesced", true, 7, "");
    ck_assert_uint_eq(play.writes, 4); /* 3 + 3 + 1 events, and the end */
    ck_assert_int_eq(play.due_ns[1] - play.due_ns[0], 30 * NS_PER_MS);
    ck_assert_uint_eq(play.events, 9);
    sim_play_fini(&play);
}

static void a_stall_moves_everything_behind_it(void)
{
    play_builtin("sim-stall", true, 22, "");
    const struct sim_truth_event *events = play.truth->events;
    ck_assert_int_eq(events[20].scheduled_ns, SIM_PLAY_READ_NS + 240 * NS_PER_MS);
    ck_assert_int_eq(events[21].scheduled_ns, SIM_PLAY_READ_NS + 750 * NS_PER_MS);
    ck_assert_int_eq(events[22].scheduled_ns, SIM_PLAY_READ_NS + 760 * NS_PER_MS);
    ck_assert_int_eq(play.truth->fault_after_tokens, 20);
    sim_play_fini(&play);
}

static void a_stream_may_break_off(void)
{
    play_builtin("sim-close", true, 0, "");
    ck_assert_int_eq(play.course, SIM_CLOSES);
    ck_assert_int_eq(play.truth->completion_tokens, 10);
    ck_assert(!play.chunks_done && !play.chunks_bad && !play.done_seen && !play.stream.whole);
    sim_play_fini(&play);
    play_builtin("sim-reset", true, 0, "");
    ck_assert_int_eq(play.course, SIM_RESETS);
    sim_play_fini(&play);
    play_builtin("sim-close-bytes", true, 0, "");
    ck_assert_uint_eq(play.raw.len, 1000);
    ck_assert_int_eq(play.course, SIM_CLOSES);
    sim_play_fini(&play);
    play_builtin("sim-reset-bytes", false, 0, "");
    ck_assert_uint_eq(play.raw.len, 100);
    ck_assert_int_eq(play.course, SIM_RESETS);
    sim_play_fini(&play);
}

static void an_unstreamed_answer_breaks_off_in_its_body(void)
{
    play_builtin("sim-close", false, 0, "");
    ck_assert_int_eq(play.course, SIM_CLOSES);
    ck_assert(wire_has("Content-Length: "));
    ck_assert_uint_eq(play.bad_events, 1);
    sim_play_fini(&play);
    play_builtin("sim-bad-json", false, 0, "");
    ck_assert_uint_eq(play.bad_events, 1);
    ck_assert_int_eq(play.course, SIM_ENDED);
    sim_play_fini(&play);
    play_builtin("sim-error-in-stream", false, 0, "");
    ck_assert(wire_has("HTTP/1.1 500 "));
    sim_play_fini(&play);
}

static void an_error_object_ends_the_stream(void)
{
    play_builtin("sim-error-in-stream", true, 0, "");
    ck_assert(wire_has("data: {\"error\":{\"message\":\"the simulated model ran out of memory\",\"type\":"
                       "\"server_error\",\"param\":null,\"code\":\"simulated\"}}\n\n"));
    ck_assert(play.chunks_done && !play.done_seen);
    ck_assert_int_eq(play.truth->completion_tokens, 10);
    sim_play_fini(&play);
}

static void events_may_be_bad_json_and_chunks_badly_framed(void)
{
    play_builtin("sim-bad-json", true, 0, "");
    ck_assert_uint_eq(play.bad_events, 1);
    ck_assert_int_eq(play.truth->completion_tokens, 48);
    sim_play_fini(&play);
    play_builtin("sim-bad-chunk", true, 0, "");
    ck_assert(play.chunks_bad);
    ck_assert_str_eq(play.raw.data + play.raw.len - 20, "Zx\r\ndata: nonsense\r\n");
    sim_play_fini(&play);
}

static void one_line_may_be_a_megabyte(void)
{
    play_builtin("sim-long-line", true, 0, "");
    ck_assert_uint_gt(play.body.len, 1 << 20);
    ck_assert_int_eq(play.truth->completion_tokens, 48);
    ck_assert_uint_eq(play.bad_events, 0);
    sim_play_fini(&play);
}

static void nothing_or_no_end_may_come(void)
{
    play_builtin("sim-hang", true, 0, "");
    ck_assert_uint_eq(play.raw.len, 0);
    ck_assert_int_eq(play.stream.due_ns, SIM_NEVER);
    sim_play_fini(&play);
    play_builtin("sim-empty", true, 0, "");
    ck_assert_str_eq(buf_text(&play.body), "data: [DONE]\n\n");
    sim_play_fini(&play);
    sim_play_run(&play, "sim-endless", NULL, sim_play_body(true, 4, ""), 5000);
    ck_assert_int_eq(play.course, SIM_GOES_ON);
    ck_assert_int_eq(play.truth->completion_tokens, 5000);
    sim_play_fini(&play);
}

static void prompt_length_delays_the_first_token(void)
{
    play_builtin("sim-prefill", true, 1, "");
    /* 4 words and 3 tokens around the message, half a millisecond each, on top of 10 ms. */
    ck_assert_int_eq(play.due_ns[0], SIM_PLAY_READ_NS + 13500 * NS_PER_US);
    sim_play_fini(&play);
    play_json("{\"name\":\"own\",\"ttft\":{\"mean_s\":0},\"prefill\":{\"per_char_s\":0.001}}", true, 1, "");
    ck_assert_int_eq(play.due_ns[0], SIM_PLAY_READ_NS + 19 * NS_PER_MS);
    sim_play_fini(&play);
}

static void an_unstreamed_answer_comes_when_the_last_token_would(void)
{
    play_builtin("sim-steady", false, 5, "");
    ck_assert_uint_eq(play.writes, 1);
    ck_assert_int_eq(play.due_ns[0], SIM_PLAY_READ_NS + 90 * NS_PER_MS);
    sim_play_fini(&play);
}

static int compare_times(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void draws_follow_their_distribution(void)
{
    enum { DRAWS = 20001 };
    static int64_t draws[DRAWS];
    struct sim_delay lognormal = {.distribution = SIM_LOGNORMAL, .median_s = 0.01, .sigma = 0.4};
    struct sim_delay normal = {.distribution = SIM_NORMAL, .mean_s = 0.01, .sd_s = 0.002};
    struct rng rng;
    double mean = 0, square = 0;
    rng_seed(&rng, 42);
    for (int i = 0; i < DRAWS; i++)
        draws[i] = sim_delay_draw_ns(&lognormal, &rng);
    qsort(draws, DRAWS, sizeof *draws, compare_times);
    printf("lognormal: median %.4f ms, p84 / median %.4f (e^0.4 = %.4f)\n", (double)draws[DRAWS / 2] / 1e6,
        (double)draws[(int)(DRAWS * 0.8413)] / (double)draws[DRAWS / 2], exp(0.4));
    ck_assert_double_eq_tol((double)draws[DRAWS / 2], 1e7, 1e5);
    ck_assert_double_eq_tol((double)draws[(int)(DRAWS * 0.8413)] / (double)draws[DRAWS / 2], exp(0.4), 0.03);
    for (int i = 0; i < DRAWS; i++) {
        double x = (double)sim_delay_draw_ns(&normal, &rng) / 1e9;
        mean += x / DRAWS;
        square += x * x / DRAWS;
    }
    printf("normal: mean %.5f s, sd %.5f s\n", mean, sqrt(square - mean * mean));
    ck_assert_double_eq_tol(mean, 0.01, 1e-4);
    ck_assert_double_eq_tol(sqrt(square - mean * mean), 0.002, 5e-5);
}

static void equal_seeds_give_equal_schedules(void)
{
    play_builtin("sim-lognormal", true, 20, "");
    sim_play_run(&other, "sim-lognormal", NULL, sim_play_body(true, 20, ""), 0);
    for (size_t i = 0; i < play.writes; i++)
        ck_assert_int_eq(play.due_ns[i], other.due_ns[i]);
    ck_assert_int_ne(play.due_ns[2] - play.due_ns[1], play.due_ns[3] - play.due_ns[2]);
    sim_play_fini(&play);
    sim_play_fini(&other);
}

/* A call is a role, its name, and its arguments a piece at a time; each is due at its moment. */
static void a_call_comes_in_pieces_at_their_moments(void)
{
    sim_play_run(&play, "sim-steady", NULL,
        sim_play_body(true, 0,
            ",\"tools\":[{\"function\":{\"name\":\"find\",\"parameters\":{\"type\":\"object\",\"properties\":"
            "{"
            "\"city\":{\"type\":\"string\"}}}}}],\"tool_choice\":\"required\""),
        0);
    size_t calls = 0;
    for (size_t i = 0; i < play.truth->event_count; i++)
        if (play.truth->events[i].kind == SIM_EVENT_CALL) {
            ck_assert_int_eq(play.truth->events[i].tokens, 1);
            ck_assert_int_eq(play.truth->events[i].scheduled_ns,
                SIM_PLAY_READ_NS + 50000000 + (int64_t)calls++ * 10000000);
        }
    ck_assert_uint_eq(calls, 4); /* find {"city ":"amber "} */
    ck_assert_str_eq(play.finish_reason, "tool_calls");
    sim_play_fini(&play);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_call_comes_in_pieces_at_their_moments),
        TESTKIT_TEST(the_schedule_is_absolute_and_exact),
        TESTKIT_TEST(an_ordinary_stream_is_byte_for_byte_as_documented),
        {"streamed_and_unstreamed_answers_are_equal_in_every_scenario",
            streamed_and_unstreamed_answers_are_equal_in_every_scenario,
            90}, /* ThreadSanitizer: 20 times as long */
        TESTKIT_TEST(a_salt_in_the_prompt_changes_salted_answers_only),
        TESTKIT_TEST(echo_answers_with_the_last_user_message),
        TESTKIT_TEST(max_tokens_caps_reasoning_and_answer_together),
        TESTKIT_TEST(reasoning_goes_into_the_field_that_was_asked_for),
        TESTKIT_TEST(a_stop_sequence_ends_the_answer_before_itself),
        TESTKIT_TEST(a_leaked_stop_sequence_stays_in_the_answer),
        TESTKIT_TEST(the_cap_can_be_ignored),
        TESTKIT_TEST(roles_come_early_before_with_or_never),
        TESTKIT_TEST(usage_is_asked_always_never_on_each_or_wrong),
        TESTKIT_TEST(lines_end_as_the_scenario_wants),
        TESTKIT_TEST(a_comment_is_a_chunk_of_its_own),
        TESTKIT_TEST(events_may_carry_more_fields_and_several_lines),
        TESTKIT_TEST(a_tail_may_be_cut),
        TESTKIT_TEST(a_body_without_length_ends_with_the_connection),
        TESTKIT_TEST(a_split_event_leaves_in_two_writes_a_gap_apart),
        TESTKIT_TEST(bytes_may_leave_one_by_one),
        TESTKIT_TEST(tokens_and_events_are_grouped_as_asked),
        TESTKIT_TEST(a_stall_moves_everything_behind_it),
        TESTKIT_TEST(a_stream_may_break_off),
        TESTKIT_TEST(an_unstreamed_answer_breaks_off_in_its_body),
        TESTKIT_TEST(an_error_object_ends_the_stream),
        TESTKIT_TEST(events_may_be_bad_json_and_chunks_badly_framed),
        TESTKIT_TEST(one_line_may_be_a_megabyte),
        TESTKIT_TEST(nothing_or_no_end_may_come),
        TESTKIT_TEST(prompt_length_delays_the_first_token),
        TESTKIT_TEST(an_unstreamed_answer_comes_when_the_last_token_would),
        TESTKIT_TEST(draws_follow_their_distribution),
        TESTKIT_TEST(equal_seeds_give_equal_schedules),
        {0},
    };
    return testkit_run("sim_stream", tests);
}
