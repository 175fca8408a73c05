/* load_json.h - the result of `assay load` as JSON (schemas/load.schema.json). */
#ifndef ASSAY_LOAD_JSON_H
#define ASSAY_LOAD_JSON_H

#include "load_setup.h"

struct json_object;

/* Both NULL: no memory. The caller owns it. */
struct json_object *load_test_to_json(const struct load_setup *setup, struct load_test *test);
struct json_object *load_search_to_json(const struct load_setup *setup, const struct load_search *search);

/* Each request on a line (schemas/request.schema.json), compressed where the name ends in .zst. */
enum status load_samples_write(struct load_test *test, const char *path, struct error *e) ASSAY_MUST_CHECK;

#endif
