/*
 * How exact the simulated server is, and what it costs: from one stream to 10 000, and short replies as fast as
 * they go, with a client that only polls and reads (poll_client.h).
 *
 *     bench_sim [--pin] [ROW...]      --pin: client and server each on a core of their own
 *                                     ROW: only these: 1 to 7, 8: an engine beside what is computed of it
 *
 * events/s: that left; late: sent - scheduled, by the server's own account; CPU: of one core, while the answers
 * came; starved: it could run and had no core; client: its CPU seconds per 100 000 events; TTFT as it saw it; memory:
 * of the server at its highest.
 */
#include "clock.h"
#include "jsonl.h"
#include "poll_client.h"
#include "sim.h"
#include "sim_engine_play.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#endif

struct row {
    const char *what;
    size_t streams;
    int rounds, tokens;
    double ttft_s, gap_s;
    bool whole; /* answers that are not streamed */
};

static const struct row rows[] = {
    {"100/s each", 1, 3, 100, 0.05, 0.01, false},
    {"100/s each", 100, 3, 100, 0.05, 0.01, false},
    {"100/s each", 1000, 3, 100, 0.05, 0.01, false},
    {"50/s each", 2000, 2, 100, 0.05, 0.02, false},
    {"10/s each", 10000, 1, 100, 0.05, 0.1, false},
    {"short replies", 64, 4000, 1, 0, 0, true},
    {"streams of one token", 64, 2000, 1, 0, 0, false},
};

struct paths {
    char folder[64], scenario[96], truth[96];
};

struct used {
    double cpu_s, starved_s, memory_mb; /* of the server */
};

struct told { /* by the truth's last line */
    double p50_s, p99_s, max_s;
    int64_t events, complete;
};

static bool read_summary(const char *path, struct told *told)
{
    struct jsonl *lines;
    *told = (struct told){.p50_s = -1};
    if (jsonl_open(path, &lines, NULL) != STATUS_OK)
        return false;
    for (struct jsonl_line line; jsonl_next(lines, &line);) {
        if (!json_get_text(line.tree, "/server"))
            continue;
        json_get_real(line.tree, "/lateness/p50_s", &told->p50_s);
        json_get_real(line.tree, "/lateness/p99_s", &told->p99_s);
        json_get_real(line.tree, "/lateness/max_s", &told->max_s);
        json_get_int(line.tree, "/events", &told->events);
        json_get_int(line.tree, "/complete", &told->complete);
    }
    return jsonl_close(lines, NULL) == STATUS_OK && told->p50_s >= 0;
}

/* Linux only; elsewhere the system decides. */
static void pin(bool wanted, unsigned cpu)
{
#ifdef __linux__
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (wanted)
        (void)sched_setaffinity(0, sizeof set, &set);
#else
    (void)wanted;
    (void)cpu;
#endif
}

/* Greatest memory in MB; 0: not to be known here. */
static double peak_mb(pid_t pid)
{
    char path[64], line[128];
    long kb = 0;
    snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "VmHWM:", 6) == 0)
            kb = strtol(line + 6, NULL, 10);
    if (file)
        fclose(file);
    return (double)kb / 1024;
}

/* CPU time of that process so far; 0: not to be known here. */
static double cpu_of(pid_t pid)
{
    clockid_t clock;
    struct timespec t = {0};
    if (clock_getcpuclockid(pid, &clock) == 0)
        clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / (double)NS_PER_S;
}

/* How long that process could have run and had no core: others' fault; 0: not to be known here. */
static double starved_s(pid_t pid)
{
    char path[64];
    long long ran_ns = 0, waited_ns = 0;
    snprintf(path, sizeof path, "/proc/%ld/schedstat", (long)pid);
    FILE *file = fopen(path, "r");
    bool known = file && fscanf(file, "%lld %lld", &ran_ns, &waited_ns) == 2;
    if (file)
        fclose(file);
    return known ? (double)waited_ns / (double)NS_PER_S : 0;
}

static bool write_scenario(const char *path, const struct row *row)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return false;
    fprintf(file,
        "{\"name\": \"bench\", \"answer\": {\"tokens\": %d}, \"ttft\": {\"mean_s\": %g}, \"gap\": "
        "{\"mean_s\": "
        "%g}}\n",
        row->tokens, row->ttft_s, row->gap_s);
    return fclose(file) == 0;
}

static void print_row(const struct row *row, const struct poll_client_seen *seen, const struct told *told,
    const struct used *used)
{
    double events = (double)told->events;
    printf("%6zu streams, %-20s %7.0f events/s, %6.0f requests/s, late p50 %.3f p99 %.3f max %.3f ms, CPU "
           "%.0f %% "
           "(%.2f us/event, starved %.0f ms), client %.3f s, TTFT %.2f / %.2f ms, %.1f MB\n",
        row->streams, row->what, events / seen->wall_s, (double)seen->requests / seen->wall_s,
        told->p50_s * 1e3, told->p99_s * 1e3, told->max_s * 1e3, 100 * used->cpu_s / seen->wall_s,
        used->cpu_s / events * 1e6, used->starved_s * 1e3, seen->cpu_s / events * 1e5,
        seen->ttft_mean_s * 1e3, seen->ttft_p99_s * 1e3, used->memory_mb);
    fflush(stdout);
}

static bool bench(const struct paths *paths, const struct row *row, bool pinned)
{
    const char *const files[] = {paths->scenario, NULL};
    struct sim_options options = {.scenario_files = files, .truth_path = paths->truth, .truth_brief = true};
    char body[128];
    struct sim_process sim;
    struct poll_client_seen seen;
    struct told told;
    struct error why = {0};
    snprintf(body, sizeof body,
        "{\"model\":\"bench\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"stream\":%s}",
        row->whole ? "false" : "true");
    struct poll_client_load load = {.body = body, .streams = row->streams, .rounds = row->rounds};
    pin(pinned, 1);
    enum status s = write_scenario(paths->scenario, row)
                        ? sim_spawn(&options, &sim, &why)
                        : error_set_errno(&why, "cannot write %s", paths->scenario);
    pin(pinned, 0);
    if (s != STATUS_OK) {
        fprintf(stderr, "bench_sim: %s\n", error_text(&why));
        return false;
    }
    load.url = sim.url;
    double cpu_s = cpu_of(sim.pid);
    s = poll_client_run(&load, &seen, &why);
    struct used used = {
        .cpu_s = cpu_of(sim.pid) - cpu_s, .starved_s = starved_s(sim.pid), .memory_mb = peak_mb(sim.pid)};
    sim_stop(&sim);
    bool ok = s == STATUS_OK && read_summary(paths->truth, &told) && told.complete == seen.requests;
    if (ok)
        print_row(row, &seen, &told, &used);
    else
        fprintf(stderr, "bench_sim: %zu streams: %s\n", row->streams,
            s == STATUS_OK ? "the truth is not whole" : error_text(&why));
    return ok;
}

/* sim-engine as its scenario has it, to be computed beside what it is seen to do. */
static const struct sim_engine_spec engine = {.max_batch = 8,
    .prefill_tokens_per_s = 4000,
    .decode_base_s = 0.01,
    .decode_per_sequence_s = 0.001,
    .kv_tokens = 4096};

enum { ENGINE_ROUNDS = 6, ENGINE_TOKENS = 32, PROMPT_TOKENS = 4, STREAMS_MAX = 32 };

/* Seconds that the model needs for all rounds of so many streams; below 0: no memory. All prompts are equal, so that
 * the prefix cache knows all but the first one's, but for a token. */
static double engine_computed_s(size_t streams)
{
    struct sim_engine_request requests[STREAMS_MAX * ENGINE_ROUNDS];
    size_t count = streams * ENGINE_ROUNDS;
    int64_t last_ns = 0;
    for (size_t i = 0; i < count; i++)
        requests[i] = (struct sim_engine_request){.prompt_tokens = PROMPT_TOKENS,
            .cached_tokens = i ? PROMPT_TOKENS - 1 : 0,
            .output_tokens = ENGINE_TOKENS};
    if (sim_engine_play_closed(&engine, streams, NS_PER_MS / 5, requests, count) != STATUS_OK)
        return -1;
    for (size_t i = 0; i < count; i++)
        last_ns = requests[i].last_ns > last_ns ? requests[i].last_ns : last_ns;
    return (double)last_ns / (double)NS_PER_S;
}

static bool bench_engine(size_t streams)
{
    struct sim_process sim;
    struct poll_client_seen seen = {0};
    struct error why = {0};
    char body[128];
    snprintf(body, sizeof body,
        "{\"model\":\"sim-engine\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"stream\":true,"
        "\"max_tokens\":%d}",
        ENGINE_TOKENS);
    if (sim_spawn(&(struct sim_options){.seed = 1}, &sim, &why) != STATUS_OK) {
        fprintf(stderr, "bench_sim: %s\n", error_text(&why));
        return false;
    }
    struct poll_client_load load = {
        .url = sim.url, .body = body, .streams = streams, .rounds = ENGINE_ROUNDS};
    enum status s = poll_client_run(&load, &seen, &why);
    double computed_s = engine_computed_s(streams), requests = (double)seen.requests;
    sim_stop(&sim);
    if (s != STATUS_OK || computed_s <= 0) {
        fprintf(stderr, "bench_sim: %s\n", error_text(&why));
        return false;
    }
    printf("%6zu streams of sim-engine: %.2f requests/s, computed %.2f (%+.2f %%); with each place always "
           "taken %.2f\n",
        streams, requests / seen.wall_s, requests / computed_s, 100 * (computed_s / seen.wall_s - 1),
        sim_engine_requests_per_s_at(&engine, 1, ENGINE_TOKENS, (int64_t)streams));
    return true;
}

static bool chosen(int argc, char **argv, size_t row)
{
    bool any = false;
    for (int i = 1; i < argc; i++) {
        long number = strtol(argv[i], NULL, 10);
        if (number == (long)row + 1)
            return true;
        any |= number > 0;
    }
    return !any;
}

static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int main(int argc, char **argv)
{
    struct paths paths = {.folder = "/tmp/bench_sim.XXXXXX"};
    bool pinned = argc > 1 && strcmp(argv[1], "--pin") == 0, ok = mkdtemp(paths.folder) != NULL;
    snprintf(paths.scenario, sizeof paths.scenario, "%s/bench.json", paths.folder);
    snprintf(paths.truth, sizeof paths.truth, "%s/truth.jsonl", paths.folder);
    raise_descriptor_limit();
    printf("client and server %s\n", pinned ? "on a core of their own each" : "where the system puts them");
    for (size_t i = 0; ok && i < sizeof rows / sizeof *rows; i++)
        if (chosen(argc, argv, i))
            ok = bench(&paths, &rows[i], pinned);
    for (size_t streams = 1; ok && streams <= STREAMS_MAX; streams *= 2)
        if (chosen(argc, argv, sizeof rows / sizeof *rows))
            ok = bench_engine(streams);
    remove(paths.scenario);
    remove(paths.truth);
    remove(paths.folder);
    return ok ? 0 : 1;
}
