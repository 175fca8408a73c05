/*
 * load_words.h - the words of the command line that say what a load test asks: rates, arrivals, streams,
 * stages, lengths, pauses.
 *
 * Each function takes the whole word, and refuses what is not one with STATUS_USAGE, the word and what can be
 * written instead; nothing is changed then. `option` is what the message begins with.
 *
 *     500  30/min                                                       a rate
 *     constant  poisson  gamma:2  trace:FILE                            arrivals
 *     1x10s,4x10s,16x30s                                                stages
 *     128  100-200  normal:500,100  lognormal:500,400,1-4000  @FILE     a length in tokens
 *     2s  500ms-3s  lognormal:2s,1s  @FILE                              a pause
 *
 *     struct length prompt;
 *     if (load_words_length("--prompt", "lognormal:500,400", &prompt, &why) != STATUS_OK) ...
 *     load_words_length_fini(&prompt);                                  // when the plan is made
 */
#ifndef ASSAY_LOAD_WORDS_H
#define ASSAY_LOAD_WORDS_H

#include "load_plan.h"

/* Per second, above 0: "500", "0.5", "500/s", "30/min", "1000/h". */
enum status load_words_rate(
    const char *option, const char *word, double *rate_per_s, struct error *e) ASSAY_MUST_CHECK;

/* Sets kind, cv and trace_file (borrowed from the word); leaves the rest. */
enum status load_words_arrivals(
    const char *option, const char *word, struct arrivals *arrivals, struct error *e) ASSAY_MUST_CHECK;

/* "2", "0.5x": a factor above 0. */
enum status load_words_speed(
    const char *option, const char *word, double *factor, struct error *e) ASSAY_MUST_CHECK;

enum status load_words_streams(
    const char *option, const char *word, int *streams, struct error *e) ASSAY_MUST_CHECK;

/* *stages is to be freed; *duration_ns is the end of the last. */
enum status load_words_stages(const char *option, const char *word, struct load_stage **stages, size_t *count,
    int64_t *duration_ns, struct error *e) ASSAY_MUST_CHECK;

/* Tokens or turns. @FILE has a number a line; STATUS_INVALID with file and line for one that is none. */
enum status load_words_length(
    const char *option, const char *word, struct length *length, struct error *e) ASSAY_MUST_CHECK;

/* Milliseconds, from durations ("2s", "250ms"; a bare number is seconds). */
enum status load_words_pause(
    const char *option, const char *word, struct length *length, struct error *e) ASSAY_MUST_CHECK;

void load_words_length_fini(struct length *length); /* frees the list */

#endif
