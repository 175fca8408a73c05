#include "slo.h"

#include "clock.h"
#include "testkit.h"

#include <math.h>
#include <string.h>

static struct slo_set parse(const char *text)
{
    struct slo_set set;
    struct error why = {0};
    ck_assert_msg(slo_parse(text, &set, &why) == STATUS_OK, "%s: %s", text, error_text(&why));
    return set;
}

static void objectives_are_read_as_written(void)
{
    struct slo_set set =
        parse("ttft_p99<2s,tpot_p99.9<=200ms,itl_p999<50ms,e2el_mean<1.5s,errors<1%,errors<0.2");
    ck_assert_uint_eq(set.count, 6);
    ck_assert_int_eq(set.items[0].metric, SLO_TTFT);
    ck_assert_double_eq(set.items[0].quantile, 0.99);
    ck_assert_double_eq(set.items[0].limit, 2);
    ck_assert_str_eq(set.items[1].word, "tpot_p99.9<=200ms");
    ck_assert_double_eq_tol(set.items[1].quantile, 0.999, 1e-12);
    ck_assert_double_eq_tol(set.items[1].limit, 0.2, 1e-12);
    ck_assert_double_eq_tol(set.items[2].quantile, 0.999, 1e-12);
    ck_assert_int_eq(set.items[3].metric, SLO_LATENCY);
    ck_assert_double_lt(set.items[3].quantile, 0);
    ck_assert_double_eq_tol(set.items[4].limit, 0.01, 1e-12);
    ck_assert_double_eq_tol(set.items[5].limit, 0.2, 1e-12);
}

static const struct {
    const char *text, *told;
} refused[] = {
    {"ttft_p99", "write it as ttft_p99<2s"},
    {"", "write it as ttft_p99<2s"},
    {"ttft_p99<2s,", "'' is no objective"},
    {"tftt_p99<2s", "'tftt' is no metric of an objective: ttft, tpot, itl, latency, response or errors"},
    {"ttft<2s", "'ttft<2s' lacks a percentile"},
    {"ttft_p100<2s", "'p100' is no percentile"},
    {"ttft_p0<2s", "'p0' is no percentile"},
    {"ttft_max<2s", "'max' is no percentile"},
    {"ttft_p99<0", "'0' is no limit"},
    {"ttft_p99<fast", "'fast' is no limit: 200ms or 1.5s"},
    {"errors_p99<1%", "errors have no percentile"},
    {"errors<101%", "'101%' is no share"},
    {"mlperf-lama2-70b", "did you mean 'mlperf-llama2-70b'?"},
    {"ttft_p99<0000000000000000000000000000000000000000000000000000000000001s", "is no objective"},
};

static void what_is_no_objective_is_refused_with_what_to_write(void)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct slo_set set;
        struct error why = {0};
        ck_assert_int_eq(slo_parse(refused[i].text, &set, &why), STATUS_USAGE);
        ck_assert_msg(strstr(error_text(&why), refused[i].told), "%s: %s", refused[i].text, error_text(&why));
    }
    struct slo_set set;
    ck_assert_int_eq(
        slo_parse("errors<1%,errors<1%,errors<1%,errors<1%,errors<1%,errors<1%,errors<1%,errors<1%,"
                  "errors<1%,errors<1%,errors<1%,errors<1%,errors<1%,errors<1%,errors<1%,errors<1%,"
                  "errors<1%",
            &set, NULL),
        STATUS_LIMIT);
}

static void every_preset_is_a_set_of_objectives_with_its_source(void)
{
    int count = 0;
    for (const struct slo_preset *p = slo_presets; p->name; p++, count++) {
        struct slo_set set = parse(p->name);
        ck_assert_uint_eq(set.count, 2);
        ck_assert_str_eq(set.source, p->source);
        ck_assert_double_eq(set.items[0].quantile, 0.99);
        ck_assert_double_gt(set.items[0].limit, set.items[1].limit);
    }
    ck_assert_int_eq(count, 9);
    ck_assert_double_eq_tol(parse("mlperf-llama3.1-8b-interactive").items[1].limit, 0.03, 1e-12);
}

/* n values, of which so many are above one second. */
static struct slo_finding judge(size_t n, size_t above)
{
    struct slo_set set = parse("ttft_p99<1s");
    struct distribution d = {0};
    struct slo_figures figures = {.values = {[SLO_TTFT] = &d}};
    for (size_t i = 0; i < n; i++)
        distribution_add(&d, i < above ? 1.5 : 0.5);
    struct slo_finding found = slo_judge(&set.items[0], &figures);
    ck_assert_int_eq(slo_judge_all(&set, &figures), found.verdict);
    distribution_fini(&d);
    return found;
}

static void a_percentile_is_judged_from_its_floor_on(void)
{
    ck_assert_int_eq(judge(299, 0).verdict, SLO_MET);
    ck_assert_int_eq(judge(299, 2).verdict, SLO_MET);
    ck_assert_int_eq(judge(299, 5).verdict, SLO_MISSED);
    ck_assert_double_eq(judge(299, 5).measured, 1.5);
    ck_assert_int_eq(judge(298, 0).verdict, SLO_CANNOT_SAY);
    ck_assert_uint_eq(judge(298, 0).needed, 299);
    ck_assert_int_eq(judge(0, 0).verdict, SLO_CANNOT_SAY);
    ck_assert(!judge(0, 0).has_measured);
    /* 1 of 30 is chance (26 %), 3 of 30 is not (0.3 %). */
    ck_assert_int_eq(judge(30, 1).verdict, SLO_CANNOT_SAY);
    ck_assert_int_eq(judge(30, 3).verdict, SLO_MISSED);
}

static void errors_are_judged_as_a_share_of_all(void)
{
    static const struct {
        size_t requests, failed;
        enum slo_verdict verdict;
    } known[] = {{0, 0, SLO_CANNOT_SAY}, {100, 0, SLO_CANNOT_SAY}, {299, 0, SLO_MET}, {300, 3, SLO_MET},
        {300, 4, SLO_MISSED}, {50, 1, SLO_CANNOT_SAY}, {50, 4, SLO_MISSED}};
    struct slo_set set = parse("errors<1%");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct slo_figures figures = {.requests = known[i].requests, .failed = known[i].failed};
        ck_assert_int_eq(slo_judge(&set.items[0], &figures).verdict, known[i].verdict);
    }
}

static void one_missed_objective_is_enough(void)
{
    struct slo_set set = parse("ttft_mean<1s,tpot_p99<1s,latency_mean<1s");
    struct distribution fast = {0}, slow = {0};
    for (int i = 0; i < 5; i++) {
        distribution_add(&fast, 0.5);
        distribution_add(&slow, 2);
    }
    struct slo_figures figures = {.values = {[SLO_TTFT] = &fast, [SLO_TPOT] = &fast, [SLO_LATENCY] = &fast}};
    ck_assert_int_eq(slo_judge_all(&set, &figures), SLO_CANNOT_SAY);
    figures.values[SLO_LATENCY] = &slow;
    ck_assert_int_eq(slo_judge_all(&set, &figures), SLO_MISSED);
    figures.values[SLO_LATENCY] = NULL;
    ck_assert_int_eq(slo_judge_all(&set, &figures), SLO_CANNOT_SAY);
    struct slo_set none = {0};
    ck_assert_int_eq(slo_judge_all(&none, &figures), SLO_MET);
    distribution_fini(&fast);
    distribution_fini(&slow);
}

static const struct load_sample kept = {.t_intended_ns = 1 * NS_PER_S,
    .t_sent_ns = 2 * NS_PER_S,
    .t_first_token_ns = 3 * NS_PER_S,
    .t_last_token_ns = 4 * NS_PER_S,
    .t_done_ns = 4 * NS_PER_S,
    .completion_tokens = 11,
    .token_events = 11,
    .flags = LOAD_STREAMED};

static void a_request_is_good_within_every_limit(void)
{
    struct load_sample s = kept;
    struct slo_set exact = parse(
                       "ttft_p50<1s,tpot_p99<100ms,latency_p99<2s,response_mean<3s,errors<1%,itl_p99<1ns"),
                   waited = parse("response_p99<2.5s"), tpot = parse("tpot_p99<99ms"), none = {0};
    bool unknown;
    ck_assert(slo_request_is_good(&exact, &s, &unknown) && !unknown);
    ck_assert(!slo_request_is_good(&waited, &s, &unknown) && !unknown);
    ck_assert(!slo_request_is_good(&tpot, &s, &unknown) && !unknown);
    s.completion_tokens = -1;
    ck_assert(!slo_request_is_good(&tpot, &s, &unknown) && unknown);
    s.completion_tokens = 1;
    ck_assert(slo_request_is_good(&tpot, &s, &unknown) && !unknown);
    s.error = EXCHANGE_TRUNCATED;
    ck_assert(!slo_request_is_good(&none, &s, &unknown) && !unknown);
    s = kept;
    s.flags |= LOAD_CUT_OFF;
    ck_assert(!slo_request_is_good(&none, &s, &unknown) && !unknown);
}

static void a_request_that_was_cut_off_too_late_was_not_good(void)
{
    struct slo_set ttft = parse("ttft_p99<2s"), latency = parse("latency_p99<2s"),
                   response = parse("response_p99<2.5s"), tpot = parse("tpot_p99<1ns,errors<1%"), none = {0};
    struct load_sample s = kept; /* it was sent 2 s before it was cut off, and due 3 s before */
    s.flags |= LOAD_CUT_OFF;
    ck_assert(!slo_request_is_too_late(&ttft, &s));
    ck_assert(!slo_request_is_too_late(&latency, &s));
    ck_assert(slo_request_is_too_late(&response, &s));
    ck_assert(!slo_request_is_too_late(&tpot, &s) && !slo_request_is_too_late(&none, &s));
    s.t_first_token_ns = 0;
    s.t_done_ns += NS_PER_MS;
    ck_assert(slo_request_is_too_late(&ttft, &s) && slo_request_is_too_late(&latency, &s));
    s.flags &= (uint16_t)~LOAD_STREAMED; /* nobody knows when its first token came */
    ck_assert(!slo_request_is_too_late(&ttft, &s));
    s.t_sent_ns = 0;
    ck_assert(!slo_request_is_too_late(&latency, &s) && slo_request_is_too_late(&response, &s));
}

/* 1000 values of half a second, beside which so many requests were cut off. */
static struct slo_finding judge_beside(const char *objective, size_t cut_off, size_t requests)
{
    struct slo_set set = parse(objective);
    struct distribution d = {0};
    struct slo_figures figures = {.values = {[SLO_LATENCY] = &d}, .requests = requests, .cut_off = cut_off};
    for (int i = 0; i < 1000; i++)
        distribution_add(&d, 0.5);
    struct slo_finding found = slo_judge(&set.items[0], &figures);
    distribution_fini(&d);
    return found;
}

/* The slowest are the ones that are left when time is up. */
static void what_was_cut_off_is_not_taken_for_fast(void)
{
    ck_assert_int_eq(judge_beside("latency_p99<1s", 0, 1000).verdict, SLO_MET);
    ck_assert_int_eq(judge_beside("latency_p99<1s", 9, 1000).verdict, SLO_MET); /* 0.9 % */
    struct slo_finding found = judge_beside("latency_p99<1s", 20, 1000);
    ck_assert_int_eq(found.verdict, SLO_CANNOT_SAY);
    ck_assert_uint_eq(found.missing, 20);
    ck_assert_double_eq(found.measured, 0.5);
    ck_assert_int_eq(judge_beside("latency_p99<1s", 20, 980).verdict, SLO_MET); /* they had a value each */
    ck_assert_int_eq(judge_beside("latency_p50<1s", 900, 1000).verdict, SLO_MET);
    ck_assert_int_eq(judge_beside("latency_p50<1s", 1100, 1000).verdict, SLO_CANNOT_SAY);
    ck_assert_int_eq(judge_beside("latency_p99<100ms", 500, 1000).verdict, SLO_MISSED);
    ck_assert_int_eq(judge_beside("latency_mean<1s", 5, 1000).verdict, SLO_MET);
    ck_assert_int_eq(judge_beside("latency_mean<1s", 50, 1000).verdict, SLO_CANNOT_SAY);
    ck_assert_int_eq(judge_beside("latency_mean<100ms", 50, 1000).verdict, SLO_MISSED);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(objectives_are_read_as_written),
        TESTKIT_TEST(what_is_no_objective_is_refused_with_what_to_write),
        TESTKIT_TEST(every_preset_is_a_set_of_objectives_with_its_source),
        TESTKIT_TEST(a_percentile_is_judged_from_its_floor_on),
        TESTKIT_TEST(errors_are_judged_as_a_share_of_all),
        TESTKIT_TEST(one_missed_objective_is_enough),
        TESTKIT_TEST(a_request_is_good_within_every_limit),
        TESTKIT_TEST(a_request_that_was_cut_off_too_late_was_not_good),
        TESTKIT_TEST(what_was_cut_off_is_not_taken_for_fast),
        {0},
    };
    return testkit_run("slo", tests);
}
