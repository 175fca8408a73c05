/* Answers of real servers, as received, replayed over a real connection. */
#include "target.h"

#include "canned_server.h"
#include "clock.h"
#include "testkit.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is known of a file's answer beyond its being complete. */
static const struct {
    const char *part; /* of the path */
    int64_t completion, prompt;
    const char *native;
    size_t token_events;
} known[] = {
    {"xllamacpp/chat_stream_usage.txt", 24, 25, "llamacpp_timings", 24},
    {"xllamacpp/chat_stream.txt", 24, 25, "llamacpp_timings", 24},
    {"llama-server-sid/chat_stream_usage.txt", 24, 25, "llamacpp_timings", 24},
    {"mlx_lm/chat_stream_usage.txt", 24, 25, NULL, 24},
    {"mlx_lm/chat_stream.txt", -1, -1, NULL, 24},
    {"mlxk-serve/chat_stream_usage.txt", 24, 25, NULL, 24},
    {"mlxk-serve/chat_nostream.txt", 24, 25, NULL, 0},
    {"ollama/52-v1-chat-stream-usage.response", 12, 24, NULL, 12},
    {"ollama/53-v1-chat-stream-nousage.response", -1, -1, NULL, 12},
    {"ollama/54-v1-chat-nostream.response", 12, 24, NULL, 0},
};

struct capture {
    struct buf text;
    const char *response;
    size_t len;
    bool streamed, refused;
};

/* Host names and paths in the captures were made neutral, so a stated length may no longer be that of the
 * body. */
static void mend_length(struct capture *c)
{
    const char *body = memmem(c->response, c->len, "\r\n\r\n", 4);
    const char *field = strcasestr(c->response, "\r\ncontent-length:");
    if (!body || !field || field > body)
        return;
    size_t stated = strtoull(field + strlen("\r\ncontent-length:"), NULL, 10);
    size_t length = c->len - (size_t)(body + 4 - c->response);
    struct buf mended = BUF_INIT(1 << 24);
    ck_assert_uint_lt(stated > length ? stated - length : length - stated, 100);
    buf_append(&mended, c->response, (size_t)(field - c->response));
    buf_printf(&mended, "\r\nContent-Length: %zu", length);
    field = strstr(field + 2, "\r\n");
    buf_append(&mended, field, c->len - (size_t)(field - c->response));
    ck_assert_int_eq(buf_status(&mended), STATUS_OK);
    buf_fini(&c->text);
    c->text = mended;
    c->response = buf_text(&c->text);
    c->len = c->text.len;
}

/* "request\n======== RESPONSE (...) ========\nresponse", or the response alone. */
static struct capture capture_read(const char *path)
{
    struct capture c = {.text = testkit_read(path)};
    const char *mark = strstr(buf_text(&c.text), "======== RESPONSE");
    c.response = mark ? strchr(mark, '\n') + 1 : buf_text(&c.text);
    c.len = c.text.len - (size_t)(c.response - buf_text(&c.text));
    mend_length(&c);
    c.streamed = strcasestr(c.response, "content-type: text/event-stream") != NULL;
    c.refused = strncmp(c.response + strlen("HTTP/1.1 "), "200", 3) != 0;
    return c;
}

static void check_known(const char *path, const struct exchange *x)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (!strstr(path, known[i].part))
            continue;
        ck_assert_msg(x->tokens.completion == known[i].completion, "%s: %d", path, (int)x->tokens.completion);
        ck_assert_msg(x->tokens.prompt == known[i].prompt, "%s: %d", path, (int)x->tokens.prompt);
        ck_assert_msg(exchange_token_events(x) == known[i].token_events, "%s", path);
        ck_assert_msg((x->native.source != NULL) == (known[i].native != NULL), "%s", path);
        ck_assert_msg(x->tokens.agrees != 0, "%s", path);
        ck_assert_msg(known[i].completion < 0 || !x->streamed || exchange_events_are_tokens(x), "%s", path);
    }
}

static void replay(const char *path, size_t piece)
{
    struct capture c = capture_read(path);
    struct canned_reply reply = {.text = c.response, .len = c.len, .piece = piece, .end = CANNED_CLOSE};
    struct canned_server *server = canned_server_start(&reply, 1);
    struct target *target = NULL;
    struct target_options options = {.url = canned_server_url(server), .total_timeout_ns = 60 * NS_PER_S};
    struct chat_message message = {"user", "Tell me about latency."};
    struct chat_request request = {.messages = &message, .message_count = 1, .stream = c.streamed};
    struct exchange x;
    exchange_init(&x);
    ck_assert_int_eq(target_open(&options, &target, NULL), STATUS_OK);
    target_chat(target, &request, &x);
    if (c.refused) {
        ck_assert_msg(x.error == EXCHANGE_HTTP_4XX || x.error == EXCHANGE_HTTP_5XX, "%s: %s", path,
            exchange_error_name(x.error));
        ck_assert_msg(strlen(x.error_text) > strlen("HTTP 400: "), "%s: %s", path, x.error_text);
    } else {
        ck_assert_msg(
            x.error == EXCHANGE_OK, "%s: %s (%s)", path, exchange_error_name(x.error), x.error_text);
        ck_assert_msg(x.streamed == c.streamed, "%s", path);
        ck_assert_msg(x.answer.len + x.reasoning.len > 0 && x.finish_reason[0], "%s", path);
        check_known(path, &x);
    }
    target_close(target);
    canned_server_stop(server);
    exchange_fini(&x);
    buf_fini(&c.text);
}

static void replay_all(const char *pattern, size_t at_least)
{
    glob_t found = {0};
    const char *folder = testkit_shared_path("captures");
    char path[4096];
    if (!folder)
        TESTKIT_SKIP("no captures: ASSAY_SHARED_DIR does not name a folder that has them");
    snprintf(path, sizeof path, "%s/%s", folder, pattern);
    ck_assert_int_eq(glob(path, 0, NULL, &found), 0);
    ck_assert_uint_ge(found.gl_pathc, at_least);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        replay(found.gl_pathv[i], 0);
        replay(found.gl_pathv[i], 97);
    }
    globfree(&found);
}

static void captured_chats_are_understood(void)
{
    replay_all("*/chat*.txt", 20);
}

static void captured_refusals_keep_their_reason(void)
{
    replay_all("*/err_[bcmnu]*.txt", 20);
}

static void captured_chats_of_ollama_are_understood(void)
{
    replay_all("ollama/5[234]-v1-chat*.response", 3);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        {.name = "captured_chats_are_understood", .body = captured_chats_are_understood, .timeout_s = 60},
        {.name = "captured_refusals_keep_their_reason",
            .body = captured_refusals_keep_their_reason,
            .timeout_s = 60},
        TESTKIT_TEST(captured_chats_of_ollama_are_understood),
        {0},
    };
    return testkit_run("target_captures", tests);
}
