/*
 * load_sample_json.h - one request of a load test as a line of JSON (schemas/request.schema.json): its moments in
 * seconds after the start of the test, and those of its token events as whole microseconds, each since the one
 * before, the first since the request was sent. Differences are short, and add up to the moments exactly.
 *
 *     while ((sample = load_source_next(&source)) != NULL) {
 *         struct json_object *line = load_sample_to_json(sample, &source, outcome.t_start_ns);
 */
#ifndef ASSAY_LOAD_SAMPLE_JSON_H
#define ASSAY_LOAD_SAMPLE_JSON_H

#include "load_source.h"

struct json_object;

/* sample is the source's latest one, whose events nobody has read yet: they are read here. NULL: no memory. The
 * caller owns it. */
struct json_object *load_sample_to_json(
    const struct load_sample *sample, const struct load_source *source, int64_t t_start_ns);

#endif
