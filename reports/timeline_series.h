/*
 * timeline_series.h - what is drawn of the machine: a row per subject, and which sensor becomes which line of it.
 *
 * A sensor is found by its name in samples.jsonl; "*" in a pattern stands for the name of a part (a GPU, a source of
 * energy), which takes the place of "*" in the label. Counters become rates, each over a window long enough for its
 * clock: the kernel counts CPU time in ticks of 10 ms, and processes are looked at once a second.
 *
 *     char part[32];
 *     const struct timeline_spec *spec = timeline_spec_find("energy_psys_j", false, part, sizeof part); // "psys"
 */
#ifndef ASSAY_TIMELINE_SERIES_H
#define ASSAY_TIMELINE_SERIES_H

#include "timeline_ink.h"

#include <stdbool.h>
#include <stddef.h>

enum timeline_row_id { ROW_MEMORY, ROW_CPU, ROW_GPU, ROW_REQUESTS, ROW_ENERGY, ROW_COUNT };

struct timeline_row {
    const char *id; /* of its element in the page */
    const char *title;
    const char *unit, *right_unit; /* of its two scales: "bytes", "%", ... */
    double at_least;               /* the left scale reaches up to here: 100 for a share */
};

extern const struct timeline_row timeline_rows[ROW_COUNT];

enum timeline_kind {
    SERIES_HIDDEN,   /* something else says the same */
    SERIES_GAUGE,    /* a level: as it is */
    SERIES_RATE,     /* a counter: growth a second */
    SERIES_SHARE,    /* a counter of CPU time: growth as a share of that of all CPUs, in % */
    SERIES_TOTAL,    /* a counter that shares are of; not drawn */
    SERIES_WAITING,  /* a counter of seconds in which some waited for memory: a band where it grows */
    SERIES_PRESSURE, /* a level of memory pressure: a band where it is 2, a graver one from 4 on */
};

struct timeline_spec {
    const char *pattern;
    enum timeline_row_id row;
    enum timeline_kind kind;
    const char *label;
    enum timeline_ink ink; /* INK_NONE: one for each part, from `first_ink` on */
    size_t first_ink;
    bool memmon; /* a name of the memory files of mlx-knife */
    bool right;  /* on the right scale */
    bool filled;
    bool quiet;      /* nothing to draw where it was zero all along */
    bool of_window;  /* a counter that begins anew with each test */
    double factor;   /* value times factor is shown; 0: 1 */
    double step;     /* finer differences are not kept */
    double window_s; /* rates are over at least so long */
};

extern const struct timeline_spec timeline_specs[]; /* in the order of legends; ends with pattern NULL */

/* NULL: not drawn. memmon: in a memory file of mlx-knife. part: what "*" stood for, "" without one. */
const struct timeline_spec *timeline_spec_find(const char *sensor, bool memmon, char *part, size_t size);

/* The label of one series: "power of GPU 0". */
void timeline_spec_label(const struct timeline_spec *spec, const char *part, char *label, size_t size);

#endif
