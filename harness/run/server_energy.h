/*
 * server_energy.h - the sources of energy that a file of `assay monitor` tells of, as a meter that can be asked what
 * was used between two moments.
 *
 *     struct server_energy *energy = server_energy_new(start, period_ns);        // start: the file's first line
 *     while (...) server_energy_note(energy, json_get_object(line, "/values"), t_ns, broken);
 *     energy_meter_measure(server_energy_meter(energy), &window, 1, &measured);
 *     server_energy_free(energy);
 *
 * t_ns are moments of whatever clock the windows are of. The sums of the file are joules already, over wrap-arounds;
 * watts that its monitor read too seldom to add up leave a gap here too.
 */
#ifndef ASSAY_SERVER_ENERGY_H
#define ASSAY_SERVER_ENERGY_H

#include "energy_meter.h"

struct json_object;
struct server_energy; /* opaque */

struct server_energy *server_energy_new(
    const struct json_object *start, int64_t period_ns); /* NULL: no memory */
void server_energy_free(struct server_energy *energy);

/* broken: what lies between this sample and the one before belongs to no window. */
void server_energy_note(
    struct server_energy *energy, const struct json_object *values, int64_t t_ns, bool broken);

const struct energy_meter *server_energy_meter(const struct server_energy *energy);

#endif
