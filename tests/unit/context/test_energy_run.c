/* Cases that the real supervisor runs on the processes of this machine and a package of our own making: what each used
 * is what was used in its own window. */
#include "assay.h"
#include "clock.h"
#include "execute.h"
#include "finalise.h"
#include "json.h"
#include "jsonl.h"
#include "our_schemas.h"
#include "prompts.h"
#include "run_json.h"
#include "sim.h"
#include "testkit.h"
#include "tree_kit.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ZONE "/sys/class/powercap/intel-rapl:0/"

#define OK(call)                                                                                             \
    do {                                                                                                     \
        struct error why = {0};                                                                              \
        ck_assert_msg((call) == STATUS_OK, "%s: %s", #call, error_text(&why));                               \
    } while (0)

/* Written by the cases, read by the test: what each drew, and how long. */
static struct told {
    double joules;
    double drawn[2], cpu_s[2];
    char counter[512], folder[1024];
} * told;

static double cpu_seconds(void)
{
    struct timespec t;
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) != 0)
        abort();
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* All digits are always there, so that whoever reads meanwhile never sees a shorter number. */
static void show(int fd)
{
    char text[32];
    int len = snprintf(text, sizeof text, "%018lld\n", (long long)(told->joules * 1e6));
    if (pwrite(fd, text, (size_t)len, 0) != len)
        abort(); /* an assertion costs more than all the rest of the loop that this is in */
}

/* What a package does that draws so many watts while the case runs, and nothing in between. */
static void draw(int which, double watts, double least_cpu_s)
{
    const struct clock *clock = clock_system();
    int fd = open(told->counter, O_WRONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    int64_t start_ns = clock_mono_ns(clock), last_ns = start_ns, now_ns = start_ns;
    double cpu_start_s = cpu_seconds();
    while (now_ns < start_ns + 1600 * NS_PER_MS || cpu_seconds() - cpu_start_s < least_cpu_s) {
        if (least_cpu_s <= 0)
            clock_sleep_until(clock, now_ns + 5 * NS_PER_MS);
        now_ns = clock_mono_ns(clock);
        if (now_ns - last_ns < 2 * NS_PER_MS)
            continue;
        double joules = watts * (double)(now_ns - last_ns) / 1e9;
        told->joules += joules;
        told->drawn[which] += joules;
        last_ns = now_ns;
        show(fd);
    }
    told->cpu_s[which] = cpu_seconds() - cpu_start_s;
    close(fd);
}

static void busy(struct assay_context *ctx)
{
    for (int repeat; assay_next(ctx, &repeat);)
        draw(0, 60, 0.7);
}

static void idle(struct assay_context *ctx)
{
    for (int repeat; assay_next(ctx, &repeat);)
        draw(1, 12, 0);
}

static const struct assay_case cases[] = {
    {.id = "energy.busy",
        .summary = "works",
        .body = busy,
        .version = 1,
        .no_target = true,
        .repeats = 1,
        .warmup = -1},
    {.id = "energy.idle",
        .summary = "rests",
        .body = idle,
        .version = 1,
        .no_target = true,
        .repeats = 1,
        .warmup = -1},
    {0},
};

/* The processes of this machine and a package of our own. */
static const char *make_root(void)
{
    const char *root = testkit_tmp_path("root");
    tree_write(root, ZONE "name", "package-0\n");
    tree_write(root, ZONE "max_energy_range_uj", "262143328850\n");
    tree_write(root, ZONE "energy_uj", "000000000000000000\n");
    snprintf(told->counter, sizeof told->counter, "%s" ZONE "energy_uj", root);
    char proc[512];
    snprintf(proc, sizeof proc, "%s/proc", root);
    if (access(proc, F_OK) != 0)
        ck_assert_int_eq(symlink("/proc", proc), 0);
    return root;
}

static struct json_object *records_of(const char *folder)
{
    struct buf path = BUF_INIT(4096);
    struct json_object *records = json_object_new_object();
    struct jsonl *reader = NULL;
    struct error why = {0};
    buf_printf(&path, "%s/benchmark.jsonl", folder);
    ck_assert_int_eq(jsonl_open(buf_text(&path), &reader, &why), STATUS_OK);
    for (struct jsonl_line line; jsonl_next(reader, &line);) {
        ck_assert_msg(
            schema_check(schema_for("record"), line.tree, &why) == STATUS_OK, "%s", error_text(&why));
        ck_assert_str_eq(json_get_text(line.tree, "/outcome"), "passed");
        ck_assert(json_set(records, json_get_text(line.tree, "/case"), json_object_get(line.tree)));
    }
    ck_assert_int_eq(jsonl_close(reader, &why), STATUS_OK);
    buf_fini(&path);
    return records;
}

/* The plan of these cases, on the server of url or without one, as run by `assay run`; idle_watts: the baseline. */
static struct json_object *run_all(
    const char *root, const struct assay_case *all, const char *url, double idle_watts)
{
    struct target_access server = {.url = url};
    struct portfolio_options ask = {.servers = &server, .server_count = url ? 1 : 0};
    struct portfolio portfolio = {0};
    struct run_request request = {
        .settings = RUN_SETTINGS_DEFAULT, .plan = {.cases = all}, .driver = "assay"};
    struct assay_suite suite = {.cases = all, .prompts = prompts_all};
    struct json_object *run = NULL;
    struct run_folder folder = {0};
    struct executed done;
    struct finalised sum;
    request.settings.repeats = 6;
    if (url)
        OK(portfolio_discover(&ask, &portfolio, &why));
    OK(run_json_new(&request, &portfolio, &run, &why));
    OK(run_json_create_folder(testkit_tmp(), run, &folder, &why));
    if (idle_watts > 0) {
        struct json_object *idle = NULL;
        char text[256];
        snprintf(text, sizeof text,
            "{\"seconds\":3,\"sources\":[{\"name\":\"package_0\",\"method\":\"x\",\"watts\":%d,\"samples\":9}"
            "]}",
            (int)idle_watts);
        OK(json_parse(text, strlen(text), &idle, &why));
        ck_assert(json_set(folder.run, "idle", idle));
    }
    struct execute_options options = {
        .folder = &folder, .suite = &suite, .timeout_s = 60, .machine_root = root};
    OK(execute_plan(&options, &done, &why));
    OK(finalise_run(folder.path, &sum, &why));
    struct json_object *records = records_of(folder.path);
    snprintf(told->folder, sizeof told->folder, "%s", folder.path);
    run_folder_fini(&folder);
    portfolio_fini(&portfolio);
    return records;
}

static double real_at(const struct json_object *tree, const char *test, const char *pointer)
{
    double value = NAN;
    struct json_object *record = NULL;
    ck_assert(json_object_object_get_ex((struct json_object *)tree, test, &record));
    (void)json_get_real(record, pointer, &value);
    return value;
}

static double error_of(double found, double known)
{
    return isnan(found) ? INFINITY : fabs(found / known - 1);
}

/* Where the machine is busy with something else a reading comes late, and what it tells of is cut off late: the
 * best of some runs is what assay can do. */
static void each_case_has_what_was_used_in_its_own_window(void)
{
    double best = INFINITY;
    told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert(told != MAP_FAILED);
    for (int round = 0; round < 5 && best > 0.01; round++) {
        memset(told, 0, sizeof *told);
        struct json_object *records = run_all(make_root(), cases, NULL, 0);
        double joules[2] = {real_at(records, "energy.busy", "/energy/joules"),
            real_at(records, "energy.idle", "/energy/joules")};
        double cpu[2] = {real_at(records, "energy.busy", "/system_health/sensors/cpu_ours/delta"),
            real_at(records, "energy.idle", "/system_health/sensors/cpu_ours/delta")};
        double worst = fmax(error_of(joules[0], told->drawn[0]), error_of(joules[1], told->drawn[1]));
        printf("busy %.3f J of %.3f, %.2f s CPU of %.2f; idle %.3f J of %.3f, %.2f s CPU of %.2f: %.2f %%\n",
            joules[0], told->drawn[0], cpu[0], told->cpu_s[0], joules[1], told->drawn[1], cpu[1],
            told->cpu_s[1], 100 * worst);
        best = fmin(best, worst);
        /* CPU time is counted, so that it is right on any machine: in ticks, and with what starting takes */
        ck_assert_msg(cpu[0] > told->cpu_s[0] - 0.05, "%g s of %g", cpu[0], told->cpu_s[0]);
        ck_assert_msg(cpu[1] < told->cpu_s[0], "%g s while idle", cpu[1]);
        json_object_put(records);
    }
    ck_assert_msg(best <= 0.05, "at best %.1f %% off", 100 * best);
    munmap(told, sizeof *told);
}

/* ---- tokens ---- */

static void answers(struct assay_context *ctx)
{
    struct chat_request request = assay_request(ctx, "short");
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        ck_assert_int_eq(assay_chat(ctx, &request)->error, EXCHANGE_OK);
        assay_measure(ctx, false);
        assay_chat(ctx, &request);
        assay_measure(ctx, true);
    }
}

static const struct assay_case asking[] = {
    {.id = "energy.answers", .summary = "asks", .body = answers, .version = 1, .per_model = true}, {0}};

/* 50 W all the time, by a process of its own, which ends with us. */
static pid_t start_package(double watts)
{
    pid_t parent = getpid(), child = fork();
    ck_assert_int_ge(child, 0);
    if (child > 0)
        return child;
    int fd = open(told->counter, O_WRONLY | O_CLOEXEC);
    int64_t start_ns = clock_mono_ns(clock_system()), now_ns = start_ns;
    while (fd >= 0 && getppid() == parent) {
        clock_sleep_until(clock_system(), now_ns + 5 * NS_PER_MS);
        now_ns = clock_mono_ns(clock_system());
        told->joules = watts * (double)(now_ns - start_ns) / 1e9;
        show(fd);
    }
    _exit(0);
}

/* What exchanges.jsonl says of the measured requests: how long they were being answered. */
static double seconds_of_answering(const char *folder)
{
    struct buf path = BUF_INIT(4096);
    struct jsonl *reader = NULL;
    double sum = 0, sent, ended;
    buf_printf(&path, "%s/exchanges.jsonl", folder);
    OK(jsonl_open(buf_text(&path), &reader, &why));
    for (struct jsonl_line line; jsonl_next(reader, &line);)
        if (strcmp(json_get_text(line.tree, "/role"), "measured") == 0 &&
            json_get_real(line.tree, "/t/sent_ns", &sent) && json_get_real(line.tree, "/t/done_ns", &ended))
            sum += (ended - sent) / 1e9;
    OK(jsonl_close(reader, &why));
    buf_fini(&path);
    return sum;
}

/* The whole way: exchanges, tokens, a counter, a baseline, and what stands in the record. */
static void joules_per_token_come_from_the_answers_and_nothing_else(void)
{
    const char *models[] = {"sim-steady", NULL};
    struct sim_options sim_options = {.models = models, .seed = 1, .with_parent = true};
    struct sim_process sim;
    double best = INFINITY;
    told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert(told != MAP_FAILED);
    OK(sim_spawn(&sim_options, &sim, &why));
    const char *root = make_root();
    pid_t package = start_package(50);
    for (int round = 0; round < 5 && best > 0.01; round++) {
        struct json_object *records = run_all(root, asking, sim.url, 10);
        double seconds = seconds_of_answering(told->folder);
        double joules = real_at(records, "energy.answers", "/energy/joules"),
               window_s = real_at(records, "energy.answers", "/energy/window_s"),
               tokens = real_at(records, "energy.answers", "/tokens/completion/n"),
               per_token = real_at(records, "energy.answers", "/energy/joules_per_token");
        ck_assert_msg(fabs(window_s - seconds) < 1e-6, "%g s of %g", window_s, seconds);
        ck_assert(fabs(per_token * tokens / (joules - 10 * window_s) - 1) < 1e-9);
        ck_assert(real_at(records, "energy.answers", "/performance/joules_per_token/n") >= 1);
        ck_assert(real_at(records, "energy.answers", "/performance/joules_per_request/n") >= 1);
        printf("%.3f J of %.3f in %.3f s, %.5f J/token\n", joules, 50 * seconds, seconds, per_token);
        best = fmin(best, error_of(joules, 50 * seconds));
        json_object_put(records);
    }
    (void)kill(package, SIGKILL);
    (void)waitpid(package, NULL, 0);
    sim_stop(&sim);
    ck_assert_msg(best <= 0.05, "at best %.1f %% off", 100 * best);
    munmap(told, sizeof *told);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(each_case_has_what_was_used_in_its_own_window),
        TESTKIT_TEST(joules_per_token_come_from_the_answers_and_nothing_else),
        {0},
    };
    return testkit_run("energy_run", tests);
}
