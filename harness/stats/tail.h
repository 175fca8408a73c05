/*
 * tail.h - how likely chance alone is to go so far: tails of the binomial and of Student's distribution.
 *
 * Both are a regularised incomplete beta function, which is computed by its continued fraction (DLMF 8.17.22),
 * to about 1e-12.
 *
 *     if (tail_binomial(n, late, 0.01) < 0.05) ...   // more are late than one in a hundred explains
 */
#ifndef ASSAY_TAIL_H
#define ASSAY_TAIL_H

#include <stddef.h>

/* P(K >= k) for K ~ Binomial(n, p), 0 <= p <= 1. */
double tail_binomial(size_t n, size_t k, double p);

/* P(|T| >= |t|) for T of Student's distribution with so many degrees of freedom, > 0 and not necessarily
 * whole. */
double tail_student(double t, double freedom);

/* Samples from which on a one-sided 95 % bound of the p-quantile exists: ln 0.05 / ln p rounded up; 1 for p <=
 * 0, and SIZE_MAX for p >= 1. */
size_t tail_quantile_floor(double p);

#endif
