/* The simulated server through raw sockets: connections, refusals, protection against bad clients. */
#include "sim_host.h"

#include "clock.h"
#include "fs.h"
#include "rng.h"
#include "testkit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define GET_HEALTH "GET /health HTTP/1.1\r\nHost: h\r\n\r\n"
#define MESSAGES "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]"
#define HEALTHY "{\"status\":\"ok\"}"

static struct sim_host host;

static size_t count(const char *text, const char *part)
{
    size_t n = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        n++;
    return n;
}

/* One exchange on a connection of its own; what came back, to the end of the connection or the answer. */
static struct buf ask(const char *request, const char *until)
{
    struct buf answer = BUF_INIT(64 << 20);
    int fd = sim_host_connect(&host);
    sim_host_send(fd, request);
    if (until)
        sim_host_read_until(fd, &answer, until);
    else
        sim_host_read_all(fd, &answer);
    close(fd);
    return answer;
}

/* A whole request; good until the next call. */
static const char *post(const char *body)
{
    static char text[4096];
    snprintf(text, sizeof text,
        "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
    return text;
}

static void one_connection_serves_one_request_after_the_other(void)
{
    struct buf answer = BUF_INIT(1 << 20);
    sim_host_start(&host, &(struct sim_options){0});
    int fd = sim_host_connect(&host);
    for (int i = 0; i < 3; i++) {
        buf_clear(&answer);
        sim_host_post(fd, "sim-instant", true, ",\"max_tokens\":2");
        sim_host_read_until(fd, &answer, "0\r\n\r\n");
        ck_assert_ptr_nonnull(strstr(answer.data, "X-Assay-Simulated: 1\r\n"));
        ck_assert_ptr_nonnull(strstr(answer.data, "Server: assay-sim/"));
        ck_assert_ptr_nonnull(strstr(answer.data, "data: [DONE]\n\n"));
    }
    close(fd);
    buf_fini(&answer);
    sim_host_stop(&host);
}

static void requests_sent_ahead_are_answered_in_order(void)
{
    enum { REQUESTS = 3000 };
    struct buf answer = BUF_INIT(8 << 20), requests = BUF_INIT(8 << 20);
    char last[64];
    sim_host_start(&host, &(struct sim_options){0});
    for (int i = 0; i < REQUESTS; i++)
        buf_append_text(&requests, GET_HEALTH);
    int fd = sim_host_connect(&host);
    pid_t sender = fork();
    if (sender == 0) {
        sim_host_send_bytes(fd, requests.data, requests.len);
        _exit(0);
    }
    snprintf(last, sizeof last, "X-Assay-Request: %d\r\n", REQUESTS);
    sim_host_read_until(fd, &answer, last);
    sim_host_read_until(fd, &answer, HEALTHY);
    ck_assert_int_eq(waitpid(sender, NULL, 0), sender);
    const char *at = answer.data;
    for (int i = 1; i <= REQUESTS; i++) {
        snprintf(last, sizeof last, "X-Assay-Request: %d\r\n", i);
        at = strstr(at, last);
        ck_assert_msg(at != NULL, "request %d is not answered in its turn", i);
    }
    close(fd);
    buf_fini(&answer);
    buf_fini(&requests);
    sim_host_stop(&host);
}

static void improper_requests_are_refused_in_the_shape_of_openai(void)
{
    static const struct {
        const char *request, *body, *status,
            *part; /* body: of a POST to chat completions; else request is sent */
    } rows[] = {
        {"GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n", NULL, "404", "there is nothing at /nowhere"},
        {"DELETE /v1/models HTTP/1.1\r\nHost: h\r\n\r\n", NULL, "405", "Allow: GET\r\n"},
        {"GET /v1/chat/completions HTTP/1.1\r\nHost: h\r\n\r\n", NULL, "405", "Allow: POST\r\n"},
        {NULL, "{\"model\": \"x", "400", "\"code\":\"malformed_json\""},
        {NULL, "[]", "400", "must be a JSON object"},
        {NULL, "{\"model\":\"sim-steady\"}", "400", "\"param\":\"messages\""},
        {NULL, "{\"model\":\"sim-steady\",\"messages\":[]}", "400", "\"param\":\"messages\""},
        {NULL, "{\"model\":\"sim-steady\",\"messages\":[{\"content\":\"hi\"}]}", "400",
            "an object with a role"},
        {NULL, "{\"model\":\"no\"," MESSAGES "}", "404", "\"code\":\"model_not_found\""},
        {NULL, "{" MESSAGES "}", "400", "a model must be named"},
        {NULL, "{\"model\":\"sim-fast\"," MESSAGES ",\"n\":2}", "400", "only n = 1"},
        {NULL, "{\"model\":\"sim-fast\"," MESSAGES ",\"max_tokens\":0}", "400", "\"param\":\"max_tokens\""},
        {NULL, "{\"model\":\"sim-fast\"," MESSAGES ",\"temperature\":\"hot\"}", "400",
            "\"param\":\"temperature\""},
        {NULL, "{\"model\":\"sim-fast\"," MESSAGES ",\"stop\":[1]}", "400", "\"param\":\"stop\""},
        {NULL, "{\"model\":\"sim-fast\"," MESSAGES ",\"stream\":1}", "400", "\"param\":\"stream\""},
        {"GET / HTTP/3.0\r\n\r\n", NULL, "505", "only HTTP/1.0 and HTTP/1.1"},
        {"POST /health HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n", NULL, "413", "too large"},
        {"POST /health HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", NULL, "400",
            "chunked body"},
    };
    sim_host_start(&host, &(struct sim_options){0});
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf answer = ask(rows[i].request ? rows[i].request : post(rows[i].body), "}}");
        ck_assert_msg(strncmp(answer.data + 9, rows[i].status, 3) == 0 && strstr(answer.data, rows[i].part),
            "row %zu: %s", i, answer.data);
        ck_assert_ptr_nonnull(strstr(answer.data, "{\"error\":{\"message\":"));
        buf_fini(&answer);
    }
    sim_host_stop(&host);
}

static void bodies_may_be_chunked_and_expected(void)
{
    static const char body[] = "{\"model\":\"sim-instant\"," MESSAGES "}";
    struct buf answer = BUF_INIT(1 << 20);
    sim_host_start(&host, &(struct sim_options){0});
    int fd = sim_host_connect(&host);
    sim_host_send(fd, "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
                      "Expect: 100-continue\r\n\r\n");
    sim_host_read_until(fd, &answer, "HTTP/1.1 100 Continue\r\n\r\n");
    for (const char *at = body; *at; at++) {
        char chunk[] = "1\r\n?\r\n";
        chunk[3] = *at;
        sim_host_send(fd, chunk);
    }
    sim_host_send(fd, "0\r\n\r\n");
    sim_host_read_until(fd, &answer, "\"usage\":");
    ck_assert_ptr_nonnull(strstr(answer.data, "HTTP/1.1 200 OK\r\n"));
    close(fd);
    buf_fini(&answer);
    sim_host_stop(&host);
}

static void models_health_and_props_are_answered(void)
{
    static const char *const models[] = {"sim-echo", "sim-fast", NULL};
    sim_host_start(&host, &(struct sim_options){.models = models});
    struct buf answer = ask("GET /v1/models HTTP/1.0\r\n\r\n", NULL);
    ck_assert_ptr_nonnull(
        strstr(answer.data, "{\"object\":\"list\",\"data\":[{\"id\":\"sim-echo\",\"object\":\"model\","));
    ck_assert_uint_eq(count(answer.data, "\"id\":"), 2);
    ck_assert_ptr_nonnull(strstr(answer.data, "Connection: close\r\n"));
    buf_fini(&answer);
    answer = ask("GET /props HTTP/1.1\r\nHost: h\r\n\r\n", "\"total_slots\":");
    buf_fini(&answer);
    answer = ask(GET_HEALTH, HEALTHY);
    buf_fini(&answer);
    sim_host_stop(&host);
}

static void the_default_model_may_answer_what_others_refuse(void)
{
    static const char *const unknown[] = {"sim-unknown-ok", NULL}, *const malformed[] = {
                                                                       "sim-malformed-ok", NULL};
    struct buf answer = BUF_INIT(1 << 20);
    sim_host_start(&host, &(struct sim_options){.models = unknown});
    int fd = sim_host_connect(&host);
    sim_host_post(fd, "no-such-model", false, ",\"max_tokens\":1");
    sim_host_read_until(fd, &answer, "\"usage\":");
    ck_assert_ptr_nonnull(strstr(answer.data, "HTTP/1.1 200 OK\r\n"));
    ck_assert_ptr_nonnull(strstr(answer.data, "\"model\":\"no-such-model\""));
    close(fd);
    buf_fini(&answer);
    sim_host_stop(&host);
    sim_host_start(&host, &(struct sim_options){.models = malformed});
    answer =
        ask("POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n{\"m\"", "\"usage\":");
    ck_assert_ptr_nonnull(strstr(answer.data, "HTTP/1.1 200 OK\r\n"));
    buf_fini(&answer);
    sim_host_stop(&host);
}

static void every_second_request_is_refused_with_retry_after(void)
{
    struct buf answer = BUF_INIT(1 << 20);
    sim_host_start(&host, &(struct sim_options){0});
    int fd = sim_host_connect(&host);
    for (int i = 1; i <= 4; i++) {
        buf_clear(&answer);
        sim_host_post(fd, "sim-429", false, ",\"max_tokens\":1");
        sim_host_read_until(fd, &answer, "}}");
        ck_assert_int_eq(strncmp(answer.data + 9, i % 2 ? "200" : "429", 3), 0);
        ck_assert_int_eq(strstr(answer.data, "Retry-After: 1\r\n") != NULL, i % 2 == 0);
    }
    close(fd);
    buf_fini(&answer);
    sim_host_stop(&host);
}

static void connections_end_with_fin_or_rst_as_asked(void)
{
    static const struct {
        const char *model;
        int error;
    } rows[] = {{"sim-close", 0}, {"sim-reset", ECONNRESET}, {"sim-reset-bytes", ECONNRESET},
        {"sim-bad-chunk", 0}, {"sim-http10", 0}};
    sim_host_start(&host, &(struct sim_options){0});
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf answer = BUF_INIT(1 << 20);
        int fd = sim_host_connect(&host);
        sim_host_post(fd, rows[i].model, true, ",\"max_tokens\":12");
        ck_assert_msg(sim_host_read_all(fd, &answer) == rows[i].error, "%s", rows[i].model);
        ck_assert_uint_gt(answer.len, 0);
        close(fd);
        buf_fini(&answer);
    }
    sim_host_stop(&host);
}

static void clients_that_dawdle_are_sent_away(void)
{
    struct sim_options hasty = {.head_timeout_ns = 50 * NS_PER_MS,
        .body_timeout_ns = 50 * NS_PER_MS,
        .idle_timeout_ns = 100 * NS_PER_MS};
    static const char *const begun[] = {
        "GET /hea", "POST /health HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n123"};
    sim_host_start(&host, &hasty);
    for (int i = 0; i < 2; i++) {
        struct buf answer = ask(begun[i], NULL);
        ck_assert_int_eq(strncmp(buf_text(&answer), "HTTP/1.1 408 ", 13), 0);
        buf_fini(&answer);
    }
    struct buf nothing = ask("", NULL);
    ck_assert_uint_eq(nothing.len, 0);
    buf_fini(&nothing);
    sim_host_stop(&host);
}

/* The server writes a record when it has time for it; under a sanitizer on a busy machine that takes a while.
 */
static bool record_arrives(const char *text)
{
    bool found = false;
    for (int tries = 0; tries < 1200 && !found; tries++) {
        struct buf file = BUF_INIT(64 << 20);
        clock_sleep_until(clock_system(), clock_mono_ns(clock_system()) + 50 * NS_PER_MS);
        found = fs_read_file(host.truth, &file, NULL) == STATUS_OK && strstr(buf_text(&file), text) != NULL;
        buf_fini(&file);
    }
    return found;
}

static void clients_that_do_not_read_are_dropped(void)
{
    const char *path = testkit_tmp_path("flood.json");
    const char *const files[] = {path, NULL};
    static const char flood[] = "{\"name\":\"flood\",\"ttft\":{\"mean_s\":0},\"gap\":{\"mean_s\":0},"
                                "\"tokens_per_event\":1000,\"faults\":[{\"kind\":\"endless\"}]}";
    testkit_write(path, flood, strlen(flood));
    sim_host_start(&host, &(struct sim_options){.scenario_files = files, .send_timeout_ns = 200 * NS_PER_MS});
    int fd = sim_host_connect(&host);
    sim_host_post(fd, "flood", true, "");
    struct buf answer = ask(GET_HEALTH, HEALTHY); /* others are served meanwhile */
    buf_fini(&answer);
    bool dropped = record_arrives("\"client_slow\"");
    sim_host_stop(&host);
    close(fd);
    ck_assert(dropped);
    json_object_put(sim_host_read_truth(&host)); /* valid to the last line */
}

static void a_client_that_leaves_is_noticed(void)
{
    struct buf answer = BUF_INIT(1 << 20);
    sim_host_start(&host, &(struct sim_options){0});
    int fd = sim_host_connect(&host);
    sim_host_post(fd, "sim-endless", true, "");
    sim_host_read_until(fd, &answer, "\"content\":");
    close(fd);
    buf_fini(&answer);
    answer = ask(GET_HEALTH, HEALTHY);
    buf_fini(&answer);
    ck_assert(record_arrives("\"ending\":\"client_closed\""));
    sim_host_stop(&host);
}

static void noise_does_not_harm_the_server(void)
{
    static const char *const parts[] = {"GET ", "POST ", "/v1/chat/completions", " HTTP/1.1", "\r\n", "\n",
        "Host: h", "Content-Length: ", "5", "Transfer-Encoding: chunked", "\r\n\r\n",
        "{\"model\":\"sim-instant\"", "0", ":", ","};
    struct rng rng;
    rng_seed(&rng, 20261121);
    sim_host_start(&host, &(struct sim_options){.body_timeout_ns = 20 * NS_PER_MS});
    for (int round = 0; round < 300; round++) {
        struct buf noise = BUF_INIT(1 << 20);
        for (uint64_t i = rng_below(&rng, 40); i > 0; i--) {
            if (rng_below(&rng, 4) == 0)
                buf_append_char(&noise, (char)rng_below(&rng, 256));
            else
                buf_append_text(&noise, parts[rng_below(&rng, sizeof parts / sizeof *parts)]);
        }
        int fd = sim_host_connect(&host);
        sim_host_send_bytes(fd, buf_text(&noise), noise.len);
        close(fd);
        buf_fini(&noise);
    }
    struct buf answer = ask(GET_HEALTH, HEALTHY);
    buf_fini(&answer);
    sim_host_stop(&host);
}

static void wrong_options_are_refused_with_a_reason(void)
{
    static const char *const nothing[] = {"sim-nothing", NULL}, *const no_file[] = {"/nowhere/x.json", NULL};
    const struct {
        struct sim_options options;
        enum status status;
        const char *part;
    } rows[] = {
        {{.host = "0.0.0.0"}, STATUS_USAGE, "loopback only"},
        {{.host = "192.168.1.1"}, STATUS_USAGE, "loopback only"},
        {{.host = "example.org"}, STATUS_USAGE, "not an IPv4 address"},
        {{.models = nothing}, STATUS_NOT_FOUND, "there is no scenario \"sim-nothing\""},
        {{.scenario_files = no_file}, STATUS_NOT_FOUND, "/nowhere/x.json"},
        {{.truth_path = "/nowhere/truth"}, STATUS_IO, "cannot write /nowhere/truth"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sim_server *server;
        struct sim_process process;
        struct error why = {0};
        ck_assert_int_eq(sim_server_open(&rows[i].options, &server, &why), rows[i].status);
        ck_assert_msg(strstr(error_text(&why), rows[i].part) != NULL, "%s", error_text(&why));
        ck_assert_int_eq(sim_spawn(&rows[i].options, &process, &why), rows[i].status);
        ck_assert_msg(strstr(error_text(&why), rows[i].part) != NULL, "%s", error_text(&why));
        ck_assert_int_eq(process.pid, 0);
    }
}

static void a_spawned_server_answers_and_ends_with_its_truth(void)
{
    struct sim_process process;
    struct error why = {0};
    struct buf answer = BUF_INIT(1 << 20);
    host.truth = testkit_tmp_path("spawned.jsonl");
    struct sim_options options = {.truth_path = host.truth};
    ck_assert_msg(sim_spawn(&options, &process, &why) == STATUS_OK, "%s", error_text(&why));
    int fd = sim_host_dial(process.url);
    ck_assert_int_ge(fd, 0);
    sim_host_send(fd, GET_HEALTH);
    sim_host_read_until(fd, &answer, HEALTHY);
    char url[SIM_URL_SIZE];
    memcpy(url, process.url, sizeof url);
    sim_stop(&process);
    ck_assert_int_eq(process.pid, 0);
    sim_stop(&process);
    ck_assert_int_eq(sim_host_dial(url), -1);
    struct json_object *truth = sim_host_read_truth(&host);
    ck_assert_uint_eq(json_object_array_length(truth), 2);
    json_object_put(truth);
    close(fd);
    buf_fini(&answer);
}

static void a_spawned_server_ends_with_its_parent(void)
{
    struct sim_process process = {0};
    int fds[2];
    ck_assert_int_eq(pipe(fds), 0);
    pid_t parent = fork();
    if (parent == 0) {
        bool ok = sim_spawn(&(struct sim_options){0}, &process, NULL) == STATUS_OK &&
                  write(fds[1], &process, sizeof process) == (ssize_t)sizeof process;
        _exit(ok ? 0 : 1);
    }
    ck_assert_int_eq(read(fds[0], &process, sizeof process), sizeof process);
    ck_assert_int_eq(waitpid(parent, NULL, 0), parent);
    int64_t end_ns = clock_mono_ns(clock_system()) + 60 * NS_PER_S;
    int fd;
    while ((fd = sim_host_dial(process.url)) >= 0) {
        close(fd);
        ck_assert_msg(clock_mono_ns(clock_system()) < end_ns, "the server outlives its parent");
        clock_sleep_until(clock_system(), clock_mono_ns(clock_system()) + 20 * NS_PER_MS);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(one_connection_serves_one_request_after_the_other),
        TESTKIT_TEST(requests_sent_ahead_are_answered_in_order),
        TESTKIT_TEST(improper_requests_are_refused_in_the_shape_of_openai),
        TESTKIT_TEST(bodies_may_be_chunked_and_expected),
        TESTKIT_TEST(models_health_and_props_are_answered),
        TESTKIT_TEST(the_default_model_may_answer_what_others_refuse),
        TESTKIT_TEST(every_second_request_is_refused_with_retry_after),
        TESTKIT_TEST(connections_end_with_fin_or_rst_as_asked),
        TESTKIT_TEST(clients_that_dawdle_are_sent_away),
        TESTKIT_TEST(clients_that_do_not_read_are_dropped),
        TESTKIT_TEST(a_client_that_leaves_is_noticed),
        TESTKIT_TEST(noise_does_not_harm_the_server),
        TESTKIT_TEST(wrong_options_are_refused_with_a_reason),
        TESTKIT_TEST(a_spawned_server_answers_and_ends_with_its_truth),
        TESTKIT_TEST(a_spawned_server_ends_with_its_parent),
        {0},
    };
    return testkit_run("sim_server", tests);
}
