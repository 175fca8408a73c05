/* How an exchange can end otherwise than well, each way with its class. */
#include "http_fetch.h"

#include "http.h"
#include "canned_server.h"
#include "clock.h"
#include "testkit.h"
#include "tries.h"

#include <stdio.h>
#include <string.h>

/* What the server does, and the class and status that come of it. */
static const struct {
    const char *why;
    struct canned_reply reply;
    enum http_error error;
    int status;
    const char *body;
} endings[] = {
    {"HTTP/1.0 until close", {.text = "HTTP/1.0 200 OK\r\n\r\nall of it", .end = CANNED_CLOSE}, HTTP_OK, 200,
        "all of it"},
    {"chunks in single bytes",
        {.text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
            .piece = 1},
        HTTP_OK, 200, "abcde"},
    {"an interim answer first",
        {.text = "HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n!"},
        HTTP_OK, 200, "!"},
    {"a redirect is not followed",
        {.text = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"}, HTTP_OK,
        302, ""},
    {"an error page is an answer", {.text = "HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops"}, HTTP_OK,
        500, "oops"},
    {"closed without a byte", {.end = CANNED_CLOSE}, HTTP_TRUNCATED, 0, ""},
    {"reset without a byte", {.end = CANNED_RESET}, HTTP_TRUNCATED, 0, ""},
    {"shorter than announced",
        {.text = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", .end = CANNED_CLOSE}, HTTP_TRUNCATED,
        200, "abc"},
    {"reset in the middle", {.text = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", .end = CANNED_RESET},
        HTTP_TRUNCATED, 200, NULL},
    {"chunks without an end",
        {.text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", .end = CANNED_CLOSE},
        HTTP_TRUNCATED, 200, "abc"},
    {"a chunk size that is no number",
        {.text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
            .end = CANNED_CLOSE},
        HTTP_PROTOCOL, 200, ""},
    {"not HTTP at all", {.text = "SSH-2.0-OpenSSH_9.2\r\n", .end = CANNED_CLOSE}, HTTP_PROTOCOL, 0, ""},
    {"a head cut short", {.text = "HTTP/1.1 200 OK\r\nConte", .end = CANNED_CLOSE}, HTTP_TRUNCATED, 0, NULL},
};

static void every_ending_has_its_class(void)
{
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        struct http_fetch f = http_fetch_one(&endings[i].reply);
        ck_assert_msg(f.result.error == endings[i].error && f.result.status == endings[i].status,
            "%s: error %d \"%s\", status %d", endings[i].why, (int)f.result.error, f.result.text,
            f.result.status);
        ck_assert_msg(!endings[i].body || strcmp(buf_text(&f.body), endings[i].body) == 0, "%s: body \"%s\"",
            endings[i].why, buf_text(&f.body));
        ck_assert_msg((f.result.error == HTTP_OK) == (f.result.text[0] == '\0'), "%s", endings[i].why);
        ck_assert_int_eq(f.dones, 1);
        http_fetch_fini(&f);
    }
}

static void a_refused_connection_is_a_connect_error(void)
{
    static const struct canned_reply reply = {.end = CANNED_CLOSE};
    struct canned_server *server = canned_server_start(&reply, 1);
    char url[64];
    snprintf(url, sizeof url, "%s", canned_server_url(server));
    canned_server_stop(server); /* nobody listens there now */
    struct http_fetch f;
    http_fetch_init(&f);
    struct http_request request = http_fetch_request(&f, url);
    http_fetch_run(&f, &request);
    ck_assert_int_eq(f.result.error, HTTP_CONNECT);
    ck_assert_int_eq(f.result.t_sent_ns, 0);
    http_fetch_fini(&f);
}

static void a_name_that_cannot_exist_is_not_resolved(void)
{
    struct http_fetch f;
    http_fetch_init(&f);
    struct http_request request = http_fetch_request(&f,
        "http://"
        "a-label-of-more-than-sixty-three-characters-is-not-allowed-in-the-domain-name-system.invalid/");
    http_fetch_run(&f, &request);
    ck_assert_msg(f.result.error == HTTP_RESOLVE, "%d %s", (int)f.result.error, f.result.text);
    http_fetch_fini(&f);
}

static void tls_to_a_server_that_has_none_fails_as_tls(void)
{
    static const struct canned_reply reply = {
        .text = "HTTP/1.1 400 Bad\r\n\r\n", .unread = true, .end = CANNED_CLOSE};
    struct canned_server *server = canned_server_start(&reply, 1);
    struct http_fetch f;
    char url[64];
    http_fetch_init(&f);
    snprintf(url, sizeof url, "https://127.0.0.1:%d/", canned_server_port(server));
    struct http_request request = http_fetch_request(&f, url);
    http_fetch_run(&f, &request);
    ck_assert_msg(f.result.error == HTTP_TLS, "%d %s", (int)f.result.error, f.result.text);
    http_fetch_fini(&f);
    canned_server_stop(server);
}

static void a_connection_lost_while_writing_is_a_send_error(void)
{
    static const struct canned_reply reply = {.unread = true, .pause_ms = 50, .end = CANNED_RESET};
    static char body[32 << 20]; /* more than both socket buffers hold */
    struct canned_server *server = canned_server_start(&reply, 1);
    struct http_fetch f;
    http_fetch_init(&f);
    struct http_request request = http_fetch_request(&f, canned_server_url(server));
    request.method = "POST";
    request.body = body;
    request.body_len = sizeof body;
    http_fetch_run(&f, &request);
    ck_assert_msg(f.result.error == HTTP_SEND, "%d %s", (int)f.result.error, f.result.text);
    http_fetch_fini(&f);
    canned_server_stop(server);
}

enum timeout_kind { CONNECT_TIMEOUT, FIRST_TIMEOUT, IDLE_TIMEOUT, TOTAL_TIMEOUT };

static const struct {
    const char *why, *text;
    enum timeout_kind timeout;
    bool first_is_headers;
    enum http_error error;
} silences[] = {
    {"no headers", NULL, FIRST_TIMEOUT, true, HTTP_TIMEOUT_FIRST},
    {"headers, where more is waited for", "HTTP/1.1 200 OK\r\n\r\nabc", FIRST_TIMEOUT, false,
        HTTP_TIMEOUT_FIRST},
    {"silence after the headers", "HTTP/1.1 200 OK\r\n\r\n", IDLE_TIMEOUT, true, HTTP_TIMEOUT_IDLE},
    {"silence in the body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", IDLE_TIMEOUT, true,
        HTTP_TIMEOUT_IDLE},
    {"no headers, total", NULL, TOTAL_TIMEOUT, true, HTTP_TIMEOUT_TOTAL},
    {"never-ending body", "HTTP/1.1 200 OK\r\n\r\nabc", TOTAL_TIMEOUT, true, HTTP_TIMEOUT_TOTAL},
};

/* A crowded machine may not even have connected in the time: more of it. */
static void check_silence(struct tries *tries, size_t i)
{
    int64_t limit_ns = 60 * NS_PER_MS * tries_patience(tries);
    struct canned_reply reply = {.text = silences[i].text, .end = CANNED_HOLD};
    struct canned_server *server = canned_server_start(&reply, 1);
    struct http_fetch f;
    http_fetch_init(&f);
    struct http_request request = http_fetch_request(&f, canned_server_url(server));
    request.first_is_headers = silences[i].first_is_headers;
    *(silences[i].timeout == FIRST_TIMEOUT    ? &request.first_timeout_ns
        : silences[i].timeout == IDLE_TIMEOUT ? &request.idle_timeout_ns
                                              : &request.total_timeout_ns) = limit_ns;
    int64_t t0_ns = loop_now_ns();
    http_fetch_run(&f, &request);
    int64_t took_ns = loop_now_ns() - t0_ns;
    ck_assert_int_ge(took_ns, limit_ns);
    tries_judge(tries,
        f.result.error == silences[i].error && took_ns < limit_ns + 5 * NS_PER_S * tries_patience(tries),
        "%s: %d %s after %lld ms", silences[i].why, (int)f.result.error, f.result.text,
        (long long)(took_ns / NS_PER_MS));
    http_fetch_fini(&f);
    canned_server_stop(server);
}

static void every_silence_ends_in_its_own_timeout(void)
{
    for (size_t i = 0; i < sizeof silences / sizeof silences[0]; i++)
        for (struct tries tries = {0}; tries_next(&tries);)
            check_silence(&tries, i);
}

static void bytes_that_keep_coming_keep_the_idle_timeout_away(void)
{
    static const struct canned_reply reply = {
        .text = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n01234567890123456789",
        .piece = 10,
        .piece_pause_us = 60000};
    struct canned_server *server = canned_server_start(&reply, 1);
    struct http_fetch f;
    http_fetch_init(&f);
    struct http_request request = http_fetch_request(&f, canned_server_url(server));
    request.first_is_headers = true;
    request.idle_timeout_ns = 20 * NS_PER_S;
    http_fetch_run(&f, &request);
    ck_assert_int_eq(f.result.error, HTTP_OK);
    ck_assert_uint_eq(f.body.len, 20);
    http_fetch_fini(&f);
    canned_server_stop(server);
}

/* 192.0.2.1 is TEST-NET-1 (RFC 5737): no host has it; where the network refuses at once there is nothing to
 * time. */
static void a_connection_that_never_comes_times_out_as_connect(void)
{
    struct http_fetch f;
    http_fetch_init(&f);
    struct http_request request = http_fetch_request(&f, "http://192.0.2.1:9/");
    request.connect_timeout_ns = 60 * NS_PER_MS;
    http_fetch_run(&f, &request);
    ck_assert_msg(f.result.error == HTTP_TIMEOUT_CONNECT || f.result.error == HTTP_CONNECT, "%d %s",
        (int)f.result.error, f.result.text);
    http_fetch_fini(&f);
}

static void a_body_beyond_the_bound_is_too_large(void)
{
    static const struct canned_reply reply = {
        .text = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789"};
    struct canned_server *server = canned_server_start(&reply, 1);
    struct http_fetch f;
    http_fetch_init(&f);
    struct http_request request = http_fetch_request(&f, canned_server_url(server));
    request.max_body_bytes = 8;
    http_fetch_run(&f, &request);
    ck_assert_int_eq(f.result.error, HTTP_TOO_LARGE);
    http_fetch_fini(&f);
    canned_server_stop(server);
}

static void endless_headers_are_too_large(void)
{
    struct buf head = BUF_INIT(1 << 20);
    buf_append_text(&head, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 9000; i++)
        buf_printf(&head, "X-%d: %032d\r\n", i, i);
    struct canned_reply reply = {.text = buf_text(&head), .end = CANNED_HOLD};
    struct http_fetch f = http_fetch_one(&reply);
    ck_assert_msg(f.result.error == HTTP_TOO_LARGE || f.result.error == HTTP_PROTOCOL, "%d %s",
        (int)f.result.error, f.result.text);
    http_fetch_fini(&f);
    buf_fini(&head);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(every_ending_has_its_class),
        TESTKIT_TEST(a_refused_connection_is_a_connect_error),
        TESTKIT_TEST(a_name_that_cannot_exist_is_not_resolved),
        TESTKIT_TEST(tls_to_a_server_that_has_none_fails_as_tls),
        TESTKIT_TEST(a_connection_lost_while_writing_is_a_send_error),
        TESTKIT_TEST(every_silence_ends_in_its_own_timeout),
        TESTKIT_TEST(bytes_that_keep_coming_keep_the_idle_timeout_away),
        TESTKIT_TEST(a_connection_that_never_comes_times_out_as_connect),
        TESTKIT_TEST(a_body_beyond_the_bound_is_too_large),
        TESTKIT_TEST(endless_headers_are_too_large),
        {0},
    };
    return testkit_run("http_endings", tests);
}
