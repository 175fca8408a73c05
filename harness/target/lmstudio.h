/*
 * lmstudio.h - what the files of LM Studio's protocol share. Private to this room.
 *
 * Two APIs stand side by side: /api/v0 speaks OpenAI's words with figures of its own in whole answers; /api/v1
 * (0.4 and later) loads, unloads and fetches models, and has those figures at the end of a stream. LM Studio
 * answers 200 to a path that it does not know, with {"error": ...}: no status is trusted, only what is said.
 */
#ifndef ASSAY_LMSTUDIO_H
#define ASSAY_LMSTUDIO_H

#include "target_call.h"

struct json_object;

/* GET /api/v1/models as a tree to be put; STATUS_UNAVAILABLE where this LM Studio is older than that. */
enum status lmstudio_get_models(
    struct target *t, struct json_object **root, struct error *e) ASSAY_MUST_CHECK;

/* lmstudio_life.c */
enum status lmstudio_load(struct target *t, const char *model, const struct engine_options *options,
    struct load_report *report, struct error *e) ASSAY_MUST_CHECK;
enum status lmstudio_unload(
    struct target *t, const char *model, struct load_report *report, struct error *e) ASSAY_MUST_CHECK;
enum status lmstudio_pull(struct target *t, const char *model, pull_progress_fn progress, void *arg,
    struct error *e) ASSAY_MUST_CHECK;

#endif
