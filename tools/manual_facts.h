/*
 * manual_facts.h - what option tables do not say: variables, files and exit codes, for manual pages.
 *
 *     for (const struct manual_fact *f = manual_variables; f->name != NULL; f++)
 *         if (manual_fact_is_of(f, "run")) ...
 */
#ifndef ASSAY_MANUAL_FACTS_H
#define ASSAY_MANUAL_FACTS_H

#include <stdbool.h>

struct manual_fact {
    const char *name;
    const char *text;
    const char *verbs; /* " run load " with blanks around each; NULL: told of the program, not of a verb */
};

extern const struct manual_fact manual_variables[]; /* each ends with name NULL */
extern const struct manual_fact manual_files[];
extern const struct manual_fact manual_exit_codes[]; /* of the program as a whole */

bool manual_fact_is_of(const struct manual_fact *fact, const char *verb);

#endif
