/*
 * Two cases back to back on a real engine, one that keeps it busy and one that lets it rest: the CPU time of each
 * case's record, and of its samples, is that of its own window.
 */
#include "assay.h"
#include "clock.h"
#include "execute.h"
#include "finalise.h"
#include "json.h"
#include "jsonl.h"
#include "prompts.h"
#include "run_json.h"
#include "testkit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define OK(call)                                                                                             \
    do {                                                                                                     \
        struct error why = {0};                                                                              \
        ck_assert_msg((call) == STATUS_OK, "%s: %s", #call, error_text(&why));                               \
    } while (0)

#define BUSY_CPU_S 1.0 /* that the server is made to spend */
#define REST_NS (1500 * NS_PER_MS)

/* Written by the cases, read by the test: what the server's process had spent when each began and ended. */
static struct told {
    long pid;
    double from_s[2], to_s[2];
    int requests;
} * told;

static const char *const names[2] = {"windows.busy", "windows.rest"};

/* utime and stime of the process, which are counted in ticks; its name may hold anything but is in brackets. */
static double server_cpu_s(void)
{
    char path[64], text[1024];
    unsigned long long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%ld/stat", told->pid);
    FILE *file = fopen(path, "re");
    size_t len = file != NULL ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file != NULL)
        fclose(file);
    text[len] = '\0';
    const char *at = strrchr(text, ')');
    for (int field = 0; at != NULL && field < 12; field++)
        at = strchr(at + 1, ' ');
    char *end = NULL;
    if (at != NULL) {
        user = strtoull(at, &end, 10);
        system = strtoull(end, NULL, 10);
    }
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static void busy(struct assay_context *ctx)
{
    struct chat_request request = assay_request(ctx, "short");
    request.max_tokens = 24;
    for (int repeat; assay_next(ctx, &repeat);) {
        told->from_s[0] = server_cpu_s();
        do {
            ck_assert_int_eq(assay_chat(ctx, &request)->error, EXCHANGE_OK);
            told->requests++;
            told->to_s[0] = server_cpu_s();
        } while (told->to_s[0] - told->from_s[0] < BUSY_CPU_S);
    }
}

static void rest(struct assay_context *ctx)
{
    for (int repeat; assay_next(ctx, &repeat);) {
        told->from_s[1] = server_cpu_s();
        clock_sleep_until(clock_system(), clock_mono_ns(clock_system()) + REST_NS);
        told->to_s[1] = server_cpu_s();
    }
}

static const struct assay_case cases[] = {
    {.id = "windows.busy",
        .summary = "keeps the server busy",
        .body = busy,
        .version = 1,
        .per_model = true,
        .repeats = 1,
        .warmup = -1},
    {.id = "windows.rest",
        .summary = "asks nothing",
        .body = rest,
        .version = 1,
        .per_model = true,
        .repeats = 1,
        .warmup = -1},
    {0},
};

/* ---- the run ---- */

static bool read_state(char *url, size_t size)
{
    const char *path = getenv("ASSAY_TEST_ENGINE_STATE");
    FILE *file = path != NULL ? fopen(path, "re") : NULL;
    char line[512];
    url[0] = '\0';
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "url=", 4) == 0)
            snprintf(url, size, "%s", line + 4);
        else if (strncmp(line, "pid=", 4) == 0)
            told->pid = strtol(line + 4, NULL, 10);
    }
    if (file != NULL)
        fclose(file);
    return url[0] != '\0' && told->pid > 0;
}

static void run_all(const char *url, int64_t seed, struct run_folder *folder)
{
    struct target_access server = {.url = url};
    struct portfolio_options ask = {.servers = &server, .server_count = 1};
    struct portfolio portfolio = {0};
    struct run_request request = {
        .settings = RUN_SETTINGS_DEFAULT, .plan = {.cases = cases}, .driver = "assay"};
    struct assay_suite suite = {.cases = cases, .prompts = prompts_all};
    struct json_object *run = NULL;
    struct executed done;
    struct finalised sum;
    request.settings.repeats = 1;
    request.settings.seed = (uint64_t)seed;
    OK(portfolio_discover(&ask, &portfolio, &why));
    OK(run_json_new(&request, &portfolio, &run, &why));
    OK(run_json_create_folder(testkit_tmp(), run, folder, &why));
    struct execute_options options = {.folder = folder, .suite = &suite};
    OK(execute_plan(&options, &done, &why));
    OK(finalise_run(folder->path, &sum, &why));
    portfolio_fini(&portfolio);
}

/* ---- what it says ---- */

struct found {
    double cpu_s;                      /* of the record's sensor */
    double first_cpu_s, samples_cpu_s; /* of the test's first sample, and its growth over all of them */
    double process_cpu_s;              /* of the record's server_process */
    int64_t start_ns, end_ns;
    /* outside of the record's start and end, but for the two samples that stand at them */
    size_t samples, outside;
};

static int which(const struct json_object *line)
{
    const char *test = json_get_text(line, "/test");
    for (int i = 0; test != NULL && i < 2; i++)
        if (strncmp(test, names[i], strlen(names[i])) == 0)
            return i;
    return -1;
}

static void take_record(const struct json_object *line, struct found *found)
{
    int i = which(line);
    if (i < 0)
        return;
    struct found *f = &found[i];
    ck_assert_str_eq(json_get_text(line, "/outcome"), "passed");
    ck_assert_msg(json_get_real(line, "/system_health/sensors/cpu_target/delta", &f->cpu_s),
        "the server's process was not found: %s",
        json_get_text(line, "/system_health/sensors/cpu_target/reason"));
    ck_assert(json_get_real(line, "/server_process/cpu_s", &f->process_cpu_s));
    ck_assert(json_get_int(line, "/start_unix_ns", &f->start_ns));
    ck_assert(json_get_int(line, "/end_unix_ns", &f->end_ns));
}

static void take_sample(const struct json_object *line, struct found *found)
{
    int i = which(line);
    int64_t at_ns = 0;
    double cpu_s;
    if (i < 0 || json_get(line, "/type") != NULL || !json_get_int(line, "/unix_ns", &at_ns))
        return;
    struct found *f = &found[i];
    f->samples++;
    f->outside +=
        strcmp(json_get_text(line, "/phase"), "during") == 0 && (at_ns < f->start_ns || at_ns > f->end_ns);
    if (!json_get_real(line, "/values/cpu_target", &cpu_s))
        return;
    if (f->samples == 1)
        f->first_cpu_s = cpu_s;
    f->samples_cpu_s = cpu_s - f->first_cpu_s;
}

static void each_line(const struct run_folder *folder, const char *name,
    void (*take)(const struct json_object *line, struct found *found), struct found *found)
{
    struct buf path = BUF_INIT(4096);
    struct jsonl *reader = NULL;
    ck_assert_int_eq(run_folder_path(folder, name, &path), STATUS_OK);
    OK(jsonl_open(buf_text(&path), &reader, &why));
    for (struct jsonl_line line; jsonl_next(reader, &line);)
        take(line.tree, found);
    OK(jsonl_close(reader, &why));
    buf_fini(&path);
}

/* CPU time is counted, so that it holds on any machine: in ticks, and with what the server does by itself. */
static void judge(const struct found *found, const double *known)
{
    for (int i = 0; i < 2; i++) {
        const struct found *f = &found[i];
        double slack_s = 0.1 + 0.1 * known[i];
        printf(
            "%s: %.2f s CPU of the server by its record, %.2f by its samples (%zu), %.2f of its process; it "
            "spent %.2f s, in %.2f s\n",
            names[i], f->cpu_s, f->samples_cpu_s, f->samples, f->process_cpu_s, known[i],
            (double)(f->end_ns - f->start_ns) / 1e9);
        ck_assert_uint_ge(f->samples, 3);
        ck_assert_uint_eq(f->outside, 0);
        ck_assert_msg(f->cpu_s >= known[i] - 0.05, "%g s of %g", f->cpu_s, known[i]);
        ck_assert_msg(f->cpu_s <= known[i] + slack_s, "%g s of %g", f->cpu_s, known[i]);
        ck_assert_msg(fabs(f->samples_cpu_s - f->cpu_s) <= 0.02, "%g s by samples", f->samples_cpu_s);
        ck_assert_msg(fabs(f->process_cpu_s - f->cpu_s) <= 0.1, "%g s by server_process", f->process_cpu_s);
    }
}

static void the_cpu_time_of_a_case_comes_from_its_own_window(void)
{
    char url[256];
    told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert(told != MAP_FAILED);
    if (!read_state(url, sizeof url))
        TESTKIT_SKIP("the engine is not running: the test that starts it says why");
    if (access("/proc/self/stat", R_OK) != 0)
        TESTKIT_SKIP("no /proc, which tells what a process spent");
    for (int64_t seed = 1; seed <= 2; seed++) {
        struct run_folder folder = {0};
        struct found found[2] = {0};
        told->requests = 0;
        run_all(url, seed, &folder);
        each_line(&folder, "benchmark.jsonl", take_record, found);
        each_line(&folder, "samples.jsonl", take_sample, found);
        const double known[2] = {told->to_s[0] - told->from_s[0], told->to_s[1] - told->from_s[1]};
        printf("%d requests, %s first\n", told->requests, names[found[0].start_ns > found[1].start_ns]);
        judge(found, known);
        ck_assert_msg(
            known[0] >= BUSY_CPU_S && known[1] < 0.2 * known[0], "%g s and %g s", known[0], known[1]);
        run_folder_fini(&folder);
    }
    munmap(told, sizeof *told);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0); /* figures are there also where an assertion ends the test */
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(the_cpu_time_of_a_case_comes_from_its_own_window),
        {0},
    };
    return testkit_run("engine_windows", tests);
}
