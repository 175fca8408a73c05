#include "monitor_summary.h"

#include "fs.h"
#include "jsonl.h"
#include "monitor_line.h"

#include <stdio.h>
#include <string.h>

/* What the first line says of the machine and of the schedule. */
void monitor_summary_take_start(struct monitor_summary *summary, const struct json_object *line)
{
    struct monitor_summary *s = summary;
    double period_s;
    const char *host = json_get_text(line, "/host");
    if (json_get_real(line, "/period_s", &period_s) && period_s > 1e-6 && period_s < 1e6)
        s->period_ns = (int64_t)(period_s * 1e9 + 0.5);
    snprintf(s->host, sizeof s->host, "%s", host != NULL ? host : "");
    (void)json_get_real(line, "/memory_total_bytes", &s->window.memory_total_bytes);
    (void)json_get_real(line, "/group_limit_bytes", &s->window.group_limit_bytes);
    if (s->sensors == NULL)
        s->sensors = json_object_get(json_get_object(line, "/sensors"));
    const char *target = json_get_text(line, "/sensors/cpu_target/status");
    s->alone = json_get(line, "/command") == NULL && (target == NULL || strcmp(target, "ok") != 0);
}

/* Also names that this program's sensors do not have. */
static void note_values(struct monitor_summary *s, const struct json_object *line)
{
    size_t hint = 0;
    json_object_object_foreach(json_get_object(line, "/values"), name, value)
    {
        bool known =
            json_object_is_type(value, json_type_double) || json_object_is_type(value, json_type_int);
        monitor_summary_note_value(s, name, known, known ? json_object_get_double(value) : 0, &hint);
    }
}

bool monitor_summary_note_line(struct monitor_summary *summary, const struct json_object *line)
{
    struct sample sample;
    const char *phase = json_get_text(line, "/phase");
    if (!monitor_line_read(line, &sample))
        return false;
    monitor_summary_note_sample(summary, phase != NULL ? phase : "during", &sample);
    note_values(summary, line);
    return true;
}

static void take_line(struct monitor_summary *s, const struct json_object *line)
{
    const char *type = json_get_text(line, "/type");
    if (type != NULL && strcmp(type, "start") == 0)
        monitor_summary_take_start(s, line);
    else if (type != NULL)
        s->ended = strcmp(type, "summary") == 0;
    else if (!monitor_summary_note_line(s, line))
        s->lines_left_out++;
}

static enum status read_lines(const char *path, struct monitor_summary *s, struct error *e)
{
    struct jsonl *lines;
    enum status status = jsonl_open(path, &lines, e);
    if (status != STATUS_OK)
        return status;
    for (struct jsonl_line line; jsonl_next(lines, &line);) {
        if (line.status == STATUS_OK && json_object_is_type(line.tree, json_type_object))
            take_line(s, line.tree);
        else
            s->lines_left_out++;
    }
    return jsonl_close(lines, e);
}

static enum status read_into(const char *path, struct monitor_summary *s, struct error *e)
{
    enum status status = read_lines(path, s, e);
    if (status == STATUS_OK && s->samples == 0)
        status = error_set(e, STATUS_INVALID, "%s holds no sample", path);
    return status;
}

enum status monitor_summary_read(const char *path, struct monitor_summary **summary, struct error *e)
{
    struct buf in_folder = BUF_INIT(4096);
    enum status status = STATUS_NO_MEMORY;
    *summary = monitor_summary_new(0);
    if (*summary == NULL) {
        status = error_set(e, STATUS_NO_MEMORY, "no memory for a summary");
        goto out;
    }
    status = fs_is_folder(path) ? fs_join(&in_folder, path, "samples.jsonl") : STATUS_OK;
    if (status == STATUS_OK)
        status = read_into(in_folder.len > 0 ? buf_text(&in_folder) : path, *summary, e);
out:
    if (status != STATUS_OK) {
        monitor_summary_free(*summary);
        *summary = NULL;
    }
    buf_fini(&in_folder);
    return status;
}
