/*
 * Searches against servers whose answer is computed (queue_model.h). Each run draws what a test of that load
 * would bring, and is judged as a real one is.
 */
#include "load_search.h"

#include "clock.h"
#include "knee.h"
#include "load_result.h"
#include "queue_model.h"
#include "rng.h"
#include "testkit.h"

#include <math.h>
#include <stdio.h>

#define T0 (100 * NS_PER_S)

struct server {
    struct queue_mdc mdc; /* open loop, workers > 0 */
    struct queue_batch batch;
    const char *slo;
    double run_s;
    uint64_t seed;
};

static struct trial_report judge_drawn(
    const struct server *server, struct drawn *d, struct steady_limits *limits)
{
    struct load_array array = {.samples = d->samples, .count = d->count};
    struct load_source source = load_source_of_array(&array);
    struct slo_set slo;
    struct steady steady;
    struct load_result r;
    struct error why = {0};
    ck_assert_int_eq(slo_parse(server->slo, &slo, &why), STATUS_OK);
    ck_assert_msg(steady_find(&source, limits, &steady, &why) == STATUS_OK, "%s", error_text(&why));
    struct load_result_options o = {.steady = &steady, .limits = limits, .slo = &slo};
    ck_assert_msg(load_result_make(&source, &o, &r, &why) == STATUS_OK, "%s", error_text(&why));
    struct slo_figures figures = load_result_figures(&r);
    enum slo_verdict verdict = slo_judge_all(&slo, &figures);
    struct trial_report report = {.outcome = verdict == SLO_MET      ? TRIAL_HELD
                                             : verdict == SLO_MISSED ? TRIAL_BROKE
                                                                     : TRIAL_CANNOT_SAY,
        .throughput = limits->open ? r.rates.requests_per_s : r.rates.output_tokens_per_s,
        .margin = slo_margin(&slo, &figures),
        .latency_s = r.values[LOAD_LATENCY].mean,
        .seconds = (double)(limits->t_end_ns - limits->t_start_ns) / NS_PER_S};
    load_result_fini(&r);
    drawn_fini(d);
    return report;
}

static struct trial_report run(struct server *server, const struct load_trial *trial)
{
    struct drawn d;
    double seconds = server->run_s * trial->lengthen;
    struct steady_limits limits = {.t_start_ns = T0,
        .not_before_ns = T0 + (int64_t)(seconds / 10 * NS_PER_S),
        .not_after_ns = T0 + (int64_t)(seconds * NS_PER_S)};
    server->seed++;
    if (server->mdc.workers > 0) {
        struct queue_mdc q = server->mdc;
        q.rate_per_s = trial->load;
        queue_mdc_draw(&q, T0, (size_t)(trial->load * seconds), server->seed, &d);
        limits.open = true;
    } else {
        queue_batch_draw(&server->batch, (int)trial->load, T0, seconds, server->seed, &d);
        limits.streams = (int)trial->load;
    }
    limits.t_end_ns = limits.not_after_ns + NS_PER_S;
    return judge_drawn(server, &d, &limits);
}

static struct load_search search_on(struct server *server, const struct load_search_options *o)
{
    struct load_search s;
    struct error why = {0};
    ck_assert_msg(load_search_init(&s, o, &why) == STATUS_OK, "%s", error_text(&why));
    for (struct load_trial trial; load_search_next(&s, &trial);)
        load_search_report(&s, run(server, &trial));
    return s;
}

static void say(const char *what, const struct load_search *s, const char *unit, double computed)
{
    struct buf text = BUF_INIT(4096);
    ck_assert_int_eq(load_search_describe(s, unit, &text), STATUS_OK);
    printf("%s: computed %.4g. %s", what, computed, text.data);
    buf_fini(&text);
}

/* The estimate is the answer that is given. */
static void check_within(const struct load_search *s, double computed, double share)
{
    struct load_search_answer a = load_search_conclude(s);
    ck_assert_int_eq(a.end, SEARCH_FOUND);
    ck_assert(a.has_low && a.has_high);
    ck_assert_double_le(a.high / a.low, 1.0501);
    double answer = a.estimate;
    ck_assert_msg(
        fabs(answer / computed - 1) <= share, "%g (%g-%g), not %g", answer, a.low, a.high, computed);
}

static void the_highest_rate_of_a_queue_is_found(void)
{
    static const struct queue_mdc queues[] = {{.service_s = 0.02, .workers = 1},
        {.service_s = 0.1, .workers = 4}, {.service_s = 0.5, .workers = 32}};
    for (size_t i = 0; i < 3; i++) {
        struct server server = {.mdc = queues[i], .run_s = 600, .seed = 1000 * i};
        char slo[64];
        snprintf(slo, sizeof slo, "response_p99<%dms,errors<1%%", (int)(queues[i].service_s * 2500));
        server.slo = slo;
        double computed = queue_mdc_highest_rate(&queues[i], 0.99, 1.5 * queues[i].service_s);
        struct load_search s = search_on(
            &server, &(struct load_search_options){.kind = SEARCH_HIGHEST, .lowest = 1, .highest = 1000});
        say("M/D/c", &s, "requests/s", computed);
        check_within(&s, computed, 0.05);
        ck_assert_int_le(s.runs, 30);
    }
}

static void the_most_streams_of_a_batch_are_found(void)
{
    struct server server = {
        .batch = {.base_s = 0.008, .per_sequence_s = 0.0005, .max_batch = 256, .tokens = 50, .noise = 0.1},
        .slo = "tpot_p95<40ms",
        .run_s = 20};
    double computed = (0.040 - 0.008) / 0.0005;
    struct load_search s = search_on(&server,
        &(struct load_search_options){.kind = SEARCH_HIGHEST, .whole = true, .lowest = 1, .highest = 1000});
    say("batch, 40 ms a token", &s, "streams", computed);
    check_within(&s, computed, 0.05);
    ck_assert_int_le(s.runs, 25);
}

static void the_knee_of_a_batch_is_found(void)
{
    static const double bases[] = {0.008, 0.03, 0.1};
    for (size_t i = 0; i < 3; i++) {
        struct server server = {.slo = "errors<50%", .run_s = 60, .seed = 50 * i};
        server.batch = (struct queue_batch){
            .base_s = bases[i], .per_sequence_s = 0.0002, .max_batch = 256, .tokens = 50, .noise = 0.1};
        double computed = queue_batch_streams_at_share(&server.batch, 0.9);
        struct load_search s = search_on(&server,
            &(struct load_search_options){.kind = SEARCH_KNEE, .whole = true, .lowest = 1, .highest = 512});
        struct knee knee;
        say("knee of a batch", &s, "streams", computed);
        ck_assert_int_eq(s.end, SEARCH_FOUND);
        ck_assert(knee_by_share(s.points, s.count, 0.9, &knee));
        printf("  knee at %.4g (%.4g to %.4g)\n", knee.load, knee.low, knee.high);
        ck_assert_double_eq_tol(knee.load, computed, fmax(0.05 * computed, 0.5));
        ck_assert_double_le(knee.low, computed * 1.01);
        ck_assert_double_ge(knee.high, computed * 0.99);
    }
}

static void a_sweep_ends_at_saturation(void)
{
    struct server server = {
        .batch = {.base_s = 0.008, .per_sequence_s = 0.0005, .max_batch = 32, .tokens = 50, .noise = 0.05},
        .slo = "errors<50%",
        .run_s = 20};
    struct load_search s = search_on(&server,
        &(struct load_search_options){.kind = SEARCH_SWEEP, .whole = true, .lowest = 1, .highest = 4096});
    ck_assert_int_eq(s.end, SEARCH_FOUND);
    ck_assert_uint_eq(s.count, 7); /* 1 to 32 gain, 64 does not */
    ck_assert_double_eq(s.points[6].load, 64);
    ck_assert_int_eq(s.runs, 7);
}

/* M/D/1: throughput / latency is greatest at a load of 2 - sqrt(2). */
static void the_power_of_one_worker_is_greatest_where_computed(void)
{
    struct server server = {.mdc = {.service_s = 0.01, .workers = 1}, .slo = "errors<50%", .run_s = 600};
    struct load_search s = search_on(&server,
        &(struct load_search_options){.kind = SEARCH_SWEEP, .lowest = 20, .highest = 95, .factor = 1.15});
    struct knee knee;
    ck_assert(knee_by_power(s.points, s.count, &knee));
    double computed = (2 - sqrt(2)) / 0.01;
    ck_assert_double_eq_tol(knee.load, computed, 0.05 * computed);
    ck_assert_double_eq_tol(knee.throughput, knee.load, 0.02 * knee.load);
}

/* A server that holds up to 100, and whose runs come out wrong: at random, or the more often the nearer they are. */
struct unsure {
    double wrong, softness;
};

static bool holds(const struct unsure *server, double load, struct rng *rng)
{
    double chance = load <= 100 ? 1 - server->wrong : server->wrong;
    if (server->softness > 0)
        chance = 1 / (1 + exp((load / 100 - 1) / server->softness));
    return rng_uniform(rng) < chance;
}

/* How many of 1000 searches end in an interval that is not further from 100 than `tolerance`. */
static int count_right(struct unsure server, double tolerance, int *runs, struct load_search_options o)
{
    struct rng rng;
    int right = 0;
    rng_seed(&rng, 77);
    *runs = 0;
    for (int i = 0; i < 1000; i++) {
        struct load_search s;
        ck_assert_int_eq(load_search_init(&s, &o, NULL), STATUS_OK);
        for (struct load_trial t; load_search_next(&s, &t);)
            load_search_report(&s, (struct trial_report){.throughput = 1,
                                       .outcome = holds(&server, t.load, &rng) ? TRIAL_HELD : TRIAL_BROKE});
        struct load_search_answer a = load_search_conclude(&s);
        right += a.end == SEARCH_FOUND && a.low <= 100 * (1 + tolerance) && a.high >= 100 * (1 - tolerance);
        *runs += s.runs;
    }
    *runs /= 1000;
    return right;
}

static void wrong_runs_cost_time_and_not_the_answer(void)
{
    static const struct {
        struct unsure server;
        double tolerance;
        int repeats, right_least, runs_most;
    } known[] = {
        {{0, 0}, 0, 3, 1000, 15},
        {{0.02, 0}, 0, 3, 980, 20},
        {{0.1, 0}, 0, 3, 850, 25},
        {{0.1, 0}, 0, 5, 940, 30},
        {{0, 0.02}, 0.05, 3, 970, 25},
        {{0, 0.05}, 0.1, 3, 970, 30},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        int runs,
            right = count_right(known[i].server, known[i].tolerance, &runs,
                (struct load_search_options){
                    .kind = SEARCH_HIGHEST, .lowest = 1, .highest = 10000, .repeats = known[i].repeats});
        printf("runs wrong by %g, soft by %g, %d repeats: %d of 1000 right, %d runs each\n",
            known[i].server.wrong, known[i].server.softness, known[i].repeats, right, runs);
        ck_assert_int_ge(right, known[i].right_least);
        ck_assert_int_le(runs, known[i].runs_most);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        {.name = "the_highest_rate_of_a_queue_is_found",
            .body = the_highest_rate_of_a_queue_is_found,
            .timeout_s = 500}, /* under a sanitizer on a slow machine */
        TESTKIT_TEST(the_most_streams_of_a_batch_are_found),
        TESTKIT_TEST(the_knee_of_a_batch_is_found),
        TESTKIT_TEST(a_sweep_ends_at_saturation),
        TESTKIT_TEST(the_power_of_one_worker_is_greatest_where_computed),
        TESTKIT_TEST(wrong_runs_cost_time_and_not_the_answer),
        {0},
    };
    return testkit_run("load_search", tests);
}
