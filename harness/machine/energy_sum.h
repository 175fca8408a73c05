/*
 * energy_sum.h - which sources of energy count together, so that nothing counts twice and what is left out is said.
 *
 *     struct energy_measured m;             // filled by energy_meter_measure(): what each source said
 *     energy_sum_up(&m);
 *     if (m.reason[0]) unavailable(m.reason); else use(m.joules, m.not_covered);
 *
 * A meter of the whole machine counts alone. Without one it is the processor packages, the memory where it has a
 * source of its own, and the GPUs; the platform (psys) takes the place of packages and memory where no GPU tells
 * of itself, since it may contain it, and where it is no less than the packages. A battery counts where nothing
 * else does. Cores and graphics of a package never count beside it.
 *
 * A source that should count and told too little of the window makes the sum unavailable: a sum without it would be
 * another quantity. One that can never be read here is no part of it, and is named.
 */
#ifndef ASSAY_ENERGY_SUM_H
#define ASSAY_ENERGY_SUM_H

#include "energy_source.h"

enum { ENERGY_READINGS_MIN = 5, ENERGY_TEXT_SIZE = 512 };
#define ENERGY_COVERAGE_MIN 0.99

struct energy_told {
    const struct energy_source *source;
    double joules, covered_s, readings;
    bool usable, counted;
    char reason[ENERGY_REASON_SIZE]; /* why it is not usable, or does not count; "" where it counts */
};

struct energy_measured {
    struct energy_told told[ENERGY_SOURCES_MAX];
    size_t count;
    double window_s;
    /* by energy_sum_up: */
    double joules, coverage, readings; /* of what counts; coverage and readings of its worst */
    bool coarse;
    bool covers[ENERGY_PART_COUNT];
    char names[ENERGY_TEXT_SIZE];       /* of what counts: "package_0 + dram_0" */
    char not_covered[ENERGY_TEXT_SIZE]; /* "" where the whole machine is measured */
    char reason[ENERGY_TEXT_SIZE];      /* why there is no sum; "" where there is one */
};

void energy_sum_up(struct energy_measured *m);

#endif
