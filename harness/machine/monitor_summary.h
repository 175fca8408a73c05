/*
 * monitor_summary.h - what a series of samples comes to: how well the schedule was kept, what sampling cost, and
 * what each sensor did. The same from a monitor that runs and from the file that one left behind.
 *
 *     struct monitor_summary *s = monitor_summary_new(200 * NS_PER_MS);
 *     monitor_summary_note(s, phase, monitor_latest(m));             // with every sample
 *     monitor_summary_to_json(s, line);                              // `summary` of schemas/sample.schema.json
 *     monitor_summary_free(s);
 *
 *     if (monitor_summary_read("samples.jsonl", &s, &why) == STATUS_OK) ...   // also of a monitor that was killed
 *
 * The samples of a run are those of many windows, each from a "before" on: some counters begin anew with each, and
 * nobody watched between them. Each is judged for itself, and the worst of them is what all of it comes to.
 */
#ifndef ASSAY_MONITOR_SUMMARY_H
#define ASSAY_MONITOR_SUMMARY_H

#include "hist.h"
#include "quality.h"

enum { SUMMARY_VALUES_MAX = 512, SUMMARY_NAME_SIZE = 64 };

struct json_object;

/* One name of `values`. */
struct summary_value {
    char name[SUMMARY_NAME_SIZE];
    size_t seen, failed;
    double first, last, low, high, sum;
    double grown;  /* from sample to sample, within windows */
    size_t window; /* that last is of */
};

/* What windows come to that are over. */
struct summary_verdict {
    size_t windows;
    enum quality_verdict verdict; /* the worst */
    const char *flags[SENSOR_COUNT];
    size_t flag_count; /* without "clean" */
};

struct monitor_summary {
    int64_t period_ns;         /* nominal; 0 where the file does not say */
    int64_t first_ns, last_ns; /* monotonic: of the first and the last sample */
    int64_t first_unix_ns;
    int64_t watched_ns;  /* between the samples of each window */
    int64_t due_ns;      /* when the last sample that has an interval was due */
    double intervals_ns; /* the sum of all intervals, gaps between windows left out */
    size_t samples, scans, missed;
    double read_ns, scan_ns; /* time that reading took, passes over the processes apart */
    struct hist lateness, interval;
    struct window window; /* for quality_judge: the one that goes on */
    size_t window_number; /* of it, from 1 */
    struct summary_verdict before;
    struct summary_value *values;
    size_t value_count, values_left_out;
    size_t lines_left_out; /* broken or torn lines of the file */
    bool alone;     /* nothing was measured meanwhile: whose processor time is foreign has no meaning */
    bool ended;     /* the file has the summary that its monitor wrote */
    char host[256]; /* as the file says; "" where it does not */
    struct json_object *sensors; /* likewise: unit, kind, scope by name; NULL */
};

struct monitor_summary *monitor_summary_new(int64_t period_ns); /* NULL: no memory */
void monitor_summary_free(struct monitor_summary *summary);

/* phase: "before", "during" or "after"; the last of them came when the end came and has no interval. */
void monitor_summary_note(struct monitor_summary *summary, const char *phase, const struct sample *sample);

/* The two halves of it, where values have names that sensor_table does not know. hint: 0 at the first of a sample. */
void monitor_summary_note_sample(
    struct monitor_summary *summary, const char *phase, const struct sample *sample);
void monitor_summary_note_value(
    struct monitor_summary *summary, const char *name, bool known, double value, size_t *hint);

/* From a file: its first line, and a line that holds a sample. False: it is none. */
void monitor_summary_take_start(struct monitor_summary *summary, const struct json_object *line);
bool monitor_summary_note_line(struct monitor_summary *summary, const struct json_object *line);

/* "-" is standard input; a folder: the samples.jsonl in it. STATUS_INVALID where it holds no sample. */
enum status monitor_summary_read(
    const char *path, struct monitor_summary **summary, struct error *e) ASSAY_MUST_CHECK;

double monitor_summary_duration_s(const struct monitor_summary *summary);

/* Adds its members to an object: all of a line but type and version. False: no memory. */
bool monitor_summary_to_json(const struct monitor_summary *summary, struct json_object *object);

#endif
