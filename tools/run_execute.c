#include "run_session.h"

#include "classify.h"
#include "energy_idle.h"
#include "headline.h"
#include "json.h"
#include "log.h"
#include "program_suite.h"
#include "text.h"

#include <string.h>

/* A resumed run has no portfolio: its servers stand in the order of run.json. */
static const struct target_access *access_resumed(const struct run_session *s, const char *target)
{
    const struct json_object *targets = json_get_array(s->folder.run, "/targets");
    for (size_t i = 0; targets && i < json_object_array_length(targets) && i < s->servers.count; i++) {
        const char *name = json_get_text(json_object_array_get_idx(targets, i), "/name");
        if (name && strcmp(name, target) == 0)
            return &s->servers.servers[i];
    }
    return NULL;
}

const struct target_access *run_execute_access(void *arg, const char *target)
{
    const struct run_session *s = arg;
    if (s->options.resume)
        return access_resumed(s, target);
    for (size_t i = 0; i < s->portfolio.count; i++)
        if (strcmp(s->portfolio.targets[i].info.name, target) == 0)
            return &s->portfolio.targets[i].access;
    return NULL;
}

static bool wanted(void *arg, size_t index, const char *test)
{
    struct run_session *s = arg;
    (void)index;
    if (s->options.resume && !run_subset_has(&s->subset, test))
        return false;
    if (s->end_ns != 0 && clock_mono_ns(clock_system()) >= s->end_ns)
        s->budget_spent = true;
    return !s->budget_spent;
}

static void prepare_model(void *arg, const struct planned *t, struct model_loading *loading)
{
    struct run_session *s = arg;
    const char *target = t->target != NULL ? json_get_text(t->target, "/name") : NULL;
    lifecycle_before(&s->folder, t, plan_find_case(program_suite()->cases, t->case_id),
        target != NULL ? run_execute_access(s, target) : NULL, LIFECYCLE_LIMIT_NS, loading);
}

static void show_start(void *arg, size_t index, const char *test)
{
    struct run_session *s = arg;
    (void)index;
    progress_start(&s->progress, test);
}

static void show_tick(void *arg, size_t index, const char *test, const struct journal_state *state)
{
    struct run_session *s = arg;
    (void)index;
    (void)test;
    (void)state;
    progress_tick(&s->progress);
}

static void show_end(
    void *arg, size_t index, const char *test, enum outcome outcome, const struct json_object *record)
{
    struct run_session *s = arg;
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
    struct run_session *s = arg;
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
    struct run_session *s = arg;
    progress_waits(&s->progress, what);
}

static void show_restless(void *arg, const char *test, const char *reason)
{
    struct run_session *s = arg;
    progress_hide(&s->progress);
    log_note("%s: the machine did not become quiet in time and is measured as it is: %s", test, reason);
}

/* The reason that the records of tests left out will give; what an earlier part of the run said is over. */
static enum status note_why_left_out(struct run_session *s, struct error *e)
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
    struct run_session *s = arg;
    struct energy_idle_options options = {
        .length_ns = s->options.idle_ns, .told_elsewhere = s->options.server_samples != NULL};
    return energy_idle_of_run(&options, &s->folder, e);
}

enum status run_execute(struct run_session *s, struct error *e)
{
    struct execute_options o = {.folder = &s->folder,
        .suite = program_suite(),
        .access = run_execute_access,
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
    progress_open(&s->progress, s->options.resume ? s->subset.count : run_json_plan_length(s->folder.run));
    enum status status = execute_plan(&o, &s->done, e);
    progress_close(&s->progress);
    lifecycle_end(&s->folder, run_execute_access, s);
    return status == STATUS_OK ? note_why_left_out(s, e) : status;
}
