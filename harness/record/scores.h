/*
 * scores.h - how many answers of a test were right, in all and by category: the record's utility.
 *
 *     struct scores *s = scores_new();
 *     scores_add(s, one_grade);                  // {category, correct}
 *     scores_into_record(s, record);             // nothing where nothing was graded
 *     scores_free(s);
 */
#ifndef ASSAY_SCORES_H
#define ASSAY_SCORES_H

#include <stdbool.h>

struct scores;
struct json_object;

struct scores *scores_new(void); /* NULL: no memory */
void scores_free(struct scores *s);
bool scores_add(struct scores *s, const struct json_object *grade);

/* Sets utility: counts, score and its 95 % interval (Wilson). False: no memory. */
bool scores_into_record(const struct scores *s, struct json_object *record);

#endif
