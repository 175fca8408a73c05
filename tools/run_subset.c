#include "run_subset.h"

#include "json.h"
#include "run_operand.h"

#include <stdlib.h>
#include <string.h>

static const char *const failed[] = {"failed", "error", "crashed", "timeout", "killed", "oom", "interrupted",
    "not_run", "lost", "harness_error", NULL};
static const char *const unfinished[] = {"interrupted", "not_run", "lost", NULL};

static bool is_one_of(const char *outcome, const char *const *outcomes)
{
    for (size_t i = 0; outcomes[i]; i++)
        if (strcmp(outcomes[i], outcome) == 0)
            return true;
    return false;
}

enum status run_subset_load(const char *run, enum subset which, struct run_subset *subset, struct error *e)
{
    struct run_data data = {0};
    bool going_on = false;
    *subset = (struct run_subset){0};
    enum status s = run_operand_load(run, &data, &going_on, e);
    if (s == STATUS_OK && going_on)
        s = error_set(e, STATUS_BUSY, "%s is still being measured", run);
    if (s == STATUS_OK)
        subset->tests = calloc(data.test_count + 1, sizeof *subset->tests);
    for (size_t i = 0; s == STATUS_OK && i < data.test_count; i++) {
        const struct run_test *t = &data.tests[i];
        const char *outcome = t->last ? t->last->outcome->name : "lost";
        if (!is_one_of(outcome, which == SUBSET_FAILED ? failed : unfinished))
            continue;
        char *name = subset->tests ? strdup(t->name) : NULL;
        if (!name)
            s = error_set(e, STATUS_NO_MEMORY, "no memory for the tests of %s", run);
        else
            subset->tests[subset->count++] = name;
    }
    run_data_fini(&data);
    if (s != STATUS_OK)
        run_subset_fini(subset);
    return s;
}

void run_subset_fini(struct run_subset *subset)
{
    for (size_t i = 0; i < subset->count; i++)
        free(subset->tests[i]);
    free(subset->tests);
    *subset = (struct run_subset){0};
}

bool run_subset_has(const struct run_subset *subset, const char *test)
{
    for (size_t i = 0; i < subset->count; i++)
        if (strcmp(subset->tests[i], test) == 0)
            return true;
    return false;
}

enum status run_subset_keep(struct json_object *run, const struct run_subset *subset, struct error *e)
{
    struct json_object *plan = json_get_array(run, "/plan"), *kept = json_object_new_array();
    bool ok = kept != NULL;
    size_t found = 0;
    for (size_t i = 0; ok && plan && i < json_object_array_length(plan); i++) {
        struct json_object *planned = json_object_array_get_idx(plan, i);
        const char *test = json_get_text(planned, "/test");
        if (!test || !run_subset_has(subset, test))
            continue;
        ok = json_add(kept, json_object_get(planned));
        found++;
    }
    if (!json_set(run, "plan", kept) || !ok)
        return error_set(e, STATUS_NO_MEMORY, "no memory for the plan");
    if (found < subset->count)
        return error_set(e, STATUS_NOT_FOUND,
            "%zu of %zu tests to run again are not to be had: their servers, models or cases are not there",
            subset->count - found, subset->count);
    return STATUS_OK;
}
