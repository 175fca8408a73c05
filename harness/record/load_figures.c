#include "load_figures.h"

#include "evidence.h"
#include "json.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COUNTS = 4, KINDS = 3 };
static const char *const count_names[COUNTS] = {"begun", "ok", "failed", "cut_off"};
static const char *const token_kinds[KINDS] = {"prompt", "completion", "cached"};

enum fitness { FIT, DEGRADED, INVALID };

struct load_figures {
    struct json_object *entries;  /* in the order in which they came */
    struct json_object *measured; /* those of them that have figures */
};

struct load_figures *load_figures_new(void)
{
    struct load_figures *f = calloc(1, sizeof *f);
    if (f && (f->entries = json_object_new_array()) != NULL &&
        (f->measured = json_object_new_array()) != NULL)
        return f;
    load_figures_free(f);
    return NULL;
}

void load_figures_free(struct load_figures *f)
{
    if (f) {
        json_object_put(f->entries);
        json_object_put(f->measured);
    }
    free(f);
}

bool load_figures_add(struct load_figures *f, const struct json_object *entry)
{
    bool ok =
        !json_get(entry, "/window") || json_add(f->measured, json_object_get((struct json_object *)entry));
    return json_add(f->entries, json_object_get((struct json_object *)entry)) && ok;
}

static size_t count_of(const struct load_figures *f)
{
    return json_object_array_length(f->entries);
}

static const struct json_object *entry_at(const struct load_figures *f, size_t i)
{
    return json_object_array_get_idx(f->entries, i);
}

/* ---- sums over the entries ---- */

/* The counts come from another process: whatever they are, the sum stays one. */
static int64_t sum_of(const struct load_figures *f, const char *pointer)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count_of(f); i++) {
        int64_t n = 0;
        if (json_get_int(entry_at(f, i), pointer, &n) && n > 0)
            sum = sum > INT64_MAX - n ? INT64_MAX : sum + n;
    }
    return sum;
}

static bool all_have(const struct load_figures *f, const char *pointer)
{
    for (size_t i = 0; i < count_of(f); i++)
        if (!json_get(entry_at(f, i), pointer))
            return false;
    return true;
}

/* Of those that have it; false: none has. */
static bool mean_of(const struct load_figures *f, const char *pointer, double *mean)
{
    double sum = 0, value;
    size_t n = 0;
    for (size_t i = 0; i < count_of(f); i++)
        if (json_get_real(entry_at(f, i), pointer, &value) && value >= 0) {
            sum += value;
            n++;
        }
    *mean = n ? sum / (double)n : 0;
    return n > 0;
}

static bool greatest_of(const struct load_figures *f, const char *pointer, double *greatest)
{
    double value;
    bool any = false;
    for (size_t i = 0; i < count_of(f); i++)
        if (json_get_real(entry_at(f, i), pointer, &value) && value >= 0 && (!any || value > *greatest)) {
            *greatest = value;
            any = true;
        }
    return any;
}

/* ---- load ---- */

static bool set_text_of_first(const struct load_figures *f, struct json_object *load, const char *name)
{
    char pointer[64];
    snprintf(pointer, sizeof pointer, "/%s", name);
    const char *text = json_get_text(entry_at(f, 0), pointer);
    return !text || json_set_text(load, name, text);
}

static bool set_means(const struct load_figures *f, struct json_object *load)
{
    static const char *const names[] = {"asked", "achieved", "in_flight_mean"};
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof names / sizeof *names; i++) {
        char pointer[64];
        double mean;
        snprintf(pointer, sizeof pointer, "/%s", names[i]);
        if (mean_of(f, pointer, &mean))
            ok = json_set_real(load, names[i], mean);
    }
    return ok;
}

static double window_of(const struct json_object *entry, double *from_s, double *to_s)
{
    *from_s = *to_s = 0;
    bool there = json_get_real(entry, "/window/0", from_s) && json_get_real(entry, "/window/1", to_s);
    return there && *to_s > *from_s ? *to_s - *from_s : 0;
}

/* The shortest of the windows, and how long all are together. */
static bool set_window(const struct load_figures *f, struct json_object *load)
{
    double sum_s = 0, least_s = 0, from_s = 0, to_s = 0, at_s, until_s;
    for (size_t i = 0; i < count_of(f); i++) {
        double window_s = window_of(entry_at(f, i), &at_s, &until_s);
        sum_s += window_s;
        if (i == 0 || window_s < least_s) {
            least_s = window_s;
            from_s = at_s;
            to_s = until_s;
        }
    }
    struct json_object *window = json_object_new_array();
    bool ok = json_add_real(window, from_s) && json_add_real(window, to_s);
    ok = json_set(load, "window", window) && ok;
    return ok && json_set_real(load, "measured_s", sum_s) &&
           json_set_int(load, "excluded", sum_of(f, "/excluded"));
}

static bool set_requests(const struct load_figures *f, struct json_object *load)
{
    struct json_object *requests = json_object_new_object();
    bool ok = true;
    for (size_t i = 0; ok && i < COUNTS; i++) {
        char pointer[64];
        snprintf(pointer, sizeof pointer, "/requests/%s", count_names[i]);
        ok = json_set_int(requests, count_names[i], sum_of(f, pointer));
    }
    return json_set(load, "requests", requests) && ok;
}

/* How many repeats were steady, how many were not. */
static bool set_states(const struct load_figures *f, struct json_object *load)
{
    struct json_object *states = json_object_new_object();
    bool ok = true;
    for (size_t i = 0; ok && i < count_of(f); i++) {
        const char *state = json_get_text(entry_at(f, i), "/state");
        struct json_object *old = NULL;
        if (!state)
            continue;
        int64_t n = json_object_object_get_ex(states, state, &old) ? json_object_get_int64(old) : 0;
        ok = json_set_int(states, state, n + 1);
    }
    return json_set(load, "states", states) && ok;
}

static bool set_load(const struct load_figures *f, struct json_object *record)
{
    struct json_object *load = json_object_new_object();
    bool ok = set_text_of_first(f, load, "arrivals") && set_text_of_first(f, load, "unit") &&
              set_means(f, load) && set_window(f, load) && set_text_of_first(f, load, "objectives") &&
              set_requests(f, load) && set_states(f, load);
    return json_set(record, "load", load) && ok;
}

/* ---- errors and tokens ---- */

static bool set_errors(const struct load_figures *f, struct json_object *record)
{
    struct json_object *errors = json_get_object(record, "/errors");
    struct json_object *sums = errors ? json_object_get(errors) : json_object_new_object();
    bool ok = true;
    for (size_t i = 0; ok && i < count_of(f); i++) {
        struct json_object *of_entry = json_get_object(entry_at(f, i), "/errors"), *old = NULL;
        if (!of_entry)
            continue;
        json_object_object_foreach(of_entry, name, count)
        {
            int64_t before = json_object_object_get_ex(sums, name, &old) ? json_object_get_int64(old) : 0;
            ok = ok && json_set_int(sums, name, before + json_object_get_int64(count));
        }
    }
    if (json_object_object_length(sums) > 0)
        return json_set(record, "errors", sums) && ok;
    json_object_put(sums);
    return ok;
}

static bool set_token_kind(const struct load_figures *f, struct json_object *tokens, const char *kind)
{
    char pointer[64];
    snprintf(pointer, sizeof pointer, "/tokens/%s", kind);
    if (!all_have(f, pointer))
        return true;
    struct json_object *count = json_object_new_object();
    const char *source = json_get_text(entry_at(f, 0), "/tokens/source");
    bool ok = json_set_int(count, "n", sum_of(f, pointer)) &&
              json_set_text(count, "source", source ? source : "server_usage") &&
              json_set_null(count, "agrees");
    return json_set(tokens, kind, count) && ok;
}

/* Exchanges of the case outside of its load tests have been counted already: both are never mixed. */
static bool set_tokens(const struct load_figures *f, struct json_object *record)
{
    struct json_object *tokens = json_object_new_object();
    bool ok = true;
    for (size_t i = 0; ok && i < KINDS; i++)
        ok = set_token_kind(f, tokens, token_kinds[i]);
    if (ok && json_object_object_length(tokens) > 0 && !json_get(record, "/tokens"))
        return json_set(record, "tokens", tokens);
    json_object_put(tokens);
    return ok;
}

/* ---- client ---- */

static enum fitness fitness_in(const struct json_object *entry, const char *pointer)
{
    const char *word = json_get_text(entry, pointer);
    return !word                           ? FIT
           : strcmp(word, "invalid") == 0  ? INVALID
           : strcmp(word, "degraded") == 0 ? DEGRADED
                                           : FIT;
}

static enum fitness fitness_of(const struct json_object *entry)
{
    return fitness_in(entry, "/client/fitness");
}

/* For what the client itself is to blame: a server that stalls leaves it fit. */
static enum fitness blame_of(const struct json_object *entry)
{
    return fitness_in(entry, "/client/figure_fitness");
}

/* Of several that are as bad the one that is most to blame. */
static size_t worst_of(const struct load_figures *f)
{
    size_t worst = 0;
    for (size_t i = 1; i < count_of(f); i++) {
        const struct json_object *entry = entry_at(f, i), *other = entry_at(f, worst);
        bool worse = fitness_of(entry) > fitness_of(other);
        bool as_bad = fitness_of(entry) == fitness_of(other);
        if (worse || (as_bad && blame_of(entry) > blame_of(other)))
            worst = i;
    }
    return worst;
}

/* What is said in the record is said of the worst repeat, where that one is as much to blame. */
static size_t most_to_blame(const struct load_figures *f)
{
    size_t most = worst_of(f);
    for (size_t i = 0; i < count_of(f); i++)
        if (blame_of(entry_at(f, i)) > blame_of(entry_at(f, most)))
            most = i;
    return most;
}

static size_t count_unfit(const struct load_figures *f)
{
    size_t n = 0;
    for (size_t i = 0; i < count_of(f); i++)
        n += fitness_of(entry_at(f, i)) != FIT;
    return n;
}

static bool set_reason(const struct load_figures *f, const char *reason, struct json_object *client)
{
    struct buf text = BUF_INIT(4096);
    size_t all = count_of(f), unfit = count_unfit(f);
    if (all > 1)
        buf_printf(&text, "in %zu of %zu repeats; the worst: ", unfit, all);
    buf_append_text(&text, reason);
    bool ok = json_set_text(client, "reason", buf_status(&text) == STATUS_OK ? buf_text(&text) : reason);
    buf_fini(&text);
    return ok;
}

static bool set_client(const struct load_figures *f, struct json_object *record)
{
    static const char *const verdicts[] = {[FIT] = "valid", [DEGRADED] = "degraded", [INVALID] = "invalid"};
    const struct json_object *worst = entry_at(f, worst_of(f));
    struct json_object *client = json_object_new_object();
    const char *reason = json_get_text(worst, "/client/reason");
    const char *calibration = json_get_text(worst, "/client/calibration");
    double value;
    bool ok = json_set_text(client, "verdict", verdicts[fitness_of(worst)]) &&
              (!reason || set_reason(f, reason, client)) &&
              (!greatest_of(f, "/client/lateness_p99_s", &value) ||
                  json_set_real(client, "lateness_p99_s", value)) &&
              (!greatest_of(f, "/client/cpu_share", &value) || json_set_real(client, "cpu_share", value)) &&
              (!calibration || json_set_text(client, "calibration", calibration));
    return json_set(record, "client", client) && ok;
}

/* What raised the flag is named with its figure, as any other sensor. */
static bool doubt_client(const struct load_figures *f, struct json_object *record)
{
    size_t most = most_to_blame(f);
    const struct json_object *entry = entry_at(f, most);
    const char *unit = json_get_text(entry, "/client/unit");
    double measured = 0, bound = 0;
    if (blame_of(entry) == FIT)
        return true;
    json_get_real(entry, "/client/measured", &measured);
    json_get_real(entry, "/client/bound", &bound);
    return record_add_evidence(
        record, &(struct evidence){.sensor = "load_client",
                    .flag = "degraded_client_late",
                    .unit = unit ? unit : "1",
                    .scope = "client",
                    .value = measured,
                    .threshold = bound,
                    .raised = true,
                    .invalid = blame_of(entry) == INVALID,
                    .reason = most == worst_of(f) ? json_get_text(record, "/client/reason")
                                                  : json_get_text(entry, "/client/reason")});
}

bool load_figures_into_record(const struct load_figures *f, struct json_object *record)
{
    const struct load_figures measured = {.entries = f->measured};
    bool ok = count_of(f) == 0 || (set_client(f, record) && doubt_client(f, record));
    return ok && (count_of(&measured) == 0 || (set_load(&measured, record) && set_errors(&measured, record) &&
                                                  set_tokens(&measured, record)));
}
