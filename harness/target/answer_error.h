/* answer_error.h - error objects as OpenAI's protocol and the servers that imitate it send them. */
#ifndef ASSAY_ANSWER_ERROR_H
#define ASSAY_ANSWER_ERROR_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

/* {"error": ...} with anything but null in it, or {"object": "error"}. root may be NULL. */
bool answer_is_error(struct json_object *root);

/* The message in it, sanitised; without one the start of the body itself. */
void answer_error_message(struct json_object *root, const char *body, size_t len, char *out, size_t size);

#endif
