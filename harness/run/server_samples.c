#include "server_samples.h"

#include "fs.h"
#include "jsonl.h"
#include "monitor_line.h"
#include "monitor_out.h"
#include "monitor_summary.h"
#include "run_folder.h"

#include "clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of the file, so much around the run is kept: what led up to it. */
#define MARGIN_NS (2 * NS_PER_S)

struct test_window {
    char *test;                        /* owned */
    int64_t attempt, start_ns, end_ns; /* our wall clock */
};

struct merging {
    const struct server_samples_request *request;
    struct server_samples *done;
    struct run_folder folder;
    struct test_window *windows;
    size_t count, cap;
    int64_t from_ns, to_ns;    /* of the run, our wall clock */
    int64_t wall_ahead_ns;     /* our wall clock - our monotonic one, as of the run */
    struct json_object *start; /* of the file */
    struct monitor_out out;
    struct buf line;
    struct monitor_summary *summary; /* of the samples in windows[current] */
    size_t current;                  /* SIZE_MAX: none */
};

/* ---- the run ---- */

static enum status note_record(struct merging *m, const struct json_object *record, struct error *e)
{
    struct test_window w = {0};
    const char *test = json_get_text(record, "/test");
    if (test == NULL || !json_get_int(record, "/attempt", &w.attempt) ||
        !json_get_int(record, "/start_unix_ns", &w.start_ns) ||
        !json_get_int(record, "/end_unix_ns", &w.end_ns) || w.end_ns <= w.start_ns)
        return STATUS_OK; /* never run */
    if (m->count == m->cap) {
        size_t cap = m->cap == 0 ? 64 : 2 * m->cap;
        struct test_window *moved = realloc(m->windows, cap * sizeof *moved);
        if (moved == NULL)
            return error_set(e, STATUS_NO_MEMORY, "no memory for the tests of a run");
        m->windows = moved;
        m->cap = cap;
    }
    if ((w.test = strdup(test)) == NULL)
        return error_set(e, STATUS_NO_MEMORY, "no memory for the tests of a run");
    m->from_ns = m->count == 0 || w.start_ns < m->from_ns ? w.start_ns : m->from_ns;
    m->to_ns = m->count == 0 || w.end_ns > m->to_ns ? w.end_ns : m->to_ns;
    m->windows[m->count++] = w;
    return STATUS_OK;
}

/* Calls take for each line that can be read, until it fails; a line may end it early with *enough. */
static enum status each_line(struct merging *m, const char *path,
    enum status (*take)(struct merging *m, struct json_object *line, bool *enough, struct error *e),
    struct error *e)
{
    struct jsonl *lines;
    bool enough = false;
    enum status s = jsonl_open(path, &lines, e);
    if (s != STATUS_OK)
        return s;
    for (struct jsonl_line line; s == STATUS_OK && !enough && jsonl_next(lines, &line);)
        if (line.status == STATUS_OK && json_object_is_type(line.tree, json_type_object))
            s = take(m, line.tree, &enough, e);
    enum status closed = jsonl_close(lines, s == STATUS_OK ? e : NULL);
    return s == STATUS_OK ? closed : s;
}

static enum status take_record(struct merging *m, struct json_object *line, bool *enough, struct error *e)
{
    (void)enough;
    return note_record(m, line, e);
}

/* One sample of ours tells both of our clocks. */
static enum status take_own_sample(struct merging *m, struct json_object *line, bool *enough, struct error *e)
{
    struct sample sample;
    (void)e;
    if (monitor_line_read(line, &sample)) {
        m->wall_ahead_ns = sample.t_unix_ns - sample.t_mono_ns;
        *enough = true;
    }
    return STATUS_OK;
}

static enum status read_run(struct merging *m, struct error *e)
{
    struct buf path = BUF_INIT(4096);
    enum status s = run_folder_open(m->request->run, &m->folder, e);
    if (s == STATUS_OK)
        s = run_folder_path(&m->folder, "benchmark.jsonl", &path);
    if (s == STATUS_OK)
        s = each_line(m, buf_text(&path), take_record, e);
    buf_clear(&path);
    if (s == STATUS_OK)
        s = run_folder_path(&m->folder, "samples.jsonl", &path);
    if (s == STATUS_OK)
        s = each_line(m, buf_text(&path), take_own_sample, e);
    if (s == STATUS_OK && (m->count == 0 || m->wall_ahead_ns == 0))
        s = error_set(
            e, STATUS_INVALID, "no test of %s was run: there is nothing to join samples to", m->request->run);
    buf_fini(&path);
    return s;
}

/* ---- the file ---- */

static enum status take_start(struct merging *m, struct json_object *line, bool *enough, struct error *e)
{
    const char *type = json_get_text(line, "/type");
    (void)e;
    *enough = true; /* it is the first line or not there */
    if (type != NULL && strcmp(type, "start") == 0)
        m->start = json_object_get(line);
    return STATUS_OK;
}

static bool on_this_machine(const struct merging *m)
{
    const char *theirs = json_get_text(m->start, "/machine/boot_id");
    const char *ours = json_get_text(m->folder.run, "/machine/boot_id");
    return theirs != NULL && ours != NULL && strcmp(theirs, ours) == 0;
}

static enum status read_start(struct merging *m, struct error *e)
{
    struct clock_sync theirs = {0};
    struct clock_bounds dates = {0};
    enum status s = each_line(m, m->request->file, take_start, e);
    if (s == STATUS_OK && m->start == NULL)
        s = error_set(
            e, STATUS_INVALID, "%s does not begin as a file of `assay monitor` does", m->request->file);
    if (s != STATUS_OK)
        return s;
    (void)json_get_bool(m->start, "/clock/known", &theirs.known);
    (void)json_get_bool(m->start, "/clock/kept", &theirs.kept);
    (void)json_get_real(m->start, "/clock/error_s", &theirs.error_s);
    const char *host = json_get_text(m->start, "/host");
    snprintf(m->done->host, sizeof m->done->host, "%s", host != NULL ? host : "");
    bool same = on_this_machine(m);
    if (!same && m->request->ask_time != NULL)
        m->request->ask_time(m->request->arg, &dates);
    m->done->clock = clock_offset_estimate(&(struct clock_facts){
        .same_machine = same, .ours = clock_sync_read(), .theirs = theirs, .dates = &dates});
    return STATUS_OK;
}

/* ---- writing ---- */

static enum status put(struct merging *m, const struct json_object *line, struct error *e)
{
    buf_clear(&m->line);
    enum status s = json_write(line, &m->line, e);
    if (s == STATUS_OK) {
        monitor_out_line(&m->out, &m->line);
        s = monitor_out_status(&m->out, e);
    }
    return s;
}

/* Moves the line's wall clock onto ours and gives it the monotonic time that ours had then. */
static bool move_times(const struct merging *m, struct json_object *line)
{
    int64_t unix_ns = 0;
    if (!json_get_int(line, "/unix_ns", &unix_ns) || unix_ns < 0 || unix_ns > INT64_C(1) << 62)
        unix_ns = 0; /* of the first line only: a sample's was looked at */
    unix_ns -= m->done->clock.ahead_ns;
    int64_t mono_ns = unix_ns - m->wall_ahead_ns;
    return json_set_int(line, "unix_ns", unix_ns > 0 ? unix_ns : 0) &&
           json_set_int(line, "mono_ns", mono_ns > 0 ? mono_ns : 0) &&
           json_set_text(line, "run_id", m->folder.run_id) && json_set_text(line, "scope", "server") &&
           json_set_text(line, "host", m->done->host);
}

static bool set_test(const struct merging *m, struct json_object *line, size_t window)
{
    return json_set_text(line, "test", m->windows[window].test) &&
           json_set_int(line, "attempt", m->windows[window].attempt);
}

static enum status put_start(struct merging *m, struct error *e)
{
    const struct clock_offset *clock = &m->done->clock;
    struct json_object *moved = json_object_new_object();
    bool ok = json_set_real(moved, "ahead_s", (double)clock->ahead_ns / 1e9) &&
              json_set_text(moved, "method", clock->method);
    if (clock->error_ns >= 0)
        ok = ok && json_set_real(moved, "error_s", (double)clock->error_ns / 1e9);
    ok = json_set(m->start, "moved", moved) && ok && move_times(m, m->start);
    return ok ? put(m, m->start, e) : error_set(e, STATUS_NO_MEMORY, "no memory for a line");
}

static void note_not_clean(struct merging *m, const struct json_object *line)
{
    const struct json_object *flags = json_get_array(line, "/quality_flags");
    struct buf text = BUF_INIT(sizeof m->done->worst - 1);
    if (m->done->not_clean++ > 0)
        return;
    (void)buf_printf(&text, "%.300s: %s", m->windows[m->current].test, json_get_text(line, "/verdict"));
    for (size_t i = 0; flags != NULL && i < json_object_array_length(flags); i++)
        (void)buf_printf(&text, ", %s", json_object_get_string(json_object_array_get_idx(flags, i)));
    snprintf(m->done->worst, sizeof m->done->worst, "%s", buf_text(&text));
    buf_fini(&text);
}

/* The summary of the test whose samples have all been seen; of a single sample nothing can be judged. */
static enum status put_summary(struct merging *m, struct error *e)
{
    enum status s = STATUS_OK;
    struct json_object *line = json_object_new_object();
    if (m->current == SIZE_MAX || m->summary->samples < 2)
        goto out;
    bool ok = json_set_text(line, "schema_version", "1.0.0") && json_set_text(line, "type", "summary") &&
              json_set_text(line, "run_id", m->folder.run_id) && json_set_text(line, "scope", "server") &&
              json_set_text(line, "host", m->done->host) && set_test(m, line, m->current) &&
              monitor_summary_to_json(m->summary, line);
    if (!ok) {
        s = error_set(e, STATUS_NO_MEMORY, "no memory for a summary");
        goto out;
    }
    m->done->judged++;
    if (strcmp(json_get_text(line, "/verdict"), "clean") != 0)
        note_not_clean(m, line);
    s = put(m, line, e);
out:
    json_object_put(line);
    monitor_summary_free(m->summary);
    m->summary = NULL;
    m->current = SIZE_MAX;
    return s;
}

static size_t find_window(const struct merging *m, int64_t unix_ns)
{
    for (size_t i = 0; i < m->count; i++) /* tests follow one another: mostly the one before */
        if (unix_ns >= m->windows[i].start_ns && unix_ns <= m->windows[i].end_ns)
            return i;
    return SIZE_MAX;
}

static enum status enter_window(struct merging *m, size_t window, struct error *e)
{
    if (window == m->current)
        return STATUS_OK;
    enum status s = m->current != SIZE_MAX ? put_summary(m, e) : STATUS_OK;
    if (s != STATUS_OK || window == SIZE_MAX)
        return s;
    m->summary = monitor_summary_new(0);
    if (m->summary == NULL)
        return error_set(e, STATUS_NO_MEMORY, "no memory for a summary");
    monitor_summary_take_start(m->summary, m->start);
    m->current = window;
    return STATUS_OK;
}

static enum status take_sample(struct merging *m, struct json_object *line, bool *enough, struct error *e)
{
    struct sample sample;
    (void)enough;
    if (!monitor_line_read(line, &sample))
        return STATUS_OK;
    int64_t unix_ns = sample.t_unix_ns - m->done->clock.ahead_ns;
    if (unix_ns < m->from_ns - MARGIN_NS || unix_ns > m->to_ns + MARGIN_NS)
        return STATUS_OK;
    size_t window = find_window(m, unix_ns);
    enum status s = enter_window(m, window, e);
    if (s != STATUS_OK)
        return s;
    json_object_object_del(line, "phase");
    if (!move_times(m, line) || (window != SIZE_MAX && !set_test(m, line, window)))
        return error_set(e, STATUS_NO_MEMORY, "no memory for a line");
    if (window != SIZE_MAX)
        monitor_summary_note_line(m->summary, line);
    m->done->samples++;
    return put(m, line, e);
}

static enum status write_all(struct merging *m, struct error *e)
{
    struct buf place = BUF_INIT(4096), draft = BUF_INIT(4096);
    enum status s = run_folder_path(&m->folder, SERVER_SAMPLES_FILE, &place);
    if (s == STATUS_OK)
        s = run_folder_path(&m->folder, SERVER_SAMPLES_FILE ".merging", &draft);
    if (s == STATUS_OK)
        s = monitor_out_open(buf_text(&draft), MONITOR_OUT_REPLACE, &m->out, e);
    if (s != STATUS_OK)
        goto out;
    s = put_start(m, e);
    if (s == STATUS_OK)
        s = each_line(m, m->request->file, take_sample, e);
    if (s == STATUS_OK && m->current != SIZE_MAX)
        s = put_summary(m, e);
    if (s == STATUS_OK && m->done->samples == 0)
        s = error_set(e, STATUS_INVALID,
            "no sample of %s was taken while the run went on: if it is the right file, its clock is off by "
            "more than was "
            "found (%s)",
            m->request->file, m->done->clock.method);
    if (s == STATUS_OK)
        s = fs_sync_fd(m->out.fd, e);
    if (s == STATUS_OK && rename(buf_text(&draft), buf_text(&place)) != 0)
        s = error_set_errno(e, "cannot put %s in its place", buf_text(&place));
    if (s != STATUS_OK)
        (void)unlink(buf_text(&draft));
out:
    buf_fini(&place);
    buf_fini(&draft);
    return s;
}

enum status server_samples_merge(
    const struct server_samples_request *request, struct server_samples *done, struct error *e)
{
    struct merging m = {.request = request,
        .done = done,
        .out = {.fd = -1},
        .line = BUF_INIT(JSONL_LINE_MAX + 4096),
        .current = SIZE_MAX};
    memset(done, 0, sizeof *done);
    enum status s = read_run(&m, e);
    if (s == STATUS_OK)
        s = read_start(&m, e);
    done->tests = m.count;
    if (s == STATUS_OK)
        s = write_all(&m, e);
    monitor_out_close(&m.out);
    monitor_summary_free(m.summary);
    json_object_put(m.start);
    buf_fini(&m.line);
    for (size_t i = 0; i < m.count; i++)
        free(m.windows[i].test);
    free(m.windows);
    run_folder_fini(&m.folder);
    return s;
}
