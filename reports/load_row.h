/*
 * load_row.h - one load test as a row of a table, from a record (load.*) or from what `assay load --out` wrote.
 *
 *     struct load_row row;
 *     if (load_row_of_record(test, &row)) rows[n++] = row;
 *     qsort(rows, n, sizeof *rows, load_row_compare);
 *     load_rows_write(rows, n, out);                 // table, then what is to be known of single rows
 *
 * Texts are borrowed from the tree.
 */
#ifndef ASSAY_LOAD_ROW_H
#define ASSAY_LOAD_ROW_H

#include "run_data.h"

#include "buf.h"

/* A latency; a percentile is absent below its floor. */
struct load_latency {
    bool there, has_p99;
    double p50, p99;
    int64_t n;
};

struct load_row {
    const char *name; /* of the test, for sentences */
    const char *target, *model, *arrivals;
    bool open;              /* asked and achieved are requests a second, else streams */
    double asked, achieved; /* negative: not known */
    struct load_latency ttft, gap;
    bool gaps_are_tokens;
    double tokens_per_s, requests_per_s, goodput_per_s, goodput_fraction; /* negative: absent */
    int64_t ok, failed, cut_off;
    const char *verdict, *reason; /* "valid", "degraded", "invalid"; NULL: nobody judged, no reason */
    int64_t unsteady, repeats;    /* repeats that were not steady, of all */
    const char *objectives;       /* of goodput; NULL: none */
};

/* False: the test's last attempt has no load. */
bool load_row_of_record(const struct run_test *test, struct load_row *row);

/* tree is valid by schemas/load.schema.json and a load_test. */
void load_row_of_result(const struct json_object *tree, struct load_row *row);

/* For qsort: by target and model, then closed before open, then by load. */
int load_row_compare(const void *a, const void *b);

/* Nothing without rows. Failures stick to the buf. */
void load_rows_write(const struct load_row *rows, size_t count, struct buf *out);

#endif
