/*
 * sensors_absent.h - what of a machine's sensors is the same in each test, and told once per run: those that it does
 * not offer, and where the others are read.
 *
 *     sensors_told_into(run, "");      // `sensors_unavailable` and `sensor_sources` of schemas/run.schema.json
 *
 * Those of the server are not among the first, for each test has its own; nor those of the required kinds (quality.h),
 * which decide a record's verdict and stand in it.
 */
#ifndef ASSAY_SENSORS_ABSENT_H
#define ASSAY_SENSORS_ABSENT_H

#include <stdbool.h>

struct json_object;

/* root: "" for this machine, or a folder with a captured tree. False: no memory. */
bool sensors_told_into(struct json_object *run, const char *root);

#endif
