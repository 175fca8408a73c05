#include "live_run.h"

#include "clock.h"
#include "energy_idle.h"
#include "fs.h"
#include "headline.h"
#include "json.h"
#include "live_ctest.h"
#include "live_keeper.h"
#include "live_script.h"
#include "live_setup.h"
#include "measure_lock.h"
#include "plan.h"
#include "planned.h"
#include "program_suite.h"
#include "run_end.h"
#include "run_json.h"
#include "spool.h"
#include "stop.h"
#include "supervisor.h"
#include "target_url.h"
#include "text.h"
#include "verb.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#define LOCK_WAIT_NS (10 * NS_PER_S)

/* Only what this ctest is going to run stays in the plan: what it leaves out by choice is not `not_run`. */
static void keep_selected(struct json_object *run, const struct live_names *names, const char *program)
{
    struct json_object *plan = json_get_array(run, "/plan"), *kept = json_object_new_array();
    for (size_t i = 0; plan && i < json_object_array_length(plan); i++) {
        struct json_object *planned = json_object_array_get_idx(plan, i);
        const char *test = json_get_text(planned, "/test");
        struct buf name = BUF_INIT(1024);
        if (test && live_script_test_name(&name, program, test) == STATUS_OK &&
            live_names_have(names, buf_text(&name)))
            (void)json_add(kept, json_object_get(planned));
        buf_fini(&name);
    }
    (void)json_set(run, "plan", kept);
}

static enum status open_latest(const char *folder, struct run_folder *opened, struct error *e)
{
    struct buf path = BUF_INIT(8192);
    enum status s = run_folder_open(live_path(&path, folder, LIVE_LATEST), opened, e);
    buf_fini(&path);
    return s;
}

/* The way to one target after another. */
struct ways {
    const char *folder;
    struct live_config config;
    struct target_access access;
    struct config_target said;
};

static const struct target_access *access_of(void *arg, const char *target);

static void unload_models(const char *folder, struct run_folder *opened)
{
    struct ways w = {.folder = folder};
    if (live_config_open(&w.config, NULL) == STATUS_OK)
        lifecycle_end(opened, access_of, &w);
    config_target_fini(&w.said);
    config_fini(&w.config.config);
}

/* A ctest that is gone runs no last fixture. */
static void unload_for_the_dead(void *folder)
{
    struct run_folder opened = {0};
    if (open_latest(folder, &opened, NULL) == STATUS_OK)
        unload_models(folder, &opened);
    run_folder_fini(&opened);
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
    struct live_keeper_options o = {.pid_file = live_path(&pid_file, folder, LIVE_KEEPER),
        .lock_file = lock.len ? buf_text(&lock) : NULL,
        .lock_wait_ns = LOCK_WAIT_NS,
        .test_lock = live_path(&test_lock, folder, LIVE_TEST_LOCK),
        .watch = ctest,
        .abandoned = unload_for_the_dead,
        .arg = (void *)folder,
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

/* The first fixture of a ctest is the moment before its first test. */
static enum status learn_idle(struct run_folder *made, struct error *e)
{
    struct live_config c = {0};
    struct energy_idle_options options = {0};
    enum status s = live_config_open(&c, e);
    options.length_ns = c.options.idle_ns;
    stop_begin();
    if (s == STATUS_OK)
        s = energy_idle_of_run(&options, made, e);
    int stopped = stop_asked();
    stop_end();
    config_fini(&c.config);
    if (stopped)
        (void)raise(stopped);
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
        keep_selected(run, &names, program_suite()->name ? live_script_name(folder) : NULL);
    enum status s = start_keeper(folder, plan, ctest->pid, run, &keeper, e);
    if (s == STATUS_OK)
        s = run_json_create_folder(live_path(&runs, folder, LIVE_RUNS), json_object_get(run), &made, e);
    if (s == STATUS_OK)
        s = spool_claim(&made, keeper.pid, e);
    if (s == STATUS_OK)
        s = learn_idle(&made, e);
    if (s == STATUS_OK)
        s = run_folder_link_latest(&made, e);
    if (s == STATUS_OK)
        printf("writing to %s\n", made.path);
    live_names_fini(&names);
    run_folder_fini(&made);
    buf_fini(&runs);
    return s;
}

int live_begin(const char *folder)
{
    struct live_ctest ctest;
    struct json_object *plan = NULL;
    struct buf path = BUF_INIT(8192);
    struct error why = {0};
    live_ctest_read(getppid(), &ctest);
    enum status s = json_read_file(live_path(&path, folder, LIVE_PLAN), &plan, &why);
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

/* URL, key and way of a target that the configuration names, by its place there; false: the endpoint in run.json
 * is all. */
static bool find_access(const char *folder, const struct live_config *c, const char *target,
    struct target_access *access, struct config_target *said)
{
    struct json_object *plan = NULL;
    struct buf path = BUF_INIT(8192);
    int64_t place = -1;
    if (json_read_file(live_path(&path, folder, LIVE_PLAN), &plan, NULL) == STATUS_OK) {
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
    (void)!config_target(&c->config, access->url, &c->options.transport, said, NULL);
    access->api_key = said->api_key;
    access->transport = &said->transport;
    return true;
}

/* Each test is a program of its own here: it loads its model, and unloads what tests of another model left. */
static void prepare_model(struct run_folder *opened, const struct planned *planned,
    const struct target_access *access, struct model_loading *loading)
{
    stop_begin();
    lifecycle_before(opened, planned, plan_find_case(program_suite()->cases, planned->case_id), access,
        LIVE_LOAD_S * NS_PER_S, loading);
    int stopped = stop_asked();
    stop_end();
    if (stopped)
        (void)raise(stopped);
}

static enum status supervise_live(
    const char *folder, struct run_folder *opened, const char *name, struct supervised *done, struct error *e)
{
    struct model_loading loading;
    struct supervise_options o = {.folder = opened, .suite = program_suite(), .test = name};
    struct target_access access = {0};
    struct live_config c;
    struct planned planned;
    struct config_target said = {0};
    enum status s = live_config_open(&c, e);
    if (s == STATUS_OK) {
        bool found = planned_find(opened->run, name, &planned);
        const char *target = found && planned.target ? json_get_text(planned.target, "/name") : NULL;
        if (target && find_access(folder, &c, target, &access, &said))
            o.access = &access;
        if (target) {
            prepare_model(opened, &planned, o.access, &loading);
            o.loading = &loading;
        }
        s = supervise(&o, done, e);
    }
    config_target_fini(&said);
    config_fini(&c.config);
    return s;
}

/* A test must not outlive its ctest: what is then measured nobody asked for any more. */
static void end_with_ctest(void)
{
#ifdef PR_SET_PDEATHSIG
    pid_t parent = getppid();
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
    if (getppid() != parent)
        (void)raise(SIGTERM);
#endif
}

int live_test(const char *folder, const char *slug)
{
    struct run_folder opened = {0};
    struct buf path = BUF_INIT(8192);
    struct error why = {0};
    struct supervised done = {0};
    int lock = -1;
    end_with_ctest();
    enum status s = fs_lock(live_path(&path, folder, LIVE_TEST_LOCK), LOCK_WAIT_NS, &lock, &why);
    if (s == STATUS_OK)
        s = open_latest(folder, &opened, &why);
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

static const struct target_access *access_of(void *arg, const char *target)
{
    struct ways *w = arg;
    config_target_fini(&w->said);
    w->said = (struct config_target){0};
    w->access = (struct target_access){0};
    return find_access(w->folder, &w->config, target, &w->access, &w->said) ? &w->access : NULL;
}

int live_end(const char *folder)
{
    struct buf path = BUF_INIT(8192);
    struct run_folder opened = {0};
    struct error why = {0};
    enum status s = open_latest(folder, &opened, &why);
    if (s == STATUS_OK)
        unload_models(folder, &opened);
    live_keeper_stop(live_path(&path, folder, LIVE_KEEPER));
    if (s == STATUS_OK)
        s = spool_drop_claim(&opened, &why);
    struct run_end_options options = {.require_clean = false};
    int code = s == STATUS_OK ? run_end("live", opened.path, &options) : verb_fail("live", &why);
    run_folder_fini(&opened);
    buf_fini(&path);
    return code;
}
