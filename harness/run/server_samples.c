#include "server_samples.h"

#include "anonymise.h"
#include "clock.h"
#include "energy_idle.h"
#include "fs.h"
#include "identity.h"
#include "json.h"
#include "jsonl.h"
#include "monitor_line.h"
#include "monitor_out.h"
#include "server_join.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* Of the file, so much around the run is kept: what led up to it. */
#define MARGIN_NS (2 * NS_PER_S)

struct merging {
    const struct server_samples_request *request;
    struct server_samples *done;
    struct server_join join;
    struct server_file file;
    struct monitor_out out;
    struct buf line;
    struct server_facts_of_file facts;
    struct server_energy *idle_energy; /* before the first test */
    struct energy_window idle_window;
    struct json_object *idle;
    int64_t begin_ns;         /* what was before is of no use */
    size_t current;           /* of the windows: the first that has not ended */
    struct json_object *last; /* the sample before, moved; owned */
    int64_t last_ns, last_ahead_ns;
};

/* ---- the clocks ---- */

/* A run without names does not say which boot it was of: it is taken for one of this machine's. */
static bool on_this_machine(const struct merging *m)
{
    const char *theirs = json_get_text(m->file.start, "/machine/boot_id");
    const char *ours = json_get_text(m->join.folder.run, "/machine/boot_id");
    struct json_object *now = NULL;
    if (ours == NULL && anonymise_is_asked(m->join.folder.run)) {
        now = machine_identity_to_json("");
        ours = json_get_text(now, "/boot_id");
    }
    bool same = theirs != NULL && ours != NULL && strcmp(theirs, ours) == 0;
    json_object_put(now);
    return same;
}

static enum status estimate_clock(struct merging *m, struct error *e)
{
    struct clock_bounds dates = {0};
    bool same = on_this_machine(m);
    if (!same && m->request->ask_time != NULL)
        m->request->ask_time(m->request->arg, &dates);
    m->done->clock = clock_offset_estimate(&(struct clock_facts){.same_machine = same,
        .ours = clock_sync_read(),
        .theirs = m->file.clock,
        .dates = &dates,
        .age_ns = clock_wall_ns(clock_system()) - m->join.from_ns,
        .jump_ns = m->file.jump_ns});
    if (m->done->clock.error_ns >= 0)
        return STATUS_OK;
    return error_set(e, STATUS_INVALID,
        "how far the clock of %s is from ours is not known, so nothing of %s is joined: the server does not "
        "date "
        "its answers (or is not named: --target URL), and no time service keeps both clocks (chrony, "
        "systemd-timesyncd)",
        m->done->host, m->request->file);
}

/* ---- is it the right file ---- */

static enum status refuse_this_machine(const struct merging *m, struct error *e)
{
    const struct server_join *j = &m->join;
    size_t elsewhere = 0, joined = 0;
    for (size_t i = 0; i < j->count; i++) {
        joined += j->windows[i].joined;
        elsewhere += j->windows[i].joined && j->windows[i].elsewhere;
    }
    if (joined == 0 || elsewhere < joined || !on_this_machine(m))
        return STATUS_OK;
    return error_set(e, STATUS_INVALID,
        "%s was written on this machine, and the server is on another (%s): run `assay monitor` there",
        m->request->file, j->server);
}

/* "gpu1" and "gpu1.lan" are one; an address says nothing. */
static bool may_be_named(const char *host, const char *server)
{
    size_t len = strcspn(server, ".");
    bool address = strchr(server, ':') != NULL || strspn(server, "0123456789.") == strlen(server);
    return address || strcasecmp(server, "localhost") == 0 ||
           (len == strcspn(host, ".") && strncasecmp(host, server, len) == 0);
}

static void find_doubt(struct merging *m)
{
    const struct server_join *j = &m->join;
    struct server_samples *done = m->done;
    bool here = false;
    for (size_t i = 0; i < j->count; i++)
        here |= j->windows[i].joined && j->windows[i].found_here;
    if (on_this_machine(m))
        return;
    if (here)
        snprintf(done->doubt, sizeof done->doubt,
            "a process of this machine holds the server's socket, and the file is of %.200s: that is right "
            "only "
            "where it forwards to there",
            done->host);
    else if (j->server[0] != '\0' && !may_be_named(done->host, j->server))
        snprintf(done->doubt, sizeof done->doubt,
            "the server is at %.200s, and the file is of a machine that calls itself %.200s", j->server,
            done->host);
}

static enum status survey(struct merging *m, struct error *e)
{
    enum status s = server_file_survey(m->request->file, &m->file, e);
    m->done->left_out = m->file.left_out;
    snprintf(m->done->host, sizeof m->done->host, "%s", m->file.host);
    return s;
}

static int64_t ours_of(const struct merging *m, int64_t their_ns)
{
    return their_ns - m->done->clock.ahead_ns;
}

/* The last line of a monitor that still runs is on its way when the run ends. */
static enum status await_the_rest(struct merging *m, struct error *e)
{
    if (m->file.ended || ours_of(m, m->file.last_ns) >= m->join.to_ns)
        return STATUS_OK;
    server_file_await(m->request->file, &m->file);
    server_file_fini(&m->file);
    return survey(m, e);
}

static enum status check_period(struct merging *m, struct error *e)
{
    char from[CLOCK_RFC3339_SIZE], to[CLOCK_RFC3339_SIZE], run_from[CLOCK_RFC3339_SIZE],
        run_to[CLOCK_RFC3339_SIZE];
    int64_t first_ns = ours_of(m, m->file.first_ns), last_ns = ours_of(m, m->file.last_ns);
    if (last_ns < m->join.to_ns)
        m->done->short_by_ns = m->join.to_ns - last_ns;
    if (last_ns >= m->join.from_ns - MARGIN_NS && first_ns <= m->join.to_ns + MARGIN_NS)
        return STATUS_OK;
    clock_format_rfc3339(first_ns > 0 ? first_ns : 0, from);
    clock_format_rfc3339(last_ns > 0 ? last_ns : 0, to);
    clock_format_rfc3339(m->join.from_ns, run_from);
    clock_format_rfc3339(m->join.to_ns, run_to);
    return error_set(e, STATUS_INVALID,
        "no sample of %s was taken while the run went on: they are of %s to %s by our clock, and the run was "
        "from "
        "%s to %s; if it is the right file, its clock is off by more than was found (%s)",
        m->request->file, from, to, run_from, run_to, m->done->clock.method);
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
    int64_t mono_ns = unix_ns - m->join.wall_ahead_ns;
    return json_set_int(line, "unix_ns", unix_ns > 0 ? unix_ns : 0) &&
           json_set_int(line, "mono_ns", mono_ns > 0 ? mono_ns : 0) &&
           json_set_text(line, "run_id", m->join.folder.run_id) && json_set_text(line, "scope", "server") &&
           json_set_text(line, "host", m->file.host);
}

static bool set_test(const struct server_window *w, struct json_object *line)
{
    return json_set_text(line, "test", w->test) && json_set_int(line, "attempt", w->attempt);
}

static enum status put_start(struct merging *m, struct error *e)
{
    const struct clock_offset *clock = &m->done->clock;
    struct json_object *moved = json_object_new_object(), *line = NULL;
    bool ok = json_set_real(moved, "ahead_s", (double)clock->ahead_ns / 1e9) &&
              json_set_text(moved, "method", clock->method) &&
              json_set_real(moved, "error_s", (double)clock->error_ns / 1e9) &&
              json_object_deep_copy(m->file.start, &line, NULL) == 0;
    if (anonymise_is_asked(m->join.folder.run))
        anonymise_machine(json_get_object(line, "/machine"));
    ok = json_set(line, "moved", moved) && ok && move_times(m, line);
    enum status s = ok ? put(m, line, e) : error_set(e, STATUS_NO_MEMORY, "no memory for a line");
    json_object_put(line);
    return s;
}

/* Of what fell into a test; one that lies between two samples has none. */
static enum status put_summary(struct merging *m, const struct server_window *w, struct error *e)
{
    if (w->summary == NULL || w->summary->samples == 0 || !w->joined)
        return STATUS_OK;
    struct json_object *line = json_object_new_object();
    bool ok = json_set_text(line, "schema_version", "1.0.0") && json_set_text(line, "type", "summary") &&
              json_set_text(line, "run_id", m->join.folder.run_id) &&
              json_set_text(line, "scope", "server") && json_set_text(line, "host", m->file.host) &&
              set_test(w, line) && monitor_summary_to_json(w->summary, line) &&
              json_set_text(line, "verdict", w->verdict) &&
              json_set(line, "quality_flags", json_object_get(json_get(w->health, "/quality_flags")));
    enum status s = ok ? put(m, line, e) : error_set(e, STATUS_NO_MEMORY, "no memory for a summary");
    json_object_put(line);
    return s;
}

/* ---- joining ---- */

static enum status settle(struct merging *m, struct server_window *w, struct error *e)
{
    if (!server_window_settle(w, &m->facts))
        return error_set(e, STATUS_NO_MEMORY, "no memory for what a test's samples say");
    server_join_count(&m->join, w, m->done);
    enum status s = put_summary(m, w, e);
    server_window_forget_samples(w);
    return s;
}

/* Once, when the baseline is over: tests need it. */
static enum status settle_idle(struct merging *m, struct error *e)
{
    if (m->idle_energy == NULL)
        return STATUS_OK;
    bool ok = energy_idle_between(server_energy_meter(m->idle_energy), m->idle_window, &m->idle);
    server_energy_free(m->idle_energy);
    m->idle_energy = NULL;
    m->facts.idle = m->idle;
    return ok ? STATUS_OK
              : error_set(e, STATUS_NO_MEMORY, "no memory for what the machine draws without work");
}

static bool is_near(const struct merging *m, int64_t apart_ns)
{
    int64_t near_ns = 3 * m->file.period_ns > NS_PER_S ? 3 * m->file.period_ns : NS_PER_S;
    return apart_ns <= near_ns;
}

static enum status begin_window(struct merging *m, struct server_window *w, struct error *e)
{
    struct sample sample;
    if (w->summary != NULL)
        return STATUS_OK;
    if (!server_window_begin(w, &m->facts))
        return error_set(e, STATUS_NO_MEMORY, "no memory for the samples of a test");
    if (m->last != NULL && is_near(m, w->start_ns - m->last_ns) && monitor_line_read(m->last, &sample))
        server_window_note(w, m->last, &sample, m->last_ns, false, false);
    return STATUS_OK;
}

/* Tests that ended before this sample get it as their neighbour. */
static enum status end_windows(struct merging *m, struct json_object *line, const struct sample *sample,
    int64_t t_ns, bool broken, struct error *e)
{
    enum status s = STATUS_OK;
    while (s == STATUS_OK && m->current < m->join.count && m->join.windows[m->current].end_ns < t_ns) {
        struct server_window *w = &m->join.windows[m->current++];
        s = settle_idle(m, e);
        if (s == STATUS_OK)
            s = begin_window(m, w, e);
        if (s == STATUS_OK && is_near(m, t_ns - w->end_ns))
            server_window_note(w, line, sample, t_ns, false, broken);
        if (s == STATUS_OK)
            s = settle(m, w, e);
    }
    return s;
}

static enum status take_into_window(struct merging *m, struct json_object *line, const struct sample *sample,
    int64_t t_ns, bool broken, struct error *e)
{
    struct server_window *w = m->current < m->join.count ? &m->join.windows[m->current] : NULL;
    if (w == NULL || t_ns < w->start_ns)
        return STATUS_OK;
    enum status s = settle_idle(m, e);
    if (s == STATUS_OK)
        s = begin_window(m, w, e);
    if (s != STATUS_OK)
        return s;
    server_window_note(w, line, sample, t_ns, true, broken);
    if (w->joined && !set_test(w, line))
        return error_set(e, STATUS_NO_MEMORY, "no memory for a line");
    return STATUS_OK;
}

static enum status take_moved(
    struct merging *m, struct json_object *line, int64_t t_ns, bool broken, struct error *e)
{
    struct sample sample;
    if (!monitor_line_read(line, &sample))
        return STATUS_OK;
    if (m->idle_energy != NULL)
        server_energy_note(m->idle_energy, json_get_object(line, "/values"), t_ns, broken);
    enum status s = end_windows(m, line, &sample, t_ns, broken, e);
    if (s == STATUS_OK)
        s = take_into_window(m, line, &sample, t_ns, broken, e);
    if (s != STATUS_OK || t_ns < m->join.from_ns - MARGIN_NS || t_ns > m->join.to_ns + MARGIN_NS)
        return s;
    m->done->samples++;
    return put(m, line, e);
}

static enum status take_sample(void *arg, struct json_object *line, bool *enough, struct error *e)
{
    struct merging *m = arg;
    struct sample sample;
    if (!monitor_line_read(line, &sample))
        return STATUS_OK;
    int64_t t_ns = ours_of(m, sample.t_unix_ns), ahead_ns = sample.t_unix_ns - sample.t_mono_ns;
    bool broken = m->last != NULL && llabs(ahead_ns - m->last_ahead_ns) > 20 * NS_PER_MS;
    *enough = t_ns > m->join.to_ns + MARGIN_NS && m->current == m->join.count;
    if (t_ns < m->begin_ns)
        return STATUS_OK;
    json_object_object_del(line, "phase");
    if (!move_times(m, line))
        return error_set(e, STATUS_NO_MEMORY, "no memory for a line");
    enum status s = take_moved(m, line, t_ns, broken, e);
    json_object_put(m->last);
    m->last = json_object_get(line);
    m->last_ns = t_ns;
    m->last_ahead_ns = ahead_ns;
    return s;
}

/* Tests behind the last sample have what there is of them. */
static enum status end_all(struct merging *m, struct error *e)
{
    enum status s = settle_idle(m, e);
    for (; s == STATUS_OK && m->current < m->join.count; m->current++)
        s = settle(m, &m->join.windows[m->current], e);
    return s;
}

static enum status begin_idle(struct merging *m, struct error *e)
{
    int64_t error_ns = m->done->clock.error_ns;
    m->begin_ns = m->join.from_ns - MARGIN_NS - m->file.period_ns;
    if (!server_join_idle(&m->join, &m->idle_window))
        return STATUS_OK;
    if (m->idle_window.from_ns - MARGIN_NS < m->begin_ns)
        m->begin_ns = m->idle_window.from_ns - MARGIN_NS;
    m->idle_window.from_ns += error_ns;
    m->idle_window.to_ns -= error_ns;
    m->idle_energy = server_energy_new(m->file.start, m->file.period_ns);
    return m->idle_energy != NULL ? STATUS_OK : error_set(e, STATUS_NO_MEMORY, "no memory for a baseline");
}

static enum status write_samples(struct merging *m, struct error *e)
{
    m->facts = (struct server_facts_of_file){.file = &m->file, .clock = &m->done->clock};
    enum status s = begin_idle(m, e);
    if (s == STATUS_OK)
        s = put_start(m, e);
    if (s == STATUS_OK)
        s = server_file_each(m->request->file, take_sample, m, NULL, e);
    if (s == STATUS_OK)
        s = end_all(m, e);
    if (s == STATUS_OK && m->done->samples == 0)
        s = error_set(e, STATUS_INVALID, "no sample of %s was taken while the run went on", m->request->file);
    return s == STATUS_OK ? fs_sync_fd(m->out.fd, e) : s;
}

/* The samples first: a record never says what they do not. */
static enum status write_all(struct merging *m, struct error *e)
{
    struct buf place = BUF_INIT(4096), draft = BUF_INIT(4096);
    enum status s = run_folder_path(&m->join.folder, SERVER_SAMPLES_FILE, &place);
    if (s == STATUS_OK)
        s = run_folder_path(&m->join.folder, SERVER_SAMPLES_FILE ".merging", &draft);
    if (s == STATUS_OK)
        s = monitor_out_open(buf_text(&draft), MONITOR_OUT_REPLACE, &m->out, e);
    if (s != STATUS_OK)
        goto out;
    s = write_samples(m, e);
    if (s == STATUS_OK && rename(buf_text(&draft), buf_text(&place)) != 0)
        s = error_set_errno(e, "cannot put %s in its place", buf_text(&place));
    if (s != STATUS_OK)
        (void)unlink(buf_text(&draft));
    m->done->records = !on_this_machine(m);
    if (s == STATUS_OK && m->done->records)
        s = server_join_records(&m->join, e);
out:
    buf_fini(&place);
    buf_fini(&draft);
    return s;
}

enum status server_samples_merge(
    const struct server_samples_request *request, struct server_samples *done, struct error *e)
{
    struct merging m = {
        .request = request, .done = done, .out = {.fd = -1}, .line = BUF_INIT(JSONL_LINE_MAX + 4096)};
    memset(done, 0, sizeof *done);
    enum status s = server_join_open(request->run, &m.join, e);
    if (s == STATUS_OK)
        s = survey(&m, e);
    if (s == STATUS_OK)
        s = refuse_this_machine(&m, e);
    if (s == STATUS_OK)
        s = estimate_clock(&m, e);
    if (s == STATUS_OK)
        s = await_the_rest(&m, e);
    if (s == STATUS_OK)
        s = check_period(&m, e);
    if (s == STATUS_OK) {
        find_doubt(&m);
        if (anonymise_is_asked(m.join.folder.run))
            snprintf(m.file.host, sizeof m.file.host, "%s", ANONYMOUS_HOST);
        s = write_all(&m, e);
    }
    monitor_out_close(&m.out);
    server_energy_free(m.idle_energy);
    json_object_put(m.idle);
    json_object_put(m.last);
    server_file_fini(&m.file);
    server_join_close(&m.join);
    buf_fini(&m.line);
    return s;
}
