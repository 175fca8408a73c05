/*
 * in_flight.h - how many requests were under way when: each is from t_sent to t_done. One that was never sent
 * never was.
 *
 *     struct in_flight f;
 *     if (in_flight_init(&f, source, &why) != STATUS_OK) ...
 *     double mean = in_flight_mean(&f, from_ns, to_ns);
 *     in_flight_fini(&f);
 */
#ifndef ASSAY_IN_FLIGHT_H
#define ASSAY_IN_FLIGHT_H

#include "load_source.h"
#include "status.h"

struct in_flight {
    int64_t *starts, *ends; /* owned; ascending */
    size_t count;
};

enum status in_flight_init(
    struct in_flight *f, const struct load_source *source, struct error *e) ASSAY_MUST_CHECK;
void in_flight_fini(struct in_flight *f);

/* A stretch of time with the same number of requests; consecutive stretches may have the same. */
struct in_flight_stretch {
    int64_t from_ns, to_ns;
    size_t requests;
};

/* Goes through the stretches between two moments, which are whole and without gap: begin with
 * in_flight_from(). */
struct in_flight_walk {
    const struct in_flight *f;
    size_t start, end; /* the next of each */
    int64_t t_ns, to_ns;
};
struct in_flight_walk in_flight_from(const struct in_flight *f, int64_t from_ns, int64_t to_ns);
bool in_flight_next(struct in_flight_walk *walk, struct in_flight_stretch *stretch);

/* Mean over time; 0 where to_ns <= from_ns. */
double in_flight_mean(const struct in_flight *f, int64_t from_ns, int64_t to_ns);

#endif
