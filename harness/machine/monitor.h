/*
 * monitor.h - the machine before, during and after a measured window.
 *
 * The monitor has no thread and never blocks: whoever owns the main loop asks when the next sample is due and
 * calls monitor_sample() at about that time. Each sample may be appended to samples.jsonl as it is taken.
 *
 *     struct monitor *m;
 *     struct monitor_options options = {.samples_path = "runs/x/samples.jsonl", .target_url = url};
 *     if (monitor_open(&options, &m, &why) != STATUS_OK) ...
 *     monitor_begin(m);                                         // the window starts: before
 *     monitor_watch_session(m, runner_pid);                     // what the runner starts is ours too
 *     while (!runner_ended) {
 *         poll(fds, n, timeout_until(monitor_due_ns(m)));
 *         monitor_sample(m, clock_mono_ns(clock));              // during: does nothing until due
 *     }
 *     monitor_end(m);                                           // the window ends: after
 *     struct quality quality;
 *     quality_judge(monitor_window(m), &quality);               // quality.h
 *     monitor_close(m);
 *
 * Sampling keeps to an absolute schedule: a late sample does not move the next, a missed one is left out. A
 * pass over all processes is made at both ends of the window and at most once per second between them.
 */
#ifndef ASSAY_MONITOR_H
#define ASSAY_MONITOR_H

#include "clock.h"
#include "energy_meter.h"
#include "monitor_out.h"
#include "monitor_window.h"
#include "reader.h"

#include <stdbool.h>

#define MONITOR_PERIOD_NS (200 * NS_PER_MS)
#define MONITOR_SCAN_PERIOD_NS NS_PER_S

struct monitor; /* opaque */
struct json_object;

struct monitor_options {
    const char *root;               /* NULL or "": this machine; else a captured tree */
    const struct clock *clock;      /* NULL: the machine's */
    int64_t period_ns;              /* 0: MONITOR_PERIOD_NS */
    pid_t own_pid;                  /* 0: this process */
    const char *target_url;         /* measured server, for its share of the CPU; NULL without one */
    const char *samples_path;       /* samples are appended to it; NULL: not written */
    struct monitor_out *out;        /* they go here instead: opened by the caller, who also closes it */
    const char *run_id;             /* for the lines of samples_path; NULL: left out */
    const char *test;               /* likewise */
    int attempt;                    /* likewise; 0: left out */
    struct gpu_libraries libraries; /* of struct reader_options */
    int64_t deadline_ns;            /* likewise */
};

enum status monitor_open(
    const struct monitor_options *options, struct monitor **monitor, struct error *e) ASSAY_MUST_CHECK;
void monitor_close(struct monitor *monitor);

void monitor_watch_session(struct monitor *monitor, pid_t session);

/* Opens a new window with a first sample; an earlier one is forgotten. */
void monitor_begin(struct monitor *monitor);
/* When the next sample is due, on the monotonic clock. */
int64_t monitor_due_ns(const struct monitor *monitor);
/* Takes a sample if one is due at now_ns; true if it did. */
bool monitor_sample(struct monitor *monitor, int64_t now_ns);
/* Closes the window with a last sample. */
void monitor_end(struct monitor *monitor);

/* Borrowed; changes with every sample. */
const struct window *monitor_window(const struct monitor *monitor);
const struct sample *monitor_latest(const struct monitor *monitor);

/* The measured server's process within the window. Borrowed likewise. */
const struct server_history *monitor_server(const struct monitor *monitor);

/* What was used within the window, as far as anything tells (energy_meter.h). Borrowed; read with every sample, and
 * once more between samples by monitor_read_energy. */
const struct energy_meter *monitor_energy(const struct monitor *monitor);
void monitor_read_energy(struct monitor *monitor);

/* Appends a line of another kind behind the samples written so far (`type` of schemas/sample.schema.json). */
void monitor_append(struct monitor *monitor, const struct json_object *line);

/* STATUS_OK, or why samples could not be written: the first failure; sampling itself goes on. */
enum status monitor_write_status(const struct monitor *monitor, struct error *e) ASSAY_MUST_CHECK;

#endif
