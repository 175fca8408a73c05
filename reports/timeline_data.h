/*
 * timeline_data.h - what a timeline shows: the machine's samples, the tests, the requests and the models' comings and
 * goings, on one axis of wall-clock time.
 *
 * The wall clock is what the files of a run (and those of a server's machine) have in common. Files are read as
 * streams; what is kept of them is bounded (timeline_table.h). A line that cannot be believed is counted and named in
 * a note, never drawn.
 *
 *     struct timeline timeline;
 *     enum status s = timeline_read_run(&data, &timeline, &why);                      // run_data.h
 *     enum status s = timeline_read_samples_file("monitor.jsonl", &timeline, &why);   // instead of that
 *     if (s == STATUS_OK) ...
 *     timeline_fini(&timeline);
 */
#ifndef ASSAY_TIMELINE_DATA_H
#define ASSAY_TIMELINE_DATA_H

#include "timeline_series.h"
#include "timeline_table.h"

#include "outcome_words.h"

struct run_data;

#define TIMELINE_REGIONS_MAX 20000
#define TIMELINE_LANES_MAX 6
#define TIMELINE_SERIES_MAX (2 * TIMELINE_COLUMNS_MAX + 2) /* of two machines, and of the requests */

/* One attempt of one test that has a start and an end. Texts are safe to show, and owned by the timeline. */
struct timeline_region {
    int64_t start_ns, end_ns;
    int64_t attempt;
    char *test, *suite, *case_name, *model;
    char *flags;   /* quality flags, "clean" without any, "" where nobody says */
    char *message; /* why it failed or was skipped */
    const struct outcome_words *outcome;
    size_t suite_index, lane;
    bool infrastructure;
};

/* A time in which memory was short: 1 some waited, 2 all did (or: warning, critical). */
struct timeline_band {
    int64_t start_ns, end_ns;
    int level;
};

/* A model on its way into a server's memory or out of it, or another moment worth a mark. */
struct timeline_mark {
    int64_t start_ns, end_ns; /* equal: a moment */
    char *text;
};

/* Lines that share their moments: this machine's samples, those of the server's machine, the requests. */
enum timeline_table_id { TABLE_SAMPLES, TABLE_SERVER, TABLE_REQUESTS, TABLE_COUNT };

struct timeline_series {
    const struct timeline_spec *spec;
    char sensor[64];
    char label[96];
    enum timeline_ink ink;
    enum timeline_table_id table;
    size_t column;
    bool read; /* at least once */
    bool drawn;
    double lowest, highest;
};

struct timeline {
    char *title, *subtitle;
    int64_t start_ns, end_ns; /* of everything; equal where there is nothing */
    struct timeline_table tables[TABLE_COUNT];
    struct timeline_series series[TIMELINE_SERIES_MAX];
    size_t series_count;
    struct timeline_region *regions; /* in order of their start */
    size_t region_count, region_capacity, lane_count;
    char **suites; /* in order of appearance */
    size_t suite_count;
    struct timeline_band *bands;
    size_t band_count, band_capacity;
    size_t last_band[3]; /* of each level, counted from 1 */
    struct timeline_mark *marks;
    size_t mark_count, mark_capacity;
    char **notes; /* what a reader must know, safe to show */
    size_t note_count;
    double rate_window_s; /* that tokens/s are over */
    size_t tests_without_time, sample_count;
};

/* STATUS_INVALID: nothing in the run has a time; STATUS_IO, STATUS_NO_MEMORY. */
enum status timeline_read_run(
    const struct run_data *data, struct timeline *timeline, struct error *e) ASSAY_MUST_CHECK;

/* Samples of ours, or a memory file of mlx-knife. STATUS_NOT_FOUND; STATUS_INVALID: no sample in it. */
enum status timeline_read_samples_file(
    const char *path, struct timeline *timeline, struct error *e) ASSAY_MUST_CHECK;

/*
 * The tests of a file of records into a timeline of samples: of ours, or of mlx-knife's, which know when a test ended
 * and how long it took. STATUS_NOT_FOUND; STATUS_INVALID: no record in it.
 */
enum status timeline_read_records_file(
    const char *path, struct timeline *timeline, struct error *e) ASSAY_MUST_CHECK;

void timeline_fini(struct timeline *timeline); /* also of a zeroed one */

/* True where the row has something to show. */
bool timeline_row_is_drawn(const struct timeline *timeline, enum timeline_row_id row);

/* The colour of a suite: grey for the infrastructure, one of its own for each other as far as there are. */
enum timeline_ink timeline_suite_ink(const struct timeline *timeline, size_t suite);

/* The name of the suite whose tests look at the server and not at a model; its regions can be switched off. */
#define TIMELINE_INFRASTRUCTURE "infrastructure"

#endif
