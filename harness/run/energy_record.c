#include "energy_record.h"

#include "energy_idle.h"
#include "json.h"
#include "performance.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- measuring ---- */

/* Of some repeats of the work together. */
struct reckoning {
    struct energy_measured measured;
    bool has_idle;
    double idle_joules, tokens, requests;
    bool uncounted;
};

static void take_idle(const struct energy_facts *facts, struct reckoning *r)
{
    double watts, sum = 0;
    r->has_idle = facts->idle != NULL;
    for (size_t i = 0; i < r->measured.count; i++) {
        const struct energy_told *t = &r->measured.told[i];
        if (!t->counted)
            continue;
        r->has_idle = r->has_idle && energy_idle_watts(facts->idle, t->source->name, &watts);
        sum += r->has_idle ? watts * r->measured.window_s : 0;
    }
    r->idle_joules = sum;
}

/* Of a window whose ends are nearly as unsure as it is long the joules are those of something else. */
static void judge_clock(const struct energy_facts *facts, struct energy_measured *m)
{
    double error_s = (double)facts->clock_error_ns / 1e9;
    char error[48], window[48];
    if (m->reason[0] != '\0' || m->window_s >= ENERGY_WINDOW_ERRORS * error_s)
        return;
    text_format_duration(error, sizeof error, error_s);
    text_format_duration(window, sizeof window, m->window_s);
    snprintf(m->reason, sizeof m->reason,
        "its clock is known within %s only: too little for a window of %s (%d times as long is needed)",
        error, window, ENERGY_WINDOW_ERRORS);
}

/* False: no memory. */
static bool reckon(const struct energy_facts *facts, const struct energy_work *work, size_t first,
    size_t count, struct reckoning *r)
{
    size_t windows = 0;
    memset(r, 0, sizeof *r);
    for (size_t i = first; i < first + count; i++)
        windows += work->repeats[i].count;
    struct energy_window *all = calloc(windows + 1, sizeof *all);
    if (all == NULL)
        return false;
    windows = 0;
    for (size_t i = first; i < first + count; i++) {
        const struct energy_repeat *one = &work->repeats[i];
        memcpy(all + windows, one->windows, one->count * sizeof *all);
        windows += one->count;
        r->tokens += one->tokens;
        r->requests += one->requests;
        r->uncounted |= one->uncounted;
    }
    if (windows == 0) {
        all[0] = (struct energy_window){facts->from_ns, facts->to_ns};
        windows = facts->from_ns > 0 && facts->to_ns > facts->from_ns;
    }
    energy_meter_measure(facts->meter, all, windows, &r->measured);
    judge_clock(facts, &r->measured);
    take_idle(facts, r);
    free(all);
    return true;
}

/* What the work took beyond idling; false where that cannot be told apart from nothing. */
static bool net_joules(const struct reckoning *r, double *net)
{
    *net = r->measured.joules - r->idle_joules;
    return r->measured.reason[0] == '\0' && r->has_idle && *net > 0;
}

/* ---- figures ---- */

static bool can_tell(const struct energy_facts *facts)
{
    return facts->meter != NULL && facts->elsewhere == NULL && energy_meter_tells(facts->meter);
}

static bool observe(struct performance *performance, const char *metric, int repeat, double value)
{
    struct observation o = {.metric = metric, .repeat = repeat, .values = &value, .count = 1};
    return performance_observe(performance, &o, NULL) == STATUS_OK;
}

/* How many repeats from this one on are long enough together; what is left behind them belongs to them too. */
static bool find_group(const struct energy_facts *facts, const struct energy_work *work, size_t first,
    size_t *count, struct reckoning *r)
{
    size_t n = 0;
    do {
        if (!reckon(facts, work, first, ++n, r))
            return false;
    } while (r->measured.reason[0] != '\0' && first + n < work->count);
    *count = n;
    return true;
}

struct group {
    size_t first, count;
};

/* Returns the number of groups, or -1 without memory. The last takes in what is too short behind it. */
static long make_groups(const struct energy_facts *facts, const struct energy_work *work,
    struct group *groups, struct reckoning *r)
{
    long n = 0;
    for (size_t first = 0, count; first < work->count; first += count) {
        if (!find_group(facts, work, first, &count, r))
            return -1;
        if (r->measured.reason[0] == '\0')
            groups[n++] = (struct group){first, count};
        else if (n > 0)
            groups[n - 1].count += count;
    }
    return n;
}

/* All of them or none: values of some repeats only would be a choice. */
static bool observe_groups(const struct energy_facts *facts, const struct energy_work *work,
    const struct group *groups, size_t n, struct reckoning *r, struct performance *performance)
{
    double *per_token = calloc(n + 1, sizeof *per_token), *per_request = calloc(n + 1, sizeof *per_request);
    bool ok = per_token != NULL && per_request != NULL, tokens = n > 0, requests = n > 0;
    for (size_t i = 0; ok && i < n; i++) {
        double net = 0;
        ok = reckon(facts, work, groups[i].first, groups[i].count, r);
        bool known = ok && net_joules(r, &net);
        tokens = tokens && known && !r->uncounted && r->tokens > 0;
        requests = requests && known && r->requests > 0;
        per_token[i] = tokens ? net / r->tokens : 0;
        per_request[i] = requests ? net / r->requests : 0;
    }
    for (size_t i = 0; ok && i < n; i++) {
        int repeat = work->repeats[groups[i].first].repeat;
        ok = (!tokens || observe(performance, "joules_per_token", repeat, per_token[i])) &&
             (!requests || observe(performance, "joules_per_request", repeat, per_request[i]));
    }
    free(per_token);
    free(per_request);
    return ok;
}

bool energy_observe(
    const struct energy_facts *facts, const struct energy_work *work, struct performance *performance)
{
    if (!can_tell(facts) || work->count == 0)
        return true;
    struct reckoning *r = malloc(sizeof *r);
    struct group *groups = calloc(work->count, sizeof *groups);
    bool ok = r != NULL && groups != NULL && reckon(facts, work, 0, work->count, r);
    if (ok && r->measured.reason[0] == '\0') {
        long n = make_groups(facts, work, groups, r);
        ok = n >= 0 && observe_groups(facts, work, groups, (size_t)n, r, performance);
    }
    free(r);
    free(groups);
    return ok;
}

/* ---- the record ---- */

static bool set_source(
    const struct energy_told *t, const struct json_object *idle, double window_s, struct json_object *list)
{
    struct json_object *o = json_object_new_object();
    double watts;
    bool ok = json_set_text(o, "name", t->source->name) && json_set_text(o, "method", t->source->method) &&
              json_set_bool(o, "counted", t->counted);
    if (t->source->ops != NULL && window_s > 0)
        ok = ok && json_set_real(o, "joules", t->joules) &&
             json_set_int(o, "samples", (int64_t)t->readings) &&
             json_set_real(o, "coverage", t->covered_s < window_s ? t->covered_s / window_s : 1);
    if (idle != NULL && energy_idle_watts(idle, t->source->name, &watts))
        ok = ok && json_set_real(o, "idle_watts", watts);
    if (t->reason[0] != '\0')
        ok = ok && json_set_text(o, "reason", t->reason);
    return json_add(list, o) && ok;
}

static bool set_sources(
    const struct energy_measured *m, const struct json_object *idle, struct json_object *energy)
{
    struct json_object *list = json_object_new_array();
    bool ok = true;
    for (size_t i = 0; ok && i < m->count; i++)
        ok = set_source(&m->told[i], idle, m->window_s, list);
    if (m->count > 0)
        return json_set(energy, "sources", list) && ok;
    json_object_put(list);
    return ok;
}

static bool set_covers(const struct energy_measured *m, struct json_object *energy)
{
    struct json_object *list = json_object_new_array();
    bool ok = true;
    for (int part = 0; ok && part < ENERGY_PART_COUNT; part++)
        if (m->covers[part])
            ok = json_add_text(list, energy_part_name((enum energy_part)part));
    ok = json_set(energy, "covers", list) && ok;
    return ok && (m->not_covered[0] == '\0' || json_set_text(energy, "not_covered", m->not_covered));
}

static bool set_quotients(const struct reckoning *r, struct json_object *energy)
{
    double net;
    if (!r->has_idle)
        return json_set_text(energy, "note",
            "what the machine draws without work was not measured: nothing is taken off, nothing divided");
    bool ok = json_set_real(energy, "idle_joules", r->idle_joules);
    if (!net_joules(r, &net))
        return ok && json_set_text(energy, "note", "no more than the machine draws without work");
    if (!r->uncounted && r->tokens > 0)
        ok = ok && json_set_real(energy, "joules_per_token", net / r->tokens) &&
             json_set_real(energy, "tokens_per_joule", r->tokens / net);
    return ok && (r->requests <= 0 || json_set_real(energy, "joules_per_request", net / r->requests));
}

static bool set_measured(
    const struct reckoning *r, const struct json_object *idle, struct json_object *energy)
{
    const struct energy_measured *m = &r->measured;
    return json_set_real(energy, "joules", m->joules) && json_set_text(energy, "source", m->names) &&
           json_set_int(energy, "samples", (int64_t)m->readings) &&
           json_set_real(energy, "window_s", m->window_s) &&
           json_set_real(energy, "samples_per_s", m->readings / m->window_s) &&
           json_set_real(energy, "coverage", m->coverage) && json_set_bool(energy, "coarse", m->coarse) &&
           set_covers(m, energy) && set_quotients(r, energy) && set_sources(m, idle, energy);
}

static bool set_unavailable(const char *reason, struct json_object *energy)
{
    return json_set_text(energy, "status", "unavailable") && json_set_text(energy, "reason", reason);
}

static bool set_place(const struct energy_facts *facts, struct json_object *energy)
{
    return json_set_text(energy, "scope", "server") && json_set_text(energy, "host", facts->host) &&
           json_set_real(energy, "clock_error_s", (double)facts->clock_error_ns / 1e9);
}

static bool fill(const struct energy_facts *facts, const struct reckoning *r, struct json_object *energy)
{
    if (facts->elsewhere != NULL)
        return set_unavailable(facts->elsewhere, energy);
    if (r->measured.window_s <= 0 && energy_meter_tells(facts->meter))
        return set_unavailable("no request was measured", energy);
    if (r->measured.reason[0] == '\0')
        return set_measured(r, facts->idle, energy);
    return set_unavailable(r->measured.reason, energy) && set_sources(&r->measured, facts->idle, energy);
}

bool energy_into_record(
    const struct energy_facts *facts, const struct energy_work *work, struct json_object *record)
{
    if (facts->meter == NULL)
        return true;
    struct json_object *energy = json_object_new_object();
    struct reckoning *r = malloc(sizeof *r);
    bool ok = r != NULL && reckon(facts, work, 0, work->count, r) && fill(facts, r, energy);
    if (facts->host != NULL)
        ok = ok && set_place(facts, energy);
    free(r);
    return json_set(record, "energy", energy) && ok;
}
