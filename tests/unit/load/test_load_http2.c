/* Load tests over HTTP/2: the simulator, nghttpx in front of it, one stream to two hundred. */
#include "load_trial.h"

#include "clock.h"
#include "h2_proxy.h"
#include "load_test.h"
#include "testkit.h"
#include "transport.h"
#include "tries.h"

#include <stdlib.h>
#include <sys/resource.h>

enum { ROUNDS = 3 };

/* Streams of sim-long: the first token after 50 ms, then one every 10 ms. */
#define TTFT_NS (50 * NS_PER_MS)

struct trial {
    struct load_trial *load;
    struct h2_proxy *proxy;
    struct http_transport way;
};

static struct trial *begin(bool tls, int streams, int max_streams)
{
    struct trial *t = calloc(1, sizeof *t);
    struct error why = {0};
    t->load = load_trial_begin("sim-long", (size_t)(streams * ROUNDS), streams);
    t->proxy = h2_proxy_start(
        &(struct h2_proxy_options){.backend = t->load->sim.url, .tls = tls, .max_streams = max_streams});
    t->way.http = HTTP_WISH_2;
    if (tls)
        ck_assert_int_eq(http_transport_set(&t->way.ca_file, h2_proxy_ca(t->proxy), &why), STATUS_OK);
    t->load->choice.access = (struct target_access){.url = h2_proxy_url(t->proxy), .transport = &t->way};
    return t;
}

static void run(struct trial *t, int threads, bool fresh)
{
    t->load->options.threads = threads;
    t->load->options.fresh_connections = fresh;
    load_trial_run(t->load);
}

static void end(struct trial *t)
{
    load_trial_end(t->load);
    http_transport_fini(&t->way);
    h2_proxy_stop(t->proxy);
    free(t);
}

struct counts {
    size_t all, ok, http_2, made, events, early;
    int64_t ttft_sum_ns;
};

static struct counts count(const struct trial *t)
{
    struct counts c = {0};
    for (struct load_cursor at = LOAD_CURSOR_FIRST; load_next_sample(&t->load->outcome, &at);) {
        const struct load_sample *s = at.sample;
        int64_t ttft_ns = 0;
        c.all++;
        c.ok += load_sample_ok(s) && load_sample_ttft_ns(s, &ttft_ns);
        c.http_2 += (s->flags & LOAD_HTTP_2) != 0;
        c.made += !(s->flags & LOAD_REUSED);
        c.events += s->token_events;
        c.early += ttft_ns < TTFT_NS;
        c.ttft_sum_ns += ttft_ns;
    }
    return c;
}

static int64_t mean_ns(const struct counts *c)
{
    return c->ttft_sum_ns / (int64_t)c->all;
}

/* That streams do not wait for each other, which would be for whole answers: the same plan once more, over HTTP/1.1 and
 * straight to the simulator, says what this machine makes of it at this moment. */
static void judge_ttft(struct tries *tries, struct trial *t, const struct counts *c, int threads)
{
    t->load->choice.access = (struct target_access){.url = t->load->sim.url};
    load_outcome_fini(&t->load->outcome);
    run(t, threads, false);
    struct counts control = count(t);
    ck_assert_uint_eq(control.ok, c->all);
    tries_judge(tries, mean_ns(c) < 2 * mean_ns(&control) + TTFT_NS,
        "the mean time to first token is %lld us, %lld us over HTTP/1.1", (long long)(mean_ns(c) / NS_PER_US),
        (long long)(mean_ns(&control) / NS_PER_US));
}

/* A slow machine has all streams in flight at once only where their answers are long. */
static void check_own_events(struct tries *tries, bool tls, int streams)
{
    struct trial *t = begin(tls, streams, 100);
    uint32_t tokens = LOAD_TRIAL_TOKENS * (uint32_t)tries_patience(tries);
    for (size_t i = 0; i < t->load->plan.count; i++)
        t->load->plan.items[i].output_tokens = tokens;
    run(t, 1, false);
    struct counts c = count(t);
    ck_assert_uint_eq(c.all, (size_t)(streams * ROUNDS));
    ck_assert_msg(c.ok == c.all, "%zu of %zu", c.ok, c.all);
    ck_assert_uint_eq(c.http_2, c.all);
    ck_assert_uint_eq(c.events, c.all * tokens);
    ck_assert_uint_eq(c.early, 0);
    tries_judge(tries, c.made == (streams > 100), /* beside the one that the target was probed with */
        "%zu connections for %d streams", c.made, streams);
    judge_ttft(tries, t, &c, 1);
    end(t);
}

/* Whose event an event is, and when it came: a stream that got another's would be early, or too short. */
static void every_stream_has_its_own_events_at_their_times(void)
{
    static const int streams[] = {1, 16, 200};
    if (!h2_proxy_installed())
        TESTKIT_SKIP("there is no nghttpx (or no openssl)");
    for (int k = 0; k < 6; k++)
        for (struct tries tries = {0}; tries_next(&tries);)
            check_own_events(&tries, k >= 3, streams[k % 3]);
}

/* Each thread has connections of its own; the server's limit makes more of them, and no answer seem slow. */
static void many_connections_where_the_server_wants_few_streams_on_each(void)
{
    if (!h2_proxy_installed())
        TESTKIT_SKIP("there is no nghttpx (or no openssl)");
    for (struct tries tries = {0}; tries_next(&tries);) {
        struct trial *t = begin(false, 64, 8);
        run(t, 2, false);
        struct counts c = count(t);
        ck_assert_uint_eq(c.ok, 64 * ROUNDS);
        ck_assert_uint_eq(c.events, c.all * LOAD_TRIAL_TOKENS);
        tries_judge(&tries, c.made >= 64 / 8 - 2 && c.made <= 64 / 8 + 2, "%zu connections", c.made);
        judge_ttft(&tries, t, &c, 2);
        end(t);
    }
}

static void fresh_connections_are_as_many_as_requests(void)
{
    if (!h2_proxy_installed())
        TESTKIT_SKIP("there is no nghttpx (or no openssl)");
    for (int tls = 0; tls < 2; tls++) {
        struct trial *t = begin(tls, 8, 100);
        run(t, 1, true);
        struct counts c = count(t);
        ck_assert_uint_eq(c.ok, 8 * ROUNDS);
        ck_assert_uint_eq(c.made, c.all);
        ck_assert_uint_eq(c.http_2, c.all);
        end(t);
    }
}

/* 64 streams on one connection take no 64 descriptors, however few are allowed. */
static void streams_that_share_a_connection_are_no_descriptors(void)
{
    if (!h2_proxy_installed())
        TESTKIT_SKIP("there is no nghttpx (or no openssl)");
    struct trial *t = begin(false, 1, 100);
    struct load_test test;
    struct error why = {0};
    struct load_test_options o = {.plan = {.arrivals = {.kind = ARRIVALS_CLOSED, .streams = 64},
                                      .count = 300,
                                      .prompt_tokens = {.kind = LENGTH_FIXED, .mean = 16},
                                      .output_tokens = {.kind = LENGTH_FIXED, .mean = LOAD_TRIAL_TOKENS},
                                      .seed = 1},
        .client = {
            .choices = &t->load->choice, .choice_count = 1, .drain_ns = 10 * NS_PER_S, .temperature = -1}};
    struct rlimit limit, low;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    low = limit;
    low.rlim_cur = 80;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &low), 0);
    enum status s = load_test_run(&o, &test, &why);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    ck_assert_msg(s == STATUS_OK, "%s", error_text(&why));
    ck_assert_msg(test.has_window, "%s", test.no_window.text);
    ck_assert_uint_gt(test.result.counts.http_2, 0);
    ck_assert_ptr_null(load_verdict_reason(&test.verdict, "descriptors_share"));
    ck_assert_ptr_null(load_verdict_reason(&test.verdict, "local_failures"));
    load_test_fini(&test);
    end(t);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(every_stream_has_its_own_events_at_their_times),
        TESTKIT_TEST(many_connections_where_the_server_wants_few_streams_on_each),
        TESTKIT_TEST(fresh_connections_are_as_many_as_requests),
        TESTKIT_TEST(streams_that_share_a_connection_are_no_descriptors),
        {0},
    };
    return testkit_run("load_http2", tests);
}
