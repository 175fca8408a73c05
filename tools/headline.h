/*
 * headline.h - the few words about a record that fit behind its outcome: "ttft 52.1 ms, 48.1 tokens/s".
 */
#ifndef ASSAY_HEADLINE_H
#define ASSAY_HEADLINE_H

#include "buf.h"

struct json_object;

/* Appends the headline figures of a record that has some, else the first line of its message or skip reason.
 */
void headline_append(struct buf *out, const struct json_object *record);

#endif
