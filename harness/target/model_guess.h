/*
 * model_guess.h - what a model's name gives away where its server says nothing: a guess, and marked as one.
 *
 *     struct model_info m = {.id = "mlx-community/Llama-3.2-3B-Instruct-4bit"};
 *     model_guess_fill(&m);
 *     // m.parameters == 3e9, m.quantization "4bit", m.format "mlx", m.guessed == what was filled
 *
 * What the server said is never touched.
 */
#ifndef ASSAY_MODEL_GUESS_H
#define ASSAY_MODEL_GUESS_H

#include "target.h"

/* Fills family, variant, format, quantization, parameters, context_length and modalities where they are empty
 * and the name tells; raises their bits in guessed. */
void model_guess_fill(struct model_info *model);

/* Bits per weight of a quantisation, block scales included; 0 for one that is not known. */
double model_guess_bits(const char *quantization);

/* The field's name in records: "parameters". field is one bit of enum model_field. */
const char *model_field_name(unsigned field);
unsigned model_field_of(const char *name); /* 0: none of that name */

#endif
