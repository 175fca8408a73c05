/*
 * model_details.h - what a server says of its models beside OpenAI's list: Ollama's tags, LM Studio's own
 * list.
 *
 *     if (kind->details && fetched(kind->details->path, &body))
 *         model_details_add(kind->details, buf_text(&body), body.len, &models);
 */
#ifndef ASSAY_MODEL_DETAILS_H
#define ASSAY_MODEL_DETAILS_H

#include "target.h"

/* Where the list is and what its entries call things: JSON pointers into an entry, NULL where it does not
 * say. */
struct model_details {
    const char *path; /* below the root URL */
    const char *list; /* pointer to the array */
    const char *id, *digest, *family, *variant, *format, *quantization;
    const char *parameters; /* a number, or text like "25.7M" */
    const char *size_bytes, *context_length;
    const char *type;  /* "llm", "vlm", "embeddings" */
    const char *state; /* "loaded", "not-loaded" */
    const char *loaded_context;
};

/* Fills what is still empty in the models that the list names. Text that is not such a list changes nothing.
 */
void model_details_add(
    const struct model_details *details, const char *text, size_t len, struct model_list *models);

/* "25.7M" -> 25700000; K, M, B, T; 0 where it is nothing of the kind. */
int64_t model_details_parse_size(const char *text);

#endif
