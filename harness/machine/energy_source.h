/*
 * energy_source.h - one source that tells what a part of the machine draws, and how the sources of a platform are
 * found: linux/energy_*.c, unsupported/.
 *
 *     struct energy_source sources[ENERGY_SOURCES_MAX];
 *     char none[ENERGY_REASON_SIZE];
 *     size_t n = energy_sources_open("", sources, ENERGY_SOURCES_MAX, none);     // none: why there is not one
 *     for (size_t i = 0; i < n; i++)
 *         if (sources[i].ops->read(&sources[i], &value, reason)) use(sources[i].name, value);
 *     energy_sources_close(sources, n);
 *
 * A source that is there and may not be read is listed too, with the reason and without ops. Files stay open;
 * nothing is started to read them.
 */
#ifndef ASSAY_ENERGY_SOURCE_H
#define ASSAY_ENERGY_SOURCE_H

#include "energy_trail.h"

enum { ENERGY_SOURCES_MAX = 48, ENERGY_REASON_SIZE = 192 };

/* What of the machine a source tells of. Which of several count together: energy_sum.h. */
enum energy_part {
    ENERGY_MACHINE,  /* all of it, as it comes from the wall or from its power supply */
    ENERGY_PLATFORM, /* processor, memory and board, as the processor estimates it (psys) */
    ENERGY_CPU,      /* a processor package */
    ENERGY_MEMORY,
    ENERGY_GPU,
    ENERGY_WITHIN,  /* a part of another source: its cores, its graphics */
    ENERGY_BATTERY, /* all of it while it runs on battery, coarsely */
    ENERGY_PART_COUNT
};
const char *energy_part_name(enum energy_part part); /* "machine", "platform", "cpu", "memory", ... */
bool energy_part_parse(const char *name, enum energy_part *part); /* false: there is no such part */

struct energy_source;

struct energy_ops {
    /* False: reason says why. */
    bool (*read)(struct energy_source *source, double *value, char reason[ENERGY_REASON_SIZE]);
    void (*close)(struct energy_source *source);
};

struct energy_source {
    char name[40];    /* unique, [a-z][a-z0-9_]*: "package_0" */
    char method[128]; /* "RAPL /sys/class/powercap/intel-rapl:0/energy_uj" */
    enum energy_unit unit;
    enum energy_part part;
    bool spare;                      /* tells of what a source of the same part that is no spare tells too */
    double range_j;                  /* where a counter wraps around; 0: never */
    const struct energy_ops *ops;    /* NULL: it cannot be read */
    char reason[ENERGY_REASON_SIZE]; /* why it cannot, or could not the last time; "" */
    void *state;                     /* of ops */
    int64_t at_ns; /* monotonic: the moment of which the last reading tells, where its reader knows; else 0 */
};

/* root: "" or a folder with a captured tree; deadline_ns: of struct reader_options. Returns how many; none says why
 * where there is not one. */
size_t energy_sources_open(const char *root, int64_t deadline_ns, struct energy_source *sources, size_t max,
    char none[ENERGY_REASON_SIZE]);
void energy_sources_close(struct energy_source *sources, size_t count);

#endif
