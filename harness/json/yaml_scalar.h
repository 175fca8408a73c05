/* yaml_scalar.h - the type of a plain scalar by the core schema of YAML 1.2, chapter 10.3.2. */
#ifndef ASSAY_YAML_SCALAR_H
#define ASSAY_YAML_SCALAR_H

#include "json.h"

/*
 * The value of a plain scalar; null leaves *value NULL. STATUS_INVALID for numbers that JSON has not (.inf,
 * .nan, integers beyond 64 bits, reals beyond a double), STATUS_NO_MEMORY.
 */
enum status yaml_scalar_plain(
    const char *text, size_t len, struct json_object **value, struct error *e) ASSAY_MUST_CHECK;

#endif
