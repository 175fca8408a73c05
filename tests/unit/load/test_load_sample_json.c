#include "load_sample_json.h"

#include "clock.h"
#include "json.h"
#include "our_schemas.h"
#include "testkit.h"

#define T0 (5 * NS_PER_S)

static struct load_sample asked(int64_t sent_ns, uint32_t events)
{
    return (struct load_sample){.t_intended_ns = T0,
        .t_dequeued_ns = T0 + 1000,
        .t_sent_ns = sent_ns,
        .t_first_token_ns = sent_ns + NS_PER_MS,
        .t_last_token_ns = sent_ns + 2 * NS_PER_MS,
        .t_done_ns = sent_ns + 3 * NS_PER_MS,
        .completion_tokens = (int32_t)events,
        .token_events = events,
        .prompt_tokens = 17,
        .cached_tokens = -1,
        .http_status = 200,
        .flags = LOAD_STREAMED | LOAD_EVENTS_ARE_TOKENS};
}

static struct json_object *line_of(struct load_array *array, struct load_source *source)
{
    *source = load_source_of_array(array);
    const struct load_sample *s = load_source_next(source);
    struct json_object *line = load_sample_to_json(s, source, T0);
    struct error why = {0};
    ck_assert_ptr_nonnull(line);
    ck_assert_msg(schema_check(schema_for("request"), line, &why) == STATUS_OK, "%s", error_text(&why));
    return line;
}

static int64_t sum_of(struct json_object *gaps)
{
    int64_t sum = 0;
    for (size_t i = 0; i < json_object_array_length(gaps); i++)
        sum += json_object_get_int64(json_object_array_get_idx(gaps, i));
    return sum;
}

static void every_event_is_in_the_line_and_rounding_never_adds_up(void)
{
    enum { EVENTS = 10000, GAP_NS = 333333 };
    static int64_t events[EVENTS];
    size_t end = EVENTS;
    struct load_sample s = asked(T0 + 77777, EVENTS);
    for (int i = 0; i < EVENTS; i++)
        events[i] = s.t_sent_ns + (i + 1) * (int64_t)GAP_NS;
    struct load_array array = {.samples = &s, .count = 1, .events = events, .event_ends = &end};
    struct load_source source;
    struct json_object *line = line_of(&array, &source), *gaps = json_get_array(line, "/gaps_us");
    ck_assert_uint_eq(json_object_array_length(gaps), EVENTS);
    ck_assert_int_eq(sum_of(gaps), (int64_t)EVENTS * GAP_NS / 1000);
    json_object_put(line);
}

static void moments_are_seconds_after_the_start_of_the_test(void)
{
    struct load_sample s = asked(T0 + NS_PER_S / 4, 1);
    struct load_array array = {.samples = &s, .count = 1};
    struct load_source source;
    double sent_s = 0;
    struct json_object *line = line_of(&array, &source);
    ck_assert(json_get_real(line, "/sent_s", &sent_s));
    ck_assert_double_eq(sent_s, 0.25);
    ck_assert_ptr_null(json_get(line, "/gaps_us")); /* not kept is not none */
    ck_assert_ptr_null(json_get(line, "/cached_tokens"));
    json_object_put(line);
}

/* As connect_s of the result, which has it as well. */
static void the_time_of_a_connection_has_that_of_tls_in_it(void)
{
    struct load_sample s = asked(T0, 1);
    struct load_array array = {.samples = &s, .count = 1};
    struct load_source source;
    double connect_s = 0, tls_s = 0;
    s.connect_us = 200;
    s.tls_us = 3000;
    struct json_object *line = line_of(&array, &source);
    ck_assert(json_get_real(line, "/connect_s", &connect_s) && json_get_real(line, "/tls_s", &tls_s));
    ck_assert_double_eq_tol(connect_s, 0.0032, 1e-12);
    ck_assert_double_eq_tol(tls_s, 0.003, 1e-12);
    json_object_put(line);
}

static void what_did_not_happen_is_absent(void)
{
    struct load_sample s = {.t_intended_ns = T0,
        .t_done_ns = T0 + 9,
        .prompt_tokens = -1,
        .cached_tokens = -1,
        .completion_tokens = -1,
        .error = EXCHANGE_CONNECT};
    static const char *const absent[] = {"/sent_s", "/first_token_s", "/last_token_s", "/http_status",
        "/prompt_tokens", "/completion_tokens", "/connect_s", "/gaps_us"};
    struct load_array array = {.samples = &s, .count = 1};
    struct load_source source;
    struct json_object *line = line_of(&array, &source);
    ck_assert_str_eq(json_get_text(line, "/error"), "connect");
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        ck_assert_msg(!json_find(line, absent[i], &(struct json_object *){NULL}), "%s", absent[i]);
    json_object_put(line);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(every_event_is_in_the_line_and_rounding_never_adds_up),
        TESTKIT_TEST(moments_are_seconds_after_the_start_of_the_test),
        TESTKIT_TEST(the_time_of_a_connection_has_that_of_tls_in_it),
        TESTKIT_TEST(what_did_not_happen_is_absent),
        {0},
    };
    return testkit_run("load_sample_json", tests);
}
