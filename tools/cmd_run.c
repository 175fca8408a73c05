/* assay run - the main job: measures what it finds and leaves a run folder with validated records and
 * reports. */
#include "verb.h"

#include "config_print.h"
#include "fs.h"
#include "json.h"
#include "log.h"
#include "measure_lock.h"
#include "program_suite.h"
#include "run_end.h"
#include "run_estimate.h"
#include "run_session.h"
#include "server_merge.h"

#include <unistd.h>

static enum status save_text(
    const struct run_session *s, const char *file, const struct buf *text, struct error *e)
{
    struct buf path = BUF_INIT(4096);
    enum status status = run_folder_path(&s->folder, file, &path);
    if (status == STATUS_OK)
        status = fs_write_atomic(buf_text(&path), buf_text(text), text->len, e);
    buf_fini(&path);
    return status;
}

static enum status save_prompt(const struct run_session *s, struct error *e)
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

static void take_settings(struct run_session *s)
{
    const struct run_options *o = &s->options;
    run_options_settings(o, &s->request.settings);
    s->request.plan = (struct plan_request){
        .cases = program_suite()->cases, .suites = o->suites, .case_ids = o->cases, .models = o->models};
    s->request.notes = o->notes;
    s->request.unload = o->unload;
    s->request.anonymise = o->anonymise;
    s->request.driver = "assay";
}

static enum status make_folder(struct run_session *s, struct json_object *run, struct error *e)
{
    enum status status = run_json_create_folder(s->options.out, run, &s->folder, e);
    if (status == STATUS_OK)
        status = save_prompt(s, e);
    return status == STATUS_OK ? run_folder_link_latest(&s->folder, e) : status;
}

static void say_what_is_coming(const struct run_session *s)
{
    for (size_t i = 0; i < s->portfolio.count; i++) {
        const struct target_info *t = &s->portfolio.targets[i].info;
        log_note("%s at %s, %zu model%s%s", t->server[0] ? t->server : t->name, t->endpoint,
            s->portfolio.targets[i].models.count, s->portfolio.targets[i].models.count == 1 ? "" : "s",
            t->simulated ? " (simulated: its figures are no model's)" : "");
    }
    log_note("writing to %s", s->folder.path);
}

/* The first server of the run is the one whose machine the file is of. */
static int merge_server_samples(struct run_session *s)
{
    const char *target = json_get_text(s->folder.run, "/targets/0/name");
    if (s->options.server_samples == NULL)
        return EXIT_FINE;
    const struct server_merge merge = {.verb = "run",
        .file = s->options.server_samples,
        .run = s->folder.path,
        .access = target != NULL ? run_execute_access(s, target) : NULL,
        .out = stderr};
    return server_merge(&merge);
}

static int end(struct run_session *s)
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
static int measure(struct run_session *s, struct json_object *run)
{
    struct error why = {0};
    enum status status = measure_lock(s->options.wait_ns, &s->lock_fd, &why);
    if (status != STATUS_OK)
        json_object_put(run);
    else
        status = make_folder(s, run, &why);
    if (status == STATUS_OK) {
        say_what_is_coming(s);
        status = run_execute(s, &why);
    }
    return status == STATUS_OK ? end(s) : verb_fail("run", &why);
}

static int resume(struct run_session *s)
{
    struct error why = {0};
    enum status status = measure_lock(s->options.wait_ns, &s->lock_fd, &why);
    if (status == STATUS_OK)
        status = run_prepare_rest(s, &why);
    if (status == STATUS_OK) {
        log_note("%s: %zu tests are left", s->folder.path, s->subset.count);
        status = run_execute(s, &why);
    }
    return status == STATUS_OK ? end(s) : verb_fail("run", &why);
}

/*
 * Before the first test, so that a path that cannot be written costs no measurement. Empty, so that nobody
 * takes an older file for this run's should it be killed.
 */
static enum status clear_junit(const struct run_session *s, struct error *e)
{
    struct error why = {0};
    if (!s->options.junit || s->options.dry_run || fs_is_stream(s->options.junit) ||
        fs_write_output(s->options.junit, "", 0, NULL, &why) == STATUS_OK)
        return STATUS_OK;
    return error_set(e, STATUS_IO, "%s", error_text(&why));
}

static int begin(struct run_session *s)
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
    if (run_prepare(s, &run, &why) != STATUS_OK)
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
    struct run_session s = {
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

const struct verb cmd_run = {.group = VERB_MEASURE,
    .name = "run",
    .summary = "measure every model that is found",
    .usage = &run_usage,
    .options = run_options_table,
    .main = run_main};
