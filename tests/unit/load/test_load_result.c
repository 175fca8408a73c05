#include "load_result.h"

#include "clock.h"
#include "queue_model.h"
#include "testkit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define T0 (100 * NS_PER_S)

/* A request that is sent, has its first token and ends at these seconds after the start, with so many tokens. */
static struct load_sample asked(double sent_s, double first_s, double done_s, int tokens)
{
    return (struct load_sample){.t_intended_ns = T0 + (int64_t)(sent_s * 1e9) - NS_PER_MS,
        .t_dequeued_ns = T0 + (int64_t)(sent_s * 1e9) - NS_PER_MS,
        .t_sent_ns = T0 + (int64_t)(sent_s * 1e9),
        .t_first_token_ns = T0 + (int64_t)(first_s * 1e9),
        .t_last_token_ns = T0 + (int64_t)(done_s * 1e9),
        .t_done_ns = T0 + (int64_t)(done_s * 1e9),
        .completion_tokens = tokens,
        .token_events = (uint32_t)tokens,
        .prompt_tokens = -1,
        .cached_tokens = -1,
        .flags = LOAD_STREAMED | LOAD_EVENTS_ARE_TOKENS | LOAD_REUSED};
}

/* The window is from 10 s to 20 s of a test of 30 s. */
static const struct steady window = {.from_ns = T0 + 10 * NS_PER_S, .to_ns = T0 + 20 * NS_PER_S};
static const struct steady_limits limits = {.open = true,
    .t_start_ns = T0,
    .not_before_ns = T0 + 10 * NS_PER_S,
    .not_after_ns = T0 + 20 * NS_PER_S,
    .t_end_ns = T0 + 30 * NS_PER_S};

static struct load_result result_of(struct load_array array, const struct load_result_options *given)
{
    struct load_source source = load_source_of_array(&array);
    struct load_result_options o = given ? *given : (struct load_result_options){0};
    struct load_result r;
    struct error why = {0};
    if (o.steady == NULL)
        o.steady = &window;
    if (o.limits == NULL)
        o.limits = &limits;
    ck_assert_msg(load_result_make(&source, &o, &r, &why) == STATUS_OK, "%s", error_text(&why));
    return r;
}

static void each_request_counts_where_it_belongs(void)
{
    struct load_sample s[8] = {
        asked(9, 9.5, 10.5, 11),  /* began before, ended within: 6 of its tokens' time is within */
        asked(12, 12.5, 13.5, 1), /* whole within */
        asked(14, 14.5, 15.5, 1), /* fails */
        asked(16, 16.5, 17.5, 1), /* fails otherwise, before it was sent */
        asked(19, 19.5, 21.5, 5), /* ends after it */
        asked(19.5, 20, 29, 1),   /* cut off */
        asked(21, 21.5, 22.5, 1), /* after */
        asked(15, 15.5, 15.9, 1), /* warm-up by its mark */
    };
    s[2].error = EXCHANGE_TRUNCATED;
    s[3].error = EXCHANGE_CONNECT;
    s[3].t_sent_ns = s[3].t_first_token_ns = s[3].t_last_token_ns = 0;
    s[3].completion_tokens = -1;
    s[3].flags = 0;
    s[5].flags |= LOAD_CUT_OFF;
    s[7].flags |= LOAD_WARMUP;
    struct load_result r =
        result_of((struct load_array){.samples = s, .count = 8}, &(struct load_result_options){.planned = 5});
    ck_assert_uint_eq(r.counts.begun, 5);
    ck_assert_uint_eq(r.counts.ok, 2);
    ck_assert_uint_eq(r.counts.failed, 2);
    ck_assert_uint_eq(r.counts.cut_off, 1);
    ck_assert_uint_eq(r.counts.by_error[EXCHANGE_TRUNCATED], 1);
    ck_assert_uint_eq(r.counts.by_error[EXCHANGE_CONNECT], 1);
    ck_assert_uint_eq(r.counts.reused, 3);
    ck_assert_double_eq_tol(r.asked_per_s, 0.5, 1e-12);
    ck_assert_double_eq_tol(r.rates.window_s, 10, 1e-12);
    ck_assert_double_eq_tol(r.rates.begun_per_s, 0.5, 1e-12); /* 12, 14, 15, 19, 19.5 */
    ck_assert_double_eq_tol(r.rates.requests_per_s, 0.3, 1e-12);
    ck_assert_double_eq_tol(r.rates.failures_per_s, 0.2, 1e-12);
    ck_assert_double_eq_tol(r.whole.requests_per_s, 5 / 30.0, 1e-12);
    ck_assert_uint_eq(r.values[LOAD_TTFT].n, 4); /* also of what failed or was cut off later */
    ck_assert_uint_eq(r.values[LOAD_LATENCY].n, 2);
    ck_assert_double_eq_tol(r.values[LOAD_LATENCY].mean, 2, 1e-9);
    ck_assert_double_eq_tol(r.values[LOAD_RESPONSE].mean, 2.001, 1e-9);
    ck_assert_double_eq_tol(r.values[LOAD_LATENESS].max, 0.001, 1e-9);
    load_result_fini(&r);
}

static void tokens_are_attributed_by_time(void)
{
    /* 11 tokens evenly from 9.5 to 10.5: half within. One token at 13.5. 5 from 19.5 to 21.5: a quarter. */
    struct load_sample s[4] = {
        asked(9, 9.5, 10.5, 11), asked(12, 12.5, 13.5, 8), asked(19, 19.5, 21.5, 5), asked(13, 13.5, 14, 4)};
    s[1].flags = 0; /* unstreamed */
    s[3].error = EXCHANGE_STREAM_ERROR;
    struct load_result r = result_of((struct load_array){.samples = s, .count = 4}, NULL);
    ck_assert_double_eq_tol(r.rates.by_place[TOKENS_SPREAD], 5.5 + 1.25 + 4, 1e-9);
    ck_assert_double_eq_tol(r.rates.by_place[TOKENS_AT_END], 8, 1e-9);
    ck_assert_double_eq_tol(r.rates.output_tokens_per_s, 1.875, 1e-9);
    ck_assert_double_eq_tol(r.rates.failed_tokens_per_s, 0.4, 1e-9);
    ck_assert_double_eq_tol(r.whole.output_tokens_per_s, 28 / 30.0, 1e-9);
    load_result_fini(&r);
}

static void events_give_tokens_and_gaps_their_moments(void)
{
    struct load_sample s[2] = {asked(9, 9.5, 10.5, 3), asked(12, 12.5, 12.5, 1)};
    const int64_t events[] = {
        T0 + 95 * NS_PER_S / 10, T0 + 10 * NS_PER_S, T0 + 105 * NS_PER_S / 10, T0 + 125 * NS_PER_S / 10};
    const size_t ends[] = {3, 4};
    struct load_array array = {.samples = s, .count = 2, .events = events, .event_ends = ends};
    struct load_result r = result_of(array, NULL);
    ck_assert_double_eq_tol(r.rates.by_place[TOKENS_BY_EVENT], 3, 1e-9);
    ck_assert(r.gaps_are_tokens && !r.gaps_of_whole_test);
    ck_assert_uint_eq(r.values[LOAD_GAP].n, 2);
    ck_assert_double_eq_tol(r.values[LOAD_GAP].mean, 0.5, 1e-9);
    ck_assert_str_eq(load_value_name(LOAD_GAP, r.gaps_are_tokens), "itl_s");
    load_result_fini(&r);
    /* Four tokens an event: the tokens are the server's, the gaps are those of chunks. */
    s[0].flags &= (uint16_t)~LOAD_EVENTS_ARE_TOKENS;
    s[0].completion_tokens = 12;
    r = result_of(array, NULL);
    ck_assert_double_eq_tol(r.rates.by_place[TOKENS_BY_EVENT], 9, 1e-9);
    ck_assert(!r.gaps_are_tokens);
    ck_assert_ptr_null(load_result_figures(&r).values[SLO_ITL]);
    load_result_fini(&r);
}

static void tokens_that_nobody_counts_are_none(void)
{
    struct load_sample s = asked(12, 12.5, 13.5, 7);
    s.completion_tokens = -1;
    s.flags = LOAD_STREAMED;
    struct load_result r = result_of((struct load_array){.samples = &s, .count = 1}, NULL);
    ck_assert_double_eq(r.rates.output_tokens_per_s, 0);
    ck_assert_uint_eq(r.counts.tokens_not_counted, 1);
    ck_assert_uint_eq(r.values[LOAD_TPOT].n, 0);
    load_result_fini(&r);
}

static void gaps_that_were_only_counted_are_those_of_the_whole_test(void)
{
    struct load_sample s = asked(12, 12.5, 13.5, 11);
    struct hist *hist = hist_new();
    hist_record_many(hist, 100 * NS_PER_MS, 10);
    struct load_result r = result_of(
        (struct load_array){.samples = &s, .count = 1}, &(struct load_result_options){.gaps = hist});
    ck_assert(r.gaps_of_whole_test && r.gaps_are_tokens);
    ck_assert_uint_eq(r.values[LOAD_GAP].n, 10);
    load_result_fini(&r);
    hist_free(hist);
}

static void failures_are_in_the_denominator_of_goodput(void)
{
    struct load_sample s[10];
    struct slo_set set;
    ck_assert_int_eq(slo_parse("ttft_p99<600ms,latency_p99<2s", &set, NULL), STATUS_OK);
    for (int i = 0; i < 10; i++)
        s[i] = asked(11 + 0.5 * i, 11.5 + 0.5 * i, 12 + 0.5 * i, 2);
    s[1].error = EXCHANGE_HTTP_5XX;
    s[2].error = EXCHANGE_TIMEOUT_TOTAL;
    s[3].t_first_token_ns += 200 * NS_PER_MS; /* too late a first token */
    s[4].t_done_ns += 2 * NS_PER_S;           /* too late an end */
    s[5].flags |= LOAD_CUT_OFF;
    s[6].t_first_token_ns = 0; /* nobody knows */
    s[7].flags |= LOAD_CUT_OFF;
    s[7].t_done_ns += 2 * NS_PER_S; /* cut off when it was too late already */
    struct load_result r =
        result_of((struct load_array){.samples = s, .count = 10}, &(struct load_result_options){.slo = &set});
    ck_assert_uint_eq(r.goodput.of, 9);
    ck_assert_uint_eq(r.goodput.good, 3);
    ck_assert_uint_eq(r.goodput.unknown, 1);
    ck_assert_double_eq_tol(r.goodput.fraction, 3 / 9.0, 1e-12);
    ck_assert_double_eq_tol(r.goodput.per_s, 0.3, 1e-12);
    load_result_fini(&r);
}

static double sum_of_bins(const struct load_bins *b, size_t *started, size_t *ended)
{
    double tokens = 0;
    *started = *ended = 0;
    for (size_t i = 0; i < b->count; i++) {
        tokens += b->bins[i].tokens;
        *started += b->bins[i].started;
        *ended += b->bins[i].ok + b->bins[i].failed;
    }
    return tokens;
}

static void the_bins_hold_the_whole_test(void)
{
    static const struct queue_batch engine = {
        .base_s = 0.008, .per_sequence_s = 0.001, .max_batch = 64, .tokens = 50, .noise = 0.05};
    struct drawn d;
    queue_batch_draw(&engine, 8, T0, 29, 3, &d);
    struct load_result r = result_of((struct load_array){.samples = d.samples, .count = d.count}, NULL);
    size_t started, ended;
    ck_assert_int_eq(r.bins.width_ns, NS_PER_S / 10);
    ck_assert_double_eq_tol(sum_of_bins(&r.bins, &started, &ended), 50.0 * (double)d.count, 1e-6);
    ck_assert_uint_eq(started, d.count);
    ck_assert_uint_eq(ended, d.count);
    ck_assert_double_eq_tol(r.bins.bins[100].in_flight, 8, 1e-9);
    ck_assert_double_eq_tol(r.bins.bins[100].tokens, 50, 10);
    load_result_fini(&r);
    drawn_fini(&d);
    struct load_bins bins;
    load_bins_init(&bins, T0, T0 + 3600 * NS_PER_S);
    ck_assert_int_eq(bins.width_ns, 10 * NS_PER_S);
    ck_assert_uint_eq(bins.count, 361);
    load_bins_init(&bins, T0, T0);
    ck_assert_uint_eq(bins.count, 1);
}

/* What a server of known speed delivers is found to a percent, whatever is known of the moments of tokens. */
static void the_computed_throughput_is_found(void)
{
    static const struct queue_batch engine = {
        .base_s = 0.008, .per_sequence_s = 0.001, .max_batch = 16, .tokens = 100, .noise = 0.05};
    static const int streams[] = {1, 4, 16, 40};
    for (size_t i = 0; i < 4; i++) {
        struct drawn d;
        queue_batch_draw(&engine, streams[i], T0, 60, i, &d);
        struct load_array array = {.samples = d.samples, .count = d.count};
        struct load_source source = load_source_of_array(&array);
        struct steady_limits closed = {.streams = streams[i],
            .t_start_ns = T0,
            .not_before_ns = T0 + 5 * NS_PER_S,
            .not_after_ns = T0 + 60 * NS_PER_S,
            .t_end_ns = T0 + 75 * NS_PER_S};
        struct steady steady;
        ck_assert_int_eq(steady_find(&source, &closed, &steady, NULL), STATUS_OK);
        struct load_result r =
            result_of(array, &(struct load_result_options){.steady = &steady, .limits = &closed});
        double computed = queue_batch_tokens_per_s(&engine, streams[i]);
        ck_assert_double_eq_tol(r.rates.output_tokens_per_s, computed, computed * 0.01);
        ck_assert_uint_eq(r.values[LOAD_RESPONSE].n, 0);
        load_result_fini(&r);
        drawn_fini(&d);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(each_request_counts_where_it_belongs),
        TESTKIT_TEST(tokens_are_attributed_by_time),
        TESTKIT_TEST(events_give_tokens_and_gaps_their_moments),
        TESTKIT_TEST(tokens_that_nobody_counts_are_none),
        TESTKIT_TEST(gaps_that_were_only_counted_are_those_of_the_whole_test),
        TESTKIT_TEST(failures_are_in_the_denominator_of_goodput),
        TESTKIT_TEST(the_bins_hold_the_whole_test),
        TESTKIT_TEST(the_computed_throughput_is_found),
        {0},
    };
    return testkit_run("load_result", tests);
}
