/*
 * plan.h - from cases and a portfolio to the tests of a run: written into run.json once, read by everybody
 * after.
 *
 * Order: target by target; first the cases that concern the target as a whole, then model by model, so that a
 * server loads each model once; within a model the order is random, from the run's seed.
 *
 *     struct plan_request r = {.cases = suite_cases(), .seed = seed,
 *         .models = {.items = {"*tiny*"}, .count = 1}};
 *     struct json_object *run = json_object_new_object();
 *     if (plan_into_run_json(&r, &portfolio, run, &why) != STATUS_OK) ...   // adds targets, models, plan
 */
#ifndef ASSAY_PLAN_H
#define ASSAY_PLAN_H

#include "assay.h"
#include "model_filter.h"
#include "opt.h"
#include "portfolio.h"
#include "target.h"

struct json_object;

struct plan_request {
    const struct assay_case *cases; /* ends with id NULL */
    uint64_t seed;
    struct opt_list suites, case_ids, models; /* text_match patterns, see model_filter_matches */
    struct model_filter filter;               /* of the models that `models` names; patterns is not used */
};

/*
 * Fills members targets, models, left_out and plan of run (schemas/run.schema.json). Tests of models that the
 * machine's memory cannot hold are planned to be skipped. STATUS_NOT_FOUND where a pattern
 * matches no suite or case (a slip), STATUS_UNAVAILABLE where it matches no model (the servers do not have
 * it).
 */
enum status plan_into_run_json(const struct plan_request *request, const struct portfolio *portfolio,
    struct json_object *run, struct error *e) ASSAY_MUST_CHECK;

/* "chat.short[llamacpp/tiny]", "infrastructure.answers[llamacpp]", "self.check" */
enum status plan_test_name(struct buf *out, const char *case_id, const char *target, const char *model);

/* target and model of schemas/record.schema.json, and back (unknown members stay empty). NULL, false: no
 * memory. */
struct json_object *plan_target_to_json(const struct target_info *info);
struct json_object *plan_model_to_json(const struct model_info *model);
void plan_target_from_json(const struct json_object *json, struct target_info *info);
void plan_model_from_json(const struct json_object *json, struct model_info *model);

/* The case of that id, or NULL. */
const struct assay_case *plan_find_case(const struct assay_case *cases, const char *id);

#endif
