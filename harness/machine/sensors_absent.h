/*
 * sensors_absent.h - the sensors that a machine does not offer, whatever is measured on it: told once per run.
 *
 *     json_set(run, "sensors_unavailable", sensors_absent_to_json(""));    // of schemas/run.schema.json
 *
 * Those of the server are not among them, for each test has its own; nor those of the required kinds (quality.h),
 * which decide a record's verdict and stand in it.
 */
#ifndef ASSAY_SENSORS_ABSENT_H
#define ASSAY_SENSORS_ABSENT_H

struct json_object;

/* root: "" for this machine, or a folder with a captured tree. NULL: no memory. The caller owns it. */
struct json_object *sensors_absent_to_json(const char *root);

#endif
