#include "slow_macos.h"

#include "clock.h"
#include "mac_registry.h"
#include "mac_sysctl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

/* Of <notify.h>, which compilers for macOS may have without Apple's SDK or not. */
uint32_t notify_register_check(const char *name, int *token);
uint32_t notify_get_state(int token, uint64_t *state);
uint32_t notify_cancel(int token);

static const enum sensor_id slow_ones[] = {SENSOR_THERMAL_PRESSURE, SENSOR_ON_BATTERY, SENSOR_BATTERY_CHARGE,
    SENSOR_CPU_FREQUENCY_LIMIT, SENSOR_LOAD_1M, SENSOR_DISK_FREE, SENSOR_FILES_OPEN};
enum { SLOW_COUNT = sizeof slow_ones / sizeof slow_ones[0] };

static const char heat_source[] = "notify com.apple.system.thermalpressurelevel";

void slow_macos_open(struct slow_macos *s, const char *disk_path)
{
    int64_t hz = 0;
    memset(s, 0, sizeof *s);
    s->loaded = mac_frameworks_load(&s->frameworks, &mac_paths_system, s->why_not);
    s->heat = -1;
    if (notify_register_check("com.apple.system.thermalpressurelevel", &s->heat) != 0)
        s->heat = -1;
    if (mac_sysctl_int("hw.cpufrequency_max", &hz) && hz > 0)
        s->clock_hz = (double)hz;
    if (disk_path && strlen(disk_path) < sizeof s->disk_path)
        snprintf(s->disk_path, sizeof s->disk_path, "%s", disk_path);
}

void slow_macos_close(struct slow_macos *s)
{
    if (s->heat >= 0)
        (void)notify_cancel(s->heat);
    s->heat = -1;
}

static void read_heat(const struct slow_macos *s, struct reading *r)
{
    uint64_t level = 0;
    if (s->heat < 0)
        reading_unavailable(r, heat_source, "it cannot be watched");
    else if (notify_get_state(s->heat, &level) != 0)
        reading_failed(r, heat_source, "its state cannot be read");
    else if (level > 4)
        reading_failed(r, heat_source, "a level that is not known");
    else
        reading_set(r, (double)level, heat_source);
}

static void read_power(const struct slow_macos *s, struct reading *on_battery, struct reading *charge)
{
    static const char providing[] = "IOPSGetProvidingPowerSourceType";
    static const char capacity[] = "IOPSCopyPowerSourcesList Current Capacity";
    struct mac_power power = {0};
    if (s->loaded)
        mac_power_read(&s->frameworks, &power);
    if (power.known)
        reading_set(on_battery, power.on_battery, providing);
    else
        reading_unavailable(on_battery, providing, s->loaded ? "the system does not tell" : s->why_not);
    if (power.has_battery)
        reading_set(charge, power.charge_percent, capacity);
    else
        reading_unavailable(charge, capacity, s->loaded ? "this machine has no battery" : s->why_not);
}

static void read_clock_limit(const struct slow_macos *s, struct reading *r)
{
    static const char source[] = "IOPMCopyCPUPowerStatus CPU_Speed_Limit * hw.cpufrequency_max";
    double share;
    if (s->loaded && s->clock_hz > 0 && mac_speed_limit(&s->frameworks, &share))
        reading_set(r, share * s->clock_hz, source);
    else
        reading_unavailable(r, source, "macOS tells it of Intel's processors only");
}

static void read_load(struct reading *r)
{
    double loads[1];
    if (getloadavg(loads, 1) == 1)
        reading_set(r, loads[0], "vm.loadavg");
    else
        reading_failed(r, "vm.loadavg", "it cannot be read");
}

static void read_disk(const struct slow_macos *s, struct reading *r)
{
    struct statvfs disk;
    char folder[sizeof s->disk_path];
    snprintf(folder, sizeof folder, "%s", s->disk_path);
    if (!folder[0]) {
        reading_unavailable(r, "statvfs", "nothing is written to a disk");
        return;
    }
    if (statvfs(folder, &disk) != 0 && errno == ENOENT) { /* the file itself comes later */
        char *slash = strrchr(folder, '/');
        snprintf(
            folder, sizeof folder, "%.*s", slash ? (int)(slash - folder) + 1 : 1, slash ? s->disk_path : ".");
    }
    if (statvfs(folder, &disk) == 0)
        reading_set(r, (double)disk.f_bavail * (double)disk.f_frsize, "statvfs");
    else
        reading_failed(r, "statvfs", strerror(errno));
}

static void read_files(struct reading *r)
{
    int64_t count;
    if (mac_sysctl_int("kern.num_files", &count))
        reading_set(r, (double)count, "kern.num_files");
    else
        reading_unavailable(r, "kern.num_files", "this kernel does not tell");
}

static void read_all(struct slow_macos *s)
{
    read_heat(s, &s->readings[SENSOR_THERMAL_PRESSURE]);
    read_power(s, &s->readings[SENSOR_ON_BATTERY], &s->readings[SENSOR_BATTERY_CHARGE]);
    read_clock_limit(s, &s->readings[SENSOR_CPU_FREQUENCY_LIMIT]);
    read_load(&s->readings[SENSOR_LOAD_1M]);
    read_disk(s, &s->readings[SENSOR_DISK_FREE]);
    read_files(&s->readings[SENSOR_FILES_OPEN]);
}

void slow_macos_read(struct slow_macos *s, bool thorough, struct sample *sample)
{
    if (thorough || sample->t_mono_ns >= s->due_ns) {
        read_all(s);
        s->due_ns = sample->t_mono_ns + NS_PER_S;
    }
    for (size_t i = 0; i < SLOW_COUNT; i++)
        sample->readings[slow_ones[i]] = s->readings[slow_ones[i]];
}
