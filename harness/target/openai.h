/*
 * openai.h - what other protocols take over from OpenAI's: servers that have a protocol of their own speak this
 * one too, and what theirs lacks is asked here.
 */
#ifndef ASSAY_OPENAI_H
#define ASSAY_OPENAI_H

#include "target_call.h"

extern const struct answer_reader openai_reader; /* chat and completion, streamed or whole */

enum status openai_probe(struct target *t, struct error *e) ASSAY_MUST_CHECK;
enum status openai_list_models(struct target *t, struct model_list *models, struct error *e) ASSAY_MUST_CHECK;
struct target_call *openai_start(
    struct target *t, const struct target_request *r, struct exchange *x, target_done_fn done, void *arg);

/* The same where a server speaks these words below another URL than its /v1. */
struct target_call *openai_start_below(struct target *t, const char *base, const struct target_request *r,
    struct exchange *x, target_done_fn done, void *arg);

#endif
