/*
 * ollama_show.h - what Ollama says of each model beside its list: what it can do, how long its context is.
 *
 *     ollama_show_all(t, &models);      // at most t->deadline_ns; models.undescribed is how many are missing
 */
#ifndef ASSAY_OLLAMA_SHOW_H
#define ASSAY_OLLAMA_SHOW_H

#include "target.h"

/* Several models at a time; gives up where the server is silent. */
void ollama_show_all(struct target *t, struct model_list *models);

#endif
