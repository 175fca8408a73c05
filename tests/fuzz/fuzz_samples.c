/* A file of samples may hold anything: a summary that can be written, or lines that are left out; never a crash. */
#include "json.h"
#include "monitor_summary.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool claim)
{
    if (!claim)
        abort();
}

static void take_line(struct monitor_summary *s, const char *text, size_t len)
{
    struct json_object *line = NULL;
    if (json_parse(text, len, &line, NULL) == STATUS_OK && json_object_is_type(line, json_type_object) &&
        !monitor_summary_note_line(s, line))
        monitor_summary_take_start(s, line);
    json_object_put(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *at = size ? (const char *)data : "", *end = at + size;
    struct monitor_summary *s = monitor_summary_new(0);
    struct json_object *said = json_object_new_object();
    require(s != NULL);
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline != NULL ? newline : end;
        take_line(s, at, (size_t)(stop - at));
        at = stop + 1;
    }
    require(monitor_summary_to_json(s, said));
    require(monitor_summary_duration_s(s) >= 0 && s->read_ns >= 0 && s->intervals_ns >= 0);
    json_object_put(said);
    monitor_summary_free(s);
    return 0;
}
