/* HTTP/2 as libcurl speaks it for us, with nghttpx between us and the simulator. */
#include "http.h"

#include "canned_server.h"
#include "clock.h"
#include "h2_proxy.h"
#include "sim.h"
#include "testkit.h"
#include "tries.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { ASKED_MAX = 64 };

/* A client in front of a proxy in front of a simulator. */
struct bench {
    struct sim_process sim;
    struct h2_proxy *proxy;
    struct http_transport way;
    struct loop *loop;
    struct http_client *client;
    const char *url;
    int open; /* requests */
};

struct asked {
    struct bench *bench;
    struct http_exchange *x;
    struct http_result result;
    int reads, cancel_after;
    int64_t t_first_ns;
    void (*on_read)(struct asked *a);
    struct buf body;
};

static struct bench *begin_with(struct h2_proxy_options o)
{
    struct bench *b = calloc(1, sizeof *b);
    struct error why = {0};
    if (!o.backend) { /* a simulator is a child that must not inherit the threads of a canned server */
        ck_assert_msg(
            sim_spawn(&(struct sim_options){.seed = 1}, &b->sim, &why) == STATUS_OK, "%s", error_text(&why));
        o.backend = b->sim.url;
    }
    b->proxy = h2_proxy_start(&o);
    b->url = h2_proxy_url(b->proxy);
    b->way.http = HTTP_WISH_2;
    if (o.tls)
        ck_assert_int_eq(http_transport_set(&b->way.ca_file, h2_proxy_ca(b->proxy), &why), STATUS_OK);
    ck_assert_int_eq(loop_new(&b->loop, &why), STATUS_OK);
    ck_assert_int_eq(http_client_new(b->loop, &b->client, &why), STATUS_OK);
    return b;
}

static struct bench *begin(bool tls, int max_streams)
{
    return begin_with((struct h2_proxy_options){.tls = tls, .max_streams = max_streams});
}

static void end(struct bench *b)
{
    http_client_free(b->client);
    loop_free(b->loop);
    http_transport_fini(&b->way);
    h2_proxy_stop(b->proxy);
    sim_stop(&b->sim);
    free(b);
}

static void on_data(const void *bytes, size_t len, int64_t t_ns, void *arg)
{
    struct asked *a = arg;
    if (a->reads++ == 0)
        a->t_first_ns = t_ns;
    ck_assert_int_eq(buf_append(&a->body, bytes, len), STATUS_OK);
    if (a->on_read)
        a->on_read(a);
    if (a->cancel_after && a->reads == a->cancel_after)
        http_cancel(a->x);
}

static void on_done(struct http_exchange *x, void *arg)
{
    struct asked *a = arg;
    a->result = *http_result(x);
    if (--a->bench->open == 0)
        loop_stop(a->bench->loop);
}

static void start(struct bench *b, struct asked *a, const char *model, int tokens, bool fresh)
{
    char url[128], body[256];
    struct error why = {0};
    snprintf(url, sizeof url, "%s/v1/chat/completions", b->url);
    snprintf(body, sizeof body,
        "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}],\"stream\":true,"
        "\"max_tokens\":%d}",
        model, tokens);
    const char *headers[] = {"Content-Type: application/json", NULL};
    buf_init(&a->body, 1 << 20);
    a->bench = b;
    a->x = http_start(b->client,
        &(struct http_request){.method = "POST",
            .url = url,
            .headers = headers,
            .transport = &b->way,
            .body = body,
            .body_len = strlen(body),
            .total_timeout_ns = 60 * NS_PER_S,
            .fresh_connection = fresh,
            .on_data = on_data,
            .on_done = on_done,
            .arg = a},
        &why);
    ck_assert_msg(a->x != NULL, "%s", error_text(&why));
    b->open++;
}

static void wait_for_all(struct bench *b)
{
    while (b->open > 0)
        ck_assert_int_eq(loop_run(b->loop), STATUS_OK);
}

static void forget(struct asked *a, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_fini(&a[i].body);
}

static int made(const struct asked *a, int count)
{
    int connections = 0;
    for (int i = 0; i < count; i++)
        connections += !a[i].result.reused;
    return connections;
}

static void check_whole(const struct asked *a)
{
    const struct http_result *r = &a->result;
    ck_assert_msg(r->error == HTTP_OK && r->status == 200, "%d: %s", r->error, r->text);
    ck_assert_int_eq(r->http, 20);
    ck_assert(r->t_sent_ns > 0 && r->t_sent_ns <= r->t_headers_ns && r->t_headers_ns <= a->t_first_ns);
    ck_assert_ptr_nonnull(strstr(buf_text((struct buf *)&a->body), "data: [DONE]"));
}

static const bool both[] = {false, true};

#define NEEDS_PROXY()                                                                                        \
    if (!h2_proxy_installed())                                                                               \
    TESTKIT_SKIP("there is no nghttpx (or no openssl)")

/* At most ten on each of the connections: all are there, and none waited where it counts as the time of the server;
 * behind another answer, of more than two seconds, it would. */
static void check_ten_on_each(struct tries *tries, bool tls)
{
    struct bench *b = begin(tls, 10);
    struct asked a[ASKED_MAX] = {{0}};
    int more = tries_patience(tries);
    for (int i = 0; i < 35; i++)
        start(b, &a[i], "sim-long", 200 * more, false);
    wait_for_all(b);
    for (int i = 0; i < 35; i++) {
        check_whole(&a[i]);
        int64_t first_ns = a[i].t_first_ns - a[i].result.t_sent_ns;
        tries_judge(tries, first_ns < 2 * NS_PER_S * more, "the first byte of %d came after %lld ms", i,
            (long long)(first_ns / NS_PER_MS));
    }
    tries_judge(tries, made(a, 35) >= 4 && made(a, 35) <= (tls ? 8 : 4), "%d connections", made(a, 35));
    forget(a, 35);
    end(b);
}

static void streams_share_as_many_connections_as_the_server_wants(void)
{
    NEEDS_PROXY();
    for (size_t k = 0; k < 2; k++)
        for (struct tries tries = {0}; tries_next(&tries);)
            check_ten_on_each(&tries, both[k]);
}

/* However long the answers take, all are asked before the first is there, and the time of none has another's in it. */
static void check_asked_at_once(struct tries *tries, bool tls)
{
    struct canned_reply reply = {.text = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\ndata: [DONE]",
        .pause_ms = 2000 * tries_patience(tries)};
    int64_t pause_ns = reply.pause_ms * NS_PER_MS;
    struct canned_server *server = canned_server_start(&reply, 1);
    struct bench *b = begin_with(
        (struct h2_proxy_options){.backend = canned_server_url(server), .tls = tls, .max_streams = 2});
    struct asked a[6] = {{0}};
    for (int i = 0; i < 6; i++)
        start(b, &a[i], "any", 1, false);
    wait_for_all(b);
    for (int i = 0; i < 6; i++) {
        check_whole(&a[i]);
        int64_t waited_ns = a[i].result.t_sent_ns - a[0].result.t_sent_ns;
        int64_t took_ns = a[i].result.t_headers_ns - a[i].result.t_sent_ns;
        tries_judge(tries, waited_ns < pause_ns && took_ns < 2 * pause_ns,
            "%d: sent after %lld ms, took %lld", i, (long long)(waited_ns / NS_PER_MS),
            (long long)(took_ns / NS_PER_MS));
    }
    ck_assert_int_ge(made(a, 6), 3);
    forget(a, 6);
    end(b);
    canned_server_stop(server);
}

static void a_new_connection_keeps_others_waiting_shorter_than_its_first_answer(void)
{
    NEEDS_PROXY();
    for (size_t k = 0; k < 2; k++)
        for (struct tries tries = {0}; tries_next(&tries);)
            check_asked_at_once(&tries, both[k]);
}

static void set_up_times_are_those_of_the_connection_that_was_made(void)
{
    NEEDS_PROXY();
    for (size_t k = 0; k < 2; k++) {
        struct bench *b = begin(both[k], 0);
        struct asked a[2] = {{0}};
        for (int i = 0; i < 2; i++) {
            start(b, &a[i], "sim-fast", 4, false);
            wait_for_all(b);
            check_whole(&a[i]);
        }
        ck_assert(!a[0].result.reused && a[0].result.connect_ns > 0);
        ck_assert_int_eq(a[0].result.tls_ns > 0, both[k]);
        ck_assert(a[1].result.reused && a[1].result.connect_ns == 0 && a[1].result.tls_ns == 0);
        forget(a, 2);
        end(b);
    }
}

static void fresh_connections_carry_one_stream_each(void)
{
    NEEDS_PROXY();
    for (size_t k = 0; k < 2; k++) {
        struct bench *b = begin(both[k], 0);
        struct asked a[12] = {{0}};
        for (int i = 0; i < 12; i++)
            start(b, &a[i], "sim-fast", 4, true);
        wait_for_all(b);
        for (int i = 0; i < 12; i++)
            check_whole(&a[i]);
        ck_assert_int_eq(made(a, 12), 12);
        forget(a, 12);
        end(b);
    }
}

/* RST_STREAM ends one stream; those beside it go on, and the connection serves the next request. */
static void a_cancelled_stream_leaves_its_connection_alone(void)
{
    NEEDS_PROXY();
    for (size_t k = 0; k < 2; k++) {
        struct bench *b = begin(both[k], 0);
        struct asked a[5] = {{0}};
        for (int i = 0; i < 4; i++) {
            a[i].cancel_after = i % 2 ? 3 : 0;
            start(b, &a[i], "sim-steady", 20, false);
        }
        wait_for_all(b);
        for (int i = 0; i < 4; i++)
            if (i % 2)
                ck_assert_int_eq(a[i].result.error, HTTP_CANCELLED);
            else
                check_whole(&a[i]);
        start(b, &a[4], "sim-fast", 4, false);
        wait_for_all(b);
        check_whole(&a[4]);
        ck_assert_int_eq(made(a, 5), 1);
        forget(a, 5);
        end(b);
    }
}

/* Who waits for its turn can be cancelled as well, and does not keep the others waiting. */
static void cancelled_before_its_turn_a_request_is_gone(void)
{
    NEEDS_PROXY();
    struct bench *b = begin(false, 0);
    struct asked a[4] = {{0}};
    for (int i = 0; i < 4; i++)
        start(b, &a[i], "sim-fast", 4, false);
    http_cancel(a[0].x);
    http_cancel(a[2].x);
    wait_for_all(b);
    for (int i = 0; i < 4; i++)
        if (i % 2)
            check_whole(&a[i]);
        else
            ck_assert_int_eq(a[i].result.error, HTTP_CANCELLED);
    forget(a, 4);
    end(b);
}

/* Whether this read of the first of so many was the first one behind which all of them are on their way. */
static bool all_began(struct asked *first, int count)
{
    for (int i = 0; i < count; i++)
        if (first[i].reads == 0)
            return false;
    first->on_read = NULL;
    return true;
}

static void kill_proxy(struct asked *a)
{
    if (all_began(a, 8))
        h2_proxy_kill(a->bench->proxy);
}

static void a_proxy_that_dies_truncates_what_it_carried(void)
{
    NEEDS_PROXY();
    for (size_t k = 0; k < 2; k++) {
        struct bench *b = begin(both[k], 0);
        struct asked a[9] = {{.on_read = kill_proxy}};
        for (int i = 0; i < 8; i++)
            start(b, &a[i], "sim-long", 5000, false);
        wait_for_all(b);
        for (int i = 0; i < 8; i++)
            ck_assert_msg(a[i].result.error == HTTP_TRUNCATED, "%d: %s", a[i].result.error, a[i].result.text);
        start(b, &a[8], "sim-fast", 4, false);
        wait_for_all(b);
        ck_assert_int_eq(a[8].result.error, HTTP_CONNECT);
        forget(a, 9);
        end(b);
    }
}

/* Replaces a proxy when it has had a request for longer than libcurl may send one again. */
struct replacing {
    struct bench *bench;
    struct canned_server *server;
    struct loop_timer *timer;
    int64_t t_seen_ns; /* the server has it; 0: not yet */
};

static void replace_proxy(void *arg)
{
    struct replacing *r = arg;
    int64_t now_ns = loop_now_ns();
    if (r->t_seen_ns == 0 && canned_server_request_count(r->server) == 2)
        r->t_seen_ns = now_ns;
    if (r->t_seen_ns && now_ns - r->t_seen_ns > 1100 * NS_PER_MS)
        h2_proxy_replace(r->bench->proxy);
    else
        loop_timer_set(r->timer, now_ns + 20 * NS_PER_MS);
}

/* libcurl sends again by itself what was lost on an old connection before anything was answered; a request that has
 * been with the server for a second died with it, and is not asked twice. */
static void what_a_proxy_took_into_its_grave_is_not_asked_again(void)
{
    NEEDS_PROXY();
    static const struct canned_reply replies[] = {
        {.text = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\ndata: [DONE]"},
        {.text = "", .end = CANNED_HOLD},
    };
    static const struct {
        bool tls;
        enum http_wish http;
        const char *told; /* where it is libcurl that would send it again, and we that do not let it */
    } ways[] = {{false, HTTP_WISH_2, ""},
        {true, HTTP_WISH_1_1, "the connection was lost before anything was answered"}};
    for (size_t k = 0; k < sizeof ways / sizeof *ways; k++) {
        struct canned_server *server = canned_server_start(replies, 2);
        struct bench *b =
            begin_with((struct h2_proxy_options){.backend = canned_server_url(server), .tls = ways[k].tls});
        struct replacing r = {.bench = b, .server = server};
        struct asked a[2] = {{0}};
        b->way.http = ways[k].http;
        start(b, &a[0], "any", 1, false);
        wait_for_all(b);
        ck_assert_msg(a[0].result.error == HTTP_OK, "%s", a[0].result.text);
        start(b, &a[1], "any", 1, false);
        r.timer = loop_timer_new(b->loop, replace_proxy, &r);
        ck_assert_ptr_nonnull(r.timer);
        ck_assert_int_eq(loop_timer_set(r.timer, 0), STATUS_OK);
        wait_for_all(b);
        const struct http_result *lost = &a[1].result;
        ck_assert_msg(lost->error == HTTP_TRUNCATED, "%zu: %d %s", k, lost->error, lost->text);
        ck_assert_msg(strstr(lost->text, ways[k].told) != NULL, "%zu: %s", k, lost->text);
        ck_assert_uint_eq(canned_server_request_count(server), 2);
        loop_timer_free(r.timer);
        forget(a, 2);
        end(b);
        canned_server_stop(server);
    }
}

static void kill_server(struct asked *a)
{
    if (!all_began(a, 4))
        return;
    kill(a->bench->sim.pid, SIGKILL);
    waitpid(a->bench->sim.pid, NULL, 0);
    a->bench->sim.pid = 0;
}

static void a_server_that_dies_behind_the_proxy_truncates_its_streams(void)
{
    NEEDS_PROXY();
    struct bench *b = begin(false, 0);
    struct asked a[5] = {{.on_read = kill_server}};
    for (int i = 0; i < 4; i++)
        start(b, &a[i], "sim-long", 5000, false);
    wait_for_all(b);
    for (int i = 0; i < 4; i++)
        ck_assert_msg(a[i].result.error == HTTP_TRUNCATED, "%d: %s", a[i].result.error, a[i].result.text);
    start(b, &a[4], "sim-fast", 4, false);
    wait_for_all(b);
    if (a[4].result.error == HTTP_OK) /* the proxy's own word, if it has one */
        ck_assert_int_ge(a[4].result.status, 500);
    else
        ck_assert_int_eq(a[4].result.error, HTTP_TRUNCATED);
    forget(a, 5);
    end(b);
}

static void ask_to_leave(struct asked *a)
{
    if (all_began(a, 4))
        h2_proxy_take_leave(a->bench->proxy);
}

static void behind_goaway_open_streams_end_in_order(void)
{
    NEEDS_PROXY();
    for (size_t k = 0; k < 2; k++) {
        struct bench *b = begin_with((struct h2_proxy_options){.tls = both[k], .leaves = true});
        struct asked a[5] = {{.on_read = ask_to_leave}};
        for (int i = 0; i < 4; i++)
            start(b, &a[i], "sim-long", 200, false);
        wait_for_all(b);
        for (int i = 0; i < 4; i++)
            check_whole(&a[i]);
        start(b, &a[4], "sim-fast", 4, false);
        wait_for_all(b);
        ck_assert_int_eq(a[4].result.error, HTTP_CONNECT);
        forget(a, 5);
        end(b);
    }
}

static void auto_takes_what_https_offers(void)
{
    NEEDS_PROXY();
    for (size_t k = 0; k < 2; k++) {
        struct bench *b = begin(both[k], 0);
        struct asked a[3] = {{0}};
        b->way.http = HTTP_WISH_AUTO;
        for (int i = 0; i < 3; i++)
            start(b, &a[i], "sim-fast", 4, false);
        wait_for_all(b);
        for (int i = 0; i < 3; i++) {
            ck_assert_msg(a[i].result.error == HTTP_OK, "%s", a[i].result.text);
            ck_assert_int_eq(a[i].result.http, both[k] ? 20 : 11); /* nobody negotiates over http:// */
        }
        forget(a, 3);
        end(b);
    }
}

/* The simulator itself, with TLS: no ALPN. */
static void auto_falls_back_and_2_does_not(void)
{
    static const enum http_wish wishes[] = {HTTP_WISH_AUTO, HTTP_WISH_2};
    for (size_t k = 0; k < 2; k++) {
        struct bench b = {.way = {.http = wishes[k]}};
        struct asked a[8] = {{0}};
        struct error why = {0};
        ck_assert_msg(sim_spawn(&(struct sim_options){.seed = 1, .tls = "self"}, &b.sim, &why) == STATUS_OK,
            "%s", error_text(&why));
        b.url = b.sim.url;
        ck_assert_int_eq(http_transport_set(&b.way.ca_file, b.sim.ca, &why), STATUS_OK);
        ck_assert_int_eq(loop_new(&b.loop, &why), STATUS_OK);
        ck_assert_int_eq(http_client_new(b.loop, &b.client, &why), STATUS_OK);
        for (int i = 0; i < 8; i++)
            start(&b, &a[i], "sim-steady", 8, false);
        wait_for_all(&b);
        for (int i = 0; i < 8; i++) {
            const struct http_result *r = &a[i].result;
            ck_assert_int_eq(r->error, wishes[k] == HTTP_WISH_2 ? HTTP_PROTOCOL : HTTP_OK);
            if (wishes[k] == HTTP_WISH_2)
                ck_assert_ptr_nonnull(strstr(r->text, "HTTP/2 was asked for"));
            else
                ck_assert_int_eq(r->http, 11);
        }
        forget(a, 8);
        http_client_free(b.client);
        loop_free(b.loop);
        http_transport_fini(&b.way);
        sim_stop(&b.sim);
    }
}

static void a_server_of_http_1_is_told_from_one_of_http_2(void)
{
    static const struct canned_reply replies[] = {
        {.text = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", .end = CANNED_CLOSE},
        {.text = "HTTP/1.1 505 HTTP Version Not Supported\r\nContent-Length: 0\r\n\r\n"},
        {.text = "", .end = CANNED_CLOSE},
        {.text = "", .end = CANNED_RESET},
    };
    for (size_t k = 0; k < sizeof replies / sizeof replies[0]; k++) {
        struct canned_server *server = canned_server_start(&replies[k], 1);
        struct bench b = {.way = {.http = HTTP_WISH_2}, .url = canned_server_url(server)};
        struct asked a[3] = {{0}};
        ck_assert_int_eq(loop_new(&b.loop, NULL), STATUS_OK);
        ck_assert_int_eq(http_client_new(b.loop, &b.client, NULL), STATUS_OK);
        for (int i = 0; i < 3; i++)
            start(&b, &a[i], "any", 4, false);
        wait_for_all(&b);
        for (int i = 0; i < 3; i++) {
            const struct http_result *r = &a[i].result;
            ck_assert_msg(r->error == HTTP_PROTOCOL, "%zu: %d %s", k, r->error, r->text);
            ck_assert_msg(strstr(r->text, "HTTP/2") != NULL, "%zu: %s", k, r->text);
        }
        forget(a, 3);
        http_client_free(b.client);
        loop_free(b.loop);
        canned_server_stop(server);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(streams_share_as_many_connections_as_the_server_wants),
        TESTKIT_TEST(a_new_connection_keeps_others_waiting_shorter_than_its_first_answer),
        TESTKIT_TEST(set_up_times_are_those_of_the_connection_that_was_made),
        TESTKIT_TEST(fresh_connections_carry_one_stream_each),
        TESTKIT_TEST(a_cancelled_stream_leaves_its_connection_alone),
        TESTKIT_TEST(cancelled_before_its_turn_a_request_is_gone),
        TESTKIT_TEST(a_proxy_that_dies_truncates_what_it_carried),
        {.name = "what_a_proxy_took_into_its_grave_is_not_asked_again",
            .body = what_a_proxy_took_into_its_grave_is_not_asked_again,
            .timeout_s = 90}, /* two proxies for each way, and certificates */
        TESTKIT_TEST(a_server_that_dies_behind_the_proxy_truncates_its_streams),
        TESTKIT_TEST(behind_goaway_open_streams_end_in_order),
        TESTKIT_TEST(auto_takes_what_https_offers),
        TESTKIT_TEST(auto_falls_back_and_2_does_not),
        TESTKIT_TEST(a_server_of_http_1_is_told_from_one_of_http_2),
        {0},
    };
    return testkit_run("http2", tests);
}
