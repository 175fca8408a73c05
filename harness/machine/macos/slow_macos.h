/*
 * slow_macos.h - heat, power supply, clock limit, load, disk and open files: what changes slowly.
 *
 *     struct slow_macos s;
 *     slow_macos_open(&s, disk_path);
 *     slow_macos_read(&s, thorough, &sample);      // once a second, at once where it is thorough
 *     slow_macos_close(&s);
 */
#ifndef ASSAY_SLOW_MACOS_H
#define ASSAY_SLOW_MACOS_H

#include "mac_frameworks.h"
#include "sensor.h"

struct slow_macos {
    struct mac_frameworks frameworks;
    bool loaded;
    char why_not[MAC_REASON_SIZE];
    char disk_path[1024]; /* "": none */
    int heat;             /* the notification's token, -1: none */
    double clock_hz;      /* of Intel's processors, 0: not told */
    int64_t due_ns;
    struct reading readings[SENSOR_COUNT]; /* of the sensors below, as read last */
};

void slow_macos_open(struct slow_macos *s, const char *disk_path);
void slow_macos_close(struct slow_macos *s);
void slow_macos_read(struct slow_macos *s, bool thorough, struct sample *sample);

#endif
