/* infrastructure.* - does the server behave as a server should, before anything is measured on it. */
#include "suite.h"

#include <string.h>

/* GET /models, the cheapest question that every server of the protocol answers. */
static void answers(struct assay_context *ctx)
{
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        const struct exchange *x = assay_raw(ctx, "GET", "/models", NULL, NULL, 0);
        ck_assert_msg(
            x->error == EXCHANGE_OK, "GET /models: %s: %s", exchange_error_name(x->error), x->error_text);
        double latency_s;
        if (repeat >= 0 && exchange_latency_s(x, &latency_s))
            assay_observe(ctx, "latency_s", latency_s);
    }
}

static void lists_models(struct assay_context *ctx)
{
    struct model_list models = {0};
    struct error why = {0};
    enum status listed = target_list_models(assay_target(ctx), &models, &why);
    size_t unusable = models.unusable, twice = models.repeated, count = models.count + unusable + twice;
    model_list_fini(&models);
    assay_note(ctx, "models", "%zu", count);
    ck_assert_msg(listed == STATUS_OK, "the list of models cannot be read: %s", error_text(&why));
    ck_assert_msg(count > 0, "the server lists no model");
    ck_assert_msg(unusable == 0, "%zu of %zu models have no id, or one longer than %zu bytes", unusable,
        count, sizeof models.items->id - 1);
    ck_assert_msg(twice == 0, "%zu of %zu models are listed twice", twice, count);
}

/* Servers known to answer 200 whatever the model's name is: not proper, but no news either. */
static const char *const ignores_model_name[] = {"llama.cpp", "mlx_lm", NULL};

static bool is_known_to_ignore(const char *server)
{
    for (size_t i = 0; ignores_model_name[i]; i++)
        if (strcmp(server, ignores_model_name[i]) == 0)
            return true;
    return false;
}

static void refuses_unknown_model(struct assay_context *ctx)
{
    static const char body[] = "{\"model\":\"assay-no-such-model\",\"max_tokens\":1,\"stream\":false,"
                               "\"messages\":[{\"role\":\"user\",\"content\":\"Hello.\"}]}";
    const struct exchange *x =
        assay_raw(ctx, "POST", "/chat/completions", "application/json", body, sizeof body - 1);
    const char *server = target_info(assay_target(ctx))->server;
    assay_note(ctx, "http_status", "%d", x->http_status);
    if (x->http_status >= 200 && x->http_status < 300) {
        assay_note(ctx, "unknown_model", "answered as if the model existed");
        ck_assert_msg(is_known_to_ignore(server),
            "an unknown model was answered with %d: whoever misspells a name measures another model",
            x->http_status);
        return;
    }
    assay_note(ctx, "unknown_model", "refused");
    ck_assert_msg(x->http_status >= 400 && x->http_status < 500,
        "an unknown model was answered with %s, not with 4xx: %s", exchange_error_name(x->error),
        x->error_text);
}

static void refuses_malformed_json(struct assay_context *ctx)
{
    static const char body[] = "{\"model\": \"x\", \"messages\": [";
    const struct exchange *x =
        assay_raw(ctx, "POST", "/chat/completions", "application/json", body, sizeof body - 1);
    assay_note(ctx, "http_status", "%d", x->http_status);
    ck_assert_msg(x->http_status >= 400 && x->http_status < 500,
        "malformed JSON was answered with %d (%s), not with 4xx", x->http_status,
        exchange_error_name(x->error));
}

const struct assay_case cases_infrastructure[] = {
    {.id = "infrastructure.answers",
        .summary = "the server answers a cheap request",
        .body = answers,
        .version = 1},
    {.id = "infrastructure.lists_models",
        .summary = "the server lists its models, each once, each with an id",
        .body = lists_models,
        .version = 1,
        .repeats = 1,
        .warmup = -1},
    {.id = "infrastructure.refuses_unknown_model",
        .summary = "a model that does not exist is refused with 4xx",
        .body = refuses_unknown_model,
        .version = 1,
        .repeats = 1,
        .warmup = -1},
    {.id = "infrastructure.refuses_malformed_json",
        .summary = "malformed JSON is refused with 4xx",
        .body = refuses_malformed_json,
        .version = 1,
        .repeats = 1,
        .warmup = -1},
    {0},
};
