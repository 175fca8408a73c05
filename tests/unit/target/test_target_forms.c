/* Calls and instances of schemas through the client, in each protocol, streamed and whole: the same text. */
#include "target.h"

#include "sim.h"
#include "testkit.h"

#include <stdio.h>
#include <string.h>

static const char tools[] =
    "[{\"type\":\"function\",\"function\":{\"name\":\"get_weather\",\"parameters\":{\"type\":\"object\","
    "\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"],\"additionalProperties\":false}}"
    "}]";
static const char schema[] =
    "{\"type\":\"object\",\"properties\":{\"age\":{\"type\":\"integer\",\"minimum\":30}"
    "},\"required\":[\"age\"],\"additionalProperties\":false}";
static const char call[] = "get_weather {\"city\":\"amber\"}";

static struct sim_process sim;
static struct target *target;
static struct exchange x;

static void start(const char *protocol)
{
    struct error why = {0};
    char url[SIM_URL_SIZE + 16];
    ck_assert_msg(
        sim_spawn(&(struct sim_options){.seed = 1}, &sim, &why) == STATUS_OK, "%s", error_text(&why));
    snprintf(url, sizeof url, "%s", sim.url);
    struct target_options o = {.url = url, .protocol = protocol};
    ck_assert_msg(target_open(&o, &target, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_msg(target_probe(target, &why) == STATUS_OK, "%s", error_text(&why));
    exchange_init(&x);
}

static void stop(void)
{
    exchange_fini(&x);
    target_close(target);
    sim_stop(&sim);
}

static void ask(
    const char *model, bool stream, const char *question, const char *tools_json, const char *schema_json)
{
    struct chat_message message = {.role = "user", .content = question};
    struct chat_request r = {.model = model,
        .messages = &message,
        .message_count = 1,
        .temperature = 0,
        .seed = 1,
        .stream = stream,
        .want_usage = true,
        .tools_json = tools_json,
        .schema_json = schema_json};
    target_chat(target, &r, &x);
    ck_assert_msg(x.error == EXCHANGE_OK, "%s: %s", model, x.error_text);
}

static const char *const protocols[] = {"openai", "ollama"};

static void a_call_is_the_same_in_each_protocol(void)
{
    for (size_t p = 0; p < sizeof protocols / sizeof *protocols; p++) {
        start(protocols[p]);
        for (int stream = 0; stream < 2; stream++) {
            ask("sim-fast", stream, "What is the weather?", tools, NULL);
            ck_assert_msg(
                strcmp(buf_text(&x.tool_calls), call) == 0, "%s: %s", protocols[p], buf_text(&x.tool_calls));
            ck_assert_uint_eq(x.answer.len, 0);
            ck_assert_int_eq(x.tokens.completion, 4);
            ask("sim-fast", stream, "Good morning!", tools, NULL);
            ck_assert_uint_eq(x.tool_calls.len, 0);
            ck_assert_uint_gt(x.answer.len, 0);
        }
        stop();
    }
}

static void an_instance_is_the_same_in_each_protocol(void)
{
    for (size_t p = 0; p < sizeof protocols / sizeof *protocols; p++) {
        start(protocols[p]);
        for (int stream = 0; stream < 2; stream++) {
            ask("sim-fast", stream, "Invent a person.", NULL, schema);
            ck_assert_str_eq(buf_text(&x.answer), "{\"age\":30}");
            ask("sim-schema-fenced", stream, "Invent a person.", NULL, "{}");
            ck_assert_str_eq(buf_text(&x.answer), "```json\n{}\n```");
        }
        stop();
    }
}

/* The pieces of a streamed call are events that carry tokens: the first brings the name. */
static void a_call_in_pieces_has_an_event_for_each_token(void)
{
    start("openai");
    ask("sim-steady", true, "What is the weather?", tools, NULL);
    ck_assert_uint_eq(exchange_token_events(&x), 4);
    ck_assert(exchange_events_are_tokens(&x));
    ck_assert_str_eq(x.finish_reason, "tool_calls");
    double first_s = 0;
    ck_assert(exchange_ttft_s(&x, &first_s) && first_s >= 0.05);
    ck_assert(!exchange_ttfa_s(&x, &first_s));
    ask("sim-tools-whole", true, "What is the weather?", tools, NULL);
    ck_assert_uint_eq(exchange_token_events(&x), 1);
    ck_assert_str_eq(buf_text(&x.tool_calls), call);
    ask("sim-tools-broken", true, "What is the weather?", tools, NULL);
    ck_assert_str_eq(buf_text(&x.tool_calls), "get_weather {\"city\":");
    ask("sim-tools-leaked", true, "What is the weather?", tools, NULL);
    ck_assert_uint_eq(x.tool_calls.len, 0);
    stop();
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_call_is_the_same_in_each_protocol),
        TESTKIT_TEST(an_instance_is_the_same_in_each_protocol),
        TESTKIT_TEST(a_call_in_pieces_has_an_event_for_each_token),
        {0},
    };
    return testkit_run("target_forms", tests);
}
