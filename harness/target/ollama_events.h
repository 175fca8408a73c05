/*
 * ollama_events.h - reads Ollama's own answers, streamed as lines of JSON or whole, into an exchange: text, and
 * with the last line counts and durations (exchange.native, source "ollama_durations").
 */
#ifndef ASSAY_OLLAMA_EVENTS_H
#define ASSAY_OLLAMA_EVENTS_H

#include "target_call.h"

extern const struct answer_reader ollama_reader;       /* chat and generate */
extern const struct answer_reader ollama_embed_reader; /* embed */

#endif
