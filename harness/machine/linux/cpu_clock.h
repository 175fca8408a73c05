/*
 * cpu_clock.h - clock rates of the processors: where they are, how high they may go, who decides.
 *
 *     struct cpu_clock c;
 *     cpu_clock_open(&c, root);
 *     cpu_clock_read(&c, &sample);       // once a second: one file per processor and value
 *     cpu_clock_close(&c);
 *
 * Of a machine with many processors every n-th is read, spread over all of them.
 *
 * A clock rate follows the load, so a low one says nothing by itself. What is judged are the limits set from
 * outside (highest rate allowed, boost, governor), and processors that had work all the time and still stayed
 * below the rate that their maker guarantees.
 */
#ifndef ASSAY_CPU_CLOCK_H
#define ASSAY_CPU_CLOCK_H

#include "sensor.h"

enum { CPU_CLOCKS_MAX = 32 };

/* One processor; descriptors are -1 where the machine has no such file. */
struct cpu_clock_one {
    uint64_t number;
    int rate, limit, governor;  /* descriptors */
    int64_t base_khz;           /* guaranteed under load; 0 where unknown */
    uint64_t busy_ticks, ticks; /* at the last reading */
    double busy_share;          /* between the last two */
};

struct cpu_clock {
    struct cpu_clock_one cpus[CPU_CLOCKS_MAX];
    size_t count;
    int boost, stat;        /* descriptors */
    bool boost_is_negative; /* no_turbo */
    double shortfall;       /* of the last reading */
    char text[32 * 1024];   /* of /proc/stat: as many processors as fit */
};

void cpu_clock_open(struct cpu_clock *c, const char *root);
void cpu_clock_close(struct cpu_clock *c);
void cpu_clock_read(struct cpu_clock *c, struct sample *sample);

#endif
