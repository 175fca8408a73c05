/*
 * energy_apart.h - meters of hwmon and batteries, which a driver or the firmware answers for: read by a process of
 * their own, for they may hang (errand.h).
 *
 *     energy_apart_list(&list, deadline_ns);      // 0: they are read here
 *
 * They are read together, and at most every 20 ms: none of them says anything new more often. Without an answer none
 * of them says anything; once the deadline has passed the reason is what it was that did not answer.
 */
#ifndef ASSAY_ENERGY_APART_H
#define ASSAY_ENERGY_APART_H

#include "energy_file.h"

void energy_apart_list(struct energy_list *list, int64_t deadline_ns);

#endif
