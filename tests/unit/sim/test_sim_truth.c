/* What the simulator says of itself: agrees with its schemas, and no event was early. */
#include "sim_host.h"

#include "clock.h"
#include "our_schemas.h"
#include "sim_scenario.h"
#include "stats.h"
#include "testkit.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sim_host host;

static const char *text_of(struct json_object *records, size_t index, const char *pointer)
{
    const char *text = json_get_text(json_object_array_get_idx(records, index), pointer);
    return text ? text : "";
}

static void assert_valid(const char *schema, struct json_object *tree)
{
    struct error why = {0};
    const struct schema *compiled = schema_for(schema);
    ck_assert_ptr_nonnull(compiled);
    ck_assert_msg(schema_check(compiled, tree, &why) == STATUS_OK, "%s: %.800s", error_text(&why),
        json_object_to_json_string(tree));
}

static void every_scenario_agrees_with_its_schema(void)
{
    for (const struct sim_builtin *b = sim_builtins; b->name; b++) {
        struct json_object *tree = NULL;
        ck_assert_int_eq(json_parse(b->text, b->len, &tree, NULL), STATUS_OK);
        ck_assert_str_eq(json_get_text(tree, "/name"), b->name);
        ck_assert_msg(json_get_text(tree, "/summary") != NULL, "%s has no summary", b->name);
        assert_valid("scenario", tree);
        json_object_put(tree);
    }
}

static void every_line_of_the_truth_agrees_with_its_schema(void)
{
    sim_host_start(&host, &(struct sim_options){.seed = 3});
    static const char *const models[] = {"sim-fast", "sim-reasoning", "sim-429", "sim-429", "sim-reset",
        "sim-think", "sim-error-in-stream", "nothing"};
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        struct buf answer = BUF_INIT(1 << 20);
        int fd = sim_host_connect(&host);
        sim_host_post(fd, models[i], i % 3 != 2, ",\"max_tokens\":18,\"seed\":5");
        if (i < 4)
            sim_host_read_until(fd, &answer, i == 2 || i == 3 ? "}" : "0\r\n\r\n");
        else
            recv(fd, (char[4096]){0}, 4096, 0);
        close(fd);
        buf_fini(&answer);
    }
    sim_host_stop(&host);
    struct json_object *truth = sim_host_read_truth(&host);
    size_t n = json_object_array_length(truth);
    ck_assert_uint_eq(n, sizeof models / sizeof *models + 1);
    for (size_t i = 0; i < n; i++)
        assert_valid("truth", json_object_array_get_idx(truth, i));
    ck_assert_str_eq(text_of(truth, n - 1, "/type"), "summary");
    json_object_put(truth);
}

/* Lateness of each event of a request; asserts that nothing was early and everything in order. */
static size_t lateness_of(struct json_object *request, double *late_s, size_t room)
{
    struct json_object *events = json_get_array(request, "/events");
    int64_t read_ns = 0, before_ns = 0, done_ns = 0;
    size_t n = json_object_array_length(events);
    ck_assert(json_get_int(request, "/read_ns", &read_ns) && json_get_int(request, "/done_ns", &done_ns));
    for (size_t i = 0; i < n && i < room; i++) {
        struct json_object *event = json_object_array_get_idx(events, i);
        int64_t scheduled_ns = 0, sent_ns = 0;
        ck_assert(
            json_get_int(event, "/scheduled_ns", &scheduled_ns) && json_get_int(event, "/sent_ns", &sent_ns));
        ck_assert_int_ge(sent_ns, scheduled_ns);
        ck_assert_int_ge(sent_ns, before_ns);
        before_ns = sent_ns;
        late_s[i] = (double)(sent_ns - scheduled_ns) / 1e9;
        if (i >= 1 && i <= 20)
            ck_assert_int_eq(scheduled_ns, read_ns + (50 + 10 * ((int64_t)i - 1)) * NS_PER_MS);
    }
    ck_assert_int_ge(done_ns, before_ns);
    return n < room ? n : room;
}

static void events_are_sent_on_schedule_and_never_early(void)
{
    enum { STREAMS = 20 };
    static double late_s[STREAMS * 32];
    int fds[STREAMS];
    size_t n = 0;
    sim_host_start(&host, &(struct sim_options){0});
    for (int i = 0; i < STREAMS; i++) {
        fds[i] = sim_host_connect(&host);
        sim_host_post(fds[i], "sim-steady", true, ",\"max_tokens\":20");
    }
    for (int i = 0; i < STREAMS; i++) {
        struct buf answer = BUF_INIT(1 << 20);
        sim_host_read_until(fds[i], &answer, "0\r\n\r\n");
        close(fds[i]);
        buf_fini(&answer);
    }
    sim_host_stop(&host);
    struct json_object *truth = sim_host_read_truth(&host);
    ck_assert_uint_eq(json_object_array_length(truth), STREAMS + 1);
    for (size_t i = 0; i < STREAMS; i++)
        n += lateness_of(json_object_array_get_idx(truth, i), late_s + n, 32);
    struct summary s;
    ck_assert_int_eq(stats_summarise(late_s, n, &s), STATUS_OK);
    printf("lateness of %zu events: median %.3f ms, p99 %.3f ms, max %.3f ms\n", n, s.median * 1e3,
        s.p99 * 1e3, s.max * 1e3);
    json_object_put(truth);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(every_scenario_agrees_with_its_schema),
        TESTKIT_TEST(every_line_of_the_truth_agrees_with_its_schema),
        TESTKIT_TEST(events_are_sent_on_schedule_and_never_early),
        {0},
    };
    return testkit_run("sim_truth", tests);
}
