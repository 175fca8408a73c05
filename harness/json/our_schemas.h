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

/*
 * The schema that schemas of a document's draft are instances of. NULL also where its $schema names neither
 * draft that we know: schema_compile() says so in words, or knows the meta-schema.
 */
const struct schema *schema_for_schemas_like(const struct json_object *document);

#endif
