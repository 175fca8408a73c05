/* What recording one value costs, what a quantile costs, and what the memory is. Median of several rounds. */
#include "clock.h"
#include "hist.h"
#include "rng.h"
#include "stats.h"

#include <stdio.h>
#include <stdlib.h>

enum { VALUES = 1 << 16, ROUNDS = 31, PASSES = 16 };

static double record_ns(struct hist *h, const int64_t *values)
{
    double rounds[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        int64_t t0 = clock_mono_ns(clock_system());
        for (int pass = 0; pass < PASSES; pass++)
            for (int i = 0; i < VALUES; i++)
                hist_record(h, values[i]);
        rounds[round] = (double)(clock_mono_ns(clock_system()) - t0) / ((double)VALUES * PASSES);
    }
    return stats_median(rounds, ROUNDS);
}

static double quantile_ns(const struct hist *h)
{
    double rounds[ROUNDS], sum = 0;
    for (int round = 0; round < ROUNDS; round++) {
        int64_t t0 = clock_mono_ns(clock_system());
        for (int i = 0; i < 100; i++)
            sum += hist_quantile(h, 0.99);
        rounds[round] = (double)(clock_mono_ns(clock_system()) - t0) / 100;
    }
    return sum > 0 ? stats_median(rounds, ROUNDS) : 0;
}

int main(void)
{
    struct hist *h = hist_new();
    int64_t *values = malloc(VALUES * sizeof *values);
    struct rng r;
    if (h == NULL || values == NULL)
        return 4;
    rng_seed(&r, 1);
    for (int i = 0; i < VALUES; i++)
        values[i] = (int64_t)rng_lognormal(&r, 16, 1.5);
    double record = record_ns(h, values), quantile = quantile_ns(h);
    printf("hist_record %.2f ns per value, hist_quantile %.0f ns, %zu bytes\n", record, quantile, sizeof *h);
    free(values);
    hist_free(h);
    return 0;
}
