/* Servers that refuse a member of a request, and are asked in another way. */
#include "openai_adapt.h"

#include "canned_server.h"
#include "clock.h"
#include "sim.h"
#include "target.h"
#include "testkit.h"

#include <stdio.h>
#include <string.h>

static const struct chat_message hello = {.role = "user", .content = "Hello."};

static struct chat_request request_of(const char *model)
{
    return (struct chat_request){.model = model,
        .messages = &hello,
        .message_count = 1,
        .max_tokens = 4,
        .temperature = 0,
        .seed = 1,
        .stream = true,
        .want_usage = true};
}

static struct target *open_at(const char *url)
{
    struct target_options o = {.url = url, .protocol = "openai"};
    struct target *target = NULL;
    struct error why = {0};
    ck_assert_int_eq(target_open(&o, &target, &why), STATUS_OK);
    ck_assert_msg(target_probe(target, &why) == STATUS_OK, "%s", error_text(&why));
    return target;
}

static void a_refused_member_is_said_otherwise_and_remembered(void)
{
    static const struct {
        const char *model, *how;
        enum token_source source;
    } servers[] = {{"sim-new-cap", "max_completion_tokens for max_tokens", TOKENS_SERVER_USAGE},
        {"sim-no-options", "no stream_options", TOKENS_NONE}};
    struct sim_process sim;
    struct exchange x;
    char how[256];
    exchange_init(&x);
    ck_assert_int_eq(sim_spawn(&(struct sim_options){.seed = 1}, &sim, NULL), STATUS_OK);
    for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++) {
        struct target *target = open_at(sim.url);
        struct chat_request request = request_of(servers[i].model);
        target_adapted(target, how, sizeof how);
        ck_assert_str_eq(how, "");
        for (int n = 0; n < 5; n++) { /* from the third on they are copied */
            int attempts = n == 0 ? 2 : 1;
            target_chat(target, &request, &x);
            ck_assert_msg(x.error == EXCHANGE_OK, "%s", x.error_text);
            ck_assert_int_eq(x.attempts, attempts);
            ck_assert(attempts == 1 || x.earlier[0] == EXCHANGE_HTTP_4XX);
            ck_assert_uint_eq(exchange_token_events(&x), 4);
            ck_assert_int_eq(x.tokens.source, servers[i].source);
        }
        target_adapted(target, how, sizeof how);
        ck_assert_str_eq(how, servers[i].how);
        target_close(target);
    }
    exchange_fini(&x);
    sim_stop(&sim);
}

#define REPLY(status, body)                                                                                  \
    {                                                                                                        \
        .text = "HTTP/1.1 " status "\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" body,   \
        .end = CANNED_CLOSE                                                                                  \
    }
#define LIST REPLY("200 OK", "{\"data\":[{\"id\":\"m\"}]}")
#define ANSWER                                                                                               \
    REPLY("200 OK",                                                                                          \
        "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}")

static void each_member_is_tried_once_and_one_at_a_time(void)
{
    static const struct canned_reply replies[] = {LIST,
        REPLY("400 No", "{\"error\":\"Use 'max_completion_tokens'\"}"),
        REPLY("422 No", "{\"detail\":[{\"loc\":[\"body\",\"stream_options\"],\"msg\":\"Extra inputs\"}]}"),
        REPLY("400 No", "{\"error\":\"'response_format.type' must be 'json_schema' or 'text'\"}"), ANSWER};
    struct canned_server *server = canned_server_start(replies, 5);
    struct target *target = open_at(canned_server_url(server));
    struct chat_request request = request_of("m");
    struct exchange x;
    exchange_init(&x);
    request.schema_json = "{}";
    target_chat(target, &request, &x);
    ck_assert_msg(x.error == EXCHANGE_OK, "%s", x.error_text);
    ck_assert_int_eq(x.attempts, 4);
    const char *last = canned_server_request(server, 4);
    ck_assert_ptr_nonnull(strstr(last, "\"max_completion_tokens\":4"));
    ck_assert_ptr_null(strstr(last, "\"max_tokens\""));
    ck_assert_ptr_null(strstr(last, "stream_options"));
    ck_assert_ptr_nonnull(strstr(last, "\"schema\":{\"type\":\"object\"}"));
    ck_assert_ptr_nonnull(strstr(last, "\"stream\":true"));
    exchange_fini(&x);
    target_close(target);
    canned_server_stop(server);
}

/* What names nothing of the request, helps nothing, or is no refusal of a member, stays as it is. */
static void other_refusals_stay_refusals(void)
{
    static const struct {
        struct canned_reply reply;
        int attempts;
    } refusals[] = {
        {REPLY("400 No", "{\"error\":\"the prompt is too long\"}"), 1},
        {REPLY("400 No", "{\"error\":\"encoding_format must be float\"}"), 1},
        {REPLY("404 No", "{\"error\":\"no max_completion_tokens here\"}"), 1},
        {REPLY("500 No", "{\"error\":\"stream_options\"}"), 1},
        {REPLY("400 No", "{\"error\":\"stream_options\"}"), 2},
    };
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        const struct canned_reply replies[] = {LIST, refusals[i].reply};
        struct canned_server *server = canned_server_start(replies, 2);
        struct target *target = open_at(canned_server_url(server));
        struct chat_request request = request_of("m");
        struct exchange x;
        char how[64];
        exchange_init(&x);
        target_chat(target, &request, &x);
        ck_assert_int_ne(x.error, EXCHANGE_OK);
        ck_assert_msg(x.attempts == refusals[i].attempts, "%zu: %d attempts", i, x.attempts);
        target_adapted(target, how, sizeof how);
        ck_assert_str_eq(how, ""); /* it did not help */
        exchange_fini(&x);
        target_close(target);
        canned_server_stop(server);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_refused_member_is_said_otherwise_and_remembered),
        TESTKIT_TEST(each_member_is_tried_once_and_one_at_a_time),
        TESTKIT_TEST(other_refusals_stay_refusals),
        {0},
    };
    return testkit_run("openai_adapt", tests);
}
