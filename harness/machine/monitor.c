#include "monitor.h"

#include "buf.h"
#include "energy_gpu.h"
#include "json.h"
#include "monitor_line.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 64 * 1024 };

/* A pair of clock readings with more than this between them was interrupted and is tried again. */
static const int64_t BRACKET_NS = 20 * NS_PER_US;

struct clock_offsets {
    int64_t wall_ns, boot_ns; /* ahead of the monotonic clock */
};

struct monitor {
    const struct clock *clock;
    struct machine_reader *reader;
    struct energy_meter *energy;
    int64_t period_ns, due_ns, scan_due_ns;
    struct clock_offsets origin;
    struct window window;
    struct server_history server;
    struct sample sample;
    struct monitor_out own_out, *out; /* out: where lines go, its own or the caller's; NULL: nowhere */
    struct buf line, head;
};

/* Reads the three clocks as close together as can be had: a step of the wall clock shows as a change of its
 * offset. */
static struct clock_offsets read_offsets(const struct clock *clock)
{
    struct clock_offsets best = {0};
    int64_t best_ns = INT64_MAX;
    for (int tries = 0; tries < 5 && best_ns > BRACKET_NS; tries++) {
        int64_t start_ns = clock_mono_ns(clock);
        int64_t wall_ns = clock_wall_ns(clock), boot_ns = clock_boot_ns(clock);
        int64_t bracket_ns = clock_mono_ns(clock) - start_ns;
        if (bracket_ns >= best_ns)
            continue;
        best_ns = bracket_ns;
        best.wall_ns = wall_ns - (start_ns + bracket_ns / 2);
        best.boot_ns = boot_ns - (start_ns + bracket_ns / 2);
    }
    return best;
}

static void read_clocks(struct monitor *m)
{
    struct clock_offsets now = read_offsets(m->clock);
    reading_set(&m->sample.readings[SENSOR_CLOCK_STEP], (double)(now.wall_ns - m->origin.wall_ns) / 1e9,
        "CLOCK_REALTIME - CLOCK_MONOTONIC");
    reading_set(&m->sample.readings[SENSOR_CLOCK_SUSPEND], (double)(now.boot_ns - m->origin.boot_ns) / 1e9,
        "CLOCK_BOOTTIME - CLOCK_MONOTONIC");
}

/* What every line of samples.jsonl begins with. */
static enum status write_head(struct monitor *m, const struct monitor_options *options)
{
    buf_append_text(&m->head, "{\"schema_version\":\"1.0.0\"");
    if (options->run_id) {
        buf_append_text(&m->head, ",\"run_id\":");
        json_write_text(options->run_id, strlen(options->run_id), &m->head);
    }
    if (options->test) {
        buf_append_text(&m->head, ",\"test\":");
        json_write_text(options->test, strlen(options->test), &m->head);
    }
    if (options->attempt > 0)
        buf_printf(&m->head, ",\"attempt\":%d", options->attempt);
    return buf_status(&m->head);
}

static void write_sample(struct monitor *m)
{
    static const char *const phases[] = {
        [SAMPLE_DURING] = "during", [SAMPLE_FIRST] = "before", [SAMPLE_LAST] = "after"};
    if (m->out == NULL)
        return;
    monitor_line_write(&m->line, &m->head, phases[m->sample.place], &m->sample);
    monitor_out_line(m->out, &m->line);
    if (m->sample.scanned)
        monitor_out_look(m->out);
}

static int64_t thread_cpu_ns(void)
{
    struct timespec t;
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) != 0)
        return 0;
    return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* The pass comes first, so that the sample has what it found. */
static void scan_processes(struct monitor *m)
{
    reader_scan_processes(m->reader);
    m->sample.scan_ns = clock_mono_ns(m->clock) - m->sample.t_mono_ns;
    m->scan_due_ns = m->sample.t_mono_ns + MONITOR_SCAN_PERIOD_NS;
}

/* How many GPUs there are the first reading tells. */
static void read_energy(struct monitor *m)
{
    if (!m->sample.energy && energy_gpu_add(m->energy, &m->sample))
        m->sample.energy = m->energy;
    energy_meter_read(m->energy);
}

static void take_sample(struct monitor *m, enum sample_place place, bool scan, int64_t lateness_ns)
{
    int64_t cpu_start_ns = thread_cpu_ns();
    struct sample *s = &m->sample;
    s->t_mono_ns = clock_mono_ns(m->clock);
    s->t_unix_ns = clock_wall_ns(m->clock);
    s->place = place;
    s->lateness_ns = lateness_ns > 0 ? lateness_ns : 0;
    s->scan_ns = 0;
    if (scan)
        scan_processes(m);
    reader_read(m->reader, s);
    read_energy(m);
    read_clocks(m);
    struct server_process server = reader_server(m->reader);
    server_history_note(&m->server, &server, s->t_mono_ns);
    s->cost_ns = clock_mono_ns(m->clock) - s->t_mono_ns;
    window_note(&m->window, s);
    write_sample(m);
    m->window.cost_ns += thread_cpu_ns() - cpu_start_ns;
}

static enum status open_out(struct monitor *m, const struct monitor_options *options, struct error *e)
{
    m->out = options->out;
    if (m->out != NULL || options->samples_path == NULL)
        return STATUS_OK;
    m->out = &m->own_out;
    return monitor_out_open(options->samples_path, MONITOR_OUT_ADD, m->out, e);
}

enum status monitor_open(const struct monitor_options *options, struct monitor **monitor, struct error *e)
{
    struct monitor *m = calloc(1, sizeof *m);
    enum status status = STATUS_NO_MEMORY;
    *monitor = NULL;
    if (!m)
        return error_set(e, status, "no memory to watch the machine");
    buf_init(&m->line, LINE_MAX_BYTES);
    buf_init(&m->head, LINE_MAX_BYTES / 2);
    m->own_out.fd = -1;
    m->clock = options->clock ? options->clock : clock_system();
    m->period_ns = options->period_ns > 0 ? options->period_ns : MONITOR_PERIOD_NS;
    struct reader_options reader = {.root = options->root ? options->root : "",
        .own_pid = options->own_pid > 0 ? options->own_pid : getpid(),
        .target_url = options->target_url,
        .disk_path = options->samples_path,
        .libraries = options->libraries,
        .deadline_ns = options->deadline_ns};
    if ((status = write_head(m, options)) != STATUS_OK) {
        error_set(e, status, "the names of run and test are too long");
        goto out;
    }
    status = open_out(m, options, e);
    struct energy_meter_options energy = {.root = reader.root,
        .clock = m->clock,
        .period_ns = m->period_ns,
        .deadline_ns = options->deadline_ns};
    if (status == STATUS_OK)
        status = reader_open(&reader, &m->reader, e);
    if (status == STATUS_OK)
        status = energy_meter_open(&energy, &m->energy, e);
    m->origin = read_offsets(m->clock);
out:
    if (status == STATUS_OK)
        *monitor = m;
    else
        monitor_close(m);
    return status;
}

void monitor_close(struct monitor *monitor)
{
    if (!monitor)
        return;
    reader_close(monitor->reader);
    energy_meter_close(monitor->energy);
    monitor_out_close(&monitor->own_out);
    buf_fini(&monitor->line);
    buf_fini(&monitor->head);
    free(monitor);
}

void monitor_watch_session(struct monitor *monitor, pid_t session)
{
    reader_watch_session(monitor->reader, session);
}

void monitor_begin(struct monitor *monitor)
{
    struct monitor *m = monitor;
    memset(&m->window, 0, sizeof m->window);
    m->server = (struct server_history){0};
    reader_locate_target(m->reader);
    energy_meter_begin(m->energy);
    take_sample(m, SAMPLE_FIRST, true, 0);
    /* the window starts where the first reading is complete: what reading costs is not part of it */
    m->window.start_ns = m->sample.t_mono_ns + m->sample.cost_ns;
    m->due_ns = m->sample.t_mono_ns + m->period_ns;
}

int64_t monitor_due_ns(const struct monitor *monitor)
{
    return monitor->due_ns;
}

bool monitor_sample(struct monitor *monitor, int64_t now_ns)
{
    struct monitor *m = monitor;
    if (now_ns < m->due_ns)
        return false;
    int64_t periods = (now_ns - m->due_ns) / m->period_ns; /* moments that passed unused */
    m->window.missed += (size_t)periods;
    take_sample(m, SAMPLE_DURING, now_ns >= m->scan_due_ns, now_ns - m->due_ns - periods * m->period_ns);
    m->due_ns += (periods + 1) * m->period_ns;
    return true;
}

void monitor_end(struct monitor *monitor)
{
    if (reader_server(monitor->reader).pid == 0)
        reader_locate_target(monitor->reader); /* it may have come meanwhile */
    take_sample(monitor, SAMPLE_LAST, true, 0);
    monitor->window.end_ns = monitor->sample.t_mono_ns;
}

const struct window *monitor_window(const struct monitor *monitor)
{
    return &monitor->window;
}

const struct sample *monitor_latest(const struct monitor *monitor)
{
    return &monitor->sample;
}

const struct server_history *monitor_server(const struct monitor *monitor)
{
    return &monitor->server;
}

const struct energy_meter *monitor_energy(const struct monitor *monitor)
{
    return monitor->energy;
}

void monitor_read_energy(struct monitor *monitor)
{
    energy_meter_read(monitor->energy);
}

void monitor_append(struct monitor *monitor, const struct json_object *line)
{
    if (monitor->out == NULL)
        return;
    buf_clear(&monitor->line);
    if (json_write(line, &monitor->line, NULL) == STATUS_OK || buf_status(&monitor->line) != STATUS_OK)
        monitor_out_line(monitor->out, &monitor->line);
}

enum status monitor_write_status(const struct monitor *monitor, struct error *e)
{
    return monitor->out != NULL ? monitor_out_status(monitor->out, e) : STATUS_OK;
}
