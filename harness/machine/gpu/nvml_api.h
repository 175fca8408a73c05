/*
 * nvml_api.h - what we use of NVIDIA's management library: prototypes of our own, symbols found at run time.
 *
 * The library belongs to the driver and is there only where the driver is; no header of NVIDIA's is needed to
 * build. A function that the installed version lacks is NULL, where there are versions of one the newest that
 * can be relied on is taken. Layouts and numbers are those of NVIDIA's NVML API reference.
 *
 *     struct nvml_api api;
 *     if (!nvml_api_load(&api, NULL, why, sizeof why)) ...   // why: "libnvidia-ml.so.1: cannot open ..."
 *     int code = api.init();
 *     nvml_api_unload(&api);
 */
#ifndef ASSAY_NVML_API_H
#define ASSAY_NVML_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum nvml_code {
    NVML_SUCCESS = 0,
    NVML_NOT_SUPPORTED = 3,
    NVML_NO_PERMISSION = 4,
    NVML_INSUFFICIENT_SIZE = 7,
    NVML_DRIVER_NOT_LOADED = 9,
    NVML_TIMEOUT = 10,
    NVML_FUNCTION_NOT_FOUND = 13,
    NVML_VERSION_MISMATCH = 18, /* library and kernel module: the driver was updated and not loaded anew */
    NVML_ARGUMENT_VERSION_MISMATCH = 25,
    NVML_DEPRECATED = 26,
};

enum {
    NVML_TEMPERATURE_GPU = 0,
    NVML_CLOCK_SM = 1,
    NVML_ECC_CORRECTED = 0,
    NVML_ECC_UNCORRECTED = 1,
    NVML_ECC_SINCE_LOAD = 0,
    NVML_EVENT_XID = 8,
};

/* Why the clocks are below their most, bits of clocks_event_reasons(). */
enum {
    NVML_REASON_POWER_CAP = 0x4,
    NVML_REASON_HW_SLOWDOWN = 0x8, /* the three below, or the supply's own protection */
    NVML_REASON_SW_THERMAL = 0x20,
    NVML_REASON_HW_THERMAL = 0x40,
    NVML_REASON_HW_POWER_BRAKE = 0x80,
};

/* Fields of field_values(): nanoseconds of being held back, since the driver was loaded. */
enum {
    NVML_FIELD_HELD_BY_POWER = 74,
    NVML_FIELD_HELD_BY_HEAT = 75,
    NVML_FIELD_SW_THERMAL = 251,
    NVML_FIELD_HW_THERMAL = 252,
    NVML_FIELD_HW_POWER_BRAKE = 253,
};

struct nvml_device;    /* opaque, the library's */
struct nvml_event_set; /* likewise */

struct nvml_utilisation {
    unsigned gpu, memory; /* per cent of the last 1/6 to 1 s */
};
struct nvml_memory {
    unsigned long long total, free, used;
};
struct nvml_memory_v2 {
    unsigned version;
    unsigned long long total, reserved, free, used;
};
struct nvml_temperature {
    unsigned version, sensor;
    int celsius;
};
struct nvml_field {
    unsigned id, scope;
    long long timestamp, latency_us;
    unsigned type; /* 0 double, 1 uint, 2 ulong, 3 uint64, 4 int64, 5 int, 6 ushort */
    int code;
    union {
        double real;
        unsigned uint;
        int sint;
        unsigned long ulong;
        unsigned long long u64;
        long long s64;
        unsigned short ushort;
    } value;
};
struct nvml_process {
    unsigned pid;
    unsigned long long used_bytes; /* ULLONG_MAX where it is not known */
    unsigned gpu_instance, compute_instance;
};
struct nvml_process_v1 {
    unsigned pid;
    unsigned long long used_bytes;
};
struct nvml_event {
    struct nvml_device *device;
    unsigned long long type, data;
    unsigned gpu_instance, compute_instance;
};

struct nvml_api {
    void *library;
    int (*init)(void);
    int (*shutdown)(void);
    int (*device_count)(unsigned *count);
    int (*device_at)(unsigned index, struct nvml_device **device);
    /* all below may be NULL */
    const char *(*error_string)(int code);
    int (*driver_version)(char *text, unsigned size);
    int (*name)(struct nvml_device *device, char *text, unsigned size);
    int (*cores)(struct nvml_device *device, unsigned *count);
    int (*compute_capability)(struct nvml_device *device, int *major, int *minor);
    int (*power_limit)(struct nvml_device *device, unsigned *milliwatts);
    int (*utilisation)(struct nvml_device *device, struct nvml_utilisation *utilisation);
    int (*memory)(struct nvml_device *device, struct nvml_memory *memory);
    int (*memory_v2)(struct nvml_device *device, struct nvml_memory_v2 *memory);
    int (*power)(struct nvml_device *device, unsigned *milliwatts);
    int (*energy)(struct nvml_device *device, unsigned long long *millijoules);
    int (*temperature)(struct nvml_device *device, unsigned sensor, unsigned *celsius);
    int (*temperature_v)(struct nvml_device *device, struct nvml_temperature *temperature);
    int (*clock)(struct nvml_device *device, unsigned which, unsigned *megahertz);
    int (*clocks_event_reasons)(struct nvml_device *device, unsigned long long *reasons);
    int (*field_values)(struct nvml_device *device, int count, struct nvml_field *fields);
    int (*ecc_errors)(struct nvml_device *device, unsigned kind, unsigned counter, unsigned long long *count);
    int (*processes)(struct nvml_device *device, unsigned *count, struct nvml_process *processes);
    int (*processes_v1)(struct nvml_device *device, unsigned *count, struct nvml_process_v1 *processes);
    int (*event_set_new)(struct nvml_event_set **set);
    int (*event_set_free)(struct nvml_event_set *set);
    int (*register_events)(struct nvml_device *device, unsigned long long types, struct nvml_event_set *set);
    int (*event_wait)(struct nvml_event_set *set, struct nvml_event *event, unsigned timeout_ms);
};

/* path: of the library; NULL: where drivers install it. False with the reason. */
bool nvml_api_load(struct nvml_api *api, const char *path, char *why, size_t size);
void nvml_api_unload(struct nvml_api *api);

/* What the library says about a code of its own, never NULL. */
const char *nvml_api_explain(const struct nvml_api *api, int code);

#endif
