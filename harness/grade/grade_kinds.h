/* grade_kinds.h - the kinds of checks, one function each; private to this room. */
#ifndef ASSAY_GRADE_KINDS_H
#define ASSAY_GRADE_KINDS_H

#include "grade.h"

/* False: the answer is wrong, and grade says why. answer ends with NUL. */
typedef bool grade_fn(const struct json_object *check, const char *answer, size_t len, struct grade *grade);

grade_fn grade_text, grade_choice, grade_number, grade_json, grade_facts, grade_form, grade_pattern,
    grade_list, grade_code, grade_absent, grade_none;

/* Says that an answer is wrong; printf-like. Always false. */
bool grade_wrong(struct grade *grade, const char *format, ...) ASSAY_PRINTF(2, 3);
void grade_found(struct grade *grade, const char *text, size_t len);

/* The last number in a text, thousands and exponents understood; false: none. */
bool grade_read_number(const char *text, double *value);

#endif
