/*
 * grade.h - is an answer right? Pure functions: the same answer gets the same grade everywhere.
 *
 * A check is a JSON object {"kind": ..., ...}; an item has one of them or a list, all of which must hold. Kinds:
 *     text     {"any": ["Paris", "city of Paris"]}            the final answer is one of these texts
 *     choice   {"letter": "B", "options": ["red", "blue"]}    the letter chosen, or the option in words
 *     number   {"value": 42.5, "tolerance": 0.01}             the last number of the final answer
 *     json     {"schema": {...}, "equals": {"age": 7}}        an instance, and these members have these values
 *     facts    {"all": [["1889"], ["tower", "monument"]], "none": [["London"]]}   said, and not denied
 *     form     {"words": [5, 20], "sentences": [1, 2], "lines": [3, 3], "bullets": [3, 3], "contains": [...],
 *               "excludes": [...], "starts": "...", "ends": "...", "case": "lower"}
 *     pattern  {"regex": "^[0-9]{4}$", "whole": true}         of the final answer, or of the whole
 *     list     {"items": ["a", "b"], "ordered": true}         one on a line, or separated by commas
 *     code     {"output": "1 2 3"}                            what a program prints, white space aside
 *     absent   {"texts": ["PWNED"]}                           nowhere in the answer
 *     none     {}                                             nothing is graded: asked for its speed alone
 *
 *     struct grade grade;
 *     if (grade_answer(check, answer, strlen(answer), &grade, &why) != STATUS_OK) ...   // the check is no check
 *     puts(grade.correct ? "right" : grade.why);
 */
#ifndef ASSAY_GRADE_H
#define ASSAY_GRADE_H

#include "status.h"

#include <stdbool.h>
#include <stddef.h>

struct json_object;

struct grade {
    bool correct;
    char found[256]; /* what was taken for the answer, cut; hostile text */
    char why[256];   /* of a wrong answer: one clause; "" of a right one */
};

/* STATUS_INVALID: the check itself is wrong, with its pointer. */
enum status grade_answer(const struct json_object *check, const char *answer, size_t len, struct grade *grade,
    struct error *e) ASSAY_MUST_CHECK;

/* Whether a check could grade at all: its kind is known and its members are of use. */
enum status grade_check_valid(const struct json_object *check, struct error *e) ASSAY_MUST_CHECK;

/* False: the one check is of the kind none. */
bool grade_is_wanted(const struct json_object *check);

/* One line that says what is expected: "B", "42.5 +- 0.01", ... */
void grade_expected(const struct json_object *check, char *out, size_t size);

/* Wilson's score interval of correct out of graded answers at 95 %. */
void grade_interval(size_t correct, size_t graded, double *low, double *high);

#endif
