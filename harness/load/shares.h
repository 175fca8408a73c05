/*
 * shares.h - gives out turns to several targets in fixed proportions, exactly rather than by luck.
 *
 * After every n turns each choice has had n times its share, to within one turn: R. Tijdeman, "The chairman
 * assignment problem" (1980). The order has no randomness, so a seed does not change it.
 *
 *     struct shares shares;
 *     if (shares_init(&shares, (double[]){3, 1}, 2, &why) != STATUS_OK) ...
 *     uint16_t choice = shares_next(&shares);       // 0 0 1 0 0 0 1 0 ...
 *     shares_fini(&shares);
 */
#ifndef ASSAY_SHARES_H
#define ASSAY_SHARES_H

#include "status.h"

#include <stddef.h>
#include <stdint.h>

enum { SHARES_MAX = 1024 };

struct shares {
    double *part; /* of 1 */
    uint64_t *given;
    size_t count; /* 0 and 1: all turns go to choice 0 */
    uint64_t turns;
};

/* NULL weights: one choice. STATUS_USAGE: a weight that is negative or no number, none above 0, too many. */
enum status shares_init(
    struct shares *shares, const double *weights, size_t count, struct error *e) ASSAY_MUST_CHECK;
void shares_fini(struct shares *shares);

uint16_t shares_next(struct shares *shares);

#endif
