#include "reader.h"

#include <stdlib.h>

static const char no_source[] = "none";
static const char why[] = "not supported on this operating system";

struct machine_reader {
    int unused;
};

enum status reader_open(const struct reader_options *options, struct machine_reader **reader, struct error *e)
{
    (void)options;
    *reader = calloc(1, sizeof **reader);
    return *reader ? STATUS_OK : error_set(e, STATUS_NO_MEMORY, "no memory to read the machine");
}

void reader_close(struct machine_reader *reader)
{
    free(reader);
}

void reader_watch_session(struct machine_reader *reader, pid_t session)
{
    (void)reader;
    (void)session;
}

void reader_locate_target(struct machine_reader *reader)
{
    (void)reader;
}

struct server_process reader_server(const struct machine_reader *reader)
{
    (void)reader;
    return (struct server_process){0};
}

void reader_scan_processes(struct machine_reader *reader)
{
    (void)reader;
}

void reader_read(struct machine_reader *reader, struct sample *sample)
{
    (void)reader;
    for (size_t i = 0; i < SENSOR_COUNT; i++)
        reading_unavailable(&sample->readings[i], no_source, why);
    sample->memory_total_bytes = sample->group_limit_bytes = 0;
    sample->gpu_count = 0;
    sample->scanned = false;
}

/* Nothing is read by a process apart here. */
void reader_share_losses(void)
{
}
