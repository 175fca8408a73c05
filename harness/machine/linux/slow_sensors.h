/*
 * slow_sensors.h - what changes slowly or costs a file per processor to read: clock rates, heat, power, load, disks,
 * compressed memory. Read once a second; in between a sample has what was read last.
 *
 *     struct slow_sensors s;
 *     slow_sensors_open(&s, root, "runs/x/samples.jsonl", SLOW_HERE | SLOW_DRIVERS | SLOW_DISK);
 *     slow_sensors_read(&s, fresh, &sample);       // fresh: now, however long ago the last reading was
 *     slow_sensors_close(&s);
 *
 * In three parts: what the kernel knows by itself, and what it asks drivers and firmware for, or a disk, which may be
 * another machine's: these may hang (slow_apart.h).
 */
#ifndef ASSAY_SLOW_SENSORS_H
#define ASSAY_SLOW_SENSORS_H

#include "cpu_clock.h"
#include "power_supply.h"
#include "thermal_state.h"

enum { ZRAM_DEVICES_MAX = 8 };

enum slow_part { SLOW_HERE = 1, SLOW_DRIVERS = 2, SLOW_DISK = 4 };

struct slow_sensors {
    unsigned parts; /* of enum slow_part: those that are open */
    struct cpu_clock clock;
    struct thermal_state thermal;
    struct power_supplies power;
    int load, files;            /* descriptors: /proc/loadavg, /proc/sys/fs/file-nr */
    int zram[ZRAM_DEVICES_MAX]; /* descriptors of mm_stat */
    size_t zram_count;
    char disk_path[512]; /* "" where nothing is written */
    int64_t due_ns;
    bool was_read;
    struct sample last;
};

void slow_sensors_open(struct slow_sensors *s, const char *root, const char *disk_path, unsigned parts);
void slow_sensors_close(struct slow_sensors *s);
void slow_sensors_read(struct slow_sensors *s, bool fresh, struct sample *sample);

/* The readings of these parts alone; and without a value, as none could be had. */
void slow_sensors_copy(const struct sample *from, unsigned parts, struct sample *to);
void slow_sensors_lose(unsigned parts, const char *reason, struct sample *sample);

#endif
