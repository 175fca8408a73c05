#include "supervisor.h"

#include "clock.h"
#include "context.h"
#include "endpoint.h"
#include "intent.h"
#include "journal.h"
#include "json.h"
#include "monitor.h"
#include "monitor_pin.h"
#include "plan.h"
#include "quality.h"
#include "record.h"
#include "result.h"
#include "run_rates.h"
#include "runner.h"
#include "our_schemas.h"
#include "server_facts.h"
#include "spool.h"
#include "stop.h"
#include "strays.h"
#include "watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Everything that lives from the intent to the result of one test. */
struct supervision {
    const struct supervise_options *options;
    struct planned planned;
    const struct assay_case *subject; /* NULL: the program has no such case */
    struct intent_spec spec;
    struct json_object *intent;
    struct journal *journal, *own_journal;
    struct monitor *monitor;
    struct monitor_pin *pin; /* while the test runs */
    struct ending ending;
    struct quality quality;
    struct server_facts server;
    struct run_rates rates;
    bool runner_started;
    struct error why_not;
    int log_fd, room_fd;
};

int supervise_exit_code(enum outcome outcome)
{
    return outcome == OUTCOME_PASSED ? 0 : outcome == OUTCOME_SKIPPED ? 77 : 1;
}

static double timeout_s(const struct supervision *s)
{
    if (s->options->timeout_s > 0)
        return s->options->timeout_s;
    return s->subject != NULL && s->subject->timeout_s > 0 ? s->subject->timeout_s : SUPERVISE_TIMEOUT_S;
}

/* Log, intent and room for the result: from here on the test cannot go unrecorded. */
static enum status promise(struct supervision *s, struct error *e)
{
    const struct run_folder *folder = s->options->folder;
    const char *test = s->planned.test;
    int attempt = 0;
    enum status st = spool_take_attempt(folder, test, &attempt, &s->log_fd, e);
    if (st != STATUS_OK)
        return st;
    s->spec = (struct intent_spec){
        .run = folder->run,
        .planned = &s->planned,
        .case_version = s->subject != NULL ? s->subject->version : 0,
        .attempt = attempt,
        .start_unix_ns = clock_wall_ns(clock_system()),
        .start_mono_ns = clock_mono_ns(clock_system()),
        .timeout_s = timeout_s(s),
    };
    s->intent = intent_new(&s->spec);
    if (s->intent == NULL)
        return error_set(e, STATUS_NO_MEMORY, "no memory for an intent");
    st = schema_check(schema_for("intent"), s->intent, e);
    if (st == STATUS_OK)
        st = spool_keep_room(folder, test, attempt, &s->room_fd, e);
    if (st == STATUS_OK)
        st = spool_write_intent(folder, test, attempt, s->intent, e);
    return st;
}

/* The way to the test's target; without a URL where it has none. An endpoint of run.json says not who named
 * it. */
static struct target_access access_of(const struct supervision *s)
{
    if (s->planned.target == NULL)
        return (struct target_access){0};
    if (s->options->access != NULL)
        return *s->options->access;
    return (struct target_access){.url = json_get_text(s->planned.target, "/endpoint"), .found = true};
}

/*
 * The machine is watched where it can be: what cannot is a matter of the record's health, not of the
 * test.
 */
static void begin_monitor(struct supervision *s)
{
    struct buf path = BUF_INIT(4096);
    struct monitor_options options = {
        .root = s->options->machine_root,
        .target_url = access_of(s).url,
        .run_id = s->options->folder->run_id,
        .test = s->planned.test,
        .attempt = s->spec.attempt,
    };
    if (spool_path(s->options->folder, s->planned.test, s->spec.attempt, SPOOL_SAMPLES, &path) == STATUS_OK)
        options.samples_path = buf_text(&path);
    if (monitor_open(&options, &s->monitor, NULL) == STATUS_OK)
        monitor_begin(s->monitor);
    buf_fini(&path);
}

static bool rose(const struct window *window, enum sensor_id sensor)
{
    const struct span *span = &window->spans[sensor];
    return span->first.status == SENSOR_OK && span->last.status == SENSOR_OK &&
           span->last.value > span->first.value;
}

static void end_monitor(struct supervision *s)
{
    if (s->monitor == NULL)
        return;
    monitor_end(s->monitor);
    const struct window *window = monitor_window(s->monitor);
    s->server.window = window;
    s->server.history = monitor_server(s->monitor);
    s->ending.oom_counted = rose(window, SENSOR_OOM_KILLS) || rose(window, SENSOR_OOM_KILLS_GROUP);
    quality_judge(window, &s->quality);
}

/* The runner has been started, so it may still use every processor. */
static void pin_away(struct supervision *s, pid_t runner)
{
    pid_t server = s->monitor != NULL ? monitor_server(s->monitor)->last.pid : 0;
    s->pin = monitor_pin_new(s->options->machine_root != NULL ? s->options->machine_root : "");
    monitor_pin_away(s->pin, server != 0 ? server : runner);
}

static enum status start_and_watch(struct supervision *s, const struct context_spec *context, struct error *e)
{
    const struct supervise_options *o = s->options;
    struct spared spared;
    struct runner_job job = {
        .spec = context, .journal = s->journal, .log_fd = s->log_fd, .fork_test = o->fork_test};
    struct watch watch = {
        .deadline_ns = clock_mono_ns(clock_system()) + clock_ns_of_seconds(s->spec.timeout_s),
        .grace_ns = o->grace_ns > 0 ? o->grace_ns : SUPERVISE_GRACE_NS,
        .monitor = s->monitor,
        .journal = s->journal,
        .spared = &spared,
    };
    strays_spare_children(&spared); /* those of the monitor */
    enum status st = runner_start(&job, &watch.runner, e);
    if (st != STATUS_OK)
        return st;
    s->runner_started = true;
    if (s->monitor != NULL)
        monitor_watch_session(s->monitor, watch.runner);
    pin_away(s, watch.runner);
    watch_runner(&watch, &s->ending);
    monitor_pin_free(s->pin);
    s->pin = NULL;
    return STATUS_OK;
}

static bool tells_energy(const struct supervision *s)
{
    return s->monitor != NULL && energy_meter_tells(monitor_energy(s->monitor));
}

/* What the runner needs to know, from run.json. */
static enum status run_case(struct supervision *s, struct error *e)
{
    struct run_settings settings = RUN_SETTINGS_DEFAULT;
    struct target_info target = {0};
    struct target_access access = access_of(s);
    struct model_info *model = calloc(1, sizeof *model);
    struct context_spec context = {
        .subject = s->subject,
        .prompts = s->options->suite->prompts,
        .settings = &settings,
        .test = s->planned.test,
        .skip = s->planned.skip,
        .attempt = s->spec.attempt,
        .run_folder = s->options->folder->path,
        .supervisor = tells_energy(s) ? getpid() : 0,
    };
    enum status st = model == NULL ? error_set(e, STATUS_NO_MEMORY, "no memory for a model's description")
                                   : settings_from_run_json(s->options->folder->run, &settings, e);
    if (s->planned.target != NULL) {
        plan_target_from_json(s->planned.target, &target);
        context.target = &target;
        context.access = &access;
    }
    if (st == STATUS_OK && s->planned.model != NULL) {
        plan_model_from_json(s->planned.model, model);
        context.model = model;
    }
    if (st == STATUS_OK)
        st = start_and_watch(s, &context, e);
    free(model);
    return st;
}

static enum status open_journal(struct supervision *s, struct error *e)
{
    s->journal = s->options->journal;
    if (s->journal != NULL)
        return STATUS_OK;
    enum status st = journal_open(JOURNAL_BYTES, &s->own_journal, e);
    s->journal = s->own_journal;
    return st;
}

/* The plan's version stands for that of a test before the first. */
static void recall_server(struct supervision *s)
{
    const char *version = json_get_text(s->planned.target, "/server_version");
    if (version != NULL)
        snprintf(s->server.before.version, sizeof s->server.before.version, "%s", version);
    server_recall(s->options->folder, json_get_text(s->planned.target, "/name"), &s->server.before);
}

/* What the tests before this one told of its model; false where it has none. */
static bool model_of(const struct supervision *s, const char **target, const char **model)
{
    *target = json_get_text(s->planned.target, "/name");
    *model = json_get_text(s->planned.model, "/id");
    return *target != NULL && *model != NULL;
}

static void recall_rates(struct supervision *s)
{
    const char *target, *model;
    if (model_of(s, &target, &model))
        rates_recall(s->options->folder, target, model, &s->rates);
}

static void remember(const struct supervision *s)
{
    const char *target, *model;
    server_remember(s->options->folder, json_get_text(s->planned.target, "/name"), &s->server);
    if (model_of(s, &target, &model))
        rates_remember(s->options->folder, target, model, &s->rates);
}

/* Runs the test as far as it can be run; why it could not is kept in s->why_not. */
static void measure(struct supervision *s)
{
    if (s->subject == NULL) {
        (void)error_set(&s->why_not, STATUS_NOT_FOUND,
            "the plan names the case %s, which this program does not have", s->planned.case_id);
        return;
    }
    if (stop_asked() != 0 || open_journal(s, &s->why_not) != STATUS_OK)
        return;
    if (s->planned.target != NULL) {
        recall_server(s);
        recall_rates(s);
    }
    begin_monitor(s);
    (void)run_case(s, &s->why_not);
    end_monitor(s);
}

/* A name is resolved only where somebody tells what this machine uses. */
static const char *why_elsewhere(const struct supervision *s)
{
    const char *url = access_of(s).url;
    struct endpoint endpoint;
    if (!tells_energy(s) || url == NULL || !endpoint_resolve(url, &endpoint) || endpoint.local)
        return NULL;
    return "the server is on another machine: what that one uses cannot be told from here";
}

static struct result_facts facts_of(struct supervision *s)
{
    return (struct result_facts){
        .spec = &s->spec,
        .intent = s->intent,
        .ending = &s->ending,
        .journal = s->journal,
        .quality = s->monitor != NULL ? &s->quality : NULL,
        .meter = s->monitor != NULL ? monitor_energy(s->monitor) : NULL,
        .work_elsewhere = why_elsewhere(s),
        .server = s->planned.target != NULL && s->runner_started ? &s->server : NULL,
        .loading = s->options->loading,
        .ready = s->options->ready,
        .rates = s->planned.model != NULL ? &s->rates : NULL,
        .server_memory = s->subject != NULL && s->subject->server_memory,
        .runner_started = s->runner_started,
        .why_not = s->why_not.text,
    };
}

/* Lines first, so that a result is never there without what belongs to it. */
static enum status write_result(struct supervision *s, struct supervised *done, struct error *e)
{
    const struct run_folder *folder = s->options->folder;
    struct result_facts facts = facts_of(s);
    struct error trouble = {0};
    static const struct {
        enum journal_type type;
        enum spool_kind kind;
        const char *schema;
    } files[] = {{JOURNAL_EXCHANGE, SPOOL_EXCHANGES, "exchange"}, {JOURNAL_ANSWER, SPOOL_ANSWERS, "answer"},
        {JOURNAL_REQUEST, SPOOL_REQUESTS, "request"}};
    enum status lines = STATUS_OK;
    for (size_t i = 0; s->journal != NULL && lines == STATUS_OK && i < sizeof files / sizeof *files; i++)
        lines = result_write_lines(folder, &facts, files[i].type, files[i].kind, files[i].schema, &trouble);
    facts.trouble = lines == STATUS_OK ? NULL : error_text(&trouble);
    struct json_object *record = result_build(&facts, &done->outcome, e);
    if (record == NULL)
        return STATUS_NO_MEMORY;
    if (facts.server != NULL)
        remember(s);
    enum status st = spool_fill_room(folder, s->planned.test, s->spec.attempt, s->room_fd, record, e);
    json_object_put(record);
    return st;
}

static void mark_end(struct supervision *s)
{
    if (s->runner_started)
        return;
    s->ending.stop_signal = s->why_not.text[0] == '\0' ? stop_asked() : 0;
    s->ending.end_mono_ns = clock_mono_ns(clock_system());
    s->ending.end_unix_ns = clock_wall_ns(clock_system());
}

enum status supervise(const struct supervise_options *options, struct supervised *done, struct error *e)
{
    struct supervision *s = calloc(1, sizeof *s);
    memset(done, 0, sizeof *done);
    if (s == NULL)
        return error_set(e, STATUS_NO_MEMORY, "no memory for a supervisor");
    s->options = options;
    s->log_fd = s->room_fd = -1;
    enum status st = STATUS_OK;
    if (!planned_find(options->folder->run, options->test, &s->planned)) {
        st = error_set(e, STATUS_NOT_FOUND, "the plan has no test %s", options->test);
        goto out;
    }
    stop_begin();
    stop_with_parent();
    (void)strays_adopt();
    s->subject = plan_find_case(options->suite->cases, s->planned.case_id);
    st = promise(s, e);
    if (st == STATUS_OK) {
        measure(s);
        mark_end(s);
        st = write_result(s, done, e);
        done->attempt = s->spec.attempt;
        done->stop_signal = stop_asked();
    }
    stop_end();
out:
    monitor_close(s->monitor);
    journal_close(s->own_journal);
    json_object_put(s->intent);
    if (s->log_fd >= 0)
        (void)close(s->log_fd);
    if (s->room_fd >= 0)
        (void)close(s->room_fd);
    free(s);
    return st;
}
