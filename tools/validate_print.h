/*
 * validate_print.h - what `assay validate` says, for a person or as one JSON object (schemas/validation.schema.json).
 * Both are written as things are found, so memory stays constant.
 *
 *     struct validate_print print = {.json = true, .out = stdout};
 *     validate_print_begin(&print);
 *     struct validation v = {.tell = validate_print_fault, .arg = &print, ...};
 *     ...
 *     if (validate_print_end(&print, &v, &why) != STATUS_OK) ...     // no memory
 */
#ifndef ASSAY_VALIDATE_PRINT_H
#define ASSAY_VALIDATE_PRINT_H

#include "validate.h"

#include <stdio.h>

struct validate_print {
    bool json;
    FILE *out;
    size_t errors;     /* files that could not be judged */
    bool some, failed; /* something was printed; it could not be */
};

void validate_print_begin(struct validate_print *print);
void validate_print_fault(const struct validate_fault *fault, void *print);
/* A file that could not be judged: JSON names it, a person reads it on stderr. */
void validate_print_error(struct validate_print *print, const struct error *why);
enum status validate_print_end(
    struct validate_print *print, const struct validation *v, struct error *e) ASSAY_MUST_CHECK;

#endif
