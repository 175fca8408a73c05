/*
 * program_suite.h - the cases and prompts that this program has: assay's own, or those of another program that
 * links to the library and handed them to assay_main().
 *
 *     if (program_suite_use(&theirs, &why) != STATUS_OK) ...        // "case 2: ..."
 *     for (const struct assay_case *c = program_suite()->cases; c->id; c++) ...
 *
 * Set once, before anything else runs; the tables live as long as the program.
 */
#ifndef ASSAY_PROGRAM_SUITE_H
#define ASSAY_PROGRAM_SUITE_H

#include "assay.h"
#include "status.h"

/*
 * From here on the program's cases are those of suite, which is borrowed, with assay's behind them where it says so,
 * and its prompts stand before assay's. NULL: assay's alone. STATUS_INVALID: the tables are not as assay.h wants them.
 */
enum status program_suite_use(const struct assay_suite *suite, struct error *e) ASSAY_MUST_CHECK;

/* Never NULL, nor are its tables. Its name is NULL for assay itself. */
const struct assay_suite *program_suite(void);

/* What this program is called where it speaks of itself: "assay", or the suite's name. */
const char *program_name(void);

#endif
