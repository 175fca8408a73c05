/*
 * run_rates.h - does a model get slower from test to test of a run? Its rate of decoding in the tests before.
 *
 *     struct run_rates rates;
 *     rates_recall(folder, "ollama", "llama3", &rates);          // as the tests before left them
 *     rates_into_record(&rates, test, start_unix_ns, record);    // adds this test's, and judges them all
 *     rates_remember(folder, "ollama", "llama3", &rates);
 *
 * The cases of a model run in random order, so that which case came when says nothing: a trend over the moments of
 * at least eight tests is the machine's or the server's (drift.h has the limits). Of several attempts of a test the
 * last one counts.
 */
#ifndef ASSAY_RUN_RATES_H
#define ASSAY_RUN_RATES_H

#include "run_folder.h"

enum { RATES_MAX = 128 }; /* the latest; earlier ones are forgotten */

struct run_rate {
    double at_s;  /* Unix time */
    double per_s; /* tokens/s: the record's median */
    int64_t test; /* a hash of its name */
};

struct run_rates {
    struct run_rate items[RATES_MAX]; /* in order of time */
    size_t count;
    bool grew; /* there is something new to remember */
};

void rates_recall(
    const struct run_folder *folder, const char *target, const char *model, struct run_rates *rates);
/* What cannot be written is not remembered. */
void rates_remember(
    const struct run_folder *folder, const char *target, const char *model, const struct run_rates *rates);

/* False: no memory. A record without a rate of decoding adds nothing. */
bool rates_into_record(
    struct run_rates *rates, const char *test, int64_t start_unix_ns, struct json_object *record);

#endif
