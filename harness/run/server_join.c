#include "server_join.h"

#include "clock.h"
#include "fs.h"
#include "json.h"
#include "jsonl.h"
#include "merge.h"
#include "monitor_line.h"
#include "record.h"
#include "server_samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOCK_WAIT_NS (10 * NS_PER_S)

static enum status no_memory(struct error *e)
{
    return error_set(e, STATUS_NO_MEMORY, "no memory for the tests of a run");
}

/* ---- reading ---- */

static enum status note_record(void *arg, struct json_object *record, bool *enough, struct error *e)
{
    struct server_join *j = arg;
    struct server_window w;
    bool memory;
    (void)enough;
    if (!server_window_of_record(record, &w, &memory))
        return memory ? STATUS_OK : no_memory(e);
    if (j->count == j->cap) {
        size_t cap = j->cap == 0 ? 64 : 2 * j->cap;
        struct server_window *moved = realloc(j->windows, cap * sizeof *moved);
        if (moved == NULL) {
            server_window_fini(&w);
            return no_memory(e);
        }
        j->windows = moved;
        j->cap = cap;
    }
    w.joined = w.server[0] == '\0' || strcmp(w.server, j->server) == 0;
    j->from_ns = j->count == 0 || w.start_ns < j->from_ns ? w.start_ns : j->from_ns;
    j->to_ns = j->count == 0 || w.end_ns > j->to_ns ? w.end_ns : j->to_ns;
    j->windows[j->count++] = w;
    return STATUS_OK;
}

static int by_start(const void *a, const void *b)
{
    const struct server_window *x = a, *y = b;
    return (x->start_ns > y->start_ns) - (x->start_ns < y->start_ns);
}

static struct server_window *window_of(const struct server_join *j, const struct json_object *line)
{
    const char *test = json_get_text(line, "/test");
    int64_t attempt;
    if (test == NULL || !json_get_int(line, "/attempt", &attempt))
        return NULL;
    for (size_t i = 0; i < j->count; i++)
        if (j->windows[i].attempt == attempt && strcmp(j->windows[i].test, test) == 0)
            return &j->windows[i];
    return NULL;
}

static enum status note_exchange(void *arg, struct json_object *line, bool *enough, struct error *e)
{
    struct server_window *w = window_of(arg, line);
    (void)enough;
    return w == NULL || server_window_add_exchange(w, line) ? STATUS_OK : no_memory(e);
}

/* One sample of ours tells both of our clocks. */
static enum status note_clocks(void *arg, struct json_object *line, bool *enough, struct error *e)
{
    struct server_join *j = arg;
    struct sample sample;
    (void)e;
    if (monitor_line_read(line, &sample)) {
        j->wall_ahead_ns = sample.t_unix_ns - sample.t_mono_ns;
        *enough = true;
    }
    return STATUS_OK;
}

static enum status each_line_of(
    struct server_join *j, const char *name, bool needed, server_file_take *take, struct error *e)
{
    struct buf path = BUF_INIT(4096);
    enum status s = run_folder_path(&j->folder, name, &path);
    if (s == STATUS_OK && (needed || fs_exists(buf_text(&path))))
        s = server_file_each(buf_text(&path), take, j, NULL, e);
    buf_fini(&path);
    return s;
}

enum status server_join_open(const char *run, struct server_join *join, struct error *e)
{
    struct server_join *j = join;
    *j = (struct server_join){0};
    enum status s = run_folder_open(run, &j->folder, e);
    if (s != STATUS_OK)
        return s;
    const char *endpoint = json_get_text(j->folder.run, "/targets/0/endpoint");
    server_host_of_url(endpoint != NULL ? endpoint : "", j->server, sizeof j->server);
    s = each_line_of(j, "benchmark.jsonl", true, note_record, e);
    if (s == STATUS_OK)
        s = each_line_of(j, "samples.jsonl", false, note_clocks, e);
    if (s == STATUS_OK && (j->count == 0 || j->wall_ahead_ns == 0))
        return error_set(
            e, STATUS_INVALID, "no test of %s was run: there is nothing to join samples to", run);
    if (s != STATUS_OK)
        return s;
    qsort(j->windows, j->count, sizeof *j->windows, by_start);
    return each_line_of(j, "exchanges.jsonl", false, note_exchange, e);
}

void server_join_close(struct server_join *join)
{
    for (size_t i = 0; i < join->count; i++)
        server_window_fini(&join->windows[i]);
    free(join->windows);
    run_folder_fini(&join->folder);
    *join = (struct server_join){0};
}

bool server_join_idle(const struct server_join *join, struct energy_window *window)
{
    double seconds = 0;
    int64_t start_ns = 0;
    if (!json_get_int(join->folder.run, "/idle/start_unix_ns", &start_ns) ||
        !json_get_real(join->folder.run, "/idle/seconds", &seconds) || seconds <= 0 || seconds > 1e6)
        return false;
    *window = (struct energy_window){start_ns, start_ns + (int64_t)(seconds * 1e9)};
    return true;
}

/* ---- the account ---- */

static void note_worst(const struct server_window *w, struct server_samples *done)
{
    const struct json_object *flags = json_get_array(w->health, "/quality_flags");
    struct buf text = BUF_INIT(sizeof done->worst - 1);
    (void)buf_printf(&text, "%.300s: %s", w->test, w->verdict);
    for (size_t i = 0; flags != NULL && i < json_object_array_length(flags); i++)
        (void)buf_printf(&text, ", %s", json_object_get_string(json_object_array_get_idx(flags, i)));
    snprintf(done->worst, sizeof done->worst, "%s", buf_text(&text));
    buf_fini(&text);
}

void server_join_count(
    const struct server_join *join, const struct server_window *w, struct server_samples *done)
{
    (void)join;
    if (!w->joined) {
        done->other++;
        return;
    }
    bool unknown = strcmp(w->verdict, "unknown") == 0;
    int64_t samples = 0;
    (void)json_get_int(w->health, "/samples", &samples);
    done->tests++;
    done->seen += samples > 0;
    done->judged += !unknown;
    done->unknown += unknown;
    done->measured += json_get(w->used, "/joules") != NULL;
    if (!unknown && strcmp(w->verdict, "clean") != 0 && done->not_clean++ == 0)
        note_worst(w, done);
}

/* ---- records ---- */

struct rewriting {
    const struct server_join *join;
    struct ledger ledger;
};

static enum status rewrite_record(void *arg, struct json_object *record, bool *enough, struct error *e)
{
    struct rewriting *r = arg;
    struct buf text = BUF_INIT(JSONL_LINE_MAX);
    (void)enough;
    const struct server_window *w = window_of(r->join, record);
    enum status s = server_window_into_record(w, record) ? STATUS_OK : no_memory(e);
    if (s == STATUS_OK)
        s = record_validate(record, e);
    if (s == STATUS_OK)
        s = json_write(record, &text, e);
    if (s == STATUS_OK) {
        const char *test = json_get_text(record, "/test");
        struct ledger_entry entry = {.test = strdup(test != NULL ? test : ""), .line = buf_take(&text)};
        s = ledger_add(&r->ledger, &entry, e);
    }
    buf_fini(&text);
    return s;
}

static enum status rewrite_all(const struct server_join *join, struct error *e)
{
    struct rewriting r = {.join = join};
    struct buf path = BUF_INIT(4096);
    enum status s = run_folder_path(&join->folder, "benchmark.jsonl", &path);
    if (s == STATUS_OK)
        s = server_file_each(buf_text(&path), rewrite_record, &r, NULL, e);
    if (s == STATUS_OK)
        s = merge_records(&join->folder, &r.ledger, e);
    ledger_fini(&r.ledger);
    buf_fini(&path);
    return s;
}

enum status server_join_records(const struct server_join *join, struct error *e)
{
    struct buf path = BUF_INIT(4096);
    int lock_fd = -1;
    enum status s = run_folder_path(&join->folder, ".finalise.lock", &path);
    if (s == STATUS_OK)
        s = fs_lock(buf_text(&path), LOCK_WAIT_NS, &lock_fd, e);
    if (s == STATUS_OK)
        s = rewrite_all(join, e);
    if (lock_fd >= 0)
        (void)close(lock_fd);
    buf_fini(&path);
    return s;
}
