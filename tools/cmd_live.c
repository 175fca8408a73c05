/*
 * assay live - the live tests of ctest, step by step. Hidden: CTest calls it (AssayLive.cmake).
 *
 *     live discover FOLDER     as ctest starts: finds servers and models, writes tests and plan
 *     live begin FOLDER        fixture: the run's folder, for the tests that ctest is going to run
 *     live test FOLDER SLUG    one test: its supervisor
 *     live end FOLDER          fixture: records, reports, the judgement
 *     live skip|fail REASON    a test that is only a reason
 */
#include "verb.h"

#include "clock.h"
#include "config.h"
#include "fs.h"
#include "headline.h"
#include "json.h"
#include "live_ctest.h"
#include "live_keeper.h"
#include "live_script.h"
#include "log.h"
#include "measure_lock.h"
#include "prompts.h"
#include "run_end.h"
#include "planned.h"
#include "run_json.h"
#include "run_options.h"
#include "server_list.h"
#include "spool.h"
#include "suite.h"
#include "supervisor.h"
#include "target_url.h"
#include "text.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#define DISCOVER_LIMIT_NS (900 * NS_PER_MS) /* ctest starts within a second, however many servers hang */
#define LOCK_WAIT_NS (10 * NS_PER_S)
#define TEST_LOCK "test.lock" /* one test at a time, whatever ctest is told; the keeper waits for it */

static const char *path_in(struct buf *b, const char *folder, const char *name)
{
    buf_clear(b);
    fs_join(b, folder, name);
    return buf_text(b);
}

/* The suites of the program, for label filters; NULL-terminated, static. */
static const char *const *suite_names(void)
{
    static char names[32][32];
    static const char *list[33];
    size_t n = 0;
    for (const struct assay_case *c = suite_cases(); c && c->id && n < 32; c++) {
        size_t len = strcspn(c->id, ".");
        if (n > 0 && strlen(names[n - 1]) == len && strncmp(names[n - 1], c->id, len) == 0)
            continue;
        snprintf(names[n], sizeof names[n], "%.*s", (int)len, c->id);
        list[n] = names[n];
        n++;
    }
    return list;
}

/* The live tests have no command line of their own: file and environment say everything. */
struct live_config {
    struct config config;
    struct run_options options;
};

static enum status live_config_open(struct live_config *c, struct error *e)
{
    struct config_origins origins;
    c->options = (struct run_options)RUN_OPTIONS_DEFAULT;
    enum status s = config_open(NULL, &c->config, e);
    return s == STATUS_OK ? config_apply(&c->config, run_options_table, &c->options, &origins, e) : s;
}

/* What `assay run` would do with the same file and environment. */
static void live_request(const struct run_options *o, struct run_request *r)
{
    *r = (struct run_request){.driver = "ctest",
        .notes = o->notes,
        .plan = {.cases = suite_cases(), .suites = o->suites, .case_ids = o->cases, .models = o->models}};
    run_options_settings(o, &r->settings);
}

/* plan.json: run.json as far as it is known, and where each target was found ("sim:NAME" for one to be
 * started). */
static enum status save_plan(const char *folder, const struct server_list *servers, const struct portfolio *p,
    struct json_object *run, struct error *e)
{
    struct buf text = BUF_INIT(64 << 20), path = BUF_INIT(8192);
    struct json_object *scenarios = json_object_new_object(), *places = json_object_new_object();
    bool ok = scenarios != NULL && places != NULL;
    for (size_t i = 0; ok && servers->asked && i < p->count; i++)
        ok = json_set_int(places, p->targets[i].info.name, (int64_t)i);
    for (size_t i = 0; ok && i < p->count; i++)
        for (size_t k = 0; ok && k < servers->sim_count; k++)
            if (p->targets[i].status == STATUS_OK &&
                strcmp(p->targets[i].access.url, servers->sims[k].url) == 0)
                ok = json_set_text(scenarios, p->targets[i].info.name, servers->scenarios[k]);
    struct json_object *plan = json_object_new_object();
    ok = json_set(plan, "scenarios", scenarios) && ok;
    ok = json_set(plan, "places", places) && ok && json_set(plan, "run", json_object_get(run));
    enum status s =
        ok ? json_write(plan, &text, e) : error_set(e, STATUS_NO_MEMORY, "no memory for the plan");
    if (s == STATUS_OK)
        s = fs_write_atomic(path_in(&path, folder, "plan.json"), buf_text(&text), text.len, e);
    json_object_put(plan);
    buf_fini(&text);
    buf_fini(&path);
    return s;
}

/* The script for a portfolio: its tests, a failing one for each server that was asked for and is silent. */
static enum status compose(struct buf *script, const struct live_place *place,
    const struct run_options *options, const struct server_list *servers, struct portfolio *p,
    struct error *e)
{
    struct run_request request;
    live_request(options, &request);
    struct json_object *run = NULL;
    enum status s = run_json_new(&request, p, &run, e);
    if (s == STATUS_OK)
        s = save_plan(place->folder, servers, p, run, e);
    if (s == STATUS_OK)
        s = live_script_tests(script, place, request.plan.cases, run);
    for (size_t i = 0; s == STATUS_OK && i < p->count; i++) {
        struct error why = {0};
        if (server_list_check(&p->targets[i], &why) != STATUS_OK)
            s = live_script_problem(script, place, p->targets[i].info.name, LIVE_FAILS, error_text(&why));
    }
    if (s == STATUS_OK && p->count == 0)
        s = live_script_problem(script, place, "no_server", LIVE_SKIPS,
            "no model server answers on the usual ports and neither ASSAY_TARGETS nor assay.yaml names one; "
            "ASSAY_TARGETS=sim: runs the live tests on a simulator");
    json_object_put(run);
    return s;
}

static enum status discover_into(struct buf *script, const struct live_place *place, struct error *e)
{
    struct live_config c;
    struct server_list servers = {0};
    struct portfolio portfolio = {0};
    enum status s = live_config_open(&c, e);
    if (s == STATUS_OK)
        s = server_list_open(&c.options.targets, &c.config, &servers, e);
    if (s == STATUS_OK)
        s = server_list_discover(&servers, DISCOVER_LIMIT_NS, &portfolio, e);
    if (s == STATUS_OK)
        s = compose(script, place, &c.options, &servers, &portfolio, e);
    portfolio_fini(&portfolio);
    server_list_fini(&servers);
    config_fini(&c.config);
    return s;
}

/* Discovery that fails is a test that fails: ctest must not come out green because nothing was found. */
static int discover(const char *program, const char *folder)
{
    struct live_ctest ctest;
    char working[4096] = ".";
    struct live_place place = {.program = program, .folder = folder, .working = working};
    (void)!getcwd(working, sizeof working);
    struct buf script = BUF_INIT(LIVE_SCRIPT_MAX), path = BUF_INIT(8192);
    struct error why = {0};
    const char *reuse = getenv("ASSAY_LIVE_REUSE");
    path_in(&path, folder, "tests.cmake");
    if (reuse && reuse[0] && fs_exists(buf_text(&path))) {
        buf_fini(&path);
        return EXIT_FINE;
    }
    live_ctest_read(getppid(), &ctest);
    enum status s = fs_make_dirs(folder, &why);
    if (s == STATUS_OK && live_ctest_wants_live(&ctest, suite_names()) &&
        discover_into(&script, &place, &why) != STATUS_OK) {
        buf_clear(&script);
        s = live_script_problem(&script, &place, "discovery", LIVE_FAILS, error_text(&why));
    }
    if (s == STATUS_OK)
        s = fs_write_atomic(buf_text(&path), buf_text(&script), script.len, &why);
    live_ctest_fini(&ctest);
    buf_fini(&script);
    buf_fini(&path);
    return s == STATUS_OK ? EXIT_FINE : verb_fail("live", &why);
}

/* Only what this ctest is going to run stays in the plan: what it leaves out by choice is not `not_run`. */
static void keep_selected(struct json_object *run, const struct live_names *names)
{
    struct json_object *plan = json_get_array(run, "/plan"), *kept = json_object_new_array();
    for (size_t i = 0; plan && i < json_object_array_length(plan); i++) {
        struct json_object *planned = json_object_array_get_idx(plan, i);
        struct buf slug = BUF_INIT(512);
        text_slug(&slug, json_get_text(planned, "/test"));
        if (live_names_have(names, buf_text(&slug)))
            (void)json_add(kept, json_object_get(planned));
        buf_fini(&slug);
    }
    (void)json_set(run, "plan", kept);
}

static enum status start_keeper(const char *folder, const struct json_object *plan, pid_t ctest,
    struct json_object *run, struct live_keeper *keeper, struct error *e)
{
    const char *names[KEEPER_SIMS_MAX], *scenarios[KEEPER_SIMS_MAX];
    struct buf pid_file = BUF_INIT(8192), lock = BUF_INIT(4096), test_lock = BUF_INIT(8192);
    size_t count = 0;
    json_object_object_foreach(json_get_object(plan, "/scenarios"), name, value)
    {
        if (count == KEEPER_SIMS_MAX)
            break;
        names[count] = name;
        scenarios[count++] = json_object_get_string(value);
    }
    measure_lock_path(&lock);
    struct live_keeper_options o = {.pid_file = path_in(&pid_file, folder, "keeper"),
        .lock_file = lock.len ? buf_text(&lock) : NULL,
        .lock_wait_ns = LOCK_WAIT_NS,
        .test_lock = path_in(&test_lock, folder, TEST_LOCK),
        .watch = ctest,
        .scenarios = scenarios,
        .scenario_count = count};
    enum status s = live_keeper_start(&o, keeper, e);
    struct json_object *targets = json_get_array(run, "/targets");
    for (size_t i = 0; s == STATUS_OK && targets && i < json_object_array_length(targets); i++)
        for (size_t k = 0; k < count; k++) {
            struct json_object *target = json_object_array_get_idx(targets, i);
            const char *known = json_get_text(target, "/name");
            if (known && strcmp(known, names[k]) == 0)
                (void)json_set_text(target, "endpoint", keeper->urls[k]);
        }
    buf_fini(&pid_file);
    buf_fini(&lock);
    buf_fini(&test_lock);
    return s;
}

static enum status begin_run(
    const char *folder, const struct live_ctest *ctest, struct json_object *plan, struct error *e)
{
    struct json_object *run = json_get_object(plan, "/run");
    struct run_folder made = {0};
    struct live_keeper keeper = {0};
    struct live_names names = {0};
    struct buf runs = BUF_INIT(8192);
    if (!run)
        return error_set(e, STATUS_INVALID, "plan.json holds no run; start ctest again");
    if (live_ctest_selected(ctest, &names, NULL) == STATUS_OK && names.count > 0)
        keep_selected(run, &names);
    enum status s = start_keeper(folder, plan, ctest->pid, run, &keeper, e);
    if (s == STATUS_OK)
        s = run_json_create_folder(path_in(&runs, folder, "runs"), json_object_get(run), &made, e);
    if (s == STATUS_OK)
        s = spool_claim(&made, keeper.pid, e);
    if (s == STATUS_OK)
        s = run_folder_link_latest(&made, e);
    if (s == STATUS_OK)
        printf("writing to %s\n", made.path);
    live_names_fini(&names);
    run_folder_fini(&made);
    buf_fini(&runs);
    return s;
}

static int begin(const char *folder)
{
    struct live_ctest ctest;
    struct json_object *plan = NULL;
    struct buf path = BUF_INIT(8192);
    struct error why = {0};
    live_ctest_read(getppid(), &ctest);
    enum status s = json_read_file(path_in(&path, folder, "plan.json"), &plan, &why);
    if (s == STATUS_OK)
        s = begin_run(folder, &ctest, plan, &why);
    json_object_put(plan);
    live_ctest_fini(&ctest);
    buf_fini(&path);
    return s == STATUS_OK ? EXIT_FINE : verb_fail("live", &why);
}

static const char *find_by_slug(const struct json_object *run, const char *slug)
{
    struct json_object *plan = json_get_array(run, "/plan");
    const char *found = NULL;
    for (size_t i = 0; plan && !found && i < json_object_array_length(plan); i++) {
        const char *test = json_get_text(json_object_array_get_idx(plan, i), "/test");
        struct buf one = BUF_INIT(512);
        if (test && text_slug(&one, test) == STATUS_OK && strcmp(buf_text(&one), slug) == 0)
            found = test;
        buf_fini(&one);
    }
    return found;
}

/* Behind its exit code ctest shows only what the test prints: outcome, reason, where to look. */
static void print_result(const struct run_folder *folder, const char *test, const struct supervised *done)
{
    struct buf path = BUF_INIT(8192), words = BUF_INIT(8192);
    struct json_object *record = NULL;
    if (spool_path(folder, test, done->attempt, SPOOL_RESULT, &path) == STATUS_OK &&
        json_read_file(buf_text(&path), &record, NULL) == STATUS_OK)
        headline_append(&words, record);
    printf("%s: %s%s%s\n", test, outcome_name(done->outcome), words.len ? ": " : "", buf_text(&words));
    json_object_put(record);
    buf_fini(&path);
    buf_fini(&words);
}

/* URL and key of a target that the configuration names, by its place there; false: the endpoint in run.json
 * is all. */
static bool find_access(const char *folder, const struct live_config *c, const char *target,
    struct target_access *access, char **api_key)
{
    struct json_object *plan = NULL;
    struct buf path = BUF_INIT(8192);
    char *name = NULL;
    int64_t place = -1;
    if (json_read_file(path_in(&path, folder, "plan.json"), &plan, NULL) == STATUS_OK) {
        struct json_object *places = json_get_object(plan, "/places"), *value = NULL;
        if (places && json_object_object_get_ex(places, target, &value))
            place = json_object_get_int64(value);
    }
    json_object_put(plan);
    buf_fini(&path);
    if (place < 0 || (size_t)place >= c->options.targets.count)
        return false;
    access->url = c->options.targets.items[place];
    if (strncmp(access->url, "sim:", 4) == 0)
        return false;
    (void)!config_target(&c->config, access->url, &name, api_key, NULL);
    access->api_key = *api_key;
    free(name);
    return true;
}

static enum status supervise_live(const char *folder, const struct run_folder *opened, const char *name,
    struct supervised *done, struct error *e)
{
    struct assay_suite suite = {.cases = suite_cases(), .prompts = prompts_all};
    struct supervise_options o = {.folder = opened, .suite = &suite, .test = name};
    struct target_access access = {0};
    struct live_config c;
    struct planned planned;
    char *api_key = NULL;
    enum status s = live_config_open(&c, e);
    if (s == STATUS_OK) {
        const char *target = planned_find(opened->run, name, &planned) && planned.target
                                 ? json_get_text(planned.target, "/name")
                                 : NULL;
        if (target && find_access(folder, &c, target, &access, &api_key))
            o.access = &access;
        s = supervise(&o, done, e);
    }
    target_forget_secret(api_key);
    config_fini(&c.config);
    return s;
}

/* A test must not outlive its ctest: what is then measured nobody asked for any more. */
static void stop_with_parent(void)
{
#ifdef PR_SET_PDEATHSIG
    pid_t parent = getppid();
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
    if (getppid() != parent)
        (void)raise(SIGTERM);
#endif
}

static int test(const char *folder, const char *slug)
{
    struct run_folder opened = {0};
    struct buf path = BUF_INIT(8192);
    struct error why = {0};
    struct supervised done = {0};
    int lock = -1;
    stop_with_parent();
    enum status s = fs_lock(path_in(&path, folder, TEST_LOCK), LOCK_WAIT_NS, &lock, &why);
    if (s == STATUS_OK)
        s = run_folder_open(path_in(&path, folder, "runs/latest"), &opened, &why);
    const char *name = s == STATUS_OK ? find_by_slug(opened.run, slug) : NULL;
    if (s == STATUS_OK && !name)
        s = error_set(&why, STATUS_NOT_FOUND, "the plan has no test %s; it belongs to another ctest", slug);
    if (s == STATUS_OK)
        s = supervise_live(folder, &opened, name, &done, &why);
    if (s == STATUS_OK)
        print_result(&opened, name, &done);
    if (lock >= 0)
        close(lock);
    run_folder_fini(&opened);
    buf_fini(&path);
    return s == STATUS_OK ? supervise_exit_code(done.outcome) : verb_fail("live", &why);
}

static int end(const char *folder)
{
    struct buf path = BUF_INIT(8192);
    struct run_folder opened = {0};
    struct error why = {0};
    live_keeper_stop(path_in(&path, folder, "keeper"));
    enum status s = run_folder_open(path_in(&path, folder, "runs/latest"), &opened, &why);
    if (s == STATUS_OK)
        s = spool_drop_claim(&opened, &why);
    struct run_end_options options = {.require_clean = false};
    int code = s == STATUS_OK ? run_end("live", opened.path, &options) : verb_fail("live", &why);
    run_folder_fini(&opened);
    buf_fini(&path);
    return code;
}

static const struct opt no_options[] = {{0}};
static const struct opt_usage usage = {.verb = "live",
    .operands = "discover|begin|test|end|skip|fail ...",
    .summary = "The live tests of ctest, step by step; CTest calls this."};

static char *own_path(void)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n <= 0)
        return NULL;
    path[n] = '\0';
    return strdup(path);
}

static int live_main(int argc, char **argv)
{
    int first, code;
    char unused;
    if (!verb_begin(&usage, no_options, &unused, argc, argv, &first, &code))
        return code;
    int count = argc - first;
    const char *step = count > 0 ? argv[first] : "";
    const char *a = count > 1 ? argv[first + 1] : "", *b = count > 2 ? argv[first + 2] : "";
    if (strcmp(step, "discover") == 0 && count == 2) {
        char *program = own_path();
        code = discover(program ? program : "assay", a);
        free(program);
        return code;
    }
    if (strcmp(step, "begin") == 0 && count == 2)
        return begin(a);
    if (strcmp(step, "test") == 0 && count == 3)
        return test(a, b);
    if (strcmp(step, "end") == 0 && count == 2)
        return end(a);
    if ((strcmp(step, "skip") == 0 || strcmp(step, "fail") == 0) && count == 2) {
        puts(a);
        return strcmp(step, "skip") == 0 ? EXIT_SKIPPED : EXIT_BAD;
    }
    struct error why = {0};
    error_set(&why, STATUS_USAGE, "\"%s\" with %d operands is no step of the live tests", step, count - 1);
    return verb_fail("live", &why);
}

const struct verb cmd_live = {.group = VERB_TOOLS,
    .name = "live",
    .summary = "the live tests of ctest, step by step",
    .hidden = true,
    .main = live_main};
