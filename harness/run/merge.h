/*
 * merge.h - the records of a run while it is finalised, and the merging of line files.
 *
 *     struct ledger ledger = {0};
 *     ledger_add(&ledger, &entry);          // from benchmark.jsonl and from the spool
 *     ledger_settle(&ledger);               // one entry per test and attempt, in order
 *     merge_lines(folder, &ledger, SPOOL_EXCHANGES, "exchanges.jsonl", &why);
 */
#ifndef ASSAY_MERGE_H
#define ASSAY_MERGE_H

#include "outcome.h"
#include "spool.h"

/* Where a record comes from, by rising trust: of two for one attempt the more trusted stays. */
enum ledger_source {
    LEDGER_INVENTED,  /* lost or not_run, made up by the finaliser */
    LEDGER_BENCHMARK, /* merged before */
    LEDGER_SPOOL,     /* written by a supervisor */
};

struct ledger_entry {
    char *test; /* owned */
    char *line; /* owned: the record as text, without newline */
    int attempt;
    size_t order; /* place in the plan; behind all of it where the test is not in it */
    enum outcome outcome;
    enum ledger_source source;
    char timestamp[32];
    int64_t start_ns;          /* wall clock; 0 where the record does not say */
    bool superseded, to_merge; /* of use while settling and merging */
};

struct ledger {
    struct ledger_entry *entries;
    size_t count, cap;
};

/* Takes the entry's texts, also on failure. */
enum status ledger_add(struct ledger *ledger, struct ledger_entry *entry, struct error *e) ASSAY_MUST_CHECK;
void ledger_fini(struct ledger *ledger);

/*
 * Sorts by plan order, test and attempt, one entry for each; not_run gives way to any other record of its
 * test.
 */
void ledger_settle(struct ledger *ledger);
bool ledger_has(const struct ledger *ledger, const char *test);

/* benchmark.jsonl, in one step. */
enum status merge_records(
    const struct run_folder *folder, const struct ledger *ledger, struct error *e) ASSAY_MUST_CHECK;

/*
 * Adds to name (exchanges.jsonl, ...) the files of this kind in the spool that it does not hold yet, in the
 * order in which the tests began; the whole file anew, in one step. Torn and broken lines are left out.
 */
enum status merge_lines(const struct run_folder *folder, struct ledger *ledger, enum spool_kind kind,
    const char *name, struct error *e) ASSAY_MUST_CHECK;

#endif
