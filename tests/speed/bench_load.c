/*
 * How well does the load client measure, and what does it cost? The rungs of `assay calibrate` (closed loop, the
 * first token after 50 ms, then one each gap, 100 in all, so that all streams end and start together) and, in
 * turn with each, a client that only polls and reads.
 *
 *     build/release/tests/speed/bench_load             # every row, five times each, the medians
 *     build/release/tests/speed/bench_load 1000 3      # only 1 000 streams, three times
 *
 * A run counts where the server kept its schedule: late by a fifth of the gap at most (p99, as it says itself).
 * Another one is made in the place of one that does not, up to 25 in all, and the row says how many there were.
 * Errors are against what the server was told to do, its own lateness included. CPU is
 * that of the client a 100 000 events, and as a multiple of the one that only polls and reads. Client and server
 * share the machine, neither is bound to a core.
 */
#include "calibrate.h"
#include "clock.h"
#include "poll_client.h"
#include "sim.h"
#include "stats.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { RUNS_MAX = 25, TOKENS = 100, EVENTS = TOKENS + 2 }; /* the role and the end are events, too */

enum column { MEAN, P99, MOST, GAP, SHARE, CPU, RATIO, MEMORY, LATE, COLUMNS };
static const char *const heads[COLUMNS] = {
    "mean ms", "p99 ms", "max ms", "gap p99", "% ideal", "CPU s", "x poll", "MiB", "late"};

static enum status poll_and_read(const struct calibrate_step *step, double *cpu_s, struct error *e)
{
    static const char body[] = "{\"model\":\"poll\",\"stream\":true,\"max_tokens\":100,\"messages\":"
                               "[{\"role\":\"user\",\"content\":\"How late are you?\"}]}";
    char path[] = "/tmp/bench-load-XXXXXX";
    const char *files[] = {path, NULL}, *models[] = {"poll", NULL};
    struct sim_process sim = {.pid = 0};
    struct poll_client_seen seen;
    int fd = mkstemp(path);
    if (fd < 0)
        return error_set_errno(e, "cannot write %s", path);
    dprintf(fd,
        "{\"name\":\"poll\",\"summary\":\"even\",\"ttft\":{\"distribution\":\"constant\",\"mean_s\":0.05},"
        "\"gap\":{\"distribution\":\"constant\",\"mean_s\":0.%03d},\"answer\":{\"kind\":\"words\",\"tokens\":"
        "%d}}\n",
        step->gap_ms, TOKENS);
    close(fd);
    enum status s =
        sim_spawn(&(struct sim_options){.scenario_files = files, .models = models, .seed = 1}, &sim, e);
    struct poll_client_load load = {.url = sim.url,
        .body = body,
        .streams = (size_t)step->streams,
        .rounds = step->rounds + 1,
        .distance_ns = 50 * NS_PER_US}; /* as the load client begins new streams */
    if (s == STATUS_OK)
        s = poll_client_run(&load, &seen, e);
    sim_stop(&sim);
    unlink(path);
    if (s == STATUS_OK)
        *cpu_s = seen.cpu_s / ((double)seen.requests * EVENTS) * 1e5;
    return s;
}

static enum status run_once(const struct calibrate_step *step, double values[COLUMNS], struct error *e)
{
    struct calibrate_how how = {0};
    struct calibration_rung r;
    double poll_cpu_s = (double)NAN;
    enum status s = poll_and_read(step, &poll_cpu_s, e);
    if (s == STATUS_OK)
        s = calibrate_measure(step, &how, &r, e);
    if (s != STATUS_OK)
        return s;
    const double row[COLUMNS] = {[MEAN] = r.ttft_error_mean_s * 1e3,
        [P99] = r.ttft_error_p99_s * 1e3,
        [MOST] = r.ttft_error_max_s * 1e3,
        [GAP] = r.itl_p99_error_s * 1e3 + step->gap_ms,
        [SHARE] = r.tokens_share * 100,
        [CPU] = r.cpu_s_per_100k_events,
        [RATIO] = r.cpu_s_per_100k_events / poll_cpu_s,
        [MEMORY] = r.rss_bytes / (1 << 20),
        [LATE] = r.server_lateness_p99_s * 1e3};
    for (int i = 0; i < COLUMNS; i++)
        values[i] = row[i];
    return STATUS_OK;
}

static bool kept_its_schedule(const struct calibrate_step *step, const double row[COLUMNS])
{
    return row[LATE] <= step->gap_ms / 5.0;
}

static void print_row(
    const struct calibrate_step *step, double values[COLUMNS][RUNS_MAX], int counted, int made)
{
    printf("%7d %4d ", step->streams, step->gap_ms);
    for (int i = 0; i < COLUMNS; i++)
        printf(" %8.2f", stats_median(values[i], (size_t)counted));
    printf("   %d of %d\n", counted, made);
    fflush(stdout);
}

static int measure(const struct calibrate_step *step, int runs)
{
    double values[COLUMNS][RUNS_MAX], late[COLUMNS][RUNS_MAX], one[COLUMNS];
    int counted = 0, made = 0;
    for (; counted < runs && made < RUNS_MAX; made++) {
        struct error why = {0};
        if (run_once(step, one, &why) != STATUS_OK) {
            fprintf(stderr, "bench_load: %d streams: %s\n", step->streams, error_text(&why));
            return 1;
        }
        bool counts = kept_its_schedule(step, one);
        for (int i = 0; i < COLUMNS; i++)
            (counts ? values[i] : late[i])[counts ? counted : made - counted] = isfinite(one[i]) ? one[i] : 0;
        counted += counts;
    }
    if (counted > 0)
        print_row(step, values, counted, made);
    else
        print_row(step, late, made, made), printf("        the server was late in all of them\n");
    return counted == 0;
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
    int bad = 0, runs = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 5;
    double load[3] = {0};
    if (runs < 1 || runs > RUNS_MAX || getloadavg(load, 3) < 1)
        return 2;
    raise_descriptors();
    printf("medians of %d runs that count; %ld cores, load average %.1f before\nstreams  gap ", runs,
        sysconf(_SC_NPROCESSORS_ONLN), load[0]);
    for (int i = 0; i < COLUMNS; i++)
        printf(" %8s", heads[i]);
    printf("   counted (the first three: TTFT less 50 ms; late: of the server, p99)\n");
    fflush(stdout);
    for (const struct calibrate_step *step = calibrate_ladder; step->streams > 0; step++)
        if (argc < 2 || strtol(argv[1], NULL, 10) == step->streams)
            bad |= measure(step, runs);
    return bad;
}
