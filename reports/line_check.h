/*
 * line_check.h - may the reports believe this tree? Every file and line is held against its schema when it is
 * read.
 *
 * A file of our own version is checked against its closed schema. One of a later 1.x may have members that we do not
 * know: of it only members and types that we know are asked for (schema_reading.h), so readers must find what they
 * need and take nothing else for granted.
 *
 *     if (line_check("record", line.tree, &why) != STATUS_OK) ...     // "/outcome: expected one of ..."
 */
#ifndef ASSAY_LINE_CHECK_H
#define ASSAY_LINE_CHECK_H

#include "status.h"

#include <stddef.h>

struct json_object;

/* kind: "run", "record", "exchange", "answer". STATUS_INVALID with the reason. */
enum status line_check(const char *kind, struct json_object *tree, struct error *e) ASSAY_MUST_CHECK;

/* The text at an index of an array; "" where something else stands there. Never NULL. */
const char *line_item_text(struct json_object *array, size_t index);

#endif
