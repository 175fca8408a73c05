/* The simulated server at scale: what it says of its own lateness, and the truth summed up. */
#include "sim_host.h"

#include "clock.h"
#include "json.h"
#include "our_schemas.h"
#include "testkit.h"
#include "tries.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct sim_host host;

static void assert_valid(struct json_object *instance)
{
    struct error why = {0};
    const struct schema *schema = schema_for("truth");
    ck_assert_ptr_nonnull(schema);
    ck_assert_msg(schema_check(schema, instance, &why) == STATUS_OK, "%s", error_text(&why));
}

/* A request on a connection of its own; the answer is read to its end and, where wanted, kept. */
static struct json_object *ask(const char *request)
{
    struct buf answer = BUF_INIT(1 << 20);
    struct json_object *tree = NULL;
    int fd = sim_host_connect(&host);
    sim_host_send(fd, request);
    ck_assert_int_eq(sim_host_read_all(fd, &answer), 0);
    const char *body = strstr(buf_text(&answer), "\r\n\r\n");
    ck_assert_ptr_nonnull(body);
    ck_assert_int_eq(json_parse(body + 4, strlen(body + 4), &tree, NULL), STATUS_OK);
    close(fd);
    buf_fini(&answer);
    return tree;
}

static void stream_one(const char *model)
{
    struct buf answer = BUF_INIT(1 << 20);
    int fd = sim_host_connect(&host);
    sim_host_post(fd, model, true, ",\"max_tokens\":20");
    sim_host_read_until(fd, &answer, "0\r\n\r\n");
    close(fd);
    buf_fini(&answer);
}

static int64_t events_in(struct json_object *lateness)
{
    int64_t events = -1;
    ck_assert(json_get_int(lateness, "/events", &events));
    json_object_put(lateness);
    return events;
}

static void the_lateness_so_far_can_be_asked_for_and_begun_anew(void)
{
    static const char get[] = "GET /sim/lateness HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    static const char post[] =
        "POST /sim/lateness HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    sim_host_start(&host, &(struct sim_options){.as = "ollama"});
    struct json_object *none = ask(get);
    ck_assert_ptr_null(json_get(none, "/lateness"));
    ck_assert_int_eq(events_in(none), 0);
    stream_one("sim-fast");
    struct json_object *some = ask(get);
    double p50_s = -1, p99_s = -1, max_s = -1;
    ck_assert(json_get_real(some, "/lateness/p50_s", &p50_s) &&
              json_get_real(some, "/lateness/p99_s", &p99_s) &&
              json_get_real(some, "/lateness/max_s", &max_s));
    ck_assert(p50_s > 0 && p50_s <= p99_s && p99_s <= max_s && max_s < 60);
    ck_assert_int_eq(events_in(some), 23); /* the role, 20 tokens, the finish, [DONE] */
    ck_assert_int_eq(events_in(ask(post)), 23);
    ck_assert_int_eq(events_in(ask(get)), 0);
    sim_host_stop(&host);
}

static void the_truth_can_be_summed_up(void)
{
    struct json_object *request, *truth;
    int64_t read_ns = 0, first_ns = 0, last_ns = 0, events = 0, tokens = 0, all = 0;
    sim_host_start(&host, &(struct sim_options){.truth_brief = true});
    stream_one("sim-fast");
    sim_host_stop(&host);
    truth = sim_host_read_truth(&host);
    ck_assert_uint_eq(json_object_array_length(truth), 2);
    assert_valid(request = json_object_array_get_idx(truth, 0));
    assert_valid(json_object_array_get_idx(truth, 1));
    ck_assert_ptr_null(json_get(request, "/events"));
    ck_assert(json_get_int(request, "/read_ns", &read_ns) && json_get_int(request, "/sum/events", &events) &&
              json_get_int(request, "/sum/token_events", &tokens) &&
              json_get_int(request, "/sum/first_token_ns", &first_ns) &&
              json_get_int(request, "/sum/last_token_ns", &last_ns));
    ck_assert_int_eq(events, 23);
    ck_assert_int_eq(tokens, 20);
    ck_assert_int_ge(first_ns, read_ns + 2000000);
    ck_assert_int_ge(last_ns, first_ns + 1);
    ck_assert(json_get_int(json_object_array_get_idx(truth, 1), "/events", &all));
    ck_assert_int_eq(all, 23);
    json_object_put(truth);
}

/* Scheduled times of the token events of a record. */
static size_t token_times(struct json_object *request, int64_t *times_ns, size_t room)
{
    struct json_object *events = json_get_array(request, "/events");
    size_t n = 0;
    for (size_t i = 0; i < json_object_array_length(events); i++) {
        int64_t tokens = 0;
        json_get_int(json_object_array_get_idx(events, i), "/tokens", &tokens);
        if (tokens == 0)
            continue;
        ck_assert_uint_lt(n, room);
        ck_assert(json_get_int(json_object_array_get_idx(events, i), "/scheduled_ns", &times_ns[n++]));
    }
    return n;
}

/* Twelve requests at once for eight places of sim-engine: batches and steps as its spec says. */
static void share_one_engine(struct tries *tries)
{
    enum { REQUESTS = 12, TOKENS = 40 };
    int64_t times_ns[TOKENS + 1];
    int fds[REQUESTS], later = 0, gaps = 0, odd = 0;
    sim_host_start(&host, &(struct sim_options){0});
    for (int i = 0; i < REQUESTS; i++) {
        fds[i] = sim_host_connect(&host);
        sim_host_post(fds[i], "sim-engine", i != 3, ",\"max_tokens\":40");
    }
    for (int i = 0; i < REQUESTS; i++) {
        struct buf answer = BUF_INIT(1 << 20);
        sim_host_read_until(fds[i], &answer, i == 3 ? "reasoning_tokens\":0}}}" : "0\r\n\r\n");
        close(fds[i]);
        buf_fini(&answer);
    }
    struct json_object *engines = ask("GET /sim/engine HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    int64_t steps = 0, tokens = 0, waiting = -1, kv = -1;
    ck_assert_str_eq(json_get_text(engines, "/engines/0/model"), "sim-engine");
    ck_assert(json_get_int(engines, "/engines/0/steps", &steps) &&
              json_get_int(engines, "/engines/0/tokens", &tokens) &&
              json_get_int(engines, "/engines/0/waiting", &waiting) &&
              json_get_int(engines, "/engines/0/kv_tokens_used", &kv));
    ck_assert_int_eq(tokens, REQUESTS * TOKENS);
    ck_assert_int_ge(steps, 2 * TOKENS);
    ck_assert_int_eq(waiting + kv, 0);
    json_object_put(engines);
    sim_host_stop(&host);
    struct json_object *truth = sim_host_read_truth(&host);
    for (int i = 0; i < REQUESTS; i++) {
        struct json_object *request = json_object_array_get_idx(truth, (size_t)i);
        int64_t waited_ns = 0;
        assert_valid(request);
        ck_assert(json_get_int(request, "/waited_ns", &waited_ns));
        later += waited_ns > 4 * 11000000;
        size_t n = token_times(request, times_ns, TOKENS + 1);
        ck_assert(n == TOKENS || n == 1); /* one that is not streamed comes in one piece */
        for (size_t t = 1; t < n; t++) {
            int64_t gap_ns = times_ns[t] - times_ns[t - 1];
            gaps++; /* of step(1) at least; of step(8) at most, and the prompts of others before it */
            odd += gap_ns < 11000000 || gap_ns > 18000000 + 7 * 12500000;
        }
    }
    /* A server that was kept waiting itself makes several steps at once. */
    tries_judge(tries, odd * 5 <= gaps, "%d of %d gaps are not those of its steps", odd, gaps);
    /* Who found no place waited for four steps at least, if all of them came before the first had ended. */
    tries_judge(tries, later >= 4, "%d requests waited", later);
    json_object_put(truth);
}

static void requests_share_one_engine_by_its_rules(void)
{
    for (struct tries tries = {0}; tries_next(&tries);)
        share_one_engine(&tries);
}

static void what_does_not_fit_into_the_engine_is_refused(void)
{
    static const char head[] = "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nConnection: close\r\n";
    static const char body[] =
        "{\"model\":\"sim-engine\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
        "\"max_tokens\":5000}";
    char request[512];
    snprintf(request, sizeof request, "%sContent-Length: %zu\r\n\r\n%s", head, sizeof body - 1, body);
    sim_host_start(&host, &(struct sim_options){0});
    struct json_object *refusal = ask(request);
    ck_assert_str_eq(json_get_text(refusal, "/error/code"), "context_length_exceeded");
    json_object_put(refusal);
    sim_host_stop(&host);
}

/* 420 writes that were to take 12 ms, with 1 ms of work for each. */
static void a_server_that_is_too_slow_says_so(void)
{
    enum { STREAMS = 20 };
    int fds[STREAMS];
    double p50_s = 0;
    sim_host_start(&host, &(struct sim_options){.burn_ns = NS_PER_MS});
    for (int i = 0; i < STREAMS; i++) {
        fds[i] = sim_host_connect(&host);
        sim_host_post(fds[i], "sim-fast", true, ",\"max_tokens\":20");
    }
    for (int i = 0; i < STREAMS; i++) {
        struct buf answer = BUF_INIT(1 << 20);
        sim_host_read_until(fds[i], &answer, "0\r\n\r\n");
        close(fds[i]);
        buf_fini(&answer);
    }
    struct json_object *lateness = ask("GET /sim/lateness HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    ck_assert(json_get_real(lateness, "/lateness/p50_s", &p50_s));
    ck_assert_double_gt(p50_s, 0.05);
    json_object_put(lateness);
    sim_host_stop(&host);
}

/* Of a stream that was on its way, how far apart its tokens left, and what the summary says of it. */
static void check_stalled(struct tries *tries, double stall_s)
{
    struct json_object *truth = sim_host_read_truth(&host), *summary;
    int64_t sent_ns, before_ns = 0, longest_ns = 0;
    double stalled_s = 0, max_s = 0;
    struct json_object *events = NULL;
    for (size_t i = 0; !events && i < json_object_array_length(truth); i++)
        if (json_get_text(json_object_array_get_idx(truth, i), "/scenario"))
            events = json_get_array(json_object_array_get_idx(truth, i), "/events");
    for (size_t i = 0; i < json_object_array_length(events); i++) {
        ck_assert(json_get_int(json_object_array_get_idx(events, i), "/sent_ns", &sent_ns));
        if (before_ns && sent_ns - before_ns > longest_ns)
            longest_ns = sent_ns - before_ns;
        before_ns = sent_ns;
    }
    tries_judge(tries, longest_ns >= (int64_t)(stall_s * 0.95e9), "%lld us apart at most",
        (long long)(longest_ns / NS_PER_US));
    assert_valid(summary = json_object_array_get_idx(truth, json_object_array_length(truth) - 1));
    ck_assert(json_get_real(summary, "/stalled_s", &stalled_s) &&
              json_get_real(summary, "/lateness/max_s", &max_s));
    ck_assert_double_eq_tol(stalled_s, stall_s, 1e-6);
    tries_judge(tries, max_s < stall_s, "what was asked for is its own fault: late by %g s", max_s);
    json_object_put(truth);
}

static void stand_still(struct tries *tries, int threads)
{
    static const char stall[] =
        "POST /sim/stall HTTP/1.1\r\nHost: h\r\nContent-Length: 15\r\nConnection: close\r\n\r\n"
        "{\"seconds\":0.3}";
    struct buf answer = BUF_INIT(1 << 20);
    sim_host_start(&host, &(struct sim_options){.threads = threads});
    int fd = sim_host_connect(&host);
    sim_host_post(fd, "sim-long", true, ",\"max_tokens\":60");
    sim_host_read_until(fd, &answer, "content");
    json_object_put(ask(stall));
    sim_host_read_until(fd, &answer, "0\r\n\r\n");
    close(fd);
    buf_fini(&answer);
    sim_host_stop(&host);
    check_stalled(tries, 0.3);
}

/* A crowded machine may keep the server itself waiting for as long, or the question until the stream is over. */
static void all_streams_can_be_let_stand_still(void)
{
    for (int threads = 1; threads <= 2; threads++)
        for (struct tries tries = {0}; tries_next(&tries);)
            stand_still(&tries, threads);
}

static void a_stall_may_be_planned_and_ends_early_when_the_server_is_stopped(void)
{
    for (struct tries tries = {0}; tries_next(&tries);) {
        sim_host_start(
            &host, &(struct sim_options){.stall_at_ns = 100 * NS_PER_MS, .stall_for_ns = 200 * NS_PER_MS});
        stream_one("sim-steady");
        sim_host_stop(&host);
        check_stalled(&tries, 0.2);
    }
    sim_host_start(&host, &(struct sim_options){.stall_for_ns = 3600 * NS_PER_S});
    int fd = sim_host_connect(&host);
    sim_host_post(fd, "sim-steady", true, "");
    usleep(100000);
    int64_t begin_ns = clock_mono_ns(clock_system());
    sim_host_stop(&host);
    ck_assert_int_lt(clock_mono_ns(clock_system()) - begin_ns, 100 * NS_PER_S); /* of an hour */
    close(fd);
}

/* Each of three loops gets two of six connections, and each number is given once. */
static void threads_share_the_connections_evenly(void)
{
    enum { REQUESTS = 6 };
    int fds[REQUESTS];
    int64_t threads = 0, requests = 0, sum = 0, complete = 0, events = 0;
    sim_host_start(&host, &(struct sim_options){.threads = 3});
    for (int i = 0; i < REQUESTS; i++) {
        fds[i] = sim_host_connect(&host);
        sim_host_post(fds[i], "sim-fast", true, ",\"max_tokens\":20");
    }
    for (int i = 0; i < REQUESTS; i++) {
        struct buf answer = BUF_INIT(1 << 20);
        sim_host_read_until(fds[i], &answer, "0\r\n\r\n");
        buf_fini(&answer);
    }
    struct json_object *lateness = ask("GET /sim/lateness HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    ck_assert(json_get_int(lateness, "/threads", &threads) && json_get_int(lateness, "/requests", &requests));
    ck_assert_int_eq(threads, 3);
    ck_assert_int_eq(requests, REQUESTS + 1);
    /* Another thread counts an event behind sending it: its last may come behind the question. */
    int64_t counted = events_in(lateness);
    ck_assert_msg(
        counted <= REQUESTS * 23 && counted > REQUESTS * (23 - 1), "%lld events", (long long)counted);
    for (int i = 0; i < REQUESTS; i++)
        close(fds[i]);
    sim_host_stop(&host);
    struct json_object *truth = sim_host_read_truth(&host);
    ck_assert_uint_eq(json_object_array_length(truth), REQUESTS + 2);
    for (size_t i = 0; i < REQUESTS + 1; i++) {
        int64_t number = 0;
        assert_valid(json_object_array_get_idx(truth, i));
        ck_assert(json_get_int(json_object_array_get_idx(truth, i), "/request", &number));
        sum += INT64_C(1) << (4 * number);
    }
    ck_assert_int_eq(sum, 0x11111110); /* 1 to 7, each once */
    struct json_object *summary = json_object_array_get_idx(truth, REQUESTS + 1);
    assert_valid(summary);
    ck_assert(json_get_int(summary, "/complete", &complete) && json_get_int(summary, "/events", &events));
    ck_assert_int_eq(complete, REQUESTS + 1);
    ck_assert_int_eq(events, REQUESTS * 23);
    json_object_put(truth);
}

static void what_needs_all_its_requests_together_is_refused_on_several_threads(void)
{
    static const char *const models[] = {"sim-engine", NULL};
    struct buf answer = BUF_INIT(1 << 16);
    struct sim_server *server;
    struct error why = {0};
    ck_assert_int_eq(
        sim_server_open(&(struct sim_options){.threads = 2, .models = models}, &server, &why), STATUS_USAGE);
    ck_assert_str_eq(error_text(&why), "the model \"sim-engine\" needs all its requests on one thread");
    sim_host_start(&host, &(struct sim_options){.threads = 2});
    int fd = sim_host_connect(&host);
    sim_host_post(fd, "sim-slots", true, "");
    sim_host_read_until(fd, &answer, "start the simulator with --threads 1");
    close(fd);
    buf_fini(&answer);
    sim_host_stop(&host);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(the_lateness_so_far_can_be_asked_for_and_begun_anew),
        TESTKIT_TEST(the_truth_can_be_summed_up),
        TESTKIT_TEST(a_server_that_is_too_slow_says_so),
        TESTKIT_TEST(all_streams_can_be_let_stand_still),
        TESTKIT_TEST(a_stall_may_be_planned_and_ends_early_when_the_server_is_stopped),
        TESTKIT_TEST(threads_share_the_connections_evenly),
        TESTKIT_TEST(what_needs_all_its_requests_together_is_refused_on_several_threads),
        TESTKIT_TEST(requests_share_one_engine_by_its_rules),
        TESTKIT_TEST(what_does_not_fit_into_the_engine_is_refused),
        {0},
    };
    return testkit_run("sim_scale", tests);
}
