#include "openai_events.h"

#include "testkit.h"

#include <stdlib.h>
#include <string.h>

#define ROLE                                                                                                 \
    "data: "                                                                                                 \
    "{\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}" \
    "]}\n\n"
#define SAY(text)                                                                                            \
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" text "\"},\"finish_reason\":null}]}\n\n"
#define REASON(field, text) "data: {\"choices\":[{\"index\":0,\"delta\":{\"" field "\":\"" text "\"}}]}\n\n"
#define STOP "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
#define USAGE(prompt, completion)                                                                            \
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":" #prompt ",\"completion_tokens\":" #completion      \
    "}}\n\n"
#define DONE "data: [DONE]\n\n"

/* Kinds are written as letters, events separated by spaces. */
static const struct {
    uint32_t kind;
    char letter;
} letters[] = {{EVENT_ROLE, 'r'}, {EVENT_REASONING, 'R'}, {EVENT_ANSWER, 'A'}, {EVENT_TOOL_CALL, 'T'},
    {EVENT_FINISH, 'F'}, {EVENT_USAGE, 'U'}, {EVENT_ERROR, 'E'}, {EVENT_DONE, 'D'}, {EVENT_OTHER, 'o'}};

static void write_kinds(const struct exchange *x, struct buf *out)
{
    for (size_t i = 0; i < x->event_count; i++) {
        if (i)
            buf_append_char(out, ' ');
        uint32_t left = x->events[i].kinds;
        for (size_t k = 0; k < sizeof letters / sizeof letters[0]; k++)
            if (x->events[i].kinds & letters[k].kind) {
                buf_append_char(out, letters[k].letter);
                left &= ~letters[k].kind;
            }
        ck_assert_uint_eq(left, 0);
    }
}

/* Reads a stream in which the n-th event arrives at 1000 n. */
struct reading {
    struct exchange x;
    struct openai_answer answer;
    int64_t t_ns;
    bool stopped;
};

static void read_event(const struct sse_event *event, void *arg)
{
    struct reading *r = arg;
    struct sse_event timed = *event;
    timed.t_ns = r->t_ns += 1000;
    if (!r->stopped)
        r->stopped = !openai_answer_event(&r->answer, &timed);
}

static struct reading *read_stream(const char *stream, bool clean)
{
    struct reading *r = calloc(1, sizeof *r);
    struct sse sse;
    ck_assert_ptr_nonnull(r);
    exchange_init(&r->x);
    openai_answer_init(&r->answer, &r->x);
    sse_init(&sse, 1 << 20, read_event, r);
    ck_assert_int_eq(sse_push(&sse, stream, strlen(stream), 1), STATUS_OK);
    ck_assert_int_eq(sse_finish(&sse), STATUS_OK);
    openai_answer_end(&r->answer, clean);
    sse_fini(&sse);
    return r;
}

static void reading_free(struct reading *r)
{
    exchange_fini(&r->x);
    free(r);
}

static const struct {
    const char *why, *stream, *kinds, *answer, *reasoning, *tool_calls, *finish_reason;
    enum exchange_error error;
} streams[] = {
    {"the ordinary case", ROLE SAY("a") SAY("b") STOP USAGE(3, 2) DONE, "r A A F U D", "ab", "", "", "stop",
        EXCHANGE_OK},
    {"role with content null, then reasoning_content",
        "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null}}]}\n\n" REASON(
            "reasoning_content", "hm") SAY("a") STOP DONE,
        "r R A F D", "a", "hm", "", "stop", EXCHANGE_OK},
    {"reasoning under its other name", REASON("reasoning", "hm") SAY("a") STOP DONE, "R A F D", "a", "hm", "",
        "stop", EXCHANGE_OK},
    {"both names with the same text count once",
        "data: {\"choices\":[{\"delta\":{\"reasoning\":\"hm\",\"reasoning_content\":\"hm\"}}]}\n\n" SAY("a")
            STOP DONE,
        "R A F D", "a", "hm", "", "stop", EXCHANGE_OK},
    {"inline think, split", SAY("<th") SAY("ink>why") SAY("</thi") SAY("nk>") SAY("so") STOP DONE,
        "R R R R A F D", "so", "why", "", "stop", EXCHANGE_OK},
    {"what looked like a think mark was answer", SAY("<th") SAY("e>") STOP DONE, "A A F D", "<the>", "", "",
        "stop", EXCHANGE_OK},
    {"an answer that is only the start of a mark", SAY("<") STOP DONE, "A F D", "<", "", "", "stop",
        EXCHANGE_OK},
    {"role, text and finish in one event",
        "data: "
        "{\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"a\"},\"finish_reason\":\"length\"}],"
        "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}\n\n" DONE,
        "AFU D", "a", "", "", "length", EXCHANGE_OK},
    {"usage null is no usage",
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":null}\n\n" STOP DONE, "A F D", "a",
        "", "", "stop", EXCHANGE_OK},
    {"tool calls in pieces",
        "data: "
        "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"1\",\"function\":{\"name\":\"f\","
        "\"arguments\":\"\"}}]}}]}\n\n"
        "data: "
        "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"a\\\":\"}}"
        "]}}]}\n\n"
        "data: "
        "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"1}\"}}]}}]}\n\n"
        "data: "
        "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":1,\"function\":{\"name\":\"g\",\"arguments\":"
        "\"{}\"}}]},"
        "\"finish_reason\":\"tool_calls\"}]}\n\n" DONE,
        "T T T TF D", "", "", "f {\"a\":1}\ng {}", "tool_calls", EXCHANGE_OK},
    {"the final object of mlx",
        SAY("a") STOP "data: {\"object\":\"chat.completion\",\"choices\":[],\"usage\":"
                      "{\"prompt_tokens\":1,\"completion_tokens\":1}}\n\n" DONE,
        "A F U D", "a", "", "", "stop", EXCHANGE_OK},
    {"finish_reason without [DONE]", SAY("a") STOP, "A F", "a", "", "", "stop", EXCHANGE_OK},
    {"[DONE] without finish_reason", SAY("a") DONE, "A D", "a", "", "", "", EXCHANGE_OK},
    {"neither", SAY("a") SAY("b"), "A A", "ab", "", "", "", EXCHANGE_TRUNCATED},
    {"nothing at all", "", "", "", "", "", "", EXCHANGE_TRUNCATED},
    {"no token", ROLE STOP DONE, "r F D", "", "", "", "stop", EXCHANGE_EMPTY},
    {"an error object",
        SAY("a") "data: {\"error\":{\"message\":\"out of memory\",\"code\":500}}\n\n" SAY("b"), "A E", "a",
        "", "", "", EXCHANGE_STREAM_ERROR},
    {"an error as text", "data: {\"error\":\"no\"}\n\n", "E", "", "", "", "", EXCHANGE_STREAM_ERROR},
    {"error null is none",
        "data: {\"error\":null,\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n" STOP DONE, "A F D", "a",
        "", "", "stop", EXCHANGE_OK},
    {"event: error", SAY("a") "event: error\ndata: {\"message\":\"boom\"}\n\n", "A E", "a", "", "", "",
        EXCHANGE_STREAM_ERROR},
    {"event: error without JSON", "event: error\ndata: boom\n\n", "E", "", "", "", "", EXCHANGE_STREAM_ERROR},
    {"an object of type error", "data: {\"object\":\"error\",\"message\":\"bad\"}\n\n", "E", "", "", "", "",
        EXCHANGE_STREAM_ERROR},
    {"finish_reason error",
        SAY("a") "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"error\"}]}\n\n" DONE, "A F", "a", "",
        "", "error", EXCHANGE_STREAM_ERROR},
    {"not JSON", SAY("a") "data: {\"choices\": [\n\n" SAY("b") STOP DONE, "A o", "a", "", "", "",
        EXCHANGE_PROTOCOL},
    {"not an object", "data: 42\n\n", "o", "", "", "", "", EXCHANGE_PROTOCOL},
    {"choices of another type", "data: {\"choices\": {}}\n\n", "", "", "", "", "", EXCHANGE_PROTOCOL},
    {"events of other kinds", "data: {\"prompt_progress\":{\"total\":9}}\n\n" SAY("a") STOP DONE, "o A F D",
        "a", "", "", "stop", EXCHANGE_OK},
    {"comments are no events", ": ping\n\n" SAY("a") ": ping\n\n" STOP DONE, "A F D", "a", "", "", "stop",
        EXCHANGE_OK},
    {"what comes behind the end", SAY("a") STOP DONE SAY("b"), "A F D", "a", "", "", "stop", EXCHANGE_OK},
    {"other choices count, their text is left out",
        "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"x\"}}]}\n\n" SAY("a") STOP DONE, "A A F D",
        "a", "", "", "stop", EXCHANGE_OK},
    {"content in parts",
        "data: "
        "{\"choices\":[{\"delta\":{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\","
        "\"text\":\"hm\"}]},"
        "{\"type\":\"text\",\"text\":\"a\"}]}}]}\n\n" STOP DONE,
        "RA F D", "a", "hm", "", "stop", EXCHANGE_OK},
};

static void every_event_has_its_kind_and_every_stream_its_outcome(void)
{
    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
        struct reading *r = read_stream(streams[i].stream, true);
        struct buf kinds = BUF_INIT(1000);
        write_kinds(&r->x, &kinds);
        const char *why = streams[i].why;
        ck_assert_msg(r->x.error == streams[i].error, "%s: %s (%s)", why, exchange_error_name(r->x.error),
            r->x.error_text);
        ck_assert_msg(strcmp(buf_text(&kinds), streams[i].kinds) == 0, "%s: %s", why, buf_text(&kinds));
        ck_assert_msg(
            strcmp(buf_text(&r->x.answer), streams[i].answer) == 0, "%s: %s", why, buf_text(&r->x.answer));
        ck_assert_msg(strcmp(buf_text(&r->x.reasoning), streams[i].reasoning) == 0, "%s", why);
        ck_assert_msg(strcmp(buf_text(&r->x.tool_calls), streams[i].tool_calls) == 0, "%s: %s", why,
            buf_text(&r->x.tool_calls));
        ck_assert_msg(
            strcmp(r->x.finish_reason, streams[i].finish_reason) == 0, "%s: %s", why, r->x.finish_reason);
        ck_assert_msg((r->x.error == EXCHANGE_OK) == (r->x.error_text[0] == '\0'), "%s", why);
        buf_fini(&kinds);
        reading_free(r);
    }
}

static void an_unclean_end_needs_the_end_mark(void)
{
    struct reading *r = read_stream(SAY("a") STOP, false);
    ck_assert_int_eq(r->x.error, EXCHANGE_TRUNCATED);
    reading_free(r);
    r = read_stream(SAY("a") STOP DONE, false);
    ck_assert_int_eq(r->x.error, EXCHANGE_OK);
    reading_free(r);
}

static void moments_are_those_of_the_first_event_of_each_kind(void)
{
    struct reading *r =
        read_stream(ROLE REASON("reasoning", "hm") SAY("a") SAY("b") STOP USAGE(3, 3) DONE, true);
    ck_assert_int_eq(r->x.t_event1_ns, 1000);
    ck_assert_int_eq(r->x.t_first_token_ns, 2000);
    ck_assert_int_eq(r->x.t_first_answer_ns, 3000);
    ck_assert_int_eq(r->x.t_last_token_ns, 4000);
    reading_free(r);
}

static void text_held_back_is_dated_when_it_came(void)
{
    struct reading *r = read_stream(SAY("\\n") SAY("<t") SAY("a>") STOP DONE, true);
    ck_assert_int_eq(r->x.t_first_answer_ns, 1000);
    ck_assert_int_eq(r->x.t_first_token_ns, 1000);
    reading_free(r);
    r = read_stream(SAY("\\n") SAY("<think>") SAY("x</think>") SAY("a") STOP DONE, true);
    ck_assert_int_eq(r->x.t_first_answer_ns, 4000);
    ck_assert_int_eq(r->x.t_first_token_ns, 1000);
    reading_free(r);
}

static void the_last_usage_that_says_anything_holds(void)
{
    static const char cumulative[] =
        "data: "
        "{\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":"
        "2}}\n\n"
        "data: "
        "{\"choices\":[{\"delta\":{\"content\":\"b\"}}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":"
        "3}}\n\n"
        "data: "
        "{\"choices\":[{\"delta\":{\"content\":\"c\"}}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":"
        "3}}\n\n"
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0}}\n\n" DONE;
    struct reading *r = read_stream(cumulative, true);
    ck_assert_int_eq(r->x.tokens.completion, 3);
    ck_assert_int_eq(r->x.tokens.prompt, 9);
    ck_assert_int_eq(r->x.tokens.source, TOKENS_SERVER_USAGE);
    ck_assert_int_eq(r->x.tokens.agrees, -1);
    ck_assert_int_eq(r->x.events[0].tokens, 2);
    ck_assert_int_eq(r->x.events[1].tokens, 1);
    ck_assert_int_eq(r->x.events[2].tokens, 0);
    ck_assert_int_eq(r->x.events[3].tokens, -1);
    reading_free(r);
}

static void usage_at_the_end_says_nothing_of_single_events(void)
{
    struct reading *r = read_stream(SAY("a") SAY("b") STOP USAGE(9, 5) DONE, true);
    ck_assert_int_eq(r->x.events[0].tokens, -1);
    ck_assert_int_eq(r->x.events[1].tokens, -1);
    ck_assert_int_eq(r->x.tokens.completion, 5);
    reading_free(r);
}

static void usage_of_zeros_is_no_count(void)
{
    struct reading *r = read_stream(SAY("a") STOP USAGE(0, 0) DONE, true);
    ck_assert_int_eq(r->x.tokens.source, TOKENS_NONE);
    ck_assert_int_eq(r->x.tokens.completion, -1);
    reading_free(r);
}

static void absurd_counts_are_no_counts(void)
{
    struct reading *r = read_stream(SAY("a") STOP
        "data: {\"choices\":[],\"timings\":{\"cache_n\":9223372036854775807,\"prompt_n\":1000000000000,"
        "\"predicted_n\":1}}\n\n" USAGE(9223372036854775807, 5) DONE,
        true);
    ck_assert_int_eq(r->x.error, EXCHANGE_OK);
    ck_assert_int_eq(r->x.tokens.prompt, -1);
    ck_assert_int_eq(r->x.tokens.completion, 5);
    ck_assert_int_eq(r->x.tokens.cached, -1);
    ck_assert_int_eq(r->x.native.prompt_n, 1000000000000);
    reading_free(r);
}

static void details_of_usage_are_taken(void)
{
    struct reading *r = read_stream(SAY("a") STOP
        "data: "
        "{\"choices\":[],\"usage\":{\"prompt_tokens\":30,\"completion_tokens\":12,\"prompt_tokens_details\":"
        "{\"cached_tokens\":24},\"completion_tokens_details\":{\"reasoning_tokens\":7}}}\n\n" DONE,
        true);
    ck_assert_int_eq(r->x.tokens.cached, 24);
    ck_assert_int_eq(r->x.tokens.reasoning, 7);
    reading_free(r);
}

static void logprobs_and_token_ids_count_the_tokens_of_an_event(void)
{
    struct reading *r = read_stream(
        "data: "
        "{\"choices\":[{\"delta\":{\"content\":\"ab\"},\"logprobs\":{\"content\":[{\"token\":\"a\"},{"
        "\"token\":\"b\"}]}}]}\n\n"
        "data: {\"choices\":[{\"delta\":{\"content\":\"c\"},\"token_ids\":[1,2,3]}]}\n\n" STOP DONE,
        true);
    ck_assert_int_eq(r->x.events[0].tokens, 2);
    ck_assert_int_eq(r->x.events[1].tokens, 3);
    reading_free(r);
}

#define TIMINGS                                                                                              \
    "\"timings\":{\"cache_n\":24,\"prompt_n\":1,\"prompt_ms\":8.0,\"prompt_per_second\":125.0,\"predicted_n\":2,\
\"predicted_ms\":20.0,\"predicted_per_second\":50.0}"

static void timings_are_the_servers_own_figures(void)
{
    struct reading *r = read_stream(SAY("a") SAY("b") "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":25,"
                                                      "\"completion_tokens\":2}," TIMINGS "}\n\n" STOP DONE,
        true);
    const struct exchange_native *n = &r->x.native;
    ck_assert_str_eq(n->source, "llamacpp_timings");
    ck_assert_int_eq(n->prompt_n, 1);
    ck_assert_int_eq(n->decode_n, 2);
    ck_assert_int_eq(n->cached_n, 24);
    ck_assert_double_eq_tol(n->prompt_s, 0.008, 1e-12);
    ck_assert_double_eq_tol(n->decode_s, 0.020, 1e-12);
    ck_assert_double_eq_tol(n->decode_per_s, 50, 1e-12);
    ck_assert_double_lt(n->load_s, 0);
    ck_assert_int_eq(r->x.tokens.source, TOKENS_SERVER_USAGE);
    ck_assert_int_eq(r->x.tokens.agrees, 1);
    ck_assert_int_eq(r->x.tokens.cached, 24);
    reading_free(r);
}

static void timings_count_where_usage_is_missing_and_contradict_where_it_differs(void)
{
    struct reading *r =
        read_stream(SAY("a") SAY("b") "data: {\"choices\":[]," TIMINGS "}\n\n" STOP DONE, true);
    ck_assert_int_eq(r->x.tokens.source, TOKENS_SERVER_NATIVE);
    ck_assert_int_eq(r->x.tokens.completion, 2);
    ck_assert_int_eq(r->x.tokens.prompt, 25);
    ck_assert_int_eq(r->x.tokens.agrees, -1);
    reading_free(r);
    r = read_stream(
        SAY("a")
            SAY("b") "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":25,\"completion_tokens\":7}," TIMINGS
                     "}\n\n" STOP DONE,
        true);
    ck_assert_int_eq(r->x.tokens.completion, 7);
    ck_assert_int_eq(r->x.tokens.agrees, 0);
    reading_free(r);
}

static void hostile_text_is_made_safe_in_messages_and_kept_in_answers(void)
{
    struct reading *r =
        read_stream(SAY("\\u001b[31mred") "data: {\"error\":\"\\u001b[2J\\u0000boom\\nline\"}\n\n", true);
    ck_assert_uint_eq(r->x.answer.len, strlen("\x1b[31mred"));
    ck_assert_ptr_null(strchr(r->x.error_text, '\x1b'));
    ck_assert_ptr_null(strchr(r->x.error_text, '\n'));
    reading_free(r);
    struct buf stream = BUF_INIT(1 << 16);
    buf_append_text(&stream, "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"");
    for (int i = 0; i < 400; i++)
        buf_append_text(&stream, "\xc3\xa9");
    buf_append_text(&stream, "\"}]}\n\n");
    r = read_stream(buf_text(&stream), true);
    ck_assert_uint_le(strlen(r->x.finish_reason), 63);
    ck_assert_int_eq((int)(strlen(r->x.finish_reason) % 2), 0); /* not cut inside a character */
    reading_free(r);
    buf_fini(&stream);
}

static void many_events_are_kept_in_order(void)
{
    struct buf stream = BUF_INIT(1 << 22);
    for (int i = 0; i < 3000; i++)
        buf_append_text(&stream, SAY("x"));
    buf_append_text(&stream, STOP USAGE(1, 3000) DONE);
    struct reading *r = read_stream(buf_text(&stream), true);
    ck_assert_int_eq(r->x.error, EXCHANGE_OK);
    ck_assert_uint_eq(exchange_token_events(&r->x), 3000);
    ck_assert_uint_eq(r->x.answer.len, 3000);
    for (size_t i = 1; i < r->x.event_count; i++)
        ck_assert_int_eq(r->x.events[i].t_ns - r->x.events[i - 1].t_ns, 1000);
    reading_free(r);
    buf_fini(&stream);
}

static const struct {
    const char *body, *answer, *reasoning;
    enum exchange_error error;
} wholes[] = {
    {"{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"a\"},\"finish_reason\":\"stop\"}]}",
        "a", "", EXCHANGE_OK},
    {"{\"choices\":[{\"message\":{\"content\":\"<think>hm</think>a\"},\"finish_reason\":\"stop\"}]}", "a",
        "hm", EXCHANGE_OK},
    {"{\"choices\":[{\"message\":{\"content\":null,\"reasoning_content\":\"hm\"},\"finish_reason\":"
     "\"length\"}]}",
        "", "hm", EXCHANGE_OK},
    {"{\"choices\":[{\"message\":{\"content\":\"\"},\"finish_reason\":\"stop\"}]}", "", "", EXCHANGE_EMPTY},
    {"{\"choices\":[]}", "", "", EXCHANGE_PROTOCOL},
    {"{\"choices\":[{\"mess", "", "", EXCHANGE_PROTOCOL},
    {"", "", "", EXCHANGE_PROTOCOL},
    {"<html>", "", "", EXCHANGE_PROTOCOL},
    {"[]", "", "", EXCHANGE_PROTOCOL},
    {"{\"error\":{\"message\":\"no\"}}", "", "", EXCHANGE_STREAM_ERROR},
};

static void whole_answers_are_read_likewise(void)
{
    for (size_t i = 0; i < sizeof wholes / sizeof wholes[0]; i++) {
        struct exchange x;
        struct openai_answer a;
        exchange_init(&x);
        openai_answer_init(&a, &x);
        openai_answer_whole(&a, wholes[i].body, strlen(wholes[i].body));
        openai_answer_end(&a, true);
        ck_assert_msg(x.error == wholes[i].error, "%s: %s", wholes[i].body, x.error_text);
        ck_assert_str_eq(buf_text(&x.answer), wholes[i].answer);
        ck_assert_str_eq(buf_text(&x.reasoning), wholes[i].reasoning);
        ck_assert_uint_eq(x.event_count, 0);
        exchange_fini(&x);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(every_event_has_its_kind_and_every_stream_its_outcome),
        TESTKIT_TEST(an_unclean_end_needs_the_end_mark),
        TESTKIT_TEST(moments_are_those_of_the_first_event_of_each_kind),
        TESTKIT_TEST(text_held_back_is_dated_when_it_came),
        TESTKIT_TEST(the_last_usage_that_says_anything_holds),
        TESTKIT_TEST(usage_at_the_end_says_nothing_of_single_events),
        TESTKIT_TEST(usage_of_zeros_is_no_count),
        TESTKIT_TEST(absurd_counts_are_no_counts),
        TESTKIT_TEST(details_of_usage_are_taken),
        TESTKIT_TEST(logprobs_and_token_ids_count_the_tokens_of_an_event),
        TESTKIT_TEST(timings_are_the_servers_own_figures),
        TESTKIT_TEST(timings_count_where_usage_is_missing_and_contradict_where_it_differs),
        TESTKIT_TEST(hostile_text_is_made_safe_in_messages_and_kept_in_answers),
        TESTKIT_TEST(many_events_are_kept_in_order),
        TESTKIT_TEST(whole_answers_are_read_likewise),
        {0},
    };
    return testkit_run("openai_events", tests);
}
