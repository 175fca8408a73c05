/*
 * How much a test costs beside its body: intent, fork, journal, sampling, classification, record, all
 * synced.
 *
 *     bench_overhead [--cases N] [--folder DIR]
 *
 * Prints the median over empty cases for both ways to a supervisor: forked by the run loop (`assay run`),
 * and as a program of its own (CTest). The body's own time is taken off. Exits with 1 above the promise
 * of 15 ms.
 */
#include "clock.h"
#include "execute.h"
#include "fs.h"
#include "json.h"
#include "opt.h"
#include "stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROMISED_S 0.015
enum { CASES_MAX = 5000 };

static void does_nothing(struct assay_context *ctx)
{
    (void)ctx;
}

static const struct assay_case cases[] = {
    {.id = "speed.empty", .body = does_nothing, .version = 1, .no_target = true, .repeats = 1, .warmup = -1},
    {0},
};
static const struct assay_prompt prompts[] = {{0}};
static const struct assay_suite suite = {.cases = cases, .prompts = prompts};

struct measuring {
    int64_t started_ns;
    double overhead_s[CASES_MAX];
    size_t count, failed;
};

static int64_t now_ns(void)
{
    return clock_mono_ns(clock_system());
}

static void started(void *arg, size_t index, const char *test)
{
    struct measuring *m = arg;
    (void)index;
    (void)test;
    m->started_ns = now_ns();
}

static void ended(
    void *arg, size_t index, const char *test, enum outcome outcome, const struct json_object *record)
{
    struct measuring *m = arg;
    double body_s = 0;
    (void)index;
    (void)test;
    if (record != NULL)
        (void)json_get_real(record, "/phases/body_s", &body_s);
    m->overhead_s[m->count++] = (double)(now_ns() - m->started_ns) / 1e9 - body_s;
    m->failed += outcome != OUTCOME_PASSED;
}

static struct json_object *run_json(const char *run_id, int64_t tests)
{
    static const char text[] =
        "{\"schema_version\":\"1.0.0\",\"started\":\"2026-11-20T23:46:05.000Z\",\"start_unix_ns\":1,\"seed\":"
        "7,"
        "\"assay\":{\"version\":\"0.1.0\"},\"machine\":{\"host\":\"box\",\"os\":\"x\",\"kernel\":\"x\","
        "\"architecture\":\"x\"},\"parameters\":{},\"targets\":[],\"models\":[]}";
    struct json_object *run = NULL, *plan = json_object_new_array();
    bool ok = json_parse(text, sizeof text - 1, &run, NULL) == STATUS_OK;
    for (int64_t i = 0; ok && i < tests; i++) {
        char name[64];
        struct json_object *test = json_object_new_object();
        snprintf(name, sizeof name, "speed.empty[%lld]", (long long)i);
        ok = json_set_text(test, "test", name) && json_set_text(test, "case", "speed.empty");
        ok = json_add(plan, test) && ok;
    }
    ok = json_set(run, "plan", plan) && ok;
    if (ok && json_set_text(run, "run_id", run_id))
        return run;
    json_object_put(run);
    return NULL;
}

static enum status measure_forked(const struct run_folder *folder, struct measuring *m, struct error *e)
{
    struct executed done;
    struct execute_options o = {
        .folder = folder, .suite = &suite, .started = started, .ended = ended, .arg = m};
    return execute_plan(&o, &done, e);
}

/* What CTest starts: this program anew, with a folder and a test. */
static int be_program(const char *path, const char *test)
{
    struct run_folder folder;
    struct supervised done;
    struct error why = {0};
    enum status s = run_folder_open(path, &folder, &why);
    struct supervise_options o = {.folder = &folder, .suite = &suite, .test = test};
    if (s == STATUS_OK)
        s = supervise(&o, &done, &why);
    if (s != STATUS_OK)
        fprintf(stderr, "%s\n", error_text(&why));
    run_folder_fini(&folder);
    return s == STATUS_OK ? supervise_exit_code(done.outcome) : 4;
}

static void measure_executed(const struct run_folder *folder, int64_t count, struct measuring *m)
{
    for (int64_t i = 0; i < count; i++) {
        char name[64];
        int status = 0;
        snprintf(name, sizeof name, "speed.empty[%lld]", (long long)i);
        int64_t t0_ns = now_ns();
        pid_t child = fork();
        if (child == 0) {
            (void)execl("/proc/self/exe", "bench_overhead", "--supervise", folder->path, name, (char *)NULL);
            _exit(127);
        }
        (void)waitpid(child, &status, 0);
        m->overhead_s[m->count++] = (double)(now_ns() - t0_ns) / 1e9;
        m->failed += status != 0;
    }
}

static double print_figures(const char *name, const struct measuring *m)
{
    struct summary s;
    if (stats_summarise(m->overhead_s, m->count, &s) != STATUS_OK)
        return 1;
    printf("%-28s n %zu  median %.2f ms  p25 %.2f  p75 %.2f  max %.2f ms  failed %zu\n", name, s.n,
        s.median * 1e3, s.p25 * 1e3, s.p75 * 1e3, s.max * 1e3, m->failed);
    return m->failed > 0 ? 1 : s.median;
}

struct options {
    int64_t cases;
    const char *folder;
};

static const struct opt options_table[] = {
    {"cases", 0, OPT_INT, offsetof(struct options, cases), "N", "how many", .min = 1, .max = CASES_MAX},
    {"folder", 0, OPT_TEXT, offsetof(struct options, folder), "DIR",
        "where to write; its disk is what is synced"},
    {0},
};

static enum status measure(const struct options *o, double *forked_s, struct error *e)
{
    static struct measuring forked, executed;
    struct run_folder folder = {0};
    enum status s = run_folder_create(o->folder, "box", clock_wall_ns(clock_system()), &folder, e);
    if (s == STATUS_OK)
        s = run_folder_save(&folder, run_json(folder.run_id, o->cases), e);
    if (s == STATUS_OK)
        s = measure_forked(&folder, &forked, e);
    if (s == STATUS_OK) {
        measure_executed(&folder, o->cases, &executed);
        *forked_s = print_figures("forked by the run loop", &forked);
        (void)print_figures("a program of its own (CTest)", &executed);
    }
    if (folder.path[0] != '\0')
        s = fs_remove_tree(folder.path, s == STATUS_OK ? e : NULL) == STATUS_OK ? s : STATUS_IO;
    run_folder_fini(&folder);
    return s;
}

int main(int argc, char **argv)
{
    struct options o = {.cases = 200, .folder = "bench_overhead.runs"};
    struct error why = {0};
    int first = 0;
    double forked_s = 0;
    if (argc == 4 && strcmp(argv[1], "--supervise") == 0)
        return be_program(argv[2], argv[3]);
    if (opt_parse(options_table, &o, argc, argv, &first, &why) != STATUS_OK ||
        measure(&o, &forked_s, &why) != STATUS_OK) {
        fprintf(stderr, "bench_overhead: %s\n", error_text(&why));
        return why.status == STATUS_USAGE ? 2 : 4;
    }
    return forked_s <= PROMISED_S ? 0 : 1;
}
