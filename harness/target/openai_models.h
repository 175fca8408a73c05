/* openai_models.h - reads the answer to GET /v1/models, with what the known servers add to it. */
#ifndef ASSAY_OPENAI_MODELS_H
#define ASSAY_OPENAI_MODELS_H

#include "server_kind.h"
#include "target.h"

/*
 * STATUS_OK and models in the server's order (an empty or null list is a list); STATUS_INVALID where text is
 * not a list of models. kind may be NULL. models is to be freed with model_list_fini.
 */
enum status openai_models_parse(const char *text, size_t len, const struct server_kind *kind,
    struct model_list *models, struct error *e) ASSAY_MUST_CHECK;

/* owned_by of the first model, "" without. */
void openai_models_owner(const char *text, size_t len, char *owner, size_t size);

#endif
