#include "quiet.h"

#include "buf.h"
#include "quality.h"
#include "quality_words.h"

#include <stdio.h>

/* The first finding that waiting may mend; "" without one. */
static void find_disturbance(const struct quality *quality, char *reason, size_t size)
{
    reason[0] = '\0';
    for (size_t i = 0; i < SENSOR_COUNT && !reason[0]; i++) {
        const struct finding *finding = &quality->findings[i];
        struct buf words = BUF_INIT(1024);
        if (finding->raised && !quality_is_state(finding->rule->measure) &&
            quality_words_append(finding, sensor_table[i].unit, &words) == STATUS_OK)
            snprintf(reason, size, "%s", buf_text(&words));
        buf_fini(&words);
    }
}

static bool sleep_until(const struct quiet_options *o, const struct clock *clock, int64_t until_ns)
{
    if (o->pause)
        return o->pause(o->arg, until_ns);
    clock_sleep_until(clock, until_ns);
    return true;
}

/* False where the pause was told to give up. */
static bool watch_window(
    const struct quiet_options *o, const struct clock *clock, struct monitor *m, int64_t end_ns)
{
    monitor_begin(m);
    for (int64_t now_ns = clock_mono_ns(clock); now_ns < end_ns; now_ns = clock_mono_ns(clock)) {
        int64_t due_ns = monitor_due_ns(m);
        if (!sleep_until(o, clock, due_ns < end_ns ? due_ns : end_ns))
            return false;
        (void)monitor_sample(m, clock_mono_ns(clock));
    }
    monitor_end(m);
    return true;
}

enum status quiet_wait(const struct quiet_options *options, struct quiet *quiet, struct error *e)
{
    const struct clock *clock = options->clock ? options->clock : clock_system();
    struct monitor_options watched = {.root = options->root,
        .clock = options->clock,
        .own_pid = options->own_pid,
        .target_url = options->target_url};
    struct monitor *m;
    int64_t start_ns = clock_mono_ns(clock);
    *quiet = (struct quiet){0};
    enum status s = monitor_open(&watched, &m, e);
    if (s != STATUS_OK)
        return s;
    do {
        struct quality quality;
        if (!watch_window(options, clock, m, clock_mono_ns(clock) + QUIET_WINDOW_NS))
            break;
        quality_judge(monitor_window(m), &quality);
        find_disturbance(&quality, quiet->reason, sizeof quiet->reason);
        quiet->quiet = !quiet->reason[0];
        quiet->waited_ns = clock_mono_ns(clock) - start_ns;
    } while (!quiet->quiet && quiet->waited_ns < options->limit_ns);
    quiet->waited_ns = clock_mono_ns(clock) - start_ns;
    monitor_close(m);
    return STATUS_OK;
}
