/*
 * memory_sensors.h - what memory, swap and disks do to those who use them: /proc/vmstat, meminfo, pressure, and
 * the files of our control group. Read with every sample.
 *
 *     struct memory_sensors m;
 *     memory_sensors_open(&m, root);
 *     memory_sensors_read(&m, &sample);
 *     memory_sensors_close(&m);
 */
#ifndef ASSAY_MEMORY_SENSORS_H
#define ASSAY_MEMORY_SENSORS_H

#include "control_group.h"
#include "kept_file.h"

enum memory_file {
    FILE_VMSTAT,
    FILE_PRESSURE_MEMORY,
    FILE_PRESSURE_IO,
    FILE_PRESSURE_CPU,
    FILE_MEMINFO,
    FILE_GROUP_EVENTS,
    FILE_GROUP_HITS,
    FILE_GROUP_USAGE,
    FILE_GROUP_STAT,
    FILE_GROUP_CPU,
    FILE_GROUP_SWAP,
    FILE_GROUP_PEAK,
    FILE_GROUP_PRESSURE_MEMORY,
    FILE_GROUP_PRESSURE_IO,
    FILE_GROUP_PRESSURE_CPU,
    MEMORY_FILE_COUNT
};

struct memory_sensors {
    struct kept_file files[MEMORY_FILE_COUNT];
    struct control_group group;
    bool kernel_can_swap;
    double page_bytes;
    struct reading group_swap, group_peak; /* read once a second, for the first adds up a whole group */
    bool group_was_read;
    int64_t group_due_ns;
    char text[32 * 1024]; /* vmstat is some 5 KB, memory.stat 2 KB */
};

void memory_sensors_open(struct memory_sensors *m, const char *root);
void memory_sensors_close(struct memory_sensors *m);
void memory_sensors_read(struct memory_sensors *m, struct sample *sample);

#endif
