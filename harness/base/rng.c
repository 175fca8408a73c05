#include "rng.h"

#include "text.h"

#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#ifdef __APPLE__
#include <sys/random.h>
#endif

static uint64_t splitmix64(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void rng_seed(struct rng *r, uint64_t seed)
{
    *r = (struct rng){0};
    for (int i = 0; i < 4; i++)
        r->s[i] = splitmix64(&seed);
}

void rng_seed_text(struct rng *r, uint64_t seed, const char *text)
{
    /* Mixed before the name is added, so that seed 1 with one name is not seed 2 with a neighbouring hash. */
    uint64_t mixed = splitmix64(&seed) ^ text_hash(text, strlen(text));
    rng_seed(r, mixed);
}

static uint64_t rotate_left(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t rng_next(struct rng *r)
{
    uint64_t *s = r->s;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint64_t rng_below(struct rng *r, uint64_t bound)
{
    if (bound == 0)
        return 0;
    /* Numbers below 2^64 mod bound would favour small results: drawn again. */
    uint64_t biased = (0 - bound) % bound;
    uint64_t x;
    do
        x = rng_next(r);
    while (x < biased);
    return x % bound;
}

double rng_uniform(struct rng *r)
{
    return (double)(rng_next(r) >> 11) * 0x1.0p-53;
}

double rng_disc(struct rng *r, double *u, double *v)
{
    double q;
    do {
        *u = 2 * rng_uniform(r) - 1;
        *v = 2 * rng_uniform(r) - 1;
        q = *u * *u + *v * *v;
    } while (q >= 1 || q <= 0);
    return q;
}

/* Marsaglia's polar method: two values from each accepted point of the unit disc. */
double rng_normal(struct rng *r, double mean, double sd)
{
    if (r->has_spare) {
        r->has_spare = 0;
        return mean + sd * r->spare_normal;
    }
    double u, v, q = rng_disc(r, &u, &v);
    double scale = sqrt(-2 * log(q) / q);
    r->spare_normal = v * scale;
    r->has_spare = 1;
    return mean + sd * u * scale;
}

double rng_lognormal(struct rng *r, double mu, double sigma)
{
    return exp(rng_normal(r, mu, sigma));
}

double rng_exponential(struct rng *r, double mean)
{
    return -mean * log1p(-rng_uniform(r));
}

static void swap_bytes(unsigned char *a, unsigned char *b, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char kept = a[i];
        a[i] = b[i];
        b[i] = kept;
    }
}

void rng_shuffle(struct rng *r, void *items, size_t count, size_t item_size)
{
    unsigned char *bytes = items;
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)rng_below(r, i);
        if (j != i - 1)
            swap_bytes(bytes + (i - 1) * item_size, bytes + j * item_size, item_size);
    }
}

uint64_t rng_entropy(void)
{
    uint64_t value = 0;
    if (getentropy(&value, sizeof value) == 0)
        return value;
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_REALTIME, &t);
    uint64_t state = (uint64_t)t.tv_sec * 1000000007u + (uint64_t)t.tv_nsec + ((uint64_t)getpid() << 40);
    return splitmix64(&state);
}
