/*
 * target_get.h - one small question to a server and its whole answer, for what is asked beside a measurement.
 *
 *     struct json_object *root;
 *     enum status s = target_get_json(t, "/api/version", &root, e);      // below the root URL
 */
#ifndef ASSAY_TARGET_GET_H
#define ASSAY_TARGET_GET_H

#include "target.h"

struct json_object;

/* The body, appended after a clear, and the exchange that says what became of it. */
void target_get(struct target *t, const char *root, const char *path, struct exchange *x, struct buf *body);

/* The same with a JSON body that is sent. False: x says why not. */
bool target_post(struct target *t, const char *root, const char *path, const struct buf *json,
    struct exchange *x, struct buf *answer);

/* *root is the caller's, and NULL where the status is not STATUS_OK: STATUS_UNAVAILABLE without an answer,
 * STATUS_TIMEOUT where it did not come in time, STATUS_INVALID where it is no JSON. */
enum status target_get_json(
    struct target *t, const char *path, struct json_object **root, struct error *e) ASSAY_MUST_CHECK;
enum status target_post_json(struct target *t, const char *path, struct json_object *body,
    struct json_object **root, struct error *e) ASSAY_MUST_CHECK; /* takes body */

#endif
