/* json_number.h - numbers between JSON text and C, in every locale the same. Inside harness/json. */
#ifndef ASSAY_JSON_NUMBER_H
#define ASSAY_JSON_NUMBER_H

#include "json.h"

/*
 * Value of a text of len bytes that has the form of a JSON number: an integer object where it fits int64 or
 * uint64 and has neither fraction nor exponent, else a double object. STATUS_INVALID: too large for a double.
 */
enum status json_number_parse(const char *text, size_t len, struct json_object **number) ASSAY_MUST_CHECK;

/* A number of a tree as int64 (false and *big set where it is above INT64_MAX). */
bool json_number_fits_i64(const struct json_object *number, int64_t *value, uint64_t *big);

/* <0, 0, >0 like a - b, exact also where one is an integer above 2^53 and the other a double. */
int json_number_compare(const struct json_object *a, const struct json_object *b);

#endif
