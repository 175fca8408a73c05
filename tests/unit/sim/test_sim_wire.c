/* How an answer is framed and cut on the wire, well and badly. No server, no waiting: the schedule is computed. */
#include "sim_play.h"

#include "clock.h"
#include "testkit.h"

#include <string.h>

static struct sim_play play;

static void lines_end_as_the_scenario_wants(void)
{
    sim_play_builtin(&play, "sim-crlf", true, 2, "");
    ck_assert_uint_eq(sim_play_count(&play, "\r\n\r\ndata: "), 4);
    sim_play_fini(&play);
    sim_play_builtin(&play, "sim-cr", true, 2, "");
    ck_assert_uint_eq(sim_play_count(&play, "\r\rdata: "), 4);
    ck_assert_uint_eq(sim_play_count(&play, "\n"), 0);
    sim_play_fini(&play);
    sim_play_builtin(&play, "sim-no-space", true, 2, "");
    ck_assert_uint_eq(sim_play_count(&play, "data:{"), 4);
    ck_assert_uint_eq(sim_play_count(&play, "data: "), 0);
    ck_assert(play.done_seen);
    sim_play_fini(&play);
}

static void a_comment_is_a_chunk_of_its_own(void)
{
    sim_play_builtin(&play, "sim-comments", true, 2, "");
    ck_assert(sim_play_has(&play, "\r\ne\r\n: keep-alive\n\n\r\n"));
    ck_assert_uint_eq(sim_play_count(&play, ": keep-alive\n\ndata: "), 5);
    sim_play_fini(&play);
}

static void events_may_carry_more_fields_and_several_lines(void)
{
    sim_play_builtin(&play, "sim-fields", true, 1, "");
    ck_assert_int_eq(strncmp(play.body.data, "event: message\nid: 0\nretry: 3000\ndata: {", 39), 0);
    sim_play_fini(&play);
    sim_play_builtin(&play, "sim-multi-line", true, 1, "");
    ck_assert_uint_eq(sim_play_count(&play, "\"system_fingerprint\":\"assay-sim\",\ndata: \"choices\":"), 3);
    sim_play_fini(&play);
}

static void a_tail_may_be_cut(void)
{
    sim_play_builtin(&play, "sim-no-done", true, 1, "");
    ck_assert(!play.done_seen && play.chunks_done);
    sim_play_fini(&play);
    sim_play_builtin(&play, "sim-cut-tail", true, 1, "");
    ck_assert_str_eq(play.body.data + play.body.len - 12, "\"length\"}]}\n");
    ck_assert_str_eq(play.finish_reason, "length");
    sim_play_fini(&play);
    sim_play_builtin(&play, "sim-no-finish", true, 1, "");
    ck_assert_str_eq(play.finish_reason, "");
    ck_assert(play.done_seen);
    sim_play_fini(&play);
}

static void a_body_without_length_ends_with_the_connection(void)
{
    sim_play_builtin(&play, "sim-http10", true, 1, "");
    ck_assert_int_eq(strncmp(play.raw.data, "HTTP/1.0 200 OK\r\n", 17), 0);
    ck_assert(!sim_play_has(&play, "Content-Length") && !sim_play_has(&play, "Transfer-Encoding") &&
              !sim_play_has(&play, "Connection:"));
    ck_assert_int_eq(play.course, SIM_CLOSES);
    sim_play_fini(&play);
    sim_play_builtin(&play, "sim-until-close", true, 1, "");
    ck_assert(sim_play_has(&play, "HTTP/1.1 200 OK") && sim_play_has(&play, "Connection: close\r\n") &&
              !sim_play_has(&play, "Transfer-Encoding"));
    ck_assert_int_eq(play.course, SIM_CLOSES);
    sim_play_fini(&play);
}

static void a_split_event_leaves_in_two_writes_a_gap_apart(void)
{
    sim_play_builtin(&play, "sim-split-utf8", true, 2, "");
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
    sim_play_builtin(&play, "sim-split-event", true, 2, "");
    ck_assert_uint_eq(play.bad_events, 0);
    ck_assert_uint_ge(play.writes, 4);
    sim_play_fini(&play);
}

static void bytes_may_leave_one_by_one(void)
{
    sim_play_builtin(&play, "sim-split-bytes", true, 2, "");
    ck_assert_uint_eq(play.writes, play.raw.len);
    ck_assert_uint_eq(play.bad_events, 0);
    ck_assert(play.done_seen && play.chunks_done);
    sim_play_fini(&play);
}

static void tokens_and_events_are_grouped_as_asked(void)
{
    sim_play_builtin(&play, "sim-burst4", true, 10, "");
    ck_assert_int_eq(play.truth->events[1].tokens, 4);
    ck_assert_int_eq(play.truth->events[2].tokens, 4);
    ck_assert_int_eq(play.truth->events[3].tokens, 2);
    sim_play_fini(&play);
    sim_play_builtin(&play, "sim-coalesced", true, 7, "");
    ck_assert_uint_eq(play.writes, 4); /* 3 + 3 + 1 events, and the end */
    ck_assert_int_eq(play.due_ns[1] - play.due_ns[0], 30 * NS_PER_MS);
    ck_assert_uint_eq(play.events, 9);
    sim_play_fini(&play);
}

static void a_stream_may_break_off(void)
{
    sim_play_builtin(&play, "sim-close", true, 0, "");
    ck_assert_int_eq(play.course, SIM_CLOSES);
    ck_assert_int_eq(play.truth->completion_tokens, 10);
    ck_assert(!play.chunks_done && !play.chunks_bad && !play.done_seen && !play.stream.whole);
    sim_play_fini(&play);
    sim_play_builtin(&play, "sim-reset", true, 0, "");
    ck_assert_int_eq(play.course, SIM_RESETS);
    sim_play_fini(&play);
    sim_play_builtin(&play, "sim-close-bytes", true, 0, "");
    ck_assert_uint_eq(play.raw.len, 1000);
    ck_assert_int_eq(play.course, SIM_CLOSES);
    sim_play_fini(&play);
    sim_play_builtin(&play, "sim-reset-bytes", false, 0, "");
    ck_assert_uint_eq(play.raw.len, 100);
    ck_assert_int_eq(play.course, SIM_RESETS);
    sim_play_fini(&play);
}

static void an_unstreamed_answer_breaks_off_in_its_body(void)
{
    sim_play_builtin(&play, "sim-close", false, 0, "");
    ck_assert_int_eq(play.course, SIM_CLOSES);
    ck_assert(sim_play_has(&play, "Content-Length: "));
    ck_assert_uint_eq(play.bad_events, 1);
    sim_play_fini(&play);
    sim_play_builtin(&play, "sim-bad-json", false, 0, "");
    ck_assert_uint_eq(play.bad_events, 1);
    ck_assert_int_eq(play.course, SIM_ENDED);
    sim_play_fini(&play);
    sim_play_builtin(&play, "sim-error-in-stream", false, 0, "");
    ck_assert(sim_play_has(&play, "HTTP/1.1 500 "));
    sim_play_fini(&play);
}

static void an_error_object_ends_the_stream(void)
{
    sim_play_builtin(&play, "sim-error-in-stream", true, 0, "");
    ck_assert(sim_play_has(&play,
        "data: {\"error\":{\"message\":\"the simulated model ran out of memory\",\"type\":"
        "\"server_error\",\"param\":null,\"code\":\"simulated\"}}\n\n"));
    ck_assert(play.chunks_done && !play.done_seen);
    ck_assert_int_eq(play.truth->completion_tokens, 10);
    sim_play_fini(&play);
}

static void events_may_be_bad_json_and_chunks_badly_framed(void)
{
    sim_play_builtin(&play, "sim-bad-json", true, 0, "");
    ck_assert_uint_eq(play.bad_events, 1);
    ck_assert_int_eq(play.truth->completion_tokens, 48);
    sim_play_fini(&play);
    sim_play_builtin(&play, "sim-bad-chunk", true, 0, "");
    ck_assert(play.chunks_bad);
    ck_assert_str_eq(play.raw.data + play.raw.len - 20, "Zx\r\ndata: nonsense\r\n");
    sim_play_fini(&play);
}

static void one_line_may_be_a_megabyte(void)
{
    sim_play_builtin(&play, "sim-long-line", true, 0, "");
    ck_assert_uint_gt(play.body.len, 1 << 20);
    ck_assert_int_eq(play.truth->completion_tokens, 48);
    ck_assert_uint_eq(play.bad_events, 0);
    sim_play_fini(&play);
}

static void nothing_or_no_end_may_come(void)
{
    sim_play_builtin(&play, "sim-hang", true, 0, "");
    ck_assert_uint_eq(play.raw.len, 0);
    ck_assert_int_eq(play.stream.due_ns, SIM_NEVER);
    sim_play_fini(&play);
    sim_play_builtin(&play, "sim-empty", true, 0, "");
    ck_assert_str_eq(buf_text(&play.body), "data: [DONE]\n\n");
    sim_play_fini(&play);
    sim_play_run(&play, "sim-endless", NULL, sim_play_body(true, 4, ""), 5000);
    ck_assert_int_eq(play.course, SIM_GOES_ON);
    ck_assert_int_eq(play.truth->completion_tokens, 5000);
    sim_play_fini(&play);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(lines_end_as_the_scenario_wants),
        TESTKIT_TEST(a_comment_is_a_chunk_of_its_own),
        TESTKIT_TEST(events_may_carry_more_fields_and_several_lines),
        TESTKIT_TEST(a_tail_may_be_cut),
        TESTKIT_TEST(a_body_without_length_ends_with_the_connection),
        TESTKIT_TEST(a_split_event_leaves_in_two_writes_a_gap_apart),
        TESTKIT_TEST(bytes_may_leave_one_by_one),
        TESTKIT_TEST(tokens_and_events_are_grouped_as_asked),
        TESTKIT_TEST(a_stream_may_break_off),
        TESTKIT_TEST(an_unstreamed_answer_breaks_off_in_its_body),
        TESTKIT_TEST(an_error_object_ends_the_stream),
        TESTKIT_TEST(events_may_be_bad_json_and_chunks_badly_framed),
        TESTKIT_TEST(one_line_may_be_a_megabyte),
        TESTKIT_TEST(nothing_or_no_end_may_come),
        {0},
    };
    return testkit_run("sim_wire", tests);
}
