/*
 * energy_record.h - what a test used, in its record: `energy`, and joules_per_token and joules_per_request among its
 * figures.
 *
 *     struct energy_facts facts = {.meter = meter, .idle = json_get_object(run, "/idle"),
 *         .from_ns = body, .to_ns = teardown};
 *     energy_observe(&facts, work, performance);
 *     energy_into_record(&facts, work, record);
 *
 * Where no request was measured the window is from_ns to to_ns. What the machine draws without work is taken off;
 * without a baseline there are joules, and nothing is divided. Repeats that are too short to be sampled are taken
 * together with their neighbours: a value of theirs is then of several.
 */
#ifndef ASSAY_ENERGY_RECORD_H
#define ASSAY_ENERGY_RECORD_H

#include "energy_work.h"

struct performance;

struct energy_facts {
    const struct energy_meter *meter; /* NULL: nothing was sampled */
    const struct json_object *idle;   /* energy_idle.h; NULL: there is no baseline */
    const char *elsewhere;            /* why it is not this machine that does the work; NULL where it is */
    int64_t from_ns, to_ns;           /* of the case's body; 0: it was never entered */
    const char *host;                 /* another machine, of which the meter tells; NULL: this one */
    int64_t clock_error_ns; /* of its readings' times; 0: they are of the clock that the windows are of */
};

/* A window must be so many times longer than its ends are unsure. */
#define ENERGY_WINDOW_ERRORS 20

/* False: no memory. */
bool energy_observe(
    const struct energy_facts *facts, const struct energy_work *work, struct performance *performance);
bool energy_into_record(
    const struct energy_facts *facts, const struct energy_work *work, struct json_object *record);

#endif
