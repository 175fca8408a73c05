#include "energy_meter.h"

#include "monitor_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PERIOD_NS (200 * NS_PER_MS)
/* What is slow to read is read once a second, and that late. */
#define GAP_NS (3 * NS_PER_S / 2)
#define SLEEP_NS (20 * NS_PER_MS) /* a sleep is longer */

struct energy_meter {
    const struct clock *clock;
    struct energy_source sources[ENERGY_SOURCES_MAX];
    struct energy_trail trails[ENERGY_SOURCES_MAX];
    double latest[ENERGY_SOURCES_MAX];
    bool fresh[ENERGY_SOURCES_MAX]; /* the last reading succeeded */
    size_t count;
    int64_t gap_ns, slept_most_ns; /* since boot, at most, as of the last reading */
    char none[ENERGY_REASON_SIZE];
};

void energy_sources_close(struct energy_source *sources, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (sources[i].ops && sources[i].ops->close)
            sources[i].ops->close(&sources[i]);
}

static void init_trail(struct energy_meter *m, size_t i)
{
    const struct energy_source *s = &m->sources[i];
    energy_trail_init(&m->trails[i], s->unit, s->range_j, m->gap_ns);
}

static enum status new_meter(
    const struct clock *clock, int64_t period_ns, struct energy_meter **meter, struct error *e)
{
    struct energy_meter *m = calloc(1, sizeof *m);
    *meter = m;
    if (!m)
        return error_set(e, STATUS_NO_MEMORY, "no memory to measure energy");
    m->clock = clock ? clock : clock_system();
    period_ns = period_ns > 0 ? period_ns : PERIOD_NS;
    m->gap_ns = 3 * period_ns > GAP_NS ? 3 * period_ns : GAP_NS;
    return STATUS_OK;
}

enum status energy_meter_open(
    const struct energy_meter_options *options, struct energy_meter **meter, struct error *e)
{
    enum status s = new_meter(options->clock, options->period_ns, meter, e);
    struct energy_meter *m = *meter;
    if (s != STATUS_OK)
        return s;
    m->count = energy_sources_open(
        options->root ? options->root : "", options->deadline_ns, m->sources, ENERGY_SOURCES_MAX, m->none);
    for (size_t i = 0; i < m->count; i++)
        init_trail(m, i);
    return STATUS_OK;
}

/* ---- told by somebody else ---- */

static bool cannot_be_asked(struct energy_source *source, double *value, char reason[ENERGY_REASON_SIZE])
{
    (void)source;
    *value = 0;
    snprintf(reason, ENERGY_REASON_SIZE, "it is read elsewhere");
    return false;
}

const struct energy_ops energy_told_ops = {.read = cannot_be_asked};

enum status energy_meter_new_told(int64_t period_ns, struct energy_meter **meter, struct error *e)
{
    return new_meter(NULL, period_ns, meter, e);
}

bool energy_meter_tell(struct energy_meter *meter, size_t i, int64_t t_ns, double joules, bool broken)
{
    meter->fresh[i] = energy_trail_add(&meter->trails[i], t_ns, joules, broken);
    meter->latest[i] = joules;
    return meter->fresh[i];
}

void energy_meter_close(struct energy_meter *meter)
{
    if (!meter)
        return;
    energy_sources_close(meter->sources, meter->count);
    for (size_t i = 0; i < meter->count; i++)
        energy_trail_fini(&meter->trails[i]);
    free(meter);
}

bool energy_meter_add(struct energy_meter *meter, const struct energy_source *source)
{
    struct energy_source taken = *source;
    if (meter->count == ENERGY_SOURCES_MAX) {
        energy_sources_close(&taken, 1);
        return false;
    }
    meter->sources[meter->count] = taken;
    init_trail(meter, meter->count++);
    return true;
}

size_t energy_meter_count(const struct energy_meter *meter)
{
    return meter->count;
}

const struct energy_source *energy_meter_source(const struct energy_meter *meter, size_t i)
{
    return &meter->sources[i];
}

bool energy_meter_tells(const struct energy_meter *meter)
{
    for (size_t i = 0; i < meter->count; i++)
        if (meter->sources[i].ops)
            return true;
    return false;
}

const char *energy_meter_none(const struct energy_meter *meter)
{
    return meter->none;
}

void energy_meter_begin(struct energy_meter *meter)
{
    for (size_t i = 0; i < meter->count; i++) {
        energy_trail_clear(&meter->trails[i]);
        meter->fresh[i] = false;
    }
}

/* Each source has its own moment: reading many takes a while. */
static void read_source(struct energy_meter *m, size_t i)
{
    struct energy_source *s = &m->sources[i];
    char reason[ENERGY_REASON_SIZE] = "";
    double value = 0;
    int64_t t_ns = clock_mono_ns(m->clock);
    bool ok = s->ops->read(s, &value, reason);
    m->fresh[i] = ok && energy_trail_add(&m->trails[i], s->at_ns ? s->at_ns : t_ns, value, false);
    m->latest[i] = value;
    snprintf(s->reason, sizeof s->reason, "%s", ok && !m->fresh[i] ? "it says what cannot be" : reason);
}

/* Since the last reading, beyond doubt: whoever is interrupted between two clocks has not slept. */
static bool has_slept(struct energy_meter *m)
{
    int64_t before_ns = clock_mono_ns(m->clock), boot_ns = clock_boot_ns(m->clock),
            after_ns = clock_mono_ns(m->clock);
    bool slept = boot_ns - after_ns - m->slept_most_ns > SLEEP_NS;
    m->slept_most_ns = boot_ns - before_ns;
    return slept;
}

void energy_meter_read(struct energy_meter *meter)
{
    bool slept = has_slept(meter);
    for (size_t i = 0; i < meter->count; i++) {
        if (slept)
            energy_trail_break(&meter->trails[i]);
        if (meter->sources[i].ops)
            read_source(meter, i);
    }
}

void energy_meter_each(
    const struct energy_meter *meter, void (*each)(const struct sample_value *v, void *arg), void *arg)
{
    char name[64];
    for (size_t i = 0; i < meter->count; i++) {
        const struct energy_source *s = &meter->sources[i];
        const struct energy_trail *t = &meter->trails[i];
        bool known = meter->fresh[i] && t->count > 0;
        if (!s->ops)
            continue;
        snprintf(name, sizeof name, "energy_%s_j", s->name);
        each(&(struct sample_value){name, known, known ? t->points[t->count - 1].joules : 0}, arg);
        snprintf(name, sizeof name, "power_%s_w", s->name);
        if (s->unit == ENERGY_WATTS)
            each(&(struct sample_value){name, known, meter->latest[i]}, arg);
    }
}

void energy_meter_measure(const struct energy_meter *meter, const struct energy_window *windows, size_t count,
    struct energy_measured *measured)
{
    memset(measured, 0, sizeof *measured);
    measured->count = meter->count;
    for (size_t k = 0; k < count; k++)
        measured->window_s += (double)(windows[k].to_ns - windows[k].from_ns) / 1e9;
    for (size_t i = 0; i < meter->count; i++) {
        struct energy_told *told = &measured->told[i];
        told->source = &meter->sources[i];
        for (size_t k = 0; k < count; k++) {
            struct energy_stretch s =
                energy_trail_between(&meter->trails[i], windows[k].from_ns, windows[k].to_ns);
            told->joules += s.joules;
            told->covered_s += s.covered_s;
            told->readings += s.readings;
        }
    }
    energy_sum_up(measured);
    if (meter->count == 0 && meter->none[0])
        snprintf(measured->reason, sizeof measured->reason, "%s", meter->none);
}
