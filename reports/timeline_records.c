/* Files of records beside files of samples: our own benchmark.jsonl, or that of mlx-knife (v0.1 to v0.2.2). */
#include "timeline_build.h"

#include "line_check.h"

#include "json.h"
#include "jsonl.h"

#include <math.h>
#include <string.h>
#include <time.h>

static bool two_digits(const char *text, int *number)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
        return false;
    *number = 10 * (text[0] - '0') + text[1] - '0';
    return true;
}

/* How far a zone is ahead of UTC: "", "Z", "+02", "-0330" or "+05:30" behind a time. NAN: none of these. */
static double zone_seconds(const char *zone)
{
    int hours = 0, minutes = 0;
    if (zone[0] == '\0' || strcmp(zone, "Z") == 0)
        return 0;
    if ((zone[0] != '+' && zone[0] != '-') || !two_digits(zone + 1, &hours))
        return NAN;
    const char *rest = zone + 3 + (zone[3] == ':');
    if (rest[0] != '\0' && (!two_digits(rest, &minutes) || rest[2] != '\0'))
        return NAN;
    return (zone[0] == '-' ? -60 : 60) * (60 * hours + minutes);
}

/* Seconds since 1970 of "2026-09-30T12:34:56.789+02:00"; without a zone UTC. NAN: not such a text. */
static double unix_seconds(const char *text)
{
    struct tm t = {0};
    double fraction = 0;
    const char *rest = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &t) : NULL;
    if (!rest)
        return NAN;
    if (*rest == '.') {
        double digit = 0.1;
        for (rest++; *rest >= '0' && *rest <= '9'; rest++, digit /= 10)
            fraction += digit * (*rest - '0');
    }
    return (double)timegm(&t) + fraction - zone_seconds(rest);
}

static int64_t ns_of(double seconds)
{
    return seconds > 0 && seconds < 4e9 ? (int64_t)llround(seconds * 1e6) * 1000
                                        : 0; /* a double has no more */
}

/* When it began and ended: as it says, else what it took before its timestamp, which is that of its end. */
static void read_times(struct json_object *record, struct timeline_test *test)
{
    double start_s = NAN, end_s = NAN, duration_s = NAN;
    if (!json_get_real(record, "/test_end_ts", &end_s))
        end_s = unix_seconds(json_get_text(record, "/timestamp"));
    if (!json_get_real(record, "/test_start_ts", &start_s) && json_get_real(record, "/duration", &duration_s))
        start_s = end_s - duration_s;
    test->start_ns = ns_of(start_s);
    test->end_ns = ns_of(end_s);
}

/* "tests/live/test_server.py::TestChat::test_stream[model]": the file is the suite, the function the case. */
static enum status add_foreign(struct timeline *t, struct json_object *record)
{
    struct buf suite = BUF_INIT(8192);
    const char *name = json_get_text(record, "/test"), *colons = strstr(name, "::"), *last = name;
    for (const char *next = colons; next; next = strstr(last, "::"))
        last = next + 2;
    const char *file = name;
    for (const char *c = name; colons && c < colons; c++)
        if (*c == '/')
            file = c + 1;
    size_t len = colons ? (size_t)(colons - file) : 0;
    len = len > 3 && strncmp(file + len - 3, ".py", 3) == 0 ? len - 3 : len;
    buf_append(&suite, file, len);
    struct timeline_test test = {.name = name,
        .case_name = last,
        .attempt = 1,
        .model = json_get_text(record, "/model/id"),
        .record = record,
        .outcome = outcome_words_find(json_get_text(record, "/outcome"))};
    test.suite = test.model ? buf_text(&suite) : TIMELINE_INFRASTRUCTURE;
    read_times(record, &test);
    enum status s = buf_status(&suite);
    if (s == STATUS_OK)
        s = timeline_add_test(t, &test);
    buf_fini(&suite);
    return s;
}

static enum status add_ours(struct timeline *t, struct json_object *record)
{
    struct timeline_test test = {.name = json_get_text(record, "/test"),
        .suite = json_get_text(record, "/suite"),
        .case_name = json_get_text(record, "/case"),
        .model = json_get_text(record, "/model/id"),
        .record = record,
        .outcome = outcome_words_find(json_get_text(record, "/outcome"))};
    (void)json_get_int(record, "/attempt", &test.attempt);
    if (!json_get_int(record, "/start_unix_ns", &test.start_ns) ||
        !json_get_int(record, "/end_unix_ns", &test.end_ns))
        test.start_ns = 0;
    return timeline_add_test(t, &test);
}

static bool is_foreign(struct json_object *record)
{
    const char *version = json_get_text(record, "/schema_version");
    return version && strncmp(version, "0.", 2) == 0 && json_get_text(record, "/test") &&
           outcome_words_find(json_get_text(record, "/outcome"));
}

static enum status take_line(struct timeline *t, struct jsonl_line *line, struct timeline_refusals *refusals)
{
    struct error why;
    error_clear(&why);
    if (line->status != STATUS_OK) {
        timeline_refuse(refusals, line->number, line->error.text);
        return line->status == STATUS_NO_MEMORY ? STATUS_NO_MEMORY : STATUS_OK;
    }
    if (is_foreign(line->tree))
        return add_foreign(t, line->tree);
    enum status s = line_check("record", line->tree, &why);
    if (s == STATUS_OK && outcome_words_find(json_get_text(line->tree, "/outcome")))
        return add_ours(t, line->tree);
    timeline_refuse(
        refusals, line->number, s == STATUS_OK ? "an outcome that is not known" : error_text(&why));
    return s == STATUS_NO_MEMORY ? s : STATUS_OK;
}

enum status timeline_read_records_file(const char *path, struct timeline *timeline, struct error *e)
{
    struct jsonl *lines = NULL;
    struct timeline_refusals refusals = {0};
    size_t seen = 0;
    enum status s = jsonl_open(path, &lines, e);
    for (struct jsonl_line line; s == STATUS_OK && jsonl_next(lines, &line); seen++)
        s = take_line(timeline, &line, &refusals);
    enum status closed = jsonl_close(lines, s == STATUS_OK ? e : NULL);
    s = s == STATUS_OK ? closed : s;
    if (s == STATUS_OK && seen == refusals.count)
        s = error_set(e, STATUS_INVALID, "%s: no record in it%s%s", path, seen ? "; its first line: " : "",
            refusals.why);
    timeline_order_tests(timeline);
    if (s == STATUS_OK)
        s = timeline_tell_refusals(timeline, path, &refusals);
    if (s == STATUS_OK)
        s = timeline_tell_timeless(timeline);
    return s == STATUS_NO_MEMORY ? error_set(e, s, "no memory for the tests of the timeline") : s;
}
