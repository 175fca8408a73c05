#include "cross_figures.h"

#include "testkit.h"

#include "json.h"

#include <string.h>

static struct json_object *parse(const char *text)
{
    struct json_object *tree = NULL;
    struct error why = {0};
    ck_assert_msg(json_parse(text, strlen(text), &tree, &why) == STATUS_OK, "%s", error_text(&why));
    return tree;
}

static void add(struct cross_figures *f, const char *metric, double client, double server, bool differs)
{
    struct buf text = BUF_INIT(1024);
    buf_printf(&text,
        "[{\"metric\":\"%s\",\"client\":%.3f,\"server\":%.3f,\"source\":\"timings\",\"differs\":%s%s}]",
        metric, client, server, differs ? "true" : "false", differs ? ",\"cause\":\"bursts\"" : "");
    struct json_object *pairs = parse(buf_text(&text));
    ck_assert(cross_figures_add(f, pairs));
    json_object_put(pairs);
    buf_fini(&text);
}

static struct json_object *record_of(struct cross_figures *f)
{
    struct json_object *record =
        parse("{\"system_health\":{\"verdict\":\"clean\",\"quality_flags\":[\"clean\"],\"sensors\":{}}}");
    ck_assert(cross_figures_into_record(f, 0.05, record));
    cross_figures_free(f);
    return record;
}

static double real(const struct json_object *tree, const char *pointer)
{
    double value = -1;
    ck_assert_msg(json_get_real(tree, pointer, &value), "%s", pointer);
    return value;
}

static void medians_of_each_metric_stand_in_the_record(void)
{
    struct cross_figures *f = cross_figures_new();
    add(f, "ttft_s", 0.100, 0.100, false);
    add(f, "ttft_s", 0.102, 0.100, false);
    add(f, "ttft_s", 0.900, 0.100, true);
    add(f, "latency_s", 2, 1, false);
    struct json_object *record = record_of(f);
    ck_assert_uint_eq(json_object_array_length(json_get_array(record, "/cross_check")), 2);
    ck_assert_double_eq_tol(real(record, "/cross_check/0/client"), 0.102, 1e-9);
    ck_assert_double_eq_tol(real(record, "/cross_check/0/relative_difference"), 0.02, 1e-9);
    ck_assert_double_eq(real(record, "/cross_check/0/n"), 3);
    ck_assert_double_eq(real(record, "/cross_check/0/differing"), 1);
    ck_assert_str_eq(json_get_text(record, "/cross_check/0/cause"), "bursts");
    json_object_put(record);
}

static void one_exchange_of_three_that_differs_raises_no_flag(void)
{
    struct cross_figures *f = cross_figures_new();
    add(f, "ttft_s", 0.1, 0.1, false);
    add(f, "ttft_s", 0.1, 0.1, false);
    add(f, "ttft_s", 0.9, 0.1, true);
    struct json_object *record = record_of(f);
    ck_assert_str_eq(json_get_text(record, "/system_health/verdict"), "clean");
    ck_assert_ptr_nonnull(json_get_object(record, "/system_health/sensors/cross_check"));
    json_object_put(record);
}

static void most_of_them_raise_it_and_the_worst_metric_says_why(void)
{
    struct cross_figures *f = cross_figures_new();
    add(f, "ttft_s", 0.2, 0.1, true);
    add(f, "decode_tokens_per_s", 900, 90, true);
    add(f, "latency_s", 100, 1, false);
    struct json_object *record = record_of(f);
    const char *reason = json_get_text(record, "/system_health/sensors/cross_check/reason");
    ck_assert_str_eq(json_get_text(record, "/system_health/verdict"), "degraded");
    ck_assert_str_eq(
        reason, "decode_tokens_per_s: 900 by the client, 90 by the server (timings); likely bursts");
    ck_assert_double_eq_tol(real(record, "/system_health/sensors/cross_check/value"), 9, 1e-9);
    json_object_put(record);
}

static void a_server_that_says_nothing_leaves_nothing(void)
{
    struct json_object *record = record_of(cross_figures_new());
    ck_assert_ptr_null(json_get(record, "/cross_check"));
    ck_assert_ptr_null(json_get(record, "/system_health/sensors/cross_check"));
    json_object_put(record);
}

static void what_is_no_pair_is_left_out_and_zeros_divide_nothing(void)
{
    struct cross_figures *f = cross_figures_new();
    struct json_object *odd = parse("[1,{},{\"metric\":\"x\",\"client\":1,\"server\":2},{\"metric\":5}]");
    ck_assert(cross_figures_add(f, odd));
    add(f, "prompt_tokens", 0, 0, false);
    add(f, "completion_tokens", 5, 0, true);
    struct json_object *record = record_of(f);
    ck_assert_uint_eq(json_object_array_length(json_get_array(record, "/cross_check")), 2);
    ck_assert_double_eq(real(record, "/cross_check/0/relative_difference"), 0);
    ck_assert_double_eq(real(record, "/cross_check/1/relative_difference"), 1);
    json_object_put(record);
    json_object_put(odd);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(medians_of_each_metric_stand_in_the_record),
        TESTKIT_TEST(one_exchange_of_three_that_differs_raises_no_flag),
        TESTKIT_TEST(most_of_them_raise_it_and_the_worst_metric_says_why),
        TESTKIT_TEST(a_server_that_says_nothing_leaves_nothing),
        TESTKIT_TEST(what_is_no_pair_is_left_out_and_zeros_divide_nothing),
        {0},
    };
    return testkit_run("cross_figures", tests);
}
