/*
 * Does `assay load` find what is computed? The knee, the most streams and the highest rate of simulated engines,
 * over real HTTP, against what the engine's model says of itself (sim_engine_play.h), and how long it takes.
 *
 *     build/release/tests/speed/bench_search build/release/assay           # a quarter of an hour
 *     build/release/tests/speed/bench_search build/release/assay streams   # one row
 *
 * Exits with 1 where an answer is further off than 5 % (and more than a stream), or none was found.
 */
#include "clock.h"
#include "json.h"
#include "sim.h"
#include "sim_engine_play.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Knees are searched with long answers: a stream whose next request comes just behind the beginning of a step, as
 * any client's does, waits for that step, which is 5 % of 20 steps, but 0.25 % of 400. The model's client takes no
 * time. */
enum { PROMPT = 32, OUTPUT = 20, OUTPUT_OF_KNEE = 400 };

/* An engine that each stream more slows down, and one that has a knee at a load that is no handful of streams. */
static const struct sim_engine_spec steep = {.max_batch = 64,
    .prefill_tokens_per_s = 200000,
    .decode_base_s = 0.02,
    .decode_per_sequence_s = 0.001,
    .kv_tokens = 65536};
static const struct sim_engine_spec flat = {.max_batch = 256,
    .prefill_tokens_per_s = 200000,
    .decode_base_s = 0.02,
    .decode_per_sequence_s = 0.0001,
    .kv_tokens = 65536};

static double most_streams(const struct sim_engine_spec *spec)
{
    struct sim_engine_goal goal = {.prompt_tokens = PROMPT,
        .output_tokens = OUTPUT,
        .tpot_s = 0.04,
        .share = 0.95,
        .requests = 5000,
        .seed = 1};
    return (double)sim_engine_streams_max(spec, &goal);
}

static double highest_rate(const struct sim_engine_spec *spec)
{
    struct sim_engine_goal goal = {.prompt_tokens = PROMPT,
        .output_tokens = OUTPUT,
        .tpot_s = 0.04,
        .share = 0.95,
        .requests = 20000,
        .seed = 1};
    return sim_engine_rate_max(spec, &goal);
}

/* Where a stream gets 90 % of what it gets alone, between two whole numbers of streams. */
static double knee_of_streams(const struct sim_engine_spec *spec)
{
    double alone = sim_engine_requests_per_s_at(spec, PROMPT, OUTPUT_OF_KNEE, 1), before = 1;
    for (int64_t n = 2; n <= spec->max_batch; n++) {
        double share = sim_engine_requests_per_s_at(spec, PROMPT, OUTPUT_OF_KNEE, n) / (double)n / alone;
        if (share < 0.9)
            return (double)(n - 1) * pow((double)n / (double)(n - 1), (before - 0.9) / (before - share));
        before = share;
    }
    return 0;
}

static const struct row {
    const char *name, *unit;
    const struct sim_engine_spec *spec;
    double (*computed)(const struct sim_engine_spec *spec);
    const char *words[16]; /* of the command line */
} rows[] = {
    {"streams", "streams", &steep, most_streams,
        {"--output", "20", "--find", "highest", "--slo", "tpot_p95<40ms", "-d", "8s"}},
    {"rate", "requests/s", &steep, highest_rate,
        {"--output", "20", "--find", "highest", "--slo", "tpot_p95<40ms", "-r", "10", "--to", "100", "-d",
            "20s"}},
    {"knee", "streams", &steep, knee_of_streams, {"--output", "400", "--find", "knee", "-d", "20s"}},
    {"far knee", "streams", &flat, knee_of_streams, {"--output", "400", "--find", "knee", "-d", "20s"}},
};

static enum status start(
    const struct sim_engine_spec *spec, struct sim_process *sim, char scenario[], struct error *e)
{
    int fd = mkstemp(scenario);
    bool ok =
        fd >= 0 && dprintf(fd,
                       "{\"name\":\"engine\",\"summary\":\"an engine\",\"answer\":{\"tokens\":0},\"engine\":"
                       "{\"max_batch\":%d,\"prefill_tokens_per_s\":%.17g,\"decode_base_s\":%.17g,"
                       "\"decode_per_sequence_s\":%.17g,\"kv_tokens\":%d}}\n",
                       (int)spec->max_batch, spec->prefill_tokens_per_s, spec->decode_base_s,
                       spec->decode_per_sequence_s, (int)spec->kv_tokens) > 0;
    if (fd >= 0)
        close(fd);
    if (!ok)
        return error_set_errno(e, "cannot write %s", scenario);
    const char *files[] = {scenario, NULL}, *models[] = {"engine", NULL};
    return sim_spawn(&(struct sim_options){.scenario_files = files, .models = models, .seed = 1}, sim, e);
}

static int run_assay(const char *assay, const struct row *row, const char *url, const char *result)
{
    const char *argv[40] = {
        assay, "load", "-t", url, "-m", "engine", "--prompt", "32", "--warmup", "1s", "-o", result};
    size_t n = 12;
    int status = 0;
    for (size_t i = 0; row->words[i] != NULL; i++)
        argv[n++] = row->words[i];
    (void)fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        (void)dup2(STDERR_FILENO, STDOUT_FILENO); /* the tries, for whoever watches */
        execv(assay, (char *const *)argv);
        _exit(127);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static double found_in(const struct json_object *tree, const struct row *row)
{
    double low = 0, high = 0, found = 0;
    if (row->computed == knee_of_streams)
        return json_get_real(tree, "/knee_by_share/load", &found) ? found : 0;
    if (json_get_real(tree, "/estimate", &found))
        return found;
    return json_get_real(tree, "/low", &low) && json_get_real(tree, "/high", &high) ? sqrt(low * high) : 0;
}

static int compare(const char *path, const struct row *row, double computed)
{
    struct json_object *tree = NULL;
    struct error why = {0};
    double low = 0, high = 0, seconds = 0;
    int64_t runs = 0;
    if (json_read_file(path, &tree, &why) != STATUS_OK) {
        printf("%s: %s\n", row->name, error_text(&why));
        return 1;
    }
    double found = found_in(tree, row);
    (void)json_get_real(tree, "/low", &low);
    (void)json_get_real(tree, "/high", &high);
    (void)json_get_real(tree, "/seconds", &seconds);
    (void)json_get_int(tree, "/runs", &runs);
    double allowed = fmax(0.05 * computed, strcmp(row->unit, "streams") == 0 ? 1 : 0);
    bool right = fabs(found - computed) <= allowed;
    printf("%-8s %-10s %9.4g %9.4g %9.4g %9.4g %6d %8.0f  %s\n", row->name, row->unit, computed, found, low,
        high, (int)runs, seconds, right ? "" : "not within 5 %");
    (void)fflush(stdout);
    json_object_put(tree);
    return !right;
}

static int measure(const char *assay, const struct row *row)
{
    char scenario[] = "/tmp/bench-search-XXXXXX", result[] = "/tmp/bench-search-result-XXXXXX";
    struct sim_process sim = {.pid = 0};
    struct error why = {0};
    int fd = mkstemp(result), bad = 1;
    if (fd >= 0)
        close(fd);
    if (start(row->spec, &sim, scenario, &why) != STATUS_OK) {
        printf("bench_search: %s\n", error_text(&why));
    } else if (run_assay(assay, row, sim.url, result) != 0) {
        printf("%s: assay load did not end well\n", row->name);
    } else {
        bad = compare(result, row, row->computed(row->spec));
    }
    sim_stop(&sim);
    unlink(scenario);
    unlink(result);
    return bad;
}

int main(int argc, char **argv)
{
    int bad = 0;
    if (argc < 2)
        return 2;
    printf("%-8s %-10s %9s %9s %9s %9s %6s %8s\n", "what", "", "computed", "found", "low", "high", "runs",
        "seconds");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (argc < 3 || strcmp(argv[2], rows[i].name) == 0)
            bad |= measure(argv[1], &rows[i]);
    return bad;
}
