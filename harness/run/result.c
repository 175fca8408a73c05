#include "result.h"

#include "clock.h"
#include "energy_record.h"
#include "json.h"
#include "lifecycle.h"
#include "performance.h"
#include "quality.h"
#include "ready.h"
#include "record.h"
#include "result_gather.h"
#include "run_rates.h"
#include "run_sensors.h"
#include "server_facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

static double seconds(int64_t ns)
{
    return (double)ns / 1e9;
}

static double timeval_seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static int64_t max_rss_bytes(const struct rusage *usage)
{
#ifdef __APPLE__
    return usage->ru_maxrss;
#else
    return (int64_t)usage->ru_maxrss * 1024;
#endif
}

static bool set_process(
    struct json_object *record, const struct ending *ending, const struct journal_state *state)
{
    char spare[16];
    struct json_object *process = json_object_new_object();
    int status = ending->wait_status;
    bool ok = json_set_text(process, "phase_reached", journal_phase_name(state->phase)) &&
              json_set_int(process, "strays_killed", (int64_t)ending->strays_killed) &&
              json_set_real(process, "user_s", timeval_seconds(ending->usage.ru_utime)) &&
              json_set_real(process, "sys_s", timeval_seconds(ending->usage.ru_stime)) &&
              json_set_int(process, "max_rss_bytes", max_rss_bytes(&ending->usage));
    if (WIFSIGNALED(status))
        ok = ok && json_set_text(process, "signal", classify_signal_name(WTERMSIG(status), spare));
    else
        ok = ok && json_set_int(process, "exit_code", WEXITSTATUS(status));
    return json_set(record, "process", process) && ok;
}

/* When the next phase that was entered began, or the end. */
static int64_t phase_end_ns(const struct journal_state *state, int phase, int64_t end_ns)
{
    int64_t until_ns = end_ns;
    for (int next = phase + 1; next < PHASE_COUNT; next++) {
        int64_t entered_ns = state->entered_ns[next];
        if (entered_ns >= state->entered_ns[phase] && entered_ns < until_ns && entered_ns > 0)
            until_ns = entered_ns;
    }
    return until_ns;
}

static bool set_phases(struct json_object *record, const struct journal_state *state, int64_t end_ns)
{
    static const struct {
        enum journal_phase phase;
        const char *member;
    } timed[] = {
        {PHASE_SETUP, "setup_s"},
        {PHASE_WARMUP, "warmup_s"},
        {PHASE_BODY, "body_s"},
        {PHASE_TEARDOWN, "teardown_s"},
    };
    struct json_object *phases = json_object_new_object();
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof timed / sizeof timed[0]; i++) {
        int64_t entered_ns = state->entered_ns[timed[i].phase];
        int64_t spent_ns = phase_end_ns(state, (int)timed[i].phase, end_ns) - entered_ns;
        if (entered_ns > 0 && spent_ns >= 0)
            ok = json_set_real(phases, timed[i].member, seconds(spent_ns));
    }
    return json_set(record, "phases", phases) && ok;
}

static bool set_outcome(struct json_object *record, const struct classified *c)
{
    bool ok = record_set_outcome(record, c->outcome, c->message[0] ? c->message : NULL);
    if (c->skip_reason != NULL)
        ok = ok && record_set_skip_reason(record, c->skip_reason);
    if (c->file != NULL)
        ok = ok && record_set_location(record, c->file, c->line);
    return ok;
}

static void our_fault(struct classified *c, const char *why)
{
    struct classified was = *c;
    c->outcome = OUTCOME_HARNESS_ERROR;
    c->skip_reason = NULL;
    snprintf(c->message, sizeof c->message, "%.3000s (the outcome would have been %s)", why,
        outcome_name(was.outcome));
}

static bool set_health(struct json_object *record, const struct result_facts *facts)
{
    const struct quality *quality = facts->quality;
    if (!json_set(
            record, "system_health", quality != NULL ? quality_to_json(quality) : record_health_unknown()))
        return false;
    run_sensors_leave_out(facts->spec->run, record);
    return true;
}

static bool set_server(
    struct json_object *record, const struct result_facts *facts, const struct gathered_figures *figures)
{
    struct server_facts *server = facts->server;
    if (server == NULL)
        return true;
    snprintf(server->version, sizeof server->version, "%s", figures->server_version);
    return server_facts_into_record(server, facts->spec->start_mono_ns, record);
}

/* The supervisor's own observation: the test cannot know it. */
static bool observe_memory(const struct result_facts *facts, struct gathered_figures *figures)
{
    double bytes;
    if (!facts->server_memory || facts->server == NULL || !server_facts_memory(facts->server, &bytes))
        return true;
    struct observation o = {.metric = "server_memory_bytes", .values = &bytes, .count = 1};
    return performance_observe(figures->performance, &o, NULL) == STATUS_OK;
}

/* What was done before the test, and what the tests before it say of its figures. */
static bool set_history(struct json_object *record, const struct result_facts *facts, enum outcome outcome)
{
    int64_t start_ns = facts->spec->start_mono_ns;
    return (facts->loading == NULL || lifecycle_into_record(facts->loading, start_ns, record)) &&
           (facts->ready == NULL || ready_into_record(facts->ready, start_ns, record)) &&
           (facts->rates == NULL || outcome != OUTCOME_PASSED ||
               rates_into_record(
                   facts->rates, facts->spec->planned->test, facts->spec->start_unix_ns, record));
}

static struct energy_facts energy_of(const struct result_facts *facts, const struct journal_state *state)
{
    return (struct energy_facts){.meter = facts->meter,
        .idle = json_get_object(facts->spec->run, "/idle"),
        .elsewhere = facts->work_elsewhere,
        .from_ns = state->entered_ns[PHASE_BODY],
        .to_ns = phase_end_ns(state, PHASE_BODY, facts->ending->end_mono_ns)};
}

/* A test that never came to its body used nothing worth telling. */
static bool set_energy(struct json_object *record, const struct result_facts *facts,
    const struct journal_state *state, const struct gathered_figures *figures)
{
    struct energy_facts energy = energy_of(facts, state);
    return energy.from_ns == 0 || energy_into_record(&energy, figures->work, record);
}

static bool observe_energy(
    const struct result_facts *facts, const struct journal_state *state, struct gathered_figures *figures)
{
    struct energy_facts energy = energy_of(facts, state);
    return energy_observe(&energy, figures->work, figures->performance);
}

static bool fill(struct json_object *record, const struct result_facts *facts,
    const struct journal_state *state, struct gathered_figures *figures, struct classified *c)
{
    const struct ending *ending = facts->ending;
    if (figures->wrong[0] != '\0')
        our_fault(c, figures->wrong);
    if (facts->trouble != NULL)
        our_fault(c, facts->trouble);
    return record_set_times(record, facts->spec->start_unix_ns, ending->end_unix_ns,
               ending->end_mono_ns - facts->spec->start_mono_ns) &&
           set_outcome(record, c) && set_process(record, ending, state) &&
           set_phases(record, state, ending->end_mono_ns) && set_health(record, facts) &&
           (c->outcome != OUTCOME_PASSED ||
               (observe_memory(facts, figures) && observe_energy(facts, state, figures))) &&
           gather_into_record(figures, facts->spec, record) && set_server(record, facts, figures) &&
           set_energy(record, facts, state, figures) && set_history(record, facts, c->outcome);
}

struct json_object *result_build(const struct result_facts *facts, enum outcome *outcome, struct error *e)
{
    struct journal_state *state = calloc(1, sizeof *state);
    struct classified *c = calloc(1, sizeof *c);
    struct gathered_figures *figures = gather_journal(facts->journal, facts->spec);
    struct json_object *record = record_new(facts->intent);
    bool ok = state != NULL && c != NULL && figures != NULL && record != NULL;
    if (ok && facts->runner_started) {
        journal_read(facts->journal, state);
        classify(facts->ending, state, c);
    } else if (ok) {
        bool stopped = facts->ending->stop_signal != 0;
        c->outcome = stopped ? OUTCOME_INTERRUPTED : OUTCOME_HARNESS_ERROR;
        snprintf(c->message, sizeof c->message, "%s",
            stopped ? "assay was told to stop before the case began" : facts->why_not);
    }
    ok = ok && fill(record, facts, state, figures, c);
    if (ok && record_seal(&record, e) == STATUS_NO_MEMORY)
        ok = false;
    if (ok)
        (void)outcome_parse(json_get_text(record, "/outcome"), outcome);
    gather_free(figures);
    free(state);
    free(c);
    if (ok)
        return record;
    json_object_put(record);
    (void)error_set(e, STATUS_NO_MEMORY, "no memory for a record");
    return NULL;
}
