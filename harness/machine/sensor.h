/*
 * sensor.h - what can be read of the machine, one row per sensor, and what a reading is.
 *
 * A reading is one of three things: a value, "unavailable" with the reason (this machine does not offer it),
 * or "error" with the reason (it is offered, but reading it failed). Absent is never zero.
 *
 *     const struct reading *r = &sample.readings[SENSOR_SWAP_OUT];
 *     if (r->status == SENSOR_OK)
 *         use(sensor_table[SENSOR_SWAP_OUT].name, r->value, sensor_table[SENSOR_SWAP_OUT].unit, r->source);
 *
 * A new sensor is a row here, a threshold in quality.c where it can raise a flag, and a reading in each
 * platform's folder.
 */
#ifndef ASSAY_SENSOR_H
#define ASSAY_SENSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sensor_id {
    SENSOR_SWAP_IN,
    SENSOR_SWAP_OUT,
    SENSOR_SWAP_USED,
    SENSOR_MEMORY_PRESSURE_SOME,
    SENSOR_MEMORY_PRESSURE_FULL,
    SENSOR_MEMORY_PRESSURE_LEVEL, /* macOS */
    SENSOR_MEMORY_AVAILABLE,
    SENSOR_MEMORY_AVAILABLE_GROUP,
    SENSOR_OOM_KILLS,
    SENSOR_OOM_KILLS_GROUP,
    SENSOR_ZOMBIES_OURS,
    SENSOR_ZOMBIES_OTHERS,
    SENSOR_CPU_TOTAL,
    SENSOR_CPU_BUSY,
    SENSOR_CPU_USER,
    SENSOR_CPU_SYSTEM,
    SENSOR_CPU_STEAL,
    SENSOR_CPU_OURS,
    SENSOR_CPU_TARGET,
    SENSOR_CPU_FOREIGN,
    SENSOR_RSS_TARGET,
    SENSOR_CLOCK_STEP,
    SENSOR_CLOCK_SUSPEND,
    SENSOR_MAJOR_FAULTS,
    SENSOR_MAJOR_FAULTS_TARGET,
    SENSOR_CACHE_REFAULTS,
    SENSOR_DIRECT_RECLAIMS,
    SENSOR_COMPACTION_STALLS,
    SENSOR_MEMORY_LIMIT_HITS_GROUP,
    SENSOR_ZSWAP_IN,
    SENSOR_ZSWAP_OUT,
    SENSOR_ZRAM_STORED,
    SENSOR_COMPRESSOR_IN, /* macOS */
    SENSOR_COMPRESSOR_OUT,
    SENSOR_COMPRESSOR_USED,
    SENSOR_IO_PRESSURE_SOME,
    SENSOR_IO_PRESSURE_FULL,
    SENSOR_CPU_PRESSURE_SOME,
    SENSOR_CPU_THROTTLED_GROUP,
    SENSOR_CPU_FREQUENCY,
    SENSOR_CPU_FREQUENCY_LIMIT,
    SENSOR_CPU_FREQUENCY_SHORTFALL,
    SENSOR_CPU_BOOST,
    SENSOR_CPU_GOVERNOR_PERFORMANCE,
    SENSOR_THERMAL_THROTTLES,
    SENSOR_THERMAL_THROTTLE_TIME,
    SENSOR_COOLING_LIMITS,
    SENSOR_THERMAL_PRESSURE, /* macOS */
    SENSOR_TEMPERATURE,
    SENSOR_ON_BATTERY,
    SENSOR_BATTERY_CHARGE,
    SENSOR_POWER_PROFILE,
    SENSOR_LOAD_1M,
    SENSOR_DISK_FREE,
    SENSOR_FILES_OPEN,
    SENSOR_SERVER_IS_LOCAL,
    SENSOR_ZSWAP_STORED,
    SENSOR_DIRECT_SCANS,
    SENSOR_ANONYMOUS_REFAULTS,
    SENSOR_MEMORY_PRESSURE_SOME_GROUP,
    SENSOR_MEMORY_PRESSURE_FULL_GROUP,
    SENSOR_IO_PRESSURE_FULL_GROUP,
    SENSOR_CPU_PRESSURE_SOME_GROUP,
    SENSOR_SWAP_USED_GROUP,
    SENSOR_MEMORY_PEAK_GROUP,
    SENSOR_PSS_TARGET,
    SENSOR_RSS_PEAK_TARGET,
    SENSOR_FILES_OPEN_TARGET,
    SENSOR_FILES_LEFT_TARGET,
    SENSOR_GPU_MEMORY_TARGET,
    SENSOR_GPU_BUSY_TARGET,
    /* of all GPUs together; what one of them says has the same order in struct gpu_values */
    SENSOR_GPU_UTILISATION,
    SENSOR_GPU_MEMORY_USED,
    SENSOR_GPU_POWER,
    SENSOR_GPU_ENERGY,
    SENSOR_GPU_TEMPERATURE,
    SENSOR_GPU_CLOCK,
    SENSOR_GPU_THROTTLE_THERMAL,
    SENSOR_GPU_THROTTLE_BRAKE,
    SENSOR_GPU_THROTTLE_POWER,
    SENSOR_GPU_ECC_CORRECTED,
    SENSOR_GPU_ECC_UNCORRECTED,
    SENSOR_GPU_XID_ERRORS,
    SENSOR_GPU_PROCESSES_FOREIGN,
    SENSOR_GPU_MEMORY_FOREIGN,
    SENSOR_COUNT
};

#define SENSOR_GPU_FIRST SENSOR_GPU_UTILISATION
enum {
    GPU_SENSOR_COUNT = SENSOR_GPU_MEMORY_FOREIGN - SENSOR_GPU_FIRST + 1,
    GPUS_MAX = 16, /* that are told apart in samples */
};

/* A zeroed reading is unavailable: nobody read it. */
enum sensor_status { SENSOR_UNAVAILABLE, SENSOR_OK, SENSOR_ERROR };

/* Whose state it is: this process's and its control group's, the model server's, or the whole machine's. */
enum sensor_scope { SCOPE_CLIENT, SCOPE_SERVER, SCOPE_HOST };

enum sensor_kind {
    SENSOR_COUNTER, /* only grows; what counts is how much */
    SENSOR_GAUGE,   /* a level that goes up and down */
};

struct sensor {
    const char *name; /* as in records and samples: [a-z][a-z0-9_]* */
    /* "bytes", "s", "count", "share" (0 to 1), "1" (no and yes, or an order), "W", "J", "Hz", "celsius", "percent" */
    const char *unit;
    enum sensor_kind kind;
    enum sensor_scope scope;
    const char *summary; /* one line for `assay doctor` */
};

extern const struct sensor sensor_table[SENSOR_COUNT];

struct reading {
    enum sensor_status status;
    double value;       /* in the sensor's unit; 0 unless ok */
    const char *source; /* static text: "/proc/vmstat pswpin"; never NULL in a sample */
    char reason[160];   /* "" if ok */
};

/* What one GPU says, by sensor - SENSOR_GPU_FIRST; samples call it "gpu0_power" and so on. */
struct gpu_values {
    enum sensor_status status[GPU_SENSOR_COUNT];
    double value[GPU_SENSOR_COUNT];       /* 0 unless ok */
    const char *source[GPU_SENSOR_COUNT]; /* static text */
    bool integrated;                      /* part of the processor, which may count its energy too */
};

struct energy_meter;

/* Where a sample stands in its window: at both ends what is dear to read is part of it. */
enum sample_place { SAMPLE_DURING, SAMPLE_FIRST, SAMPLE_LAST };

/* One reading of the machine. */
struct sample {
    int64_t t_mono_ns, t_unix_ns;
    enum sample_place place;
    int64_t lateness_ns;                          /* how long after its due moment */
    int64_t cost_ns;                              /* how long it took */
    bool scanned;                                 /* a pass over all processes is part of it */
    int64_t scan_ns;                              /* what of the cost is that pass */
    double memory_total_bytes, group_limit_bytes; /* what available memory is a share of; 0 where unknown */
    struct reading readings[SENSOR_COUNT];
    int64_t gpus_t_mono_ns; /* when the GPUs were looked at, which is not with every sample */
    size_t gpu_count;
    struct gpu_values gpus[GPUS_MAX];
    const struct energy_meter *energy; /* what was read with it, too; NULL: nothing */
};

/* "gpu0_power": the name of a GPU's own value in samples. */
void sensor_gpu_name(size_t gpu, enum sensor_id id, char *name, size_t size);

const char *sensor_status_name(enum sensor_status status); /* "ok", "unavailable", "error" */
const char *sensor_scope_name(enum sensor_scope scope);    /* "client", "server", "host" */

void reading_set(struct reading *r, double value, const char *source);
void reading_unavailable(struct reading *r, const char *source, const char *reason);
void reading_failed(struct reading *r, const char *source, const char *reason);

#endif
