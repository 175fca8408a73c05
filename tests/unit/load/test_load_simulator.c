#include "load_simulator.h"

#include "canned_server.h"
#include "clock.h"
#include "sim.h"
#include "testkit.h"

#include <stdio.h>
#include <string.h>

static struct load_choice simulator_at(const char *url)
{
    return (struct load_choice){
        .access = {.url = url}, .protocol = "openai", .model = "m", .simulated = true};
}

/* What one canned answer to both questions makes of a test. */
static struct load_simulator ask(const struct canned_reply *reply)
{
    struct canned_server *server = canned_server_start(reply, 1);
    struct load_choice choice = simulator_at(canned_server_url(server));
    struct load_simulator sim;
    load_simulator_begin(&choice, 1, &sim);
    load_simulator_end(&choice, 1, &sim);
    canned_server_stop(server);
    return sim;
}

struct answer {
    char text[512];
};

static struct answer answer_with(const char *body)
{
    struct answer answer;
    snprintf(answer.text, sizeof answer.text,
        "HTTP/1.1 200 OK\r\nX-Assay-Simulated: 1\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
    return answer;
}

static struct load_simulator ask_for(const char *body)
{
    struct answer answer = answer_with(body);
    return ask(&(struct canned_reply){.text = answer.text});
}

static void what_it_says_is_taken(void)
{
    struct load_simulator sim =
        ask_for("{\"events\":12,\"blocked_events\":2,\"stalled_s\":1.5,"
                "\"lateness\":{\"p50_s\":0.001,\"p99_s\":0.25,\"max_s\":0.5},\"further\":\"1\"}");
    ck_assert_int_eq(sim.state, SIMULATOR_SAID);
    ck_assert_int_eq(sim.late.events, 10);
    ck_assert_int_eq(sim.late.blocked_events, 2);
    ck_assert_double_eq(sim.late.p50_s, 0.001);
    ck_assert_double_eq(sim.late.p99_s, 0.25);
    ck_assert_double_eq(sim.late.max_s, 0.5);
    ck_assert_double_eq(sim.late.stalled_s, 1.5);
}

/* It claims to be a simulator, and says nonsense: that is told, and nothing is taken from it. */
static void what_makes_no_sense_is_not_taken(void)
{
    static const char *const bodies[] = {"", "[]", "null", "not json", "{}", "{\"events\":5}",
        "{\"events\":-1,\"blocked_events\":0}", "{\"events\":1,\"blocked_events\":2}",
        "{\"events\":5,\"blocked_events\":0}", "{\"events\":\"5\",\"blocked_events\":0}",
        "{\"events\":5,\"blocked_events\":0,\"lateness\":7}",
        "{\"events\":5,\"blocked_events\":0,\"lateness\":{\"p50_s\":1,\"p99_s\":-1,\"max_s\":1}}",
        "{\"events\":5,\"blocked_events\":0,\"lateness\":{\"p50_s\":1,\"p99_s\":1e300,\"max_s\":1}}",
        "{\"events\":5,\"blocked_events\":0,\"lateness\":{\"p50_s\":1,\"p99_s\":\"1\",\"max_s\":1}}",
        "{\"events\":5,\"blocked_events\":0,\"lateness\":{\"p50_s\":1,\"p99_s\":NaN,\"max_s\":1}}"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct load_simulator sim = ask_for(bodies[i]);
        ck_assert_msg(sim.state == SIMULATOR_SILENT, "%s", bodies[i]);
        ck_assert_msg(*error_text(&sim.why), "%s", bodies[i]);
    }
}

static void one_that_does_not_answer_is_left_in_time(void)
{
    static const struct canned_reply replies[] = {{.text = "", .end = CANNED_HOLD},
        {.text = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"events\":", .end = CANNED_HOLD},
        {.text = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"},
        {.text = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"},
        {.text = "HTTP/1.1 200 OK\r\n", .end = CANNED_RESET}};
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        int64_t from_ns = clock_mono_ns(clock_system());
        struct load_simulator sim = ask(&replies[i]);
        double seconds = (double)(clock_mono_ns(clock_system()) - from_ns) / 1e9;
        ck_assert_msg(sim.state == SIMULATOR_SILENT, "%zu", i);
        ck_assert_msg(seconds < 60, "%zu: %g s", i, seconds); /* 3 s each; a request has ten minutes */
    }
}

/* 4 MiB of it: more than the client is willing to read. */
static void a_flood_is_cut_off(void)
{
    enum { SIZE = 4 << 20 };
    static char text[SIZE + 128];
    int head = snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", SIZE);
    memset(text + head, '[', SIZE);
    struct load_simulator sim = ask(&(struct canned_reply){.text = text, .len = (size_t)head + SIZE});
    ck_assert_int_eq(sim.state, SIMULATOR_SILENT);
    ck_assert_msg(strstr(error_text(&sim.why), "larger"), "%s", error_text(&sim.why));
}

static void only_simulators_are_asked_and_each_once(void)
{
    struct answer answer = answer_with("{\"events\":0,\"blocked_events\":0}");
    struct canned_reply reply = {.text = answer.text};
    struct canned_server *server = canned_server_start(&reply, 1);
    struct load_choice choices[] = {simulator_at(canned_server_url(server)),
        simulator_at(canned_server_url(server)), {.access = {.url = "http://127.0.0.1:1"}, .model = "m"}};
    struct load_simulator sim;
    load_simulator_begin(choices, 3, &sim);
    load_simulator_end(choices, 3, &sim);
    ck_assert_int_eq(sim.state, SIMULATOR_SAID);
    ck_assert_int_eq(sim.late.events, 0);
    ck_assert_uint_eq(canned_server_request_count(server), 2);
    ck_assert(strncmp(canned_server_request(server, 0), "POST /sim/lateness ", 19) == 0);
    ck_assert(strncmp(canned_server_request(server, 1), "GET /sim/lateness ", 18) == 0);
    canned_server_stop(server);

    load_simulator_begin(choices + 2, 1, &sim);
    load_simulator_end(choices + 2, 1, &sim);
    ck_assert_int_eq(sim.state, SIMULATOR_NONE);
}

static void the_worst_of_several_counts(void)
{
    struct answer answers[] = {
        answer_with(
            "{\"events\":9,\"blocked_events\":0,\"lateness\":{\"p50_s\":0,\"p99_s\":0.004,\"max_s\":1}}"),
        answer_with(
            "{\"events\":9,\"blocked_events\":0,\"lateness\":{\"p50_s\":0,\"p99_s\":0.002,\"max_s\":1}}")};
    struct canned_reply replies[] = {{.text = answers[0].text}, {.text = answers[1].text}};
    struct canned_server *servers[] = {
        canned_server_start(&replies[0], 1), canned_server_start(&replies[1], 1)};
    struct load_choice choices[] = {
        simulator_at(canned_server_url(servers[0])), simulator_at(canned_server_url(servers[1]))};
    struct load_simulator sim;
    load_simulator_begin(choices, 2, &sim);
    load_simulator_end(choices, 2, &sim);
    ck_assert_int_eq(sim.state, SIMULATOR_SAID);
    ck_assert_double_eq(sim.late.p99_s, 0.004);
    canned_server_stop(servers[0]);
    canned_server_stop(servers[1]);
}

/* The real one, whose lateness is this test's alone. */
static void the_simulator_counts_anew(void)
{
    struct sim_process process;
    struct simulator_lateness late;
    struct error why = {0};
    ck_assert_msg(
        sim_spawn(&(struct sim_options){.seed = 1}, &process, &why) == STATUS_OK, "%s", error_text(&why));
    struct target_access access = {.url = process.url};
    struct target_options o = {.url = process.url, .protocol = "openai"};
    struct target *target;
    struct exchange x;
    exchange_init(&x);
    struct chat_message message = {"user", "Hello"};
    struct chat_request request = {
        .model = "sim-fast", .messages = &message, .message_count = 1, .max_tokens = 8, .stream = true};
    ck_assert_msg(target_open(&o, &target, &why) == STATUS_OK, "%s", error_text(&why));
    target_chat(target, &request, &x);
    ck_assert_msg(x.error == EXCHANGE_OK, "%s", x.error_text);
    ck_assert_msg(simulator_lateness_ask(&access, true, &late, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_int_ge(late.events, 8);
    ck_assert_double_le(late.p50_s, late.max_s);
    ck_assert_msg(simulator_lateness_ask(&access, false, &late, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_int_eq(late.events, 0);
    exchange_fini(&x);
    target_close(target);
    sim_stop(&process);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(what_it_says_is_taken),
        TESTKIT_TEST(what_makes_no_sense_is_not_taken),
        TESTKIT_TEST(one_that_does_not_answer_is_left_in_time),
        TESTKIT_TEST(a_flood_is_cut_off),
        TESTKIT_TEST(only_simulators_are_asked_and_each_once),
        TESTKIT_TEST(the_worst_of_several_counts),
        TESTKIT_TEST(the_simulator_counts_anew),
        {0},
    };
    return testkit_run("load_simulator", tests);
}
