/* sensed.h - what the bodies about pictures and sounds share: who is asked at all, and what a refusal means. */
#ifndef ASSAY_SUITE_SENSED_H
#define ASSAY_SUITE_SENSED_H

#include "answered.h"

/* Said by the server itself; a name alone is a guess. */
static inline bool is_said_to_have(const struct assay_context *ctx, enum modality modality)
{
    const struct model_info *model = assay_model(ctx);
    return (model->modalities & modality) && !(model->guessed & MODEL_MODALITIES);
}

/*
 * Fails the case where the exchange failed. Where nobody but the model's name says that it can, a refusal is
 * the server's way of saying that it cannot: a reason to skip, in its own words.
 */
static inline void check_sensed(
    struct assay_context *ctx, const struct exchange *x, enum modality modality, const char *what)
{
    bool refused =
        x->error == EXCHANGE_HTTP_4XX || x->error == EXCHANGE_HTTP_5XX || x->error == EXCHANGE_STREAM_ERROR;
    if (refused && !is_said_to_have(ctx, modality))
        assay_skip(ctx, "the server refuses %s: %s", what, x->error_text);
    assay_require(ctx, x);
}

#endif
