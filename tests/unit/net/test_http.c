#include "http.h"

#include "canned_server.h"
#include "clock.h"
#include "http_host.h"
#include "testkit.h"
#include "tries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One request and all that its callbacks saw. */
struct fetch {
    struct loop *loop;
    struct http_client *client;
    struct http_exchange *handle;
    struct buf body;
    struct http_result result;
    char server[64];
    int headers, reads, dones;
    int64_t first_read_ns;
    bool cancel_in_headers, cancel_in_data;
};

static void fetch_headers(struct http_exchange *x, void *arg)
{
    struct fetch *f = arg;
    const char *server = http_header(x, "server");
    f->headers++;
    snprintf(f->server, sizeof f->server, "%s", server ? server : "");
    if (f->cancel_in_headers)
        http_cancel(x);
}

static void fetch_data(const void *bytes, size_t len, int64_t t_ns, void *arg)
{
    struct fetch *f = arg;
    f->reads++;
    if (!f->first_read_ns)
        f->first_read_ns = t_ns;
    ck_assert_int_eq(buf_append(&f->body, bytes, len), STATUS_OK);
    if (f->cancel_in_data)
        http_cancel(f->handle);
}

static void fetch_done(struct http_exchange *x, void *arg)
{
    struct fetch *f = arg;
    f->dones++;
    f->result = *http_result(x);
    f->handle = NULL;
    loop_stop(f->loop);
}

static void fetch_init(struct fetch *f)
{
    *f = (struct fetch){.body = BUF_INIT(1 << 24)};
    ck_assert_int_eq(loop_new(&f->loop, NULL), STATUS_OK);
    ck_assert_int_eq(http_client_new(f->loop, &f->client, NULL), STATUS_OK);
}

static void fetch_fini(struct fetch *f)
{
    http_client_free(f->client);
    loop_free(f->loop);
    buf_fini(&f->body);
}

static struct http_request fetch_request(struct fetch *f, const char *url)
{
    return (struct http_request){.method = "GET",
        .url = url,
        .on_headers = fetch_headers,
        .on_data = fetch_data,
        .on_done = fetch_done,
        .arg = f,
        .connect_timeout_ns = 30 * NS_PER_S,
        .total_timeout_ns = 60 * NS_PER_S};
}

static void fetch_run(struct fetch *f, const struct http_request *request)
{
    int dones = f->dones;
    struct error why = {0};
    f->handle = http_start(f->client, request, &why);
    ck_assert_msg(f->handle != NULL, "%s", error_text(&why));
    while (f->dones == dones)
        ck_assert_int_eq(loop_run(f->loop), STATUS_OK);
}

/* A GET against one canned reply, start to end. */
static struct fetch fetch_one(const struct canned_reply *reply)
{
    struct fetch f;
    struct canned_server *server = canned_server_start(reply, 1);
    fetch_init(&f);
    struct http_request request = fetch_request(&f, canned_server_url(server));
    fetch_run(&f, &request);
    canned_server_stop(server);
    return f;
}

static void an_answer_comes_with_its_times_in_order(void)
{
    struct fetch f = fetch_one(&(struct canned_reply){
        .text = "HTTP/1.1 200 OK\r\nServer: canned/1\r\nContent-Length: 5\r\n\r\nhello", .pause_ms = 20});
    ck_assert_int_eq(f.result.error, HTTP_OK);
    ck_assert_int_eq(f.result.status, 200);
    ck_assert_str_eq(f.server, "canned/1");
    ck_assert_str_eq(buf_text(&f.body), "hello");
    ck_assert_int_gt(f.result.t_sent_ns, 0);
    ck_assert_int_ge(f.result.t_headers_ns - f.result.t_sent_ns, 20 * NS_PER_MS);
    ck_assert_int_ge(f.first_read_ns, f.result.t_headers_ns);
    ck_assert_int_eq(f.result.t_last_byte_ns, f.first_read_ns);
    ck_assert_int_ge(f.result.t_end_ns, f.result.t_last_byte_ns);
    ck_assert(!f.result.reused);
    ck_assert_int_gt(f.result.connect_ns, 0);
    ck_assert_int_eq(f.result.tls_ns, 0);
    ck_assert_int_eq(f.dones, 1);
    fetch_fini(&f);
}

static void a_second_request_reuses_the_connection(void)
{
    static const struct canned_reply reply = {.text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"};
    struct canned_server *server = canned_server_start(&reply, 1);
    struct fetch f;
    fetch_init(&f);
    struct http_request request = fetch_request(&f, canned_server_url(server));
    fetch_run(&f, &request);
    ck_assert(!f.result.reused);
    fetch_run(&f, &request);
    ck_assert(f.result.reused);
    ck_assert_int_eq(f.result.connect_ns, 0);
    ck_assert_uint_eq(canned_server_connection_count(server), 1);
    ck_assert_str_eq(buf_text(&f.body), "okok");
    fetch_fini(&f);
    canned_server_stop(server);
}

static void a_post_is_sent_as_given(void)
{
    static const struct canned_reply reply = {.text = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
    static const char *const headers[] = {"Content-Type: application/json", "X-Mine: 1", NULL};
    static char body[1100000]; /* above the size at which curl would ask for 100-continue */
    struct canned_server *server = canned_server_start(&reply, 1);
    struct fetch f;
    fetch_init(&f);
    struct http_request request = fetch_request(&f, canned_server_url(server));
    memset(body, 'b', sizeof body);
    request.method = "POST";
    request.headers = headers;
    request.body = body;
    request.body_len = sizeof body;
    request.user = "me";
    request.password = "secret";
    fetch_run(&f, &request);
    const char *sent = canned_server_request(server, 0);
    ck_assert_int_eq(f.result.error, HTTP_OK);
    ck_assert_int_eq(strncmp(sent, "POST / HTTP/1.1\r\n", 17), 0);
    ck_assert_ptr_nonnull(strstr(sent, "\r\nContent-Type: application/json\r\n"));
    ck_assert_ptr_nonnull(strstr(sent, "\r\nX-Mine: 1\r\n"));
    ck_assert_ptr_nonnull(strstr(sent, "\r\nContent-Length: 1100000\r\n"));
    ck_assert_ptr_nonnull(strstr(sent, "\r\nAuthorization: Basic bWU6c2VjcmV0\r\n"));
    ck_assert_ptr_null(strstr(sent, "Expect:"));
    ck_assert_uint_eq(strlen(strstr(sent, "\r\n\r\n") + 4), sizeof body);
    fetch_fini(&f);
    canned_server_stop(server);
}

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
        struct fetch f = fetch_one(&endings[i].reply);
        ck_assert_msg(f.result.error == endings[i].error && f.result.status == endings[i].status,
            "%s: error %d \"%s\", status %d", endings[i].why, (int)f.result.error, f.result.text,
            f.result.status);
        ck_assert_msg(!endings[i].body || strcmp(buf_text(&f.body), endings[i].body) == 0, "%s: body \"%s\"",
            endings[i].why, buf_text(&f.body));
        ck_assert_msg((f.result.error == HTTP_OK) == (f.result.text[0] == '\0'), "%s", endings[i].why);
        ck_assert_int_eq(f.dones, 1);
        fetch_fini(&f);
    }
}

static void a_refused_connection_is_a_connect_error(void)
{
    static const struct canned_reply reply = {.end = CANNED_CLOSE};
    struct canned_server *server = canned_server_start(&reply, 1);
    char url[64];
    snprintf(url, sizeof url, "%s", canned_server_url(server));
    canned_server_stop(server); /* nobody listens there now */
    struct fetch f;
    fetch_init(&f);
    struct http_request request = fetch_request(&f, url);
    fetch_run(&f, &request);
    ck_assert_int_eq(f.result.error, HTTP_CONNECT);
    ck_assert_int_eq(f.result.t_sent_ns, 0);
    fetch_fini(&f);
}

static void a_name_that_cannot_exist_is_not_resolved(void)
{
    struct fetch f;
    fetch_init(&f);
    struct http_request request = fetch_request(&f,
        "http://"
        "a-label-of-more-than-sixty-three-characters-is-not-allowed-in-the-domain-name-system.invalid/");
    fetch_run(&f, &request);
    ck_assert_msg(f.result.error == HTTP_RESOLVE, "%d %s", (int)f.result.error, f.result.text);
    fetch_fini(&f);
}

static void tls_to_a_server_that_has_none_fails_as_tls(void)
{
    static const struct canned_reply reply = {
        .text = "HTTP/1.1 400 Bad\r\n\r\n", .unread = true, .end = CANNED_CLOSE};
    struct canned_server *server = canned_server_start(&reply, 1);
    struct fetch f;
    char url[64];
    fetch_init(&f);
    snprintf(url, sizeof url, "https://127.0.0.1:%d/", canned_server_port(server));
    struct http_request request = fetch_request(&f, url);
    fetch_run(&f, &request);
    ck_assert_msg(f.result.error == HTTP_TLS, "%d %s", (int)f.result.error, f.result.text);
    fetch_fini(&f);
    canned_server_stop(server);
}

static void a_connection_lost_while_writing_is_a_send_error(void)
{
    static const struct canned_reply reply = {.unread = true, .pause_ms = 50, .end = CANNED_RESET};
    static char body[32 << 20]; /* more than both socket buffers hold */
    struct canned_server *server = canned_server_start(&reply, 1);
    struct fetch f;
    fetch_init(&f);
    struct http_request request = fetch_request(&f, canned_server_url(server));
    request.method = "POST";
    request.body = body;
    request.body_len = sizeof body;
    fetch_run(&f, &request);
    ck_assert_msg(f.result.error == HTTP_SEND, "%d %s", (int)f.result.error, f.result.text);
    fetch_fini(&f);
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
    struct fetch f;
    fetch_init(&f);
    struct http_request request = fetch_request(&f, canned_server_url(server));
    request.first_is_headers = silences[i].first_is_headers;
    *(silences[i].timeout == FIRST_TIMEOUT    ? &request.first_timeout_ns
        : silences[i].timeout == IDLE_TIMEOUT ? &request.idle_timeout_ns
                                              : &request.total_timeout_ns) = limit_ns;
    int64_t t0_ns = loop_now_ns();
    fetch_run(&f, &request);
    int64_t took_ns = loop_now_ns() - t0_ns;
    ck_assert_int_ge(took_ns, limit_ns);
    tries_judge(tries, f.result.error == silences[i].error && took_ns < 5 * NS_PER_S,
        "%s: %d %s after %lld ms", silences[i].why, (int)f.result.error, f.result.text,
        (long long)(took_ns / NS_PER_MS));
    fetch_fini(&f);
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
    struct fetch f;
    fetch_init(&f);
    struct http_request request = fetch_request(&f, canned_server_url(server));
    request.first_is_headers = true;
    request.idle_timeout_ns = 20 * NS_PER_S;
    fetch_run(&f, &request);
    ck_assert_int_eq(f.result.error, HTTP_OK);
    ck_assert_uint_eq(f.body.len, 20);
    fetch_fini(&f);
    canned_server_stop(server);
}

/* 192.0.2.1 is TEST-NET-1 (RFC 5737): no host has it; where the network refuses at once there is nothing to
 * time. */
static void a_connection_that_never_comes_times_out_as_connect(void)
{
    struct fetch f;
    fetch_init(&f);
    struct http_request request = fetch_request(&f, "http://192.0.2.1:9/");
    request.connect_timeout_ns = 60 * NS_PER_MS;
    fetch_run(&f, &request);
    ck_assert_msg(f.result.error == HTTP_TIMEOUT_CONNECT || f.result.error == HTTP_CONNECT, "%d %s",
        (int)f.result.error, f.result.text);
    fetch_fini(&f);
}

static void a_body_beyond_the_bound_is_too_large(void)
{
    static const struct canned_reply reply = {
        .text = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789"};
    struct canned_server *server = canned_server_start(&reply, 1);
    struct fetch f;
    fetch_init(&f);
    struct http_request request = fetch_request(&f, canned_server_url(server));
    request.max_body_bytes = 8;
    fetch_run(&f, &request);
    ck_assert_int_eq(f.result.error, HTTP_TOO_LARGE);
    fetch_fini(&f);
    canned_server_stop(server);
}

static void endless_headers_are_too_large(void)
{
    struct buf head = BUF_INIT(1 << 20);
    buf_append_text(&head, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 9000; i++)
        buf_printf(&head, "X-%d: %032d\r\n", i, i);
    struct canned_reply reply = {.text = buf_text(&head), .end = CANNED_HOLD};
    struct fetch f = fetch_one(&reply);
    ck_assert_msg(f.result.error == HTTP_TOO_LARGE || f.result.error == HTTP_PROTOCOL, "%d %s",
        (int)f.result.error, f.result.text);
    fetch_fini(&f);
    buf_fini(&head);
}

static void cancelling_works_in_every_callback(void)
{
    static const struct canned_reply reply = {.text = "HTTP/1.1 200 OK\r\n\r\nabc", .end = CANNED_HOLD};
    for (int moment = 0; moment < 3; moment++) {
        struct canned_server *server = canned_server_start(&reply, 1);
        struct fetch f;
        fetch_init(&f);
        struct http_request request = fetch_request(&f, canned_server_url(server));
        f.cancel_in_headers = moment == 1;
        f.cancel_in_data = moment == 2;
        f.handle = http_start(f.client, &request, NULL);
        if (moment == 0)
            http_cancel(f.handle);
        ck_assert_int_eq(f.dones, 0); /* never from inside http_cancel */
        while (!f.dones)
            loop_run(f.loop);
        ck_assert_int_eq(f.result.error, HTTP_CANCELLED);
        ck_assert_int_eq(f.reads, moment == 2);
        fetch_fini(&f);
        canned_server_stop(server);
    }
}

static void freeing_the_client_ends_what_is_in_flight(void)
{
    static const struct canned_reply reply = {.text = "HTTP/1.1 200 OK\r\n\r\nabc", .end = CANNED_HOLD};
    struct canned_server *server = canned_server_start(&reply, 1);
    struct fetch f;
    fetch_init(&f);
    struct http_request request = fetch_request(&f, canned_server_url(server));
    f.handle = http_start(f.client, &request, NULL);
    while (!f.reads)
        loop_run_once(f.loop, NS_PER_S);
    http_client_free(f.client);
    f.client = NULL;
    ck_assert_int_eq(f.dones, 1);
    ck_assert_int_eq(f.result.error, HTTP_CANCELLED);
    fetch_fini(&f);
    canned_server_stop(server);
}

struct many {
    struct loop *loop;
    int left, good;
};

static void many_done(struct http_exchange *x, void *arg)
{
    struct many *m = arg;
    m->good += http_result(x)->error == HTTP_OK && http_result(x)->body_bytes == 2;
    if (--m->left == 0)
        loop_stop(m->loop);
}

static void one_loop_drives_many_requests(void)
{
    static const struct canned_reply reply = {
        .text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", .pause_ms = 30};
    struct canned_server *server = canned_server_start(&reply, 1);
    struct fetch f;
    fetch_init(&f);
    struct many many = {.loop = f.loop, .left = 100};
    struct http_request request = {
        .method = "GET", .url = canned_server_url(server), .on_done = many_done, .arg = &many};
    for (int i = 0; i < 100; i++)
        ck_assert_ptr_nonnull(http_start(f.client, &request, NULL));
    ck_assert_int_eq(loop_run(f.loop), STATUS_OK);
    ck_assert_int_eq(many.good, 100);
    fetch_fini(&f);
    canned_server_stop(server);
}

static void retry_after_is_read_in_seconds(void)
{
    struct fetch f = fetch_one(
        &(struct canned_reply){.text = "HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"});
    ck_assert_int_eq(f.result.retry_after_s, 7);
    fetch_fini(&f);
    f = fetch_one(&(struct canned_reply){.text = "HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n"});
    ck_assert_int_eq(f.result.retry_after_s, -1);
    fetch_fini(&f);
}

static void only_http_urls_are_taken(void)
{
    struct fetch f;
    struct error why = {0};
    fetch_init(&f);
    struct http_request request = fetch_request(&f, "file:///etc/passwd");
    ck_assert_ptr_null(http_start(f.client, &request, &why));
    ck_assert_str_eq(error_text(&why), "not an http or https URL");
    fetch_fini(&f);
}

static void loopback_hosts_are_recognised(void)
{
    static const struct {
        const char *url;
        bool loopback;
    } hosts[] = {
        {"http://127.0.0.1:80/", true},
        {"http://127.9.9.9/v1", true},
        {"http://localhost:1234", true},
        {"http://LOCALHOST", true},
        {"http://a.localhost/", true},
        {"http://[::1]:8080/v1", true},
        {"http://128.0.0.1/", false},
        {"http://notlocalhost/", false},
        {"https://example.com/localhost", false},
        {"http://127.0.0.1.example.com/", false},
        {"", false},
    };
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
        ck_assert_msg(http_url_is_loopback(hosts[i].url) == hosts[i].loopback, "%s", hosts[i].url);
}

/* A proxy that does not exist must not stand between us and the loopback. */
static void a_proxy_in_the_environment_does_not_hold_for_the_loopback(void)
{
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    struct fetch f =
        fetch_one(&(struct canned_reply){.text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"});
    unsetenv("http_proxy");
    ck_assert_int_eq(f.result.error, HTTP_OK);
    fetch_fini(&f);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(an_answer_comes_with_its_times_in_order),
        TESTKIT_TEST(a_second_request_reuses_the_connection),
        TESTKIT_TEST(a_post_is_sent_as_given),
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
        TESTKIT_TEST(cancelling_works_in_every_callback),
        TESTKIT_TEST(freeing_the_client_ends_what_is_in_flight),
        TESTKIT_TEST(one_loop_drives_many_requests),
        TESTKIT_TEST(retry_after_is_read_in_seconds),
        TESTKIT_TEST(only_http_urls_are_taken),
        TESTKIT_TEST(loopback_hosts_are_recognised),
        TESTKIT_TEST(a_proxy_in_the_environment_does_not_hold_for_the_loopback),
        {0},
    };
    return testkit_run("http", tests);
}
