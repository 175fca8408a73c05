/* The tests of a run as regions of its timeline, and what became of models and servers meanwhile. */
#include "timeline_build.h"

#include "line_check.h"
#include "run_data.h"

#include "buf.h"
#include "json.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 512
#define MESSAGE_MAX_BYTES 400
#define SUITES_MAX 64

/* Texts that may be missing are "". */
static char *text_or_empty(const char *text, size_t max_bytes)
{
    return timeline_safe_text(text ? text : "", max_bytes);
}

static char *flags_of(struct json_object *record)
{
    struct json_object *flags = json_get_array(record, "/system_health/quality_flags");
    struct buf text = BUF_INIT(1 << 14);
    for (size_t i = 0; flags && i < json_object_array_length(flags); i++)
        buf_printf(&text, "%s%s", i ? ", " : "", line_item_text(flags, i));
    char *safe = timeline_safe_text(buf_text(&text), NAME_MAX_BYTES);
    buf_fini(&text);
    return safe;
}

static enum status index_suite(struct timeline *t, const char *suite, size_t *index)
{
    for (*index = 0; *index < t->suite_count; (*index)++)
        if (strcmp(t->suites[*index], suite) == 0)
            return STATUS_OK;
    if (t->suite_count == SUITES_MAX) {
        *index = SUITES_MAX - 1;
        return STATUS_OK;
    }
    char **grown = reallocarray(t->suites, t->suite_count + 1, sizeof *grown);
    if (grown)
        t->suites = grown;
    char *name = grown ? strdup(suite) : NULL;
    if (!name)
        return STATUS_NO_MEMORY;
    t->suites[t->suite_count++] = name;
    return STATUS_OK;
}

static enum status fill_region(
    struct timeline *t, struct timeline_region *r, const struct timeline_test *test)
{
    const char *message = json_get_text(test->record, "/message");
    r->start_ns = test->start_ns;
    r->end_ns = test->end_ns;
    r->outcome = test->outcome;
    r->attempt = test->attempt;
    r->test = text_or_empty(test->name, NAME_MAX_BYTES);
    r->suite = text_or_empty(test->suite, NAME_MAX_BYTES);
    r->case_name = text_or_empty(test->case_name, NAME_MAX_BYTES);
    r->model = text_or_empty(test->model, NAME_MAX_BYTES);
    r->flags = flags_of(test->record);
    r->message =
        text_or_empty(message ? message : json_get_text(test->record, "/skip_reason"), MESSAGE_MAX_BYTES);
    if (!r->test || !r->suite || !r->case_name || !r->model || !r->flags || !r->message)
        return STATUS_NO_MEMORY;
    r->infrastructure = strcmp(r->suite, TIMELINE_INFRASTRUCTURE) == 0;
    return index_suite(t, r->suite, &r->suite_index);
}

/* Events of a record that the run's own list of what became of models has too, that every test has, or that end another
 * one. */
static bool is_told_elsewhere(const char *event)
{
    return strncmp(event, "model_load_", 11) == 0 || strcmp(event, "first_request") == 0 ||
           strcmp(event, "quiet_wait_end") == 0;
}

static bool read_event(struct json_object *events, size_t i, const char **event, double *t_s)
{
    struct json_object *item = json_object_array_get_idx(events, i);
    *event = json_get_text(item, "/event");
    return *event && json_get_real(item, "/t_s", t_s) && *t_s > -1e6 && *t_s < 1e6;
}

/* A wait before the test is one event with a length: a rest ends where the wait for quiet or the test begins. */
static const struct event_wait {
    const char *start, *end, *text;
} waits[] = {
    {"cooldown_start", "quiet_wait_start", "cooldown"},
    {"quiet_wait_start", "quiet_wait_end", "quiet wait"},
};

static const struct event_wait *wait_of(const char *event)
{
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++)
        if (strcmp(event, waits[i].start) == 0)
            return &waits[i];
    return NULL;
}

static double end_of_wait(struct json_object *events, const struct event_wait *wait, double start_s)
{
    const char *event;
    double t_s;
    for (size_t i = 0; i < json_object_array_length(events); i++)
        if (read_event(events, i, &event, &t_s) && strcmp(event, wait->end) == 0 && t_s >= start_s)
            return t_s;
    return start_s < 0 ? 0 : start_s;
}

static enum status add_events(struct json_object *record, int64_t start_ns, struct timeline *t)
{
    struct json_object *events = json_get_array(record, "/timeline");
    enum status s = STATUS_OK;
    for (size_t i = 0; events && i < json_object_array_length(events) && s == STATUS_OK; i++) {
        const char *event;
        double t_s = 0;
        if (!read_event(events, i, &event, &t_s) || is_told_elsewhere(event))
            continue;
        const struct event_wait *wait = wait_of(event);
        int64_t at_ns = start_ns + (int64_t)(t_s * 1e9);
        int64_t end_ns = wait ? start_ns + (int64_t)(end_of_wait(events, wait, t_s) * 1e9) : at_ns;
        s = timeline_add_mark(t, at_ns, end_ns, wait ? wait->text : event);
        timeline_widen(t, at_ns, end_ns); /* what was waited for came before the test */
    }
    return s;
}

enum status timeline_add_test(struct timeline *t, const struct timeline_test *test)
{
    bool timed = test->start_ns > 0 && test->end_ns >= test->start_ns && test->end_ns <= TIMELINE_LATEST_NS;
    if (!timed || t->region_count == TIMELINE_REGIONS_MAX) {
        t->tests_without_time++;
        return STATUS_OK;
    }
    struct timeline_region *region =
        timeline_new_item((void **)&t->regions, &t->region_count, &t->region_capacity, sizeof *region);
    if (!region)
        return STATUS_NO_MEMORY;
    timeline_widen(t, test->start_ns, test->end_ns);
    enum status s = fill_region(t, region, test);
    return s == STATUS_OK ? add_events(test->record, test->start_ns, t) : s;
}

static enum status add_attempt(const struct run_data *data, const struct attempt *a, struct timeline *t)
{
    const struct run_test *of = &data->tests[a->test_index];
    struct timeline_test test = {.name = a->test,
        .suite = of->suite,
        .case_name = of->case_name,
        .model = of->model,
        .attempt = a->number,
        .outcome = a->outcome,
        .record = a->record};
    if (!json_get_int(a->record, "/start_unix_ns", &test.start_ns) ||
        !json_get_int(a->record, "/end_unix_ns", &test.end_ns))
        test.start_ns = 0;
    return timeline_add_test(t, &test);
}

static int by_start(const void *left, const void *right)
{
    const struct timeline_region *a = left, *b = right;
    if (a->start_ns != b->start_ns)
        return a->start_ns < b->start_ns ? -1 : 1;
    return (a->end_ns > b->end_ns) - (a->end_ns < b->end_ns);
}

static int by_moment(const void *left, const void *right)
{
    const struct timeline_mark *a = left, *b = right;
    return (a->start_ns > b->start_ns) - (a->start_ns < b->start_ns);
}

/* Tests that ran at the same time stand below each other; the last lane takes what is left. */
void timeline_order_tests(struct timeline *t)
{
    int64_t busy_until[TIMELINE_LANES_MAX] = {0};
    if (t->region_count)
        qsort(t->regions, t->region_count, sizeof *t->regions, by_start);
    if (t->mark_count)
        qsort(t->marks, t->mark_count, sizeof *t->marks, by_moment);
    for (size_t i = 0; i < t->region_count; i++) {
        struct timeline_region *r = &t->regions[i];
        while (r->lane + 1 < TIMELINE_LANES_MAX && busy_until[r->lane] > r->start_ns)
            r->lane++;
        if (r->end_ns > busy_until[r->lane])
            busy_until[r->lane] = r->end_ns;
        if (r->lane + 1 > t->lane_count)
            t->lane_count = r->lane + 1;
    }
}

enum status timeline_tell_timeless(struct timeline *t)
{
    if (t->tests_without_time == 0)
        return STATUS_OK;
    return timeline_note(t, "%zu %s in no row: lost, never started, of unknown time, or more than fit",
        t->tests_without_time,
        t->tests_without_time == 1 ? "test has no time and stands" : "tests have no time and stand");
}

static enum status add_model_event(struct json_object *item, struct timeline *t)
{
    const char *model = json_get_text(item, "/model"), *event = json_get_text(item, "/event");
    const char *failed = json_get_text(item, "/error");
    struct buf text = BUF_INIT(8192);
    int64_t at_ns = 0;
    double seconds = 0;
    if (!model || !event || !json_get_int(item, "/unix_ns", &at_ns) || at_ns <= 0 ||
        at_ns > TIMELINE_LATEST_NS)
        return STATUS_OK;
    if (!json_get_real(item, "/seconds", &seconds) || !(seconds < 1e6))
        seconds = 0;
    int64_t end_ns = at_ns + (int64_t)(seconds * 1e9);
    buf_printf(&text, "%s %s%s", event, model, failed ? ": failed" : "");
    enum status s = buf_status(&text);
    if (s == STATUS_OK)
        s = timeline_add_mark(t, at_ns, end_ns, buf_text(&text));
    if (s == STATUS_OK)
        timeline_widen(t, at_ns, end_ns);
    buf_fini(&text);
    return s;
}

enum status timeline_read_regions(const struct run_data *data, struct timeline *t, struct error *e)
{
    enum status s = STATUS_OK;
    struct json_object *events = data->run ? json_get_array(data->run, "/model_events") : NULL;
    for (size_t i = 0; i < data->attempt_count && s == STATUS_OK; i++)
        s = add_attempt(data, &data->attempts[i], t);
    for (size_t i = 0; events && i < json_object_array_length(events) && s == STATUS_OK; i++)
        s = add_model_event(json_object_array_get_idx(events, i), t);
    if (s != STATUS_OK)
        return error_set(e, s, "no memory for the tests of the timeline");
    timeline_order_tests(t);
    return timeline_tell_timeless(t);
}
