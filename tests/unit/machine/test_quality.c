#include "quality.h"
#include "quality_words.h"

#include "json.h"
#include "part_schema.h"
#include "testkit.h"
#include "tree_kit.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* One change between the sample before and the sample after, 10 s apart unless said otherwise. */
struct edit {
    const char *path, *from, *to; /* from NULL: the file is written anew; to NULL too: it is removed */
};

struct scenario {
    const char *name, *tree;
    struct edit before[3], after[3];
    const char *target_url;
    double seconds;
    const char *verdict, *flags; /* flags joined by spaces */
    const char *missing;
};

#define VMSTAT "/proc/vmstat"
#define PSI "/proc/pressure/memory"
#define STAT "/proc/stat"
#define IO "/proc/pressure/io"
#define CPU0 "/sys/devices/system/cpu/cpu0/"
#define CPU1 "/sys/devices/system/cpu/cpu1/"
#define POWER "/sys/class/power_supply/"
#define CPU "cpu  200000 1000 100000 4000000 5000 0 500 0 0 0"
#define URL "http://127.0.0.1:8080/v1"
#define GROUP "/sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope/"
#define EVENTS "/sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope/memory.events"
#define ZOMBIE(pid, parent, session)                                                                         \
    {                                                                                                        \
        "/proc/" #pid "/stat", NULL,                                                                         \
            #pid " ((a) b)) Z " #parent " " #pid " " #session " 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 95000 0\n"   \
    }

static const struct scenario scenarios[] = {
    {.name = "healthy", .tree = "laptop", .verdict = "clean", .flags = "clean"},
    {.name = "healthy container, cgroup v1, no PSI",
        .tree = "container_v1",
        .verdict = "clean",
        .flags = "clean"},
    {.name = "healthy pod, cgroup v2, no PSI, hidden processes",
        .tree = "pod_v2",
        .verdict = "clean",
        .flags = "clean"},
    {.name = "healthy, memory limited by an ancestor",
        .tree = "hybrid_v1",
        .verdict = "clean",
        .flags = "clean"},
    {.name = "a kernel that cannot swap", .tree = "arm_board", .verdict = "clean", .flags = "clean"},

    {.name = "a little swapped out",
        .tree = "laptop",
        .after = {{VMSTAT, "pswpout 0", "pswpout 10"}},
        .verdict = "degraded",
        .flags = "degraded_swap"},
    {.name = "much swapped out",
        .tree = "laptop",
        .after = {{VMSTAT, "pswpout 0", "pswpout 100000"}},
        .verdict = "invalid",
        .flags = "degraded_swap"},
    {.name = "swapped in",
        .tree = "laptop",
        .after = {{VMSTAT, "pswpin 0", "pswpin 1"}},
        .verdict = "invalid",
        .flags = "degraded_swap"},
    {.name = "swapped long ago",
        .tree = "laptop",
        .before = {{VMSTAT, "pswpin 0\npswpout 0", "pswpin 71234\npswpout 91234"}},
        .verdict = "clean",
        .flags = "clean"},

    {.name = "some waited for memory",
        .tree = "laptop",
        .after = {{PSI, "total=1500000", "total=1700000"}},
        .verdict = "degraded",
        .flags = "degraded_memory"},
    {.name = "all waited for memory",
        .tree = "laptop",
        .after = {{PSI, "total=900000", "total=920000"}},
        .verdict = "invalid",
        .flags = "degraded_memory"},
    {.name = "a moment of pressure",
        .tree = "laptop",
        .after = {{PSI, "total=1500000", "total=1590000"}},
        .verdict = "clean",
        .flags = "clean"},
    {.name = "some of the control group waited for memory",
        .tree = "laptop",
        .after = {{GROUP "memory.pressure", "total=250000", "total=450000"}},
        .verdict = "degraded",
        .flags = "degraded_memory"},
    {.name = "all of the control group waited for memory, for a disk, and some for a processor",
        .tree = "laptop",
        .after = {{GROUP "memory.pressure", "total=125000", "total=425000"},
            {GROUP "io.pressure", "total=500000", "total=5000000"},
            {GROUP "cpu.pressure", "total=4000000", "total=9000000"}},
        .verdict = "clean",
        .flags = "clean"},
    {.name = "memory ran low",
        .tree = "laptop",
        .after = {{"/proc/meminfo", "MemAvailable:   8000000", "MemAvailable:    700000"}},
        .verdict = "degraded",
        .flags = "degraded_memory"},
    {.name = "memory was low before",
        .tree = "laptop",
        .before = {{"/proc/meminfo", "MemAvailable:   8000000", "MemAvailable:    700000"}},
        .verdict = "clean",
        .flags = "clean"},
    {.name = "the control group's memory ran low (v1)",
        .tree = "container_v1",
        .after = {{"/sys/fs/cgroup/memory/memory.usage_in_bytes", "900000000", "2400000000"}},
        .verdict = "degraded",
        .flags = "degraded_memory"},
    {.name = "file cache of the control group is not use",
        .tree = "pod_v2",
        .after = {{"/sys/fs/cgroup/memory.current", "1500000000", "4290000000"},
            {"/sys/fs/cgroup/memory.stat", "inactive_file 500000000", "inactive_file 3000000000"}},
        .verdict = "clean",
        .flags = "clean"},
    {.name = "the control group's memory ran low (v2)",
        .tree = "pod_v2",
        .after = {{"/sys/fs/cgroup/memory.current", "1500000000", "4790000000"}},
        .verdict = "degraded",
        .flags = "degraded_memory"},

    {.name = "killed somewhere",
        .tree = "laptop",
        .after = {{VMSTAT, "oom_kill 0", "oom_kill 1"}},
        .verdict = "invalid",
        .flags = "degraded_oom"},
    {.name = "killed in our group (v2)",
        .tree = "laptop",
        .after = {{EVENTS, "oom_kill 0", "oom_kill 1"}},
        .verdict = "invalid",
        .flags = "degraded_oom"},
    {.name = "killed in our group (v1)",
        .tree = "hybrid_v1",
        .after = {{"/sys/fs/cgroup/memory/batch/job-7/memory.oom_control", "oom_kill 2", "oom_kill 3"}},
        .verdict = "invalid",
        .flags = "degraded_oom"},

    {.name = "killed in our group, which is outside our namespace (v2)",
        .tree = "pod_v2",
        .before = {{"/proc/self/cgroup", NULL, "0::/..\n"}},
        .after = {{"/sys/fs/cgroup/memory.events", "oom_kill 0", "oom_kill 1"}},
        .verdict = "invalid",
        .flags = "degraded_oom"},

    {.name = "a zombie of ours with an ugly name",
        .tree = "laptop",
        .after = {ZOMBIE(500, 101, 101)},
        .verdict = "degraded",
        .flags = "degraded_zombies"},
    {.name = "a zombie of our session that lost its parent",
        .tree = "laptop",
        .after = {ZOMBIE(500, 1, 101)},
        .verdict = "degraded",
        .flags = "degraded_zombies"},
    {.name = "a zombie of ours that was there before",
        .tree = "laptop",
        .before = {ZOMBIE(500, 100, 50)},
        .verdict = "clean",
        .flags = "clean"},
    {.name = "zombies of others",
        .tree = "laptop",
        .after = {ZOMBIE(500, 300, 300), ZOMBIE(501, 1, 500)},
        .verdict = "clean",
        .flags = "clean"},

    {.name = "a little stolen",
        .tree = "laptop",
        .after = {{STAT, CPU, "cpu  200000 1000 100000 4007900 5000 0 500 80 0 0"}},
        .verdict = "degraded",
        .flags = "degraded_cpu_steal"},
    {.name = "much stolen",
        .tree = "laptop",
        .after = {{STAT, CPU, "cpu  200000 1000 100000 4007600 5000 0 500 400 0 0"}},
        .verdict = "invalid",
        .flags = "degraded_cpu_steal"},
    {.name = "one stolen tick in a short window",
        .tree = "laptop",
        .after = {{STAT, CPU, "cpu  200000 1000 100000 4000039 5000 0 500 1 0 0"}},
        .seconds = 0.1,
        .verdict = "clean",
        .flags = "clean"},

    {.name = "one stolen tick of one core in a second: the error of a difference",
        .tree = "laptop",
        .after = {{STAT, CPU, "cpu  200000 1000 100000 4000099 5000 0 500 1 0 0"}},
        .seconds = 1,
        .verdict = "clean",
        .flags = "clean"},
    {.name = "two stolen ticks of one core in a second",
        .tree = "laptop",
        .after = {{STAT, CPU, "cpu  200000 1000 100000 4000098 5000 0 500 2 0 0"}},
        .seconds = 1,
        .verdict = "degraded",
        .flags = "degraded_cpu_steal"},

    {.name = "the noise of counting a busy machine in ticks",
        .tree = "laptop",
        .after = {{STAT, CPU, "cpu  200800 1000 100000 4007200 5000 0 500 0 0 0"},
            {"/proc/101/stat", " 5 5 0 0 20 ", " 745 5 0 0 20 "}},
        .verdict = "clean",
        .flags = "clean"},
    {.name = "foreign work",
        .tree = "laptop",
        .after = {{STAT, CPU, "cpu  200300 1000 100100 4007600 5000 0 500 0 0 0"}},
        .verdict = "degraded",
        .flags = "degraded_cpu_foreign"},
    {.name = "our own work",
        .tree = "laptop",
        .after = {{STAT, CPU, "cpu  200300 1000 100100 4007600 5000 0 500 0 0 0"},
            {"/proc/101/stat", " 5 5 0 0 20 ", " 305 105 0 0 20 "}},
        .verdict = "clean",
        .flags = "clean"},
    {.name = "the server's own work",
        .tree = "laptop",
        .target_url = URL,
        .after = {{STAT, CPU, "cpu  200300 1000 100100 4007600 5000 0 500 0 0 0"},
            {"/proc/201/stat", " 100 100 0 0 20 ", " 400 200 0 0 20 "}},
        .verdict = "clean",
        .flags = "clean"},
    {.name = "the ticking of an idle system",
        .tree = "laptop",
        .after = {{STAT, CPU, "cpu  200010 1000 100010 4007980 5000 0 500 0 0 0"}},
        .verdict = "clean",
        .flags = "clean"},

    {.name = "file pages dropped and read again",
        .tree = "laptop",
        .after = {{VMSTAT, "workingset_refault_file 0", "workingset_refault_file 50000"}},
        .verdict = "degraded",
        .flags = "degraded_memory"},
    {.name = "a few pages read again",
        .tree = "laptop",
        .after = {{VMSTAT, "workingset_refault_file 0", "workingset_refault_file 30000"}},
        .verdict = "clean",
        .flags = "clean"},
    {.name = "pages read again, as older kernels say it",
        .tree = "laptop",
        .before = {{VMSTAT, "workingset_refault_file", "workingset_refault"}},
        .after = {{VMSTAT, "workingset_refault 0", "workingset_refault 50000"}},
        .verdict = "degraded",
        .flags = "degraded_memory"},
    {.name = "memory freed by those who asked for it, in two zones",
        .tree = "laptop",
        .after = {{VMSTAT, "allocstall_normal 12", "allocstall_normal 72"},
            {VMSTAT, "allocstall_movable 30", "allocstall_movable 80"}},
        .verdict = "degraded",
        .flags = "degraded_memory"},
    {.name = "memory freed now and then",
        .tree = "laptop",
        .after = {{VMSTAT, "allocstall_normal 12", "allocstall_normal 112"}},
        .verdict = "clean",
        .flags = "clean"},
    {.name = "at the control group's limit (v2)",
        .tree = "pod_v2",
        .after = {{"/sys/fs/cgroup/memory.events", "max 0", "max 60"},
            {"/sys/fs/cgroup/memory.events", "high 0", "high 50"}},
        .verdict = "degraded",
        .flags = "degraded_memory"},
    {.name = "at the control group's limit (v1)",
        .tree = "container_v1",
        .after = {{"/sys/fs/cgroup/memory/memory.failcnt", "5", "115"}},
        .verdict = "degraded",
        .flags = "degraded_memory"},
    {.name = "at the limit long ago",
        .tree = "container_v1",
        .before = {{"/sys/fs/cgroup/memory/memory.failcnt", "5", "99999"}},
        .verdict = "clean",
        .flags = "clean"},
    {.name = "packed into compressed swap",
        .tree = "laptop",
        .after = {{VMSTAT, "zswpout 0", "zswpout 9"}},
        .verdict = "degraded",
        .flags = "degraded_swap"},
    {.name = "unpacked from compressed swap",
        .tree = "laptop",
        .after = {{VMSTAT, "zswpin 0", "zswpin 9"}},
        .verdict = "degraded",
        .flags = "degraded_swap"},
    {.name = "programs started from the disk",
        .tree = "laptop",
        .after = {{VMSTAT, "pgmajfault 2211", "pgmajfault 9211"}},
        .verdict = "clean",
        .flags = "clean"},

    {.name = "waiting for a disk",
        .tree = "laptop",
        .after = {{IO, "total=30000000", "total=30600000"}},
        .verdict = "degraded",
        .flags = "degraded_io"},
    {.name = "one of many waited for a disk",
        .tree = "laptop",
        .after = {{IO, "total=32000000", "total=40000000"}},
        .verdict = "clean",
        .flags = "clean"},
    {.name = "one commit of a file system in a short window",
        .tree = "laptop",
        .after = {{IO, "total=30000000", "total=30200000"}},
        .seconds = 1,
        .verdict = "clean",
        .flags = "clean"},
    {.name = "waiting for a disk all through a short window",
        .tree = "laptop",
        .after = {{IO, "total=30000000", "total=30900000"}},
        .seconds = 1,
        .verdict = "degraded",
        .flags = "degraded_io"},

    {.name = "kept standing by a quota (v2)",
        .tree = "pod_v2",
        .after = {{"/sys/fs/cgroup/cpu.stat", "throttled_usec 350000", "throttled_usec 400000"}},
        .verdict = "degraded",
        .flags = "degraded_throttle"},
    {.name = "a quota was measured (v1)",
        .tree = "container_v1",
        .after = {{"/sys/fs/cgroup/cpu,cpuacct/cpu.stat", "throttled_time 120000000",
            "throttled_time 900000000"}},
        .verdict = "invalid",
        .flags = "degraded_throttle"},
    {.name = "a core throttled for heat",
        .tree = "laptop",
        .after = {{CPU0 "thermal_throttle/core_throttle_count", "3", "4"}},
        .verdict = "degraded",
        .flags = "degraded_throttle"},
    {.name = "the package throttled for heat, and both its processors tell",
        .tree = "laptop",
        .after = {{CPU0 "thermal_throttle/package_throttle_count", "7", "8"},
            {CPU1 "thermal_throttle/package_throttle_count", "7", "8"}},
        .verdict = "degraded",
        .flags = "degraded_throttle"},
    {.name = "throttling that began before ended",
        .tree = "laptop",
        .after = {{CPU0 "thermal_throttle/package_throttle_total_time_ms", "150", "1450"}},
        .verdict = "degraded",
        .flags = "degraded_throttle"},
    {.name = "slowed down by the system to cool",
        .tree = "arm_board",
        .after = {{"/sys/class/thermal/cooling_device0/cur_state", "0", "2"}},
        .verdict = "degraded",
        .flags = "degraded_throttle"},
    {.name = "a fan spun up",
        .tree = "laptop",
        .after = {{"/sys/class/thermal/cooling_device1/cur_state", "2", "5"}},
        .verdict = "clean",
        .flags = "clean"},
    {.name = "slowed down before",
        .tree = "arm_board",
        .before = {{"/sys/class/thermal/cooling_device0/cur_state", "0", "2"}},
        .verdict = "clean",
        .flags = "clean"},

    {.name = "the highest clock rate was lowered",
        .tree = "laptop",
        .after = {{CPU0 "cpufreq/scaling_max_freq", "4700000", "2100000"}},
        .verdict = "degraded",
        .flags = "degraded_frequency"},
    {.name = "clock rates follow the load",
        .tree = "laptop",
        .after = {{CPU0 "cpufreq/scaling_cur_freq", "3400000", "800000"}},
        .verdict = "clean",
        .flags = "clean"},
    {.name = "boost was switched off",
        .tree = "laptop",
        .after = {{"/sys/devices/system/cpu/intel_pstate/no_turbo", "0", "1"}},
        .verdict = "degraded",
        .flags = "degraded_frequency"},
    {.name = "another governor",
        .tree = "laptop",
        .after = {{CPU1 "cpufreq/scaling_governor", "powersave", "performance"}},
        .verdict = "degraded",
        .flags = "degraded_frequency"},

    {.name = "the plug was pulled",
        .tree = "laptop",
        .after = {{POWER "AC/online", "1", "0"}, {POWER "BAT0/status", "Not charging", "Discharging"}},
        .verdict = "degraded",
        .flags = "degraded_power"},
    {.name = "on battery all along",
        .tree = "laptop",
        .before = {{POWER "AC/online", "1", "0"}, {POWER "BAT0/status", "Not charging", "Discharging"}},
        .verdict = "degraded",
        .flags = "degraded_power"},
    {.name = "the battery lends a weak charger a hand",
        .tree = "laptop",
        .before = {{POWER "BAT0/status", "Not charging", "Discharging"}},
        .verdict = "clean",
        .flags = "clean"},
    {.name = "a desk machine without a battery, its adapter unknown",
        .tree = "laptop",
        .before = {{POWER "BAT0", NULL, NULL}, {POWER "AC/online", "1", "0"}},
        .verdict = "clean",
        .flags = "clean"},
    {.name = "another power profile",
        .tree = "laptop",
        .after = {{"/sys/firmware/acpi/platform_profile", "balanced", "low-power"}},
        .verdict = "degraded",
        .flags = "degraded_power"},
    {.name = "the power profile that was chosen before",
        .tree = "laptop",
        .before = {{"/sys/firmware/acpi/platform_profile", "balanced", "low-power"}},
        .verdict = "clean",
        .flags = "clean"},
    {.name = "rubbish where slow sensors are",
        .tree = "laptop",
        .before = {{CPU0 "cpufreq/scaling_cur_freq", NULL, "<unsupported>\n"},
            {CPU0 "thermal_throttle/core_throttle_count", NULL, ""},
            {"/sys/firmware/acpi/platform_profile", NULL, "turbo tax\n"}},
        .verdict = "clean",
        .flags = "clean"},

    {.name = "no vmstat",
        .tree = "laptop",
        .before = {{VMSTAT, NULL, NULL}},
        .verdict = "unknown",
        .flags = "",
        .missing = "swap"},
    {.name = "no vmstat, but evidence",
        .tree = "laptop",
        .before = {{VMSTAT, NULL, NULL}},
        .after = {{EVENTS, "oom_kill 0", "oom_kill 1"}},
        .verdict = "invalid",
        .flags = "degraded_oom",
        .missing = "swap"},
    {.name = "vmstat is cut off",
        .tree = "laptop",
        .after = {{VMSTAT, NULL, "nr_free_pages 6023371\npswpin 0\npswpo"}},
        .verdict = "unknown",
        .flags = "",
        .missing = "swap"},
    {.name = "vmstat is garbage",
        .tree = "laptop",
        .before = {{VMSTAT, NULL, "\x01\xff pswpin pswpin\npswpin x\npswpout 99999999999999999999999\n"}},
        .verdict = "unknown",
        .flags = "",
        .missing = "swap"},
    {.name = "neither pressure nor meminfo",
        .tree = "laptop",
        .before = {{PSI, NULL, NULL}, {"/proc/meminfo", NULL, NULL}},
        .verdict = "unknown",
        .flags = "",
        .missing = "memory"},
    {.name = "garbage pressure, good meminfo",
        .tree = "laptop",
        .before = {{PSI, NULL, "some of it\n"}},
        .verdict = "clean",
        .flags = "clean"},
    {.name = "no OOM counter anywhere",
        .tree = "laptop",
        .before = {{VMSTAT, "oom_kill 0\n", ""}, {EVENTS, NULL, NULL}},
        .verdict = "unknown",
        .flags = "",
        .missing = "oom"},
    {.name = "our own process is not shown",
        .tree = "laptop",
        .before = {{"/proc/100", NULL, NULL}},
        .verdict = "unknown",
        .flags = "",
        .missing = "zombies"},
    {.name = "no steal column",
        .tree = "laptop",
        .before = {{STAT, NULL, "cpu  200000 1000 100000 4000000\n"}},
        .verdict = "unknown",
        .flags = "",
        .missing = "steal"},
    {.name = "stat is empty",
        .tree = "laptop",
        .before = {{STAT, NULL, ""}},
        .verdict = "unknown",
        .flags = "",
        .missing = "steal"},
};

static void apply(const char *root, const struct edit *edits, size_t count)
{
    for (size_t i = 0; i < count && edits[i].path; i++) {
        const struct edit *e = &edits[i];
        if (e->from)
            tree_edit(root, e->path, e->from, e->to);
        else if (e->to)
            tree_write(root, e->path, e->to);
        else
            tree_remove(root, e->path);
    }
}

/* Each tree is copied once in a process: scores of scenarios change a file or two of hundreds. */
static const char *tree_of(const char *name)
{
    static struct {
        const char *name;
        char root[PATH_MAX];
    } copies[8];
    for (size_t i = 0; i < sizeof copies / sizeof copies[0]; i++) {
        if (copies[i].name && strcmp(copies[i].name, name) == 0)
            return copies[i].root;
        if (!copies[i].name) {
            copies[i].name = name;
            snprintf(copies[i].root, sizeof copies[i].root, "%s", tree_copy(name));
            return copies[i].root;
        }
    }
    ck_abort_msg("more trees than expected");
}

static void undo(const char *root, const char *name, const struct edit *edits, size_t count)
{
    for (size_t i = 0; i < count && edits[i].path; i++)
        tree_restore(root, name, edits[i].path);
}

static void judge(const struct scenario *s, struct quality *quality)
{
    struct error why = {0};
    struct clock_virtual clock;
    struct monitor *m;
    const char *root = tree_of(s->tree);
    clock_virtual_init(&clock, 1795220601 * NS_PER_S);
    apply(root, s->before, 3);
    struct monitor_options options = {
        .root = root, .clock = &clock.clock, .own_pid = 100, .target_url = s->target_url};
    ck_assert_msg(monitor_open(&options, &m, &why) == STATUS_OK, "%s: %s", s->name, error_text(&why));
    monitor_begin(m);
    monitor_watch_session(m, 101);
    apply(root, s->after, 3);
    clock_virtual_advance(&clock, (int64_t)((s->seconds > 0 ? s->seconds : 10) * 1e9));
    monitor_end(m);
    quality_judge(monitor_window(m), quality);
    monitor_close(m);
    undo(root, s->tree, s->before, 3);
    undo(root, s->tree, s->after, 3);
}

static void check_record(const struct quality *quality)
{
    struct json_object *health = quality_to_json(quality);
    part_schema_check("urn:assay:schema:record:1.0.0#/$defs/system_health", health);
    json_object_put(health);
}

static void each_scenario_gets_its_verdict_and_flags(void)
{
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
        const struct scenario *s = &scenarios[i];
        struct quality quality;
        struct buf flags = BUF_INIT(1024);
        judge(s, &quality);
        check_record(&quality);
        for (size_t f = 0; f < quality.flag_count; f++)
            buf_printf(&flags, "%s%s", f ? " " : "", quality.flags[f]);
        ck_assert_msg(strcmp(quality_verdict_name(quality.verdict), s->verdict) == 0, "%s: %s instead of %s",
            s->name, quality_verdict_name(quality.verdict), s->verdict);
        ck_assert_msg(strcmp(buf_text(&flags), s->flags) == 0, "%s: %s instead of %s", s->name,
            buf_text(&flags), s->flags);
        ck_assert_msg(strcmp(quality.missing ? quality.missing : "", s->missing ? s->missing : "") == 0,
            "%s: missing %s", s->name, quality.missing);
        buf_fini(&flags);
    }
}

static const struct scenario *scenario_named(const char *name)
{
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
        if (strcmp(scenarios[i].name, name) == 0)
            return &scenarios[i];
    }
    ck_abort_msg("no scenario %s", name);
}

static void a_flag_names_its_sensor_with_delta_threshold_and_reason(void)
{
    struct quality quality;
    double value;
    judge(scenario_named("much swapped out"), &quality);
    struct json_object *health = quality_to_json(&quality);
    ck_assert_ptr_nonnull(health);
    ck_assert_str_eq(json_get_text(health, "/verdict"), "invalid");
    ck_assert_str_eq(json_get_text(health, "/quality_flags/0"), "degraded_swap");
    ck_assert_str_eq(json_get_text(health, "/sensors/swap_out/flag"), "degraded_swap");
    ck_assert_str_eq(json_get_text(health, "/sensors/swap_out/status"), "ok");
    ck_assert_str_eq(json_get_text(health, "/sensors/swap_out/source"), "/proc/vmstat pswpout");
    ck_assert_str_eq(json_get_text(health, "/sensors/swap_out/scope"), "host");
    ck_assert(json_get_real(health, "/sensors/swap_out/delta", &value) && value >= 100000.0 * 4096);
    ck_assert(json_get_real(health, "/sensors/swap_out/threshold", &value) && value == 1048576);
    ck_assert_ptr_nonnull(strstr(json_get_text(health, "/sensors/swap_out/reason"), "the disk was measured"));
    ck_assert(json_get_real(health, "/sensors/swap_in/threshold", &value) && value == 0);
    ck_assert_ptr_null(json_get_text(health, "/sensors/swap_in/flag"));
    json_object_put(health);
}

static void a_reason_gives_rounded_figures_with_their_units(void)
{
    static const struct {
        enum sensor_id sensor;
        enum quality_verdict verdict;
        double measured;
        const char *end;
    } cases[] = {
        {SENSOR_CPU_FOREIGN, QUALITY_DEGRADED, 1.8859295840329646, "used the CPU: 1.89 cores, allowed 0.05"},
        {SENSOR_CPU_FOREIGN, QUALITY_DEGRADED, 0.0500001,
            "used the CPU: just above 0.05 cores, allowed 0.05"},
        {SENSOR_OOM_KILLS, QUALITY_INVALID, 1, "for want of memory: 1, allowed none"},
        {SENSOR_SWAP_IN, QUALITY_INVALID, 3145728, "waited for the disk: 3.0 MiB, allowed none"},
        {SENSOR_SWAP_OUT, QUALITY_INVALID, 4194304, "was measured: 4.0 MiB/s, allowed 1.0 MiB/s"},
        {SENSOR_MEMORY_PRESSURE_SOME, QUALITY_DEGRADED, 0.19, "for memory: 19 % of the time, allowed 1 %"},
        {SENSOR_MEMORY_AVAILABLE, QUALITY_DEGRADED, 0.963, "among them: 96.3 % in use, allowed 95 %"},
        {SENSOR_CPU_STEAL, QUALITY_DEGRADED, 0.0123,
            "to others: 1.23 % of all processor time, allowed 0.5 %"},
        {SENSOR_CLOCK_STEP, QUALITY_INVALID, 0.0321, "was set: 32.1 ms, allowed 10.0 ms"},
        {SENSOR_CPU_FREQUENCY_LIMIT, QUALITY_DEGRADED, 0.55, "allowed was changed: 55 %, allowed 1 %"},
        {SENSOR_CPU_FREQUENCY_SHORTFALL, QUALITY_DEGRADED, 0.4,
            "below their base clock rate: 40 % below, allowed 10 %"},
        {SENSOR_DIRECT_RECLAIMS, QUALITY_DEGRADED, 12.5, "before they got some: 12.5/s, allowed 10/s"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct finding finding = {.measured = cases[i].measured, .raised = true};
        struct buf reason = BUF_INIT(1024);
        for (size_t k = 0; k < quality_rule_count; k++)
            if (quality_rules[k].sensor == cases[i].sensor && quality_rules[k].verdict == cases[i].verdict)
                finding.rule = &quality_rules[k];
        ck_assert_ptr_nonnull(finding.rule);
        ck_assert_int_eq(
            quality_words_append(&finding, sensor_table[cases[i].sensor].unit, &reason), STATUS_OK);
        const char *text = buf_text(&reason), *end = strstr(text, cases[i].end);
        ck_assert_msg(
            end && strcmp(end, cases[i].end) == 0, "\"%s\" does not end with \"%s\"", text, cases[i].end);
        buf_fini(&reason);
    }
}

static void an_absent_sensor_has_a_reason_and_no_value(void)
{
    struct quality quality;
    double value;
    judge(scenario_named("healthy container, cgroup v1, no PSI"), &quality);
    struct json_object *health = quality_to_json(&quality);
    ck_assert_str_eq(json_get_text(health, "/sensors/memory_pressure_some/status"), "unavailable");
    ck_assert_str_eq(
        json_get_text(health, "/sensors/memory_pressure_some/reason"), "No such file or directory");
    ck_assert(!json_get_real(health, "/sensors/memory_pressure_some/value", &value));
    ck_assert(!json_get_real(health, "/sensors/memory_pressure_some/delta", &value));
    ck_assert(json_get_real(health, "/sensors/memory_available_group/value", &value));
    ck_assert(value == 2147483648.0 - 600000000.0);
    json_object_put(health);
}

static void unknown_has_no_flags_in_json_either(void)
{
    struct quality quality;
    judge(scenario_named("vmstat is cut off"), &quality);
    struct json_object *health = quality_to_json(&quality);
    ck_assert_uint_eq(json_object_array_length(json_get_array(health, "/quality_flags")), 0);
    ck_assert_str_eq(json_get_text(health, "/sensors/swap_out/status"), "error");
    json_object_put(health);
}

/* What nobody read or judged is not a clean machine with all counters at zero. */
static void a_zeroed_verdict_is_unknown(void)
{
    struct quality quality = {0};
    double value;
    check_record(&quality);
    struct json_object *health = quality_to_json(&quality);
    ck_assert_str_eq(json_get_text(health, "/verdict"), "unknown");
    ck_assert_uint_eq(json_object_array_length(json_get_array(health, "/quality_flags")), 0);
    ck_assert_str_eq(json_get_text(health, "/sensors/swap_out/status"), "unavailable");
    ck_assert_str_eq(json_get_text(health, "/sensors/swap_out/reason"), "not read");
    ck_assert(!json_get_real(health, "/sensors/swap_out/value", &value));
    json_object_put(health);
}

static void a_server_elsewhere_or_unseen_changes_what_is_foreign(void)
{
    static const struct {
        const char *tree, *url, *target, *foreign;
    } cases[] = {
        {"laptop", NULL, "no server is being measured", NULL},
        {"laptop", URL, NULL, NULL},
        {"laptop", "http://localhost:8080", NULL, NULL},
        {"laptop", "http://[::1]:8081", NULL, NULL},
        {"laptop", "http://[::1]:8080", NULL, NULL}, /* listens on 127.0.0.1: "localhost" may be either */
        {"laptop", "http://192.0.2.7:8080", "the server runs on another host", NULL},
        {"laptop", "http://127.0.0.1:8082", "unattributed: no listening socket with that port is in sight",
            "unattributed: no listening socket with that port is in sight"},
        {"laptop", "http://127.0.0.1:9000", "unattributed: no listening socket with that port is in sight",
            "unattributed: no listening socket with that port is in sight"},
        {"laptop", "nonsense://", "unattributed: the server's address cannot be resolved",
            "unattributed: the server's address cannot be resolved"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scenario s = {.name = cases[i].url, .tree = cases[i].tree, .target_url = cases[i].url};
        struct quality quality;
        judge(&s, &quality);
        const struct reading *target = &quality.findings[SENSOR_CPU_TARGET].reading;
        const struct reading *foreign = &quality.findings[SENSOR_CPU_FOREIGN].reading;
        ck_assert_str_eq(target->reason, cases[i].target ? cases[i].target : "");
        ck_assert_str_eq(foreign->reason, cases[i].foreign ? cases[i].foreign : "");
        ck_assert_int_eq(target->status, cases[i].target ? SENSOR_UNAVAILABLE : SENSOR_OK);
        ck_assert_int_eq(quality.verdict, QUALITY_CLEAN);
    }
}

/* The machine whose swap and clock we see is not the server's: the record must not say so. */
static void the_host_of_a_server_elsewhere_is_not_ours(void)
{
    static const struct {
        const char *url, *scope;
        double local; /* negative: not said */
    } cases[] = {{NULL, "host", -1}, {URL, "host", 1}, {"http://192.0.2.7:8080", "client", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scenario s = {.name = "scope", .tree = "laptop", .target_url = cases[i].url};
        struct quality quality;
        double local = -1;
        judge(&s, &quality);
        struct json_object *health = quality_to_json(&quality);
        ck_assert_str_eq(json_get_text(health, "/sensors/swap_out/scope"), cases[i].scope);
        ck_assert_str_eq(json_get_text(health, "/sensors/cpu_target/scope"), "server");
        (void)json_get_real(health, "/sensors/server_is_local/value", &local);
        ck_assert(local == cases[i].local);
        json_object_put(health);
    }
}

static double value_of(const struct quality *quality, enum sensor_id id)
{
    const struct reading *r = &quality->findings[id].reading;
    ck_assert_msg(r->status == SENSOR_OK, "%s: %s", sensor_table[id].name, r->reason);
    return r->value;
}

static void context_is_read_as_it_stands(void)
{
    struct scenario s = {.name = "context",
        .tree = "laptop",
        .before = {{"/proc/meminfo", "MemAvailable:", "Zswapped:           2048 kB\nMemAvailable:"},
            {VMSTAT, "pgscan_direct 0", "pgscan_direct 3"},
            {VMSTAT, "workingset_refault_anon 0", "workingset_refault_anon 5"}},
        .target_url = URL};
    struct quality quality;
    judge(&s, &quality);
    ck_assert(value_of(&quality, SENSOR_TEMPERATURE) == 48);    /* the disk's 61.85 is nobody's concern */
    ck_assert(value_of(&quality, SENSOR_BATTERY_CHARGE) == 80); /* nor is the mouse */
    ck_assert(value_of(&quality, SENSOR_POWER_PROFILE) == 1);
    ck_assert(value_of(&quality, SENSOR_ON_BATTERY) == 0);
    ck_assert(value_of(&quality, SENSOR_CPU_BOOST) == 1);
    ck_assert(value_of(&quality, SENSOR_CPU_GOVERNOR_PERFORMANCE) == 0);
    ck_assert(value_of(&quality, SENSOR_CPU_FREQUENCY) == (3400e6 + 1900e6 + 1200e6) / 3);
    ck_assert(value_of(&quality, SENSOR_CPU_FREQUENCY_LIMIT) == (4700e6 + 4700e6 + 3500e6) / 3);
    ck_assert(value_of(&quality, SENSOR_THERMAL_THROTTLES) == 3 + 4 + 7); /* the package once */
    ck_assert(value_of(&quality, SENSOR_COOLING_LIMITS) == 0);
    ck_assert(value_of(&quality, SENSOR_LOAD_1M) == 0.42);
    ck_assert(value_of(&quality, SENSOR_FILES_OPEN) == 14112);
    ck_assert(value_of(&quality, SENSOR_ZRAM_STORED) == 4096);
    ck_assert(value_of(&quality, SENSOR_MAJOR_FAULTS) == 2211);
    ck_assert(value_of(&quality, SENSOR_DIRECT_RECLAIMS) == 42);
    ck_assert(value_of(&quality, SENSOR_CPU_PRESSURE_SOME) == 91);
    ck_assert(value_of(&quality, SENSOR_MAJOR_FAULTS_TARGET) >= 0);
    ck_assert(value_of(&quality, SENSOR_ZSWAP_STORED) == 2048 * 1024);
    ck_assert(value_of(&quality, SENSOR_DIRECT_SCANS) == 3 * (double)sysconf(_SC_PAGESIZE));
    ck_assert(value_of(&quality, SENSOR_ANONYMOUS_REFAULTS) == 5 * (double)sysconf(_SC_PAGESIZE));
    ck_assert(value_of(&quality, SENSOR_MEMORY_PRESSURE_SOME_GROUP) == 0.25);
    ck_assert(value_of(&quality, SENSOR_MEMORY_PRESSURE_FULL_GROUP) == 0.125);
    ck_assert(value_of(&quality, SENSOR_IO_PRESSURE_FULL_GROUP) == 0.5);
    ck_assert(value_of(&quality, SENSOR_CPU_PRESSURE_SOME_GROUP) == 4);
    ck_assert(value_of(&quality, SENSOR_SWAP_USED_GROUP) == 65536);
    ck_assert(value_of(&quality, SENSOR_MEMORY_PEAK_GROUP) == 734003200);
}

static void a_machine_without_such_sensors_says_so(void)
{
    static const enum sensor_id absent[] = {SENSOR_CPU_FREQUENCY, SENSOR_CPU_FREQUENCY_SHORTFALL,
        SENSOR_CPU_BOOST, SENSOR_CPU_GOVERNOR_PERFORMANCE, SENSOR_THERMAL_THROTTLES, SENSOR_COOLING_LIMITS,
        SENSOR_TEMPERATURE, SENSOR_ON_BATTERY, SENSOR_BATTERY_CHARGE, SENSOR_POWER_PROFILE,
        SENSOR_ZRAM_STORED, SENSOR_DISK_FREE, SENSOR_IO_PRESSURE_FULL, SENSOR_LOAD_1M};
    struct scenario s = {.name = "bare", .tree = "container_v1"};
    struct quality quality;
    judge(&s, &quality);
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++) {
        const struct reading *r = &quality.findings[absent[i]].reading;
        ck_assert_msg(r->status == SENSOR_UNAVAILABLE && r->reason[0] && r->value == 0, "%s: %s",
            sensor_table[absent[i]].name, r->reason);
    }
}

/* Which binds although nobody is killed for it. */
static void what_a_group_may_hold_unhindered_is_a_limit(void)
{
    struct scenario s = {
        .name = "high", .tree = "pod_v2", .before = {{"/sys/fs/cgroup/memory.high", NULL, "2147483648\n"}}};
    struct quality quality;
    judge(&s, &quality);
    ck_assert(value_of(&quality, SENSOR_MEMORY_AVAILABLE_GROUP) == 2147483648.0 - 1000000000.0);
}

/* Memory's controller on version 1, and the other hierarchy beside it. */
static void a_group_of_version_1_has_other_files(void)
{
    static const char group[] = "/sys/fs/cgroup/memory/batch/job-7/";
    struct scenario s = {.name = "group v1", .tree = "hybrid_v1"};
    struct quality quality;
    const char *root = tree_of(s.tree);
    char stat[128], peak[128];
    snprintf(stat, sizeof stat, "%smemory.stat", group);
    snprintf(peak, sizeof peak, "%smemory.max_usage_in_bytes", group);
    tree_write(root, stat, "cache 1\ntotal_cache 2\ntotal_swap 4096\n");
    tree_write(root, peak, "8192\n");
    tree_write(root, "/sys/fs/cgroup/unified/cgroup.events", "populated 1\nfrozen 0\n");
    tree_write(root, "/sys/fs/cgroup/unified/memory.pressure",
        "some avg10=0.00 avg60=0.00 avg300=0.00 total=7000000\nfull avg10=0.00 avg60=0.00 avg300=0.00 "
        "total=0\n");
    judge(&s, &quality);
    ck_assert(value_of(&quality, SENSOR_SWAP_USED_GROUP) == 4096);
    ck_assert(value_of(&quality, SENSOR_MEMORY_PEAK_GROUP) == 8192);
    ck_assert(value_of(&quality, SENSOR_MEMORY_PRESSURE_SOME_GROUP) == 7);
    ck_assert_str_eq(
        quality.findings[SENSOR_IO_PRESSURE_FULL_GROUP].reading.reason, "No such file or directory");
    tree_remove(
        root, "/sys/fs/cgroup/unified/cgroup.events"); /* the root has none: it is the machine itself */
    judge(&s, &quality);
    ck_assert_str_eq(quality.findings[SENSOR_MEMORY_PRESSURE_SOME_GROUP].reading.reason,
        "no control group of our own in version 2");
    tree_remove(root, "/sys/fs/cgroup/unified");
    tree_remove(root, stat);
    tree_remove(root, peak);
}

static void a_server_is_found_behind_many_other_listeners(void)
{
    struct buf table = BUF_INIT(1 << 16);
    buf_append_text(&table, "  sl  local_address rem_address   st\n");
    for (int i = 0; i < 100; i++)
        buf_printf(&table,
            "%4d: 0100007F:%04X 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 %d "
            "1\n",
            i, i == 99 ? 8080 : 10000 + i, i == 99 ? 4711 : 100000 + i);
    struct scenario s = {.name = "many listeners",
        .tree = "laptop",
        .before = {{"/proc/net/tcp", NULL, buf_text(&table)}},
        .target_url = URL};
    struct quality quality;
    judge(&s, &quality);
    ck_assert_str_eq(quality.findings[SENSOR_CPU_TARGET].reading.reason, "");
    buf_fini(&table);
}

static void a_port_held_by_a_forwarder_is_unattributed(void)
{
    struct scenario s = {.name = "forwarder",
        .tree = "laptop",
        .before = {{"/proc/200/comm", NULL, "docker-proxy\n"}},
        .target_url = URL};
    struct quality quality;
    judge(&s, &quality);
    ck_assert_str_eq(quality.findings[SENSOR_CPU_FOREIGN].reading.reason,
        "unattributed: docker-proxy only forwards to the server");
}

/* Started on demand: the manager, whose descendants all processes are, holds the socket beside the server or alone. */
static void a_socket_that_systemd_keeps_is_the_servers(void)
{
    char link[PATH_MAX];
    const char *root = tree_of("laptop");
    struct scenario s = {.name = "on demand",
        .tree = "laptop",
        .before = {{"/proc/1/comm", NULL, "systemd\n"}},
        .after = {{STAT, CPU, "cpu  200300 1000 100100 4007600 5000 0 500 0 0 0"}},
        .target_url = URL};
    struct quality quality;
    tree_write(root, "/proc/1/fd/0", "");
    ck_assert_int_lt(snprintf(link, sizeof link, "%s/proc/1/fd/45", root), PATH_MAX);
    ck_assert_int_eq(symlink("socket:[4711]", link), 0);
    judge(&s, &quality);
    ck_assert(value_of(&quality, SENSOR_CPU_TARGET) == 492); /* of 200 and 201 */
    ck_assert_str_eq(quality.flags[0], "degraded_cpu_foreign");
    s.before[1] = (struct edit){"/proc/200/fd", NULL, NULL};
    judge(&s, &quality);
    ck_assert_str_eq(quality.findings[SENSOR_CPU_TARGET].reading.reason,
        "unattributed: systemd holds the listening socket, and no server in sight does");
    tree_restore(root, "laptop", "/proc/1");
}

static void a_server_that_ends_leaves_foreign_work_unattributed(void)
{
    struct scenario s = {
        .name = "restart", .tree = "laptop", .after = {{"/proc/200", NULL, NULL}}, .target_url = URL};
    struct quality quality;
    judge(&s, &quality);
    ck_assert_int_eq(quality.findings[SENSOR_CPU_FOREIGN].reading.status, SENSOR_UNAVAILABLE);
    ck_assert_str_eq(
        quality.findings[SENSOR_CPU_TARGET].reading.reason, "unattributed: the server's process ended");
}

static void every_rule_has_a_flag_of_the_record_schema(void)
{
    struct error why = {0};
    struct json_object *schema, *flags;
    ck_assert_int_eq(json_read_file(testkit_path("schemas/record.schema.json"), &schema, &why), STATUS_OK);
    flags = json_get_array(schema, "/$defs/flags/items/enum");
    ck_assert_ptr_nonnull(flags);
    for (size_t i = 0; i < quality_rule_count; i++) {
        bool found = false;
        for (size_t k = 0; k < json_object_array_length(flags); k++)
            found |= strcmp(json_object_get_string(json_object_array_get_idx(flags, k)),
                         quality_rules[i].flag) == 0;
        ck_assert_msg(found, "%s", quality_rules[i].flag);
        ck_assert(
            quality_rules[i].verdict == QUALITY_DEGRADED || quality_rules[i].verdict == QUALITY_INVALID);
    }
    json_object_put(schema);
}

static void the_documentation_names_every_sensor_flag_and_kind(void)
{
    char words[64];
    struct buf page = testkit_read(testkit_path("docs/machine-quality.md"));
    for (size_t i = 0; i < SENSOR_COUNT; i++) {
        snprintf(words, sizeof words, "`%s`", sensor_table[i].name);
        ck_assert_msg(strstr(buf_text(&page), words) != NULL, "%s", words);
    }
    for (size_t i = 0; i < quality_rule_count; i++) {
        const struct quality_rule *rule = &quality_rules[i];
        snprintf(words, sizeof words, " %s | `%s` |",
            rule->verdict == QUALITY_INVALID ? "invalid" : "degraded", rule->flag);
        ck_assert_msg(strstr(buf_text(&page), words) != NULL, "%s", words);
    }
    buf_fini(&page);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        {"each_scenario_gets_its_verdict_and_flags", each_scenario_gets_its_verdict_and_flags, 60},
        TESTKIT_TEST(a_flag_names_its_sensor_with_delta_threshold_and_reason),
        TESTKIT_TEST(a_reason_gives_rounded_figures_with_their_units),
        TESTKIT_TEST(an_absent_sensor_has_a_reason_and_no_value),
        TESTKIT_TEST(unknown_has_no_flags_in_json_either),
        TESTKIT_TEST(a_zeroed_verdict_is_unknown),
        TESTKIT_TEST(a_server_elsewhere_or_unseen_changes_what_is_foreign),
        TESTKIT_TEST(the_host_of_a_server_elsewhere_is_not_ours),
        TESTKIT_TEST(context_is_read_as_it_stands),
        TESTKIT_TEST(a_machine_without_such_sensors_says_so),
        TESTKIT_TEST(what_a_group_may_hold_unhindered_is_a_limit),
        TESTKIT_TEST(a_group_of_version_1_has_other_files),
        TESTKIT_TEST(a_server_is_found_behind_many_other_listeners),
        TESTKIT_TEST(a_port_held_by_a_forwarder_is_unattributed),
        TESTKIT_TEST(a_socket_that_systemd_keeps_is_the_servers),
        TESTKIT_TEST(a_server_that_ends_leaves_foreign_work_unattributed),
        TESTKIT_TEST(every_rule_has_a_flag_of_the_record_schema),
        TESTKIT_TEST(the_documentation_names_every_sensor_flag_and_kind),
        {0},
    };
    return testkit_run("quality", tests);
}
