#include "energy_sum.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

/* An estimate of the whole that is below its parts by more than this tells of something else. */
#define PLATFORM_SLACK 0.98

const char *energy_part_name(enum energy_part part)
{
    static const char *const names[ENERGY_PART_COUNT] = {[ENERGY_MACHINE] = "machine",
        [ENERGY_PLATFORM] = "platform",
        [ENERGY_CPU] = "cpu",
        [ENERGY_MEMORY] = "memory",
        [ENERGY_GPU] = "gpu",
        [ENERGY_WITHIN] = "within",
        [ENERGY_BATTERY] = "battery"};
    return (unsigned)part < ENERGY_PART_COUNT ? names[part] : "unknown";
}

bool energy_part_parse(const char *name, enum energy_part *part)
{
    for (int i = 0; i < ENERGY_PART_COUNT; i++)
        if (strcmp(energy_part_name((enum energy_part)i), name) == 0) {
            *part = (enum energy_part)i;
            return true;
        }
    return false;
}

/* ---- is a source good for this window ---- */

static void say_gap(struct energy_told *t, const char *seconds, double window_s)
{
    char percent[32];
    text_format_decimal(percent, sizeof percent, window_s > 0 ? 100 * t->covered_s / window_s : 0, 0);
    snprintf(t->reason, sizeof t->reason, "told of %s %% of %s s only%s%.120s", percent, seconds,
        t->source->reason[0] ? ": " : "", t->source->reason);
}

static void judge_source(struct energy_told *t, double window_s)
{
    char seconds[32];
    text_format_decimal(seconds, sizeof seconds, window_s, window_s < 10 ? 1 : 0);
    t->usable = t->counted = false;
    t->reason[0] = '\0';
    if (!t->source->ops)
        snprintf(t->reason, sizeof t->reason, "%s", t->source->reason);
    else if (t->covered_s < ENERGY_COVERAGE_MIN * window_s)
        say_gap(t, seconds, window_s);
    else if (t->readings < (double)ENERGY_READINGS_MIN)
        snprintf(t->reason, sizeof t->reason, "%d readings in %s s are too few: %d are needed",
            (int)t->readings, seconds, ENERGY_READINGS_MIN);
    else
        t->usable = true;
}

/* ---- which of them count ---- */

static bool is_of(const struct energy_told *t, enum energy_part part, bool spare)
{
    return t->source->ops && t->source->part == part && t->source->spare == spare;
}

static size_t readable(const struct energy_measured *m, enum energy_part part, bool spare)
{
    size_t n = 0;
    for (size_t i = 0; i < m->count; i++)
        n += is_of(&m->told[i], part, spare);
    return n;
}

static double joules_of(const struct energy_measured *m, enum energy_part part)
{
    double sum = 0;
    for (size_t i = 0; i < m->count; i++)
        if (is_of(&m->told[i], part, false) && m->told[i].usable)
            sum += m->told[i].joules;
    return sum;
}

/* Those of a part; its spares where it has no others. */
static void count_part(struct energy_measured *m, enum energy_part part)
{
    bool spare = readable(m, part, false) == 0;
    for (size_t i = 0; i < m->count; i++)
        m->told[i].counted |= is_of(&m->told[i], part, spare);
}

static struct energy_told *first_usable(struct energy_measured *m, enum energy_part part)
{
    for (size_t i = 0; i < m->count; i++)
        if (is_of(&m->told[i], part, false) && m->told[i].usable)
            return &m->told[i];
    return NULL;
}

/* The meter of all; one that told of a part of the window only is no reason to measure something else instead. */
static struct energy_told *find_machine(struct energy_measured *m)
{
    struct energy_told *found = first_usable(m, ENERGY_MACHINE);
    for (size_t i = 0; i < m->count && !found; i++)
        if (is_of(&m->told[i], ENERGY_MACHINE, false) && m->told[i].covered_s > 0)
            found = &m->told[i];
    return found;
}

static bool platform_counts(const struct energy_measured *m)
{
    return readable(m, ENERGY_GPU, false) + readable(m, ENERGY_GPU, true) == 0 &&
           joules_of(m, ENERGY_PLATFORM) >= PLATFORM_SLACK * joules_of(m, ENERGY_CPU);
}

static void choose(struct energy_measured *m)
{
    struct energy_told *machine = find_machine(m);
    if (machine) {
        machine->counted = true;
        return;
    }
    if (first_usable(m, ENERGY_PLATFORM) && platform_counts(m)) {
        count_part(m, ENERGY_PLATFORM);
        return;
    }
    count_part(m, ENERGY_CPU);
    count_part(m, ENERGY_MEMORY);
    count_part(m, ENERGY_GPU);
}

static size_t counted(const struct energy_measured *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->count; i++)
        n += m->told[i].counted;
    return n;
}

static void explain_left_out(struct energy_measured *m)
{
    for (size_t i = 0; i < m->count; i++) {
        struct energy_told *t = &m->told[i];
        if (!t->counted && t->usable && t->source->part == ENERGY_PLATFORM)
            snprintf(t->reason, sizeof t->reason,
                "does not count: it may contain the GPU, or is less than the processor alone");
        else if (!t->counted && t->usable)
            snprintf(t->reason, sizeof t->reason, "does not count: it is part of what counts");
    }
}

/* ---- the sum ---- */

/* As much as fits. */
static void append(char text[ENERGY_TEXT_SIZE], const char *separator, const char *more)
{
    size_t len = strlen(text);
    snprintf(text + len, ENERGY_TEXT_SIZE - len, "%s%s", len ? separator : "", more);
}

static void add_up(struct energy_measured *m)
{
    for (size_t i = 0; i < m->count; i++) {
        const struct energy_told *t = &m->told[i];
        if (!t->counted)
            continue;
        double coverage = m->window_s > 0 ? t->covered_s / m->window_s : 0;
        bool first = m->names[0] == '\0';
        m->joules += t->joules;
        m->coverage = first || coverage < m->coverage ? coverage : m->coverage;
        m->readings = first || t->readings < m->readings ? t->readings : m->readings;
        m->coarse |= t->source->part == ENERGY_BATTERY;
        m->covers[t->source->part == ENERGY_BATTERY ? ENERGY_MACHINE : t->source->part] = true;
        append(m->names, " + ", t->source->name);
    }
    m->coverage = m->coverage > 1 ? 1 : m->coverage;
}

/* Of the kind that counts, where the part is covered: a spare that cannot be read leaves nothing out. */
static bool has_unreadable(const struct energy_measured *m, enum energy_part part, const char **reason)
{
    bool spare = readable(m, part, false) == 0;
    for (size_t i = 0; i < m->count; i++) {
        const struct energy_source *source = m->told[i].source;
        if (source->part != part || source->ops || (m->covers[part] && source->spare != spare))
            continue;
        *reason = source->reason;
        return true;
    }
    return false;
}

static void name_missing(struct energy_measured *m)
{
    static const struct {
        enum energy_part part;
        const char *words, *absent; /* absent: none such was found */
    } parts[] = {{ENERGY_CPU, "the processor", "the processor"}, {ENERGY_MEMORY, "memory", "memory"},
        {ENERGY_GPU, "a GPU", "GPUs (none that tells was found)"}};
    if (m->covers[ENERGY_MACHINE])
        return;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const char *reason = "";
        char words[ENERGY_REASON_SIZE + 40];
        bool within = m->covers[ENERGY_PLATFORM] && parts[i].part != ENERGY_GPU;
        if (within)
            continue;
        bool forbidden = has_unreadable(m, parts[i].part, &reason);
        if (forbidden)
            snprintf(words, sizeof words, "%s (%s)", parts[i].words, reason);
        else
            snprintf(words, sizeof words, "%s", parts[i].absent);
        if (forbidden || !m->covers[parts[i].part])
            append(m->not_covered, ", ", words);
    }
    append(m->not_covered, ", ", "disks, network, fans, losses of the power supply");
}

/* Of a source that should count, or of any that is there. */
static void explain_none(struct energy_measured *m, bool of_counted)
{
    for (size_t i = 0; i < m->count && !m->reason[0]; i++) {
        const struct energy_told *t = &m->told[i];
        if (of_counted ? t->counted && !t->usable : t->reason[0] != '\0')
            snprintf(m->reason, sizeof m->reason, "%s: %s", t->source->name, t->reason);
    }
    if (!m->reason[0])
        snprintf(m->reason, sizeof m->reason, "nothing on this machine tells what it draws");
}

static bool all_usable(const struct energy_measured *m)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->told[i].counted && !m->told[i].usable)
            return false;
    return true;
}

void energy_sum_up(struct energy_measured *m)
{
    m->joules = m->coverage = m->readings = 0;
    m->coarse = false;
    m->names[0] = m->not_covered[0] = m->reason[0] = '\0';
    memset(m->covers, 0, sizeof m->covers);
    for (size_t i = 0; i < m->count; i++)
        judge_source(&m->told[i], m->window_s);
    choose(m);
    bool last_resort = counted(m) == 0;
    if (last_resort)
        count_part(m, ENERGY_BATTERY);
    if (counted(m) == 0 || !all_usable(m)) {
        explain_none(
            m, !last_resort); /* what might count is worth more to know than why a battery does not */
    } else {
        explain_left_out(m);
        add_up(m);
        name_missing(m);
    }
}
