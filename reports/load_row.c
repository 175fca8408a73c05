#include "load_row.h"

#include "metric_floor.h"

#include "json.h"

#include <stdio.h>
#include <string.h>

static double real_at(const struct json_object *tree, const char *pointer)
{
    double value;
    return json_get_real(tree, pointer, &value) && value >= 0 ? value : -1;
}

static int64_t count_at(const struct json_object *tree, const char *pointer)
{
    int64_t value;
    return json_get_int(tree, pointer, &value) && value > 0 ? value : 0;
}

static const char *text_at(const struct json_object *tree, const char *pointer)
{
    const char *text = json_get_text(tree, pointer);
    return text ? text : "";
}

static struct load_latency latency_of(struct json_object *summary)
{
    struct load_latency l = {0};
    l.there = json_get_real(summary, "/p50", &l.p50) || json_get_real(summary, "/median", &l.p50);
    (void)json_get_int(summary, "/n", &l.n);
    l.has_p99 = metric_floor_met(summary, &metric_floors[METRIC_P99], &l.p99);
    return l;
}

/* Gaps between tokens, where the events of the stream were tokens; else between events. */
static void take_latencies(struct json_object *values, struct load_row *row)
{
    struct json_object *gaps = json_get_object(values, "/itl_s");
    row->gaps_are_tokens = gaps != NULL;
    row->ttft = latency_of(json_get_object(values, "/ttft_s"));
    row->gap = latency_of(gaps ? gaps : json_get_object(values, "/icl_s"));
}

static void take_client(const struct json_object *client, struct load_row *row)
{
    row->verdict = json_get_text(client, "/verdict");
    row->reason = json_get_text(client, "/reason");
}

static void take_counts(const struct json_object *tree, struct load_row *row)
{
    row->ok = count_at(tree, "/requests/ok");
    row->failed = count_at(tree, "/requests/failed");
    row->cut_off = count_at(tree, "/requests/cut_off");
}

static bool is_unsteady(const char *state)
{
    return strcmp(state, "saturated") == 0 || strcmp(state, "drifting") == 0;
}

/* ---- a record ---- */

static double median_of(const struct json_object *record, const char *metric)
{
    char pointer[96];
    snprintf(pointer, sizeof pointer, "/performance/%s/median", metric);
    return real_at(record, pointer);
}

static void count_states(const struct json_object *record, struct load_row *row)
{
    struct json_object *states = json_get_object(record, "/load/states");
    if (!states)
        return;
    json_object_object_foreach(states, state, count)
    {
        int64_t n = json_object_get_int64(count);
        row->repeats += n;
        row->unsteady += is_unsteady(state) ? n : 0;
    }
}

bool load_row_of_record(const struct run_test *test, struct load_row *row)
{
    const struct json_object *record = test->last ? test->last->record : NULL;
    const struct json_object *load = json_get_object(record, "/load");
    if (!load)
        return false;
    *row = (struct load_row){.name = test->name,
        .target = test->target,
        .model = test->model,
        .arrivals = text_at(load, "/arrivals"),
        .open = strcmp(text_at(load, "/unit"), "requests/s") == 0,
        .asked = real_at(load, "/asked"),
        .achieved = real_at(load, "/achieved"),
        .tokens_per_s = median_of(record, "output_tokens_per_s"),
        .requests_per_s = median_of(record, "requests_per_s"),
        .goodput_per_s = median_of(record, "goodput_per_s"),
        .goodput_fraction = median_of(record, "goodput_fraction"),
        .objectives = json_get_text(load, "/objectives")};
    take_counts(load, row);
    take_latencies(json_get_object(record, "/performance"), row);
    take_client(json_get_object(record, "/client"), row);
    count_states(record, row);
    return true;
}

/* ---- a result of `assay load` ---- */

void load_row_of_result(const struct json_object *tree, struct load_row *row)
{
    const char *arrivals = text_at(tree, "/asked/arrivals");
    bool open = strcmp(arrivals, "closed") != 0;
    *row = (struct load_row){.name = text_at(tree, "/targets/0/name"),
        .target = text_at(tree, "/targets/0/name"),
        .model = json_get(tree, "/targets/1") ? "and others" : text_at(tree, "/targets/0/model"),
        .arrivals = arrivals,
        .open = open,
        .asked = real_at(tree, open ? "/asked_per_s" : "/asked/streams"),
        .achieved = real_at(tree, open ? "/rates/begun_per_s" : "/steady/in_flight_mean"),
        .tokens_per_s =
            count_at(tree, "/requests/tokens_not_counted") ? -1 : real_at(tree, "/rates/output_tokens_per_s"),
        .requests_per_s = real_at(tree, "/rates/requests_per_s"),
        .goodput_per_s = real_at(tree, "/goodput/per_s"),
        .goodput_fraction = real_at(tree, "/goodput/fraction"),
        .repeats = 1,
        .unsteady = is_unsteady(text_at(tree, "/steady/state"))};
    take_counts(tree, row);
    take_latencies(json_get_object(tree, "/values"), row);
    take_client(json_get_object(tree, "/client"), row);
    if (row->verdict && strcmp(row->verdict, "ok") == 0)
        row->verdict = "valid";
    row->reason = "the reasons stand below"; /* all of them: load_report.c */
}

int load_row_compare(const void *a, const void *b)
{
    const struct load_row *x = a, *y = b;
    int order = strcmp(x->target, y->target);
    if (order == 0)
        order = strcmp(x->model, y->model);
    if (order == 0)
        order = x->open - y->open;
    if (order == 0)
        order = strcmp(x->arrivals, y->arrivals);
    return order ? order : (x->asked > y->asked) - (x->asked < y->asked);
}
