/*
 * cross_check.h - what the server says of one exchange beside what the client saw of it.
 *
 * Only figures that both sides have are compared. Times differ where they are apart by more than both limits;
 * a rate is judged by the time that it stands for, so that a fast answer of few tokens is not taken for a
 * difference; counts differ by more than the share and more than one token (a stop token is counted by some
 * and not by others).
 *
 *     struct cross_pair pairs[CROSS_PAIRS_MAX];
 *     size_t n = cross_check(&x, &cross_limits_usual, pairs);
 *     for (size_t i = 0; i < n; i++)
 *         if (pairs[i].differs) printf("%s: %s\n", pairs[i].metric, pairs[i].cause);
 */
#ifndef ASSAY_CROSS_CHECK_H
#define ASSAY_CROSS_CHECK_H

#include "exchange.h"

struct cross_limits {
    double share;   /* relative difference, 0.05 */
    double slack_s; /* and the time behind it, 0.005 s */
};
extern const struct cross_limits cross_limits_usual;

struct cross_pair {
    const char *metric; /* static text: "ttft_s", "decode_tokens_per_s", "completion_tokens", ... */
    double client, server;
    const char *source; /* static text: "llamacpp_timings", "server_usage" */
    bool differs;
    const char
        *cause; /* static text: what most likely explains the difference; of counts also of a small one */
};

enum { CROSS_PAIRS_MAX = 8 };

/* How many pairs; none for an exchange that failed. */
size_t cross_check(const struct exchange *x, const struct cross_limits *limits, struct cross_pair *pairs);

/* (client - server) / server; 0 where both are 0. */
double cross_difference(double client, double server);

#endif
