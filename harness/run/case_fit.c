#include "case_fit.h"

#include <stdio.h>

static const char *modality_lacking(unsigned lacking)
{
    static const struct {
        enum modality modality;
        const char *words;
    } words[] = {{MODALITY_TEXT, "text generation"}, {MODALITY_VISION, "vision"}, {MODALITY_AUDIO, "audio"},
        {MODALITY_EMBEDDING, "embeddings"}, {MODALITY_IMAGE, "image generation"},
        {MODALITY_SPEECH, "speech output"}, {MODALITY_RERANK, "reranking"}, {MODALITY_TOOLS, "tool calls"}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (lacking & words[i].modality)
            return words[i].words;
    return "such ability";
}

/* Where the name alone speaks, the reason says so; it never tells whether a model calls functions, or how long
 * its context is. */
bool case_fits_model(const struct assay_case *subject, const struct model_info *model, char *why, size_t size)
{
    unsigned guessed = model ? model->guessed : 0;
    int64_t context = model ? model->context_length : 0, needed = subject->needs_context;
    unsigned lacking = model && model->modalities ? subject->needs & ~model->modalities : 0;
    bool too_short = context > 0 && context < needed && !(guessed & MODEL_CONTEXT);
    if (guessed & MODEL_MODALITIES)
        lacking &= ~(unsigned)MODALITY_TOOLS;
    if (lacking)
        snprintf(why, size, "%s says that the model has no %s",
            guessed & MODEL_MODALITIES ? "the server does not tell, and the model's name" : "the server",
            modality_lacking(lacking));
    else if (too_short)
        snprintf(why, size, "the model's context is %lld tokens, this case needs %lld", (long long)context,
            (long long)needed);
    return !lacking && !too_short;
}
