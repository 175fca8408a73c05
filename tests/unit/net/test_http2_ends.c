/* Streams of HTTP/2 that end before their time, with nghttpx between us and the simulator, and what is left then. */
#include "h2_bench.h"

#include "canned_server.h"
#include "clock.h"
#include "testkit.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static const bool both[] = {false, true};

/* RST_STREAM ends one stream; those beside it go on, and the connection serves the next request. */
static void a_cancelled_stream_leaves_its_connection_alone(void)
{
    NEEDS_PROXY();
    for (size_t k = 0; k < 2; k++) {
        struct h2_bench *b = h2_bench_begin(both[k], 0);
        struct h2_asked a[5] = {{0}};
        for (int i = 0; i < 4; i++) {
            a[i].cancel_after = i % 2 ? 3 : 0;
            h2_bench_start(b, &a[i], "sim-steady", 20, false);
        }
        h2_bench_wait(b);
        for (int i = 0; i < 4; i++)
            if (i % 2)
                ck_assert_int_eq(a[i].result.error, HTTP_CANCELLED);
            else
                h2_bench_check_whole(&a[i]);
        h2_bench_start(b, &a[4], "sim-fast", 4, false);
        h2_bench_wait(b);
        h2_bench_check_whole(&a[4]);
        ck_assert_int_eq(h2_bench_made(a, 5), 1);
        h2_bench_forget(a, 5);
        h2_bench_end(b);
    }
}

/* Who waits for its turn can be cancelled as well, and does not keep the others waiting. */
static void cancelled_before_its_turn_a_request_is_gone(void)
{
    NEEDS_PROXY();
    struct h2_bench *b = h2_bench_begin(false, 0);
    struct h2_asked a[4] = {{0}};
    for (int i = 0; i < 4; i++)
        h2_bench_start(b, &a[i], "sim-fast", 4, false);
    http_cancel(a[0].x);
    http_cancel(a[2].x);
    h2_bench_wait(b);
    for (int i = 0; i < 4; i++)
        if (i % 2)
            h2_bench_check_whole(&a[i]);
        else
            ck_assert_int_eq(a[i].result.error, HTTP_CANCELLED);
    h2_bench_forget(a, 4);
    h2_bench_end(b);
}

/* Whether this read of the first of so many was the first one behind which all of them are on their way. */
static bool all_began(struct h2_asked *first, int count)
{
    for (int i = 0; i < count; i++)
        if (first[i].reads == 0)
            return false;
    first->on_read = NULL;
    return true;
}

static void kill_proxy(struct h2_asked *a)
{
    if (all_began(a, 8))
        h2_proxy_kill(a->bench->proxy);
}

static void a_proxy_that_dies_truncates_what_it_carried(void)
{
    NEEDS_PROXY();
    for (size_t k = 0; k < 2; k++) {
        struct h2_bench *b = h2_bench_begin(both[k], 0);
        struct h2_asked a[9] = {{.on_read = kill_proxy}};
        for (int i = 0; i < 8; i++)
            h2_bench_start(b, &a[i], "sim-long", 5000, false);
        h2_bench_wait(b);
        for (int i = 0; i < 8; i++)
            ck_assert_msg(a[i].result.error == HTTP_TRUNCATED, "%d: %s", a[i].result.error, a[i].result.text);
        h2_bench_start(b, &a[8], "sim-fast", 4, false);
        h2_bench_wait(b);
        ck_assert_int_eq(a[8].result.error, HTTP_CONNECT);
        h2_bench_forget(a, 9);
        h2_bench_end(b);
    }
}

/* Replaces a proxy when it has had a request for longer than libcurl may send one again. */
struct replacing {
    struct h2_bench *bench;
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
        struct h2_bench *b = h2_bench_begin_with(
            (struct h2_proxy_options){.backend = canned_server_url(server), .tls = ways[k].tls});
        struct replacing r = {.bench = b, .server = server};
        struct h2_asked a[2] = {{0}};
        b->way.http = ways[k].http;
        h2_bench_start(b, &a[0], "any", 1, false);
        h2_bench_wait(b);
        ck_assert_msg(a[0].result.error == HTTP_OK, "%s", a[0].result.text);
        h2_bench_start(b, &a[1], "any", 1, false);
        r.timer = loop_timer_new(b->loop, replace_proxy, &r);
        ck_assert_ptr_nonnull(r.timer);
        ck_assert_int_eq(loop_timer_set(r.timer, 0), STATUS_OK);
        h2_bench_wait(b);
        const struct http_result *lost = &a[1].result;
        ck_assert_msg(lost->error == HTTP_TRUNCATED, "%zu: %d %s", k, lost->error, lost->text);
        ck_assert_msg(strstr(lost->text, ways[k].told) != NULL, "%zu: %s", k, lost->text);
        ck_assert_uint_eq(canned_server_request_count(server), 2);
        loop_timer_free(r.timer);
        h2_bench_forget(a, 2);
        h2_bench_end(b);
        canned_server_stop(server);
    }
}

static void kill_server(struct h2_asked *a)
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
    struct h2_bench *b = h2_bench_begin(false, 0);
    struct h2_asked a[5] = {{.on_read = kill_server}};
    for (int i = 0; i < 4; i++)
        h2_bench_start(b, &a[i], "sim-long", 5000, false);
    h2_bench_wait(b);
    for (int i = 0; i < 4; i++)
        ck_assert_msg(a[i].result.error == HTTP_TRUNCATED, "%d: %s", a[i].result.error, a[i].result.text);
    h2_bench_start(b, &a[4], "sim-fast", 4, false);
    h2_bench_wait(b);
    if (a[4].result.error == HTTP_OK) /* the proxy's own word, if it has one */
        ck_assert_int_ge(a[4].result.status, 500);
    else
        ck_assert_int_eq(a[4].result.error, HTTP_TRUNCATED);
    h2_bench_forget(a, 5);
    h2_bench_end(b);
}

static void ask_to_leave(struct h2_asked *a)
{
    if (all_began(a, 4))
        h2_proxy_take_leave(a->bench->proxy);
}

static void behind_goaway_open_streams_end_in_order(void)
{
    NEEDS_PROXY();
    for (size_t k = 0; k < 2; k++) {
        struct h2_bench *b = h2_bench_begin_with((struct h2_proxy_options){.tls = both[k], .leaves = true});
        struct h2_asked a[5] = {{.on_read = ask_to_leave}};
        for (int i = 0; i < 4; i++)
            h2_bench_start(b, &a[i], "sim-long", 200, false);
        h2_bench_wait(b);
        for (int i = 0; i < 4; i++)
            h2_bench_check_whole(&a[i]);
        h2_bench_start(b, &a[4], "sim-fast", 4, false);
        h2_bench_wait(b);
        ck_assert_int_eq(a[4].result.error, HTTP_CONNECT);
        h2_bench_forget(a, 5);
        h2_bench_end(b);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_cancelled_stream_leaves_its_connection_alone),
        TESTKIT_TEST(cancelled_before_its_turn_a_request_is_gone),
        TESTKIT_TEST(a_proxy_that_dies_truncates_what_it_carried),
        TESTKIT_TEST(what_a_proxy_took_into_its_grave_is_not_asked_again),
        TESTKIT_TEST(a_server_that_dies_behind_the_proxy_truncates_its_streams),
        TESTKIT_TEST(behind_goaway_open_streams_end_in_order),
        {0},
    };
    return testkit_run("http2_ends", tests);
}
