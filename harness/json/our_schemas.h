/*
 * our_schemas.h - the schemas of our own files, compiled when first asked for and kept until the process
 * ends.
 *
 *     enum status s = schema_check(schema_for("record"), tree, &why);
 *
 * Any thread may call this. Our schemas assert date-time.
 */
#ifndef ASSAY_OUR_SCHEMAS_H
#define ASSAY_OUR_SCHEMAS_H

#include "schema.h"

/* "record", "run", "exchange", "answer", "sample", "intent", "config". NULL: no such name, or no memory. */
const struct schema *schema_for(const char *name);

#endif
