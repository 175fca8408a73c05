#include "ready.h"

#include "clock.h"
#include "stop.h"
#include "timeline.h"

#define TICK_NS (200 * NS_PER_MS)

struct pausing {
    const struct ready_options *options;
    const char *what;
};

/* Sleeps until then; false where a signal asked us to stop. */
static bool pause_until(void *arg, int64_t until_ns)
{
    const struct pausing *p = arg;
    const struct clock *clock = clock_system();
    for (int64_t left_ns; stop_asked() == 0 && (left_ns = until_ns - clock_mono_ns(clock)) > 0;) {
        if (p->options->tick)
            p->options->tick(p->options->arg, p->what);
        stop_wait(left_ns < TICK_NS ? left_ns : TICK_NS);
    }
    return stop_asked() == 0;
}

static void wait_for_quiet(const struct ready_options *options, const char *url, struct ready *ready)
{
    struct pausing pausing = {options, "waiting until the machine is quiet"};
    struct quiet_options quiet = {.root = options->machine_root,
        .target_url = url,
        .limit_ns = options->quiet_limit_ns,
        .pause = pause_until,
        .arg = &pausing};
    ready->quiet_start_ns = clock_mono_ns(clock_system());
    (void)!quiet_wait(&quiet, &ready->quiet, NULL); /* a machine that cannot be watched is not waited for */
}

void ready_wait(const struct ready_options *options, bool first, const char *url, struct ready *ready)
{
    struct pausing pausing = {options, "cooling down"};
    *ready = (struct ready){0};
    if (options->cooldown_ns > 0 && !first) {
        ready->cooldown_start_ns = clock_mono_ns(clock_system());
        (void)pause_until(&pausing, ready->cooldown_start_ns + options->cooldown_ns);
    }
    if (options->quiet_limit_ns > 0 && stop_asked() == 0)
        wait_for_quiet(options, url, ready);
    ready->end_ns = clock_mono_ns(clock_system());
}

bool ready_into_record(const struct ready *ready, int64_t start_mono_ns, struct json_object *record)
{
    const struct {
        const char *event;
        int64_t at_ns;
    } moments[] = {
        {"cooldown_start", ready->cooldown_start_ns},
        {"quiet_wait_start", ready->quiet_start_ns},
        {"quiet_wait_end", ready->quiet_start_ns != 0 ? ready->end_ns : 0},
    };
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof moments / sizeof moments[0]; i++)
        if (moments[i].at_ns != 0)
            ok = timeline_add(record, moments[i].event, (double)(moments[i].at_ns - start_mono_ns) / 1e9);
    return ok;
}
