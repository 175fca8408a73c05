#include "timeline_series.h"

#include <stdio.h>
#include <string.h>

#define MIB (1024.0 * 1024.0)
#define GIB (1024.0 * MIB)

const struct timeline_row timeline_rows[ROW_COUNT] = {
    [ROW_MEMORY] = {"memory", "Memory", "bytes", "bytes/s", 0},
    [ROW_CPU] = {"cpu", "CPU", "%", "", 100},
    [ROW_GPU] = {"gpu", "GPU", "%", "bytes", 100},
    [ROW_REQUESTS] = {"requests", "Requests", "", "", 1},
    [ROW_ENERGY] = {"energy", "Power and temperature", "W", "\u00b0C", 0},
};

const struct timeline_spec timeline_specs[] = {
    {"memory_available", ROW_MEMORY, SERIES_GAUGE, "available", INK_BLUE, .step = MIB / 4},
    {"ram_free_gb", ROW_MEMORY, SERIES_GAUGE, "free", INK_BLUE, .factor = GIB, .step = GIB / 100,
        .memmon = true},
    {"memory_available_group", ROW_MEMORY, SERIES_GAUGE, "left to the control group", INK_SKY,
        .step = MIB / 4},
    {"rss_target", ROW_MEMORY, SERIES_GAUGE, "used by the server", INK_GREEN, .step = MIB / 16},
    {"compressor_used", ROW_MEMORY, SERIES_GAUGE, "compressed (macOS)", INK_ORANGE, .quiet = true,
        .step = MIB / 16},
    {"swap_used", ROW_MEMORY, SERIES_GAUGE, "swap in use", INK_RED, .step = MIB / 16},
    {"swap_used_mb", ROW_MEMORY, SERIES_GAUGE, "swap in use", INK_RED, .factor = MIB, .step = MIB,
        .memmon = true},
    {"swap_in", ROW_MEMORY, SERIES_RATE, "read from swap", INK_PURPLE, .right = true, .quiet = true,
        .step = 4096, .window_s = 0.1},
    {"swap_out", ROW_MEMORY, SERIES_RATE, "written to swap", INK_ORANGE, .right = true, .quiet = true,
        .step = 4096, .window_s = 0.1},
    {"zswap_in", ROW_MEMORY, SERIES_RATE, "read from zswap", INK_PURPLE, .right = true, .quiet = true,
        .step = 4096, .window_s = 0.1},
    {"zswap_out", ROW_MEMORY, SERIES_RATE, "written to zswap", INK_ORANGE, .right = true, .quiet = true,
        .step = 4096, .window_s = 0.1},
    {"compressor_in", ROW_MEMORY, SERIES_RATE, "taken from the compressor", INK_PURPLE, .right = true,
        .quiet = true, .step = 4096, .window_s = 0.1},
    {"compressor_out", ROW_MEMORY, SERIES_RATE, "given to the compressor", INK_ORANGE, .right = true,
        .quiet = true, .step = 4096, .window_s = 0.1},
    {"memory_pressure_some", ROW_MEMORY, SERIES_WAITING, "some wait for memory", INK_WARNING,
        .window_s = 0.15},
    {"memory_pressure_full", ROW_MEMORY, SERIES_WAITING, "all wait for memory", INK_BAD, .window_s = 0.15},
    {"memory_pressure_level", ROW_MEMORY, SERIES_PRESSURE, "memory pressure", INK_WARNING, .factor = 2},
    {"memory_pressure", ROW_MEMORY, SERIES_PRESSURE, "memory pressure", INK_WARNING, .memmon = true},

    {"cpu_total", ROW_CPU, SERIES_TOTAL, ""},
    {"cpu_busy", ROW_CPU, SERIES_SHARE, "busy", INK_GREY, .filled = true, .step = 0.05, .window_s = 0.1},
    {"cpu_user", ROW_CPU, SERIES_GAUGE, "user", INK_BLUE, .step = 0.05, .memmon = true},
    {"cpu_sys", ROW_CPU, SERIES_GAUGE, "system", INK_ORANGE, .step = 0.05, .memmon = true},
    {"cpu_user", ROW_CPU, SERIES_SHARE, "user", INK_BLUE, .step = 0.05, .window_s = 0.1},
    {"cpu_system", ROW_CPU, SERIES_SHARE, "system", INK_ORANGE, .step = 0.05, .window_s = 0.1},
    {"cpu_target", ROW_CPU, SERIES_SHARE, "server", INK_GREEN, .step = 0.05, .window_s = 0.9,
        .of_window = true},
    {"cpu_ours", ROW_CPU, SERIES_SHARE, "assay", INK_SKY, .step = 0.05, .window_s = 0.9, .of_window = true},
    {"cpu_foreign", ROW_CPU, SERIES_SHARE, "others", INK_PURPLE, .step = 0.05, .window_s = 0.9,
        .of_window = true},
    {"cpu_steal", ROW_CPU, SERIES_SHARE, "stolen", INK_RED, .quiet = true, .step = 0.05, .window_s = 0.1},
    {"io_pressure_full", ROW_CPU, SERIES_RATE, "all wait for a disk", INK_TEXT, .quiet = true, .factor = 100,
        .step = 0.1, .window_s = 0.15},
    {"cpu_throttled_group", ROW_CPU, SERIES_RATE, "held back by the control group", INK_BAD, .quiet = true,
        .factor = 100, .step = 0.1, .window_s = 0.15},
    {"load_1", ROW_CPU, SERIES_GAUGE, "load (1 min)", INK_PURPLE, .right = true, .step = 0.01,
        .memmon = true},
    {"load_1m", ROW_CPU, SERIES_GAUGE, "load (1 min)", INK_PURPLE, .right = true, .step = 0.01},

    {"gpu*_utilisation", ROW_GPU, SERIES_GAUGE, "GPU *", INK_NONE, .factor = 100, .step = 0.1,
        .filled = true},
    {"gpu*_memory_used", ROW_GPU, SERIES_GAUGE, "memory of GPU *", INK_NONE, .right = true, .step = MIB},
    {"gpu*_memory_foreign", ROW_GPU, SERIES_GAUGE, "held by others on GPU *", INK_NONE, .first_ink = 3,
        .right = true, .quiet = true, .step = MIB},
    {"gpu_memory_target", ROW_GPU, SERIES_GAUGE, "held for the server on all GPUs", INK_GREEN, .right = true,
        .quiet = true, .step = MIB},
    {"gpu_busy_target", ROW_GPU, SERIES_RATE, "at work for the server, all engines", INK_GREEN, .quiet = true,
        .of_window = true, .factor = 100, .step = 0.1, .window_s = 0.9},
    {"gpu*_throttle_thermal", ROW_GPU, SERIES_RATE, "GPU * slowed for heat", INK_RED, .quiet = true,
        .factor = 100, .step = 0.1, .window_s = 0.15},
    {"gpu*_throttle_brake", ROW_GPU, SERIES_RATE, "GPU * slowed by the power supply", INK_RED, .quiet = true,
        .factor = 100, .step = 0.1, .window_s = 0.15},
    {"gpu*_throttle_power", ROW_GPU, SERIES_RATE, "GPU * at its power limit", INK_GREY, .quiet = true,
        .factor = 100, .step = 0.1, .window_s = 0.15},
    {"gpu_device_util", ROW_GPU, SERIES_GAUGE, "device", INK_BLUE, .step = 0.1, .filled = true,
        .memmon = true},
    {"gpu_renderer_util", ROW_GPU, SERIES_GAUGE, "renderer", INK_GREEN, .step = 0.1, .memmon = true},
    {"gpu_tiler_util", ROW_GPU, SERIES_GAUGE, "tiler", INK_PURPLE, .step = 0.1, .memmon = true},

    {"gpu*_power", ROW_ENERGY, SERIES_GAUGE, "GPU *", INK_NONE, .step = 0.01},
    {"energy_gpu*_j", ROW_ENERGY, SERIES_HIDDEN, ""},
    {"energy_*_j", ROW_ENERGY, SERIES_RATE, "*", INK_NONE, .of_window = true, .first_ink = 4, .step = 0.01,
        .window_s = 0.15},
    {"gpu*_temperature", ROW_ENERGY, SERIES_GAUGE, "temperature of GPU *", INK_NONE, .right = true,
        .step = 0.1},
    {"temperature", ROW_ENERGY, SERIES_GAUGE, "temperature", INK_GREY, .right = true, .step = 0.1},
    {0},
};

/* True where name is pattern, with the part of the name that its one "*" stands for. */
static bool fits(const char *pattern, const char *name, const char **part, size_t *len)
{
    const char *star = strchr(pattern, '*');
    *part = name;
    *len = 0;
    if (!star)
        return strcmp(pattern, name) == 0;
    size_t head = (size_t)(star - pattern), tail = strlen(star + 1), all = strlen(name);
    if (all <= head + tail || strncmp(pattern, name, head) != 0 || strcmp(star + 1, name + all - tail) != 0)
        return false;
    *part = name + head;
    *len = all - head - tail;
    return true;
}

const struct timeline_spec *timeline_spec_find(const char *sensor, bool memmon, char *part, size_t size)
{
    const char *found;
    size_t len;
    for (const struct timeline_spec *spec = timeline_specs; spec->pattern; spec++) {
        if (spec->memmon != memmon || !fits(spec->pattern, sensor, &found, &len))
            continue;
        snprintf(part, size, "%.*s", (int)len, found);
        return spec;
    }
    return NULL;
}

void timeline_spec_label(const struct timeline_spec *spec, const char *part, char *label, size_t size)
{
    const char *star = strchr(spec->label, '*');
    if (star)
        snprintf(label, size, "%.*s%s%s", (int)(star - spec->label), spec->label, part, star + 1);
    else
        snprintf(label, size, "%s", spec->label);
}
