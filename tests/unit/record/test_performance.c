#include "performance.h"

#include "testkit.h"

#include "json.h"
#include "metric.h"
#include "tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void observe(struct performance *p, const char *metric, int repeat, const double *values, size_t n)
{
    struct error why = {0};
    struct observation o = {.metric = metric, .repeat = repeat, .values = values, .count = n};
    ck_assert_msg(performance_observe(p, &o, &why) == STATUS_OK, "%s", error_text(&why));
}

static double number(const struct json_object *tree, const char *pointer)
{
    double value = NAN;
    ck_assert_msg(json_get_real(tree, pointer, &value), "there is no %s", pointer);
    return value;
}

static void an_ordinary_metric_has_one_value_per_repeat(void)
{
    struct performance *p = performance_new();
    const double several[] = {1, 2, 9};
    for (int repeat = 0; repeat < 6; repeat++)
        observe(p, "ttft_s", repeat, several, repeat == 3 ? 3 : 1);
    struct json_object *tree = performance_to_json(p, NULL);
    ck_assert_str_eq(json_get_text(tree, "/ttft_s/unit"), "s");
    ck_assert_str_eq(json_get_text(tree, "/ttft_s/better"), "lower");
    ck_assert(number(tree, "/ttft_s/n") == 6);
    ck_assert(number(tree, "/ttft_s/values/3") == 2); /* the median of that repeat */
    ck_assert(number(tree, "/ttft_s/median") == 1);
    ck_assert(number(tree, "/ttft_s/ci95/1") == 2);
    ck_assert_ptr_eq(json_get(tree, "/ttft_s/p90"), NULL); /* below its floor */
    json_object_put(tree);
    performance_free(p);
}

static void of_a_load_each_request_counts(void)
{
    struct performance *p = performance_new();
    double latencies[40];
    for (int i = 0; i < 40; i++)
        latencies[i] = i + 1;
    for (int repeat = 0; repeat < 2; repeat++) {
        struct observation o = {
            .metric = "latency_s", .repeat = repeat, .values = latencies, .count = 40, .pooled = true};
        ck_assert_int_eq(performance_observe(p, &o, NULL), STATUS_OK);
    }
    struct json_object *tree = performance_to_json(p, NULL);
    ck_assert(number(tree, "/latency_s/n") == 80);
    ck_assert(number(tree, "/latency_s/values/1") == 20.5);
    ck_assert(number(tree, "/latency_s/p95") > 38); /* of the requests: two medians would have none */
    json_object_put(tree);
    performance_free(p);
}

static void a_pooled_metric_counts_samples_and_keeps_medians_of_repeats(void)
{
    struct performance *p = performance_new();
    double gaps[40];
    for (int i = 0; i < 40; i++)
        gaps[i] = i + 1;
    for (int repeat = 0; repeat < 2; repeat++)
        observe(p, "icl_s", repeat, gaps, 40);
    struct json_object *tree = performance_to_json(p, NULL);
    ck_assert(number(tree, "/icl_s/n") == 80);
    ck_assert(number(tree, "/icl_s/values/1") == 20.5);
    ck_assert_uint_eq(json_object_array_length(json_get_array(tree, "/icl_s/values")), 2);
    ck_assert(number(tree, "/icl_s/p90") > 36);
    ck_assert_ptr_eq(json_get(tree, "/icl_s/ci95"), NULL); /* two values only, whatever the samples */
    json_object_put(tree);
    performance_free(p);
}

static void very_many_samples_are_kept_as_a_histogram(void)
{
    struct performance *p = performance_new();
    size_t n = 100001;
    double *gaps = malloc(n * sizeof *gaps);
    for (size_t i = 0; i < n; i++)
        gaps[i] = 0.001 * (1.0 + (double)(i % 100) / 100);
    observe(p, "icl_s", 0, gaps, n);
    struct json_object *tree = performance_to_json(p, NULL);
    double counted = 0;
    struct json_object *counts = json_get_array(tree, "/icl_s/histogram/counts");
    for (size_t i = 0; i < json_object_array_length(counts); i++)
        counted += number(json_object_array_get_idx(counts, i), "/1");
    ck_assert(counted == (double)n);
    ck_assert(fabs(number(tree, "/icl_s/p99") - 0.00198) < 0.00198 / 128);
    json_object_put(tree);
    performance_free(p);
    free(gaps);
}

static void an_assumed_first_token_count_gives_bounds(void)
{
    struct performance *p = performance_new();
    for (int repeat = 0; repeat < 3; repeat++) {
        double value = 0.02 + repeat;
        struct observation o = {.metric = "tpot_s",
            .repeat = repeat,
            .values = &value,
            .count = 1,
            .k1 = "assumed",
            .low = 0.01 + repeat,
            .high = 0.03 + repeat};
        ck_assert_int_eq(performance_observe(p, &o, NULL), STATUS_OK);
    }
    struct json_object *tree = performance_to_json(p, NULL);
    ck_assert_str_eq(json_get_text(tree, "/tpot_s/k1"), "assumed");
    ck_assert(number(tree, "/tpot_s/bounds/0") == 1.01 && number(tree, "/tpot_s/bounds/1") == 1.03);
    json_object_put(tree);
    performance_free(p);
}

/* Some repeats of a load know the first token count, and say their median; their values come in any order. */
static void bounds_of_a_load_are_those_that_it_says(void)
{
    struct performance *p = performance_new();
    const double values[] = {0.001, 0.02, 0.05};
    for (int repeat = 0; repeat < 3; repeat++) {
        struct observation o = {.metric = "tpot_s",
            .repeat = repeat,
            .values = values,
            .count = 3,
            .pooled = true,
            .k1 = repeat == 0 ? "assumed" : "known",
            .low = 0.02,
            .high = repeat == 0 ? 0.03 : 0.02};
        ck_assert_int_eq(performance_observe(p, &o, NULL), STATUS_OK);
    }
    struct json_object *tree = performance_to_json(p, NULL);
    ck_assert(number(tree, "/tpot_s/bounds/0") == 0.02 && number(tree, "/tpot_s/bounds/1") == 0.02);
    json_object_put(tree);
    performance_free(p);
}

static void what_is_no_figure_is_refused(void)
{
    const double one = 1, infinite = INFINITY;
    const struct observation wrong[] = {
        {.metric = "words_per_s", .values = &one, .count = 1},
        {.metric = NULL, .values = &one, .count = 1},
        {.metric = "ttft_s", .values = &infinite, .count = 1},
        {.metric = "ttft_s", .values = &one, .count = 0},
        {.metric = "ttft_s", .repeat = -1, .values = &one, .count = 1},
        {.metric = "tpot_s", .values = &one, .count = 1, .k1 = "assumed", .high = NAN},
    };
    struct performance *p = performance_new();
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct error why = {0};
        ck_assert_int_eq(performance_observe(p, &wrong[i], &why), STATUS_INVALID);
        ck_assert(why.text[0] != '\0');
    }
    struct json_object *tree = performance_to_json(p, NULL);
    ck_assert_int_eq(json_object_object_length(tree), 0);
    json_object_put(tree);
    performance_free(p);
}

static void add(struct tally *t, const char *text)
{
    struct json_object *tree = NULL;
    ck_assert_int_eq(json_parse(text, strlen(text), &tree, NULL), STATUS_OK);
    ck_assert(tally_add(t, tree));
    json_object_put(tree);
}

static struct json_object *tallied(const struct tally *t, int64_t allowed)
{
    struct json_object *record = json_object_new_object();
    ck_assert(tally_into_record(t, allowed, record));
    return record;
}

static void errors_and_reasons_are_counted_over_all_exchanges(void)
{
    struct tally *t = tally_new();
    add(t, "{\"measured\":true,\"ok\":true,\"attempts\":1,\"errors\":[],\"finish_reason\":\"stop\"}");
    add(t,
        "{\"measured\":false,\"ok\":false,\"attempts\":3,\"errors\":[\"connect\",\"connect\",\"http_5xx\"]}");
    add(t, "{\"measured\":true,\"ok\":false,\"attempts\":1,\"errors\":[\"http_5xx\"]}");
    struct json_object *record = tallied(t, 2);
    ck_assert(number(record, "/errors/http_5xx") == 2 && number(record, "/errors/connect") == 2);
    ck_assert(number(record, "/finish_reasons/stop") == 1);
    ck_assert(number(record, "/retries/used") == 2 && number(record, "/retries/allowed") == 2);
    ck_assert_ptr_eq(json_get(record, "/tokens"), NULL);
    json_object_put(record);
    tally_free(t);
}

static void an_answer_after_refusals_keeps_its_tokens_and_hides_no_error(void)
{
    struct tally *t = tally_new();
    add(t, "{\"measured\":true,\"ok\":true,\"attempts\":3,\"errors\":[\"rate_limited\",\"http_5xx\"],"
           "\"tokens\":{\"source\":\"server_usage\",\"completion\":5}}");
    struct json_object *record = tallied(t, 3);
    ck_assert(number(record, "/errors/rate_limited") == 1 && number(record, "/errors/http_5xx") == 1);
    ck_assert(number(record, "/retries/used") == 2 && number(record, "/tokens/completion/n") == 5);
    json_object_put(record);
    tally_free(t);
}

static void sums_of_absurd_counts_stay_counts(void)
{
    struct tally *t = tally_new();
    for (int i = 0; i < 3; i++)
        add(t, "{\"measured\":true,\"ok\":true,\"attempts\":9223372036854775807,\"errors\":[null],"
               "\"tokens\":{\"source\":\"s\",\"prompt\":9223372036854775807,\"cached\":-9}}");
    struct json_object *record = tallied(t, 0);
    int64_t n = 0;
    ck_assert(json_get_int(record, "/retries/used", &n) && n == INT64_MAX);
    ck_assert(json_get_int(record, "/tokens/prompt/n", &n) && n == INT64_MAX);
    ck_assert(json_get_int(record, "/tokens/cached/n", &n) && n == 0);
    json_object_put(record);
    tally_free(t);
}

static void tokens_are_summed_over_measured_exchanges_without_error(void)
{
    struct tally *t = tally_new();
    add(t, "{\"measured\":false,\"ok\":true,\"attempts\":1,\"tokens\":{\"source\":\"server_usage\","
           "\"prompt\":100}}");
    add(t,
        "{\"measured\":true,\"ok\":true,\"attempts\":1,\"tokens\":{\"source\":\"server_usage\",\"prompt\":3,"
        "\"completion\":5,"
        "\"agrees\":true}}");
    add(t,
        "{\"measured\":true,\"ok\":true,\"attempts\":1,\"tokens\":{\"source\":\"server_usage\",\"prompt\":4,"
        "\"agrees\":true}}");
    struct json_object *record = tallied(t, 0);
    bool agrees = false;
    ck_assert(number(record, "/tokens/prompt/n") == 7);
    ck_assert_ptr_eq(json_get(record, "/tokens/completion"), NULL); /* one exchange does not say */
    ck_assert(json_get_bool(record, "/tokens/prompt/agrees", &agrees) && agrees);
    ck_assert_ptr_eq(json_get(record, "/retries"), NULL);
    json_object_put(record);
    tally_free(t);
}

static void counts_of_different_sources_are_never_added(void)
{
    struct tally *t = tally_new();
    add(t, "{\"measured\":true,\"ok\":true,\"attempts\":1,\"tokens\":{\"source\":\"server_usage\",\"prompt\":"
           "3}}");
    add(t,
        "{\"measured\":true,\"ok\":true,\"attempts\":1,\"tokens\":{\"source\":\"tokenizer\",\"prompt\":4}}");
    struct json_object *record = tallied(t, 0);
    ck_assert_ptr_eq(json_get(record, "/tokens"), NULL);
    json_object_put(record);
    tally_free(t);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(an_ordinary_metric_has_one_value_per_repeat),
        TESTKIT_TEST(of_a_load_each_request_counts),
        TESTKIT_TEST(a_pooled_metric_counts_samples_and_keeps_medians_of_repeats),
        TESTKIT_TEST(very_many_samples_are_kept_as_a_histogram),
        TESTKIT_TEST(an_assumed_first_token_count_gives_bounds),
        TESTKIT_TEST(bounds_of_a_load_are_those_that_it_says),
        TESTKIT_TEST(what_is_no_figure_is_refused),
        TESTKIT_TEST(errors_and_reasons_are_counted_over_all_exchanges),
        TESTKIT_TEST(an_answer_after_refusals_keeps_its_tokens_and_hides_no_error),
        TESTKIT_TEST(sums_of_absurd_counts_stay_counts),
        TESTKIT_TEST(tokens_are_summed_over_measured_exchanges_without_error),
        TESTKIT_TEST(counts_of_different_sources_are_never_added),
        {0},
    };
    return testkit_run("performance", tests);
}
