/*
 * timeline_build.h - what the readers of a timeline share: growing its lists, its notes, its span.
 *
 *     if (timeline_note(t, "%zu lines of %s could not be read", lines, path) != STATUS_OK) ...
 *     timeline_widen(t, sample_ns, sample_ns);
 */
#ifndef ASSAY_TIMELINE_BUILD_H
#define ASSAY_TIMELINE_BUILD_H

#include "timeline_data.h"

struct json_object;

/* Moments of the wall clock beyond it (the year 2116) are not believed, so that sums of two do not overflow. */
#define TIMELINE_LATEST_NS (INT64_MAX / 2)

/* Adds a sentence for the reader. */
enum status timeline_note(struct timeline *t, const char *format, ...) ASSAY_PRINTF(2, 3);

/* Lines of a file that could not be believed: how many, and what is wrong with the first. */
struct timeline_refusals {
    size_t count;
    long line;
    char why[512];
};

void timeline_refuse(struct timeline_refusals *refusals, long line, const char *why);
/* Says so in a note, where there are any. */
enum status timeline_tell_refusals(
    struct timeline *t, const char *path, const struct timeline_refusals *refusals) ASSAY_MUST_CHECK;

/* The timeline reaches from there to there at least. */
void timeline_widen(struct timeline *t, int64_t start_ns, int64_t end_ns);

/* A copy that is safe to show on one line; NULL without memory. */
char *timeline_safe_text(const char *text, size_t max_bytes);

/* Room for one item more in a list of the timeline; NULL without memory. */
void *timeline_new_item(void **items, size_t *count, size_t *capacity, size_t size);

enum status timeline_add_band(
    struct timeline *t, int64_t start_ns, int64_t end_ns, int level) ASSAY_MUST_CHECK;
enum status timeline_add_mark(
    struct timeline *t, int64_t start_ns, int64_t end_ns, const char *text) ASSAY_MUST_CHECK;

/* One test as its record has it; texts are borrowed, and may be NULL. */
struct timeline_test {
    const char *name, *suite, *case_name, *model;
    int64_t attempt, start_ns, end_ns;
    const struct outcome_words *outcome;
    struct json_object *record; /* flags, message, moments */
};

/* A test without a time (start 0) is only counted. Order, lanes and the note are for the end of all tests. */
enum status timeline_add_test(struct timeline *t, const struct timeline_test *test) ASSAY_MUST_CHECK;
void timeline_order_tests(struct timeline *t);
enum status timeline_tell_timeless(struct timeline *t) ASSAY_MUST_CHECK;

/* A new line of the picture. STATUS_LIMIT where there are too many. */
enum status timeline_add_series(struct timeline *t, const struct timeline_spec *spec, const char *sensor,
    const char *label, enum timeline_table_id table, size_t *column) ASSAY_MUST_CHECK;

/* The parts of a run, each into the timeline. A file that is not there is none of these's business. */
enum status timeline_read_regions(
    const struct run_data *data, struct timeline *t, struct error *e) ASSAY_MUST_CHECK;
enum status timeline_read_samples(const char *path, struct timeline *t, struct error *e) ASSAY_MUST_CHECK;
enum status timeline_read_requests(const char *path, struct timeline *t, struct error *e) ASSAY_MUST_CHECK;

#endif
