/*
 * quality.h - was the machine fit to measure? One definition of each flag, in the table of quality.c.
 *
 * Only what changed inside the window counts; levels that were there before are context. The verdict:
 *     invalid   a figure of this window means nothing (swapped in, killed by the OOM killer, suspended, ...)
 *     degraded  a figure may be disturbed; the flags name by what
 *     clean     every required kind of sensor was read and none raised a flag
 *     unknown   nothing was raised, but a required kind could not be read
 *
 * Required kinds are swap, memory, oom, zombies, steal and clock. Evidence against the machine counts even
 * where another sensor failed. For memory and oom one working sensor is enough (a container without PSI still
 * has available memory); the other required kinds need all of theirs.
 *
 *     struct quality quality;
 *     quality_judge(monitor_window(m), &quality);
 *     json_set(record, "system_health", quality_to_json(&quality));
 */
#ifndef ASSAY_QUALITY_H
#define ASSAY_QUALITY_H

#include "buf.h"
#include "monitor.h"

struct json_object;

/* By severity; a zeroed struct quality is unknown: nobody judged. */
enum quality_verdict { QUALITY_UNKNOWN, QUALITY_CLEAN, QUALITY_DEGRADED, QUALITY_INVALID };

/* What is compared with the threshold. */
enum quality_measure {
    MEASURE_NONE,       /* context: never judged */
    MEASURE_GROWTH,     /* last - first, in the sensor's unit */
    MEASURE_PER_S,      /* growth per second of the window */
    MEASURE_SHARE,      /* growth in s / duration of the window: share of wall time, or of one core */
    MEASURE_CPU_SHARE,  /* growth / growth of all CPU time: share of all cores */
    MEASURE_CORE_SHARE, /* growth beyond the noise of counting in ticks / duration of the window: share of one
                           core */
    MEASURE_JUMP,       /* largest distance from the first reading */
    MEASURE_LASTING,    /* highest lasting level - first level */
    MEASURE_LOW_SHARE, /* 1 - lowest level / total, where the level fell by a hundredth of the total: share in
                          use */
    MEASURE_RISE,      /* highest level - first level */
    MEASURE_JUMP_SHARE,    /* largest distance from the first reading / first reading */
    MEASURE_HIGHEST,       /* highest level: a state, not an event */
    MEASURE_HIGHEST_SHARE, /* the same of a share */
};

struct quality_rule {
    enum sensor_id sensor;
    enum quality_measure measure;
    double above;                 /* raised where the measure is greater than this */
    enum quality_verdict verdict; /* QUALITY_DEGRADED or QUALITY_INVALID */
    const char *flag;             /* "degraded_swap" */
    const char *reason;           /* for reports: what it does to a measurement, one clause */
    double least_s;               /* shares and rates are of so many seconds at least; 0: of one */
};
extern const struct quality_rule quality_rules[];
extern const size_t quality_rule_count;

struct finding {
    struct reading reading; /* the last one */
    double delta;           /* change within the window, in the sensor's unit */
    const struct quality_rule
        *rule;       /* the severest raised, else the first that was applied; NULL: not judged */
    double measured; /* what was compared with rule->above */
    bool raised;
};

struct quality {
    enum quality_verdict verdict;
    const char
        *flags[SENSOR_COUNT]; /* static, no repetition: "clean" alone, or degraded_*; none if unknown */
    size_t flag_count;
    const char *missing; /* the first required kind that could not be read, or NULL */
    struct finding findings[SENSOR_COUNT];
};

/* True where a rule of the sensor judges a state that lasts, which no waiting ends. */
bool quality_is_state(enum quality_measure measure);

/* True for a sensor of a required kind. */
bool quality_is_required(enum sensor_id id);

/* window must be closed (monitor_end). */
void quality_judge(const struct window *window, struct quality *quality);

/*
 * The sensors for whose sake nobody can judge, of a `system_health.sensors`: those of a required kind that was not
 * read.
 */
void quality_append_unread(const struct json_object *sensors, const char *separator, struct buf *out);

/* "clean", "degraded", "invalid", "unknown" */
const char *quality_verdict_name(enum quality_verdict verdict);

/* `system_health` of schemas/record.schema.json. NULL: no memory. The caller owns it. */
struct json_object *quality_to_json(const struct quality *quality);

#endif
