/*
 * tally.h - sums over the exchanges of a test: errors by class, finish reasons, retries, tokens.
 *
 * Errors are those of every attempt: a request that was refused twice and then answered has two, and two
 * retries.
 *
 *     struct tally *t = tally_new();
 *     tally_add(t, one_exchange);     // {measured, ok, fresh, attempts, errors[], finish_reason?, tokens?, model?}
 *     tally_into_record(t, retries_allowed, record);
 *     tally_free(t);
 *
 * Answers that name different models raise a flag: the figures are then of neither. So do answers to prompts
 * that no cache could know (fresh) where the server counts most of their tokens as cached.
 *
 * Tokens are summed over measured exchanges without error, and only where each of them has a count from
 * the same kind of source: a sum with holes would be invented.
 */
#ifndef ASSAY_TALLY_H
#define ASSAY_TALLY_H

#include <stdbool.h>
#include <stdint.h>

struct tally;
struct json_object;

struct tally *tally_new(void); /* NULL: no memory */
void tally_free(struct tally *t);
bool tally_add(struct tally *t, const struct json_object *exchange);

/* Sets errors, finish_reasons, retries and tokens; leaves out what has nothing to say. False: no memory. */
bool tally_into_record(const struct tally *t, int64_t retries_allowed, struct json_object *record);

#endif
