/*
 * run_sensors.h - sensors that a machine does not offer, and where the others are read, are told once per run
 * (`sensors_unavailable` and `sensor_sources` of run.json) and not in each of its records.
 *
 *     run_sensors_leave_out(run, record);        // record has its system_health
 *
 * Left out is what was unavailable for the very reason that run.json gives. A sensor that could be read, that failed,
 * or that was unavailable for another reason stays in the record. Reports put back what was left out
 * (reports/sensors_put_back.h).
 */
#ifndef ASSAY_RUN_SENSORS_H
#define ASSAY_RUN_SENSORS_H

struct json_object;

/* run may be NULL, or without the lists. */
void run_sensors_leave_out(const struct json_object *run, struct json_object *record);

#endif
