/* load_slot.h - a conversation: its place in the plan, what was said, the request in flight. Private to this room. */
#ifndef ASSAY_LOAD_SLOT_H
#define ASSAY_LOAD_SLOT_H

#include "load_run.h"

struct load_slot {
    struct load_thread *thread;
    struct load_slot *next; /* of idle or of ready ones */
    struct load_slot *next_of_all;
    struct exchange x;
    struct target_call *call; /* NULL: nothing is in flight */
    struct loop_timer *pause; /* made with the first one */
    size_t item;              /* of the plan */
    int64_t intended_ns;
    bool new_stream;               /* its first request is not sent yet */
    bool has_moment;               /* the plan said when, rather than the stream being free */
    struct chat_message *messages; /* of the conversation so far; contents owned */
    size_t message_count, message_cap;
    unsigned long long round; /* of a plan that goes round */
};

struct load_slot *load_slot_new(struct load_thread *thread); /* NULL: no memory */
void load_slot_free(struct load_slot *slot);

/* Sends the slot's item; done follows from the loop. False: it could not be started, slot->x says why. */
bool load_slot_start(struct load_slot *slot, target_done_fn done);

/* The next turn of the same conversation is due; false: this was the last, or cannot go on. */
bool load_slot_next_turn(struct load_slot *slot);
void load_slot_forget(struct load_slot *slot); /* the conversation */

#endif
