/*
 * openai_adapt.h - requests that a server refuses for one of their members, said in another way: servers that look
 * alike differ in what they take, and say so only when they are asked.
 *
 *     unsigned what = openai_adapt_refused(&x, &body, tried);     // of a request that was refused
 *     if (what) openai_adapt_body(&body, what);                   // ask once more
 *
 * Only what means the same in other words, or asks for nothing but a count, is changed; never how much is
 * generated or how.
 */
#ifndef ASSAY_OPENAI_ADAPT_H
#define ASSAY_OPENAI_ADAPT_H

#include "exchange.h"
#include "status.h"

/* One bit of what a refusal names and the body has, and has not been tried; 0: nothing that can be helped. */
unsigned openai_adapt_refused(const struct exchange *x, const struct buf *body, unsigned tried);

/* Says it in the other way. Members that a body has not are no matter. */
enum status openai_adapt_body(struct buf *body, unsigned what) ASSAY_MUST_CHECK;

/* "max_completion_tokens for max_tokens; no stream_options" */
void openai_adapt_describe(unsigned what, char *text, size_t size);

#endif
