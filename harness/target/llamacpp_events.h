/*
 * llamacpp_events.h - reads the answers of llama.cpp's own completion, streamed or whole: text, token numbers of
 * each event, and with the last one the server's timings.
 */
#ifndef ASSAY_LLAMACPP_EVENTS_H
#define ASSAY_LLAMACPP_EVENTS_H

#include "target_call.h"

extern const struct answer_reader llamacpp_reader;

#endif
