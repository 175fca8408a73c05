/*
 * energy_work.h - when the measured work of a test was done, how many tokens and requests it was: what its energy is
 * divided by. Filled from the journal.
 *
 *     struct energy_work *work = energy_work_new();
 *     energy_work_add_exchange(work, tally);        // of a JOURNAL_TALLY
 *     energy_work_add_load(work, load);             // of a JOURNAL_LOAD
 *     energy_work_settle(work);                     // once all are in
 *     for (size_t i = 0; i < work->count; i++) use(&work->repeats[i]);
 *     energy_work_free(work);
 *
 * The windows of a repeat are those in which a measured request was being answered, from sending it to its last
 * byte; of a load test it is the window that its figures are of. What else a repeat does - pauses, checks, counting
 * tokens - is in none. Requests that failed are in none either: their tokens are not counted.
 */
#ifndef ASSAY_ENERGY_WORK_H
#define ASSAY_ENERGY_WORK_H

#include "energy_meter.h"

struct json_object;

struct energy_repeat {
    int repeat;
    struct energy_window *windows; /* in order, none overlaps another */
    size_t count, cap;
    double tokens, requests;
    bool uncounted; /* nobody knows how many tokens one of the answers has */
};

struct energy_work {
    struct energy_repeat *repeats; /* in the order in which they began */
    size_t count, cap;
    bool loads; /* they are load tests: exchanges beside them are none of the work */
};

struct energy_work *energy_work_new(void); /* NULL: no memory */
void energy_work_free(struct energy_work *work);

/* False: no memory. What says nothing of when it was is left out. */
bool energy_work_add_exchange(struct energy_work *work, const struct json_object *tally);
bool energy_work_add_load(struct energy_work *work, const struct json_object *load);

/* Windows that overlap, as of requests at the same time, become one. */
void energy_work_settle(struct energy_work *work);

#endif
