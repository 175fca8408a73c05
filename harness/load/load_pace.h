/*
 * load_pace.h - the distance that a thread's starts keep, and how long it rests between two looks at its sockets.
 *
 * A server takes in one request after the other, and what waits there looks like its time to first token:
 * requests that are due together start PACE_DISTANCE_NS apart, new streams PACE_NEW_STREAM_NS (of all threads
 * together), so that they do not go on in step. Where requests are so short that such a distance would hold them
 * up, it is half the mean of what lay between starts lately: the rate of a closed loop can always double.
 *
 * A thread that is woken for each event spends more on being woken than on the event. Since arrivals carry the
 * kernel's time (arrival.h), nothing is measured worse for being read a little later: after a wakeup the next
 * look comes PACE_REST_NS later, unless something is to be done before. A thread that waited longer than that
 * does not rest.
 *
 *     if (load_pace_may_start(&pace, now_ns)) { load_pace_started(&pace, new_stream, now_ns); ... }
 */
#ifndef ASSAY_LOAD_PACE_H
#define ASSAY_LOAD_PACE_H

#include "clock.h"

#include <stdbool.h>

#define PACE_DISTANCE_NS (40 * NS_PER_US)
#define PACE_NEW_STREAM_NS (50 * NS_PER_US)
#define PACE_REST_NS (100 * NS_PER_US)

struct load_pace {
    int threads; /* that begin new streams at the same server */
    int64_t next_ns;
    int64_t distance_ns, t_counting_ns, starts; /* since then */
};

void load_pace_init(struct load_pace *pace, int threads);
bool load_pace_may_start(const struct load_pace *pace, int64_t now_ns); /* if not: at next_ns */
void load_pace_started(struct load_pace *pace, bool new_stream, int64_t now_ns);

#endif
