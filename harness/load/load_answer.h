/*
 * load_answer.h - what remains of a request that is over: its sample, and what its thread counts. Private to this
 * room.
 *
 *     load_answer_keep(thread, slot);      // once for each request, before slot->x is used again
 *
 * Where too many have failed it gives the whole test up (options.abort_fraction).
 */
#ifndef ASSAY_LOAD_ANSWER_H
#define ASSAY_LOAD_ANSWER_H

#include "load_slot.h"

void load_answer_keep(struct load_thread *t, const struct load_slot *slot);

#endif
