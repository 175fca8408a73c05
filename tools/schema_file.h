/*
 * schema_file.h - a schema from a file of the user's own, with the files that it refers to: a relative $ref, or one
 * of file:, is read from the disk, and so is what that refers to. Nothing else is fetched.
 *
 *     struct schema *schema;
 *     if (schema_file_load("schemas/order.json", &schema, &why) != STATUS_OK) ...     // "$ref": "parts/item.json"
 *     schema_free(schema);
 */
#ifndef ASSAY_SCHEMA_FILE_H
#define ASSAY_SCHEMA_FILE_H

#include "schema.h"

#define SCHEMA_FILES_MAX 256

/*
 * The file is held against the schema of its own draft first; formats are asserted. STATUS_INVALID with file and
 * pointer, STATUS_NOT_FOUND, STATUS_IO, STATUS_LIMIT, STATUS_NO_MEMORY.
 */
enum status schema_file_load(const char *path, struct schema **schema, struct error *e) ASSAY_MUST_CHECK;

#endif
