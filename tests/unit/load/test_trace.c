#include "trace.h"

#include "testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const int64_t second = INT64_C(1000000000);

static struct trace parse(const char *text)
{
    struct trace trace;
    struct error why = {0};
    enum status s = trace_parse("t", text, strlen(text), &trace, &why);
    ck_assert_msg(s == STATUS_OK, "%s", error_text(&why));
    return trace;
}

static void check_request(
    const struct trace *trace, size_t i, int64_t at_ns, uint32_t prompt, uint32_t output)
{
    ck_assert_uint_lt(i, trace->count);
    const struct trace_request *r = &trace->requests[i];
    ck_assert_msg(r->at_ns == at_ns && r->prompt_tokens == prompt && r->output_tokens == output,
        "request %zu is at %lld with %u and %u tokens", i, (long long)r->at_ns, r->prompt_tokens,
        r->output_tokens);
}

static void mooncake_lines_count_milliseconds(void)
{
    struct trace t = parse("{\"timestamp\": 27482, \"input_length\": 900, \"output_length\": 52}\n"
                           "{\"timestamp\": 30535, \"input_length\": 600, \"output_length\": 26}\n");
    ck_assert_uint_eq(t.count, 2);
    ck_assert(t.has_prompts && t.has_outputs && t.prefix_count == 0);
    check_request(&t, 0, 0, 900, 52);
    check_request(&t, 1, 3053 * second / 1000, 600, 26);
    trace_fini(&t);
}

static void bailian_lines_count_seconds(void)
{
    struct trace t =
        parse("{\"chat_id\": 1, \"parent_chat_id\": -1, \"timestamp\": 61.114, \"input_length\": 9, "
              "\"output_length\": 3, \"type\": \"text\", \"turn\": 1}\n"
              "{\"chat_id\": 2, \"timestamp\": 62.5, \"input_length\": 8, \"output_length\": 4}");
    check_request(&t, 1, 1386 * second / 1000, 8, 4);
    trace_fini(&t);
}

static void names_may_say_the_unit(void)
{
    struct trace t =
        parse("{\"timestamp_s\": 1.5, \"prompt_tokens\": 5}\n\n{\"timestamp_s\": 2, \"prompt_tokens\": 6}");
    ck_assert(t.has_prompts && !t.has_outputs);
    check_request(&t, 1, second / 2, 6, 0);
    trace_fini(&t);
    t = parse("arrival_ms\n0\n250\n");
    check_request(&t, 1, second / 4, 0, 0);
    trace_fini(&t);
}

static void azure_columns_are_dates(void)
{
    struct trace t = parse("TIMESTAMP,ContextTokens,GeneratedTokens\r\n"
                           "2023-11-16 18:17:03.9799600,4808,10\r\n"
                           "2023-11-16 18:17:04.0319569,3180,8\r\n"
                           "2023-11-17 00:00:00,110,27\r\n");
    ck_assert_uint_eq(t.count, 3);
    check_request(&t, 0, 0, 4808, 10);
    check_request(&t, 1, 51996900, 3180, 8);
    check_request(&t, 2, 20577 * second - 979960000, 110, 27);
    trace_fini(&t);
    t = parse("TIMESTAMP,ContextTokens,GeneratedTokens\n2024-02-28 23:59:59.009930+00:00,1,2\n"
              "2024-03-01T02:00:00.009930+02:00,3,4\n");
    check_request(&t, 1, 86401 * second, 3, 4); /* a leap day, and an offset */
    trace_fini(&t);
}

static void burstgpt_columns_are_seconds(void)
{
    struct trace t =
        parse("\xef\xbb\xbfTimestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
              "5,ChatGPT,472,18,490,Conversation log\n"
              "45.5,\"GPT-4, \"\"new\"\"\", 1087 ,\"230\",1317,Conversation log\n");
    check_request(&t, 0, 0, 472, 18);
    check_request(&t, 1, 81 * second / 2, 1087, 230);
    trace_fini(&t);
}

static void a_list_has_seconds_alone(void)
{
    struct trace t = parse("0.25\n\n  0.5\n1e0\n1.25");
    ck_assert_uint_eq(t.count, 4);
    ck_assert(!t.has_prompts && !t.has_outputs);
    check_request(&t, 1, second / 4, 0, 0);
    check_request(&t, 3, second, 0, 0);
    trace_fini(&t);
}

/* As logs of several front ends put together are. */
static void unsorted_lines_are_sorted_and_equal_moments_keep_their_order(void)
{
    struct trace t = parse("timestamp,input_tokens\n7,1\n3,2\n7,3\n5,4\n3,5\n7,6\n9,7\n");
    static const uint32_t order[] = {2, 5, 4, 1, 3, 6, 7};
    static const int64_t at[] = {0, 0, 2, 4, 4, 4, 6};
    for (size_t i = 0; i < COUNT(order); i++)
        check_request(&t, i, at[i] * second, order[i], 0);
    trace_fini(&t);
}

static void a_long_unsorted_trace_is_sorted_like_a_short_one(void)
{
    enum { LINES = 10001 };
    struct buf text = BUF_INIT(1 << 20);
    buf_append_text(&text, "timestamp,input_tokens\n");
    for (uint32_t i = 0; i < LINES; i++)
        buf_printf(&text, "%u,%u\n", i * 7919 % 1000, i + 1);
    struct trace t = parse(buf_text(&text));
    size_t wrong = 0;
    for (size_t i = 1; i < t.count; i++) {
        const struct trace_request *a = &t.requests[i - 1], *b = &t.requests[i];
        wrong += a->at_ns > b->at_ns || (a->at_ns == b->at_ns && a->prompt_tokens >= b->prompt_tokens);
    }
    ck_assert_uint_eq(t.count, LINES);
    ck_assert_uint_eq(wrong, 0);
    trace_fini(&t);
    buf_fini(&text);
}

/* 0-1-2 and 0-1-3 share two blocks, 0-4 shares one of them, 9 none; the last two are the same prompt. */
static void hash_ids_become_prefixes_within_prefixes(void)
{
    struct trace t =
        parse("{\"timestamp\":0,\"input_length\":1500,\"output_length\":1,\"hash_ids\":[0,1,2]}\n"
              "{\"timestamp\":1,\"input_length\":1100,\"output_length\":1,\"hash_ids\":[0,1,3]}\n"
              "{\"timestamp\":2,\"input_length\":700,\"output_length\":1,\"hash_ids\":[0,4]}\n"
              "{\"timestamp\":3,\"input_length\":500,\"output_length\":1,\"hash_ids\":[9]}\n"
              "{\"timestamp\":4,\"input_length\":1000,\"output_length\":1,\"hash_ids\":[7,8]}\n"
              "{\"timestamp\":5,\"input_length\":1000,\"output_length\":1,\"hash_ids\":[7,8]}\n");
    const struct trace_request *r = t.requests;
    ck_assert_uint_eq(t.prefix_count, 3);
    ck_assert(r[0].prefix == r[1].prefix && r[4].prefix == r[5].prefix);
    ck_assert_uint_eq(r[3].prefix, LOAD_NO_PREFIX);
    ck_assert_uint_eq(t.prefix_lengths[r[0].prefix], 1024);
    ck_assert_uint_eq(t.prefix_lengths[r[2].prefix], 512);
    ck_assert_uint_eq(t.prefix_lengths[r[4].prefix], 999); /* one token remains its own */
    ck_assert_uint_eq(t.prefix_parents[r[0].prefix], r[2].prefix);
    ck_assert_uint_eq(t.prefix_parents[r[2].prefix], LOAD_NO_PREFIX);
    ck_assert_uint_eq(t.prefix_parents[r[4].prefix], LOAD_NO_PREFIX);
    trace_fini(&t);
}

/* No request ends where the two pairs part, but what all four share is shared. */
static void a_beginning_where_prefixes_part_is_one_itself(void)
{
    struct trace t = parse("{\"timestamp\":0,\"input_length\":60,\"hash_ids\":[\"a\",\"b\",\"c\",\"d\"]}\n"
                           "{\"timestamp\":1,\"input_length\":60,\"hash_ids\":[\"a\",\"b\",\"c\",\"e\"]}\n"
                           "{\"timestamp\":2,\"input_length\":60,\"hash_ids\":[\"a\",\"x\",\"y\",\"z\"]}\n"
                           "{\"timestamp\":3,\"input_length\":60,\"hash_ids\":[\"a\",\"x\",\"y\",\"w\"]}\n");
    ck_assert_uint_eq(t.prefix_count, 3);
    uint16_t left = t.requests[0].prefix, right = t.requests[2].prefix;
    ck_assert_uint_ne(left, right);
    ck_assert_uint_eq(t.prefix_parents[left], t.prefix_parents[right]);
    ck_assert_uint_eq(t.prefix_lengths[left], 48); /* blocks of 16, as four for 60 tokens say */
    ck_assert_uint_eq(t.prefix_lengths[t.prefix_parents[left]], 16);
    trace_fini(&t);
}

static const struct {
    const char *text, *says;
} bad[] = {
    {"", "t: no request is in it"},
    {"\n \n", "t: no request is in it"},
    {"timestamp,input_tokens\n", "t: no request is in it"},
    {"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n",
        "t:1: this is where Git LFS keeps"},
    {"when,what\n1,2\n", "t:1: no column says when"},
    {"timestamp,time_s\n1,2\n", "t:1: the column 'time_s' says again"},
    {"timestamp,input_tokens\n1,2\n\nsoon,3\n", "t:4: 'soon' is no moment; write a number, or a date"},
    {"timestamp,input_tokens\n1,2\n2,many\n", "t:3: 'many' is no number of prompt tokens"},
    {"timestamp,input_tokens\n1,2\n2\n", "t:3: no number of prompt tokens, which the lines before it have"},
    {"timestamp,input_tokens\n1,-2\n", "t:2: a number of prompt tokens of -2; it must be between 1"},
    {"timestamp,output_tokens\n1,0\n",
        "t:2: a number of output tokens of 0; it must be between 1 and 100000000: "
        "leave out requests that failed"},
    {"timestamp\n2024-13-01 00:00:00\n", "is no moment"},
    {"timestamp\n2024-01-01 00:00\n", "is no moment"},
    {"timestamp\n2024-01-01 00:00:00.\n", "is no moment"},
    {"timestamp\n2024-01-01 00:00:00+1\n", "is no moment"},
    {"timestamp\nnan\n", "is no moment"},
    {"timestamp\n1e300\n", "is no moment"},
    {"timestamp\n0\n40000000\n", "t: from the first request to the last is more than a year"},
    {"1\n2\nx\n", "t:3: 'x' is no number of seconds"},
    {"{\"timestamp\":1}\n{\"timestamp\":}\n", "t:2:14: "},
    {"{\"timestamp\":1}\n[1]\n", "t:2: the line is not a JSON object"},
    {"{\"timestamp\":1}\n{\"time\":2}\n",
        "t:2: no moment: name it timestamp (milliseconds), timestamp_ms or timestamp_s"},
    {"{\"timestamp\":true}\n", "t:1: its moment is neither a number nor a date"},
    {"{\"timestamp\":1,\"timestamp_s\":2}\n", "t:1: 'timestamp_s' says again"},
    {"{\"timestamp\":1,\"input_length\":1.5}\n", "t:1: input_length is not a whole number"},
    {"{\"timestamp\":1,\"input_length\":\"5\"}\n", "t:1: input_length is not a whole number"},
    {"{\"timestamp\":1}\n{\"timestamp\":2,\"input_length\":5}\n",
        "t:2: a number of prompt tokens, which the lines before it do not have"},
    {"{\"timestamp\":1,\"hash_ids\":[1]}\n", "t:1: hash_ids without a number of prompt tokens"},
    {"{\"timestamp\":1,\"input_length\":5,\"hash_ids\":7}\n", "t:1: hash_ids is not an array"},
    {"{\"timestamp\":1,\"input_length\":5,\"hash_ids\":[1.5]}\n", "t:1: number 1 of hash_ids is neither"},
    {"{\"timestamp\":1,\"input_length\":1000,\"hash_ids\":[1,2]}\n{\"timestamp\":1,\"input_length\":900,"
     "\"hash_ids\":[1,2]}\n{\"timestamp\":2,\"input_length\":5000,\"hash_ids\":[1]}\n",
        "t:3: 1 hash_ids do not make a prompt of 5000 tokens, where other lines have 512 tokens in a block"},
};

static void what_is_no_request_is_told_with_its_line(void)
{
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct trace trace;
        struct error why = {0};
        ck_assert_msg(trace_parse("t", bad[i].text, strlen(bad[i].text), &trace, &why) == STATUS_INVALID,
            "%s", bad[i].text);
        ck_assert_msg(strstr(error_text(&why), bad[i].says), "%s, not: %s", error_text(&why), bad[i].says);
        ck_assert_ptr_null(trace.requests);
    }
    struct trace trace;
    ck_assert_int_eq(trace_parse("t", "1\n2\0\n3", 6, &trace, NULL), STATUS_INVALID);
}

static void a_file_is_read_and_a_missing_one_told(void)
{
    struct trace trace;
    struct error why = {0};
    const char *path = testkit_tmp_path("trace.csv");
    testkit_write(path, "", 0);
    ck_assert_int_eq(trace_read(path, &trace, &why), STATUS_INVALID);
    testkit_write(path, "3\n4\n", 4);
    ck_assert_int_eq(trace_read(path, &trace, &why), STATUS_OK);
    ck_assert_uint_eq(trace.count, 2);
    trace_fini(&trace);
    ck_assert_int_eq(trace_read("/nowhere/trace.csv", &trace, &why), STATUS_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(error_text(&why), "/nowhere/trace.csv"));
}

static const char *trace_file(const char *text)
{
    const char *path = testkit_tmp_path("plan.trace");
    testkit_write(path, text, strlen(text));
    return path;
}

static struct load_plan plan_of(const struct load_plan_options *o)
{
    struct load_plan plan;
    struct error why = {0};
    enum status s = load_plan_make(o, &plan, &why);
    ck_assert_msg(s == STATUS_OK, "%s", error_text(&why));
    return plan;
}

static void a_plan_follows_its_trace_at_the_speed_asked_for(void)
{
    struct load_plan_options o = {
        .arrivals = {.kind = ARRIVALS_TRACE,
            .trace_file = trace_file("timestamp,input_tokens,output_tokens\n10,100,5\n"
                                     "12,200,6\n14,300,7\n16,400,8\n")}};
    struct load_plan plan = plan_of(&o);
    ck_assert(plan.open && plan.count == 4 && plan.duration_ns == LOAD_NO_END);
    ck_assert(plan.items[3].at_ns == 6 * second && plan.items[3].prompt_tokens == 400);
    ck_assert(plan.items[3].output_tokens == 8 && plan.items[3].prefix == LOAD_NO_PREFIX);
    ck_assert_uint_eq(plan.items[3].conversation, 3);
    load_plan_fini(&plan);
    o.arrivals.trace_speed = 4;
    o.count = 3;
    plan = plan_of(&o);
    ck_assert(plan.count == 3 && plan.items[2].at_ns == second);
    load_plan_fini(&plan);
    o.count = 0;
    o.duration_ns = second; /* what falls on its end is outside */
    plan = plan_of(&o);
    ck_assert(plan.count == 2 && plan.duration_ns == second);
    load_plan_fini(&plan);
}

static void lengths_that_a_trace_does_not_say_are_drawn(void)
{
    struct load_plan_options o = {.arrivals = {.kind = ARRIVALS_TRACE, .trace_file = trace_file("0\n1\n2\n")},
        .prompt_tokens = {.kind = LENGTH_FIXED, .mean = 77},
        .prefix_tokens = {.kind = LENGTH_FIXED, .mean = 5},
        .prefix_count = 1,
        .turns = {.kind = LENGTH_FIXED, .mean = 2}};
    struct load_plan plan = plan_of(&o);
    ck_assert_uint_eq(plan.count, 6);
    ck_assert(plan.items[2].at_ns == second && plan.items[2].prompt_tokens == 77);
    ck_assert(plan.items[3].turn == 1 && plan.items[3].at_ns == 0 && plan.items[3].prefix == 0);
    load_plan_fini(&plan);
}

static void lengths_that_a_trace_says_win_and_later_turns_have_those_asked_for(void)
{
    struct load_plan_options o = {
        .arrivals = {.kind = ARRIVALS_TRACE, .trace_file = trace_file("timestamp,input_tokens\n0,9\n1,8\n")},
        .prompt_tokens = {.kind = LENGTH_FIXED, .mean = 77},
        .output_tokens = {.kind = LENGTH_FIXED, .mean = 5},
        .turns = {.kind = LENGTH_FIXED, .mean = 2}};
    struct load_plan plan = plan_of(&o);
    ck_assert_uint_eq(plan.count, 4);
    ck_assert(plan.items[0].prompt_tokens == 9 && plan.items[1].prompt_tokens == 77);
    ck_assert(plan.items[2].prompt_tokens == 8 && plan.items[2].output_tokens == 5);
    load_plan_fini(&plan);
}

static void a_plan_has_the_prefixes_of_its_trace(void)
{
    struct load_plan_options o = {
        .arrivals = {.kind = ARRIVALS_TRACE,
            .trace_file = trace_file("{\"timestamp\":0,\"input_length\":700,\"hash_ids\":[0,1]}\n"
                                     "{\"timestamp\":9,\"input_length\":800,\"hash_ids\":[0,2]}\n"
                                     "{\"timestamp\":9,\"input_length\":90,\"hash_ids\":[3]}\n")}};
    struct load_plan plan = plan_of(&o);
    ck_assert_uint_eq(plan.prefix_count, 1);
    ck_assert_uint_eq(plan.prefix_lengths[0], 512);
    ck_assert_uint_eq(plan.prefix_parents[0], LOAD_NO_PREFIX);
    ck_assert(plan.items[0].prefix == 0 && plan.items[0].prompt_tokens == 700 - 512);
    ck_assert(plan.items[2].prefix == LOAD_NO_PREFIX && plan.items[2].prompt_tokens == 90);
    load_plan_fini(&plan);
}

static void options_that_do_not_go_with_a_trace_are_refused(void)
{
    static const struct length some = {.kind = LENGTH_FIXED, .mean = 5};
    const char *path =
        trace_file("{\"timestamp\":0,\"input_length\":700,\"output_length\":1,\"hash_ids\":[0,1]}\n"
                   "{\"timestamp\":0,\"input_length\":700,\"output_length\":1,\"hash_ids\":[0,2]}\n");
    const struct arrivals traced = {.kind = ARRIVALS_TRACE, .trace_file = path};
    struct arrivals rated = traced, ramped = traced, backwards = traced;
    rated.rate_per_s = 5;
    ramped.ramp_ns = 5;
    backwards.trace_speed = -1;
    const struct {
        struct load_plan_options options;
        const char *says;
    } refusals[] = {
        {{.arrivals = {.kind = ARRIVALS_TRACE}}, "arrivals: name the file of the trace"},
        {{.arrivals = rated}, "a trace has its own moments"},
        {{.arrivals = ramped}, "a trace has its own moments"},
        {{.arrivals = backwards}, "trace speed: give a factor above 0"},
        {{.arrivals = traced, .prefix_tokens = some, .prefix_count = 1}, "prefixes: the trace has its own"},
    };
    for (size_t i = 0; i < COUNT(refusals); i++) {
        struct load_plan plan;
        struct error why = {0};
        ck_assert_int_eq(load_plan_make(&refusals[i].options, &plan, &why), STATUS_USAGE);
        ck_assert_msg(strstr(why.text, refusals[i].says), "%s", why.text);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(mooncake_lines_count_milliseconds),
        TESTKIT_TEST(bailian_lines_count_seconds),
        TESTKIT_TEST(names_may_say_the_unit),
        TESTKIT_TEST(azure_columns_are_dates),
        TESTKIT_TEST(burstgpt_columns_are_seconds),
        TESTKIT_TEST(a_list_has_seconds_alone),
        TESTKIT_TEST(unsorted_lines_are_sorted_and_equal_moments_keep_their_order),
        TESTKIT_TEST(a_long_unsorted_trace_is_sorted_like_a_short_one),
        TESTKIT_TEST(hash_ids_become_prefixes_within_prefixes),
        TESTKIT_TEST(a_beginning_where_prefixes_part_is_one_itself),
        TESTKIT_TEST(what_is_no_request_is_told_with_its_line),
        TESTKIT_TEST(a_file_is_read_and_a_missing_one_told),
        TESTKIT_TEST(a_plan_follows_its_trace_at_the_speed_asked_for),
        TESTKIT_TEST(lengths_that_a_trace_does_not_say_are_drawn),
        TESTKIT_TEST(lengths_that_a_trace_says_win_and_later_turns_have_those_asked_for),
        TESTKIT_TEST(a_plan_has_the_prefixes_of_its_trace),
        TESTKIT_TEST(options_that_do_not_go_with_a_trace_are_refused),
        {0},
    };
    return testkit_run("trace", tests);
}
