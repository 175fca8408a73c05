/*
 * responses_events.h - reads the answers of OpenAI's responses, streamed or whole: text, reasoning, refusals and
 * calls of functions from the deltas, counts and the reason of the end from the last event.
 */
#ifndef ASSAY_RESPONSES_EVENTS_H
#define ASSAY_RESPONSES_EVENTS_H

#include "target_call.h"

extern const struct answer_reader responses_reader;

#endif
