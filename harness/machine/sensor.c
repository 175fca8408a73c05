#include "sensor.h"

#include <stdio.h>
#include <string.h>

#define ROW(id, row_name, row_unit, row_kind, row_scope, row_summary)                                        \
    [id] = {.name = (row_name),                                                                              \
        .unit = (row_unit),                                                                                  \
        .kind = (row_kind),                                                                                  \
        .scope = (row_scope),                                                                                \
        .summary = (row_summary)}

const struct sensor sensor_table[SENSOR_COUNT] = {
    ROW(SENSOR_SWAP_IN, "swap_in", "bytes", SENSOR_COUNTER, SCOPE_HOST, "read back from swap since boot"),
    ROW(SENSOR_SWAP_OUT, "swap_out", "bytes", SENSOR_COUNTER, SCOPE_HOST, "written to swap since boot"),
    ROW(SENSOR_SWAP_USED, "swap_used", "bytes", SENSOR_GAUGE, SCOPE_HOST, "swap in use"),
    ROW(SENSOR_MEMORY_PRESSURE_SOME, "memory_pressure_some", "s", SENSOR_COUNTER, SCOPE_HOST,
        "time in which some task waited for memory"),
    ROW(SENSOR_MEMORY_PRESSURE_FULL, "memory_pressure_full", "s", SENSOR_COUNTER, SCOPE_HOST,
        "time in which every task waited for memory"),
    ROW(SENSOR_MEMORY_PRESSURE_LEVEL, "memory_pressure_level", "1", SENSOR_GAUGE, SCOPE_HOST,
        "how short of memory macOS is: 0 normal, 1 warning, 2 critical"),
    ROW(SENSOR_MEMORY_AVAILABLE, "memory_available", "bytes", SENSOR_GAUGE, SCOPE_HOST,
        "memory that can be had without swapping"),
    ROW(SENSOR_MEMORY_AVAILABLE_GROUP, "memory_available_group", "bytes", SENSOR_GAUGE, SCOPE_CLIENT,
        "what the control group's limit leaves"),
    ROW(SENSOR_OOM_KILLS, "oom_kills", "count", SENSOR_COUNTER, SCOPE_HOST,
        "processes killed for want of memory since boot"),
    ROW(SENSOR_OOM_KILLS_GROUP, "oom_kills_group", "count", SENSOR_COUNTER, SCOPE_CLIENT,
        "the same in our control group"),
    ROW(SENSOR_ZOMBIES_OURS, "zombies_ours", "count", SENSOR_GAUGE, SCOPE_CLIENT,
        "dead processes of ours that nobody reaped"),
    ROW(SENSOR_ZOMBIES_OTHERS, "zombies_others", "count", SENSOR_GAUGE, SCOPE_HOST,
        "dead processes of others that nobody reaped"),
    ROW(SENSOR_CPU_TOTAL, "cpu_total", "s", SENSOR_COUNTER, SCOPE_HOST,
        "CPU time of all cores, idle included"),
    ROW(SENSOR_CPU_BUSY, "cpu_busy", "s", SENSOR_COUNTER, SCOPE_HOST,
        "CPU time spent by processes and kernel"),
    ROW(SENSOR_CPU_USER, "cpu_user", "s", SENSOR_COUNTER, SCOPE_HOST, "CPU time spent by processes"),
    ROW(SENSOR_CPU_SYSTEM, "cpu_system", "s", SENSOR_COUNTER, SCOPE_HOST,
        "CPU time spent by the kernel, interrupts included"),
    ROW(SENSOR_CPU_STEAL, "cpu_steal", "s", SENSOR_COUNTER, SCOPE_HOST,
        "CPU time that the hypervisor gave to others"),
    ROW(SENSOR_CPU_OURS, "cpu_ours", "s", SENSOR_COUNTER, SCOPE_CLIENT, "CPU time of our own processes"),
    ROW(SENSOR_CPU_TARGET, "cpu_target", "s", SENSOR_COUNTER, SCOPE_SERVER,
        "CPU time of the measured server's processes"),
    ROW(SENSOR_CPU_FOREIGN, "cpu_foreign", "s", SENSOR_COUNTER, SCOPE_HOST,
        "CPU time of everybody else: busy - ours - target"),
    ROW(SENSOR_RSS_TARGET, "rss_target", "bytes", SENSOR_GAUGE, SCOPE_SERVER,
        "memory that the measured server's processes have resident"),
    ROW(SENSOR_CLOCK_STEP, "clock_step", "s", SENSOR_GAUGE, SCOPE_CLIENT,
        "how far the wall clock was set since the monitor started"),
    ROW(SENSOR_CLOCK_SUSPEND, "clock_suspend", "s", SENSOR_GAUGE, SCOPE_HOST,
        "time asleep since the monitor started"),
    ROW(SENSOR_MAJOR_FAULTS, "major_faults", "count", SENSOR_COUNTER, SCOPE_HOST,
        "page faults that had to read the disk since boot"),
    ROW(SENSOR_MAJOR_FAULTS_TARGET, "major_faults_target", "count", SENSOR_COUNTER, SCOPE_SERVER,
        "the same of the measured server's processes"),
    ROW(SENSOR_CACHE_REFAULTS, "cache_refaults", "bytes", SENSOR_COUNTER, SCOPE_HOST,
        "file pages read again after memory had to drop them"),
    ROW(SENSOR_DIRECT_RECLAIMS, "direct_reclaims", "count", SENSOR_COUNTER, SCOPE_HOST,
        "allocations that had to free memory first"),
    ROW(SENSOR_COMPACTION_STALLS, "compaction_stalls", "count", SENSOR_COUNTER, SCOPE_HOST,
        "allocations that had to move memory first"),
    ROW(SENSOR_MEMORY_LIMIT_HITS_GROUP, "memory_limit_hits_group", "count", SENSOR_COUNTER, SCOPE_CLIENT,
        "times that our control group ran into its memory limit"),
    ROW(SENSOR_ZSWAP_IN, "zswap_in", "bytes", SENSOR_COUNTER, SCOPE_HOST,
        "unpacked from compressed swap in memory since boot"),
    ROW(SENSOR_ZSWAP_OUT, "zswap_out", "bytes", SENSOR_COUNTER, SCOPE_HOST,
        "packed into compressed swap in memory since boot"),
    ROW(SENSOR_ZRAM_STORED, "zram_stored", "bytes", SENSOR_GAUGE, SCOPE_HOST,
        "what compressed block devices in memory hold"),
    ROW(SENSOR_COMPRESSOR_IN, "compressor_in", "bytes", SENSOR_COUNTER, SCOPE_HOST,
        "unpacked from the memory that macOS keeps compressed since boot"),
    ROW(SENSOR_COMPRESSOR_OUT, "compressor_out", "bytes", SENSOR_COUNTER, SCOPE_HOST,
        "packed into the memory that macOS keeps compressed since boot"),
    ROW(SENSOR_COMPRESSOR_USED, "compressor_used", "bytes", SENSOR_GAUGE, SCOPE_HOST,
        "memory that holds what is compressed"),
    ROW(SENSOR_IO_PRESSURE_SOME, "io_pressure_some", "s", SENSOR_COUNTER, SCOPE_HOST,
        "time in which some task waited for a disk"),
    ROW(SENSOR_IO_PRESSURE_FULL, "io_pressure_full", "s", SENSOR_COUNTER, SCOPE_HOST,
        "time in which every task waited for a disk"),
    ROW(SENSOR_CPU_PRESSURE_SOME, "cpu_pressure_some", "s", SENSOR_COUNTER, SCOPE_HOST,
        "time in which some task waited for a processor"),
    ROW(SENSOR_CPU_THROTTLED_GROUP, "cpu_throttled_group", "s", SENSOR_COUNTER, SCOPE_CLIENT,
        "time that the CPU quota of our control group kept it standing"),
    ROW(SENSOR_CPU_FREQUENCY, "cpu_frequency", "Hz", SENSOR_GAUGE, SCOPE_HOST,
        "clock rate, mean of the processors"),
    ROW(SENSOR_CPU_FREQUENCY_LIMIT, "cpu_frequency_limit", "Hz", SENSOR_GAUGE, SCOPE_HOST,
        "highest clock rate allowed, mean of the processors"),
    ROW(SENSOR_CPU_FREQUENCY_SHORTFALL, "cpu_frequency_shortfall", "share", SENSOR_GAUGE, SCOPE_HOST,
        "how far busy processors stay below their base clock rate"),
    ROW(SENSOR_CPU_BOOST, "cpu_boost", "1", SENSOR_GAUGE, SCOPE_HOST, "clock rates above the base allowed"),
    ROW(SENSOR_CPU_GOVERNOR_PERFORMANCE, "cpu_governor_performance", "count", SENSOR_GAUGE, SCOPE_HOST,
        "processors whose frequency governor is performance"),
    ROW(SENSOR_THERMAL_THROTTLES, "thermal_throttles", "count", SENSOR_COUNTER, SCOPE_HOST,
        "times that processors slowed down for heat"),
    ROW(SENSOR_THERMAL_THROTTLE_TIME, "thermal_throttle_time", "s", SENSOR_COUNTER, SCOPE_HOST,
        "how long they did, counted when it ends"),
    ROW(SENSOR_COOLING_LIMITS, "cooling_limits", "count", SENSOR_GAUGE, SCOPE_HOST,
        "processors and devices that the system slows down to cool them"),
    ROW(SENSOR_THERMAL_PRESSURE, "thermal_pressure", "1", SENSOR_GAUGE, SCOPE_HOST,
        "how much macOS holds back for heat: 0 nominal, 1 moderate, 2 heavy, 3 trapping, 4 sleeping"),
    ROW(SENSOR_TEMPERATURE, "temperature", "celsius", SENSOR_GAUGE, SCOPE_HOST,
        "the hottest of processors and thermal zones"),
    ROW(SENSOR_ON_BATTERY, "on_battery", "1", SENSOR_GAUGE, SCOPE_HOST, "the machine runs on its battery"),
    ROW(SENSOR_BATTERY_CHARGE, "battery_charge", "percent", SENSOR_GAUGE, SCOPE_HOST,
        "what the battery still holds"),
    ROW(SENSOR_POWER_PROFILE, "power_profile", "1", SENSOR_GAUGE, SCOPE_HOST,
        "0 saves power, 1 balanced, 2 performance"),
    ROW(SENSOR_LOAD_1M, "load_1m", "1", SENSOR_GAUGE, SCOPE_HOST,
        "tasks that ran or waited, mean of a minute"),
    ROW(SENSOR_DISK_FREE, "disk_free", "bytes", SENSOR_GAUGE, SCOPE_CLIENT,
        "room on the disk that records go to"),
    ROW(SENSOR_FILES_OPEN, "files_open", "count", SENSOR_GAUGE, SCOPE_HOST, "files open on this machine"),
    ROW(SENSOR_SERVER_IS_LOCAL, "server_is_local", "1", SENSOR_GAUGE, SCOPE_SERVER,
        "the measured server runs on this machine, whose state is then its own"),
    ROW(SENSOR_ZSWAP_STORED, "zswap_stored", "bytes", SENSOR_GAUGE, SCOPE_HOST,
        "what compressed swap in memory holds, unpacked"),
    ROW(SENSOR_DIRECT_SCANS, "direct_scans", "bytes", SENSOR_COUNTER, SCOPE_HOST,
        "memory looked through by programs that had to free some first"),
    ROW(SENSOR_ANONYMOUS_REFAULTS, "anonymous_refaults", "bytes", SENSOR_COUNTER, SCOPE_HOST,
        "memory of programs needed again soon after it was swapped out"),
    ROW(SENSOR_MEMORY_PRESSURE_SOME_GROUP, "memory_pressure_some_group", "s", SENSOR_COUNTER, SCOPE_CLIENT,
        "time in which some task of our control group waited for memory"),
    ROW(SENSOR_MEMORY_PRESSURE_FULL_GROUP, "memory_pressure_full_group", "s", SENSOR_COUNTER, SCOPE_CLIENT,
        "time in which every task of our control group did"),
    ROW(SENSOR_IO_PRESSURE_FULL_GROUP, "io_pressure_full_group", "s", SENSOR_COUNTER, SCOPE_CLIENT,
        "time in which every task of our control group waited for a disk"),
    ROW(SENSOR_CPU_PRESSURE_SOME_GROUP, "cpu_pressure_some_group", "s", SENSOR_COUNTER, SCOPE_CLIENT,
        "time in which some task of our control group waited for a processor"),
    ROW(SENSOR_SWAP_USED_GROUP, "swap_used_group", "bytes", SENSOR_GAUGE, SCOPE_CLIENT,
        "what of our control group is in swap"),
    ROW(SENSOR_MEMORY_PEAK_GROUP, "memory_peak_group", "bytes", SENSOR_GAUGE, SCOPE_CLIENT,
        "the most memory that our control group ever had"),
    ROW(SENSOR_PSS_TARGET, "pss_target", "bytes", SENSOR_GAUGE, SCOPE_SERVER,
        "memory of the measured server's processes, what they share counted once"),
    ROW(SENSOR_RSS_PEAK_TARGET, "rss_peak_target", "bytes", SENSOR_GAUGE, SCOPE_SERVER,
        "the most that each of them ever had resident, added up"),
    ROW(SENSOR_FILES_OPEN_TARGET, "files_open_target", "count", SENSOR_GAUGE, SCOPE_SERVER,
        "files and connections that the measured server's processes have open"),
    ROW(SENSOR_FILES_LEFT_TARGET, "files_left_target", "count", SENSOR_GAUGE, SCOPE_SERVER,
        "how many more one of them may open, the least of them"),
    ROW(SENSOR_GPU_MEMORY_TARGET, "gpu_memory_target", "bytes", SENSOR_GAUGE, SCOPE_SERVER,
        "memory that GPUs hold for the measured server's processes"),
    ROW(SENSOR_GPU_BUSY_TARGET, "gpu_busy_target", "s", SENSOR_COUNTER, SCOPE_SERVER,
        "time that engines of GPUs worked for them since the monitor started"),
    ROW(SENSOR_GPU_UTILISATION, "gpu_utilisation", "share", SENSOR_GAUGE, SCOPE_HOST,
        "share of the time in which the busiest GPU worked"),
    ROW(SENSOR_GPU_MEMORY_USED, "gpu_memory_used", "bytes", SENSOR_GAUGE, SCOPE_HOST,
        "memory of all GPUs in use"),
    ROW(SENSOR_GPU_POWER, "gpu_power", "W", SENSOR_GAUGE, SCOPE_HOST, "power that all GPUs draw"),
    ROW(SENSOR_GPU_ENERGY, "gpu_energy", "J", SENSOR_COUNTER, SCOPE_HOST,
        "energy that all GPUs used since their drivers were loaded"),
    ROW(SENSOR_GPU_TEMPERATURE, "gpu_temperature", "celsius", SENSOR_GAUGE, SCOPE_HOST,
        "temperature of the hottest GPU"),
    ROW(SENSOR_GPU_CLOCK, "gpu_clock", "Hz", SENSOR_GAUGE, SCOPE_HOST, "shader clock of the fastest GPU"),
    ROW(SENSOR_GPU_THROTTLE_THERMAL, "gpu_throttle_thermal", "s", SENSOR_COUNTER, SCOPE_HOST,
        "time in which GPUs slowed down for heat"),
    ROW(SENSOR_GPU_THROTTLE_BRAKE, "gpu_throttle_brake", "s", SENSOR_COUNTER, SCOPE_HOST,
        "time in which the power supply made GPUs slow down"),
    ROW(SENSOR_GPU_THROTTLE_POWER, "gpu_throttle_power", "s", SENSOR_COUNTER, SCOPE_HOST,
        "time in which their power limit held GPUs back"),
    ROW(SENSOR_GPU_ECC_CORRECTED, "gpu_ecc_corrected", "count", SENSOR_COUNTER, SCOPE_HOST,
        "memory errors of GPUs that were corrected"),
    ROW(SENSOR_GPU_ECC_UNCORRECTED, "gpu_ecc_uncorrected", "count", SENSOR_COUNTER, SCOPE_HOST,
        "memory errors of GPUs that were not"),
    ROW(SENSOR_GPU_XID_ERRORS, "gpu_xid_errors", "count", SENSOR_COUNTER, SCOPE_HOST,
        "errors that GPUs reported since the monitor started"),
    ROW(SENSOR_GPU_PROCESSES_FOREIGN, "gpu_processes_foreign", "count", SENSOR_GAUGE, SCOPE_HOST,
        "processes that compute on a GPU and are neither ours nor the target's"),
    ROW(SENSOR_GPU_MEMORY_FOREIGN, "gpu_memory_foreign", "bytes", SENSOR_GAUGE, SCOPE_HOST,
        "memory of GPUs that such processes hold"),
};

void sensor_gpu_name(size_t gpu, enum sensor_id id, char *name, size_t size)
{
    snprintf(name, size, "gpu%zu_%s", gpu, sensor_table[id].name + strlen("gpu_"));
}

const char *sensor_status_name(enum sensor_status status)
{
    static const char *const names[] = {
        [SENSOR_OK] = "ok", [SENSOR_UNAVAILABLE] = "unavailable", [SENSOR_ERROR] = "error"};
    return (unsigned)status <= SENSOR_ERROR ? names[status] : "error";
}

const char *sensor_scope_name(enum sensor_scope scope)
{
    static const char *const names[] = {
        [SCOPE_CLIENT] = "client", [SCOPE_SERVER] = "server", [SCOPE_HOST] = "host"};
    return (unsigned)scope <= SCOPE_HOST ? names[scope] : "host";
}

void reading_set(struct reading *r, double value, const char *source)
{
    r->status = SENSOR_OK;
    r->value = value;
    r->source = source;
    r->reason[0] = '\0';
}

static void set_absent(struct reading *r, enum sensor_status status, const char *source, const char *reason)
{
    r->status = status;
    r->value = 0;
    r->source = source;
    snprintf(r->reason, sizeof r->reason, "%s", reason);
}

void reading_unavailable(struct reading *r, const char *source, const char *reason)
{
    set_absent(r, SENSOR_UNAVAILABLE, source, reason);
}

void reading_failed(struct reading *r, const char *source, const char *reason)
{
    set_absent(r, SENSOR_ERROR, source, reason);
}
