/* A server that is killed and started again while a run measures it: on the same port, as another process. */
#include "testkit.h"

#include "clock.h"
#include "fault_run.h"
#include "fs.h"
#include "plan.h"
#include "sim.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char asked_path[4096], restarted_path[4096];

static void wait_for(const char *path)
{
    const struct clock *clock = clock_system();
    for (int tries = 0; tries < 6000 && !fs_exists(path); tries++)
        clock_sleep_until(clock, clock_mono_ns(clock) + 10 * NS_PER_MS);
    ck_assert_msg(fs_exists(path), "%s does not come", path);
}

static void touch(const char *path)
{
    struct error why = {0};
    ck_assert_msg(fs_write_atomic(path, "", 0, &why) == STATUS_OK, "%s", error_text(&why));
}

static void ask(struct assay_context *ctx)
{
    static const struct chat_message message = {"user", "Count to three."};
    struct chat_request request = {
        .model = "sim-steady", .messages = &message, .message_count = 1, .max_tokens = 4};
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        const struct exchange *x = assay_chat(ctx, &request);
        ck_assert_msg(x->error == EXCHANGE_OK, "%s", x->error_text);
    }
}

/* With time for a sample to see the new process before it is asked. */
static void ask_before_and_after(struct assay_context *ctx)
{
    const struct clock *clock = clock_system();
    touch(asked_path);
    wait_for(restarted_path);
    clock_sleep_until(clock, clock_mono_ns(clock) + 1500 * NS_PER_MS);
    ask(ctx);
}

#define CASE(name, what)                                                                                     \
    {                                                                                                        \
        .id = (name), .summary = "asks", .body = (what), .version = 1, .repeats = 1, .warmup = -1            \
    }

static const struct assay_case cases[] = {CASE("restart.one", ask), CASE("restart.two", ask_before_and_after),
    CASE("restart.three", ask), CASE("restart.four", ask), CASE("restart.five", ask), {0}};
static const struct assay_suite suite = {.cases = cases};

struct scene {
    struct fault_run run;
    struct sim_process sim;
    int port;
    pid_t pids[3]; /* the server's processes, one after another */
    size_t started;
};

static void start_sim(struct scene *s)
{
    static const char *const models[] = {"sim-steady", NULL};
    struct sim_options options = {.models = models, .port = s->port, .seed = 1};
    struct error why = {0};
    ck_assert_msg(sim_spawn(&options, &s->sim, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_int_eq(sscanf(s->sim.url, "http://127.0.0.1:%d", &s->port), 1);
    s->pids[s->started++] = s->sim.pid;
}

/* Long enough without a server for a sample to find none. */
static void restart_sim(struct scene *s)
{
    const struct clock *clock = clock_system();
    ck_assert_int_eq(kill(s->sim.pid, SIGKILL), 0);
    ck_assert_int_eq(waitpid(s->sim.pid, NULL, 0), s->sim.pid);
    clock_sleep_until(clock, clock_mono_ns(clock) + 1500 * NS_PER_MS);
    start_sim(s);
}

static void restart_in_mid_test(void *arg, size_t index, const char *test, const struct journal_state *state)
{
    struct scene *s = arg;
    (void)index, (void)test, (void)state;
    if (!fs_exists(asked_path) || fs_exists(restarted_path))
        return;
    restart_sim(s);
    touch(restarted_path);
}

static void restart_between_tests(
    void *arg, size_t index, const char *test, enum outcome outcome, const struct json_object *record)
{
    (void)index, (void)outcome, (void)record;
    if (strcmp(test, "restart.three") == 0)
        restart_sim(arg);
}

static void plan_on_sim(struct scene *s)
{
    struct json_object *run = s->run.folder.run, *plan = json_get_array(run, "/plan");
    struct target_info info = {.name = "sim", .protocol = "openai", .simulated = true};
    struct error why = {0};
    snprintf(info.endpoint, sizeof info.endpoint, "%s/v1", s->sim.url);
    ck_assert(json_add(json_get_array(run, "/targets"), plan_target_to_json(&info)));
    for (size_t i = 0; i < json_object_array_length(plan); i++)
        ck_assert(json_set_text(json_object_array_get_idx(plan, i), "target", "sim"));
    ck_assert_msg(run_folder_save(&s->run.folder, run, &why) == STATUS_OK, "%s", error_text(&why));
}

static void measure(struct scene *s)
{
    static const char *const tests[] = {
        "restart.one", "restart.two", "restart.three", "restart.four", "restart.five", NULL};
    snprintf(asked_path, sizeof asked_path, "%s", testkit_tmp_path("asked"));
    snprintf(restarted_path, sizeof restarted_path, "%s", testkit_tmp_path("restarted"));
    fault_run_open(&s->run, testkit_tmp_path("runs"), tests);
    start_sim(s);
    plan_on_sim(s);
    s->run.options.suite = &suite;
    s->run.options.tick = restart_in_mid_test;
    s->run.options.ended = restart_between_tests;
    s->run.options.arg = s;
    ck_assert_int_eq(fault_run_execute(&s->run), STATUS_OK);
}

/* What the record of a test has to say: the place in s->pids of its process, and what the reason begins with. */
static void check(struct scene *s, const char *test, size_t process, const char *reason)
{
    struct json_object *record = fault_run_record(&s->run, test, 1);
    const char *outcome = json_get_text(record, "/outcome");
    int64_t pid = 0, memory = 0;
    bool restarted = false, flagged = false;
    ck_assert_msg(
        strcmp(outcome, "passed") == 0, "%s: %s: %s", test, outcome, json_get_text(record, "/message"));
    ck_assert(json_get_int(record, "/server_process/pid", &pid));
    ck_assert_int_eq(pid, s->pids[process]);
    ck_assert(json_get_int(record, "/server_process/rss_peak_bytes", &memory) && memory > 0);
    ck_assert(json_get_bool(record, "/server_process/restarted", &restarted));
    struct json_object *flags = json_get_array(record, "/system_health/quality_flags");
    for (size_t i = 0; i < json_object_array_length(flags); i++)
        flagged |= strcmp(json_object_get_string(json_object_array_get_idx(flags, i)),
                       "degraded_server_restarted") == 0;
    const char *said = json_get_text(record, "/system_health/sensors/server_restarts/reason");
    ck_assert_msg(restarted == (reason != NULL) && flagged == restarted, "%s", test);
    ck_assert_msg((said != NULL) == restarted && (!said || strncmp(said, reason, strlen(reason)) == 0),
        "%s: %s", test, said ? said : "");
}

static void moments_are(struct json_object *record, const char *const *events)
{
    struct json_object *timeline = json_get_array(record, "/timeline");
    double before_s = 0, t_s = 0;
    for (size_t i = 0; events[i] != NULL; i++) {
        struct json_object *item = json_object_array_get_idx(timeline, i);
        ck_assert_str_eq(json_get_text(item, "/event"), events[i]);
        ck_assert(json_get_real(item, "/t_s", &t_s) && t_s >= before_s);
        before_s = t_s;
    }
}

static void a_server_that_is_restarted_is_noticed_in_mid_test_and_between_tests(void)
{
    static const char *const moments[] = {"server_gone", "server_back", "first_request", NULL};
    struct scene s = {.port = 0};
    measure(&s);
    check(&s, "restart.one", 0, NULL);
    check(&s, "restart.two", 1, "the server's process ");
    moments_are(fault_run_record(&s.run, "restart.two", 1), moments);
    check(&s, "restart.three", 1, NULL);
    check(&s, "restart.four", 2, "since the run's test before this one the server is another process");
    check(&s, "restart.five", 2, NULL);
    sim_stop(&s.sim);
    fault_run_close(&s.run);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_server_that_is_restarted_is_noticed_in_mid_test_and_between_tests), {0}};
    return testkit_run("restart", tests);
}
