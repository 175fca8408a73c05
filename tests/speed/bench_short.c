/*
 * What does a short request cost? 64 connections, two client threads, a server that answers at once with one small
 * body, or with a stream of one token: the load client, and in turn with it one that only polls and reads.
 *
 *     build/release/tests/speed/bench_short            # both forms, five times each, the medians
 *     build/release/tests/speed/bench_short 9 20000    # nine times, 20 000 requests each
 *
 * CPU is in microseconds a request, of all threads of the client, and of the server. Client and server share the
 * machine; "on 2 cores" is what two client threads could ask if their cores were their own: 2 / CPU.
 */
#include "answer_server.h"
#include "clock.h"
#include "load_client.h"
#include "poll_client.h"
#include "stats.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { CONNECTIONS = 64, THREADS = 2, RUNS_MAX = 25, REQUESTS = 102400, PROMPT_TOKENS = 16 };

enum column { RATE, USER, SYSTEM, CPU, ALONE, SERVER, COLUMNS };
static const char *const heads[COLUMNS] = {
    "requests/s", "user us", "system us", "CPU us", "on 2 cores", "server us"};

struct measured {
    double wall_s;
    long requests; /* that were answered */
};

/* ---- the two clients ---- */

static enum status count_answers(const struct load_outcome *outcome, long expected, struct error *e)
{
    long good = 0;
    for (struct load_cursor at = LOAD_CURSOR_FIRST; load_next_sample(outcome, &at);)
        good += load_sample_ok(at.sample) && at.sample->completion_tokens == 1;
    for (int i = 1; i < EXCHANGE_ERROR_COUNT && good != expected; i++)
        if (*outcome->first_errors[i])
            return error_set(e, STATUS_INVALID, "%ld of %ld requests were answered: %s", good, expected,
                outcome->first_errors[i]);
    return good == expected
               ? STATUS_OK
               : error_set(e, STATUS_INVALID, "%ld of %ld requests have a sample", good, expected);
}

static enum status ask_by_load_client(
    const char *url, enum answer_form form, long requests, struct measured *m, struct error *e)
{
    struct load_plan_options shape = {.arrivals = {.kind = ARRIVALS_CLOSED, .streams = CONNECTIONS},
        .count = (size_t)requests,
        .prompt_tokens = {.kind = LENGTH_FIXED, .mean = PROMPT_TOKENS},
        .output_tokens = {.kind = LENGTH_FIXED, .mean = 1},
        .seed = 1};
    struct load_choice choice = {.access = {.url = url}, .protocol = "openai", .model = "short"};
    struct load_plan plan = {0};
    struct load_prompts prompts;
    struct load_outcome outcome;
    enum status s = load_plan_make(&shape, &plan, e);
    if (s != STATUS_OK)
        return s;
    load_prompts_init(&prompts, &plan, 1);
    struct load_client_options o = {.plan = &plan,
        .choices = &choice,
        .choice_count = 1,
        .threads = THREADS,
        .drain_ns = 10 * NS_PER_S,
        .unstreamed = form == ANSWER_WHOLE,
        .temperature = 0,
        .prompts = &prompts};
    s = load_client_run(&o, &outcome, e);
    if (s == STATUS_OK) {
        *m = (struct measured){
            .wall_s = (double)(outcome.t_end_ns - outcome.t_start_ns) / NS_PER_S, .requests = requests};
        s = count_answers(&outcome, requests, e);
        load_outcome_fini(&outcome);
    }
    load_plan_fini(&plan);
    return s;
}

struct poller {
    pthread_t id;
    struct poll_client_load load;
    struct poll_client_seen seen;
    enum status status;
    struct error why;
};

static void *poll_and_read(void *arg)
{
    struct poller *p = arg;
    p->status = poll_client_run(&p->load, &p->seen, &p->why);
    return NULL;
}

/* As many bytes as the load client sends. */
static void write_body(char *body, size_t size, enum answer_form form)
{
    snprintf(body, size,
        "{\"model\":\"short\",\"messages\":[{\"role\":\"user\",\"content\":\"%090d\"}],\"max_tokens\":1,"
        "\"temperature\":0.0,%s}",
        0,
        form == ANSWER_WHOLE ? "\"stream\":false"
                             : "\"stream\":true,\"stream_options\":{\"include_usage\":true}");
}

static enum status ask_by_poll_client(
    const char *url, enum answer_form form, long requests, struct measured *m, struct error *e)
{
    struct poller pollers[THREADS];
    char body[512];
    enum status s = STATUS_OK;
    int64_t first_ns = INT64_MAX, last_ns = 0;
    *m = (struct measured){0};
    write_body(body, sizeof body, form);
    int started = 0;
    for (; started < THREADS && s == STATUS_OK; started += s == STATUS_OK) {
        struct poller *p = &pollers[started];
        *p = (struct poller){.load = {.url = url,
                                 .body = body,
                                 .streams = CONNECTIONS / THREADS,
                                 .rounds = (int)(requests / CONNECTIONS)}};
        if (pthread_create(&p->id, NULL, poll_and_read, p) != 0)
            s = error_set(e, STATUS_IO, "cannot start a thread");
    }
    for (int i = 0; i < started; i++) {
        pthread_join(pollers[i].id, NULL);
        if (pollers[i].status != STATUS_OK) {
            s = pollers[i].status;
            *e = pollers[i].why;
        }
        m->requests += (long)pollers[i].seen.requests;
        first_ns = pollers[i].seen.first_begin_ns < first_ns ? pollers[i].seen.first_begin_ns : first_ns;
        last_ns = pollers[i].seen.last_end_ns > last_ns ? pollers[i].seen.last_end_ns : last_ns;
    }
    m->wall_s = (double)(last_ns - first_ns) / NS_PER_S;
    return s;
}

static const struct contender {
    const char *name;
    enum status (*ask)(
        const char *url, enum answer_form form, long requests, struct measured *m, struct error *e);
} contenders[] = {{"load client", ask_by_load_client}, {"poll and read", ask_by_poll_client}};
enum { CONTENDERS = sizeof contenders / sizeof *contenders };

/* ---- measuring ---- */

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static enum status run_once(
    const struct contender *c, enum answer_form form, long requests, double row[COLUMNS], struct error *e)
{
    struct answer_server server;
    struct measured m;
    struct rusage before, after;
    double server_s;
    enum status s = answer_server_start(form, &server, e);
    if (s != STATUS_OK)
        return s;
    getrusage(RUSAGE_SELF, &before);
    s = c->ask(server.url, form, requests, &m, e);
    getrusage(RUSAGE_SELF, &after);
    answer_server_stop(&server, &server_s);
    if (s != STATUS_OK)
        return s;
    double us = 1e6 / (double)m.requests;
    row[RATE] = (double)m.requests / m.wall_s;
    row[USER] = (seconds_of(after.ru_utime) - seconds_of(before.ru_utime)) * us;
    row[SYSTEM] = (seconds_of(after.ru_stime) - seconds_of(before.ru_stime)) * us;
    row[CPU] = row[USER] + row[SYSTEM];
    row[ALONE] = THREADS * 1e6 / row[CPU];
    row[SERVER] = server_s * us;
    return STATUS_OK;
}

static void print_row(const char *name, double values[COLUMNS][RUNS_MAX], int runs)
{
    static const int digits[COLUMNS] = {[USER] = 2, [SYSTEM] = 2, [CPU] = 2, [SERVER] = 2};
    printf("%-24s", name);
    for (int i = 0; i < COLUMNS; i++)
        printf(" %10.*f", digits[i], stats_median(values[i], (size_t)runs));
    printf("\n");
    fflush(stdout);
}

static int measure(enum answer_form form, int runs, long requests)
{
    static double values[CONTENDERS][COLUMNS][RUNS_MAX];
    struct error why = {0};
    double row[COLUMNS];
    char name[64];
    for (int run = 0; run < runs; run++)
        for (int c = 0; c < CONTENDERS; c++) {
            if (run_once(&contenders[c], form, requests, row, &why) != STATUS_OK) {
                fprintf(stderr, "bench_short: %s: %s\n", contenders[c].name, error_text(&why));
                return 1;
            }
            for (int i = 0; i < COLUMNS; i++)
                values[c][i][run] = row[i];
        }
    for (int c = 0; c < CONTENDERS; c++) {
        snprintf(name, sizeof name, "%s, %s", contenders[c].name, form == ANSWER_WHOLE ? "whole" : "stream");
        print_row(name, values[c], runs);
    }
    return 0;
}

int main(int argc, char **argv)
{
    int runs = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 5;
    long requests = argc > 2 ? strtol(argv[2], NULL, 10) : REQUESTS;
    if (runs < 1 || runs > RUNS_MAX || requests < CONNECTIONS)
        return 2;
    requests -= requests % CONNECTIONS; /* as many on each */
    printf("medians of %d runs, %ld requests each, %d connections, %d threads\n%24s", runs, requests,
        CONNECTIONS, THREADS, "");
    for (int i = 0; i < COLUMNS; i++)
        printf(" %10s", heads[i]);
    printf("\n");
    fflush(stdout);
    return measure(ANSWER_WHOLE, runs, requests) | measure(ANSWER_STREAM, runs, requests);
}
