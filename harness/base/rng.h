/*
 * rng.h - seeded randomness: xoshiro256** 1.0 (Blackman, Vigna 2018), seeded through splitmix64.
 *
 * The same seed gives the same numbers on every machine. Not for secrets.
 *
 *     struct rng r;
 *     rng_seed(&r, 42);
 *     double gap_s = rng_exponential(&r, 1.0 / rate_per_s);
 */
#ifndef ASSAY_RNG_H
#define ASSAY_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
    uint64_t s[4];
    double spare_normal; /* second value of the polar method */
    int has_spare;
};

void rng_seed(struct rng *r, uint64_t seed);
void rng_seed_text(struct rng *r, uint64_t seed, const char *text); /* an independent stream per name */
uint64_t rng_next(struct rng *r);
uint64_t rng_below(struct rng *r, uint64_t bound); /* uniform in [0, bound), unbiased; 0 for bound 0 */
double rng_uniform(struct rng *r);                 /* [0, 1), 53 bits */
/* A point of the unit disc without its middle, evenly: its two coordinates, and their squares' sum as the value. */
double rng_disc(struct rng *r, double *u, double *v);
double rng_normal(struct rng *r, double mean, double sd);
double rng_lognormal(struct rng *r, double mu, double sigma); /* parameters of the underlying normal */
double rng_exponential(struct rng *r, double mean);
void rng_shuffle(struct rng *r, void *items, size_t count, size_t item_size);

/* 64 bits from the operating system, for seeds and names; falls back to time and pid. */
uint64_t rng_entropy(void);

#endif
