#include "stages.h"

#include <stdlib.h>
#include <string.h>

static enum status check_streams(int streams, struct error *e)
{
    if (streams >= 1 && streams <= LOAD_STREAMS_MAX)
        return STATUS_OK;
    return error_set(
        e, STATUS_USAGE, "streams: %d is not a number between 1 and %d", streams, LOAD_STREAMS_MAX);
}

static enum status check_stages(const struct load_stage *stages, size_t count, struct error *e)
{
    if (stages[0].at_ns != 0)
        return error_set(e, STATUS_USAGE, "stages: the first must begin at 0");
    for (size_t i = 0; i < count; i++) {
        enum status s = check_streams(stages[i].streams, e);
        if (s != STATUS_OK)
            return s;
        if (i > 0 && stages[i].at_ns <= stages[i - 1].at_ns)
            return error_set(
                e, STATUS_USAGE, "stages: number %zu must begin later than the one before it", i + 1);
    }
    return STATUS_OK;
}

static enum status copy_stages(
    const struct arrivals *a, struct load_stage **stages, size_t *count, struct error *e)
{
    enum status s = check_stages(a->stages, a->stage_count, e);
    if (s != STATUS_OK)
        return s;
    *stages = malloc(a->stage_count * sizeof **stages);
    if (!*stages)
        return error_set(e, STATUS_NO_MEMORY, "no memory for %zu stages", a->stage_count);
    memcpy(*stages, a->stages, a->stage_count * sizeof **stages);
    *count = a->stage_count;
    return STATUS_OK;
}

/* Streams that would start in the same nanosecond share a stage. */
static void fill_ramp(struct load_stage *stages, size_t *count, int streams, int64_t ramp_ns)
{
    for (int n = 1; n <= streams; n++) {
        double part = streams > 1 ? (double)(n - 1) / (streams - 1) : 0;
        int64_t at_ns = (int64_t)((double)ramp_ns * part);
        if (*count == 0 || stages[*count - 1].at_ns < at_ns)
            stages[(*count)++].at_ns = at_ns;
        stages[*count - 1].streams = n;
    }
}

enum status stages_make(const struct arrivals *a, struct load_stage **stages, size_t *count, struct error *e)
{
    *stages = NULL;
    *count = 0;
    if (a->stages && a->stage_count > 0)
        return copy_stages(a, stages, count, e);
    enum status s = check_streams(a->streams, e);
    if (s != STATUS_OK)
        return s;
    if (a->ramp_ns < 0 || a->ramp_ns > LOAD_NO_END)
        return error_set(e, STATUS_USAGE, "ramp: it must be between 0 and 73 years");
    size_t room = a->ramp_ns == 0 ? 1 : (size_t)a->streams;
    *stages = calloc(room, sizeof **stages);
    if (!*stages)
        return error_set(e, STATUS_NO_MEMORY, "no memory for %zu stages", room);
    fill_ramp(*stages, count, a->streams, a->ramp_ns);
    return STATUS_OK;
}

int stages_most_streams(const struct load_stage *stages, size_t count)
{
    int most = 0;
    for (size_t i = 0; i < count; i++)
        most = stages[i].streams > most ? stages[i].streams : most;
    return most;
}
