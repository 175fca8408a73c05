/*
 * doctor.h - what `assay doctor` finds, as one tree that --json prints and the tables walk.
 *
 *     struct json_object *doctor = json_object_new_object();
 *     if (doctor_examine(doctor, &why) == STATUS_OK) doctor_print(doctor);
 *     json_object_put(doctor);
 */
#ifndef ASSAY_DOCTOR_H
#define ASSAY_DOCTOR_H

#include "status.h"

struct json_object;

/* Fills the object: assay, machine, sensors, missing_sensor, watching, energy, permitted, servers. STATUS_NO_MEMORY. */
enum status doctor_examine(struct json_object *doctor, struct error *e) ASSAY_MUST_CHECK;

/* Takes out whose machine it is: its name, its boot, folders. */
void doctor_anonymise(struct json_object *doctor);

/* To stdout; coloured on a terminal, without NO_COLOR in the environment. */
void doctor_print(const struct json_object *doctor);

#endif
