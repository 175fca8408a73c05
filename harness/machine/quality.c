#include "quality.h"

#include "quality_words.h"

#include "json.h"

#include <math.h>
#include <string.h>

/*
 * Every threshold of the project's machine quality, with the reason for its number.
 *
 * - Swap: the counters stand still on a machine that has enough memory, so any movement says that it has not.
 * Pages written out cost little at first (degraded), above 1 MiB/s the disk is part of the measurement. A
 * page read back made somebody wait for the disk: what was measured then is the disk.
 * - Pressure: on a healthy machine `some` stays under a few thousandths of the time, 1 % shifts a median
 * visibly. `full` means that nothing at all ran: 0.1 % is 1 ms in each second, the size of what is being
 * measured. The control group's own `some` counts like the machine's; its `full` does not, for where few tasks run
 * it is hardly more than `some`.
 * - Available memory: below a twentieth the kernel drops file pages, mapped model weights among them, to keep
 * its reserves; it counts only where memory fell inside the window, for without that the state was there
 * before.
 * - Pages read again: a file page that memory had to drop and that is needed once more, mapped weights among them.
 * 16 MiB per second keep an ordinary SSD busy for 3 % of the time; a page now and then is everyday life.
 * - Direct reclaim, limits of a control group: somebody who wanted memory had to free some first, which takes from
 * 0.1 ms to 10 ms; ten per second are about the 1 % of the time that pressure may have, and are seen where a kernel
 * has no pressure counters too.
 * - Zswap: the same as swap, but the processor packs and unpacks instead of the disk: degraded, not invalid.
 * - Disk: 5 % of the time in which whatever wanted to run waited for a disk. A file system commits its journal every
 * five seconds, so a shorter window is judged as if it had that length: one commit is no habit.
 * - OOM: a killed process changes what is measured, whichever it was.
 * - Zombies: a process of ours that stays unreaped for a second is a fault of the harness or the case.
 * - Steal: 0.5 % of all cores is 5 ms per second and core in which nothing could run; at 2 % tails are the
 *   neighbour's.
 * - Foreign CPU: 5 % of one core is a program at work rather than the ticking of an idle system (1-2 %).
 * - Clock: time servers slew below 0.5 ms per second, so 10 ms at once is a step; wall-clock labels on either
 * side of it do not fit together. The machine was asleep if the clock that counts sleep ran ahead by more
 * than reading it can be off (1 ms).
 * - Quota: who is throttled stands still for the rest of the period, usually tens of milliseconds; 1 ms is what the
 * kernel's rounding makes of nothing. Above 5 % of the time the quota was measured.
 * - Heat: the counters move only when the hardware slowed itself down, and a cooling device only takes speed away
 * when a zone is beyond its trip point. One that was at work before the window is context.
 * - Clock rate: limits are set in steps of 1 % and more, and all steps count. A processor that had work all the time
 * and stayed 10 % below its guaranteed rate for two seconds is being held back; one that idles may be as slow as
 * it likes.
 * - Power: batteries feed less than chargers do, and profiles move the power limits. Running on battery is the one
 * state that counts although it was there before: the limits move as the battery empties.
 * - GPU: the counters of heat and of the supply's brake stand still on a machine that is cooled and fed as it
 *   should be. In a twentieth of the time it is no longer the GPU's speed that is measured. What the power limit
 *   holds back is not judged: under load that is how most GPUs work, and it is the same on the next run.
 * - macOS: it compresses memory all the time, so that only a rate counts, that of pages read again. "Warning" asks
 *   programs to give memory back; "critical" is when it ends some, and counts although it was there before. Under
 *   load laptops reach "moderate" heat and give up little for it; from "heavy" on they are held back, and stay so.
 */
const struct quality_rule quality_rules[] = {
    {SENSOR_SWAP_OUT, MEASURE_GROWTH, 0, QUALITY_DEGRADED, "degraded_swap", "memory was written to swap"},
    {SENSOR_SWAP_OUT, MEASURE_PER_S, 1024.0 * 1024.0, QUALITY_INVALID, "degraded_swap",
        "so much was written to swap that the disk was measured"},
    {SENSOR_SWAP_IN, MEASURE_GROWTH, 0, QUALITY_INVALID, "degraded_swap",
        "memory was read back from swap: somebody waited for the disk"},
    {SENSOR_MEMORY_PRESSURE_SOME, MEASURE_SHARE, 0.01, QUALITY_DEGRADED, "degraded_memory",
        "tasks waited for memory"},
    {SENSOR_MEMORY_PRESSURE_FULL, MEASURE_SHARE, 0.001, QUALITY_INVALID, "degraded_memory",
        "all tasks at once waited for memory"},
    {SENSOR_MEMORY_AVAILABLE, MEASURE_LOW_SHARE, 0.95, QUALITY_DEGRADED, "degraded_memory",
        "memory ran so low that file pages are dropped, model weights among them"},
    {SENSOR_MEMORY_AVAILABLE_GROUP, MEASURE_LOW_SHARE, 0.95, QUALITY_DEGRADED, "degraded_memory",
        "the control group's memory ran low"},
    {SENSOR_OOM_KILLS, MEASURE_GROWTH, 0, QUALITY_INVALID, "degraded_oom",
        "a process was killed for want of memory"},
    {SENSOR_OOM_KILLS_GROUP, MEASURE_GROWTH, 0, QUALITY_INVALID, "degraded_oom",
        "a process of our control group was killed for want of memory"},
    {SENSOR_ZOMBIES_OURS, MEASURE_LASTING, 0, QUALITY_DEGRADED, "degraded_zombies",
        "processes of ours ended and were not reaped"},
    {SENSOR_CPU_STEAL, MEASURE_CPU_SHARE, 0.005, QUALITY_DEGRADED, "degraded_cpu_steal",
        "the hypervisor gave CPU time to others"},
    {SENSOR_CPU_STEAL, MEASURE_CPU_SHARE, 0.02, QUALITY_INVALID, "degraded_cpu_steal",
        "the hypervisor gave so much CPU time to others that tails are theirs"},
    {SENSOR_CPU_FOREIGN, MEASURE_CORE_SHARE, 0.05, QUALITY_DEGRADED, "degraded_cpu_foreign",
        "programs that do not belong to the measurement used the CPU"},
    {SENSOR_CLOCK_STEP, MEASURE_JUMP, 0.010, QUALITY_INVALID, "degraded_clock", "the wall clock was set"},
    {SENSOR_CLOCK_SUSPEND, MEASURE_JUMP, 0.001, QUALITY_INVALID, "degraded_clock",
        "the machine was suspended"},
    {SENSOR_CACHE_REFAULTS, MEASURE_PER_S, 16 * 1024.0 * 1024.0, QUALITY_DEGRADED, "degraded_memory",
        "file pages that memory had to drop, model weights among them, were read from the disk again"},
    {SENSOR_DIRECT_RECLAIMS, MEASURE_PER_S, 10, QUALITY_DEGRADED, "degraded_memory",
        "programs had to free memory before they got some"},
    {SENSOR_MEMORY_LIMIT_HITS_GROUP, MEASURE_PER_S, 10, QUALITY_DEGRADED, "degraded_memory",
        "the control group ran into its memory limit"},
    {SENSOR_MEMORY_PRESSURE_SOME_GROUP, MEASURE_SHARE, 0.01, QUALITY_DEGRADED, "degraded_memory",
        "tasks of the control group waited for memory"},
    {SENSOR_ZSWAP_OUT, MEASURE_GROWTH, 0, QUALITY_DEGRADED, "degraded_swap",
        "memory was packed into compressed swap"},
    {SENSOR_ZSWAP_IN, MEASURE_GROWTH, 0, QUALITY_DEGRADED, "degraded_swap",
        "memory was unpacked from compressed swap: somebody waited for it"},
    {SENSOR_IO_PRESSURE_FULL, MEASURE_SHARE, 0.05, QUALITY_DEGRADED, "degraded_io",
        "all that wanted to run waited for a disk", .least_s = 5},
    {SENSOR_CPU_THROTTLED_GROUP, MEASURE_GROWTH, 0.001, QUALITY_DEGRADED, "degraded_throttle",
        "the CPU quota of the control group kept it standing"},
    {SENSOR_CPU_THROTTLED_GROUP, MEASURE_SHARE, 0.05, QUALITY_INVALID, "degraded_throttle",
        "the control group stood so long that its CPU quota was measured"},
    {SENSOR_THERMAL_THROTTLES, MEASURE_GROWTH, 0, QUALITY_DEGRADED, "degraded_throttle",
        "processors slowed down for heat"},
    {SENSOR_THERMAL_THROTTLE_TIME, MEASURE_GROWTH, 0, QUALITY_DEGRADED, "degraded_throttle",
        "processors that had slowed down for heat recovered"},
    {SENSOR_COOLING_LIMITS, MEASURE_RISE, 0, QUALITY_DEGRADED, "degraded_throttle",
        "the system slowed processors down to cool them"},
    {SENSOR_CPU_FREQUENCY_LIMIT, MEASURE_JUMP_SHARE, 0.01, QUALITY_DEGRADED, "degraded_frequency",
        "the highest clock rate allowed was changed"},
    {SENSOR_CPU_FREQUENCY_SHORTFALL, MEASURE_HIGHEST_SHARE, 0.1, QUALITY_DEGRADED, "degraded_frequency",
        "busy processors were held below their base clock rate"},
    {SENSOR_CPU_BOOST, MEASURE_JUMP, 0, QUALITY_DEGRADED, "degraded_frequency", "boost was switched"},
    {SENSOR_CPU_GOVERNOR_PERFORMANCE, MEASURE_JUMP, 0, QUALITY_DEGRADED, "degraded_frequency",
        "the governor of clock rates was changed"},
    {SENSOR_ON_BATTERY, MEASURE_HIGHEST, 0, QUALITY_DEGRADED, "degraded_power",
        "the machine ran on its battery"},
    {SENSOR_POWER_PROFILE, MEASURE_JUMP, 0, QUALITY_DEGRADED, "degraded_power",
        "the power profile was changed"},
    {SENSOR_GPU_THROTTLE_THERMAL, MEASURE_GROWTH, 0, QUALITY_DEGRADED, "degraded_throttle",
        "a GPU slowed itself down for heat"},
    {SENSOR_GPU_THROTTLE_THERMAL, MEASURE_SHARE, 0.05, QUALITY_INVALID, "degraded_throttle",
        "a GPU was too hot to work at its speed"},
    {SENSOR_GPU_THROTTLE_BRAKE, MEASURE_GROWTH, 0, QUALITY_DEGRADED, "degraded_throttle",
        "the power supply made a GPU slow down"},
    {SENSOR_GPU_THROTTLE_BRAKE, MEASURE_SHARE, 0.05, QUALITY_INVALID, "degraded_throttle",
        "the power supply kept a GPU slow"},
    {SENSOR_MEMORY_PRESSURE_LEVEL, MEASURE_RISE, 0, QUALITY_DEGRADED, "degraded_memory",
        "the system asked programs to give memory back"},
    {SENSOR_MEMORY_PRESSURE_LEVEL, MEASURE_HIGHEST, 1, QUALITY_INVALID, "degraded_oom",
        "memory was so short that the system ends programs"},
    {SENSOR_THERMAL_PRESSURE, MEASURE_RISE, 0, QUALITY_DEGRADED, "degraded_throttle",
        "the system began to hold back for heat"},
    {SENSOR_THERMAL_PRESSURE, MEASURE_HIGHEST, 1, QUALITY_INVALID, "degraded_throttle",
        "the system was held back by its heat"},
    {SENSOR_COMPRESSOR_IN, MEASURE_PER_S, 16 * 1024.0 * 1024.0, QUALITY_DEGRADED, "degraded_memory",
        "memory was unpacked from the compressor: somebody waited for it"},
    {SENSOR_COMPRESSOR_OUT, MEASURE_PER_S, 16 * 1024.0 * 1024.0, QUALITY_DEGRADED, "degraded_memory",
        "memory was packed into the compressor, for want of room"},
};
const size_t quality_rule_count = sizeof quality_rules / sizeof quality_rules[0];

/* A kind of sensor without which nobody can say that the machine was fit. */
struct requirement {
    const char *name;
    bool any_will_do; /* one of the sensors is enough, else all are needed */
    enum sensor_id sensors[4];
    size_t count;
};
static const struct requirement requirements[] = {
    {"swap", false, {SENSOR_SWAP_IN, SENSOR_SWAP_OUT}, 2},
    {"memory", true, {SENSOR_MEMORY_PRESSURE_SOME, SENSOR_MEMORY_AVAILABLE, SENSOR_MEMORY_AVAILABLE_GROUP},
        3},
    {"oom", true, {SENSOR_OOM_KILLS, SENSOR_OOM_KILLS_GROUP, SENSOR_MEMORY_PRESSURE_LEVEL}, 3},
    {"zombies", false, {SENSOR_ZOMBIES_OURS}, 1},
    {"steal", false, {SENSOR_CPU_STEAL}, 1},
    {"clock", false, {SENSOR_CLOCK_STEP, SENSOR_CLOCK_SUSPEND}, 2},
};

bool quality_is_required(enum sensor_id id)
{
    for (size_t i = 0; i < sizeof requirements / sizeof requirements[0]; i++) {
        for (size_t k = 0; k < requirements[i].count; k++) {
            if (requirements[i].sensors[k] == id)
                return true;
        }
    }
    return false;
}

static bool can_be_judged(const struct span *span)
{
    return span->first.status == SENSOR_OK && span->last.status == SENSOR_OK;
}

/* Shares are of a second at least: in a shorter window one tick of a counter would already be a large share.
 */
static double window_s(const struct window *window, double least_s)
{
    double seconds = (double)(window->end_ns - window->start_ns) / 1e9;
    return fmax(seconds, fmax(least_s, 1));
}

/* Both ends of a difference of ticks are rounded down, so it may be off by one of them (1/100 s). */
static const double tick_s = 0.01;

static double share_of_cpu(const struct window *window, double growth_s)
{
    const struct span *total = &window->spans[SENSOR_CPU_TOTAL];
    double elapsed_s = (double)(window->end_ns - window->start_ns) / 1e9;
    double total_s = total->last.value - total->first.value;
    if (!can_be_judged(total) || total_s <= 0)
        return 0;
    if (elapsed_s > 0 && elapsed_s < 1)
        total_s /= elapsed_s; /* what a whole second would have had */
    return (growth_s - tick_s) / total_s;
}

/*
 * Kernels that count CPU time by looking who runs at each tick are off by about sqrt(n) of n ticks, while the
 * times of processes, which are subtracted, are exact; only what is beyond that is somebody's work.
 */
static double share_of_core(const struct window *window, double growth_s)
{
    const struct span *busy = &window->spans[SENSOR_CPU_BUSY];
    double busy_s = can_be_judged(busy) ? busy->last.value - busy->first.value : 0;
    double noise_s = busy_s > 0 ? sqrt(busy_s * tick_s) : 0;
    return (growth_s - noise_s) / window_s(window, 1);
}

/* How much of the total was in use at worst, where memory fell inside the window; else 0. */
static double share_in_use(const struct span *span, double total)
{
    double fell = span->first.value - span->low;
    if (total <= 0 || fell < total / 100)
        return 0;
    return 1 - span->low / total;
}

static double jump_of(const struct span *span)
{
    return fmax(span->high - span->first.value, span->first.value - span->low);
}

static double measure(const struct window *window, const struct quality_rule *rule)
{
    const struct span *span = &window->spans[rule->sensor];
    double growth = span->last.value - span->first.value;
    switch (rule->measure) {
    case MEASURE_GROWTH:
        return growth;
    case MEASURE_PER_S:
    case MEASURE_SHARE:
        return growth / window_s(window, rule->least_s);
    case MEASURE_CPU_SHARE:
        return share_of_cpu(window, growth);
    case MEASURE_CORE_SHARE:
        return share_of_core(window, growth);
    case MEASURE_JUMP:
        return jump_of(span);
    case MEASURE_JUMP_SHARE:
        return span->first.value > 0 ? jump_of(span) / span->first.value : 0;
    case MEASURE_RISE:
        return span->high - span->first.value;
    case MEASURE_HIGHEST:
    case MEASURE_HIGHEST_SHARE:
        return span->high;
    case MEASURE_LASTING:
        return fmax(span->high_lasting, span->last.value) - span->first.value;
    case MEASURE_LOW_SHARE:
        return share_in_use(span, rule->sensor == SENSOR_MEMORY_AVAILABLE_GROUP ? window->group_limit_bytes
                                                                                : window->memory_total_bytes);
    case MEASURE_NONE:
        break;
    }
    return 0;
}

static void add_flag(struct quality *quality, const char *flag)
{
    for (size_t i = 0; i < quality->flag_count; i++) {
        if (strcmp(quality->flags[i], flag) == 0)
            return;
    }
    quality->flags[quality->flag_count++] = flag;
}

static void apply_rule(const struct window *window, const struct quality_rule *rule, struct quality *quality)
{
    struct finding *finding = &quality->findings[rule->sensor];
    double measured;
    if (!can_be_judged(&window->spans[rule->sensor]))
        return;
    measured = measure(window, rule);
    bool raised = measured > rule->above;
    bool severer = !finding->rule || (raised && (!finding->raised || rule->verdict > finding->rule->verdict));
    if (severer) {
        finding->rule = rule;
        finding->measured = measured;
        finding->raised = raised;
    }
    if (raised) {
        add_flag(quality, rule->flag);
        if (rule->verdict > quality->verdict)
            quality->verdict = rule->verdict;
    }
}

static bool is_met(const struct requirement *requirement, const struct window *window)
{
    size_t good = 0;
    for (size_t i = 0; i < requirement->count; i++)
        good += can_be_judged(&window->spans[requirement->sensors[i]]);
    return requirement->any_will_do ? good > 0 : good == requirement->count;
}

/* Without any flag the machine is clean, unless nobody can know. */
static void conclude(const struct window *window, struct quality *quality)
{
    for (size_t i = 0; i < sizeof requirements / sizeof requirements[0] && !quality->missing; i++) {
        if (!is_met(&requirements[i], window))
            quality->missing = requirements[i].name;
    }
    if (quality->flag_count > 0)
        return;
    if (quality->missing)
        return;
    quality->verdict = QUALITY_CLEAN;
    add_flag(quality, "clean");
}

/* Differences of seconds keep what was measured, whole nanoseconds, and not the noise of floating point
 * behind it. */
static double delta_of(const struct span *span, enum sensor_id id)
{
    double delta = span->last.value - span->first.value;
    if (!can_be_judged(span))
        return 0;
    return strcmp(sensor_table[id].unit, "s") == 0 ? round(delta * 1e9) / 1e9 : delta;
}

bool quality_is_state(enum quality_measure measure)
{
    return measure == MEASURE_HIGHEST;
}

void quality_judge(const struct window *window, struct quality *quality)
{
    memset(quality, 0, sizeof *quality);
    for (size_t i = 0; i < SENSOR_COUNT; i++) {
        const struct span *span = &window->spans[i];
        /* a reading that failed at either end is what the record has to show */
        quality->findings[i].reading = span->first.status == SENSOR_OK ? span->last : span->first;
        quality->findings[i].delta = delta_of(span, (enum sensor_id)i);
    }
    for (size_t i = 0; i < quality_rule_count; i++)
        apply_rule(window, &quality_rules[i], quality);
    conclude(window, quality);
}

/* Of one required kind; true where it was read well enough. */
static bool was_read(const struct requirement *requirement, const struct json_object *sensors, bool unread[])
{
    size_t good = 0, bad = 0;
    for (size_t i = 0; i < requirement->count; i++) {
        struct json_object *sensor = NULL;
        const char *name = sensor_table[requirement->sensors[i]].name, *status = NULL;
        if (json_object_object_get_ex(sensors, name, &sensor))
            status = json_get_text(sensor, "/status");
        unread[i] = status != NULL && strcmp(status, "ok") != 0;
        bad += unread[i];
        good += status != NULL && !unread[i];
    }
    return requirement->any_will_do ? good > 0 : bad == 0;
}

void quality_append_unread(const struct json_object *sensors, const char *separator, struct buf *out)
{
    const char *before = "";
    for (size_t k = 0; k < sizeof requirements / sizeof requirements[0]; k++) {
        const struct requirement *r = &requirements[k];
        bool unread[sizeof r->sensors / sizeof r->sensors[0]] = {false};
        if (was_read(r, sensors, unread))
            continue;
        for (size_t i = 0; i < r->count; i++) {
            if (!unread[i])
                continue;
            buf_printf(out, "%s%s", before, sensor_table[r->sensors[i]].name);
            before = separator;
        }
    }
}

const char *quality_verdict_name(enum quality_verdict verdict)
{
    static const char *const names[] = {[QUALITY_CLEAN] = "clean",
        [QUALITY_DEGRADED] = "degraded",
        [QUALITY_INVALID] = "invalid",
        [QUALITY_UNKNOWN] = "unknown"};
    return (unsigned)verdict <= QUALITY_INVALID ? names[verdict] : "unknown";
}

static bool set_raised(struct json_object *sensor, const struct finding *finding, const char *unit)
{
    struct buf reason = BUF_INIT(1024);
    bool ok = quality_words_append(finding, unit, &reason) == STATUS_OK &&
              json_set_text(sensor, "flag", finding->rule->flag) &&
              json_set_text(sensor, "reason", buf_text(&reason));
    buf_fini(&reason);
    return ok;
}

static struct json_object *finding_to_json(
    const struct finding *finding, const struct sensor *row, enum sensor_scope scope)
{
    const struct reading *r = &finding->reading;
    struct json_object *sensor = json_object_new_object();
    bool ok = json_set_text(sensor, "status", sensor_status_name(r->status));
    ok &=
        json_set_text(sensor, "scope", sensor_scope_name(scope)) && json_set_text(sensor, "unit", row->unit);
    if (r->source)
        ok &= json_set_text(sensor, "source", r->source);
    if (r->status != SENSOR_OK) {
        ok &= json_set_text(sensor, "reason", r->reason[0] ? r->reason : "not read");
    } else {
        ok &= json_set_real(sensor, "value", r->value) && json_set_real(sensor, "delta", finding->delta);
        if (finding->rule)
            ok &= json_set_real(sensor, "threshold", finding->rule->above);
        if (finding->raised)
            ok &= set_raised(sensor, finding, row->unit);
    }
    if (ok)
        return sensor;
    json_object_put(sensor);
    return NULL;
}

/* The host of the client is not that of a server elsewhere: nobody is to take the one's state for the other's. */
static enum sensor_scope scope_of(const struct quality *quality, enum sensor_id id)
{
    const struct reading *place = &quality->findings[SENSOR_SERVER_IS_LOCAL].reading;
    bool elsewhere = place->status == SENSOR_OK && place->value == 0;
    enum sensor_scope scope = sensor_table[id].scope;
    return scope == SCOPE_HOST && elsewhere ? SCOPE_CLIENT : scope;
}

struct json_object *quality_to_json(const struct quality *quality)
{
    struct json_object *health = json_object_new_object();
    struct json_object *flags = json_object_new_array();
    struct json_object *sensors = json_object_new_object();
    bool ok = json_set_text(health, "verdict", quality_verdict_name(quality->verdict));
    for (size_t i = 0; i < quality->flag_count; i++)
        ok &= json_add_text(flags, quality->flags[i]);
    for (size_t i = 0; i < SENSOR_COUNT; i++)
        ok &= json_set(sensors, sensor_table[i].name,
            finding_to_json(&quality->findings[i], &sensor_table[i], scope_of(quality, (enum sensor_id)i)));
    ok &= json_set(health, "quality_flags", flags);
    ok &= json_set(health, "sensors", sensors);
    if (ok)
        return health;
    json_object_put(health);
    return NULL;
}
