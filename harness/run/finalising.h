/*
 * finalising.h - the parts of finalise.c: reading the spool (finalise_spool.c) and making the two ends meet
 * (finalise_reconcile.c). For nobody else.
 */
#ifndef ASSAY_FINALISING_H
#define ASSAY_FINALISING_H

#include "finalise.h"
#include "merge.h"
#include "spool.h"

enum { FINALISING_SLUG_SIZE = 256 };

/* One attempt that left files in the spool. */
struct attempt {
    char slug[FINALISING_SLUG_SIZE];
    int number;
    bool has[SPOOL_KIND_COUNT];
    bool bad[SPOOL_KIND_COUNT]; /* cannot be read: kept as *.bad */
};

struct finalising {
    struct run_folder folder;
    struct attempt *attempts;
    size_t count, cap;
    struct ledger ledger;
    int64_t found_unix_ns; /* when the invented records were invented */
    bool benchmark_bad;    /* benchmark.jsonl held lines that are no records */
    size_t quarantined;
};

/* Every attempt that has files in the spool. */
enum status finalising_list_spool(struct finalising *f, struct error *e) ASSAY_MUST_CHECK;

enum status finalising_path(const struct finalising *f, const struct attempt *a, enum spool_kind kind,
    struct buf *path) ASSAY_MUST_CHECK;

/* A file of an attempt that fits its schema and belongs to this run; marks it as bad where it does not. */
enum status finalising_read(const struct finalising *f, struct attempt *a, enum spool_kind kind,
    const char *schema, struct json_object **tree, struct error *e) ASSAY_MUST_CHECK;

/* Records that were merged before go into the ledger. A line that is no record is left out and noted. */
enum status finalising_read_benchmark(struct finalising *f, struct error *e) ASSAY_MUST_CHECK;

/* Adds the results of the spool, and what has to be invented: lost and not_run. Settles the ledger. */
enum status finalising_reconcile(struct finalising *f, struct error *e) ASSAY_MUST_CHECK;

#endif
