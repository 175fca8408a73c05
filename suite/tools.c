/*
 * tools.* and structured.* - answers that a program reads: calls of functions, and instances of a JSON Schema.
 *
 * A model that answers in prose where a call was possible is measured (valid_fraction); a server that was told
 * to force a form and returns another one is at fault, and fails.
 */
#include "suite.h"

#include "answered.h"

#include "json.h"
#include "schema.h"

#include <stdlib.h>
#include <string.h>

static const char weather_tool[] =
    "[{\"type\":\"function\",\"function\":{\"name\":\"get_weather\",\"description\":\"The weather at a place "
    "now\",\"parameters\":{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\",\"description\":"
    "\"Name of the place\"},\"unit\":{\"type\":\"string\",\"enum\":[\"celsius\",\"fahrenheit\"]}},"
    "\"required\":[\"city\"],\"additionalProperties\":false}}}]";

static const char weather_schema[] =
    "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"},\"unit\":{\"enum\":[\"celsius\","
    "\"fahrenheit\"]}},\"required\":[\"city\"],\"additionalProperties\":false}";

static const char person_schema[] =
    "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},\"age\":{\"type\":\"integer\","
    "\"minimum\":0,\"maximum\":150},\"languages\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},"
    "\"maxItems\":3}},\"required\":[\"name\",\"age\",\"languages\"],\"additionalProperties\":false}";

/* Whether text is JSON and an instance of the schema; why not otherwise. */
static bool is_instance(const char *text, size_t len, const char *schema_text, struct error *why)
{
    struct json_object *instance = NULL, *schema_tree = NULL;
    struct schema *schema = NULL;
    bool ok = json_parse(text, len, &instance, why) == STATUS_OK;
    ck_assert_int_eq(json_parse(schema_text, strlen(schema_text), &schema_tree, NULL), STATUS_OK);
    ck_assert_int_eq(schema_compile(schema_tree, NULL, &schema, why), STATUS_OK);
    ok = ok && schema_check(schema, instance, why) == STATUS_OK;
    schema_free(schema);
    json_object_put(schema_tree);
    json_object_put(instance);
    return ok;
}

/* ---- tools ---- */

/* The calls of an exchange: "name arguments" on a line each. */
static bool is_right_call(const struct exchange *x, struct error *why)
{
    static const char name[] = "get_weather ";
    const char *call = buf_text(&x->tool_calls);
    if (x->tool_calls.len == 0) {
        error_set(why, STATUS_INVALID, "the model answered in prose and called nothing");
        return false;
    }
    if (strncmp(call, name, sizeof name - 1) != 0) {
        error_set(why, STATUS_INVALID, "another function was called");
        return false;
    }
    const char *arguments = call + sizeof name - 1;
    return is_instance(arguments, strcspn(arguments, "\n"), weather_schema, why);
}

static struct chat_request weather_request(struct assay_context *ctx, const char *question)
{
    struct chat_message message = {.role = "user", .content = question};
    struct chat_request r = assay_request_messages(ctx, &message, 1);
    r.max_tokens = r.max_tokens > 0 ? r.max_tokens : 96;
    r.tools_json = weather_tool;
    return r;
}

/* Servers and models without tools refuse with 4xx (or 5xx): a reason to skip, said in their own words. */
static void skip_where_refused(struct assay_context *ctx, const struct exchange *x, const char *what)
{
    if (x->error == EXCHANGE_HTTP_4XX || x->http_status == 501)
        assay_skip(ctx, "%s refused: %s", what, x->error_text);
    check_answered(x);
}

static void count_valid(struct assay_context *ctx, bool valid, struct error *why, int repeat)
{
    assay_observe(ctx, "valid_fraction", valid ? 1 : 0);
    if (!valid && repeat >= 0)
        assay_note(ctx, "not_valid", "%s", error_text(why));
}

static void call_function(struct assay_context *ctx)
{
    struct chat_request request = weather_request(
        ctx, "What is the weather in Lisbon right now, in celsius? Use the function that you have.");
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        struct error why = {0};
        const struct exchange *x = assay_chat(ctx, &request);
        skip_where_refused(ctx, x, "tools are");
        count_valid(ctx, is_right_call(x, &why), &why, repeat);
    }
}

static void call_is_forced(struct assay_context *ctx)
{
    struct chat_request request = weather_request(ctx, "Good morning, Lisbon!");
    request.tool_choice = "required";
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        struct error why = {0};
        const struct exchange *x = assay_chat(ctx, &request);
        skip_where_refused(ctx, x, "a required tool is");
        count_valid(ctx, is_right_call(x, &why), &why, repeat);
    }
}

static void nothing_to_call(struct assay_context *ctx)
{
    struct chat_request request =
        weather_request(ctx, "How many legs does a spider have? Answer with the number alone.");
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        struct error why = {0};
        const struct exchange *x = assay_chat(ctx, &request);
        skip_where_refused(ctx, x, "tools are");
        if (x->tool_calls.len > 0)
            error_set(&why, STATUS_INVALID, "a function was called that has nothing to do with the question");
        count_valid(ctx, x->tool_calls.len == 0, &why, repeat);
    }
}

/* The latency of a request with the constraint, and of the same without. */
static double latency_of(const struct exchange *x)
{
    double latency_s = 0;
    (void)exchange_latency_s(x, &latency_s);
    return latency_s;
}

static void compare(struct assay_context *ctx, const struct chat_request *plain,
    const struct chat_request *constrained, const char *what)
{
    assay_measure(ctx, false);
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        const struct exchange *x = assay_chat(ctx, constrained);
        skip_where_refused(ctx, x, what);
        double with_s = latency_of(x);
        x = assay_chat(ctx, plain);
        check_answered(x);
        double without_s = latency_of(x);
        assay_observe(ctx, "latency_s", with_s);
        if (without_s > 0)
            assay_observe(ctx, "overhead_ratio", with_s / without_s);
    }
}

/* The tools make the prompt longer; one answer token shows what that costs. */
/* Of a model that reasons the first token may be a mark that the server keeps to itself. */
static void tools_overhead(struct assay_context *ctx)
{
    struct chat_request with = weather_request(ctx, "Name a colour."), without = with;
    with.max_tokens = without.max_tokens = 4;
    without.tools_json = NULL;
    compare(ctx, &without, &with, "tools are");
}

/* ---- structured ---- */

static struct chat_request person_request(struct assay_context *ctx, const char *schema)
{
    struct chat_message message = {.role = "user",
        .content = "Invent a person. Answer in JSON with the members name (a text), age (a whole number) and "
                   "languages (a list of at most three texts), and nothing else."};
    struct chat_request r = assay_request_messages(ctx, &message, 1);
    r.max_tokens = r.max_tokens > 0 ? r.max_tokens : 160;
    r.schema_json = schema;
    return r;
}

/* An answer that ran into its cap is cut, and no fault of the constraint. */
static bool was_cut(const struct exchange *x)
{
    return strcmp(x->finish_reason, "length") == 0;
}

static void by_schema(struct assay_context *ctx)
{
    struct chat_request request = person_request(ctx, person_schema);
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        struct error why = {0};
        const struct exchange *x = assay_chat(ctx, &request);
        skip_where_refused(ctx, x, "a schema for the answer is");
        bool valid = is_instance(buf_text(&x->answer), x->answer.len, person_schema, &why), cut = was_cut(x);
        count_valid(ctx, valid, &why, repeat);
        ck_assert_msg(valid || cut, "the answer was to follow the schema and does not: %s", error_text(&why));
    }
}

static void any_json(struct assay_context *ctx)
{
    struct chat_request request = person_request(ctx, "{}");
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        struct error why = {0};
        const struct exchange *x = assay_chat(ctx, &request);
        skip_where_refused(ctx, x, "JSON as the form of the answer is");
        bool valid = is_instance(buf_text(&x->answer), x->answer.len, "{\"type\":\"object\"}", &why);
        bool cut = was_cut(x);
        count_valid(ctx, valid, &why, repeat);
        ck_assert_msg(valid || cut, "the answer was to be JSON and is not: %s", error_text(&why));
    }
}

static void schema_overhead(struct assay_context *ctx)
{
    struct chat_request with = person_request(ctx, person_schema), without = with;
    with.max_tokens = without.max_tokens = 32;
    without.schema_json = NULL;
    compare(ctx, &without, &with, "a schema for the answer is");
}

#define TOOLS(name, text, ...)                                                                               \
    {                                                                                                        \
        .id = name, .summary = text, .version = 2, .per_model = true, .needs = MODALITY_TEXT, __VA_ARGS__    \
    }
#define CHECKS 5 /* what is asked in each run checks more than it measures */

const struct assay_case cases_tools[] = {
    TOOLS("tools.call", "a question that one function answers: is it called, with valid arguments?",
        .body = call_function, .repeats = CHECKS, .tokens = 96),
    TOOLS("tools.required", "a call that the request demands", .body = call_is_forced, .on_request = true,
        .needs_offers = OFFER_TOOL_CHOICE, .tokens = 96),
    TOOLS("tools.none", "a question that no function answers: nothing is called", .body = nothing_to_call,
        .repeats = CHECKS, .tokens = 96),
    TOOLS("tools.overhead", "what a function in the request costs until the first token",
        .body = tools_overhead, .on_request = true, .requests = 2, .tokens = 8),
    TOOLS("structured.schema", "an answer that has to follow a JSON Schema does", .body = by_schema,
        .repeats = CHECKS, .tokens = 160),
    TOOLS("structured.json", "an answer that has to be JSON is", .body = any_json, .on_request = true,
        .tokens = 160),
    TOOLS("structured.overhead", "what following a schema costs", .body = schema_overhead, .on_request = true,
        .requests = 2, .tokens = 64),
    {0},
};
