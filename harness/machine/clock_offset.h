/*
 * clock_offset.h - how far another machine's wall clock is ahead of ours, and how sure that is.
 *
 * A server that dates its answers (HTTP's Date, in whole seconds D) had a clock within [D, D + 1 s) at some moment
 * between sending and receiving, so it is ahead by more than D - received and less than D + 1 s - sent. Each further
 * answer narrows that; one that is sent when its second is expected to begin halves it. Where both clocks are kept by
 * NTP they differ by no more than the sum of their errors. Clocks that are not kept drift: what was found holds for the
 * moment at which it was found, and becomes less sure with the time that lies between.
 *
 *     struct clock_bounds dates = {0};
 *     while (...) clock_bounds_note(&dates, sent_ns, received_ns, date_s, 0);
 *     struct clock_offset o = clock_offset_estimate(&(struct clock_facts){.dates = &dates, .ours = clock_sync_read()});
 *     int64_t our_unix_ns = their_unix_ns - o.ahead_ns;
 */
#ifndef ASSAY_CLOCK_OFFSET_H
#define ASSAY_CLOCK_OFFSET_H

#include "clock_sync.h"

#include <stddef.h>
#include <stdint.h>

/* Theirs - ours. */
struct clock_bounds {
    int64_t low_ns, high_ns;
    size_t answers; /* 0: the others mean nothing */
};

/* sent, received: our wall clock. slack_ns: how old the date of an answer may be, of servers that renew it seldom. */
void clock_bounds_note(
    struct clock_bounds *bounds, int64_t sent_ns, int64_t received_ns, int64_t date_s, int64_t slack_ns);

/* When to ask next so that the answer tells most: not before now_ns, within a second. Our wall clock. */
int64_t clock_bounds_next_ns(const struct clock_bounds *bounds, int64_t now_ns);

/* Two clocks that nobody keeps drift apart by no more than this: quartz is good to 50 millionths or better. */
#define CLOCK_DRIFT_MAX 1e-4

struct clock_facts {
    bool same_machine;
    struct clock_sync ours, theirs;
    const struct clock_bounds *dates;
    int64_t
        age_ns; /* how long before the dates were asked for the times were taken that are to be moved, at most */
    int64_t jump_ns; /* by how much their clock was set, or stood still, meanwhile */
};

struct clock_offset {
    int64_t ahead_ns;   /* theirs - ours */
    int64_t error_ns;   /* at most; -1: nobody knows */
    const char *method; /* "same_machine", "dates", "ntp", "dates_and_ntp", "assumed" */
};

struct clock_offset clock_offset_estimate(const struct clock_facts *facts);

#endif
