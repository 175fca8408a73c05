#include "load_verdict.h"

#include "text.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum unit { SECONDS, PERCENT, COUNT };
static const char *const unit_names[] = {[SECONDS] = "s", [PERCENT] = "1", [COUNT] = "count"};

#define FEWER "fewer streams, more threads, or a machine with nothing else to do"

/*
 * A late loop stamps late, so lag counts against the time to first token: 2 % of it is within what repeats of a
 * test differ by, a fifth is not. The fixed bounds are ten times what this client does when idle, and what a
 * person notices. A thread that is 80 % busy has queues of its own (1 / (1 - 0.8) = 5 times its service).
 */
static const struct row {
    struct load_bound bound;
    size_t value, reference;
    enum unit unit;
    size_t at; /* when it was, where that is known; 0: it has no moment */
} rows[] = {
    {{"loop_lag_p99_s", "the client's loop was late (p99)", FEWER, 0.002, 0.02, 0.02, 0.2,
         "the median time to first token"},
        offsetof(struct load_vitals, loop_lag_p99_s), offsetof(struct load_vitals, ttft_median_s), SECONDS},
    {{"loop_lag_max_s", "the client's loop stood still",
         "see what stopped it: swapping, a suspended process, a "
         "virtual machine without processor",
         0.1, 2, 0.5, 10, "the median time to first token"},
        offsetof(struct load_vitals, loop_lag_max_s), offsetof(struct load_vitals, ttft_median_s), SECONDS},
    {{"lateness_p99_s", "requests were sent late (p99)", FEWER, 0.005, 0.05, 0.02, 0.2,
         "the median time to first token"},
        offsetof(struct load_vitals, lateness_p99_s), offsetof(struct load_vitals, ttft_median_s), SECONDS},
    {{"cpu_share", "the client's busiest thread was busy", FEWER, 0.8, 0.95, 0, 0, NULL},
        offsetof(struct load_vitals, cpu_share), 0, PERCENT},
    {{"samples_lost", "samples could not be kept", "room in the folder for temporary files (TMPDIR)", 0, 0, 0,
         0, NULL},
        offsetof(struct load_vitals, samples_lost), 0, COUNT},
    {{"times_dropped", "of requests the moments of their tokens were not kept one by one",
         "a shorter test, or fewer and shorter answers: stalls and rates over time are seen less well", 0,
         HUGE_VAL, 0, 0, NULL},
        offsetof(struct load_vitals, times_dropped), 0, PERCENT},
    {{"local_failures", "requests failed in the client itself",
         "the error says what it had no more of: raise the limit of descriptors (ulimit -n), widen "
         "net.ipv4.ip_local_port_range, or use fewer streams",
         0, 0.001, 0, 0, NULL},
        offsetof(struct load_vitals, local_failures), 0, PERCENT},
    {{"descriptors_share", "descriptors were used up", "raise the limit (ulimit -n)", 0.9, 1, 0, 0, NULL},
        offsetof(struct load_vitals, descriptors_share), 0, PERCENT},
    {{"ports_share", "local ports were used up",
         "widen net.ipv4.ip_local_port_range, reuse connections, or use several addresses", 0.8, 1, 0, 0,
         NULL},
        offsetof(struct load_vitals, ports_share), 0, PERCENT},
    {{"missing_streams", "streams were never in flight", "look at the errors, and at the client's limits",
         0.05, 0.25, 0, 0, NULL},
        offsetof(struct load_vitals, missing_streams), 0, PERCENT},
    {{"unkept_rate", "planned requests were never started", FEWER, 0.01, 0.05, 0, 0, NULL},
        offsetof(struct load_vitals, unkept_rate), 0, PERCENT},
    /* Latencies are too short without the slowest; the client is as valid as it was. */
    {{"cut_off_share", "requests were cut off at the end, most likely the slowest", "a longer drain", 0.01,
         HUGE_VAL, 0, 0, NULL},
        offsetof(struct load_vitals, cut_off_share), 0, PERCENT},
    {{"unanswered_share", "the server had not answered requests by the end of the drain",
         "a lower rate: more was asked than it can do, and latencies lack the slowest requests", 0.01,
         HUGE_VAL, 0, 0, NULL},
        offsetof(struct load_vitals, unanswered_share), 0, PERCENT},
    {{"server_lateness_p99_s", "the server is a simulator and did not keep its schedule (p99)",
         "fewer streams, more of its threads (assay sim --threads), or processors of its own", 0.002, 0.02,
         0.02, 0.2, "the median time to first token"},
        offsetof(struct load_vitals, server_lateness_p99_s), offsetof(struct load_vitals, ttft_median_s),
        SECONDS},
    {{"stall_s", "no token came on any stream",
         "look at the server's log, and at the network: mean figures hide such a stall", 0.5, HUGE_VAL, 20, 0,
         "the median gap"},
        offsetof(struct load_vitals, stall_s), offsetof(struct load_vitals, gap_median_s), SECONDS,
        offsetof(struct load_vitals, stall_at_s)},
    {{"calibrated_error", "at such a load this client's own error of the time to first token is (p99)", FEWER,
         0.002, 0.02, 0.05, 0.5, "the median time to first token"},
        offsetof(struct load_vitals, calibrated_error), offsetof(struct load_vitals, ttft_median_s), SECONDS},
};
enum { ROWS = sizeof rows / sizeof *rows };

_Static_assert((int)ROWS <= (int)LOAD_REASONS_MAX, "each row may give a reason");

bool load_bound_at(size_t i, struct load_bound *out)
{
    if (i < ROWS)
        *out = rows[i].bound;
    return i < ROWS;
}

const char *load_fitness_name(enum load_fitness fitness)
{
    static const char *const names[] = {
        [LOAD_FIT] = "ok", [LOAD_DEGRADED] = "degraded", [LOAD_INVALID] = "invalid"};
    return names[fitness];
}

static double vital(const struct load_vitals *v, size_t offset)
{
    double value;
    memcpy(&value, (const char *)v + offset, sizeof value);
    return value;
}

/* The fixed bound, or the part of the reference where that is more. */
static double bound_of(const struct load_vitals *v, const struct row *row, bool invalid)
{
    double fixed = invalid ? row->bound.invalid : row->bound.degraded;
    double part = invalid ? row->bound.invalid_relative : row->bound.degraded_relative;
    double reference = row->bound.reference ? vital(v, row->reference) : 0;
    return isfinite(reference) && part * reference > fixed ? part * reference : fixed;
}

static void show(char *text, size_t size, double value, enum unit unit)
{
    char figure[32];
    if (unit == SECONDS) {
        text_format_duration(text, size, value);
        return;
    }
    text_format_significant(figure, sizeof figure, unit == PERCENT ? value * 100 : value, 3);
    snprintf(text, size, "%s%s", figure, unit == PERCENT ? " %" : "");
}

/* " from 10.2 s of the test on"; nothing where it has no moment. */
static void show_moment(char *text, size_t size, const struct load_vitals *v, const struct row *row)
{
    double at_s = row->at ? vital(v, row->at) : (double)NAN;
    char figure[32];
    *text = 0;
    if (!isfinite(at_s))
        return;
    text_format_decimal(figure, sizeof figure, at_s, 2);
    snprintf(text, size, " from second %s of the test", figure);
}

static void add_reason(const struct load_vitals *v, const struct row *row, enum load_fitness fitness,
    double measured, double bound, struct load_verdict *out)
{
    char has[48], may[48], when[64];
    struct load_reason *r = &out->reasons[out->count++];
    *r = (struct load_reason){.fitness = fitness,
        .name = row->bound.name,
        .unit = unit_names[row->unit],
        .measured = measured,
        .bound = bound};
    show(has, sizeof has, measured, row->unit);
    show(may, sizeof may, bound, row->unit);
    show_moment(when, sizeof when, v, row);
    snprintf(r->text, sizeof r->text, "%s: %s%s, where %s is allowed; %s", row->bound.what, has, when, may,
        row->bound.advice);
    if (fitness > out->fitness)
        out->fitness = fitness;
}

static void judge_all(const struct load_vitals *v, enum load_fitness wanted, struct load_verdict *out)
{
    for (size_t i = 0; i < ROWS; i++) {
        double measured = vital(v, rows[i].value);
        double degraded = bound_of(v, &rows[i], false), invalid = bound_of(v, &rows[i], true);
        enum load_fitness fitness = measured > invalid    ? LOAD_INVALID
                                    : measured > degraded ? LOAD_DEGRADED
                                                          : LOAD_FIT; /* NAN is neither */
        if (fitness == wanted)
            add_reason(v, &rows[i], fitness, measured, wanted == LOAD_INVALID ? invalid : degraded, out);
    }
}

void load_verdict_judge(const struct load_vitals *vitals, struct load_verdict *out)
{
    *out = (struct load_verdict){.fitness = LOAD_FIT};
    judge_all(vitals, LOAD_INVALID, out);
    judge_all(vitals, LOAD_DEGRADED, out);
}

const struct load_reason *load_verdict_reason(const struct load_verdict *verdict, const char *name)
{
    for (size_t i = 0; i < verdict->count; i++)
        if (strcmp(verdict->reasons[i].name, name) == 0)
            return &verdict->reasons[i];
    return NULL;
}

const struct load_reason *load_verdict_own_failure(const struct load_verdict *verdict)
{
    static const char *const own[] = {"local_failures", "descriptors_share", "ports_share", "loop_lag_p99_s",
        "loop_lag_max_s", "lateness_p99_s", "samples_lost"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        const struct load_reason *r = load_verdict_reason(verdict, own[i]);
        if (r && r->fitness == LOAD_INVALID)
            return r;
    }
    return NULL;
}
