#include "slow_sensors.h"

#include "clock.h"
#include "errand.h"
#include "fs.h"
#include "sys_file.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Who answers: the kernel at once, or a driver, the firmware, another machine, which may never do it. */
static const struct {
    enum sensor_id id;
    enum slow_part part;
} slow_ones[] = {
    {SENSOR_CPU_FREQUENCY, SLOW_HERE},
    {SENSOR_CPU_FREQUENCY_LIMIT, SLOW_HERE},
    {SENSOR_CPU_FREQUENCY_SHORTFALL, SLOW_HERE},
    {SENSOR_CPU_BOOST, SLOW_HERE},
    {SENSOR_CPU_GOVERNOR_PERFORMANCE, SLOW_HERE},
    {SENSOR_LOAD_1M, SLOW_HERE},
    {SENSOR_FILES_OPEN, SLOW_HERE},
    {SENSOR_ZRAM_STORED, SLOW_HERE},
    {SENSOR_THERMAL_THROTTLES, SLOW_DRIVERS},
    {SENSOR_THERMAL_THROTTLE_TIME, SLOW_DRIVERS},
    {SENSOR_COOLING_LIMITS, SLOW_DRIVERS},
    {SENSOR_TEMPERATURE, SLOW_DRIVERS},
    {SENSOR_ON_BATTERY, SLOW_DRIVERS},
    {SENSOR_BATTERY_CHARGE, SLOW_DRIVERS},
    {SENSOR_POWER_PROFILE, SLOW_DRIVERS},
    {SENSOR_DISK_FREE, SLOW_DISK},
};

struct listing {
    struct slow_sensors *sensors;
    const char *root;
};

static int visit_block(const char *name, void *arg)
{
    const struct listing *l = arg;
    char path[300];
    if (strncmp(name, "zram", 4) != 0 || l->sensors->zram_count == ZRAM_DEVICES_MAX)
        return 0;
    snprintf(path, sizeof path, "/sys/block/%.200s/mm_stat", name);
    int fd = sys_open(l->root, path);
    if (fd >= 0)
        l->sensors->zram[l->sensors->zram_count++] = fd;
    return 0;
}

static void open_here(struct slow_sensors *s, const char *root)
{
    char folder[600];
    struct listing l = {s, root};
    cpu_clock_open(&s->clock, root);
    s->load = sys_open(root, "/proc/loadavg");
    s->files = sys_open(root, "/proc/sys/fs/file-nr");
    if ((size_t)snprintf(folder, sizeof folder, "%s/sys/block", root) < sizeof folder)
        (void)!fs_list(folder, visit_block, &l, NULL);
}

void slow_sensors_open(struct slow_sensors *s, const char *root, const char *disk_path, unsigned parts)
{
    memset(s, 0, sizeof *s);
    s->parts = parts;
    if (parts & SLOW_HERE)
        open_here(s, root);
    if (parts & SLOW_DRIVERS) {
        thermal_open(&s->thermal, root);
        power_supplies_open(&s->power, root);
    }
    if (disk_path)
        snprintf(s->disk_path, sizeof s->disk_path, "%s", disk_path);
}

static void close_here(struct slow_sensors *s)
{
    cpu_clock_close(&s->clock);
    sys_close(&s->load);
    sys_close(&s->files);
    for (size_t i = 0; i < s->zram_count; i++)
        sys_close(&s->zram[i]);
}

void slow_sensors_close(struct slow_sensors *s)
{
    if (s->parts & SLOW_HERE)
        close_here(s);
    if (!(s->parts & SLOW_DRIVERS))
        return;
    thermal_close(&s->thermal);
    power_supplies_close(&s->power);
}

/* The first word of a file of several. */
static bool read_first(int fd, char *word, size_t size)
{
    ssize_t n = fd < 0 ? -1 : pread(fd, word, size - 1, 0);
    if (n <= 0)
        return false;
    word[n] = '\0';
    word[strspn(word, " \t") + strcspn(word + strspn(word, " \t"), " \t\n")] = '\0';
    return true;
}

static bool read_first_number(int fd, int64_t *value)
{
    char text[256];
    return read_first(fd, text, sizeof text) && text_parse_i64(text + strspn(text, " \t"), value);
}

static void read_load(const struct slow_sensors *s, struct reading *r)
{
    static const char source[] = "/proc/loadavg";
    char word[64];
    double load;
    if (read_first(s->load, word, sizeof word) && text_parse_double(word, &load))
        reading_set(r, load, source);
    else
        reading_unavailable(r, source, "not to be read here");
}

static void read_files(const struct slow_sensors *s, struct reading *r)
{
    static const char source[] = "/proc/sys/fs/file-nr";
    int64_t count;
    if (read_first_number(s->files, &count))
        reading_set(r, (double)count, source);
    else
        reading_unavailable(r, source, "not to be read here");
}

static void read_zram(const struct slow_sensors *s, struct reading *r)
{
    static const char source[] = "/sys/block/zram*/mm_stat";
    double sum = 0;
    size_t known = 0;
    for (size_t i = 0; i < s->zram_count; i++) {
        int64_t bytes;
        if (!read_first_number(s->zram[i], &bytes))
            continue;
        sum += (double)bytes;
        known++;
    }
    if (known > 0)
        reading_set(r, sum, source);
    else
        reading_unavailable(r, source, "no such device");
}

static void read_disk(const struct slow_sensors *s, struct reading *r)
{
    static const char source[] = "statvfs of the folder of the samples";
    struct statvfs disk;
    errand_doing("statvfs");
    if (!s->disk_path[0])
        reading_unavailable(r, source, "nothing is written");
    else if (statvfs(s->disk_path, &disk) != 0)
        reading_unavailable(r, source, "the file system does not say");
    else
        reading_set(r, (double)disk.f_bavail * (double)disk.f_frsize, source);
}

static void read_here(struct slow_sensors *s)
{
    struct reading *readings = s->last.readings;
    cpu_clock_read(&s->clock, &s->last);
    read_load(s, &readings[SENSOR_LOAD_1M]);
    read_files(s, &readings[SENSOR_FILES_OPEN]);
    read_zram(s, &readings[SENSOR_ZRAM_STORED]);
}

static void read_drivers(struct slow_sensors *s)
{
    thermal_read(&s->thermal, &s->last);
    power_supplies_read(&s->power, &s->last);
}

void slow_sensors_copy(const struct sample *from, unsigned parts, struct sample *to)
{
    for (size_t i = 0; i < sizeof slow_ones / sizeof slow_ones[0]; i++)
        if (slow_ones[i].part & parts)
            to->readings[slow_ones[i].id] = from->readings[slow_ones[i].id];
}

void slow_sensors_lose(unsigned parts, const char *reason, struct sample *sample)
{
    for (size_t i = 0; i < sizeof slow_ones / sizeof slow_ones[0]; i++) {
        struct reading *r = &sample->readings[slow_ones[i].id];
        if (slow_ones[i].part & parts)
            reading_unavailable(r, r->source ? r->source : "a driver, the firmware or a disk", reason);
    }
}

void slow_sensors_read(struct slow_sensors *s, bool fresh, struct sample *sample)
{
    if (fresh || !s->was_read || sample->t_mono_ns >= s->due_ns) {
        if (s->parts & SLOW_HERE)
            read_here(s);
        if (s->parts & SLOW_DRIVERS)
            read_drivers(s);
        if (s->parts & SLOW_DISK)
            read_disk(s, &s->last.readings[SENSOR_DISK_FREE]);
        s->was_read = true;
        s->due_ns = sample->t_mono_ns + NS_PER_S;
    }
    slow_sensors_copy(&s->last, s->parts, sample);
}
