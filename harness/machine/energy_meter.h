/*
 * energy_meter.h - what the machine used between two moments: all its sources of energy, read together, and the
 * trail that each of them leaves.
 *
 *     struct energy_meter *meter;
 *     struct energy_meter_options options = {.root = "", .clock = clock, .period_ns = 200 * NS_PER_MS};
 *     if (energy_meter_open(&options, &meter, &why) != STATUS_OK) ...
 *     energy_meter_begin(meter);                    // forgets what was before
 *     while (...) energy_meter_read(meter);         // every 200 ms or so
 *     struct energy_window work = {from_ns, to_ns};
 *     energy_meter_measure(meter, &work, 1, &measured);     // energy_sum.h
 *     energy_meter_close(meter);
 *
 * A reading costs one pread for each source and no more; without sources it costs nothing. Times are monotonic: a
 * wall clock that is set changes nothing, and what was used while the machine slept belongs to no window.
 */
#ifndef ASSAY_ENERGY_METER_H
#define ASSAY_ENERGY_METER_H

#include "clock.h"
#include "energy_sum.h"
#include "status.h"

struct energy_meter; /* opaque */

struct energy_meter_options {
    const char *root;          /* NULL or "": this machine; else a captured tree */
    const struct clock *clock; /* NULL: the machine's */
    int64_t period_ns;         /* between readings, about; 0: 200 ms */
    int64_t deadline_ns;       /* of struct reader_options */
};

struct energy_window {
    int64_t from_ns, to_ns; /* monotonic */
};

/* Opens all sources; none at all is no failure. */
enum status energy_meter_open(const struct energy_meter_options *options, struct energy_meter **meter,
    struct error *e) ASSAY_MUST_CHECK;
void energy_meter_close(struct energy_meter *meter); /* NULL allowed */

/* One more, that somebody else reads: the GPUs. Taken over, also where there is no room for it (false). */
bool energy_meter_add(struct energy_meter *meter, const struct energy_source *source);

/*
 * A meter of what somebody else read, as a file tells it: nothing is opened, sources are added with energy_told_ops as
 * their ops (NULL: it could not be read there), and each reading is told. broken: what lies before it counts for
 * nothing. False: no memory, or a reading that cannot be.
 */
extern const struct energy_ops energy_told_ops;
enum status energy_meter_new_told(
    int64_t period_ns, struct energy_meter **meter, struct error *e) ASSAY_MUST_CHECK;
bool energy_meter_tell(struct energy_meter *meter, size_t i, int64_t t_ns, double joules, bool broken);

/* Borrowed. Whether any of them can be read at all, and why there is not one. */
size_t energy_meter_count(const struct energy_meter *meter);
const struct energy_source *energy_meter_source(const struct energy_meter *meter, size_t i);
bool energy_meter_tells(const struct energy_meter *meter);
const char *energy_meter_none(const struct energy_meter *meter);

void energy_meter_begin(struct energy_meter *meter);
void energy_meter_read(struct energy_meter *meter);

/* The last reading as values of a sample (monitor_line.h): "energy_package_0_j", joules since energy_meter_begin, and
 * "power_..._w" of what says watts. */
struct sample_value;
void energy_meter_each(
    const struct energy_meter *meter, void (*each)(const struct sample_value *v, void *arg), void *arg);

/* Summed over windows that do not overlap. */
void energy_meter_measure(const struct energy_meter *meter, const struct energy_window *windows, size_t count,
    struct energy_measured *measured);

#endif
