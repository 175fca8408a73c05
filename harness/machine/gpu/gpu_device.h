/*
 * gpu_device.h - one GPU behind one table of functions, whoever made it.
 *
 *     gpu->ops->read(gpu, t_ns);               // often: what changes fast
 *     gpu->ops->look(gpu, t_ns, &owners);      // once a second: counters, processes
 *     use(&gpu->readings[SENSOR_GPU_POWER - SENSOR_GPU_FIRST]);
 *     gpu->ops->close(gpu);
 *
 * A driver fills the readings that it can; those it never touches stay as gpu_device_init() left them,
 * unavailable.
 */
#ifndef ASSAY_GPU_DEVICE_H
#define ASSAY_GPU_DEVICE_H

#include "gpu_owners.h"
#include "sensor.h"

struct gpu_device;

struct gpu_ops {
    void (*read)(struct gpu_device *gpu, int64_t t_ns);
    void (*look)(struct gpu_device *gpu, int64_t t_ns, const struct gpu_owners *owners); /* may be NULL */
    void (*close)(struct gpu_device *gpu); /* frees the device itself, too */
};

struct gpu_device {
    const struct gpu_ops *ops;
    struct reading readings[GPU_SENSOR_COUNT];
    bool integrated;              /* part of the processor */
    bool unattributed;            /* processes are on it of which nobody can tell whose they are */
    bool lists_processes;         /* with what each of them holds: target_memory is then filled */
    struct reading target_memory; /* what the measured server's processes hold of it */
};

/* source: static text, the driver's name. */
void gpu_device_init(struct gpu_device *gpu, const struct gpu_ops *ops, const char *source);

struct reading *gpu_device_reading(struct gpu_device *gpu, enum sensor_id id);

#endif
