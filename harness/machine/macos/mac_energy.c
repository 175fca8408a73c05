#include "mac_energy.h"

#include "clock.h"
#include "io_report.h"
#include "mac_registry.h"
#include "powermetrics_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the sources share; the last of them that is closed frees it. */
struct shared {
    int users;
    struct mac_frameworks frameworks;
    struct io_report *report;
    mac_object battery;
    struct powermetrics *powermetrics;
    bool report_told;  /* at the last reading */
    int64_t report_ns; /* which was then */
};

struct part {
    struct shared *shared;
    int which; /* enum mac_part or enum powermetrics_power */
};

/* One reading of the report serves all its parts. */
static const int64_t FRESH_NS = 2 * NS_PER_MS;

static void read_report(struct shared *s)
{
    int64_t now_ns = clock_mono_ns(clock_system());
    if (s->report_ns > 0 && now_ns - s->report_ns < FRESH_NS)
        return;
    s->report_told = io_report_read(s->report);
    s->report_ns = now_ns;
}

static bool read_part(struct energy_source *source, double *value, char reason[ENERGY_REASON_SIZE])
{
    const struct part *p = source->state;
    read_report(p->shared);
    source->at_ns = p->shared->report_ns;
    if (p->shared->report_told && io_report_joules(p->shared->report, (enum mac_part)p->which, value))
        return true;
    snprintf(reason, ENERGY_REASON_SIZE, "IOReport gave nothing this time");
    return false;
}

static bool read_battery(struct energy_source *source, double *value, char reason[ENERGY_REASON_SIZE])
{
    const struct part *p = source->state;
    char why[MAC_REASON_SIZE];
    bool ok = mac_battery_read(&p->shared->frameworks, p->shared->battery, value, why);
    snprintf(reason, ENERGY_REASON_SIZE, "%s", why);
    return ok;
}

static bool read_powermetrics(struct energy_source *source, double *value, char reason[ENERGY_REASON_SIZE])
{
    const struct part *p = source->state;
    struct powermetrics_sample sample;
    char why[POWERMETRICS_REASON_SIZE];
    bool ok = powermetrics_latest(p->shared->powermetrics, &sample, &source->at_ns, why);
    if (ok && !sample.has_power[p->which]) {
        snprintf(why, sizeof why, "powermetrics does not tell it on this machine");
        ok = false;
    }
    *value = ok ? sample.watts[p->which] : 0;
    snprintf(reason, ENERGY_REASON_SIZE, "%s", why);
    return ok;
}

static void release(struct shared *s)
{
    if (--s->users > 0)
        return;
    io_report_close(s->report);
    powermetrics_end(s->powermetrics);
    if (s->battery)
        (void)s->frameworks.object_release(s->battery);
    free(s);
}

static void close_part(struct energy_source *source)
{
    struct part *p = source->state;
    release(p->shared);
    free(p);
}

static const struct energy_ops part_ops = {.read = read_part, .close = close_part};
static const struct energy_ops battery_ops = {.read = read_battery, .close = close_part};
static const struct energy_ops powermetrics_ops = {.read = read_powermetrics, .close = close_part};

/* ---- the list ---- */

struct list {
    struct energy_source *sources;
    size_t count, max;
};

struct row {
    int which;
    enum energy_part part;
    const char *name, *method;
};

static void add_source(struct list *list, struct shared *s, const struct row *row, enum energy_unit unit,
    const struct energy_ops *ops)
{
    struct part *p = list->count < list->max ? malloc(sizeof *p) : NULL;
    if (!p)
        return;
    *p = (struct part){s, row->which};
    struct energy_source *source = &list->sources[list->count++];
    memset(source, 0, sizeof *source);
    snprintf(source->name, sizeof source->name, "%s", row->name);
    snprintf(source->method, sizeof source->method, "%s", row->method);
    source->unit = unit;
    source->part = row->part;
    source->ops = ops;
    source->state = p;
    s->users++;
}

/* What the chip has channels for the first reading tells. */
static void add_report(struct list *list, struct shared *s, char why[MAC_REASON_SIZE])
{
    static const struct row rows[] = {
        {MAC_CPU, ENERGY_CPU, "cpu", "IOReport Energy Model, CPU Energy"},
        {MAC_ANE, ENERGY_CPU, "neural_engine", "IOReport Energy Model, ANE"},
        {MAC_DRAM, ENERGY_MEMORY, "dram", "IOReport Energy Model, DRAM"},
    };
    double joules;
    s->report = io_report_open(&s->frameworks, IO_REPORT_ENERGY, why);
    if (!s->report)
        return;
    read_report(s);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (io_report_joules(s->report, (enum mac_part)rows[i].which, &joules))
            add_source(list, s, &rows[i], ENERGY_JOULES, &part_ops);
    if (list->count == 0)
        snprintf(why, MAC_REASON_SIZE, "IOReport has no channel of the processors' energy");
}

static void add_battery(struct list *list, struct shared *s)
{
    static const struct row row = {
        0, ENERGY_BATTERY, "battery_internal", "ioreg AppleSmartBattery InstantAmperage * Voltage"};
    s->battery = mac_battery_find(&s->frameworks);
    if (s->battery)
        add_source(list, s, &row, ENERGY_WATTS, &battery_ops);
}

/* Spares: where IOReport counts the same part it is that which counts. */
static void add_powermetrics(
    struct list *list, struct shared *s, const struct mac_energy_options *options, char why[MAC_REASON_SIZE])
{
    static const struct row rows[] = {
        {POWERMETRICS_CPU, ENERGY_CPU, "powermetrics_cpu", "powermetrics, CPU Power"},
        {POWERMETRICS_ANE, ENERGY_CPU, "powermetrics_neural_engine", "powermetrics, ANE Power"},
        {POWERMETRICS_GPU, ENERGY_GPU, "powermetrics_gpu", "powermetrics, GPU Power"},
    };
    static const struct row intel[] = {
        {POWERMETRICS_PACKAGE, ENERGY_CPU, "powermetrics_package", "powermetrics, Intel package power"},
    };
    const struct row *first = options->intel ? intel : rows;
    size_t count = options->intel ? sizeof intel / sizeof *intel : sizeof rows / sizeof *rows;
    s->powermetrics = powermetrics_start(options->powermetrics_arguments, why);
    if (!s->powermetrics)
        return;
    for (size_t i = 0; i < count; i++) {
        size_t before = list->count;
        add_source(list, s, &first[i], ENERGY_WATTS, &powermetrics_ops);
        if (list->count > before)
            list->sources[before].spare = true;
    }
}

size_t mac_energy_open(const struct mac_energy_options *options, struct energy_source *sources, size_t max,
    char none[ENERGY_REASON_SIZE])
{
    struct list list = {.sources = sources, .max = max};
    struct shared *s = calloc(1, sizeof *s);
    char why[MAC_REASON_SIZE] = "no memory";
    if (s) {
        s->users = 1; /* ours, until all are listed */
        if (mac_frameworks_load(&s->frameworks, options->paths, why)) {
            add_report(&list, s, why);
            add_battery(&list, s);
            if (options->powermetrics)
                add_powermetrics(&list, s, options, why);
        }
        release(s);
    }
    snprintf(none, ENERGY_REASON_SIZE, "%s", why);
    return list.count;
}
