#include "http_fetch.h"

#include "http.h"
#include "canned_server.h"
#include "clock.h"
#include "http_host.h"
#include "testkit.h"

#include <stdlib.h>
#include <string.h>

static void an_answer_comes_with_its_times_in_order(void)
{
    struct http_fetch f = http_fetch_one(&(struct canned_reply){
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
    http_fetch_fini(&f);
}

static void a_second_request_reuses_the_connection(void)
{
    static const struct canned_reply reply = {.text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"};
    struct canned_server *server = canned_server_start(&reply, 1);
    struct http_fetch f;
    http_fetch_init(&f);
    struct http_request request = http_fetch_request(&f, canned_server_url(server));
    http_fetch_run(&f, &request);
    ck_assert(!f.result.reused);
    http_fetch_run(&f, &request);
    ck_assert(f.result.reused);
    ck_assert_int_eq(f.result.connect_ns, 0);
    ck_assert_uint_eq(canned_server_connection_count(server), 1);
    ck_assert_str_eq(buf_text(&f.body), "okok");
    http_fetch_fini(&f);
    canned_server_stop(server);
}

static void a_post_is_sent_as_given(void)
{
    static const struct canned_reply reply = {.text = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
    static const char *const headers[] = {"Content-Type: application/json", "X-Mine: 1", NULL};
    static char body[1100000]; /* above the size at which curl would ask for 100-continue */
    struct canned_server *server = canned_server_start(&reply, 1);
    struct http_fetch f;
    http_fetch_init(&f);
    struct http_request request = http_fetch_request(&f, canned_server_url(server));
    memset(body, 'b', sizeof body);
    request.method = "POST";
    request.headers = headers;
    request.body = body;
    request.body_len = sizeof body;
    request.user = "me";
    request.password = "secret";
    http_fetch_run(&f, &request);
    const char *sent = canned_server_request(server, 0);
    ck_assert_int_eq(f.result.error, HTTP_OK);
    ck_assert_int_eq(strncmp(sent, "POST / HTTP/1.1\r\n", 17), 0);
    ck_assert_ptr_nonnull(strstr(sent, "\r\nContent-Type: application/json\r\n"));
    ck_assert_ptr_nonnull(strstr(sent, "\r\nX-Mine: 1\r\n"));
    ck_assert_ptr_nonnull(strstr(sent, "\r\nContent-Length: 1100000\r\n"));
    ck_assert_ptr_nonnull(strstr(sent, "\r\nAuthorization: Basic bWU6c2VjcmV0\r\n"));
    ck_assert_ptr_null(strstr(sent, "Expect:"));
    ck_assert_uint_eq(strlen(strstr(sent, "\r\n\r\n") + 4), sizeof body);
    http_fetch_fini(&f);
    canned_server_stop(server);
}

static void cancelling_works_in_every_callback(void)
{
    static const struct canned_reply reply = {.text = "HTTP/1.1 200 OK\r\n\r\nabc", .end = CANNED_HOLD};
    for (int moment = 0; moment < 3; moment++) {
        struct canned_server *server = canned_server_start(&reply, 1);
        struct http_fetch f;
        http_fetch_init(&f);
        struct http_request request = http_fetch_request(&f, canned_server_url(server));
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
        http_fetch_fini(&f);
        canned_server_stop(server);
    }
}

static void freeing_the_client_ends_what_is_in_flight(void)
{
    static const struct canned_reply reply = {.text = "HTTP/1.1 200 OK\r\n\r\nabc", .end = CANNED_HOLD};
    struct canned_server *server = canned_server_start(&reply, 1);
    struct http_fetch f;
    http_fetch_init(&f);
    struct http_request request = http_fetch_request(&f, canned_server_url(server));
    f.handle = http_start(f.client, &request, NULL);
    while (!f.reads)
        loop_run_once(f.loop, NS_PER_S);
    http_client_free(f.client);
    f.client = NULL;
    ck_assert_int_eq(f.dones, 1);
    ck_assert_int_eq(f.result.error, HTTP_CANCELLED);
    http_fetch_fini(&f);
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
    struct http_fetch f;
    http_fetch_init(&f);
    struct many many = {.loop = f.loop, .left = 100};
    struct http_request request = {
        .method = "GET", .url = canned_server_url(server), .on_done = many_done, .arg = &many};
    for (int i = 0; i < 100; i++)
        ck_assert_ptr_nonnull(http_start(f.client, &request, NULL));
    ck_assert_int_eq(loop_run(f.loop), STATUS_OK);
    ck_assert_int_eq(many.good, 100);
    http_fetch_fini(&f);
    canned_server_stop(server);
}

static void retry_after_is_read_in_seconds(void)
{
    struct http_fetch f = http_fetch_one(
        &(struct canned_reply){.text = "HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"});
    ck_assert_int_eq(f.result.retry_after_s, 7);
    http_fetch_fini(&f);
    f = http_fetch_one(&(struct canned_reply){.text = "HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n"});
    ck_assert_int_eq(f.result.retry_after_s, -1);
    http_fetch_fini(&f);
}

static void only_http_urls_are_taken(void)
{
    struct http_fetch f;
    struct error why = {0};
    http_fetch_init(&f);
    struct http_request request = http_fetch_request(&f, "file:///etc/passwd");
    ck_assert_ptr_null(http_start(f.client, &request, &why));
    ck_assert_str_eq(error_text(&why), "not an http or https URL");
    http_fetch_fini(&f);
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
    struct http_fetch f =
        http_fetch_one(&(struct canned_reply){.text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"});
    unsetenv("http_proxy");
    ck_assert_int_eq(f.result.error, HTTP_OK);
    http_fetch_fini(&f);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(an_answer_comes_with_its_times_in_order),
        TESTKIT_TEST(a_second_request_reuses_the_connection),
        TESTKIT_TEST(a_post_is_sent_as_given),
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
