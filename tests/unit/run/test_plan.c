/* From cases and a portfolio to the tests of a run. */
#include "testkit.h"

#include "json.h"
#include "plan.h"

#include <string.h>

static void nothing(struct assay_context *ctx)
{
    (void)ctx;
}

static const struct assay_case cases[] = {
    {.id = "self.check", .summary = "s", .body = nothing, .version = 1, .no_target = true},
    {.id = "infra.a", .summary = "s", .body = nothing, .version = 1},
    {.id = "chat.a", .summary = "s", .body = nothing, .version = 1, .per_model = true},
    {.id = "chat.b", .summary = "s", .body = nothing, .version = 1, .per_model = true},
    {.id = "chat.c", .summary = "s", .body = nothing, .version = 1, .per_model = true},
    {.id = "chat.d", .summary = "s", .body = nothing, .version = 1, .per_model = true},
    {.id = "long.a", .summary = "s", .body = nothing, .version = 1, .per_model = true, .on_request = true},
    {.id = "long.b",
        .summary = "s",
        .body = nothing,
        .version = 1,
        .per_model = true,
        .on_request = true,
        .by_name = true},
    {0},
};

static struct model_info models[] = {
    {.id = "tiny",
        .size_bytes = 1500000000,
        .quantization = "Q4",
        .context_length = 4096,
        .modalities = MODALITY_TEXT | MODALITY_VISION},
    {.id = "big"},
};
static struct portfolio_target targets[] = {
    {.info = {.name = "one", .protocol = "openai", .endpoint = "http://127.0.0.1:1"}, .models = {models, 2}},
    {.info = {.name = "silent"}, .status = STATUS_NOT_FOUND},
    {.info = {.name = "two", .protocol = "openai", .endpoint = "http://127.0.0.1:2", .simulated = true},
        .models = {models, 1}},
};
static const struct portfolio portfolio = {targets, 3};

static struct json_object *plan(const struct plan_request *request, enum status expected)
{
    struct json_object *run = json_object_new_object();
    struct error why = {0};
    ck_assert_int_eq(plan_into_run_json(request, &portfolio, run, &why), expected);
    ck_assert(expected == STATUS_OK || why.text[0] != '\0');
    return run;
}

static size_t plan_length(const struct json_object *run)
{
    return json_object_array_length(json_get_array(run, "/plan"));
}

static const char *test_at(const struct json_object *run, size_t i)
{
    return json_get_text(json_object_array_get_idx(json_get_array(run, "/plan"), i), "/test");
}

static void every_case_meets_what_it_runs_on_once(void)
{
    struct json_object *run = plan(&(struct plan_request){.cases = cases, .seed = 1}, STATUS_OK);
    /* 1 alone + 2 targets x 1 + 3 models x 4; the silent target has none */
    ck_assert_uint_eq(plan_length(run), 1 + 2 + 12);
    ck_assert_str_eq(test_at(run, 0), "self.check");
    ck_assert_str_eq(test_at(run, 1), "infra.a[one]");
    ck_assert_str_eq(test_at(run, 10), "infra.a[two]");
    for (size_t i = 2; i < 6; i++)
        ck_assert_ptr_nonnull(strstr(test_at(run, i), "[one/tiny]"));
    for (size_t i = 6; i < 10; i++)
        ck_assert_ptr_nonnull(strstr(test_at(run, i), "[one/big]"));
    ck_assert_uint_eq(json_object_array_length(json_get_array(run, "/targets")), 2);
    ck_assert_uint_eq(json_object_array_length(json_get_array(run, "/models")), 3);
    json_object_put(run);
}

static void what_is_long_runs_where_it_is_named(void)
{
    struct plan_request r = {.cases = cases, .suites = {{"long"}, 1}};
    struct json_object *run = plan(&r, STATUS_OK);
    ck_assert_uint_eq(plan_length(run), 3);
    json_object_put(run);
    r = (struct plan_request){.cases = cases, .case_ids = {{"*.a"}, 1}};
    run = plan(&r, STATUS_OK);
    ck_assert_uint_eq(plan_length(run), 2 + 3 + 3);
    json_object_put(run);
    r = (struct plan_request){.cases = cases, .suites = {{"*"}, 1}};
    run = plan(&r, STATUS_OK);
    ck_assert_uint_eq(plan_length(run), 1 + 2 + 12 + 3);
    json_object_put(run);
}

static void what_is_by_name_is_not_chosen_by_its_suite(void)
{
    struct plan_request r = {.cases = cases, .case_ids = {{"long.b"}, 1}};
    struct json_object *run = plan(&r, STATUS_OK);
    ck_assert_uint_eq(plan_length(run), 3);
    ck_assert_ptr_nonnull(strstr(test_at(run, 0), "long.b["));
    json_object_put(run);
}

/* "big" is a model that nobody says anything of. */
static void what_only_some_models_do_is_tried_on_an_unknown_one_where_it_is_named(void)
{
    static const struct assay_case seeing[] = {{.id = "see.a",
                                                   .summary = "s",
                                                   .body = nothing,
                                                   .version = 1,
                                                   .per_model = true,
                                                   .where_known = true,
                                                   .needs = MODALITY_VISION},
        {0}};
    for (int named = 0; named < 2; named++) {
        struct plan_request request = {.cases = seeing, .seed = 1};
        if (named)
            request.suites = (struct opt_list){{"see"}, 1};
        struct json_object *run = plan(&request, STATUS_OK);
        ck_assert_uint_eq(plan_length(run), 3);
        for (size_t k = 0; k < 3; k++) {
            const char *skip =
                json_get_text(json_object_array_get_idx(json_get_array(run, "/plan"), k), "/skip");
            bool unknown = strstr(test_at(run, k), "/big]") != NULL;
            ck_assert_msg(
                (skip != NULL) == (unknown && !named), "%s: %s", test_at(run, k), skip ? skip : "-");
        }
        json_object_put(run);
    }
}

static void the_order_within_a_model_comes_from_the_seed(void)
{
    struct json_object *first = plan(&(struct plan_request){.cases = cases, .seed = 1}, STATUS_OK);
    bool differs = false;
    for (uint64_t seed = 1; seed < 10; seed++) {
        struct json_object *again = plan(&(struct plan_request){.cases = cases, .seed = seed}, STATUS_OK);
        bool same = json_deep_equal(json_get(first, "/plan"), json_get(again, "/plan"));
        ck_assert(seed != 1 || same);
        differs |= !same;
        json_object_put(again);
    }
    ck_assert(differs);
    json_object_put(first);
}

static void filters_choose_suites_cases_and_models(void)
{
    struct plan_request r = {.cases = cases, .suites = {{"chat"}, 1}, .models = {{"T*"}, 1}};
    struct json_object *run = plan(&r, STATUS_OK);
    ck_assert_uint_eq(plan_length(run), 8);
    json_object_put(run);
    r = (struct plan_request){.cases = cases, .case_ids = {{"*.a"}, 1}, .models = {{"big"}, 1}};
    run = plan(&r, STATUS_OK);
    ck_assert_uint_eq(plan_length(run), 4); /* infra.a on two targets, chat.a and long.a on one model */
    json_object_put(run);
}

static void a_filter_that_matches_nothing_is_an_error_that_names_it(void)
{
    static const struct {
        struct plan_request request;
        enum status status;
    } rows[] = {
        {{.cases = cases, .suites = {{"chta"}, 1}}, STATUS_NOT_FOUND},
        {{.cases = cases, .case_ids = {{"chat.a", "chat.x"}, 2}}, STATUS_NOT_FOUND},
        {{.cases = cases, .models = {{"tyni"}, 1}}, STATUS_UNAVAILABLE},
    };
    for (size_t i = 0; i < 3; i++)
        json_object_put(plan(&rows[i].request, rows[i].status));
}

static void targets_and_models_come_back_from_json_as_they_went(void)
{
    struct json_object *t = plan_target_to_json(&targets[2].info), *m = plan_model_to_json(&models[0]);
    struct target_info info;
    struct model_info model;
    plan_target_from_json(t, &info);
    plan_model_from_json(m, &model);
    ck_assert_str_eq(info.name, "two");
    ck_assert(info.simulated && !info.managed);
    ck_assert_str_eq(model.id, "tiny");
    ck_assert_int_eq(model.size_bytes, 1500000000);
    ck_assert_int_eq(model.context_length, 4096);
    ck_assert_uint_eq(model.modalities, MODALITY_TEXT | MODALITY_VISION);
    json_object_put(t);
    json_object_put(m);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(every_case_meets_what_it_runs_on_once),
        TESTKIT_TEST(what_is_long_runs_where_it_is_named),
        TESTKIT_TEST(what_is_by_name_is_not_chosen_by_its_suite),
        TESTKIT_TEST(what_only_some_models_do_is_tried_on_an_unknown_one_where_it_is_named),
        TESTKIT_TEST(the_order_within_a_model_comes_from_the_seed),
        TESTKIT_TEST(filters_choose_suites_cases_and_models),
        TESTKIT_TEST(a_filter_that_matches_nothing_is_an_error_that_names_it),
        TESTKIT_TEST(targets_and_models_come_back_from_json_as_they_went),
        {0},
    };
    return testkit_run("plan", tests);
}
