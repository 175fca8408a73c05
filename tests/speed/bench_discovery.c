/*
 * How long discovery takes where five servers answer, each with 200 models:   bench_discovery
 *
 * The servers answer at once, each request on a thread of its own, so that what is measured is ours. Then the
 * same of five that pass for Ollama, which is asked about each of its models.
 */
#include "portfolio.h"

#include "canned_server.h"
#include "clock.h"
#include "sim.h"
#include "stats.h"
#include "testkit.h"

#include <stdio.h>
#include <stdlib.h>

enum { SERVERS = 5, MODELS = 200, ROUNDS = 15 };

static char *list_of_models(void)
{
    struct buf text = BUF_INIT(1 << 20);
    buf_append_text(
        &text, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"data\":[");
    for (int i = 0; i < MODELS; i++)
        buf_printf(&text,
            "%s{\"id\":\"org/"
            "model-%d-7B-Instruct-Q4_K_M\",\"object\":\"model\",\"owned_by\":\"somebody\",\"max_model_len\":"
            "32768,\"size\":%d}",
            i ? "," : "", i, 4000000 + i);
    buf_append_text(&text, "]}");
    return buf_take(&text);
}

/* Milliseconds of one discovery; negative where a server or a model is missing. */
static double discover_ms(const struct target_access *servers)
{
    struct portfolio_options options = {.servers = servers, .server_count = SERVERS};
    struct portfolio portfolio;
    struct error why = {0};
    int64_t start_ns = clock_mono_ns(clock_system());
    if (portfolio_discover(&options, &portfolio, &why) != STATUS_OK)
        return -1;
    double ms = (double)(clock_mono_ns(clock_system()) - start_ns) / 1e6;
    for (size_t i = 0; i < portfolio.count; i++)
        if (portfolio.targets[i].status != STATUS_OK || portfolio.targets[i].models.count != MODELS ||
            portfolio.targets[i].models.undescribed > 0)
            ms = -1;
    portfolio_fini(&portfolio);
    return ms;
}

static void print_rounds(const char *kind, const double *ms)
{
    double worst = 0;
    for (int i = 0; i < ROUNDS; i++)
        worst = ms[i] > worst ? ms[i] : worst;
    printf("%d %s, %d models each: median %.1f ms, longest of %d %.1f ms\n", SERVERS, kind, MODELS,
        stats_median(ms, ROUNDS), ROUNDS, worst);
    (void)fflush(stdout);
}

static void discovery_of_ollama(void)
{
    struct sim_options options = {.as = "ollama", .model_count = MODELS};
    struct sim_process sims[SERVERS];
    struct target_access access[SERVERS];
    struct error why = {0};
    double ms[ROUNDS];
    bool complete = true;
    for (int i = 0; i < SERVERS; i++) {
        ck_assert_msg(sim_spawn(&options, &sims[i], &why) == STATUS_OK, "%s", error_text(&why));
        access[i] = (struct target_access){.url = sims[i].url};
    }
    for (int round = 0; complete && round < ROUNDS; round++) {
        ms[round] = discover_ms(access);
        complete = ms[round] >= 0;
    }
    for (int i = 0; i < SERVERS; i++)
        sim_stop(&sims[i]);
    ck_assert_msg(complete, "a server or a model is missing");
    print_rounds("servers of Ollama's kind", ms);
}

static void discovery(void)
{
    char *list = list_of_models();
    struct canned_reply reply = {.text = list, .end = CANNED_CLOSE};
    struct canned_server *servers[SERVERS];
    struct target_access access[SERVERS];
    double ms[ROUNDS];
    for (int i = 0; i < SERVERS; i++) {
        servers[i] = canned_server_start(&reply, 1);
        access[i] = (struct target_access){.url = canned_server_url(servers[i])};
    }
    bool complete = list != NULL;
    for (int round = 0; complete && round < ROUNDS; round++) {
        ms[round] = discover_ms(access);
        complete = ms[round] >= 0;
    }
    for (int i = 0; i < SERVERS; i++)
        canned_server_stop(servers[i]);
    free(list);
    ck_assert_msg(complete, "a server or a model is missing");
    print_rounds("servers", ms);
}

/* The servers are those of the tests, which report through Check. */
int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(discovery), TESTKIT_TEST(discovery_of_ollama), {0}};
    return testkit_run("discovery", tests);
}
