/*
 * draw.h - random draws that are the same on every machine, for plans that are.
 *
 * A C library may round log and exp as it likes, and does so differently from one to the next: a plan made
 * with them would differ in its last nanoseconds. Here only additions, multiplications, divisions and square
 * roots are used, which IEEE 754 rounds in one way (the room is compiled with -ffp-contract=off).
 *
 *     struct rng gaps;
 *     rng_seed_text(&gaps, seed, "arrivals");        // a stream per aspect: one option does not move another
 *     double gap_s = draw_exponential(&gaps) / rate_per_s;
 */
#ifndef ASSAY_DRAW_H
#define ASSAY_DRAW_H

#include "rng.h"

/* Within a few units in the last place of the true value. */
double draw_log(double x); /* of a normal number above 0 */
double draw_exp(double x); /* |x| <= 700 */

double draw_exponential(struct rng *r); /* mean 1 */
double draw_normal(struct rng *r);      /* mean 0, standard deviation 1 */

/* Mean shape, variance shape: Marsaglia and Tsang (2000), "A simple method for generating gamma variables";
 * below shape 1 by their G(a) = G(a + 1) U^(1/a). shape > 0. */
double draw_gamma(struct rng *r, double shape);

#endif
