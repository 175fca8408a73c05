/*
 * result_gather.h - what a journal holds for its record: figures, sums over exchanges, parameters,
 * timeline, notes.
 */
#ifndef ASSAY_RESULT_GATHER_H
#define ASSAY_RESULT_GATHER_H

#include "intent.h"
#include "journal.h"

struct performance;
struct tally;
struct cross_figures;
struct scores;
struct load_figures;
struct energy_work;

struct gathered_figures {
    struct performance *performance;
    struct tally *tally;
    struct cross_figures *cross_figures;
    struct scores *scores;
    struct load_figures *load;
    struct energy_work *work; /* when it was done, for what it used */
    struct json_object *parameters, *timeline, *metadata, *stop_tokens; /* NULL where there is none */
    char server_version[64]; /* as it was said in this test; "" if it was not */
    char wrong[1024];        /* the first entry that made no sense: our own fault; "" if all did */
};

/* journal may be NULL (nothing ran). NULL: no memory. */
struct gathered_figures *gather_journal(const struct journal *j, const struct intent_spec *spec);
void gather_free(struct gathered_figures *g);

/* Sets all that is there, and the identity anew where the case changed the parameters. False: no memory. */
bool gather_into_record(
    const struct gathered_figures *g, const struct intent_spec *spec, struct json_object *record);

#endif
