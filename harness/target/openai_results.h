/*
 * openai_results.h - reads the answers of those tasks of OpenAI's protocol that have no stream into an
 * exchange: vectors, scores, pictures, sound, transcripts. All of it is hostile: what is not of the shape ends
 * as EXCHANGE_PROTOCOL and says where.
 */
#ifndef ASSAY_OPENAI_RESULTS_H
#define ASSAY_OPENAI_RESULTS_H

#include "target_call.h"

struct json_object;

extern const struct answer_reader openai_embed_reader, openai_rerank_reader, openai_image_reader,
    openai_transcribe_reader, openai_speak_reader;

/* Room for count vectors of that dimension, none of them said yet. False: x failed. */
bool exchange_make_vectors(struct exchange *x, size_t count, size_t dimension);

/* One vector at its place among those of x, all of one dimension; numbers must be finite. False: x failed. */
bool exchange_add_vector(struct exchange *x, size_t index, struct json_object *numbers);

/* The parsed body, or NULL where x failed: no JSON, or an error object. The caller frees it. */
struct json_object *openai_result_parse(struct exchange *x, const char *body, size_t len);

#endif
