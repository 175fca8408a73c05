#include "target_bench.h"

#include "target.h"
#include "canned_server.h"
#include "clock.h"
#include "loop.h"
#include "testkit.h"
#include "tries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check_a_stream(struct tries *t)
{
    static const struct canned_reply reply = {.text = STREAM_HEAD SAY("Hel") SAY("lo") STOP DONE,
        .pause_ms = 10,
        .piece = 40,
        .piece_pause_us = 2000,
        .end = CANNED_CLOSE};
    struct target_bench b;
    target_bench_init(&b, &reply, 1, (struct target_options){0});
    target_bench_chat(&b, 0);
    const struct exchange *x = &b.x;
    ck_assert_msg(x->error == EXCHANGE_OK, "%s", x->error_text);
    ck_assert_str_eq(buf_text(&x->answer), "Hello");
    ck_assert(x->streamed);
    ck_assert_int_eq(x->http_status, 200);
    ck_assert_int_eq(x->attempts, 1);
    ck_assert_str_eq(x->server_header, "canned/1.0");
    ck_assert(!x->simulated);
    ck_assert_uint_eq(x->event_count, 4);
    const int64_t moments[] = {x->t_intended_ns, x->t_dequeued_ns, x->t_sent_ns, x->t_headers_ns,
        x->t_event1_ns, x->t_first_token_ns, x->t_last_token_ns, x->t_done_ns};
    for (size_t i = 1; i < sizeof moments / sizeof moments[0]; i++)
        ck_assert_msg(moments[i - 1] > 0 && moments[i] >= moments[i - 1], "moment %zu", i);
    ck_assert_int_ge(x->t_headers_ns - x->t_sent_ns, 10 * NS_PER_MS);
    tries_judge(t, x->t_last_token_ns > x->t_first_token_ns, "both tokens came with one read");
    ck_assert_int_lt(llabs(x->start_unix_ns - clock_wall_ns(clock_system())), 60 * NS_PER_S);
    ck_assert_uint_eq(x->body.len, 0);
    target_bench_fini(&b);
}

static void a_stream_has_its_text_and_its_times_in_order(void)
{
    for (struct tries t = {0}; tries_next(&t);)
        check_a_stream(&t);
}

static void the_request_is_what_was_asked_for(void)
{
    static const struct canned_reply reply = {.text = STREAM_HEAD SAY("a") STOP DONE, .end = CANNED_CLOSE};
    static const char *const stop[] = {"\n\n", "END", NULL};
    struct target_bench b;
    target_bench_init(&b, &reply, 1, (struct target_options){.api_key = "sk-abcdef"});
    struct chat_message messages[] = {{"system", "Be brief."}, {"user", "\"Hi\""}};
    struct chat_request request = {.model = "org/m",
        .messages = messages,
        .message_count = 2,
        .max_tokens = 8,
        .temperature = 0.7,
        .top_p = 0.9,
        .seed = 42,
        .stop = stop,
        .stream = true,
        .want_usage = true,
        .extra_json = "{\"cache_prompt\":false,\"seed\":7}"};
    target_chat(b.target, &request, &b.x);
    const char *sent = canned_server_request(b.server, 0);
    ck_assert_ptr_nonnull(strstr(sent, "POST /v1/chat/completions HTTP/1.1\r\n"));
    ck_assert_ptr_nonnull(strstr(sent, "\r\nContent-Type: application/json\r\n"));
    ck_assert_ptr_nonnull(strstr(sent, "\r\nAuthorization: Bearer sk-abcdef\r\n"));
    ck_assert_str_eq(strstr(sent, "\r\n\r\n") + 4,
        "{\"model\":\"org/m\",\"messages\":[{\"role\":\"system\",\"content\":\"Be "
        "brief.\"},{\"role\":\"user\",\"content\":"
        "\"\\\"Hi\\\"\"}],\"max_tokens\":8,\"temperature\":0.7,\"top_p\":0.9,\"seed\":7,\"stop\":[\"\\n\\n\","
        "\"END\"],"
        "\"stream\":true,\"stream_options\":{\"include_usage\":true},\"cache_prompt\":false}");
    target_bench_fini(&b);
}

static void what_is_not_asked_for_is_left_out(void)
{
    static const struct canned_reply reply = {
        .text = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
                "{\"choices\":[{\"message\":{\"content\":\"hi\"},\"finish_reason\":\"stop\"}]}",
        .end = CANNED_CLOSE};
    struct target_bench b;
    unsetenv("ASSAY_API_KEY");
    unsetenv("OPENAI_API_KEY");
    target_bench_init(&b, &reply, 1, (struct target_options){0});
    struct chat_request request = {
        .messages = target_bench_request().messages, .message_count = 1, .temperature = -1, .seed = -1};
    target_chat(b.target, &request, &b.x);
    const char *sent = canned_server_request(b.server, 0);
    ck_assert_str_eq(strstr(sent, "\r\n\r\n") + 4,
        "{\"messages\":[{\"role\":\"user\",\"content\":\"Hello.\"}],\"stream\":false}");
    ck_assert_ptr_null(strstr(sent, "Authorization"));
    ck_assert_msg(b.x.error == EXCHANGE_OK, "%s", b.x.error_text);
    ck_assert_str_eq(buf_text(&b.x.answer), "hi");
    ck_assert(!b.x.streamed);
    ck_assert_ptr_null(b.x.events);
    ck_assert_int_eq(b.x.t_first_token_ns, 0);
    target_bench_fini(&b);
}

/* ---- every class of error, provoked ---- */

static const struct {
    const char *why;
    struct canned_reply reply;
    enum exchange_error error;
    int status;
    const char *text; /* part of error_text */
} failures[] = {
    {"reset without an answer", {.end = CANNED_RESET}, EXCHANGE_TRUNCATED, 0, ""},
    {"400 with OpenAI's object",
        {.text = JSON_REPLY("400 Bad", "", "{\"error\":{\"message\":\"too long\"}}"), .end = CANNED_CLOSE},
        EXCHANGE_HTTP_4XX, 400, "HTTP 400: too long"},
    {"404 with a text",
        {.text = JSON_REPLY("404 Not", "", "{\"error\":\"model 'x' not found\"}"), .end = CANNED_CLOSE},
        EXCHANGE_HTTP_4XX, 404, "HTTP 404: model 'x' not found"},
    {"422 of FastAPI",
        {.text = JSON_REPLY("422 No", "", "{\"detail\":[{\"msg\":\"Field required\"}]}"),
            .end = CANNED_CLOSE},
        EXCHANGE_HTTP_4XX, 422, "HTTP 422: Field required"},
    {"500 with HTML", {.text = JSON_REPLY("500 Oops", "", "<html>oops</html>"), .end = CANNED_CLOSE},
        EXCHANGE_HTTP_5XX, 500, "HTTP 500: <html>oops</html>"},
    {"503", {.text = JSON_REPLY("503 Busy", "Content-Length: 0\r\n", "")}, EXCHANGE_HTTP_5XX, 503,
        "HTTP 503"},
    {"503 with Retry-After", {.text = JSON_REPLY("503 Busy", "Retry-After: 3\r\nContent-Length: 0\r\n", "")},
        EXCHANGE_RATE_LIMITED, 503, "HTTP 503"},
    {"429", {.text = JSON_REPLY("429 Slow", "Content-Length: 0\r\n", "")}, EXCHANGE_RATE_LIMITED, 429,
        "HTTP 429"},
    {"302", {.text = JSON_REPLY("302 Found", "Location: http://127.0.0.1:1/\r\nContent-Length: 0\r\n", "")},
        EXCHANGE_HTTP_OTHER, 302, "HTTP 302"},
    {"not HTTP", {.text = "hello\r\n", .end = CANNED_CLOSE}, EXCHANGE_PROTOCOL, 0, ""},
    {"not JSON", {.text = JSON_REPLY("200 OK", "", "oops"), .end = CANNED_CLOSE}, EXCHANGE_PROTOCOL, 200,
        "not JSON"},
    {"an event that is not JSON", {.text = STREAM_HEAD SAY("a") "data: {oops\n\n" DONE, .end = CANNED_HOLD},
        EXCHANGE_PROTOCOL, 200, "event 2 is not a JSON object"},
    {"a stream cut short", {.text = STREAM_HEAD SAY("a"), .end = CANNED_CLOSE}, EXCHANGE_TRUNCATED, 200,
        "no end mark"},
    {"a stream reset", {.text = STREAM_HEAD SAY("a"), .end = CANNED_RESET}, EXCHANGE_TRUNCATED, 200, ""},
    {"finished, but the framing broke off",
        {.text = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 99999\r\n\r\n" SAY(
             "a") STOP,
            .end = CANNED_CLOSE},
        EXCHANGE_TRUNCATED, 200, ""},
    {"an error in the stream",
        {.text = STREAM_HEAD SAY("a") "data: {\"error\":{\"message\":\"boom\"}}\n\n", .end = CANNED_HOLD},
        EXCHANGE_STREAM_ERROR, 200, "boom"},
    {"an error in a 200 answer",
        {.text = JSON_REPLY("200 OK", "", "{\"error\":\"boom\"}"), .end = CANNED_CLOSE},
        EXCHANGE_STREAM_ERROR, 200, "boom"},
    {"no token", {.text = STREAM_HEAD STOP DONE, .end = CANNED_CLOSE}, EXCHANGE_EMPTY, 200, "no token"},
};

static void every_misbehaviour_has_its_class(void)
{
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        struct target_bench b;
        target_bench_init(&b, &failures[i].reply, 1, (struct target_options){0});
        target_bench_chat(&b, 0);
        ck_assert_msg(b.x.error == failures[i].error && b.x.http_status == failures[i].status,
            "%s: %s (%s), status %d", failures[i].why, exchange_error_name(b.x.error), b.x.error_text,
            b.x.http_status);
        ck_assert_msg(strstr(b.x.error_text, failures[i].text) && b.x.error_text[0], "%s: \"%s\"",
            failures[i].why, b.x.error_text);
        ck_assert_int_gt(b.x.t_done_ns, 0);
        target_bench_fini(&b);
    }
}

static enum exchange_error chat_with_url(const char *url, struct target_options options)
{
    struct exchange x;
    options.url = url;
    struct target *target = target_bench_open(&options);
    struct chat_request request = target_bench_request();
    exchange_init(&x);
    target_chat(target, &request, &x);
    enum exchange_error error = x.error;
    ck_assert_int_eq(x.t_sent_ns, 0);
    ck_assert_int_gt(x.start_unix_ns, 0);
    exchange_fini(&x);
    target_close(target);
    return error;
}

static void connections_that_never_come_have_their_classes(void)
{
    static const struct canned_reply reply = {.text = "no TLS here\r\n", .unread = true, .end = CANNED_CLOSE};
    struct canned_server *server = canned_server_start(&reply, 1);
    char url[64];
    snprintf(url, sizeof url, "https://127.0.0.1:%d", canned_server_port(server));
    ck_assert_int_eq(chat_with_url(url, (struct target_options){0}), EXCHANGE_TLS);
    snprintf(url, sizeof url, "http://127.0.0.1:%d", canned_server_port(server));
    canned_server_stop(server);
    ck_assert_int_eq(chat_with_url(url, (struct target_options){0}), EXCHANGE_CONNECT);
    ck_assert_int_eq(
        chat_with_url(
            "http://a-label-of-more-than-sixty-three-characters-is-not-allowed-in-domain-names.invalid",
            (struct target_options){0}),
        EXCHANGE_RESOLVE);
}

/* The handshake of TLS is part of connecting: a server that accepts and stays silent never lets it end. */
static void a_handshake_that_never_ends_is_a_connect_timeout(void)
{
    static const struct canned_reply reply = {.unread = true, .end = CANNED_HOLD};
    struct canned_server *server = canned_server_start(&reply, 1);
    char url[64];
    snprintf(url, sizeof url, "https://127.0.0.1:%d", canned_server_port(server));
    ck_assert_int_eq(chat_with_url(url, (struct target_options){.connect_timeout_ns = 60 * NS_PER_MS}),
        EXCHANGE_TIMEOUT_CONNECT);
    canned_server_stop(server);
}

static void a_connection_lost_while_writing_is_a_send_error(void)
{
    static const struct canned_reply reply = {.unread = true, .pause_ms = 50, .end = CANNED_RESET};
    static char text[24 << 20];
    struct target_bench b;
    memset(text, 'x', sizeof text - 1);
    target_bench_init(&b, &reply, 1, (struct target_options){0});
    struct chat_message message = {"user", text};
    struct chat_request request = target_bench_request();
    request.messages = &message;
    target_chat(b.target, &request, &b.x);
    ck_assert_msg(b.x.error == EXCHANGE_SEND, "%s %s", exchange_error_name(b.x.error), b.x.error_text);
    target_bench_fini(&b);
}

enum silence { NO_TOKEN, NO_MORE, TOTAL };

static const struct {
    const char *why, *text;
    enum silence silence;
    bool stream;
    enum exchange_error error;
} silences[] = {
    {"nothing", NULL, NO_TOKEN, true, EXCHANGE_TIMEOUT_FIRST_TOKEN},
    {"nothing, unstreamed", NULL, NO_TOKEN, false, EXCHANGE_TIMEOUT_FIRST_TOKEN},
    {"a role and comments, but no token",
        STREAM_HEAD "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n: ping\n\n", NO_TOKEN,
        true, EXCHANGE_TIMEOUT_FIRST_TOKEN},
    {"a token, then nothing", STREAM_HEAD SAY("a"), NO_MORE, true, EXCHANGE_TIMEOUT_IDLE},
    {"a token, then nothing, total", STREAM_HEAD SAY("a"), TOTAL, true, EXCHANGE_TIMEOUT_TOTAL},
};

/* A crowded machine may not even have connected in the time: more of it. */
static void check_silence(struct tries *tries, size_t i)
{
    struct canned_reply reply = {.text = silences[i].text, .end = CANNED_HOLD};
    int64_t limit_ns = 60 * NS_PER_MS * tries_patience(tries);
    struct target_options options = {.first_token_timeout_ns = silences[i].silence == NO_TOKEN ? limit_ns : 0,
        .idle_timeout_ns = silences[i].silence == NO_MORE ? limit_ns : 0,
        .total_timeout_ns = silences[i].silence == TOTAL ? limit_ns : 0};
    struct target_bench b;
    target_bench_init(&b, &reply, 1, options);
    struct chat_request request = target_bench_request();
    request.stream = silences[i].stream;
    target_chat(b.target, &request, &b.x);
    tries_judge(
        tries, b.x.error == silences[i].error, "%s: %s", silences[i].why, exchange_error_name(b.x.error));
    target_bench_fini(&b);
}

static void every_silence_has_its_timeout(void)
{
    for (size_t i = 0; i < sizeof silences / sizeof silences[0]; i++)
        for (struct tries tries = {0}; tries_next(&tries);)
            check_silence(&tries, i);
}

/* The answer is whole: that the server forgets to close is no fault of it. */
static void a_server_that_does_not_close_after_the_end_is_not_waited_for(void)
{
    static const struct canned_reply reply = {.text = STREAM_HEAD SAY("a") STOP DONE, .end = CANNED_HOLD};
    struct target_bench b;
    target_bench_init(&b, &reply, 1, (struct target_options){0});
    target_bench_chat(&b, 0);
    ck_assert_msg(b.x.error == EXCHANGE_OK, "%s", b.x.error_text);
    ck_assert_int_lt(b.x.t_done_ns - b.x.t_sent_ns,
        30 * NS_PER_S); /* the last byte, not the moment of giving up, after 60 s */
    target_bench_fini(&b);
}

static void an_answer_beyond_all_measure_is_too_large(void)
{
    static char text[66 << 20];
    memset(text, 'x', sizeof text);
    memcpy(text, STREAM_HEAD "data: ", strlen(STREAM_HEAD "data: "));
    struct canned_reply reply = {.text = text, .len = sizeof text, .end = CANNED_CLOSE};
    struct target_bench b;
    target_bench_init(&b, &reply, 1, (struct target_options){0});
    target_bench_chat(&b, 0);
    ck_assert_msg(b.x.error == EXCHANGE_TOO_LARGE, "%s %s", exchange_error_name(b.x.error), b.x.error_text);
    target_bench_fini(&b);
}

static void a_request_that_cannot_be_written_is_our_own_fault(void)
{
    static const struct canned_reply reply = {.end = CANNED_CLOSE};
    struct target_bench b;
    target_bench_init(&b, &reply, 1, (struct target_options){0});
    struct chat_request request = target_bench_request();
    request.extra_json = "[1]";
    target_chat(b.target, &request, &b.x);
    ck_assert_int_eq(b.x.error, EXCHANGE_INTERNAL);
    ck_assert_ptr_nonnull(strstr(b.x.error_text, "not a JSON object"));
    ck_assert_int_eq(b.x.attempts, 0);
    ck_assert_uint_eq(canned_server_request_count(b.server), 0);
    target_bench_fini(&b);
}

static void all_requests_of_a_target_are_over_at_its_deadline(void)
{
    static const struct canned_reply hung = {.end = CANNED_HOLD};
    for (struct tries tries = {0}; tries_next(&tries);) {
        struct target_bench b;
        int64_t t0_ns = loop_now_ns(), limit_ns = 200 * NS_PER_MS * tries_patience(&tries);
        target_bench_init(&b, &hung, 1, (struct target_options){.deadline_ns = t0_ns + limit_ns});
        for (int i = 0; i < 2; i++) {
            target_raw(b.target, "GET", "/models", NULL, NULL, 0, &b.x);
            bool connecting = b.x.error == EXCHANGE_TIMEOUT_CONNECT;
            ck_assert_msg(connecting || b.x.error == EXCHANGE_TIMEOUT_TOTAL, "%s", b.x.error_text);
            tries_judge(&tries, i == 1 || !connecting, "%s", b.x.error_text);
            ck_assert_int_ge(loop_now_ns() - t0_ns, limit_ns);
        }
        ck_assert_int_lt(loop_now_ns() - t0_ns, limit_ns + 20 * NS_PER_S); /* not the 60 s of a request */
        target_bench_fini(&b);
    }
}

/* ---- raw, bodies, the mark of the simulator ---- */

static void a_raw_request_keeps_status_and_body(void)
{
    static const struct canned_reply replies[] = {
        {.text = "HTTP/1.1 400 Bad\r\nContent-Length: 26\r\n\r\n{\"error\":{\"message\":\"no\"}}"},
        {.text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
    };
    struct target_bench b;
    target_bench_init(&b, replies, 2, (struct target_options){0});
    target_raw(b.target, "POST", "/chat/completions", "application/json", "{\"x\": [", 7, &b.x);
    ck_assert_int_eq(b.x.error, EXCHANGE_HTTP_4XX);
    ck_assert_int_eq(b.x.http_status, 400);
    ck_assert_str_eq(buf_text(&b.x.body), "{\"error\":{\"message\":\"no\"}}");
    ck_assert_ptr_nonnull(strstr(canned_server_request(b.server, 0), "\r\n\r\n{\"x\": ["));
    target_raw(b.target, "DELETE", "/models/x", NULL, NULL, 0, &b.x);
    ck_assert_int_eq(b.x.error, EXCHANGE_OK);
    ck_assert_str_eq(buf_text(&b.x.body), "ok");
    ck_assert_ptr_nonnull(strstr(canned_server_request(b.server, 1), "DELETE /v1/models/x HTTP/1.1"));
    ck_assert_ptr_null(strstr(canned_server_request(b.server, 1), "Content-Type"));
    target_bench_fini(&b);
}

static void the_raw_body_is_kept_where_asked_for(void)
{
    static const char stream[] = SAY("a") STOP DONE;
    static const struct canned_reply reply = {.text = "HTTP/1.1 200 OK\r\nX-Assay-Simulated: 1\r\n"
                                                      "Content-Type: text/event-stream\r\n\r\n" SAY("a")
                                                          STOP DONE,
        .end = CANNED_CLOSE};
    struct target_bench b;
    target_bench_init(&b, &reply, 1, (struct target_options){.keep_body = true});
    target_bench_chat(&b, 0);
    ck_assert_str_eq(buf_text(&b.x.body), stream);
    ck_assert(b.x.simulated);
    ck_assert_int_eq(b.x.bytes_received, (int64_t)sizeof stream - 1);
    target_bench_fini(&b);
}

/* What was asked for and what came may differ: the answer's type decides. */
static void a_whole_answer_to_a_streamed_request_is_read_as_one(void)
{
    static const struct canned_reply replies[] = {
        {.text = JSON_REPLY(
             "200 OK", "", "{\"choices\":[{\"message\":{\"content\":\"hi\"},\"finish_reason\":\"stop\"}]}"),
            .end = CANNED_CLOSE},
        {.text = STREAM_HEAD SAY("ho") STOP DONE, .end = CANNED_CLOSE},
    };
    struct target_bench b;
    target_bench_init(&b, replies, 2, (struct target_options){0});
    target_bench_chat(&b, 0);
    ck_assert_msg(b.x.error == EXCHANGE_OK, "%s", b.x.error_text);
    ck_assert_str_eq(buf_text(&b.x.answer), "hi");
    ck_assert(!b.x.streamed);
    struct chat_request request = target_bench_request();
    request.stream = false;
    target_chat(b.target, &request, &b.x);
    ck_assert_msg(b.x.error == EXCHANGE_OK, "%s", b.x.error_text);
    ck_assert_str_eq(buf_text(&b.x.answer), "ho");
    ck_assert(b.x.streamed);
    target_bench_fini(&b);
}

static void fresh_connections_serve_one_request_each(void)
{
    static const struct canned_reply reply = {
        .text = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n"};
    for (int fresh = 0; fresh < 2; fresh++) {
        struct target_bench b;
        target_bench_init(&b, &reply, 1, (struct target_options){.fresh_connections = fresh});
        target_bench_chat(&b, 0);
        target_bench_chat(&b, 0);
        ck_assert_int_eq(b.x.connection_reused, !fresh);
        ck_assert_int_eq(b.x.connect_ns > 0, fresh);
        ck_assert_uint_eq(canned_server_connection_count(b.server), fresh ? 2 : 1);
        target_bench_fini(&b);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_stream_has_its_text_and_its_times_in_order),
        TESTKIT_TEST(the_request_is_what_was_asked_for),
        TESTKIT_TEST(what_is_not_asked_for_is_left_out),
        TESTKIT_TEST(every_misbehaviour_has_its_class),
        TESTKIT_TEST(connections_that_never_come_have_their_classes),
        TESTKIT_TEST(a_handshake_that_never_ends_is_a_connect_timeout),
        TESTKIT_TEST(a_connection_lost_while_writing_is_a_send_error),
        TESTKIT_TEST(every_silence_has_its_timeout),
        TESTKIT_TEST(a_server_that_does_not_close_after_the_end_is_not_waited_for),
        TESTKIT_TEST(an_answer_beyond_all_measure_is_too_large),
        TESTKIT_TEST(a_request_that_cannot_be_written_is_our_own_fault),
        TESTKIT_TEST(all_requests_of_a_target_are_over_at_its_deadline),
        TESTKIT_TEST(a_raw_request_keeps_status_and_body),
        TESTKIT_TEST(the_raw_body_is_kept_where_asked_for),
        TESTKIT_TEST(a_whole_answer_to_a_streamed_request_is_read_as_one),
        TESTKIT_TEST(fresh_connections_serve_one_request_each),
        {0},
    };
    return testkit_run("target_call", tests);
}
