/* Streams of typed events, LM Studio's chat and OpenAI's responses: on the simulator with all it does wrong, and
 * on answers as their documentation gives them. */
#include "target.h"

#include "canned_server.h"
#include "clock.h"
#include "cross_check.h"
#include "sim.h"
#include "testkit.h"
#include "tries.h"

#include <stdio.h>
#include <string.h>

/* ---- the simulator ---- */

enum tokens_are { EVENTS, MORE, UNKNOWN };

/* What becomes of each misbehaviour, in both protocols. */
static const struct {
    const char *model;
    enum exchange_error error;
    enum tokens_are tokens;
    const char *finish_reason; /* of the responses; LM Studio gives none */
} scenarios[] = {
    {"sim-steady", EXCHANGE_OK, EVENTS, "stop"},
    {"sim-instant", EXCHANGE_OK, EVENTS, "stop"},
    {"sim-reasoning", EXCHANGE_OK, EVENTS, "stop"},
    {"sim-think", EXCHANGE_OK, EVENTS, "stop"},
    {"sim-think-split", EXCHANGE_OK, EVENTS, "stop"},
    {"sim-burst4", EXCHANGE_OK, MORE, "stop"},
    {"sim-coalesced", EXCHANGE_OK, EVENTS, "stop"},
    {"sim-role-early", EXCHANGE_OK, EVENTS, "stop"},
    {"sim-role-with-first", EXCHANGE_OK, EVENTS, "stop"},
    {"sim-role-absent", EXCHANGE_OK, EVENTS, "stop"},
    {"sim-headers-early", EXCHANGE_OK, EVENTS, "stop"},
    {"sim-no-usage", EXCHANGE_OK, UNKNOWN, "stop"},
    {"sim-usage-whole", EXCHANGE_OK, UNKNOWN, "stop"},
    {"sim-no-finish", EXCHANGE_TRUNCATED, UNKNOWN, ""},
    {"sim-cut-tail", EXCHANGE_OK, EVENTS, "stop"},
    {"sim-crlf", EXCHANGE_OK, EVENTS, "stop"},
    {"sim-cr", EXCHANGE_OK, EVENTS, "stop"},
    {"sim-no-space", EXCHANGE_OK, EVENTS, "stop"},
    {"sim-comments", EXCHANGE_OK, EVENTS, "stop"},
    {"sim-fields", EXCHANGE_OK, EVENTS, "stop"},
    {"sim-multibyte", EXCHANGE_OK, EVENTS, "stop"},
    {"sim-split-utf8", EXCHANGE_OK, EVENTS, "stop"},
    {"sim-split-event", EXCHANGE_OK, EVENTS, "stop"},
    {"sim-until-close", EXCHANGE_OK, EVENTS, "stop"},
    {"sim-http10", EXCHANGE_OK, EVENTS, "stop"},
    {"sim-long-line", EXCHANGE_OK, EVENTS, "stop"},
    {"sim-empty", EXCHANGE_TRUNCATED, UNKNOWN, ""},
    {"sim-error-in-stream", EXCHANGE_STREAM_ERROR, UNKNOWN, ""},
    {"sim-bad-json", EXCHANGE_PROTOCOL, UNKNOWN, ""},
    {"sim-bad-chunk", EXCHANGE_PROTOCOL, UNKNOWN, ""},
    {"sim-close", EXCHANGE_TRUNCATED, UNKNOWN, ""},
    {"sim-reset", EXCHANGE_TRUNCATED, UNKNOWN, ""},
    {"sim-500", EXCHANGE_HTTP_5XX, UNKNOWN, ""},
    {"sim-hang", EXCHANGE_TIMEOUT_FIRST_TOKEN, UNKNOWN, ""},
};
enum { SCENARIOS = sizeof scenarios / sizeof scenarios[0] };

struct bench {
    struct sim_process sim;
    struct target *target;
    struct exchange x;
};

static void start_with(struct bench *b, const char *protocol, int64_t first_token_ns)
{
    struct error why = {0};
    *b = (struct bench){0};
    ck_assert_int_eq(sim_spawn(&(struct sim_options){.seed = 1}, &b->sim, &why), STATUS_OK);
    struct target_options o = {
        .url = b->sim.url, .protocol = protocol, .first_token_timeout_ns = first_token_ns};
    ck_assert_int_eq(target_open(&o, &b->target, &why), STATUS_OK);
    ck_assert_msg(target_probe(b->target, &why) == STATUS_OK, "%s", error_text(&why));
    exchange_init(&b->x);
}

static void start(struct bench *b, const char *protocol)
{
    start_with(b, protocol, 60 * NS_PER_S);
}

static void stop(struct bench *b)
{
    target_close(b->target);
    exchange_fini(&b->x);
    sim_stop(&b->sim);
}

static struct chat_request request_of(const char *model, bool stream)
{
    static const struct chat_message messages[] = {
        {.role = "system", .content = "Be brief."}, {.role = "user", .content = "Tell me about latency."}};
    return (struct chat_request){.model = model,
        .messages = messages,
        .message_count = 2,
        .temperature = 0,
        .seed = 1,
        .stream = stream,
        .want_usage = true};
}

static void chat(struct bench *b, const char *model, bool stream, int64_t max_tokens)
{
    struct chat_request request = request_of(model, stream);
    request.max_tokens = max_tokens;
    target_chat(b->target, &request, &b->x);
}

static void check_scenario(size_t i, const char *protocol, const struct exchange *x, bool says_why)
{
    const char *model = scenarios[i].model, *reason = says_why ? scenarios[i].finish_reason : "";
    ck_assert_msg(x->error == scenarios[i].error, "%s %s: %s %s", protocol, model,
        exchange_error_name(x->error), x->error_text);
    ck_assert_msg(strcmp(x->finish_reason, reason) == 0, "%s %s: %s", protocol, model, x->finish_reason);
    if (scenarios[i].tokens == UNKNOWN)
        ck_assert_msg(x->tokens.source == TOKENS_NONE, "%s %s", protocol, model);
    else
        ck_assert_msg(exchange_events_are_tokens(x) == (scenarios[i].tokens == EVENTS),
            "%s %s: %d tokens, %zu events", protocol, model, (int)x->tokens.completion,
            exchange_token_events(x));
}

static void count_down(struct exchange *x, void *arg)
{
    (void)x;
    (*(size_t *)arg)--;
}

/* All at once: most of what they take is waiting. On a crowded machine what does not hang needs its time, too. */
static void check_all_at_once(struct tries *tries, const char *protocol, bool says_why)
{
    static struct exchange x[SCENARIOS];
    struct bench b;
    size_t left = SCENARIOS;
    start_with(&b, protocol, 2 * NS_PER_S * tries_patience(tries));
    for (size_t i = 0; i < SCENARIOS; i++) {
        struct chat_request request = request_of(scenarios[i].model, true);
        exchange_init(&x[i]);
        ck_assert_ptr_nonnull(target_chat_start(b.target, &request, &x[i], count_down, &left));
    }
    target_wait(b.target);
    ck_assert_uint_eq(left, 0);
    for (size_t i = 0; i < SCENARIOS; i++) {
        bool late = x[i].error == EXCHANGE_TIMEOUT_FIRST_TOKEN && x[i].error != scenarios[i].error;
        tries_judge(tries, !late, "%s %s: %s", protocol, scenarios[i].model, x[i].error_text);
        if (!late)
            check_scenario(i, protocol, &x[i], says_why);
        exchange_fini(&x[i]);
    }
    stop(&b);
}

static void check_scenarios(const char *protocol, bool says_why)
{
    for (struct tries tries = {0}; tries_next(&tries);)
        check_all_at_once(&tries, protocol, says_why);
}

static void responses_survive_what_servers_do_wrong(void)
{
    check_scenarios("responses", true);
}

static void lm_studios_chat_survives_what_servers_do_wrong(void)
{
    check_scenarios("lmstudio", false);
}

static void check_equal(const char *protocol)
{
    struct bench b;
    struct buf streamed = BUF_INIT(1 << 20), thought = BUF_INIT(1 << 20);
    start(&b, protocol);
    chat(&b, "sim-reasoning", true, 0);
    int64_t tokens = b.x.tokens.completion;
    ck_assert_int_gt(b.x.tokens.reasoning, 0);
    ck_assert_int_gt(b.x.t_first_answer_ns, b.x.t_first_token_ns);
    buf_append(&streamed, buf_text(&b.x.answer), b.x.answer.len);
    buf_append(&thought, buf_text(&b.x.reasoning), b.x.reasoning.len);
    chat(&b, "sim-reasoning", false, 0);
    ck_assert_msg(b.x.error == EXCHANGE_OK, "%s", b.x.error_text);
    ck_assert_str_eq(buf_text(&b.x.answer), buf_text(&streamed));
    ck_assert_str_eq(buf_text(&b.x.reasoning), buf_text(&thought));
    ck_assert_int_eq(b.x.tokens.completion, tokens);
    ck_assert_str_eq(b.x.model, "sim-reasoning");
    buf_fini(&streamed);
    buf_fini(&thought);
    stop(&b);
}

static void a_streamed_answer_is_the_whole_one(void)
{
    check_equal("responses");
    check_equal("lmstudio");
}

static void a_cap_is_kept_and_said(void)
{
    struct bench b;
    start(&b, "responses");
    for (int stream = 0; stream < 2; stream++) {
        chat(&b, "sim-instant", stream, 5);
        ck_assert_int_eq(b.x.tokens.completion, 5);
        ck_assert_str_eq(b.x.finish_reason, "length");
    }
    stop(&b);
}

/* Where a busy machine keeps client and server waiting, their figures differ without a lie. */
static void check_figures(struct tries *tries, struct bench *b, const char *model, bool lies)
{
    struct cross_pair pairs[CROSS_PAIRS_MAX];
    chat(b, model, true, 0);
    ck_assert_msg(b->x.error == EXCHANGE_OK, "%s", b->x.error_text);
    ck_assert_str_eq(b->x.native.source, "lmstudio_stats");
    ck_assert_int_eq(b->x.tokens.source, TOKENS_SERVER_NATIVE);
    size_t n = cross_check(&b->x, &(struct cross_limits){.share = 0.05, .slack_s = 0.02}, pairs);
    bool ttft = false, rate = false, differs = false;
    for (size_t k = 0; k < n; k++) {
        ttft |= strcmp(pairs[k].metric, "ttft_s") == 0;
        rate |= strcmp(pairs[k].metric, "decode_tokens_per_s") == 0;
        differs |= pairs[k].differs;
    }
    ck_assert_msg(ttft && rate, "%s", model);
    ck_assert_msg(differs || !lies, "%s is believed", model);
    tries_judge(tries, differs == lies, "%s is not believed", model);
}

/* In a stream LM Studio says its own figures only in this chat; they are true but where it lies. */
static void lm_studios_figures_are_held_against_ours(void)
{
    struct bench b;
    start(&b, "lmstudio");
    for (struct tries tries = {0}; tries_next(&tries);)
        check_figures(&tries, &b, "sim-steady", false);
    ck_assert(b.x.native.load_s <= 0);
    for (struct tries tries = {0}; tries_next(&tries);)
        check_figures(&tries, &b, "sim-timings-wrong", true);
    for (struct tries tries = {0}; tries_next(&tries);) {
        struct bench fresh; /* its model is not loaded yet */
        start(&fresh, "lmstudio");
        check_figures(&tries, &fresh, "sim-load", false);
        ck_assert(fresh.x.native.load_s > 0);
        stop(&fresh);
    }
    stop(&b);
}

static void responses_call_functions_and_follow_schemas(void)
{
    static const struct chat_message weather = {.role = "user", .content = "What is the weather in Lisbon?"};
    struct chat_request call = {.model = "sim-instant",
        .messages = &weather,
        .message_count = 1,
        .temperature = 0,
        .seed = -1,
        .tools_json = "[{\"type\":\"function\",\"function\":{\"name\":\"get_weather\",\"parameters\":{"
                      "\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":["
                      "\"city\"]}}}]"};
    struct chat_request schema = {.model = "sim-instant",
        .messages = &weather,
        .message_count = 1,
        .temperature = 0,
        .seed = -1,
        .schema_json =
            "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}},\"required\":[\"a\"]}"};
    struct bench b;
    start(&b, "responses");
    for (int stream = 0; stream < 2; stream++) {
        call.stream = schema.stream = stream;
        target_chat(b.target, &call, &b.x);
        ck_assert_msg(b.x.error == EXCHANGE_OK, "%s", b.x.error_text);
        ck_assert_msg(strncmp(buf_text(&b.x.tool_calls), "get_weather {\"city\":", 20) == 0, "%s",
            buf_text(&b.x.tool_calls));
        ck_assert_str_eq(b.x.finish_reason, "tool_calls");
        ck_assert(!stream || exchange_events_are_tokens(&b.x));
        target_chat(b.target, &schema, &b.x);
        ck_assert_msg(strncmp(buf_text(&b.x.answer), "{\"a\":", 5) == 0, "%s", buf_text(&b.x.answer));
    }
    stop(&b);
}

/* ---- what is asked of LM Studio in which way ---- */

static void only_what_its_newer_chat_can_say_goes_there(void)
{
    static const struct chat_message plain[] = {{.role = "system", .content = "s"},
        {.role = "user", .content = "u"}},
                                     turns[] = {{.role = "user", .content = "u"},
                                         {.role = "assistant", .content = "a"},
                                         {.role = "user", .content = "u"}};
    static const char *const stops[] = {"END", NULL};
    static const struct {
        struct chat_request request;
        bool has_stats; /* of a stream: the newer chat has them */
    } asked[] = {
        {{.messages = plain, .message_count = 2, .seed = -1}, true},
        {{.messages = plain + 1, .message_count = 1, .seed = 7}, true},
        {{.messages = plain + 1, .message_count = 1, .seed = 7, .temperature = 0.5}, false},
        {{.messages = plain + 1, .message_count = 1, .seed = -1, .temperature = 0.5, .top_p = 0.9}, true},
        {{.messages = plain + 1, .message_count = 1, .seed = -1, .temperature = 1.5}, false},
        {{.messages = plain + 1, .message_count = 1, .seed = -1, .stop = stops}, false},
        {{.messages = plain + 1, .message_count = 1, .seed = -1, .schema_json = "{}"}, false},
        {{.messages = plain, .message_count = 1, .seed = -1}, false},
        {{.messages = turns, .message_count = 3, .seed = -1}, false},
    };
    struct bench b;
    start(&b, "lmstudio");
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        struct chat_request request = asked[i].request;
        request.model = "sim-instant";
        request.stream = request.want_usage = true;
        target_chat(b.target, &request, &b.x);
        ck_assert_msg(b.x.error == EXCHANGE_OK, "%zu: %s", i, b.x.error_text);
        ck_assert_msg((b.x.native.source != NULL) == asked[i].has_stats, "%zu", i);
    }
    stop(&b);
}

/* ---- answers as they are documented ---- */

#define LIST                                                                                                 \
    {                                                                                                        \
        .text = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"data\":[{\"id\":\"m\"}]}",      \
        .end = CANNED_CLOSE                                                                                  \
    }
#define STREAM "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
#define EVENT(data) "data: " data "\n\n"

static const struct chat_message hello = {.role = "user", .content = "Hello."};

static const char *ask(const char *answer, const struct chat_request *request, struct exchange *x)
{
    static char sent[8192];
    const struct canned_reply replies[] = {LIST, {.text = answer, .end = CANNED_CLOSE}};
    struct canned_server *server = canned_server_start(replies, 2);
    struct target_options o = {.url = canned_server_url(server), .protocol = "responses"};
    struct target *target = NULL;
    ck_assert_int_eq(target_open(&o, &target, NULL), STATUS_OK);
    ck_assert_int_eq(target_probe(target, NULL), STATUS_OK);
    target_chat(target, request, x);
    const char *body = strstr(canned_server_request(server, 1), "\r\n\r\n");
    snprintf(sent, sizeof sent, "%s", body ? body + 4 : "");
    target_close(target);
    canned_server_stop(server);
    return sent;
}

#define CALLED                                                                                               \
    STREAM EVENT("{\"type\":\"response.created\",\"response\":{\"status\":\"in_progress\"}}") EVENT(         \
        "{\"type\":\"response.output_item.added\",\"item\":{\"type\":\"function_call\",\"name\":\"f\","      \
        "\"call_id\":\"c\",\"arguments\":\"\"}}")                                                            \
        EVENT("{\"type\":\"response.function_call_arguments.delta\",\"delta\":\"{\\\"a\\\"\"}")              \
            EVENT("{\"type\":\"response.function_call_arguments.delta\",\"delta\":\":1}\"}") EVENT(          \
                "{\"type\":\"response.function_call_arguments.done\",\"arguments\":\"{\\\"a\\\":1}\"}")      \
                EVENT("{\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\"output\""   \
                      ":[{\"type\":\"function_call\",\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}],"      \
                      "\"usage\":{\"input_tokens\":9,\"output_tokens\":6}}}") EVENT("[DONE]")

static void a_function_is_called_once(void)
{
    static const struct chat_request request = {.messages = &hello,
        .message_count = 1,
        .temperature = -1,
        .seed = -1,
        .stream = true,
        .tools_json = "[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":"
                      "\"object\"}}}]",
        .tool_choice = "f"};
    struct exchange x;
    exchange_init(&x);
    const char *sent = ask(CALLED, &request, &x);
    ck_assert_str_eq(sent,
        "{\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"Hello.\"}]}],"
        "\"stream\":true,\"store\":false,\"tools\":[{\"type\":\"function\",\"name\":\"f\",\"parameters\":"
        "{\"type\":\"object\"}}],\"tool_choice\":{\"type\":\"function\",\"name\":\"f\"}}");
    ck_assert_msg(x.error == EXCHANGE_OK, "%s", x.error_text);
    ck_assert_str_eq(buf_text(&x.tool_calls), "f {\"a\":1}");
    ck_assert_str_eq(x.finish_reason, "tool_calls");
    ck_assert_int_eq(x.tokens.prompt, 9);
    ck_assert_int_eq(x.tokens.completion, 6);
    exchange_fini(&x);
}

static void a_conversation_with_functions_is_written_as_items(void)
{
    static const struct chat_message messages[] = {{.role = "user", .content = "u"},
        {.role = "assistant",
            .tool_calls_json = "[{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"f\","
                               "\"arguments\":\"{}\"}}]"},
        {.role = "tool", .tool_call_id = "c1", .content = "7"}, {.role = "assistant", .content = "seven"}};
    struct chat_request request = {.model = "m",
        .messages = messages,
        .message_count = 4,
        .temperature = -1,
        .seed = -1,
        .max_tokens = 5,
        .schema_json = "{\"type\":\"integer\"}",
        .think = CHOICE_NO};
    struct exchange x;
    exchange_init(&x);
    ck_assert_str_eq(ask(STREAM, &request, &x),
        "{\"model\":\"m\",\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"u\"}"
        "]},{\"type\":\"function_call\",\"call_id\":\"c1\",\"name\":\"f\",\"arguments\":\"{}\"},{\"type\":"
        "\"function_call_output\",\"call_id\":\"c1\",\"output\":\"7\"},{\"role\":\"assistant\",\"content\":"
        "[{\"type\":\"output_text\",\"text\":\"seven\"}]}],\"stream\":false,\"store\":false,"
        "\"max_output_tokens\":5,\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":\"answer\","
        "\"strict\":true,\"schema\":{\"type\":\"integer\"}}},\"reasoning\":{\"effort\":\"none\"}}");
    exchange_fini(&x);
}

static void what_cannot_be_said_is_refused_before_it_is_sent(void)
{
    static const char *const stops[] = {"END", NULL};
    struct chat_request request = {
        .messages = &hello, .message_count = 1, .temperature = -1, .seed = -1, .stop = stops};
    struct exchange x;
    exchange_init(&x);
    ck_assert_str_eq(ask(STREAM, &request, &x), "");
    ck_assert_int_eq(x.error, EXCHANGE_INTERNAL);
    ck_assert_str_eq(x.error_text, "the responses API has no stop sequences");
    exchange_fini(&x);
}

#define SAID(text) EVENT("{\"type\":\"response.output_text.delta\",\"delta\":\"" text "\"}")
#define ENDS(members) EVENT("{\"type\":\"response.completed\",\"response\":{" members "}}")

static const struct {
    const char *answer;
    enum exchange_error error;
    const char *text, *reason;
} answers[] = {
    {STREAM SAID("a") SAID("b") ENDS("\"status\":\"completed\""), EXCHANGE_OK, "ab", "stop"},
    /* no deltas: the end has the text */
    {STREAM ENDS(
         "\"status\":\"completed\",\"output\":[{\"type\":\"reasoning\",\"summary\":[{\"text\":\"r\"}]},"
         "{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"a\"},{\"type\":"
         "\"refusal\",\"refusal\":\"b\"}]}]"),
        EXCHANGE_OK, "ab", "stop"},
    {STREAM EVENT("{\"type\":\"response.refusal.delta\",\"delta\":\"no\"}") ENDS("\"status\":\"completed\""),
        EXCHANGE_OK, "no", "stop"},
    {STREAM SAID("a") EVENT("{\"type\":\"response.incomplete\",\"response\":{\"status\":\"incomplete\","
                            "\"incomplete_details\":{\"reason\":\"content_filter\"}}}"),
        EXCHANGE_OK, "a", "content_filter"},
    {STREAM SAID("a") EVENT("{\"type\":\"response.failed\",\"response\":{\"status\":\"failed\",\"error\":{"
                            "\"code\":\"server_error\",\"message\":\"gone\"}}}"),
        EXCHANGE_STREAM_ERROR, "a", ""},
    {STREAM SAID("a") EVENT("{\"type\":\"error\",\"code\":\"x\",\"message\":\"gone\",\"param\":null}"),
        EXCHANGE_STREAM_ERROR, "a", ""},
    {STREAM SAID("a") "event: error\ndata: gone\n\n", EXCHANGE_STREAM_ERROR, "a", ""},
    {STREAM SAID("a"), EXCHANGE_TRUNCATED, "a", ""},
    {STREAM SAID("a") EVENT("[DONE]"), EXCHANGE_TRUNCATED, "a", ""},
    {STREAM SAID("a") EVENT("[1]"), EXCHANGE_PROTOCOL, "a", ""},
    {STREAM SAID("a") EVENT("{\"type\":7}") EVENT("{\"type\":\"response.output_text.delta\",\"delta\":[1]}")
            ENDS("\"status\":\"completed\""),
        EXCHANGE_OK, "a", "stop"},
    {STREAM ENDS("\"status\":\"completed\""), EXCHANGE_EMPTY, "", "stop"},
    {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"status\":\"completed\"}", EXCHANGE_PROTOCOL,
        "", "stop"},
    {"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", EXCHANGE_HTTP_4XX, "", ""},
};

static void each_way_to_end_a_response_is_told_apart(void)
{
    struct chat_request request = {
        .messages = &hello, .message_count = 1, .temperature = -1, .seed = -1, .stream = true};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct exchange x;
        exchange_init(&x);
        (void)ask(answers[i].answer, &request, &x);
        ck_assert_msg(
            x.error == answers[i].error, "%zu: %s %s", i, exchange_error_name(x.error), x.error_text);
        ck_assert_msg(strcmp(buf_text(&x.answer), answers[i].text) == 0, "%zu: %s", i, buf_text(&x.answer));
        ck_assert_msg(strcmp(x.finish_reason, answers[i].reason) == 0, "%zu: %s", i, x.finish_reason);
        exchange_fini(&x);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(responses_survive_what_servers_do_wrong),
        TESTKIT_TEST(lm_studios_chat_survives_what_servers_do_wrong),
        TESTKIT_TEST(a_streamed_answer_is_the_whole_one),
        TESTKIT_TEST(a_cap_is_kept_and_said),
        TESTKIT_TEST(lm_studios_figures_are_held_against_ours),
        TESTKIT_TEST(responses_call_functions_and_follow_schemas),
        TESTKIT_TEST(only_what_its_newer_chat_can_say_goes_there),
        TESTKIT_TEST(a_function_is_called_once),
        TESTKIT_TEST(a_conversation_with_functions_is_written_as_items),
        TESTKIT_TEST(what_cannot_be_said_is_refused_before_it_is_sent),
        TESTKIT_TEST(each_way_to_end_a_response_is_told_apart),
        {0},
    };
    return testkit_run("typed_events", tests);
}
