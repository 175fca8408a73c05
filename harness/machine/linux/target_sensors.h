/*
 * target_sensors.h - what the kernel tells of the measured server's processes beyond their CPU time: descriptors, what
 * GPUs do for them, and, because it takes long, at both ends of a window only, their memory page by page.
 *
 *     struct target_sensors s;
 *     target_sensors_open(&s, root);
 *     target_sensors_look(&s, pids, count, t_ns);     // once a second
 *     target_sensors_weigh(&s, pids, count, rss);     // at both ends
 *     target_sensors_close(&s);
 *
 * Each reading is of the last time it was taken. Processes that have ended meanwhile are left out; one that does not
 * let us look makes the reading unavailable, for a part of the server is not the server.
 */
#ifndef ASSAY_TARGET_SENSORS_H
#define ASSAY_TARGET_SENSORS_H

#include "drm_clients.h"
#include "sensor.h"

#include <sys/types.h>

/* What takes longer than the kernel needs for this many resident bytes is not weighed page by page. */
#define TARGET_WEIGHED_MAX_BYTES (32.0 * 1024 * 1024 * 1024)

struct target_sensors {
    char root[512];
    struct drm_clients *gpus; /* NULL where no driver here tells of clients */
    struct reading pss, rss_peak, files_open, files_left, gpu_memory, gpu_busy;
};

void target_sensors_open(struct target_sensors *s, const char *root);
void target_sensors_close(struct target_sensors *s);

void target_sensors_look(struct target_sensors *s, const pid_t *pids, size_t count, int64_t t_ns);
void target_sensors_weigh(struct target_sensors *s, const pid_t *pids, size_t count, double rss_bytes);

#endif
