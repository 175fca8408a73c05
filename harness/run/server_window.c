#include "server_window.h"

#include "clock.h"
#include "energy_record.h"
#include "json.h"
#include "monitor_line.h"
#include "performance.h"
#include "quality.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the test ---- */

static int64_t phase_ns(const struct json_object *record, const char *pointer)
{
    double seconds = 0;
    return json_get_real(record, pointer, &seconds) && seconds >= 0 ? (int64_t)(seconds * 1e9) : -1;
}

/* Behind the body there is nothing but the teardown. */
static void find_body(const struct json_object *record, struct server_window *w)
{
    int64_t body_ns = phase_ns(record, "/phases/body_s"), after_ns = phase_ns(record, "/phases/teardown_s");
    if (body_ns <= 0)
        return;
    w->body_to_ns = w->end_ns - (after_ns > 0 ? after_ns : 0);
    w->body_from_ns = w->body_to_ns - body_ns;
}

void server_host_of_url(const char *url, char *host, size_t size)
{
    const char *from = strstr(url, "://"), *end, *at;
    from = from != NULL ? from + 3 : url;
    end = from + strcspn(from, "/?#");
    for (at = from; at < end; at++)
        if (*at == '@')
            from = at + 1;
    const char *stop = *from == '[' ? memchr(from, ']', (size_t)(end - from)) : NULL;
    if (stop != NULL)
        from++;
    else
        stop = from + strcspn(from, ":/?#");
    snprintf(host, size, "%.*s", (int)(stop - from), from);
}

static void find_server(const struct json_object *record, struct server_window *w)
{
    const char *endpoint = json_get_text(record, "/target/endpoint");
    const char *found = json_get_text(record, "/system_health/sensors/cpu_target/status");
    double local = -1;
    server_host_of_url(endpoint != NULL ? endpoint : "", w->server, sizeof w->server);
    (void)json_get_real(record, "/system_health/sensors/server_is_local/value", &local);
    w->found_here = found != NULL && strcmp(found, "ok") == 0;
    w->elsewhere = local == 0;
}

bool server_window_of_record(const struct json_object *record, struct server_window *w, bool *memory)
{
    const char *test = json_get_text(record, "/test"), *outcome = json_get_text(record, "/outcome");
    *w = (struct server_window){0};
    *memory = true;
    if (test == NULL || outcome == NULL || !json_get_int(record, "/attempt", &w->attempt) ||
        !json_get_int(record, "/start_unix_ns", &w->start_ns) ||
        !json_get_int(record, "/end_unix_ns", &w->end_ns) || w->end_ns <= w->start_ns)
        return false;
    find_body(record, w);
    find_server(record, w);
    w->passed = strcmp(outcome, "passed") == 0;
    w->test = strdup(test);
    w->work = energy_work_new();
    *memory = w->test != NULL && w->work != NULL;
    if (!*memory)
        server_window_fini(w);
    return *memory;
}

void server_window_forget_samples(struct server_window *w)
{
    monitor_summary_free(w->summary);
    server_energy_free(w->energy);
    free(w->window);
    w->summary = NULL;
    w->energy = NULL;
    w->window = NULL;
}

void server_window_fini(struct server_window *w)
{
    free(w->test);
    energy_work_free(w->work);
    server_window_forget_samples(w);
    json_object_put(w->health);
    json_object_put(w->used);
    json_object_put(w->figures);
    *w = (struct server_window){0};
}

static bool is_text(const struct json_object *tree, const char *pointer, const char *wanted)
{
    const char *text = json_get_text(tree, pointer);
    return text != NULL && strcmp(text, wanted) == 0;
}

/* An exchange as its tally was, on the wall clock. */
bool server_window_add_exchange(struct server_window *w, const struct json_object *exchange)
{
    int64_t repeat, start_ns, sent_ns, done_ns, tokens;
    if (!is_text(exchange, "/role", "measured") || !is_text(exchange, "/error", "ok") ||
        !json_get_int(exchange, "/repeat", &repeat) || !json_get_int(exchange, "/start_unix_ns", &start_ns) ||
        !json_get_int(exchange, "/t/sent_ns", &sent_ns) || !json_get_int(exchange, "/t/done_ns", &done_ns))
        return true;
    struct json_object *tally = json_object_new_object(), *counts = json_object_new_object();
    bool ok = json_set_bool(tally, "measured", true) && json_set_bool(tally, "ok", true) &&
              json_set_int(tally, "repeat", repeat) && json_set_int(tally, "sent_ns", start_ns) &&
              json_set_int(tally, "done_ns", start_ns + (done_ns - sent_ns));
    if (json_get_int(exchange, "/tokens/completion", &tokens))
        ok = ok && json_set_int(counts, "completion", tokens);
    ok = json_set(tally, "tokens", counts) && ok && energy_work_add_exchange(w->work, tally);
    json_object_put(tally);
    return ok;
}

/* ---- its samples ---- */

bool server_window_begin(struct server_window *w, const struct server_facts_of_file *facts)
{
    w->summary = monitor_summary_new(0);
    w->energy = server_energy_new(facts->file->start, facts->file->period_ns);
    w->window = calloc(1, sizeof *w->window);
    if (w->summary == NULL || w->energy == NULL || w->window == NULL)
        return false;
    monitor_summary_take_start(w->summary, facts->file->start);
    w->window->memory_total_bytes = w->summary->window.memory_total_bytes;
    w->window->group_limit_bytes = w->summary->window.group_limit_bytes;
    return true;
}

/* A neighbour tells how counters stood at the end of the test, and is no sample of it. */
void server_window_note(struct server_window *w, const struct json_object *line, const struct sample *sample,
    int64_t t_ns, bool inside, bool broken)
{
    if (inside)
        (void)monitor_summary_note_line(w->summary, line);
    if (w->window->samples == 0)
        w->window->start_ns = sample->t_mono_ns + sample->cost_ns;
    w->window->end_ns = sample->t_mono_ns;
    window_note(w->window, sample);
    server_energy_note(w->energy, json_get_object(line, "/values"), t_ns, broken);
    w->first_ns = w->first_ns == 0 ? t_ns : w->first_ns;
    w->last_ns = t_ns;
}

/* ---- how its machine was ---- */

/* Why what the samples say is not of this test, or not of all of it; "" where it is. */
static void find_doubt(
    const struct server_window *w, const struct server_facts_of_file *facts, char *why, size_t size)
{
    char text[48], length[48];
    int64_t error_ns = facts->clock->error_ns, slack_ns = 2 * facts->file->period_ns + error_ns;
    int64_t late_ns = w->first_ns - w->start_ns, early_ns = w->end_ns - w->last_ns;
    text_format_duration(length, sizeof length, (double)(w->end_ns - w->start_ns) / 1e9);
    why[0] = '\0';
    if (w->first_ns == 0 || w->window->samples < 2) {
        snprintf(why, size, "too few samples were taken there while the test went on");
    } else if (2 * error_ns > w->end_ns - w->start_ns) {
        text_format_duration(text, sizeof text, (double)error_ns / 1e9);
        snprintf(why, size, "its clock is known within %s only, and the test took %s", text, length);
    } else if (late_ns > slack_ns || early_ns > slack_ns) {
        bool late = late_ns > slack_ns;
        text_format_duration(text, sizeof text, (double)(late ? late_ns : early_ns) / 1e9);
        snprintf(why, size, "the samples %s %s %s it %s", late ? "begin" : "end", text,
            late ? "after" : "before", late ? "began" : "ended");
    }
}

/* Of all sensors those that raised something; each is the server's. */
static bool keep_raised(struct json_object *judged, struct json_object *health)
{
    struct json_object *sensors = json_object_new_object();
    bool ok = true;
    json_object_object_foreach(json_get_object(judged, "/sensors"), name, sensor)
    {
        if (json_get_text(sensor, "/flag") == NULL)
            continue;
        ok = ok && json_set_text(sensor, "scope", "server") &&
             json_set(sensors, name, json_object_get(sensor));
    }
    return json_set(health, "sensors", sensors) && ok;
}

static bool set_clock(const struct clock_offset *clock, struct json_object *health)
{
    struct json_object *o = json_object_new_object();
    bool ok = json_set_real(o, "ahead_s", (double)clock->ahead_ns / 1e9) &&
              json_set_real(o, "error_s", (double)clock->error_ns / 1e9) &&
              json_set_text(o, "method", clock->method);
    return json_set(health, "clock", o) && ok;
}

/* What is bad stays bad; that nothing bad was seen in a part of the test says nothing of the whole. */
static bool set_verdict(struct server_window *w, const struct quality *quality, const char *doubt,
    const struct json_object *judged, struct json_object *health)
{
    char why[512] = "";
    struct buf unread = BUF_INIT(sizeof why - 64);
    bool bad = quality->verdict == QUALITY_DEGRADED || quality->verdict == QUALITY_INVALID;
    if (!bad && doubt[0] != '\0') {
        snprintf(why, sizeof why, "%s", doubt);
    } else if (quality->verdict == QUALITY_UNKNOWN) {
        quality_append_unread(json_get_object(judged, "/sensors"), ", ", &unread);
        snprintf(why, sizeof why, "what has to be read could not be read there: %s", buf_text(&unread));
    }
    w->verdict = quality_verdict_name(why[0] != '\0' ? QUALITY_UNKNOWN : quality->verdict);
    buf_fini(&unread);
    struct json_object *flags = json_object_new_array();
    bool ok = json_set_text(health, "verdict", w->verdict);
    for (size_t i = 0; why[0] == '\0' && i < quality->flag_count; i++)
        ok = ok && json_add_text(flags, quality->flags[i]);
    ok = json_set(health, "quality_flags", flags) && ok;
    return ok && (why[0] == '\0' || json_set_text(health, "reason", why));
}

static bool settle_health(struct server_window *w, const struct server_facts_of_file *facts)
{
    char doubt[256];
    struct quality *quality = calloc(1, sizeof *quality);
    struct json_object *judged = NULL;
    w->health = json_object_new_object();
    bool ok = quality != NULL;
    if (ok && w->summary->alone)
        reading_unavailable(
            &w->window->spans[SENSOR_CPU_FOREIGN].first, "/proc/*/stat", "nothing in particular is measured");
    if (ok) {
        quality_judge(w->window, quality);
        ok = (judged = quality_to_json(quality)) != NULL;
    }
    if (ok) {
        find_doubt(w, facts, doubt, sizeof doubt);
        ok = json_set_text(w->health, "host", facts->file->host) &&
             set_verdict(w, quality, doubt, judged, w->health) &&
             json_set_int(w->health, "samples", (int64_t)w->summary->samples) &&
             set_clock(facts->clock, w->health) && keep_raised(judged, w->health);
    }
    json_object_put(judged);
    free(quality);
    return ok;
}

/* ---- what it used ---- */

static void say_untold(
    const struct server_window *w, const struct server_facts_of_file *facts, char *why, size_t size)
{
    const struct energy_meter *meter = server_energy_meter(w->energy);
    const char *reason = json_get_text(facts->file->start, "/energy/reason");
    if (json_get_object(facts->file->start, "/energy") == NULL)
        reason = "the file does not say what its sources are: it is of an older assay";
    else if (energy_meter_count(meter) > 0)
        reason = energy_meter_source(meter, 0)->reason;
    snprintf(why, size, "on %.100s nothing tells what it draws%s%.300s", facts->file->host,
        reason != NULL && reason[0] != '\0' ? ": " : "", reason != NULL ? reason : "");
}

static bool settle_figures(struct server_window *w, const struct energy_facts *energy)
{
    struct performance *performance = performance_new();
    bool ok = performance != NULL && (!w->passed || energy_observe(energy, w->work, performance)) &&
              (w->figures = performance_to_json(performance, NULL)) != NULL;
    performance_free(performance);
    return ok;
}

static bool settle_energy(struct server_window *w, const struct server_facts_of_file *facts)
{
    char untold[512];
    struct json_object *holder = json_object_new_object();
    struct energy_facts energy = {.meter = server_energy_meter(w->energy),
        .idle = facts->idle,
        .from_ns = w->body_from_ns,
        .to_ns = w->body_to_ns,
        .host = facts->file->host,
        .clock_error_ns = facts->clock->error_ns};
    if (!energy_meter_tells(energy.meter)) {
        say_untold(w, facts, untold, sizeof untold);
        energy.elsewhere = untold;
    }
    energy_work_settle(w->work);
    bool ok = holder != NULL && settle_figures(w, &energy) && energy_into_record(&energy, w->work, holder);
    w->used = json_object_get(json_get_object(holder, "/energy"));
    json_object_put(holder);
    return ok;
}

bool server_window_settle(struct server_window *w, const struct server_facts_of_file *facts)
{
    if (w->summary == NULL && !server_window_begin(w, facts))
        return false;
    return settle_health(w, facts) && (w->body_from_ns == 0 || settle_energy(w, facts));
}

/* ---- the record ---- */

static const char *const own_figures[] = {"joules_per_token", "joules_per_request"};

/* As it was before the server's samples were joined to it. */
static bool take_off(struct json_object *record)
{
    struct json_object *health = json_get_object(record, "/system_health");
    struct json_object *client = json_get_object(health, "/client");
    struct json_object *performance = json_get_object(record, "/performance");
    bool ok = true;
    if (client != NULL)
        ok = json_set(health, "verdict", json_object_get(json_get(client, "/verdict"))) &&
             json_set(health, "quality_flags", json_object_get(json_get(client, "/quality_flags")));
    if (health != NULL) {
        json_object_object_del(health, "client");
        json_object_object_del(health, "server");
    }
    if (!is_text(record, "/energy/scope", "server"))
        return ok;
    json_object_object_del(record, "energy");
    for (size_t i = 0; performance != NULL && i < sizeof own_figures / sizeof own_figures[0]; i++)
        json_object_object_del(performance, own_figures[i]);
    return ok;
}

static int severity(const char *verdict)
{
    static const char *const by_severity[] = {"clean", "unknown", "degraded", "invalid"};
    for (int i = 0; verdict != NULL && i < 4; i++)
        if (strcmp(verdict, by_severity[i]) == 0)
            return i;
    return 1;
}

static bool has_flag(const struct json_object *flags, const char *flag)
{
    for (size_t i = 0; i < json_object_array_length(flags); i++)
        if (strcmp(json_object_get_string(json_object_array_get_idx(flags, i)), flag) == 0)
            return true;
    return false;
}

static bool add_flags(const struct json_object *health, bool clean, struct json_object *flags)
{
    const struct json_object *from = json_get_array(health, "/quality_flags");
    bool ok = true;
    for (size_t i = 0; from != NULL && ok && i < json_object_array_length(from); i++) {
        const char *flag = json_object_get_string(json_object_array_get_idx(from, i));
        if ((clean || strcmp(flag, "clean") != 0) && !has_flag(flags, flag))
            ok = json_add_text(flags, flag);
    }
    return ok;
}

/* The worse of both: a figure that the server's machine disturbed is disturbed. */
static bool unite_health(const struct server_window *w, struct json_object *health)
{
    const char *ours = json_get_text(health, "/verdict"), *theirs = json_get_text(w->health, "/verdict");
    struct json_object *client = json_object_new_object(), *flags = json_object_new_array();
    const char *worse = severity(theirs) > severity(ours) ? theirs : ours;
    bool ok = json_set_text(client, "verdict", ours != NULL ? ours : "unknown") &&
              json_set(client, "quality_flags", json_object_get(json_get(health, "/quality_flags")));
    if (strcmp(worse, "unknown") != 0)
        ok = ok && add_flags(health, strcmp(worse, "clean") == 0, flags) &&
             add_flags(w->health, strcmp(worse, "clean") == 0, flags);
    ok = ok && json_set_text(health, "verdict", worse);
    ok = json_set(health, "quality_flags", flags) && ok;
    ok = json_set(health, "client", client) && ok;
    return json_set(health, "server", json_object_get(w->health)) && ok;
}

/* Where nothing tells on the server's machine, what was measured here is not thrown away for it. */
static bool replace_energy(const struct server_window *w, struct json_object *record)
{
    bool told = json_get(w->used, "/joules") != NULL;
    struct json_object *performance = json_get_object(record, "/performance");
    bool ok = true;
    if (!told && json_get(record, "/energy/joules") != NULL)
        return true;
    for (size_t i = 0; performance != NULL && i < sizeof own_figures / sizeof own_figures[0]; i++)
        json_object_object_del(performance, own_figures[i]);
    if (told && w->figures != NULL && json_object_object_length(w->figures) > 0) {
        if (performance == NULL)
            ok = json_set(record, "performance", json_object_new_object());
        performance = json_get_object(record, "/performance");
        json_object_object_foreach(w->figures, name, figure)
        {
            ok = ok && json_set(performance, name, json_object_get(figure));
        }
    }
    return json_set(record, "energy", json_object_get(w->used)) && ok;
}

bool server_window_into_record(const struct server_window *w, struct json_object *record)
{
    bool was_joined = is_text(record, "/energy/scope", "server");
    if (!take_off(record))
        return false;
    struct json_object *health = json_get_object(record, "/system_health");
    bool joined = w != NULL && w->joined && w->health != NULL && health != NULL;
    if (joined && !unite_health(w, health))
        return false;
    if (joined && w->used != NULL)
        return replace_energy(w, record);
    if (!was_joined)
        return true;
    struct json_object *energy = json_object_new_object();
    bool ok = json_set_text(energy, "status", "unavailable") &&
              json_set_text(energy, "reason", "the samples of the server's machine were taken out again");
    return json_set(record, "energy", energy) && ok;
}
