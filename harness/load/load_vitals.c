#include "fs.h"
#include "load_verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static double quantile(struct distribution *d, double p)
{
    return d->n > 0 ? distribution_quantile(d, p) : (double)NAN;
}

/* Failures that cannot be the server's. */
static double local_failures(const struct load_counts *c)
{
    size_t asked = c->ok + c->failed;
    return asked > 0 ? (double)c->by_error[EXCHANGE_INTERNAL] / (double)asked : (double)NAN;
}

void load_vitals_add_result(struct load_vitals *v, struct load_result *r, const struct steady *steady,
    const struct steady_limits *limits, bool pauses)
{
    v->ttft_median_s = quantile(&r->values[LOAD_TTFT], 0.5);
    v->gap_median_s = quantile(&r->values[LOAD_GAP], 0.5);
    v->lateness_p99_s = quantile(&r->values[LOAD_LATENESS], 0.99);
    v->local_failures = local_failures(&r->counts);
    if (r->counts.begun > 0)
        *(steady->state == STEADY_SATURATED ? &v->unanswered_share : &v->cut_off_share) =
            (double)r->counts.cut_off / (double)r->counts.begun;
    if (!limits->open && !pauses && limits->streams > 0)
        v->missing_streams = fmax(0, 1 - (double)steady->in_flight_max / limits->streams);
    if (limits->open && r->asked_per_s > 0)
        v->unkept_rate = fmax(0, 1 - (double)r->counts.begun / (r->asked_per_s * r->rates.window_s));
}

void load_vitals_add_samples(struct load_vitals *v, const struct load_source *source)
{
    size_t ended = 0, ours = 0;
    load_source_rewind(source);
    for (const struct load_sample *s; (s = load_source_next(source)) != NULL;) {
        ended += !(s->flags & LOAD_CUT_OFF);
        ours += s->error == EXCHANGE_INTERNAL && !(s->flags & LOAD_CUT_OFF);
    }
    if (ended > 0)
        v->local_failures = (double)ours / (double)ended;
}

void load_vitals_add_limits(struct load_vitals *v, long connections)
{
    char text[64];
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur > 0)
        v->descriptors_share = (double)(connections + 32) / (double)limit.rlim_cur;
    if (fs_read_small("", "/proc/sys/net/ipv4/ip_local_port_range", text, sizeof text) <= 0)
        return;
    char *end;
    long low = strtol(text, &end, 10), high = strtol(end, NULL, 10);
    if (low > 0 && high >= low)
        v->ports_share = (double)connections / (double)(high - low + 1);
}
