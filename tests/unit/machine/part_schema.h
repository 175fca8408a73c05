/*
 * part_schema.h - checks a value against a part of one of our schemas; a value that does not fit fails the
 * test.
 *
 *     part_schema_check("urn:assay:schema:record:1.0.0#/$defs/system_health", health);
 */
#ifndef ASSAY_PART_SCHEMA_H
#define ASSAY_PART_SCHEMA_H

struct json_object;

/* reference is a literal: it is compared by address. */
void part_schema_check(const char *reference, const struct json_object *value);

#endif
