#include "clock.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

/*
 * Linux: the monotonic clock stands still in suspend, CLOCK_BOOTTIME goes on. macOS: its monotonic clocks go on
 * (mach_continuous_time), the one of the uptime stands still (mach_absolute_time). Elsewhere nobody can tell.
 */
#if defined __APPLE__
#define MONO_CLOCK CLOCK_UPTIME_RAW
#define BOOT_CLOCK CLOCK_MONOTONIC_RAW
#elif defined CLOCK_BOOTTIME
#define MONO_CLOCK CLOCK_MONOTONIC
#define BOOT_CLOCK CLOCK_BOOTTIME
#else
#define MONO_CLOCK CLOCK_MONOTONIC
#define BOOT_CLOCK CLOCK_MONOTONIC
#endif

static int64_t read_clock(clockid_t id)
{
    struct timespec t = {0};
    (void)clock_gettime(id, &t);
    return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

static int64_t system_mono_ns(void *state)
{
    (void)state;
    return read_clock(MONO_CLOCK);
}

static int64_t system_boot_ns(void *state)
{
    (void)state;
    return read_clock(BOOT_CLOCK);
}

static int64_t system_wall_ns(void *state)
{
    (void)state;
    return read_clock(CLOCK_REALTIME);
}

static void system_sleep_until(void *state, int64_t mono_ns)
{
    (void)state;
#ifdef __linux__
    struct timespec until = {.tv_sec = (time_t)(mono_ns / NS_PER_S), .tv_nsec = (long)(mono_ns % NS_PER_S)};
    if (mono_ns <= 0)
        return;
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
        continue;
#else
    for (int64_t left; (left = mono_ns - system_mono_ns(NULL)) > 0;) {
        struct timespec t = {.tv_sec = (time_t)(left / NS_PER_S), .tv_nsec = (long)(left % NS_PER_S)};
        (void)nanosleep(&t, NULL);
    }
#endif
}

const struct clock *clock_system(void)
{
    static const struct clock system = {
        .mono_ns = system_mono_ns,
        .boot_ns = system_boot_ns,
        .wall_ns = system_wall_ns,
        .sleep_until = system_sleep_until,
    };
    return &system;
}

void clock_sleep_precisely(void)
{
#ifdef __linux__
    (void)prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
#endif
}

static int64_t virtual_mono_ns(void *state)
{
    return ((struct clock_virtual *)state)->mono_ns;
}

static int64_t virtual_boot_ns(void *state)
{
    return ((struct clock_virtual *)state)->boot_ns;
}

static int64_t virtual_wall_ns(void *state)
{
    return ((struct clock_virtual *)state)->wall_ns;
}

static void virtual_sleep_until(void *state, int64_t mono_ns)
{
    struct clock_virtual *v = state;
    if (mono_ns > v->mono_ns)
        clock_virtual_advance(v, mono_ns - v->mono_ns);
}

void clock_virtual_init(struct clock_virtual *v, int64_t wall_ns)
{
    *v = (struct clock_virtual){
        .clock = {.mono_ns = virtual_mono_ns,
            .boot_ns = virtual_boot_ns,
            .wall_ns = virtual_wall_ns,
            .sleep_until = virtual_sleep_until,
            .state = v},
        .mono_ns = NS_PER_S, /* not 0, which means "never came" in an exchange */
        .boot_ns = NS_PER_S,
        .wall_ns = wall_ns,
    };
}

void clock_virtual_advance(struct clock_virtual *v, int64_t ns)
{
    v->mono_ns += ns;
    v->boot_ns += ns;
    v->wall_ns += ns;
}

int64_t clock_mono_ns(const struct clock *c)
{
    return c->mono_ns(c->state);
}

int64_t clock_boot_ns(const struct clock *c)
{
    return c->boot_ns(c->state);
}

int64_t clock_wall_ns(const struct clock *c)
{
    return c->wall_ns(c->state);
}

void clock_sleep_until(const struct clock *c, int64_t mono_ns)
{
    c->sleep_until(c->state, mono_ns);
}

void clock_format_rfc3339(int64_t wall_ns, char text[CLOCK_RFC3339_SIZE])
{
    int64_t second = wall_ns / NS_PER_S, rest = wall_ns % NS_PER_S;
    if (rest < 0) { /* floor, also before 1970 */
        rest += NS_PER_S;
        second--;
    }
    time_t seconds = (time_t)second;
    struct tm t = {0};
    (void)gmtime_r(&seconds, &t);
    char wide[96]; /* what seven arbitrary ints could take; these are in range */
    (void)snprintf(wide, sizeof wide, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", t.tm_year + 1900, t.tm_mon + 1,
        t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, (int)(rest / NS_PER_MS));
    (void)snprintf(text, CLOCK_RFC3339_SIZE, "%.*s", CLOCK_RFC3339_SIZE - 1, wide);
}

int64_t clock_ns_of_seconds(double seconds)
{
    const double century_s = 100 * 365.25 * 86400;
    if (!(seconds > 0))
        return 0;
    return (int64_t)((seconds < century_s ? seconds : century_s) * (double)NS_PER_S);
}
