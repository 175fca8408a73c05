/*
 * lengths.h - draws numbers of tokens, turns or milliseconds from a struct length (load_plan.h).
 *
 * Draws that are not whole are rounded to the nearest; what falls outside the limits becomes the limit, so
 * that the mean moves by what was cut. A length that says nothing (all zero) is absent.
 *
 *     struct length_limits limits = {.name = "prompt_tokens", .least = 1, .most = LOAD_TOKENS_MAX};
 *     struct length_source prompts;
 *     if (length_source_init(&prompts, &options->prompt_tokens, &limits, seed, &why) != STATUS_OK) ...
 *     uint32_t n = length_source_next(&prompts);
 */
#ifndef ASSAY_LENGTHS_H
#define ASSAY_LENGTHS_H

#include "load_plan.h"
#include "rng.h"

struct length_limits {
    const char *name; /* of the option and of its stream of random numbers; static */
    int64_t least, most;
};

struct length_source {
    struct rng random;
    enum length_kind kind;
    double location, scale; /* normal: mean, stddev; lognormal: those of the logarithm */
    int64_t low, high;      /* both included, within the limits */
    const int64_t *list;    /* borrowed */
    size_t list_count;
};

bool length_is_absent(const struct length *length);

/* STATUS_USAGE with the option's name and what to change. The list is borrowed from then on. */
enum status length_source_init(struct length_source *source, const struct length *length,
    const struct length_limits *limits, uint64_t seed, struct error *e) ASSAY_MUST_CHECK;

/* 0 for an absent length. */
uint32_t length_source_next(struct length_source *source);

#endif
