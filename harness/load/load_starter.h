/*
 * load_starter.h - which request comes next, and when: of one thread, from its share of the plan. Private to this
 * room.
 *
 * What is due waits in a queue, and is started for a slice of time and at the distances of load_pace.h; what is left
 * then waits until sockets have been read. An answer makes the next one of its stream or conversation due.
 *
 *     thread->starter = loop_timer_new(loop, load_starter_run, thread);
 *     load_starter_set(thread, t_start_ns);           // from then on it sets itself
 *     load_starter_give_up(thread);                   // nothing starts any more
 */
#ifndef ASSAY_LOAD_STARTER_H
#define ASSAY_LOAD_STARTER_H

#include "load_slot.h"

void load_starter_run(void *thread); /* the timer's */
void load_starter_set(struct load_thread *t, int64_t at_ns);

/* A conversation that nothing has begun yet; later turns of those begun are no question of it. */
bool load_starter_may_begin(const struct load_thread *t, int64_t now_ns);

/* What is in flight, or in a pause, is the caller's to end. */
void load_starter_give_up(struct load_thread *t);

#endif
