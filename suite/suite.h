/*
 * suite.h - the table of contents: every case of the program, suite by suite (cases.c).
 *
 * To add a case: write its function in the file of its capability, add one line to that file's table. A new
 * capability is a new file with a table of its own, named in cases.c.
 */
#ifndef ASSAY_SUITE_H
#define ASSAY_SUITE_H

#include "assay.h"
#include "target.h"

extern const struct assay_case cases_infrastructure[]; /* each ends with id NULL */
extern const struct assay_case cases_chat[];
extern const struct assay_case cases_embeddings[];
extern const struct assay_case cases_vision[];
extern const struct assay_case cases_audio[];
extern const struct assay_case cases_images[];
extern const struct assay_case cases_prefill_decode[];
extern const struct assay_case cases_server[];
extern const struct assay_case cases_load[];
extern const struct assay_case cases_utility[];
extern const struct assay_case cases_tools[]; /* and structured.* */

/* All cases in one table that ends with id NULL; made on first use, lives as long as the program. NULL: no
 * memory. */
const struct assay_case *suite_cases(void);

#endif
