#include "calibrate.h"

#include "clock.h"
#include "descriptors.h"
#include "distribution.h"
#include "load_client.h"
#include "sim.h"
#include "simulator_lateness.h"
#include "transport.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TOKENS = 100, TTFT_MS = 50 };

/* A simulator later than this makes errors of its own: a hundredth of what the client is measured by. */
static const double sim_lateness_allowed_s = 0.002;

const struct calibrate_step calibrate_ladder[] = {
    {1, 10, 20}, {10, 10, 10}, {100, 10, 5}, {1000, 10, 5}, {2000, 20, 3}, {10000, 100, 2}, {0}};

static int64_t answer_ns(const struct calibrate_step *step)
{
    return (TTFT_MS + (TOKENS - 1) * (int64_t)step->gap_ms) * NS_PER_MS;
}

static enum status write_scenario(const struct calibrate_step *step, char path[], struct error *e)
{
    int fd = mkstemp(path);
    bool ok = fd >= 0 && dprintf(fd,
                             "{\"name\":\"calibrate\",\"summary\":\"even\",\"ttft\":{\"distribution\":"
                             "\"constant\",\"mean_s\":0.0%d},"
                             "\"gap\":{\"distribution\":\"constant\",\"mean_s\":0.%03d},"
                             "\"answer\":{\"kind\":\"words\",\"tokens\":%d}}\n",
                             TTFT_MS, step->gap_ms, TOKENS) > 0;
    if (!ok)
        error_set_errno(e, "cannot write %s", path);
    if (fd >= 0)
        close(fd);
    return ok ? STATUS_OK : STATUS_IO;
}

static enum status make_plan(const struct calibrate_step *step, struct load_plan *plan, struct error *e)
{
    struct load_plan_options o = {.arrivals = {.kind = ARRIVALS_CLOSED, .streams = step->streams},
        .count = (size_t)step->streams * (size_t)(step->rounds + 1),
        .prompt_tokens = {.kind = LENGTH_FIXED, .mean = 16},
        .output_tokens = {.kind = LENGTH_FIXED, .mean = TOKENS},
        .seed = 1};
    return load_plan_make(&o, plan, e);
}

/* What the samples of one rung say. */
struct seen {
    struct distribution ttft, cycle; /* of a stream: from one request's being due to the next one's */
    size_t failed;
};

static void look_at(struct seen *seen, const struct load_sample *s)
{
    int64_t ns;
    seen->failed += !load_sample_ok(s);
    if (s->flags & LOAD_WARMUP || !load_sample_ttft_ns(s, &ns))
        return;
    distribution_add(&seen->ttft, (double)ns / NS_PER_S);
    if (load_sample_response_ns(s, &ns) && s->token_events == TOKENS)
        distribution_add(&seen->cycle, (double)ns / NS_PER_S);
}

static uint64_t add_reports(const struct load_outcome *outcome, struct hist *gaps, double *cpu_s)
{
    uint64_t lost = 0;
    for (int i = 0; i < outcome->threads; i++) {
        hist_merge(gaps, outcome->reports[i].gaps);
        *cpu_s += outcome->reports[i].cpu_s;
        lost += outcome->reports[i].samples_lost;
    }
    return lost;
}

static void fill_rung(const struct calibrate_step *step, const struct load_plan *plan,
    const struct load_outcome *outcome, struct seen *seen, struct calibration_rung *rung)
{
    struct hist *gaps = hist_new();
    struct summary ttft;
    double cpu_s = 0;
    uint64_t lost = gaps ? add_reports(outcome, gaps, &cpu_s) : 1;
    if (gaps && gaps->total > 0)
        rung->itl_p99_error_s = (hist_quantile(gaps, 0.99) / NS_PER_MS - step->gap_ms) / 1e3;
    hist_free(gaps);
    if (distribution_summarise(&seen->ttft, &ttft) == STATUS_OK) {
        rung->ttft_error_mean_s = ttft.mean - rung->ttft_s;
        rung->ttft_error_p99_s = ttft.has_p99 ? ttft.p99 - rung->ttft_s : (double)NAN;
        rung->ttft_error_max_s = ttft.max - rung->ttft_s;
        rung->tokens_share = (double)answer_ns(step) / NS_PER_S / seen->cycle.mean;
    }
    rung->cpu_s_per_100k_events = cpu_s / ((double)plan->count * (TOKENS + 2)) * 1e5;
    rung->valid = lost == 0 && seen->failed == 0 && seen->ttft.n > 0 &&
                  rung->server_lateness_p99_s <= sim_lateness_allowed_s;
}

static enum status ask_lateness(
    const struct load_choice *choice, struct calibration_rung *rung, struct error *e)
{
    struct simulator_lateness late;
    enum status s = simulator_lateness_ask(&choice->access, false, &late, e);
    if (s == STATUS_OK && late.events == 0)
        s = error_set(e, STATUS_INVALID, "the simulator does not say how late it was");
    rung->server_lateness_p99_s = late.p99_s;
    return s;
}

static double peak_bytes(void)
{
    struct rusage use;
    return getrusage(RUSAGE_SELF, &use) == 0 ? (double)use.ru_maxrss * 1024 : (double)NAN;
}

static enum status load_once(const struct calibrate_step *step, const struct calibrate_how *how,
    const struct load_choice *choice, struct calibration_rung *rung, struct error *e)
{
    struct load_plan plan = {0};
    struct load_prompts prompts;
    struct load_outcome outcome;
    struct seen seen = {.failed = 0};
    enum status s = make_plan(step, &plan, e);
    if (s != STATUS_OK)
        return s;
    load_prompts_init(&prompts, &plan, 1);
    struct load_client_options o = {.plan = &plan,
        .choices = choice,
        .choice_count = 1,
        .threads = how->threads,
        .warmup_ns = answer_ns(step) * 9 / 10,
        .drain_ns = 60 * NS_PER_S,
        .temperature = -1,
        .prompts = &prompts};
    s = load_client_run(&o, &outcome, e);
    rung->rss_bytes = peak_bytes(); /* before the samples are looked at */
    if (s == STATUS_OK)
        s = ask_lateness(choice, rung, e);
    if (s == STATUS_OK) {
        for (struct load_cursor at = LOAD_CURSOR_FIRST; load_next_sample(&outcome, &at);)
            look_at(&seen, at.sample);
        fill_rung(step, &plan, &outcome, &seen, rung);
        load_outcome_fini(&outcome);
    }
    distribution_fini(&seen.ttft);
    distribution_fini(&seen.cycle);
    load_plan_fini(&plan);
    return s;
}

static enum status measure_here(const struct calibrate_step *step, const struct calibrate_how *how,
    struct calibration_rung *rung, struct error *e)
{
    char scenario[] = "/tmp/assay-calibrate-XXXXXX";
    const char *files[] = {scenario, NULL}, *models[] = {"calibrate", NULL};
    struct sim_options options = {.scenario_files = files,
        .models = models,
        .seed = 1,
        .threads = how->sim_threads,
        .tls = how->tls ? "self" : NULL};
    struct sim_process sim = {.pid = 0};
    struct http_transport transport = {.ca_file = sim.ca};
    enum status s = write_scenario(step, scenario, e);
    if (s != STATUS_OK)
        return s;
    s = sim_spawn(&options, &sim, e);
    struct load_choice choice = {.access = {.url = sim.url, .transport = how->tls ? &transport : NULL},
        .protocol = "openai",
        .model = "calibrate"};
    if (s == STATUS_OK)
        s = load_once(step, how, &choice, rung, e);
    sim_stop(&sim);
    unlink(scenario);
    return s;
}

/* What the child has to say, small enough for a pipe to take it at once. */
struct message {
    enum status status;
    struct calibration_rung rung;
    char text[512];
};

static void speak(int fd, const struct calibrate_step *step, const struct calibrate_how *how)
{
    struct message m = {.rung = {.streams = step->streams,
                            .gap_s = step->gap_ms / 1e3,
                            .ttft_s = TTFT_MS / 1e3,
                            .tokens = TOKENS,
                            .ttft_error_mean_s = (double)NAN,
                            .ttft_error_p99_s = (double)NAN,
                            .ttft_error_max_s = (double)NAN,
                            .itl_p99_error_s = (double)NAN,
                            .tokens_share = (double)NAN}};
    struct error why = {0};
    descriptors_raise();
    m.status = measure_here(step, how, &m.rung, &why);
    if (m.status != STATUS_OK)
        snprintf(m.text, sizeof m.text, "%s", error_text(&why));
    _exit(write(fd, &m, sizeof m) == (ssize_t)sizeof m ? 0 : 1);
}

static enum status listen_to(int fd, struct calibration_rung *rung, struct error *e)
{
    struct message m;
    ssize_t n;
    do
        n = read(fd, &m, sizeof m);
    while (n < 0 && errno == EINTR);
    if (n != (ssize_t)sizeof m)
        return error_set(e, STATUS_INTERNAL, "the process that measured ended without a word");
    *rung = m.rung;
    return m.status == STATUS_OK ? STATUS_OK : error_set(e, m.status, "%.*s", (int)sizeof m.text, m.text);
}

enum status calibrate_measure(const struct calibrate_step *step, const struct calibrate_how *how,
    struct calibration_rung *rung, struct error *e)
{
    int ends[2];
    if (pipe(ends) != 0)
        return error_set_errno(e, "no pipe");
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        speak(ends[1], step, how);
    }
    close(ends[1]);
    enum status s = pid > 0 ? listen_to(ends[0], rung, e) : error_set_errno(e, "cannot start a process");
    close(ends[0]);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    return s;
}
