/*
 * Searches against the simulator's model of a real engine, played in virtual time: what a test of each load would
 * bring is judged as a real one is, and compared with what the model says of itself (sim_engine_play.h).
 */
#include "knee.h"
#include "load_result.h"
#include "load_search.h"
#include "queue_model.h"
#include "sim_engine_play.h"

#include "clock.h"
#include "rng.h"
#include "testkit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define T0 (100 * NS_PER_S)

enum { PROMPT = 64, OUTPUT = 32 };

struct setup {
    struct sim_engine_spec spec;
    const char *slo;
    double run_s;
    bool open;
    uint64_t seed;
};

static const struct sim_engine_spec small = {.max_batch = 8,
    .prefill_tokens_per_s = 4000,
    .decode_base_s = 0.01,
    .decode_per_sequence_s = 0.001,
    .kv_tokens = 4096};
static const struct sim_engine_spec large = {.max_batch = 128,
    .prefill_tokens_per_s = 200000,
    .decode_base_s = 0.02,
    .decode_per_sequence_s = 0.0002,
    .prefill = SIM_PREFILL_CHUNKED,
    .chunk_tokens = 512};

static struct load_sample sample_of(const struct sim_engine_request *r, size_t item)
{
    ck_assert_int_gt(r->first_ns, 0);
    return (struct load_sample){.t_intended_ns = T0 + r->at_ns,
        .t_dequeued_ns = T0 + r->at_ns,
        .t_sent_ns = T0 + r->at_ns,
        .t_first_token_ns = T0 + r->first_ns,
        .t_last_token_ns = T0 + r->last_ns,
        .t_done_ns = T0 + r->last_ns,
        .item = (uint32_t)item,
        .prompt_tokens = PROMPT,
        .cached_tokens = -1,
        .completion_tokens = OUTPUT,
        .token_events = OUTPUT,
        .flags = LOAD_STREAMED | LOAD_EVENTS_ARE_TOKENS | LOAD_REUSED};
}

/* So many requests as take about run_s; *end_ns: when the last of them was sent. */
static struct drawn play(const struct setup *setup, double load, double run_s, int64_t *end_ns)
{
    double rate = sim_engine_requests_per_s_at(&setup->spec, PROMPT, OUTPUT, (int64_t)load);
    size_t count = (size_t)((setup->open ? load : rate) * run_s) + 10;
    struct sim_engine_request *requests = calloc(count, sizeof *requests);
    struct drawn d = {.samples = calloc(count, sizeof *d.samples), .count = count};
    struct rng rng;
    double t = 0;
    ck_assert(requests && d.samples);
    rng_seed(&rng, setup->seed);
    for (size_t i = 0; i < count; i++) {
        t += setup->open ? rng_exponential(&rng, 1 / load) : 0;
        requests[i] = (struct sim_engine_request){
            .at_ns = (int64_t)(t * NS_PER_S), .prompt_tokens = PROMPT, .output_tokens = OUTPUT};
    }
    ck_assert_int_eq(setup->open ? sim_engine_play(&setup->spec, requests, count)
                                 : sim_engine_play_closed(&setup->spec, (size_t)load, 0, requests, count),
        STATUS_OK);
    *end_ns = 0;
    for (size_t i = 0; i < count; i++) {
        d.samples[i] = sample_of(&requests[i], i);
        *end_ns = d.samples[i].t_sent_ns > *end_ns ? d.samples[i].t_sent_ns : *end_ns;
    }
    free(requests);
    return d;
}

static struct trial_report judge(const struct setup *setup, struct drawn *d, double load, int64_t end_ns)
{
    struct load_array array = {.samples = d->samples, .count = d->count};
    struct load_source source = load_source_of_array(&array);
    struct steady_limits limits = {.open = setup->open,
        .streams = (int)load,
        .t_start_ns = T0,
        .not_before_ns = T0 + (end_ns - T0) / 10,
        .not_after_ns = end_ns,
        .t_end_ns = end_ns + NS_PER_S};
    struct slo_set slo;
    struct steady steady;
    struct load_result r;
    ck_assert_int_eq(slo_parse(setup->slo, &slo, NULL), STATUS_OK);
    ck_assert_int_eq(steady_find(&source, &limits, &steady, NULL), STATUS_OK);
    struct load_result_options o = {.steady = &steady, .limits = &limits, .slo = &slo};
    ck_assert_int_eq(load_result_make(&source, &o, &r, NULL), STATUS_OK);
    struct slo_figures figures = load_result_figures(&r);
    static const enum trial_outcome outcomes[] = {
        [SLO_MET] = TRIAL_HELD, [SLO_MISSED] = TRIAL_BROKE, [SLO_CANNOT_SAY] = TRIAL_CANNOT_SAY};
    struct trial_report report = {.outcome = outcomes[slo_judge_all(&slo, &figures)],
        .throughput = r.rates.requests_per_s,
        .margin = slo_margin(&slo, &figures),
        .latency_s = r.values[LOAD_LATENCY].mean,
        .seconds = (double)(end_ns - T0) / NS_PER_S};
    load_result_fini(&r);
    drawn_fini(d);
    return report;
}

static struct load_search search_on(struct setup *setup, const struct load_search_options *o)
{
    struct load_search s;
    ck_assert_int_eq(load_search_init(&s, o, NULL), STATUS_OK);
    for (struct load_trial trial; load_search_next(&s, &trial); setup->seed++) {
        int64_t end_ns;
        struct drawn d = play(setup, trial.load, setup->run_s * trial.lengthen, &end_ns);
        load_search_report(&s, judge(setup, &d, trial.load, end_ns));
    }
    return s;
}

static double answer_of(const struct load_search *s, const char *unit, double computed)
{
    struct buf text = BUF_INIT(4096);
    struct load_search_answer a = load_search_conclude(s);
    ck_assert_int_eq(load_search_describe(s, unit, &text), STATUS_OK);
    printf("computed %.4g. %s", computed, text.data);
    (void)fflush(stdout);
    buf_fini(&text);
    ck_assert_int_eq(a.end, SEARCH_FOUND);
    ck_assert_double_gt(a.estimate, 0);
    return a.estimate;
}

static void the_highest_rate_of_an_engine_is_found(void)
{
    static const struct {
        const struct sim_engine_spec *spec;
        double ttft_s, tpot_s, run_s;
        const char *slo;
    } known[] = {
        {&small, 0.2, 0, 600, "ttft_p99<200ms"},
        {&large, 0.1, 0.05, 20, "ttft_p99<100ms,tpot_p99<50ms"},
    };
    for (size_t i = 0; i < 2; i++) {
        struct setup setup = {
            .spec = *known[i].spec, .slo = known[i].slo, .run_s = known[i].run_s, .open = true, .seed = 9};
        struct sim_engine_goal goal = {.prompt_tokens = PROMPT,
            .output_tokens = OUTPUT,
            .ttft_s = known[i].ttft_s,
            .tpot_s = known[i].tpot_s,
            .share = 0.99,
            .requests = 20000,
            .seed = 4};
        double computed = sim_engine_rate_max(&setup.spec, &goal);
        struct load_search s = search_on(
            &setup, &(struct load_search_options){.kind = SEARCH_HIGHEST, .lowest = 1, .highest = 1000});
        double answer = answer_of(&s, "requests/s", computed);
        ck_assert_msg(fabs(answer / computed - 1) < 0.05, "%g, not %g", answer, computed);
    }
}

static void the_most_streams_of_an_engine_are_found(void)
{
    struct setup setup = {.spec = large, .slo = "tpot_p99<36ms", .run_s = 20};
    struct sim_engine_goal goal = {.prompt_tokens = PROMPT,
        .output_tokens = OUTPUT,
        .tpot_s = 0.036,
        .share = 0.99,
        .requests = 5000,
        .seed = 4};
    double computed = (double)sim_engine_streams_max(&setup.spec, &goal);
    struct load_search s = search_on(&setup,
        &(struct load_search_options){.kind = SEARCH_HIGHEST, .whole = true, .lowest = 1, .highest = 1000});
    double answer = answer_of(&s, "streams", computed);
    ck_assert_msg(fabs(answer / computed - 1) < 0.05, "%g, not %g", answer, computed);
}

/* Where a stream gets 90 % of what it gets alone, by the formula of the closed loop. */
static double knee_of(const struct sim_engine_spec *spec)
{
    double low = 1, high = (double)spec->max_batch,
           alone = sim_engine_requests_per_s_at(spec, PROMPT, OUTPUT, 1);
    while (high - low > 1) {
        double n = floor((low + high) / 2);
        if (sim_engine_requests_per_s_at(spec, PROMPT, OUTPUT, (int64_t)n) / n >= 0.9 * alone)
            low = n;
        else
            high = n;
    }
    return (low + high) / 2;
}

static void the_knee_of_an_engine_is_found(void)
{
    struct setup setup = {.spec = large, .slo = "errors<50%", .run_s = 60};
    setup.spec.prefill = SIM_PREFILL_FIRST;
    struct knee knee;
    double computed = knee_of(&setup.spec);
    struct load_search s = search_on(&setup,
        &(struct load_search_options){.kind = SEARCH_KNEE, .whole = true, .lowest = 1, .highest = 1000});
    (void)answer_of(&s, "streams", computed);
    ck_assert(knee_by_share(s.points, s.count, 0.9, &knee));
    printf("  knee at %.4g (%.4g to %.4g)\n", knee.load, knee.low, knee.high);
    (void)fflush(stdout);
    ck_assert_msg(fabs(knee.load - computed) <= fmax(0.05 * computed, 1), "%g, not %g", knee.load, computed);
}

static void a_sweep_comes_to_what_the_engine_can_do_at_most(void)
{
    struct setup setup = {.spec = small, .slo = "errors<50%", .run_s = 60};
    struct load_search s = search_on(&setup,
        &(struct load_search_options){.kind = SEARCH_SWEEP, .whole = true, .lowest = 1, .highest = 512});
    double most = 0, computed = sim_engine_requests_per_s_max(&small, PROMPT, OUTPUT);
    for (size_t i = 0; i < s.count; i++)
        most = fmax(most, s.points[i].throughput);
    ck_assert_int_eq(s.end, SEARCH_FOUND);
    ck_assert_double_eq_tol(most, computed, 0.05 * computed);
    ck_assert_double_le(s.points[s.count - 1].load, 16);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(the_highest_rate_of_an_engine_is_found),
        TESTKIT_TEST(the_most_streams_of_an_engine_are_found),
        TESTKIT_TEST(the_knee_of_an_engine_is_found),
        TESTKIT_TEST(a_sweep_comes_to_what_the_engine_can_do_at_most),
        {0},
    };
    return testkit_run("engine_search", tests);
}
