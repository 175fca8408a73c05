#include "process_sensors.h"

#include "clock.h"

/* A search costs milliseconds, and there may be hundreds of samples in a second. */
static const int64_t SEARCH_PERIOD_NS = 150 * NS_PER_MS;

static void fail_all(struct process_sensors *p, const char *reason)
{
    struct reading *all[] = {&p->ours, &p->target_time, &p->foreign, &p->target_rss, &p->target_faults,
        &p->zombies_ours, &p->zombies_others};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        reading_failed(all[i], p->units->time, reason);
}

void process_sensors_open(struct process_sensors *p, const char *root, const struct process_units *units,
    const struct reader_options *options)
{
    p->root = root;
    p->units = units;
    process_table_open(&p->table, root, options->own_pid);
    target_process_open(&p->target, options->target_url);
    fail_all(p, "no pass over the processes was made yet");
}

void process_sensors_close(struct process_sensors *p)
{
    process_table_close(&p->table);
}

void process_sensors_locate(struct process_sensors *p)
{
    target_process_locate(&p->target, p->root);
}

static void set_target_time(struct process_sensors *p)
{
    if (p->target.seen.server.pid == 0)
        target_process_explain(&p->target, &p->target_time, p->units->target_time);
    else
        reading_set(&p->target_time, (double)target_process_ticks(&p->target) * p->units->tick_s,
            p->units->target_time);
}

static void set_target_memory(struct process_sensors *p)
{
    const struct target_totals *seen = &p->target.seen;
    if (seen->server.pid == 0) {
        target_process_explain(&p->target, &p->target_rss, p->units->target_memory);
        target_process_explain(&p->target, &p->target_faults, p->units->target_faults);
        return;
    }
    reading_set(&p->target_rss, (double)seen->rss_pages * p->units->page_bytes, p->units->target_memory);
    reading_set(&p->target_faults, (double)seen->major_faults, p->units->target_faults);
}

/* Foreign is what remains; where a local server's share is not known, neither is the rest. */
static void set_foreign_time(struct process_sensors *p, double busy_s, const struct process_totals *totals)
{
    bool target_elsewhere = p->target.kind == TARGET_NONE || p->target.kind == TARGET_REMOTE;
    double known_s = (double)(totals->ours_ticks + target_process_ticks(&p->target)) * p->units->tick_s;
    if (p->target_time.status != SENSOR_OK && !target_elsewhere)
        reading_unavailable(&p->foreign, p->units->foreign, p->target_time.reason);
    else
        reading_set(&p->foreign, busy_s - known_s, p->units->foreign);
}

static void set_zombies(struct process_sensors *p, const struct process_totals *totals)
{
    reading_set(&p->zombies_ours, (double)totals->ours_zombies, p->units->time);
    if (totals->others_seen)
        reading_set(&p->zombies_others, (double)totals->others_zombies, p->units->time);
    else
        reading_unavailable(&p->zombies_others, p->units->time, "other users' processes are hidden");
}

void process_sensors_scan(struct process_sensors *p, const double *busy_s, const struct reading *why_not)
{
    struct process_totals totals;
    if (!target_process_scan(&p->target, p->root, &p->table, &totals)) {
        fail_all(p, p->table.reason);
        return;
    }
    reading_set(&p->ours, (double)totals.ours_ticks * p->units->tick_s, p->units->time);
    set_zombies(p, &totals);
    set_target_time(p);
    set_target_memory(p);
    if (busy_s)
        set_foreign_time(p, *busy_s, &totals);
    else
        p->foreign = *why_not;
}

bool process_sensors_look(struct process_sensors *p, int64_t t_ns)
{
    if (target_process_look(&p->target, &p->table)) {
        set_target_memory(p);
        return true;
    }
    if (t_ns < p->search_due_ns)
        return true;
    p->search_due_ns = t_ns + SEARCH_PERIOD_NS;
    return false;
}

/* Whose machine the sensors of this host speak of: the server's too, or the client's alone. */
static void read_server_place(const struct process_sensors *p, struct reading *r)
{
    static const char source[] = "address of the measured URL";
    if (p->target.kind == TARGET_LOCAL || p->target.kind == TARGET_REMOTE)
        reading_set(r, p->target.kind == TARGET_LOCAL, source);
    else
        target_process_explain(&p->target, r, source);
}

void process_sensors_fill(const struct process_sensors *p, struct sample *sample)
{
    read_server_place(p, &sample->readings[SENSOR_SERVER_IS_LOCAL]);
    sample->readings[SENSOR_ZOMBIES_OURS] = p->zombies_ours;
    sample->readings[SENSOR_ZOMBIES_OTHERS] = p->zombies_others;
    sample->readings[SENSOR_CPU_OURS] = p->ours;
    sample->readings[SENSOR_CPU_TARGET] = p->target_time;
    sample->readings[SENSOR_CPU_FOREIGN] = p->foreign;
    sample->readings[SENSOR_RSS_TARGET] = p->target_rss;
    sample->readings[SENSOR_MAJOR_FAULTS_TARGET] = p->target_faults;
}
