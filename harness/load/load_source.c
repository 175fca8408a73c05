#include "load_source.h"

void load_source_rewind(const struct load_source *source)
{
    source->rewind(source->state);
}

const struct load_sample *load_source_next(const struct load_source *source)
{
    return source->next(source->state);
}

bool load_source_next_event(const struct load_source *source, int64_t *t_ns)
{
    return source->next_event != NULL && source->next_event(source->state, t_ns);
}

static void array_rewind(void *state)
{
    struct load_array *a = state;
    a->at = a->event_at = 0;
}

static const struct load_sample *array_next(void *state)
{
    struct load_array *a = state;
    if (a->event_ends != NULL && a->at > 0)
        a->event_at = a->event_ends[a->at - 1];
    return a->at < a->count ? &a->samples[a->at++] : NULL;
}

static bool array_next_event(void *state, int64_t *t_ns)
{
    struct load_array *a = state;
    bool there = a->events != NULL && a->at > 0 && a->event_at < a->event_ends[a->at - 1];
    if (there)
        *t_ns = a->events[a->event_at++];
    return there;
}

struct load_source load_source_of_array(struct load_array *array)
{
    return (struct load_source){
        .rewind = array_rewind, .next = array_next, .next_event = array_next_event, .state = array};
}
