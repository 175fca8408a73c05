/*
 * target_sensors.h - what the kernel tells of the measured server's processes beyond their CPU time: descriptors, what
 * GPUs do for them, and, because it takes long, at both ends of a window only, their memory page by page.
 *
 *     struct target_sensors s;
 *     target_sensors_open(&s, root);
 *     target_sensors_look(&s, &question, &readings);      // once a second; with question.weigh at both ends
 *     target_sensors_close(&s);
 *
 * Each reading is of the last time it was taken. Processes that have ended meanwhile are left out; one that does not
 * let us look makes the reading unavailable, for a part of the server is not the server.
 */
#ifndef ASSAY_TARGET_SENSORS_H
#define ASSAY_TARGET_SENSORS_H

#include "drm_clients.h"
#include "process_table.h"
#include "sensor.h"

#include <sys/types.h>

/* What takes longer than the kernel needs for this many resident bytes is not weighed page by page. */
#define TARGET_WEIGHED_MAX_BYTES (32.0 * 1024 * 1024 * 1024)

struct target_question {
    int64_t t_ns;     /* monotonic: now */
    bool weigh;       /* its memory, too; else what was found last stays */
    double rss_bytes; /* that its processes have resident */
    size_t count;
    pid_t pids[TARGET_PROCESSES_MAX];
};

struct target_readings {
    struct reading pss, rss_peak, files_open, files_left, gpu_memory, gpu_busy;
    bool gpu_clients; /* a driver here tells of its clients */
};

struct target_sensors {
    char root[512];
    struct drm_clients *gpus; /* NULL where no driver here tells of clients */
};

void target_sensors_open(struct target_sensors *s, const char *root);
void target_sensors_close(struct target_sensors *s);

void target_sensors_look(
    struct target_sensors *s, const struct target_question *question, struct target_readings *readings);

#endif
