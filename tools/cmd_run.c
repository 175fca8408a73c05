/* assay run - the main job: measures what it finds and leaves a run folder with validated records and
 * reports. */
#include "verb.h"

#include "classify.h"
#include "config.h"
#include "config_print.h"
#include "energy_idle.h"
#include "fetch_models.h"
#include "fs.h"
#include "headline.h"
#include "json.h"
#include "log.h"
#include "measure_lock.h"
#include "progress.h"
#include "prompts.h"
#include "run_choose.h"
#include "run_end.h"
#include "run_estimate.h"
#include "run_json.h"
#include "run_operand.h"
#include "run_options.h"
#include "run_subset.h"
#include "run_tasks.h"
#include "server_list.h"
#include "server_merge.h"
#include "sha256.h"
#include "suite.h"
#include "text.h"

#include "execute.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* All that one `assay run` has in its hands. */
struct session {
    struct run_options options;
    struct config config;
    struct config_origins origins;
    struct server_list servers;
    struct portfolio portfolio;
    struct run_request request;
    struct run_folder folder;
    struct buf prompt;        /* of --prompt, or empty */
    struct run_choice choice; /* of -i */
    struct run_tasks tasks;   /* of --tasks, or empty */
    struct run_subset subset; /* of --failed or --resume */
    struct progress progress;
    int64_t end_ns; /* of the budget, monotonic; 0: none */
    bool budget_spent;
    int lock_fd;
    struct executed done;
};

static enum status read_prompt(struct session *s, struct error *e)
{
    const char *path = s->options.prompt;
    if (!path)
        return STATUS_OK;
    enum status status = fs_read_file(path, &s->prompt, e);
    if (status != STATUS_OK)
        return status;
    if (s->prompt.len == 0 || !text_utf8_valid(buf_text(&s->prompt), s->prompt.len) ||
        strlen(buf_text(&s->prompt)) != s->prompt.len)
        return error_set(e, STATUS_USAGE, "the prompt in %s is empty or not UTF-8 text", path);
    char hex[65];
    sha256_hex(buf_text(&s->prompt), s->prompt.len, hex);
    snprintf(s->request.settings.prompt_set, sizeof s->request.settings.prompt_set, "user-%.16s", hex);
    snprintf(s->request.settings.prompt_file, sizeof s->request.settings.prompt_file, "prompt.txt");
    return STATUS_OK;
}

static enum status read_tasks(struct session *s, struct error *e)
{
    if (!s->options.tasks)
        return STATUS_OK;
    struct run_tasks_request request = {
        .name = s->options.tasks, .count = s->options.task_count, .offline = s->options.offline};
    enum status status = run_tasks_read(&request, &s->request.settings, &s->tasks, e);
    if (status == STATUS_OK && s->request.plan.suites.count == 0 && s->request.plan.case_ids.count == 0)
        s->request.plan.case_ids = (struct opt_list){.items = {"utility.own"}, .count = 1};
    return status;
}

static enum status save_text(
    const struct session *s, const char *file, const struct buf *text, struct error *e)
{
    struct buf path = BUF_INIT(4096);
    enum status status = run_folder_path(&s->folder, file, &path);
    if (status == STATUS_OK)
        status = fs_write_atomic(buf_text(&path), buf_text(text), text->len, e);
    buf_fini(&path);
    return status;
}

static enum status save_prompt(const struct session *s, struct error *e)
{
    const struct run_settings *settings = &s->request.settings;
    enum status status = STATUS_OK;
    if (s->options.prompt)
        status = save_text(s, settings->prompt_file, &s->prompt, e);
    if (status == STATUS_OK && s->options.tasks)
        status = save_text(s, settings->tasks_file, &s->tasks.text, e);
    if (status == STATUS_OK && s->tasks.about.len > 0)
        status = save_text(s, "set.json", &s->tasks.about, e);
    return status;
}

static void take_settings(struct session *s)
{
    const struct run_options *o = &s->options;
    run_options_settings(o, &s->request.settings);
    s->request.plan = (struct plan_request){
        .cases = suite_cases(), .suites = o->suites, .case_ids = o->cases, .models = o->models};
    s->request.notes = o->notes;
    s->request.unload = o->unload;
    s->request.anonymise = o->anonymise;
    s->request.driver = "assay";
}

/* A resumed run has no portfolio: its servers stand in the order of run.json. */
static const struct target_access *access_resumed(const struct session *s, const char *target)
{
    const struct json_object *targets = json_get_array(s->folder.run, "/targets");
    for (size_t i = 0; targets && i < json_object_array_length(targets) && i < s->servers.count; i++) {
        const char *name = json_get_text(json_object_array_get_idx(targets, i), "/name");
        if (name && strcmp(name, target) == 0)
            return &s->servers.servers[i];
    }
    return NULL;
}

static const struct target_access *access_of(void *arg, const char *target)
{
    const struct session *s = arg;
    if (s->options.resume)
        return access_resumed(s, target);
    for (size_t i = 0; i < s->portfolio.count; i++)
        if (strcmp(s->portfolio.targets[i].info.name, target) == 0)
            return &s->portfolio.targets[i].access;
    return NULL;
}

static bool wanted(void *arg, size_t index, const char *test)
{
    struct session *s = arg;
    (void)index;
    if (s->options.resume && !run_subset_has(&s->subset, test))
        return false;
    if (s->end_ns != 0 && clock_mono_ns(clock_system()) >= s->end_ns)
        s->budget_spent = true;
    return !s->budget_spent;
}

static void prepare_model(void *arg, const struct planned *t, struct model_loading *loading)
{
    struct session *s = arg;
    const char *target = t->target != NULL ? json_get_text(t->target, "/name") : NULL;
    lifecycle_before(&s->folder, t, plan_find_case(suite_cases(), t->case_id),
        target != NULL ? access_of(s, target) : NULL, LIFECYCLE_LIMIT_NS, loading);
}

static void show_start(void *arg, size_t index, const char *test)
{
    struct session *s = arg;
    (void)index;
    progress_start(&s->progress, test);
}

static void show_tick(void *arg, size_t index, const char *test, const struct journal_state *state)
{
    struct session *s = arg;
    (void)index;
    (void)test;
    (void)state;
    progress_tick(&s->progress);
}

static void show_end(
    void *arg, size_t index, const char *test, enum outcome outcome, const struct json_object *record)
{
    struct session *s = arg;
    struct buf words = BUF_INIT(8192);
    double seconds = 0;
    (void)index;
    (void)test;
    if (record) {
        headline_append(&words, record);
        (void)json_get_real(record, "/duration", &seconds);
    }
    progress_end(&s->progress, outcome_name(outcome), seconds, buf_text(&words));
    buf_fini(&words);
}

static void show_again(void *arg, size_t index, const char *test, const struct json_object *record)
{
    struct session *s = arg;
    struct buf words = BUF_INIT(4096);
    struct json_object *flags = json_get_array(record, "/system_health/quality_flags");
    (void)index;
    (void)test;
    buf_append_text(&words, "the machine was not fit to measure");
    for (size_t i = 0; flags && i < json_object_array_length(flags); i++)
        buf_printf(
            &words, "%s%s", i ? ", " : ": ", json_object_get_string(json_object_array_get_idx(flags, i)));
    progress_again(&s->progress, buf_text(&words));
    buf_fini(&words);
}

static void show_wait(void *arg, const char *what)
{
    struct session *s = arg;
    progress_waits(&s->progress, what);
}

static void show_restless(void *arg, const char *test, const char *reason)
{
    struct session *s = arg;
    progress_hide(&s->progress);
    log_note("%s: the machine did not become quiet in time and is measured as it is: %s", test, reason);
}

static size_t plan_length(const struct json_object *run)
{
    const struct json_object *plan = json_get_array(run, "/plan");
    return plan ? json_object_array_length(plan) : 0;
}

/* A server that was asked for and is silent stops the run: whoever names a server wants it measured. */
static enum status check_portfolio(struct session *s, struct error *e)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < s->portfolio.count; i++)
        status = server_list_check(&s->portfolio.targets[i], e);
    if (status != STATUS_OK)
        return status;
    if (s->portfolio.count == 0)
        return error_set(e, STATUS_UNAVAILABLE,
            "no model server answers on the usual ports; start one, name one with --target URL, or try "
            "--target sim:");
    return STATUS_OK;
}

static enum status make_folder(struct session *s, struct json_object *run, struct error *e)
{
    enum status status = run_json_create_folder(s->options.out, run, &s->folder, e);
    if (status == STATUS_OK)
        status = save_prompt(s, e);
    return status == STATUS_OK ? run_folder_link_latest(&s->folder, e) : status;
}

/* The reason that the records of tests left out will give; what an earlier part of the run said is over. */
static enum status note_why_left_out(struct session *s, struct error *e)
{
    struct json_object *run = s->folder.run;
    char reason[128] = "", spare[32];
    if (s->done.stop_signal)
        snprintf(reason, sizeof reason, "the run was stopped by %s before this test was started",
            classify_signal_name(s->done.stop_signal, spare));
    else if (s->budget_spent) {
        text_format_duration(spare, sizeof spare, (double)s->options.budget_ns / 1e9);
        snprintf(reason, sizeof reason, "the budget of %s was used up before this test was started", spare);
    }
    if (!reason[0] && !json_get(run, "/left_out_because"))
        return STATUS_OK;
    json_object_object_del(run, "left_out_because");
    if (reason[0] && !json_set_text(run, "left_out_because", reason))
        return error_set(e, STATUS_NO_MEMORY, "no memory for run.json");
    return run_folder_save(&s->folder, run, e);
}

static enum status learn_idle(void *arg, struct error *e)
{
    struct session *s = arg;
    struct energy_idle_options options = {
        .length_ns = s->options.idle_ns, .told_elsewhere = s->options.server_samples != NULL};
    return energy_idle_of_run(&options, &s->folder, e);
}

static enum status execute(struct session *s, struct error *e)
{
    struct assay_suite suite = {.cases = suite_cases(), .prompts = prompts_all};
    struct execute_options o = {.folder = &s->folder,
        .suite = &suite,
        .access = access_of,
        .begin = learn_idle,
        .wanted = wanted,
        .prepare = prepare_model,
        .started = show_start,
        .tick = show_tick,
        .ended = show_end,
        .repeats = show_again,
        .waits = show_wait,
        .restless = show_restless,
        .arg = s,
        .cooldown_ns = s->options.cooldown_ns,
        .quiet_limit_ns = s->options.wait_until_quiet_ns > 0 ? s->options.wait_until_quiet_ns : 0,
        .dirty_repeats = s->options.require_clean > 0 ? (int)s->options.require_clean : 0};
    if (s->options.budget_ns > 0)
        s->end_ns = clock_mono_ns(clock_system()) + s->options.budget_ns;
    progress_open(&s->progress, s->options.resume ? s->subset.count : plan_length(s->folder.run));
    enum status status = execute_plan(&o, &s->done, e);
    progress_close(&s->progress);
    lifecycle_end(&s->folder, access_of, s);
    return status == STATUS_OK ? note_why_left_out(s, e) : status;
}

static void say_what_is_coming(const struct session *s)
{
    for (size_t i = 0; i < s->portfolio.count; i++) {
        const struct target_info *t = &s->portfolio.targets[i].info;
        log_note("%s at %s, %zu model%s%s", t->server[0] ? t->server : t->name, t->endpoint,
            s->portfolio.targets[i].models.count, s->portfolio.targets[i].models.count == 1 ? "" : "s",
            t->simulated ? " (simulated: its figures are no model's)" : "");
    }
    log_note("writing to %s", s->folder.path);
}

static enum status keep_failed(struct session *s, struct json_object *run, struct error *e)
{
    enum status status = run_subset_load(s->options.failed, SUBSET_FAILED, &s->subset, e);
    if (status == STATUS_OK && s->subset.count == 0)
        return error_set(
            e, STATUS_UNAVAILABLE, "no test of %s failed: there is nothing to run", s->options.failed);
    return status == STATUS_OK ? run_subset_keep(run, &s->subset, e) : status;
}

/* The servers' models; with --pull those that were named and were missing among them. */
static enum status discover(struct session *s, struct error *e)
{
    bool fetched = false;
    enum status status = server_list_discover(&s->servers, s->options.limit_ns, &s->portfolio, e);
    if (status == STATUS_OK)
        status = check_portfolio(s, e);
    if (status != STATUS_OK || !s->options.pull)
        return status;
    status = fetch_models(&s->options.models, &s->portfolio, &fetched, e);
    if (status != STATUS_OK || !fetched)
        return status;
    portfolio_fini(&s->portfolio);
    status = server_list_discover(&s->servers, s->options.limit_ns, &s->portfolio, e);
    return status == STATUS_OK ? check_portfolio(s, e) : status;
}

/* A case has to fit both options, so that each may be right and the two of them empty. */
static enum status nothing_to_run(const struct run_options *o, struct error *e)
{
    return error_set(e, STATUS_UNAVAILABLE, "there is nothing to run: %sthe servers offer no model that fits",
        o->suites.count && o->cases.count ? "no case fits --suite and --case alike, or " : "");
}

/* From the portfolio to run.json in memory; a dry run ends here. */
static enum status prepare(struct session *s, struct json_object **run, struct error *e)
{
    enum status status =
        server_list_open(&s->options.targets, &s->config, &s->options.transport, &s->servers, e);
    if (status == STATUS_OK)
        status = discover(s, e);
    if (status == STATUS_OK)
        status = read_prompt(s, e);
    if (status == STATUS_OK)
        status = read_tasks(s, e);
    s->request.plan.filter.memory_percent = s->options.max_memory_share;
    if (status == STATUS_OK)
        status = run_options_filter(
            &s->options.modalities, s->options.min_size, s->options.max_size, &s->request.plan.filter, e);
    if (status == STATUS_OK && s->options.interactive)
        status = run_choose(&s->portfolio, &s->request, s->options.out, &s->choice, e);
    if (status == STATUS_OK)
        status = run_json_new(&s->request, &s->portfolio, run, e);
    if (status == STATUS_OK && s->options.failed)
        status = keep_failed(s, *run, e);
    if (status == STATUS_OK && plan_length(*run) == 0)
        status = nothing_to_run(&s->options, e);
    return status;
}

/*
 * The servers of a run that goes on: where they were, and simulators of ours anew. run.json does not say who
 * was named; on the usual ports it may be nobody.
 */
static enum status open_resumed_servers(struct session *s, struct error *e)
{
    struct opt_list urls = s->options.targets;
    const struct json_object *targets = json_get_array(s->folder.run, "/targets");
    const struct json_object *models = json_get_array(s->folder.run, "/models");
    char sims[OPT_LIST_MAX][80];
    for (size_t i = 0;
         urls.count == i && i < OPT_LIST_MAX && targets && i < json_object_array_length(targets); i++) {
        const struct json_object *t = json_object_array_get_idx(targets, i);
        bool managed = false;
        urls.items[urls.count++] = json_get_text(t, "/endpoint");
        if (!json_get_bool(t, "/managed", &managed) || !managed)
            continue;
        for (size_t k = 0; models && k < json_object_array_length(models); k++) {
            const struct json_object *m = json_object_array_get_idx(models, k);
            if (json_deep_equal(json_get(m, "/target"), json_get(t, "/name"))) {
                snprintf(sims[i], sizeof sims[i], "sim:%s", json_get_text(m, "/model/id"));
                urls.items[i] = sims[i];
            }
        }
    }
    enum status status = server_list_open(&urls, &s->config, &s->options.transport, &s->servers, e);
    for (size_t i = 0; s->options.targets.count == 0 && i < s->servers.count; i++)
        s->servers.servers[i].found = portfolio_is_default(s->servers.servers[i].url);
    return status;
}

static enum status open_resumed(struct session *s, struct error *e)
{
    struct buf folder = BUF_INIT(8192);
    enum status status = run_subset_load(s->options.resume, SUBSET_UNFINISHED, &s->subset, e);
    if (status == STATUS_OK)
        status = run_operand_find(s->options.resume, &folder, e);
    if (status == STATUS_OK)
        status = run_folder_open(buf_text(&folder), &s->folder, e);
    if (status == STATUS_OK)
        status = open_resumed_servers(s, e);
    buf_fini(&folder);
    return status;
}

/* The first server of the run is the one whose machine the file is of. */
static int merge_server_samples(struct session *s)
{
    const char *target = json_get_text(s->folder.run, "/targets/0/name");
    if (s->options.server_samples == NULL)
        return EXIT_FINE;
    const struct server_merge merge = {.verb = "run",
        .file = s->options.server_samples,
        .run = s->folder.path,
        .access = target != NULL ? access_of(s, target) : NULL,
        .out = stderr};
    return server_merge(&merge);
}

static int end(struct session *s)
{
    struct run_end_options options = {.junit = s->options.junit,
        .require_clean = s->options.require_clean != OPT_NONE,
        .json = s->options.json,
        .stop_signal = s->done.stop_signal};
    int merged = merge_server_samples(s); /* first: what is said and reported below has it */
    int code = run_end("run", s->folder.path, &options);
    return code != EXIT_FINE ? code : merged;
}

/* Takes run, also on failure. */
static int measure(struct session *s, struct json_object *run)
{
    struct error why = {0};
    enum status status = measure_lock(s->options.wait_ns, &s->lock_fd, &why);
    if (status != STATUS_OK)
        json_object_put(run);
    else
        status = make_folder(s, run, &why);
    if (status == STATUS_OK) {
        say_what_is_coming(s);
        status = execute(s, &why);
    }
    return status == STATUS_OK ? end(s) : verb_fail("run", &why);
}

static int resume(struct session *s)
{
    struct error why = {0};
    enum status status = measure_lock(s->options.wait_ns, &s->lock_fd, &why);
    if (status == STATUS_OK)
        status = open_resumed(s, &why);
    if (status == STATUS_OK) {
        log_note("%s: %zu tests are left", s->folder.path, s->subset.count);
        status = execute(s, &why);
    }
    return status == STATUS_OK ? end(s) : verb_fail("run", &why);
}

/*
 * Before the first test, so that a path that cannot be written costs no measurement. Empty, so that nobody
 * takes an older file for this run's should it be killed.
 */
static enum status clear_junit(const struct session *s, struct error *e)
{
    struct error why = {0};
    if (!s->options.junit || s->options.dry_run || fs_is_stream(s->options.junit) ||
        fs_write_output(s->options.junit, "", 0, NULL, &why) == STATUS_OK)
        return STATUS_OK;
    return error_set(e, STATUS_IO, "%s", error_text(&why));
}

static int begin(struct session *s)
{
    struct json_object *run = NULL;
    struct error why = {0};
    if (run_options_check(&s->options, &s->origins, &why) != STATUS_OK || clear_junit(s, &why) != STATUS_OK)
        return verb_fail("run", &why);
    if (s->options.server_samples && !fs_exists(s->options.server_samples))
        log_note("%s is not there yet: it is read when the run is over", s->options.server_samples);
    if (s->options.resume)
        return resume(s);
    int code;
    if (prepare(s, &run, &why) != STATUS_OK)
        code = verb_fail("run", &why);
    else if (s->options.dry_run)
        code = run_estimate_print(run, s->options.out, (double)s->options.cooldown_ns / 1e9, s->options.json);
    else
        return measure(s, run);
    json_object_put(run);
    return code;
}

static int run_main(int argc, char **argv)
{
    struct session s = {
        .options = RUN_OPTIONS_DEFAULT, .prompt = BUF_INIT(16 << 20), .tasks = RUN_TASKS_INIT, .lock_fd = -1};
    int first, code;
    if (config_begin(
            &run_usage, run_options_table, &s.options, argc, argv, &first, &code, &s.config, &s.origins) &&
        !verb_refuses_operand(&run_usage, argc, argv, first, &code)) {
        take_settings(&s);
        s.request.argc = argc;
        s.request.argv = argv;
        code = s.options.print_config
                   ? config_print(run_options_table, &s.options, &s.origins, s.options.json)
                   : begin(&s);
    }
    if (s.lock_fd >= 0)
        close(s.lock_fd);
    run_subset_fini(&s.subset);
    run_folder_fini(&s.folder);
    portfolio_fini(&s.portfolio);
    server_list_fini(&s.servers);
    buf_fini(&s.prompt);
    run_tasks_fini(&s.tasks);
    config_fini(&s.config);
    return code;
}

const struct verb cmd_run = {
    .group = VERB_MEASURE, .name = "run", .summary = "measure every model that is found", .main = run_main};
