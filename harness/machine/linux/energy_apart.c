#include "energy_apart.h"

#include "clock.h"
#include "errand.h"
#include "fs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PERIOD_NS (20 * NS_PER_MS)

struct value {
    bool ok;
    double value;
    int64_t at_ns;
    char reason[ENERGY_REASON_SIZE];
};

struct told {
    size_t count;
    struct energy_source
        sources[ENERGY_SOURCES_MAX]; /* what they are; ops and state mean nothing to the parent */
    bool readable[ENERGY_SOURCES_MAX];
    struct value values[ENERGY_SOURCES_MAX];
};

/* One for all sources that it lists; the last of them that is closed ends it. */
struct apart {
    struct errand *errand;
    size_t users;
    int64_t due_ns;
    char lost[ENERGY_REASON_SIZE];
    struct value values[ENERGY_SOURCES_MAX];
};

struct meter {
    struct apart *apart;
    size_t at;
};

static void list_here(struct energy_list *list)
{
    energy_hwmon_list(list);
    energy_battery_list(list);
}

/* ---- in the errand ---- */

static void read_all(struct energy_source *sources, struct told *told)
{
    for (size_t i = 0; i < told->count; i++) {
        struct value *v = &told->values[i];
        if (!sources[i].ops)
            continue;
        v->at_ns = clock_mono_ns(clock_system());
        v->reason[0] = '\0';
        v->ok = sources[i].ops->read(&sources[i], &v->value, v->reason);
    }
}

static void serve(struct errand_side *side, void *memory, const void *arg)
{
    static struct energy_source sources[ENERGY_SOURCES_MAX]; /* large, and once in such a process */
    struct told *told = memory;
    struct energy_list list = {.root = arg, .sources = sources, .max = ENERGY_SOURCES_MAX};
    list_here(&list);
    told->count = list.count;
    memcpy(told->sources, sources, list.count * sizeof *sources);
    for (size_t i = 0; i < list.count; i++)
        told->readable[i] = sources[i].ops != NULL;
    while (errand_next(side))
        read_all(sources, told);
    energy_sources_close(sources, list.count);
}

/* ---- at home ---- */

static void ask(struct apart *a, int64_t now_ns)
{
    const struct told *told = errand_memory(a->errand);
    bool told_now = errand_ask(a->errand, ERRAND_PATIENCE_NS) != ERRAND_SILENT;
    a->due_ns = now_ns + PERIOD_NS;
    a->lost[0] = '\0';
    if (told_now)
        memcpy(a->values, told->values, sizeof a->values);
    else
        (void)errand_lost(a->errand, a->lost, sizeof a->lost);
}

static bool read_meter(struct energy_source *source, double *value, char reason[ENERGY_REASON_SIZE])
{
    const struct meter *m = source->state;
    int64_t now_ns = clock_mono_ns(clock_system());
    if (now_ns >= m->apart->due_ns)
        ask(m->apart, now_ns);
    const struct value *v = &m->apart->values[m->at];
    const char *why = m->apart->lost[0] ? m->apart->lost : v->reason;
    *value = v->value;
    source->at_ns = v->at_ns;
    if (v->ok && !m->apart->lost[0])
        return true;
    snprintf(reason, ENERGY_REASON_SIZE, "%s", why);
    return false;
}

static void leave(struct apart *a)
{
    if (a->users-- > 1)
        return;
    errand_end(a->errand);
    free(a);
}

static void close_meter(struct energy_source *source)
{
    struct meter *m = source->state;
    leave(m->apart);
    free(m);
}

static const struct energy_ops meter_ops = {.read = read_meter, .close = close_meter};

static void add_meter(struct energy_list *list, struct apart *a, const struct told *told, size_t i)
{
    struct energy_source *source = energy_list_next(list, told->sources[i].unit, told->sources[i].part);
    struct meter *m = source && told->readable[i] ? malloc(sizeof *m) : NULL;
    if (!source)
        return;
    *source = told->sources[i];
    source->ops = NULL;
    source->state = NULL;
    if (!m)
        return; /* the reason says why */
    *m = (struct meter){a, i};
    a->users++;
    source->state = m;
    source->ops = &meter_ops;
}

/* They cannot even be listed. */
static void add_lost(struct energy_list *list, const struct errand *errand)
{
    struct energy_source *source = energy_list_next(list, ENERGY_WATTS, ENERGY_MACHINE);
    if (!source)
        return;
    energy_name_append(source, "meters");
    snprintf(source->method, sizeof source->method, "/sys/class/hwmon, /sys/class/power_supply");
    if (!errand_lost(errand, source->reason, sizeof source->reason))
        snprintf(source->reason, sizeof source->reason, "%s", errand_unread(ERRAND_METERS));
}

static void list_apart(struct energy_list *list, struct apart *a, int64_t deadline_ns)
{
    const struct told *told = errand_memory(a->errand);
    if (errand_ask_first(a->errand, deadline_ns) != ERRAND_TOLD) {
        add_lost(list, a->errand);
        return;
    }
    memcpy(a->values, told->values, sizeof a->values);
    for (size_t i = 0; i < told->count; i++)
        add_meter(list, a, told, i);
}

static int stop_at_first(const char *name, void *arg)
{
    bool *any = arg;
    *any = *any || name[0] != '.';
    return *any;
}

/* Is there anything to be listed? Most servers and virtual machines have neither. */
static bool any_below(const char *root, const char *folder)
{
    char path[640];
    bool any = false;
    snprintf(path, sizeof path, "%s%s", root, folder);
    (void)!fs_list(path, stop_at_first, &any, NULL);
    return any;
}

void energy_apart_list(struct energy_list *list, int64_t deadline_ns)
{
    struct errand_plan plan = {.kind = ERRAND_METERS,
        .serve = serve,
        .arg = list->root,
        .size = sizeof(struct told),
        .deadline_ns = deadline_ns};
    bool any = any_below(list->root, "/sys/class/hwmon") || any_below(list->root, "/sys/class/power_supply");
    struct apart *a = deadline_ns > 0 && any ? calloc(1, sizeof *a) : NULL;
    if (a)
        a->errand = errand_start(&plan);
    if (!a || !a->errand) {
        free(a);
        list_here(list);
        return;
    }
    a->users = 1; /* ourselves, until all are listed */
    list_apart(list, a, deadline_ns);
    leave(a);
}
