/*
 * result.h - the record of a test that ran: its intent, how it ended, what its journal holds, how the
 * machine was.
 *
 *     struct result_facts facts = {.spec = &spec, .intent = intent, .ending = &ending, .journal = j};
 *     struct json_object *record = result_build(&facts, &outcome, &why);  // sealed: valid, whatever happened
 *     result_write_lines(folder, &facts, JOURNAL_EXCHANGE, &why);
 */
#ifndef ASSAY_RESULT_H
#define ASSAY_RESULT_H

#include "classify.h"
#include "intent.h"
#include "spool.h"

struct quality;
struct server_facts;
struct model_loading;
struct ready;
struct run_rates;
struct energy_meter;

struct result_facts {
    const struct intent_spec *spec;
    const struct json_object *intent;
    const struct ending *ending;
    const struct journal *journal;
    const struct quality *quality;       /* NULL: nothing was sampled */
    const struct energy_meter *meter;    /* of the same; NULL likewise */
    const char *work_elsewhere;          /* why what it tells is not of the server; NULL: it is */
    bool server_memory;                  /* is a figure of the case */
    struct server_facts *server;         /* NULL: no target; its version is filled in from the journal */
    const struct model_loading *loading; /* of the model, before the test; NULL: not tried */
    const struct ready *ready;           /* what was waited for before it; NULL: nothing */
    struct run_rates *rates;             /* of the model's tests before; NULL: no model */
    bool runner_started; /* false: why_not says why it never was; ending holds only the end's times */
    const char *why_not;
    const char *trouble; /* something of ours went wrong beside the test; NULL if not */
};

/* NULL: no memory. *outcome is what the record says in the end. */
struct json_object *result_build(const struct result_facts *facts, enum outcome *outcome, struct error *e);

/*
 * Writes the journal's entries of one type to the file of that kind in the spool, one validated line
 * each; no file where there are none. STATUS_INVALID if a line did not fit its schema (the others are
 * written).
 */
enum status result_write_lines(const struct run_folder *folder, const struct result_facts *facts,
    enum journal_type type, enum spool_kind kind, const char *schema, struct error *e) ASSAY_MUST_CHECK;

#endif
