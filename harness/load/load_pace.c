#include "load_pace.h"

#define CATCH_UP_NS (100 * NS_PER_US) /* of distance that a late wakeup may make good at once */
#define COUNTED_NS (500 * NS_PER_MS)  /* longer than it takes to begin a ladder's streams */

void load_pace_init(struct load_pace *pace, int threads)
{
    *pace = (struct load_pace){.threads = threads, .distance_ns = PACE_DISTANCE_NS};
}

bool load_pace_may_start(const struct load_pace *pace, int64_t now_ns)
{
    return now_ns >= pace->next_ns;
}

static void pace_count(struct load_pace *pace, int64_t now_ns)
{
    int64_t since_ns = now_ns - pace->t_counting_ns;
    pace->starts++;
    if (since_ns < COUNTED_NS)
        return;
    int64_t half_ns = since_ns / pace->starts / 2;
    pace->distance_ns = half_ns < PACE_DISTANCE_NS ? half_ns : PACE_DISTANCE_NS;
    pace->t_counting_ns = now_ns;
    pace->starts = 0;
}

void load_pace_started(struct load_pace *pace, bool new_stream, int64_t now_ns)
{
    int64_t earliest_ns = now_ns - CATCH_UP_NS;
    pace_count(pace, now_ns);
    pace->next_ns = (pace->next_ns > earliest_ns ? pace->next_ns : earliest_ns) +
                    (new_stream ? PACE_NEW_STREAM_NS * pace->threads : pace->distance_ns);
}
