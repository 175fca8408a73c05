/*
 * clock.h - time as int64 nanoseconds. Durations come from the monotonic clock only; wall time is a label.
 *
 * Code that waits or stamps takes a const struct clock *, so tests run on virtual time (clock_virtual_*).
 *
 *     int64_t t0_ns = clock_mono_ns(clock);
 *     clock_sleep_until(clock, t0_ns + 200 * NS_PER_MS);
 */
#ifndef ASSAY_CLOCK_H
#define ASSAY_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_US INT64_C(1000)

struct clock {
    int64_t (*mono_ns)(void *state);                   /* CLOCK_MONOTONIC */
    int64_t (*boot_ns)(void *state);                   /* CLOCK_BOOTTIME: goes on in suspend */
    int64_t (*wall_ns)(void *state);                   /* CLOCK_REALTIME, Unix epoch */
    void (*sleep_until)(void *state, int64_t mono_ns); /* absolute, on the monotonic clock */
    void *state;
};

/* The machine's clocks; static, thread-safe. */
const struct clock *clock_system(void);

/* A clock that stands still until told to move or until somebody sleeps on it. */
struct clock_virtual {
    struct clock clock;
    int64_t mono_ns, boot_ns, wall_ns;
};
void clock_virtual_init(struct clock_virtual *v, int64_t wall_ns);
void clock_virtual_advance(struct clock_virtual *v, int64_t ns);

int64_t clock_mono_ns(const struct clock *c);
int64_t clock_boot_ns(const struct clock *c);
int64_t clock_wall_ns(const struct clock *c);
void clock_sleep_until(const struct clock *c, int64_t mono_ns);

/* From now on this thread's sleeps end as exactly as the machine can; Linux lets them be 50 us late else. */
void clock_sleep_precisely(void);

/* Whole nanoseconds of a time in seconds, for deadlines: at most a century, 0 for what is negative or no
 * number. */
int64_t clock_ns_of_seconds(double seconds);

/* "2026-11-20T23:46:05.123Z" (RFC 3339, UTC, milliseconds; locale-proof). text holds CLOCK_RFC3339_SIZE
 * bytes. */
#define CLOCK_RFC3339_SIZE 32
void clock_format_rfc3339(int64_t wall_ns, char text[CLOCK_RFC3339_SIZE]);

#endif
