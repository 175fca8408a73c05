/*
 * What do HTTP/2 and TLS add to the times that the load client measures? The same answers (the first token after
 * 50 ms, then 49 more, one every 20 ms) from the simulator directly, and through nghttpx in HTTP/1.1, in HTTP/2 by
 * prior knowledge and with TLS. What the proxy itself adds is in all but the first.
 *
 *     build/release/tests/speed/bench_http2
 *
 * Errors are against what the simulator was told to do. CPU is that of the client's thread, a 100 000 events. Client,
 * proxy and simulator share the machine, none is bound to a core.
 */
#include "clock.h"
#include "distribution.h"
#include "h2_proxy.h"
#include "hist.h"
#include "load_client.h"
#include "sim.h"
#include "testkit.h"
#include "transport.h"

#include <stdio.h>
#include <stdlib.h>

enum { TOKENS = 50, EVENTS = TOKENS + 2, TTFT_MS = 50, GAP_MS = 20, ROUNDS = 6 };

static const struct way {
    const char *name;
    bool proxy, tls;
    enum http_wish http;
} ways[] = {
    {"HTTP/1.1, no proxy", false, false, HTTP_WISH_1_1},
    {"HTTP/1.1", true, false, HTTP_WISH_1_1},
    {"HTTP/1.1, TLS", true, true, HTTP_WISH_1_1},
    {"HTTP/2", true, false, HTTP_WISH_2},
    {"HTTP/2, TLS", true, true, HTTP_WISH_2},
};

static void write_scenario(const char *path)
{
    struct buf text = BUF_INIT(4096);
    buf_printf(&text,
        "{\"name\":\"even\",\"summary\":\"even\",\"ttft\":{\"distribution\":\"constant\",\"mean_s\":0.0%d},"
        "\"gap\":{\"distribution\":\"constant\",\"mean_s\":0.0%d},\"answer\":{\"kind\":\"words\",\"tokens\":%"
        "d}}\n",
        TTFT_MS, GAP_MS, TOKENS);
    testkit_write(path, text.data, text.len);
    buf_fini(&text);
}

struct seen {
    struct distribution ttft_ms;
    size_t all, ok, events, made;
};

static void look_at(struct seen *seen, const struct load_outcome *outcome)
{
    for (struct load_cursor at = LOAD_CURSOR_FIRST; load_next_sample(outcome, &at);) {
        int64_t ns;
        seen->all++;
        seen->ok += load_sample_ok(at.sample);
        seen->events += at.sample->token_events;
        seen->made += !(at.sample->flags & LOAD_REUSED);
        if (!(at.sample->flags & LOAD_WARMUP) && load_sample_ttft_ns(at.sample, &ns))
            distribution_add(&seen->ttft_ms, (double)ns / NS_PER_MS - TTFT_MS);
    }
}

static void print_row(const struct way *way, int streams, struct seen *seen, const struct load_outcome *o)
{
    struct summary s;
    ck_assert_int_eq(distribution_summarise(&seen->ttft_ms, &s), STATUS_OK);
    printf("| %-18s | %4d | %5.2f | ", way->name, streams, s.mean);
    if (s.has_p99)
        printf("%5.2f", s.p99);
    else
        printf("    -");
    printf(" | %5.2f | %6.2f | %5.2f | %4zu |\n", s.max, hist_quantile(o->reports[0].gaps, 0.99) / NS_PER_MS,
        o->reports[0].cpu_s / (double)(seen->all * EVENTS) * 1e5, seen->made);
    (void)fflush(stdout);
}

static void measure(const struct way *way, int streams, const char *url, struct http_transport *transport)
{
    struct load_plan plan = {0};
    struct load_prompts prompts;
    struct load_outcome outcome;
    struct seen seen = {.all = 0};
    struct error why = {0};
    struct load_choice choice = {.access = {.url = url, .transport = transport}, .model = "even"};
    struct load_plan_options p = {.arrivals = {.kind = ARRIVALS_CLOSED, .streams = streams},
        .count = (size_t)(streams * ROUNDS),
        .prompt_tokens = {.kind = LENGTH_FIXED, .mean = 16},
        .output_tokens = {.kind = LENGTH_FIXED, .mean = TOKENS},
        .seed = 1};
    ck_assert_int_eq(load_plan_make(&p, &plan, &why), STATUS_OK);
    load_prompts_init(&prompts, &plan, 1);
    struct load_client_options o = {.plan = &plan,
        .choices = &choice,
        .choice_count = 1,
        .warmup_ns = 900 * NS_PER_MS,
        .drain_ns = 20 * NS_PER_S,
        .temperature = -1,
        .prompts = &prompts};
    ck_assert_msg(load_client_run(&o, &outcome, &why) == STATUS_OK, "%s", error_text(&why));
    look_at(&seen, &outcome);
    ck_assert_uint_eq(seen.ok, seen.all);
    ck_assert_uint_eq(seen.events, seen.all * TOKENS);
    print_row(way, streams, &seen, &outcome);
    distribution_fini(&seen.ttft_ms);
    load_outcome_fini(&outcome);
    load_plan_fini(&plan);
}

static void measure_way(const struct way *way, int streams)
{
    const char *scenario = testkit_tmp_path("even.json"), *files[] = {scenario, NULL},
               *models[] = {"even", NULL};
    struct sim_process sim;
    struct http_transport transport = {.http = way->http};
    struct error why = {0};
    write_scenario(scenario);
    ck_assert_int_eq(
        sim_spawn(&(struct sim_options){.scenario_files = files, .models = models, .seed = 1}, &sim, &why),
        STATUS_OK);
    struct h2_proxy *proxy =
        way->proxy ? h2_proxy_start(&(struct h2_proxy_options){.backend = sim.url, .tls = way->tls}) : NULL;
    if (way->tls)
        ck_assert_int_eq(http_transport_set(&transport.ca_file, h2_proxy_ca(proxy), &why), STATUS_OK);
    measure(way, streams, proxy ? h2_proxy_url(proxy) : sim.url, &transport);
    http_transport_fini(&transport);
    if (proxy)
        h2_proxy_stop(proxy);
    sim_stop(&sim);
}

static void each_way_at_1_16_and_200_streams(void)
{
    static const int streams[] = {1, 16, 200};
    if (!h2_proxy_installed())
        TESTKIT_SKIP("there is no nghttpx (or no openssl)");
    printf("| way | streams | TTFT off, mean ms | p99 | max | gap p99 ms | CPU s | connections made |\n");
    for (size_t k = 0; k < sizeof streams / sizeof streams[0]; k++)
        for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
            measure_way(&ways[i], streams[k]);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        {.name = "each_way_at_1_16_and_200_streams",
            .body = each_way_at_1_16_and_200_streams,
            .timeout_s = 280},
        {0},
    };
    return testkit_run("bench_http2", tests);
}
