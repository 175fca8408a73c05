#include "scores.h"

#include "grade.h"
#include "json.h"

#include <stdlib.h>

struct scores {
    size_t graded, correct;
    struct json_object *categories; /* name -> {graded, correct} */
};

struct scores *scores_new(void)
{
    struct scores *s = calloc(1, sizeof *s);
    if (s && !(s->categories = json_object_new_object())) {
        free(s);
        return NULL;
    }
    return s;
}

void scores_free(struct scores *s)
{
    if (!s)
        return;
    json_object_put(s->categories);
    free(s);
}

static bool count(struct json_object *counts, bool correct)
{
    int64_t graded = 0, right = 0;
    (void)json_get_int(counts, "/graded", &graded);
    (void)json_get_int(counts, "/correct", &right);
    return json_set_int(counts, "graded", graded + 1) && json_set_int(counts, "correct", right + correct);
}

bool scores_add(struct scores *s, const struct json_object *grade)
{
    const char *category = json_get_text(grade, "/category");
    struct json_object *counts = NULL;
    bool correct = false;
    (void)json_get_bool(grade, "/correct", &correct);
    s->graded++;
    s->correct += correct;
    if (!category || !*category)
        return true;
    if (!json_object_object_get_ex(s->categories, category, &counts)) {
        counts = json_object_new_object();
        if (!json_set(s->categories, category, counts))
            return false;
    }
    return count(counts, correct);
}

bool scores_into_record(const struct scores *s, struct json_object *record)
{
    double low, high;
    if (s->graded == 0)
        return true;
    struct json_object *utility = json_object_new_object(), *interval = json_object_new_array();
    grade_interval(s->correct, s->graded, &low, &high);
    bool ok = json_set_int(utility, "graded", (int64_t)s->graded) &&
              json_set_int(utility, "correct", (int64_t)s->correct) &&
              json_set_real(utility, "score", (double)s->correct / (double)s->graded) &&
              json_add_real(interval, low) && json_add_real(interval, high);
    ok = json_set(utility, "ci95", interval) && ok;
    if (json_object_object_length(s->categories) > 0)
        ok = ok && json_set(utility, "by_category", json_object_get(s->categories));
    return json_set(record, "utility", utility) && ok;
}
