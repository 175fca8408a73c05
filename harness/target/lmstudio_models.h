/*
 * lmstudio_models.h - what LM Studio's own lists say of its models. Hostile text: what has not the shape says
 * nothing.
 *
 *     lmstudio_models_add(root, &models);                       // of GET /api/v1/models
 *     lmstudio_models_add_tools(old, &models);                  // of GET /api/v0/models
 */
#ifndef ASSAY_LMSTUDIO_MODELS_H
#define ASSAY_LMSTUDIO_MODELS_H

#include "target.h"

struct json_object;

/* {"models": [...]}: fills what is still empty in the models that the list names, state and sizes in any case. */
void lmstudio_models_add(struct json_object *root, struct model_list *models);

/* The same list as models of its own, for a server without the older one. */
enum status lmstudio_models_take(
    struct json_object *root, struct model_list *models, struct error *e) ASSAY_MUST_CHECK;

/* {"data": [{"capabilities": ["tool_use"]}]} */
void lmstudio_models_add_tools(struct json_object *root, struct model_list *models);

/* The first loaded instance of a model, by its key or by its own id; NULL: none is loaded. Borrowed. */
const char *lmstudio_instance_of(struct json_object *root, const char *model);

#endif
