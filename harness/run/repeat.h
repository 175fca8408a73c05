/*
 * repeat.h - the figures of one repeat of a case, gathered exchange by exchange and handed to the journal at
 * its end.
 *
 * A repeat is the independent unit: with several exchanges in it (a conversation) an ordinary metric's value
 * is their median; a pooled metric keeps all its samples.
 *
 *     struct repeat_figures f;
 *     repeat_figures_init(&f);
 *     repeat_figures_add_exchange(&f, &x);
 *     repeat_figures_write(&f, journal, repeat);
 *     repeat_figures_clear(&f);                       // for the next repeat
 *     repeat_figures_fini(&f);
 */
#ifndef ASSAY_REPEAT_H
#define ASSAY_REPEAT_H

#include "exchange.h"

struct journal;

enum { REPEAT_METRICS_MAX = 40 };

struct repeat_figures {
    struct repeat_samples {
        const char *metric; /* of the table in metric.h */
        double *values;
        size_t count, cap;
    } metrics[REPEAT_METRICS_MAX];
    size_t count;
    struct tpot *tpots; /* time per output token, with what is known of the first event */
    size_t tpot_count, tpot_cap;
    bool out_of_memory; /* the repeat is then written without the figures that are missing */
};

void repeat_figures_init(struct repeat_figures *f);
void repeat_figures_fini(struct repeat_figures *f);
void repeat_figures_clear(struct repeat_figures *f);

/* Every metric that a successful exchange has. */
void repeat_figures_add_exchange(struct repeat_figures *f, const struct exchange *x);
void repeat_figures_add(struct repeat_figures *f, const char *metric, double value);
void repeat_figures_write(const struct repeat_figures *f, struct journal *journal, int repeat);

/* Appends `words` words of a fixed list, in an order drawn from the seed. */
void repeat_words(struct buf *out, uint64_t seed, size_t words);

#endif
