/* What a scenario answers, byte for byte, and when. No server, no waiting: the schedule is computed. */
#include "sim_play.h"

#include "clock.h"
#include "testkit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct sim_play play, other;

static void the_schedule_is_absolute_and_exact(void)
{
    sim_play_builtin(&play, "sim-steady", true, 5, "");
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
    sim_play_json(&play, "{\"name\":\"own\",\"answer\":{\"kind\":\"list\",\"words\":[\"a\",\" \\\"b\\\"\"]}}",
        true, 0, "");
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
    sim_play_builtin(&play, "sim-echo", true, 0, "");
    ck_assert_str_eq(buf_text(&play.content), "one two  three\nfour");
    ck_assert_int_eq(play.truth->completion_tokens, 4);
    sim_play_fini(&play);
}

static void max_tokens_caps_reasoning_and_answer_together(void)
{
    sim_play_builtin(&play, "sim-reasoning", true, 20, ",\"stream_options\":{\"include_usage\":true}");
    ck_assert_int_eq(play.truth->reasoning_tokens, 16);
    ck_assert_int_eq(play.truth->completion_tokens, 20);
    ck_assert_int_eq(play.completion_tokens, 20);
    ck_assert_str_eq(play.finish_reason, "length");
    sim_play_fini(&play);
}

static void reasoning_goes_into_the_field_that_was_asked_for(void)
{
    sim_play_builtin(&play, "sim-reasoning", true, 0, "");
    ck_assert_uint_eq(sim_play_count(&play, "\"reasoning_content\":"), 16);
    sim_play_fini(&play);
    sim_play_builtin(&play, "sim-reasoning-plain", true, 0, "");
    ck_assert_uint_eq(sim_play_count(&play, "\"reasoning\":"), 16);
    sim_play_fini(&play);
    sim_play_builtin(&play, "sim-think", true, 0, "");
    ck_assert_int_eq(strncmp(buf_text(&play.content), "<think>\n", 8), 0);
    ck_assert_ptr_nonnull(strstr(buf_text(&play.content), "\n</think>\n\n"));
    ck_assert_uint_eq(play.reasoning.len, 0);
    sim_play_fini(&play);
    sim_play_builtin(&play, "sim-think-split", true, 0, "");
    ck_assert_int_eq(strncmp(buf_text(&play.content), "<think>\n", 8), 0);
    ck_assert_ptr_nonnull(strstr(buf_text(&play.content), "\n</think>\n\n"));
    ck_assert_uint_eq(
        sim_play_count(&play, "\"content\":\"<thi\"") + sim_play_count(&play, "\"content\":\"nk>\\n\""), 2);
    ck_assert_uint_eq(sim_play_count(&play, "think>"), 0);
    ck_assert_int_eq(play.truth->reasoning_tokens, 16);
    sim_play_fini(&play);
    sim_play_builtin(&play, "sim-think-split", true, 8, "");
    ck_assert_ptr_null(strstr(buf_text(&play.content), "</th"));
    sim_play_fini(&play);
}

static void a_stop_sequence_ends_the_answer_before_itself(void)
{
    sim_play_json(&play,
        "{\"name\":\"own\",\"answer\":{\"kind\":\"list\",\"words\":[\"one\",\" two\",\" three\",\" four\"]}}",
        true, 0, ",\"stop\":[\"xyz\",\"ree\"]");
    ck_assert_str_eq(buf_text(&play.content), "one two th");
    ck_assert_str_eq(play.finish_reason, "stop");
    ck_assert_int_eq(play.truth->completion_tokens, 3);
    sim_play_fini(&play);
}

static void a_leaked_stop_sequence_stays_in_the_answer(void)
{
    sim_play_json(&play,
        "{\"name\":\"own\",\"answer\":{\"kind\":\"list\",\"words\":[\"one\",\" two\",\" three\",\" four\"]},"
        "\"faults\":[{\"kind\":\"leak_stop\"}]}",
        true, 0, ",\"stop\":\"two\"");
    ck_assert_str_eq(buf_text(&play.content), "one two");
    sim_play_fini(&play);
    sim_play_builtin(&play, "sim-leaked-stop", true, 0, "");
    ck_assert_str_eq(buf_text(&play.content) + play.content.len - 10, "<|im_end|>");
    ck_assert_int_eq(play.truth->completion_tokens, 25);
    sim_play_fini(&play);
}

static void the_cap_can_be_ignored(void)
{
    sim_play_builtin(&play, "sim-ignored-cap", true, 10, "");
    ck_assert_int_eq(play.truth->completion_tokens, 200);
    sim_play_fini(&play);
}

static void roles_come_early_before_with_or_never(void)
{
    sim_play_builtin(&play, "sim-role-early", true, 2, "");
    ck_assert_int_eq(play.due_ns[0], SIM_PLAY_READ_NS);
    ck_assert_int_eq(play.due_ns[1], SIM_PLAY_READ_NS + 50 * NS_PER_MS);
    sim_play_fini(&play);
    sim_play_builtin(&play, "sim-role-with-first", true, 2, "");
    ck_assert_ptr_nonnull(strstr(play.body.data, "\"delta\":{\"role\":\"assistant\",\"content\":\""));
    ck_assert_uint_eq(play.events, 3);
    sim_play_fini(&play);
    sim_play_builtin(&play, "sim-role-absent", true, 2, "");
    ck_assert(!play.role_seen);
    sim_play_fini(&play);
    sim_play_builtin(&play, "sim-headers-early", true, 2, "");
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
        sim_play_builtin(&play, rows[i].name, true, 5, rows[i].more);
        ck_assert_msg(
            play.usage_events == rows[i].events, "%s: %d usages", rows[i].name, (int)play.usage_events);
        ck_assert_int_eq(play.completion_tokens, rows[i].tokens);
        sim_play_fini(&play);
    }
    sim_play_builtin(&play, "sim-usage-null", true, 5, asked);
    ck_assert_uint_eq(sim_play_count(&play, "\"usage\":null"), 7); /* role, 5 tokens, finish */
    sim_play_fini(&play);
    sim_play_builtin(&play, "sim-usage-stop", true, 0, "");
    ck_assert_int_eq(play.completion_tokens, 49);
    ck_assert_int_eq(play.truth->completion_tokens, 48);
    sim_play_fini(&play);
}

static void a_stall_moves_everything_behind_it(void)
{
    sim_play_builtin(&play, "sim-stall", true, 22, "");
    const struct sim_truth_event *events = play.truth->events;
    ck_assert_int_eq(events[20].scheduled_ns, SIM_PLAY_READ_NS + 240 * NS_PER_MS);
    ck_assert_int_eq(events[21].scheduled_ns, SIM_PLAY_READ_NS + 750 * NS_PER_MS);
    ck_assert_int_eq(events[22].scheduled_ns, SIM_PLAY_READ_NS + 760 * NS_PER_MS);
    ck_assert_int_eq(play.truth->fault_after_tokens, 20);
    sim_play_fini(&play);
}

static void prompt_length_delays_the_first_token(void)
{
    sim_play_builtin(&play, "sim-prefill", true, 1, "");
    /* 4 words and 3 tokens around the message, half a millisecond each, on top of 10 ms. */
    ck_assert_int_eq(play.due_ns[0], SIM_PLAY_READ_NS + 13500 * NS_PER_US);
    sim_play_fini(&play);
    sim_play_json(
        &play, "{\"name\":\"own\",\"ttft\":{\"mean_s\":0},\"prefill\":{\"per_char_s\":0.001}}", true, 1, "");
    ck_assert_int_eq(play.due_ns[0], SIM_PLAY_READ_NS + 19 * NS_PER_MS);
    sim_play_fini(&play);
}

static void an_unstreamed_answer_comes_when_the_last_token_would(void)
{
    sim_play_builtin(&play, "sim-steady", false, 5, "");
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
    sim_play_builtin(&play, "sim-lognormal", true, 20, "");
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
        TESTKIT_TEST(streamed_and_unstreamed_answers_are_equal_in_every_scenario),
        TESTKIT_TEST(a_salt_in_the_prompt_changes_salted_answers_only),
        TESTKIT_TEST(echo_answers_with_the_last_user_message),
        TESTKIT_TEST(max_tokens_caps_reasoning_and_answer_together),
        TESTKIT_TEST(reasoning_goes_into_the_field_that_was_asked_for),
        TESTKIT_TEST(a_stop_sequence_ends_the_answer_before_itself),
        TESTKIT_TEST(a_leaked_stop_sequence_stays_in_the_answer),
        TESTKIT_TEST(the_cap_can_be_ignored),
        TESTKIT_TEST(roles_come_early_before_with_or_never),
        TESTKIT_TEST(usage_is_asked_always_never_on_each_or_wrong),
        TESTKIT_TEST(a_stall_moves_everything_behind_it),
        TESTKIT_TEST(prompt_length_delays_the_first_token),
        TESTKIT_TEST(an_unstreamed_answer_comes_when_the_last_token_would),
        TESTKIT_TEST(draws_follow_their_distribution),
        TESTKIT_TEST(equal_seeds_give_equal_schedules),
        {0},
    };
    return testkit_run("sim_stream", tests);
}
