#include "load_verdict.h"

#include "clock.h"
#include "load_stall.h"
#include "queue_model.h"
#include "testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define T0 (100 * NS_PER_S)

static struct load_vitals healthy(void)
{
    return (struct load_vitals){.ttft_median_s = 0.05,
        .loop_lag_p99_s = 0.0005,
        .loop_lag_max_s = 0.01,
        .lateness_p99_s = 0.0008,
        .cpu_share = 0.45,
        .samples_lost = 0,
        .times_dropped = 0,
        .local_failures = 0,
        .descriptors_share = 0.2,
        .ports_share = 0.3,
        .missing_streams = 0,
        .unkept_rate = 0,
        .cut_off_share = 0.001,
        .server_lateness_p99_s = 0.0004,
        .stall_s = 0.15,
        .gap_median_s = 0.01,
        .calibrated_error = 0.0015};
}

static struct load_verdict judge(const struct load_vitals *v)
{
    struct load_verdict verdict;
    load_verdict_judge(v, &verdict);
    return verdict;
}

static void what_is_healthy_or_unknown_is_fit(void)
{
    struct load_vitals v = healthy(), unknown = LOAD_VITALS_UNKNOWN;
    ck_assert_int_eq(judge(&v).fitness, LOAD_FIT);
    ck_assert_uint_eq(judge(&v).count, 0);
    ck_assert_int_eq(judge(&unknown).fitness, LOAD_FIT);
}

static double *vital_named(struct load_vitals *v, const char *name)
{
    static const struct {
        const char *name;
        size_t offset;
    } all[] = {
        {"loop_lag_p99_s", offsetof(struct load_vitals, loop_lag_p99_s)},
        {"loop_lag_max_s", offsetof(struct load_vitals, loop_lag_max_s)},
        {"lateness_p99_s", offsetof(struct load_vitals, lateness_p99_s)},
        {"cpu_share", offsetof(struct load_vitals, cpu_share)},
        {"samples_lost", offsetof(struct load_vitals, samples_lost)},
        {"times_dropped", offsetof(struct load_vitals, times_dropped)},
        {"local_failures", offsetof(struct load_vitals, local_failures)},
        {"descriptors_share", offsetof(struct load_vitals, descriptors_share)},
        {"ports_share", offsetof(struct load_vitals, ports_share)},
        {"missing_streams", offsetof(struct load_vitals, missing_streams)},
        {"unkept_rate", offsetof(struct load_vitals, unkept_rate)},
        {"cut_off_share", offsetof(struct load_vitals, cut_off_share)},
        {"unanswered_share", offsetof(struct load_vitals, unanswered_share)},
        {"server_lateness_p99_s", offsetof(struct load_vitals, server_lateness_p99_s)},
        {"stall_s", offsetof(struct load_vitals, stall_s)},
        {"calibrated_error", offsetof(struct load_vitals, calibrated_error)},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].name, name) == 0)
            return (double *)((char *)v + all[i].offset);
    ck_abort_msg("no vital %s", name);
    return NULL;
}

static const char *unit_of(const struct load_bound *b)
{
    bool seconds =
        strcmp(b->name + strlen(b->name) - 2, "_s") == 0 || strcmp(b->name, "calibrated_error") == 0;
    return seconds ? "s" : strcmp(b->name, "samples_lost") == 0 ? "count" : "1";
}

static void check_reason(
    const struct load_vitals *v, const struct load_bound *bound, enum load_fitness wanted)
{
    struct load_verdict verdict = judge(v);
    ck_assert_msg(verdict.fitness == wanted, "%s: %s", bound->name, load_fitness_name(verdict.fitness));
    ck_assert_uint_eq(verdict.count, wanted != LOAD_FIT);
    if (wanted == LOAD_FIT)
        return;
    ck_assert_str_eq(verdict.reasons[0].name, bound->name);
    ck_assert_str_eq(verdict.reasons[0].unit, unit_of(bound));
    ck_assert_ptr_nonnull(strstr(verdict.reasons[0].text, bound->what));
    ck_assert_ptr_nonnull(strstr(verdict.reasons[0].text, bound->advice));
    ck_assert_ptr_nonnull(strstr(verdict.reasons[0].text, " is allowed; "));
}

/* Each row alone: at its bounds it is still fit or degraded, above them no longer. References are small. */
static void every_bound_is_where_the_table_says(void)
{
    struct load_bound bound;
    size_t i = 0;
    for (; load_bound_at(i, &bound); i++) {
        struct load_vitals v = healthy();
        v.ttft_median_s = v.gap_median_s = 1e-6;
        double *vital = vital_named(&v, bound.name);
        *vital = bound.degraded;
        check_reason(&v, &bound, LOAD_FIT);
        *vital = bound.degraded + 1e-6;
        check_reason(&v, &bound, bound.invalid > bound.degraded ? LOAD_DEGRADED : LOAD_INVALID);
        if (!isfinite(bound.invalid))
            continue;
        *vital = bound.invalid + 1e-6;
        check_reason(&v, &bound, LOAD_INVALID);
    }
    ck_assert_uint_eq(i, 16);
}

static void lag_counts_against_what_is_measured(void)
{
    struct load_vitals v = healthy();
    v.loop_lag_p99_s = 0.03;
    ck_assert_int_eq(judge(&v).fitness, LOAD_INVALID);
    v.ttft_median_s = 1; /* 3 % of it */
    ck_assert_int_eq(judge(&v).fitness, LOAD_DEGRADED);
    ck_assert_str_eq(judge(&v).reasons[0].text, "the client's loop was late (p99): 30.0 ms, where 20.0 ms is "
                                                "allowed; fewer streams, more threads, or a "
                                                "machine with nothing else to do");
    v.ttft_median_s = 2;
    ck_assert_int_eq(judge(&v).fitness, LOAD_FIT);
    v.ttft_median_s = (double)NAN;
    ck_assert_int_eq(judge(&v).fitness, LOAD_INVALID);
}

static void a_stall_says_when_it_was(void)
{
    struct load_vitals v = healthy();
    v.stall_s = 1.5;
    v.stall_at_s = 3.21;
    ck_assert_int_eq(judge(&v).fitness, LOAD_DEGRADED);
    ck_assert_str_eq(judge(&v).reasons[0].text,
        "no token came on any stream: 1.5 s from second 3.21 of the test, where 500 ms is allowed; look at "
        "the "
        "server's log, and at the network: mean figures hide such a stall");
}

static void the_worst_reason_comes_first(void)
{
    struct load_vitals v = healthy();
    v.loop_lag_p99_s = 0.005;
    v.samples_lost = 3;
    struct load_verdict verdict = judge(&v);
    ck_assert_int_eq(verdict.fitness, LOAD_INVALID);
    ck_assert_uint_eq(verdict.count, 2);
    ck_assert_str_eq(verdict.reasons[0].text,
        "samples could not be kept: 3, where 0 is allowed; room in the folder "
        "for temporary files (TMPDIR)");
    ck_assert_str_eq(verdict.reasons[1].name, "loop_lag_p99_s");
}

static void only_what_is_the_clients_own_excuses_failures(void)
{
    struct load_vitals v = healthy();
    struct load_verdict verdict;
    v.missing_streams = v.unkept_rate = v.cut_off_share = 1; /* as with a server that refuses all */
    verdict = judge(&v);
    ck_assert_int_eq(verdict.fitness, LOAD_INVALID);
    ck_assert_ptr_null(load_verdict_own_failure(&verdict));
    v.loop_lag_p99_s = 0.005;
    v.ttft_median_s = 0.01;
    verdict = judge(&v);
    ck_assert_ptr_null(load_verdict_own_failure(&verdict)); /* degraded */
    v.loop_lag_p99_s = 1;
    verdict = judge(&v);
    ck_assert_ptr_nonnull(load_verdict_own_failure(&verdict));
    ck_assert_str_eq(load_verdict_own_failure(&verdict)->name, "loop_lag_p99_s");
    v = healthy();
    v.descriptors_share = 1.5;
    verdict = judge(&v);
    ck_assert_ptr_nonnull(load_verdict_own_failure(&verdict));
}

static void limits_of_this_machine_are_read(void)
{
    struct load_vitals few = LOAD_VITALS_UNKNOWN, many = LOAD_VITALS_UNKNOWN;
    load_vitals_add_limits(&few, 1);
    load_vitals_add_limits(&many, 100000000);
    ck_assert_int_eq(judge(&few).fitness, LOAD_FIT);
    ck_assert(isnan(many.ports_share) || many.ports_share > 1);
    ck_assert(!isnan(many.descriptors_share) || !isnan(many.ports_share));
    ck_assert_int_eq(judge(&many).fitness, LOAD_INVALID);
}

/* "20 ms or 20 %", "5 %", "0"; "-" where there is no bound. */
static void add_bound(struct buf *row, const struct load_bound *b, double fixed, double relative)
{
    bool seconds = strcmp(unit_of(b), "s") == 0;
    if (!isfinite(fixed))
        buf_append_text(row, " - |");
    else if (seconds && fixed < 1)
        buf_printf(row, " %g ms", fixed * 1000);
    else if (seconds)
        buf_printf(row, " %g s", fixed);
    else
        buf_printf(row, " %g%s", fixed * (fixed > 0 ? 100 : 1), fixed > 0 ? " %" : "");
    if (isfinite(fixed) && relative > 0)
        buf_printf(row, relative < 1 ? " or %g %%" : " or %g times", relative * (relative < 1 ? 100 : 1));
    if (isfinite(fixed))
        buf_append_text(row, " |");
}

static void the_page_shows_the_table(void)
{
    struct buf page = testkit_read(testkit_path("docs/load.md"));
    struct load_bound b;
    int missing = 0;
    for (size_t i = 0; load_bound_at(i, &b); i++) {
        struct buf row = BUF_INIT(4096);
        buf_printf(&row, "| `%s` | %s |", b.name, b.what);
        add_bound(&row, &b, b.degraded, b.degraded_relative);
        add_bound(&row, &b, b.invalid, b.invalid_relative);
        buf_printf(&row, " %s |\n", b.advice);
        if (strstr(buf_text(&page), buf_text(&row)) == NULL && ++missing)
            printf("%s", buf_text(&row));
        buf_fini(&row);
    }
    buf_fini(&page);
    (void)fflush(stdout);
    ck_assert_int_eq(missing, 0);
}

/* A closed loop of 8 streams, all of whose tokens from 20 s on are late by so many seconds. */
static void draw_stalled(double stall_s, struct drawn *d)
{
    static const struct queue_batch engine = {
        .base_s = 0.008, .per_sequence_s = 0.001, .max_batch = 64, .tokens = 50, .noise = 0.05};
    queue_batch_draw(&engine, 8, T0, 40, 3, d);
    d->events = calloc(d->count * 50, sizeof *d->events);
    d->event_ends = calloc(d->count, sizeof *d->event_ends);
    ck_assert(d->events != NULL && d->event_ends != NULL);
    int64_t late_ns = (int64_t)(stall_s * 1e9), from_ns = T0 + 20 * NS_PER_S;
    for (size_t i = 0; i < d->count; i++) {
        struct load_sample *s = &d->samples[i];
        for (int64_t k = 0; k < 50; k++) {
            int64_t t_ns = s->t_first_token_ns + (s->t_last_token_ns - s->t_first_token_ns) * k / 49;
            d->events[i * 50 + (size_t)k] = t_ns + (t_ns >= from_ns ? late_ns : 0);
        }
        d->event_ends[i] = (i + 1) * 50;
        s->t_sent_ns += s->t_sent_ns >= from_ns ? late_ns : 0;
        s->t_first_token_ns = d->events[i * 50];
        s->t_last_token_ns = s->t_done_ns = d->events[i * 50 + 49];
    }
}

static struct load_stall stall_in(const struct drawn *d, bool with_events)
{
    struct load_array array = {.samples = d->samples, .count = d->count};
    struct load_stall stall;
    if (with_events) {
        array.events = d->events;
        array.event_ends = d->event_ends;
    }
    struct load_source source = load_source_of_array(&array);
    ck_assert_int_eq(load_stall_find(&source, T0 + NS_PER_S, T0 + 39 * NS_PER_S, &stall, NULL), STATUS_OK);
    return stall;
}

static void a_stall_of_all_streams_is_found(void)
{
    struct drawn d;
    draw_stalled(2, &d);
    struct load_stall stall = stall_in(&d, true);
    ck_assert_double_eq_tol((double)(stall.to_ns - stall.from_ns) / 1e9, 2, 0.05);
    ck_assert_double_eq_tol((double)(stall.from_ns - T0) / 1e9, 20, 0.05);
    ck_assert_uint_eq(stall.answers, 8);
    ck_assert_uint_eq(stall_in(&d, false).answers, 0); /* nobody knows */
    struct load_vitals v = healthy();
    v.stall_s = (double)(stall.to_ns - stall.from_ns) / 1e9;
    struct load_verdict verdict = judge(&v);
    ck_assert_int_eq(verdict.fitness, LOAD_DEGRADED);
    ck_assert_ptr_nonnull(strstr(verdict.reasons[0].text, "no token came on any stream"));
    drawn_fini(&d);
    draw_stalled(0, &d);
    ck_assert_uint_eq(stall_in(&d, true).answers, 0);
    drawn_fini(&d);
}

static void waiting_for_a_first_token_is_no_stall(void)
{
    struct load_sample s = {.t_sent_ns = T0,
        .t_first_token_ns = T0 + 10 * NS_PER_S,
        .t_last_token_ns = T0 + 10 * NS_PER_S,
        .t_done_ns = T0 + 10 * NS_PER_S};
    struct drawn d = {.samples = &s, .count = 1};
    ck_assert_uint_eq(stall_in(&d, false).answers, 0);
}

static void a_result_says_what_it_knows(void)
{
    static const struct queue_batch engine = {
        .base_s = 0.008, .per_sequence_s = 0.001, .max_batch = 64, .tokens = 50};
    struct drawn d;
    queue_batch_draw(&engine, 8, T0, 40, 3, &d);
    d.samples[40].error = EXCHANGE_INTERNAL;
    struct load_array array = {.samples = d.samples, .count = d.count};
    struct load_source source = load_source_of_array(&array);
    struct steady_limits limits = {.streams = 20,
        .t_start_ns = T0,
        .not_before_ns = T0,
        .not_after_ns = T0 + 40 * NS_PER_S,
        .t_end_ns = T0 + 41 * NS_PER_S};
    struct steady steady;
    struct load_result r;
    struct load_vitals v = LOAD_VITALS_UNKNOWN;
    ck_assert_int_eq(steady_find(&source, &limits, &steady, NULL), STATUS_OK);
    struct load_result_options o = {.steady = &steady, .limits = &limits};
    ck_assert_int_eq(load_result_make(&source, &o, &r, NULL), STATUS_OK);
    load_vitals_add_result(&v, &r, &steady, &limits, false);
    ck_assert_double_eq_tol(v.missing_streams, 0.6, 1e-9);
    ck_assert_double_gt(v.local_failures, 0.001);
    ck_assert_double_eq_tol(v.ttft_median_s, 0.016, 0.001);
    ck_assert_double_eq(v.cut_off_share, 0);
    ck_assert(isnan(v.unkept_rate));
    struct load_verdict verdict = judge(&v);
    ck_assert_int_eq(verdict.fitness, LOAD_INVALID);
    ck_assert_uint_eq(verdict.count, 2);
    load_result_fini(&r);
    drawn_fini(&d);
}

static struct load_verdict judge_cut_off(enum steady_state state)
{
    struct load_result r = {.counts = {.begun = 100, .ok = 60, .cut_off = 40}};
    struct steady steady = {.state = state, .in_flight_max = 40};
    struct steady_limits limits = {.open = true};
    struct load_vitals v = LOAD_VITALS_UNKNOWN;
    load_vitals_add_result(&v, &r, &steady, &limits, false);
    return judge(&v);
}

/* The latencies are not whole; the client is as good as it was. */
static void what_a_server_did_not_answer_makes_no_client_invalid(void)
{
    struct load_verdict saturated = judge_cut_off(STEADY_SATURATED), other = judge_cut_off(STEADY_YES);
    ck_assert_int_eq(saturated.fitness, LOAD_DEGRADED);
    ck_assert_uint_eq(saturated.count, 1);
    ck_assert_str_eq(saturated.reasons[0].text,
        "the server had not answered requests by the end of the drain: 40 %, where 1 % is allowed; a lower "
        "rate: "
        "more was asked than it can do, and latencies lack the slowest requests");
    ck_assert_int_eq(other.fitness, LOAD_DEGRADED);
    ck_assert_uint_eq(other.count, 1);
    ck_assert_str_eq(other.reasons[0].name, "cut_off_share");
    ck_assert_ptr_null(load_verdict_own_failure(&other));
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(what_is_healthy_or_unknown_is_fit),
        TESTKIT_TEST(every_bound_is_where_the_table_says),
        TESTKIT_TEST(lag_counts_against_what_is_measured),
        TESTKIT_TEST(a_stall_says_when_it_was),
        TESTKIT_TEST(the_worst_reason_comes_first),
        TESTKIT_TEST(only_what_is_the_clients_own_excuses_failures),
        TESTKIT_TEST(limits_of_this_machine_are_read),
        TESTKIT_TEST(the_page_shows_the_table),
        TESTKIT_TEST(a_stall_of_all_streams_is_found),
        TESTKIT_TEST(waiting_for_a_first_token_is_no_stall),
        TESTKIT_TEST(a_result_says_what_it_knows),
        TESTKIT_TEST(what_a_server_did_not_answer_makes_no_client_invalid),
        {0},
    };
    return testkit_run("load_verdict", tests);
}
