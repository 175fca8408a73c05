/*
 * How well does the load client measure, and what does it cost? Closed loop against the simulated server, whose
 * first token comes after 50 ms, then one each gap, 100 in all, so that every stream ends and starts together.
 *
 *     build/release/tests/speed/bench_load             # every row of the table
 *     build/release/tests/speed/bench_load 1000 3      # only 1 000 streams, three rounds to measure
 *
 * Errors are against what the server was told to do, its own lateness included (last columns: p99 of what it
 * sent late, as it says itself). CPU and memory are those of the client's process.
 */
#include "clock.h"
#include "load_client.h"
#include "sim.h"
#include "stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TOKENS = 100, TTFT_MS = 50 };

static const struct row {
    int streams, gap_ms, rounds;
} rows[] = {{1, 10, 20}, {100, 10, 5}, {1000, 10, 5}, {2000, 20, 3}, {10000, 100, 2}};

static enum status write_scenario(const struct row *row, char path[64])
{
    snprintf(path, 64, "/tmp/bench-load-XXXXXX");
    int fd = mkstemp(path);
    if (fd < 0)
        return STATUS_IO;
    dprintf(fd,
        "{\"name\":\"bench\",\"summary\":\"a "
        "bench\",\"ttft\":{\"distribution\":\"constant\",\"mean_s\":0.0%d},"
        "\"gap\":{\"distribution\":\"constant\",\"mean_s\":%d.%03d},\"answer\":{\"kind\":\"words\","
        "\"tokens\":%d}}\n",
        TTFT_MS, row->gap_ms / 1000, row->gap_ms % 1000, TOKENS);
    close(fd);
    return STATUS_OK;
}

/* One request a stream and round, the first round to warm up. */
static struct load_plan plan_of(const struct row *row)
{
    static struct load_stage stage;
    struct load_plan plan = {.count = (size_t)row->streams * (size_t)(row->rounds + 1),
        .duration_ns = LOAD_NO_END,
        .stages = &stage,
        .stage_count = 1};
    stage.streams = row->streams;
    plan.items = calloc(plan.count, sizeof *plan.items);
    plan.conversations = (uint32_t)plan.count;
    for (size_t i = 0; plan.items && i < plan.count; i++)
        plan.items[i] = (struct load_item){.prompt_tokens = 8,
            .output_tokens = TOKENS,
            .conversation = (uint32_t)i,
            .prefix = LOAD_NO_PREFIX};
    return plan;
}

struct figures {
    double *ttft_ms;
    size_t count, failed;
    int64_t tokens, first_ns, last_ns;
};

static void take(struct figures *f, const struct load_sample *s)
{
    int64_t ns;
    f->failed += s->error != EXCHANGE_OK;
    if (s->flags & LOAD_WARMUP || !load_sample_ttft_ns(s, &ns))
        return;
    f->ttft_ms[f->count++] = (double)ns / 1e6;
    f->tokens += s->token_events;
    if (!f->first_ns || s->t_intended_ns < f->first_ns)
        f->first_ns = s->t_intended_ns;
    if (s->t_done_ns > f->last_ns)
        f->last_ns = s->t_done_ns;
}

static double peak_mib(void)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (double)use.ru_maxrss / 1024;
}

static void print(const struct row *row, const struct load_plan *plan, const struct load_outcome *outcome)
{
    struct figures f = {.ttft_ms = calloc(plan->count, sizeof(double))};
    struct summary ttft;
    double mib = peak_mib();
    for (struct load_cursor at = LOAD_CURSOR_FIRST; load_next_sample(outcome, &at);)
        take(&f, at.sample);
    if (stats_summarise(f.ttft_ms, f.count, &ttft) != STATUS_OK) {
        printf("%7d  no figures, %zu failed\n", row->streams, f.failed);
        fflush(stdout);
        return;
    }
    double each_s = (TTFT_MS + (TOKENS - 1.0) * row->gap_ms) / 1e3;
    double ideal = row->streams * TOKENS / each_s;
    double got = (double)f.tokens / ((double)(f.last_ns - f.first_ns) / 1e9);
    const struct load_thread_report *r = &outcome->reports[0];
    double events = (double)plan->count * (TOKENS + 2);
    printf("%7d %4d  %8.2f %8.2f %8.2f  %8.2f %8.2f  %6.1f  %6.3f  %7.1f  %8.2f %8.2f  %zu\n", row->streams,
        row->gap_ms, ttft.mean - TTFT_MS, ttft.p99 - TTFT_MS, ttft.max - TTFT_MS,
        hist_quantile(r->gaps, 0.5) / 1e6, hist_quantile(r->gaps, 0.99) / 1e6, 100 * got / ideal,
        r->cpu_s / events * 1e5, mib, hist_quantile(r->start_lag, 0.99) / 1e6,
        hist_quantile(r->loop_lag, 0.99) / 1e6, f.failed);
    fflush(stdout);
    free(f.ttft_ms);
}

static int measure(const struct row *row)
{
    char scenario[64];
    struct error why = {0};
    struct sim_process sim = {.pid = 0};
    struct load_plan plan = plan_of(row);
    if (!plan.items || write_scenario(row, scenario) != STATUS_OK)
        return 1;
    const char *files[] = {scenario, NULL}, *models[] = {"bench", NULL};
    if (sim_spawn(&(struct sim_options){.scenario_files = files, .models = models, .seed = 1}, &sim, &why) !=
        STATUS_OK) {
        fprintf(stderr, "bench_load: %s\n", error_text(&why));
        return 1;
    }
    struct load_prompts prompts;
    load_prompts_init(&prompts, &plan, 1);
    struct load_choice choice = {.access = {.url = sim.url}, .protocol = "openai", .model = "bench"};
    struct load_client_options options = {.plan = &plan,
        .choices = &choice,
        .choice_count = 1,
        .warmup_ns = (TTFT_MS + TOKENS * (int64_t)row->gap_ms) * NS_PER_MS * 9 / 10,
        .drain_ns = 60 * NS_PER_S,
        .temperature = -1,
        .prompts = &prompts};
    struct load_outcome outcome;
    enum status s = load_client_run(&options, &outcome, &why);
    if (s == STATUS_OK) {
        print(row, &plan, &outcome);
        load_outcome_fini(&outcome);
    } else {
        fprintf(stderr, "bench_load: %s\n", error_text(&why));
    }
    sim_stop(&sim);
    unlink(scenario);
    free(plan.items);
    return s != STATUS_OK;
}

/* In a process of its own, so that memory is that of the row. */
static int measure_apart(const struct row *row)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0)
        _exit(measure(row));
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int main(int argc, char **argv)
{
    int bad = 0;
    raise_descriptors();
    printf("streams  gap  TTFT error: mean, p99, max ms  gap p50, p99 ms  %%ideal  CPU s  MiB  start, loop "
           "lag p99 ms  failed\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct row row = rows[i];
        if (argc > 1 && strtol(argv[1], NULL, 10) != row.streams)
            continue;
        if (argc > 2)
            row.rounds = (int)strtol(argv[2], NULL, 10);
        bad |= measure_apart(&row);
    }
    return bad;
}
