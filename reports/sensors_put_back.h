/*
 * sensors_put_back.h - sensors that the machine did not offer, and where the others were read, stand in run.json once
 * (`sensors_unavailable`, `sensor_sources`); here each record gets them back, so that whoever looks for a sensor finds
 * where it was read, or why it was not.
 *
 *     if (!sensors_put_back(run, record)) ...        // no memory
 *
 * What the record says itself wins. A test during which nothing was sampled has no sensors, and gets none.
 */
#ifndef ASSAY_SENSORS_PUT_BACK_H
#define ASSAY_SENSORS_PUT_BACK_H

#include <stdbool.h>

struct json_object;

/* run may be NULL, without the lists, or that of another run than the record's: then nothing is put back. */
bool sensors_put_back(const struct json_object *run, struct json_object *record);

#endif
