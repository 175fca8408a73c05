/* What a run does about a machine that is not fit: it repeats, rests and waits. */
#include "case_run.h"

#include "clock.h"
#include "execute.h"
#include "finalise.h"
#include "sim.h"
#include "testkit.h"
#include "tree_kit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static void passes(struct assay_context *ctx)
{
    (void)ctx;
}

static void fails(struct assay_context *ctx)
{
    (void)ctx;
    ck_abort_msg("it does not work");
}

/* 100, 98, 96 ...: as a machine that gets hot. */
static void slows_down(struct assay_context *ctx)
{
    for (int repeat = 0; assay_next(ctx, &repeat);)
        assay_observe(ctx, "inputs_per_s", 100 - 2 * repeat);
}

static void starts_cold(struct assay_context *ctx)
{
    for (int repeat = 0; assay_next(ctx, &repeat);)
        assay_observe(ctx, "inputs_per_s", repeat == 0 ? 40 : 100);
}

static const struct assay_case cases[] = {
    {.id = "own.passes", .summary = "passes", .body = passes, .version = 1},
    {.id = "own.fails", .summary = "fails", .body = fails, .version = 1},
    {.id = "own.slows_down", .summary = "drifts", .body = slows_down, .version = 1, .repeats = 10},
    {.id = "own.starts_cold", .summary = "has a warm-up", .body = starts_cold, .version = 1, .repeats = 10},
    {0},
};

/* A run on a machine that runs on its battery, until somebody plugs it in. */
struct battery_run {
    const char *root;
    int plug_in_after; /* attempts; 0: never */
    size_t attempts, repeats, ends, restless;
    char said[512];
    struct executed done;
    struct json_object *records;
};

static void unplug(const char *root)
{
    tree_edit(root, "/sys/class/power_supply/AC/online", "1", "0");
    tree_edit(root, "/sys/class/power_supply/BAT0/status", "Not charging", "Discharging");
}

static void note_attempt(struct battery_run *r)
{
    if (++r->attempts == (size_t)r->plug_in_after)
        tree_edit(r->root, "/sys/class/power_supply/AC/online", "0", "1");
}

static void on_repeat(void *arg, size_t index, const char *test, const struct json_object *record)
{
    struct battery_run *r = arg;
    (void)index;
    (void)test;
    ck_assert_str_eq(json_get_text(record, "/system_health/quality_flags/0"), "degraded_power");
    r->repeats++;
    note_attempt(r);
}

static void on_end(
    void *arg, size_t index, const char *test, enum outcome outcome, const struct json_object *record)
{
    struct battery_run *r = arg;
    (void)index;
    (void)test;
    ck_assert_ptr_nonnull(record);
    if (outcome != OUTCOME_PASSED)
        snprintf(r->said, sizeof r->said, "%s", json_get_text(record, "/message"));
    r->ends++;
    note_attempt(r);
}

static void on_restless(void *arg, const char *test, const char *reason)
{
    struct battery_run *r = arg;
    ck_assert_ptr_nonnull(strstr(test, "own."));
    snprintf(r->said, sizeof r->said, "%s", reason);
    r->restless++;
}

static void run(struct battery_run *r, const char *id, struct execute_options options)
{
    struct run_folder folder = {0};
    struct error why = {0};
    struct finalised sum;
    struct assay_suite suite = {.cases = cases};
    const char *models[] = {"sim-instant", NULL};
    struct sim_options sim_options = {.models = models, .seed = 1, .with_parent = true};
    struct sim_process sim;
    ck_assert_msg(sim_spawn(&sim_options, &sim, &why) == STATUS_OK, "%s", error_text(&why));
    case_run_make(&folder, &suite, id, sim.url);
    options.folder = &folder;
    options.suite = &suite;
    options.machine_root = r->root;
    options.timeout_s = 60;
    options.ended = on_end;
    options.repeats = on_repeat;
    options.restless = on_restless;
    options.arg = r;
    ck_assert_msg(execute_plan(&options, &r->done, &why) == STATUS_OK, "%s", error_text(&why));
    sim_stop(&sim);
    ck_assert_msg(finalise_run(folder.path, &sum, &why) == STATUS_OK, "%s", error_text(&why));
    r->records = case_run_records(&folder);
    run_folder_fini(&folder);
}

static void a_test_on_an_unfit_machine_is_measured_again(void)
{
    struct battery_run r = {.root = tree_copy("laptop")};
    unplug(r.root);
    run(&r, "own.passes", (struct execute_options){.dirty_repeats = 2});
    ck_assert_msg(r.repeats == 2 && r.ends == 1, "%zu repeats, %s", r.repeats, r.said);
    ck_assert(r.done.run == 1 && r.done.repeated == 2 && r.done.counts[OUTCOME_PASSED] == 1);
    ck_assert_uint_eq(case_run_count(r.records), 3); /* every attempt */
    for (size_t i = 0; i < 3; i++) {
        int64_t attempt = 0;
        ck_assert(json_get_int(case_run_at(r.records, i), "/attempt", &attempt));
        ck_assert_int_eq(attempt, (int64_t)i + 1);
        ck_assert_str_eq(json_get_text(case_run_at(r.records, i), "/system_health/verdict"), "degraded");
    }
    json_object_put(r.records);
}

static void once_it_is_fit_no_more(void)
{
    struct battery_run r = {.root = tree_copy("laptop"), .plug_in_after = 2};
    unplug(r.root);
    run(&r, "own.passes", (struct execute_options){.dirty_repeats = 9});
    ck_assert(r.repeats == 2 && r.ends == 1);
    ck_assert_uint_eq(case_run_count(r.records), 3);
    json_object_put(r.records);
}

static void without_the_wish_once_is_enough(void)
{
    struct battery_run r = {.root = tree_copy("laptop")};
    unplug(r.root);
    run(&r, "own.passes", (struct execute_options){0});
    ck_assert(r.repeats == 0 && r.ends == 1 && case_run_count(r.records) == 1);
    json_object_put(r.records);
}

static void a_failure_is_no_matter_of_the_machine(void)
{
    struct battery_run r = {.root = tree_copy("laptop")};
    unplug(r.root);
    run(&r, "own.fails", (struct execute_options){.dirty_repeats = 5});
    ck_assert(r.repeats == 0 && r.ends == 1 && r.done.counts[OUTCOME_FAILED] == 1);
    json_object_put(r.records);
}

/* From what a case observes to the flag in its record. */
static void figures_that_speak_against_themselves_raise_flags(void)
{
    static const struct {
        const char *id, *flag, *reason;
    } expected[] = {
        {"own.slows_down", "degraded_drift", "/system_health/sensors/rate_drift/reason"},
        {"own.starts_cold", "degraded_warmup", "/system_health/sensors/warmup_rest/reason"},
    };
    for (size_t i = 0; i < 2; i++) {
        struct battery_run r = {.root = tree_copy("laptop")};
        run(&r, expected[i].id, (struct execute_options){0});
        const struct json_object *record = case_run_at(r.records, 0);
        ck_assert_str_eq(json_get_text(record, "/outcome"), "passed");
        ck_assert_str_eq(json_get_text(record, "/system_health/quality_flags/0"), expected[i].flag);
        ck_assert_ptr_nonnull(strstr(json_get_text(record, expected[i].reason), "inputs_per_s"));
        json_object_put(r.records);
    }
}

static bool has_moment(const struct json_object *record, const char *event, double *t_s)
{
    const struct json_object *timeline = json_get_array(record, "/timeline");
    for (size_t i = 0; timeline && i < json_object_array_length(timeline); i++) {
        const struct json_object *moment = json_object_array_get_idx(timeline, i);
        if (strcmp(json_get_text(moment, "/event"), event) == 0)
            return json_get_real(moment, "/t_s", t_s);
    }
    return false;
}

static void rest_and_quiet_come_before_the_test_and_stand_in_its_record(void)
{
    struct battery_run r = {.root = tree_copy("laptop")};
    double t_s;
    unplug(r.root);
    run(&r, "own.passes",
        (struct execute_options){
            .dirty_repeats = 1, .cooldown_ns = 50 * NS_PER_MS, .quiet_limit_ns = 60 * NS_PER_S});
    ck_assert_uint_eq(case_run_count(r.records), 2);
    const struct json_object *first = case_run_at(r.records, 0), *second = case_run_at(r.records, 1);
    ck_assert(!has_moment(first, "cooldown_start", &t_s)); /* nothing to rest from */
    ck_assert(has_moment(first, "quiet_wait_start", &t_s) && t_s < 0);
    ck_assert(has_moment(second, "cooldown_start", &t_s) && t_s < 0);
    ck_assert(has_moment(second, "quiet_wait_end", &t_s) && t_s < 0);
    ck_assert_uint_eq(r.restless, 0); /* the battery is no disturbance that ends */
    json_object_put(r.records);
}

/* The tree is the same at each look, but for one page more that was read from swap. */
static void disturb(void *arg, const char *what)
{
    struct battery_run *r = arg;
    char text[256];
    (void)what;
    snprintf(text, sizeof text, "pswpin %zu\npswpout 0\noom_kill 0\n", ++r->attempts);
    tree_write(r->root, "/proc/vmstat", text);
}

static void a_machine_that_does_not_become_quiet_is_measured_all_the_same(void)
{
    struct battery_run r = {.root = tree_copy("laptop")};
    run(&r, "own.passes", (struct execute_options){.waits = disturb, .quiet_limit_ns = 1});
    ck_assert_uint_eq(r.restless, 1);
    ck_assert_msg(strstr(r.said, "memory was read back from swap") != NULL, "%s", r.said);
    ck_assert(r.ends == 1 && r.done.counts[OUTCOME_PASSED] == 1);
    json_object_put(r.records);
}

/* As a budget that is used up while it is waited. */
static bool wanted_once(void *arg, size_t index, const char *test)
{
    struct battery_run *r = arg;
    (void)index;
    (void)test;
    return r->attempts++ == 0;
}

static void what_is_no_longer_wanted_after_the_waiting_is_not_begun(void)
{
    struct battery_run r = {.root = tree_copy("laptop")};
    run(&r, "own.passes", (struct execute_options){.wanted = wanted_once, .quiet_limit_ns = 1});
    ck_assert(r.done.run == 0 && r.done.left_out == 1 && r.ends == 0);
    ck_assert_str_eq(json_get_text(case_run_at(r.records, 0), "/outcome"), "not_run");
    json_object_put(r.records);
    r = (struct battery_run){.root = tree_copy("laptop")};
    run(&r, "own.passes",
        (struct execute_options){.wanted = wanted_once}); /* who did not wait is not asked again */
    ck_assert(r.done.run == 1 && r.ends == 1);
    json_object_put(r.records);
}

static void stop_the_run(void *arg, const char *what)
{
    struct battery_run *r = arg;
    (void)what;
    if (r->attempts++ == 0)
        ck_assert_int_eq(raise(SIGTERM), 0);
}

static void whoever_stops_the_waiting_begins_no_test(void)
{
    struct battery_run r = {.root = tree_copy("laptop")};
    run(&r, "own.passes", (struct execute_options){.waits = stop_the_run, .quiet_limit_ns = 60 * NS_PER_S});
    ck_assert_int_eq(r.done.stop_signal, SIGTERM);
    ck_assert(r.done.run == 0 && r.ends == 0 && r.restless == 0);
    ck_assert_uint_eq(case_run_count(r.records), 1);
    ck_assert_str_eq(json_get_text(case_run_at(r.records, 0), "/outcome"), "not_run");
    json_object_put(r.records);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_test_on_an_unfit_machine_is_measured_again),
        TESTKIT_TEST(once_it_is_fit_no_more),
        TESTKIT_TEST(without_the_wish_once_is_enough),
        TESTKIT_TEST(a_failure_is_no_matter_of_the_machine),
        TESTKIT_TEST(figures_that_speak_against_themselves_raise_flags),
        TESTKIT_TEST(rest_and_quiet_come_before_the_test_and_stand_in_its_record),
        TESTKIT_TEST(a_machine_that_does_not_become_quiet_is_measured_all_the_same),
        TESTKIT_TEST(what_is_no_longer_wanted_after_the_waiting_is_not_begun),
        TESTKIT_TEST(whoever_stops_the_waiting_begins_no_test),
        {0},
    };
    return testkit_run("fit_machine", tests);
}
