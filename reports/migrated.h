/*
 * migrated.h - what a run says of the file of another program, or of an older format, that it was made from.
 *
 * Such a run was not measured by assay: its figures have definitions of their own, its machine was not watched, and
 * what the file did not say is absent.
 *
 *     if (migrated_is(data)) printf("migrated from %s\n", migrated_from(data));
 */
#ifndef ASSAY_MIGRATED_H
#define ASSAY_MIGRATED_H

#include "run_data.h"

#include "buf.h"

bool migrated_is(const struct run_data *data);

/* The format, "an older format" where nobody says which. */
const char *migrated_from(const struct run_data *data);

/* Tests whose last record was made from something else. */
size_t migrated_count(const struct run_data *data);

/* metadata.migrated of the last record; NULL: measured by assay, or no record. */
struct json_object *migrated_of(const struct run_test *test);

/* The figures by the original's definitions, in the original's order; NULL: none. */
struct json_object *migrated_figures(const struct run_test *test);

/* "55.3 tokens/s (54.9 to 56.0 tokens/s)": the median of a figure's values, and the least and the most of several. */
void migrated_append_figure(const struct json_object *figure, struct buf *out);

#endif
