/* HTTP/2 as libcurl speaks it for us, with nghttpx between us and the simulator: connections, and which HTTP it is. */
#include "h2_bench.h"

#include "canned_server.h"
#include "clock.h"
#include "testkit.h"
#include "tries.h"

#include <string.h>

enum { ASKED_MAX = 64 };

static const bool both[] = {false, true};

/*
 * The server answers none before it has all. One that waited for another's answer is asked only when the server has
 * waited long enough: whether it waited at our end, or inside libcurl, where it counts as the time of the server.
 */
static void check_asked_at_once(struct tries *tries, bool tls, int count, int max_streams)
{
    struct canned_reply reply = {.text = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\ndata: [DONE]",
        .pause_ms = 2000 * tries_patience(tries),
        .until = (size_t)count};
    struct canned_server *server = canned_server_start(&reply, 1);
    struct h2_bench *b = h2_bench_begin_with((struct h2_proxy_options){
        .backend = canned_server_url(server), .tls = tls, .max_streams = max_streams});
    struct h2_asked a[ASKED_MAX] = {{0}};
    int least = (count + max_streams - 1) / max_streams, most = tls ? 2 * least : least;
    for (int i = 0; i < count; i++)
        h2_bench_start(b, &a[i], "any", 1, false);
    h2_bench_wait(b);
    for (int i = 0; i < count; i++)
        h2_bench_check_whole(&a[i]);
    int made = h2_bench_made(a, count);
    size_t early = canned_server_early_count(server);
    tries_judge(tries, early == 0, "tls %d: %zu of %d answered before all were asked", tls, early, count);
    tries_judge(tries, made >= least && made <= most, "tls %d: %d connections", tls, made);
    h2_bench_forget(a, (size_t)count);
    h2_bench_end(b);
    canned_server_stop(server);
}

static void streams_share_as_many_connections_as_the_server_wants(void)
{
    NEEDS_PROXY();
    for (size_t k = 0; k < 2; k++)
        for (struct tries tries = {0}; tries_next(&tries);)
            check_asked_at_once(&tries, both[k], 35, 10);
}

static void a_new_connection_keeps_others_waiting_shorter_than_its_first_answer(void)
{
    NEEDS_PROXY();
    for (size_t k = 0; k < 2; k++)
        for (struct tries tries = {0}; tries_next(&tries);)
            check_asked_at_once(&tries, both[k], 6, 2);
}

static void set_up_times_are_those_of_the_connection_that_was_made(void)
{
    NEEDS_PROXY();
    for (size_t k = 0; k < 2; k++) {
        struct h2_bench *b = h2_bench_begin(both[k], 0);
        struct h2_asked a[2] = {{0}};
        for (int i = 0; i < 2; i++) {
            h2_bench_start(b, &a[i], "sim-fast", 4, false);
            h2_bench_wait(b);
            h2_bench_check_whole(&a[i]);
        }
        ck_assert(!a[0].result.reused && a[0].result.connect_ns > 0);
        ck_assert_int_eq(a[0].result.tls_ns > 0, both[k]);
        ck_assert(a[1].result.reused && a[1].result.connect_ns == 0 && a[1].result.tls_ns == 0);
        h2_bench_forget(a, 2);
        h2_bench_end(b);
    }
}

static void fresh_connections_carry_one_stream_each(void)
{
    NEEDS_PROXY();
    for (size_t k = 0; k < 2; k++) {
        struct h2_bench *b = h2_bench_begin(both[k], 0);
        struct h2_asked a[12] = {{0}};
        for (int i = 0; i < 12; i++)
            h2_bench_start(b, &a[i], "sim-fast", 4, true);
        h2_bench_wait(b);
        for (int i = 0; i < 12; i++)
            h2_bench_check_whole(&a[i]);
        ck_assert_int_eq(h2_bench_made(a, 12), 12);
        h2_bench_forget(a, 12);
        h2_bench_end(b);
    }
}

static void auto_takes_what_https_offers(void)
{
    NEEDS_PROXY();
    for (size_t k = 0; k < 2; k++) {
        struct h2_bench *b = h2_bench_begin(both[k], 0);
        struct h2_asked a[3] = {{0}};
        b->way.http = HTTP_WISH_AUTO;
        for (int i = 0; i < 3; i++)
            h2_bench_start(b, &a[i], "sim-fast", 4, false);
        h2_bench_wait(b);
        for (int i = 0; i < 3; i++) {
            ck_assert_msg(a[i].result.error == HTTP_OK, "%s", a[i].result.text);
            ck_assert_int_eq(a[i].result.http, both[k] ? 20 : 11); /* nobody negotiates over http:// */
        }
        h2_bench_forget(a, 3);
        h2_bench_end(b);
    }
}

/* The simulator itself, with TLS: no ALPN. */
static void auto_falls_back_and_2_does_not(void)
{
    static const enum http_wish wishes[] = {HTTP_WISH_AUTO, HTTP_WISH_2};
    for (size_t k = 0; k < 2; k++) {
        struct h2_bench b = {.way = {.http = wishes[k]}};
        struct h2_asked a[8] = {{0}};
        struct error why = {0};
        ck_assert_msg(sim_spawn(&(struct sim_options){.seed = 1, .tls = "self"}, &b.sim, &why) == STATUS_OK,
            "%s", error_text(&why));
        b.url = b.sim.url;
        ck_assert_int_eq(http_transport_set(&b.way.ca_file, b.sim.ca, &why), STATUS_OK);
        ck_assert_int_eq(loop_new(&b.loop, &why), STATUS_OK);
        ck_assert_int_eq(http_client_new(b.loop, &b.client, &why), STATUS_OK);
        for (int i = 0; i < 8; i++)
            h2_bench_start(&b, &a[i], "sim-steady", 8, false);
        h2_bench_wait(&b);
        for (int i = 0; i < 8; i++) {
            const struct http_result *r = &a[i].result;
            ck_assert_int_eq(r->error, wishes[k] == HTTP_WISH_2 ? HTTP_PROTOCOL : HTTP_OK);
            if (wishes[k] == HTTP_WISH_2)
                ck_assert_ptr_nonnull(strstr(r->text, "HTTP/2 was asked for"));
            else
                ck_assert_int_eq(r->http, 11);
        }
        h2_bench_forget(a, 8);
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
        struct h2_bench b = {.way = {.http = HTTP_WISH_2}, .url = canned_server_url(server)};
        struct h2_asked a[3] = {{0}};
        ck_assert_int_eq(loop_new(&b.loop, NULL), STATUS_OK);
        ck_assert_int_eq(http_client_new(b.loop, &b.client, NULL), STATUS_OK);
        for (int i = 0; i < 3; i++)
            h2_bench_start(&b, &a[i], "any", 4, false);
        h2_bench_wait(&b);
        for (int i = 0; i < 3; i++) {
            const struct http_result *r = &a[i].result;
            ck_assert_msg(r->error == HTTP_PROTOCOL, "%zu: %d %s", k, r->error, r->text);
            ck_assert_msg(strstr(r->text, "HTTP/2") != NULL, "%zu: %s", k, r->text);
        }
        h2_bench_forget(a, 3);
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
        TESTKIT_TEST(auto_takes_what_https_offers),
        TESTKIT_TEST(auto_falls_back_and_2_does_not),
        TESTKIT_TEST(a_server_of_http_1_is_told_from_one_of_http_2),
        {0},
    };
    return testkit_run("http2", tests);
}
