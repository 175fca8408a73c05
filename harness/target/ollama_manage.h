/*
 * ollama_manage.h - Ollama's models as things: fetched, made of others, deleted. See target_pull, target_create and
 * target_delete.
 *
 *     if (ollama_create(t, "tiny-8k", "tiny", "{\"num_ctx\": 8192}", &why) == STATUS_OK)
 *         ... ollama_remove(t, "tiny-8k", &why);
 */
#ifndef ASSAY_OLLAMA_MANAGE_H
#define ASSAY_OLLAMA_MANAGE_H

#include "target.h"

enum status ollama_pull(struct target *t, const char *model, pull_progress_fn progress, void *arg,
    struct error *e) ASSAY_MUST_CHECK;
enum status ollama_create(struct target *t, const char *name, const char *from, const char *parameters_json,
    struct error *e) ASSAY_MUST_CHECK;
enum status ollama_remove(struct target *t, const char *model, struct error *e) ASSAY_MUST_CHECK;

#endif
