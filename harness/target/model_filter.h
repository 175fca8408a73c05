/*
 * model_filter.h - which models a person wants, and which of them the machine can hold.
 *
 *     struct model_filter f = {.patterns = &options.models, .memory_percent = 60, .memory_bytes = ram};
 *     model_filter_parse_size("8B", &f.max);
 *     char why[256];
 *     if (!model_filter_takes(&f, &model, why, sizeof why)) printf("left out: %s\n", why);
 *     else if (!model_filter_fits(&f, &model, why, sizeof why)) printf("skipped: %s\n", why);
 *
 * What is not known is no reason to leave a model out, except for its modality: who asks for vision wants
 * models that are known to see.
 */
#ifndef ASSAY_MODEL_FILTER_H
#define ASSAY_MODEL_FILTER_H

#include "opt.h"
#include "target.h"

/* Of parameters or of bytes; the other is 0. */
struct model_size {
    int64_t parameters, bytes;
};

struct model_filter {
    const struct opt_list *patterns; /* NULL: all; see model_filter_matches */
    unsigned modalities;             /* one of them is enough; 0: all */
    struct model_size min, max;
    double memory_percent; /* of memory_bytes that a model may need; 0: no rule */
    int64_t memory_bytes;  /* of this machine; 0: unknown, no rule */
};

/* text_match patterns: a name must match one that does not begin with '!', where there is one, and none that
 * does. */
bool model_filter_matches(const struct opt_list *patterns, const char *name);

/* "7B" and "500M" are parameters, "4GB" and "512MiB" bytes. */
bool model_filter_parse_size(const char *text, struct model_size *size);

/* "text", "vision", ... -> a bit; 0 for what is none. */
unsigned model_filter_modality(const char *word);

bool model_filter_takes(
    const struct model_filter *filter, const struct model_info *model, char *why, size_t size);

/* For a model of a server on this machine; one that is loaded fits, and so does one of unknown need. */
bool model_filter_fits(
    const struct model_filter *filter, const struct model_info *model, char *why, size_t size);

/* Whether an endpoint is on this machine: a loopback address or "localhost". */
bool model_filter_is_local(const char *endpoint);

/*
 * Bytes: the weights (as the server says, else parameters x bits of the quantisation) and a cache of keys and
 * values. 0 where it is not known. The cache: 32 KiB per token for 1e9 parameters, growing with their power
 * 0.55, which meets Llama 3 at 8B (128 KiB said, 103 by this) and 70B (320 KiB, 331) - for the loaded context,
 * else for 4096 tokens at most, which is what servers set up unless asked for more.
 */
int64_t model_memory_need(const struct model_info *model);

#endif
