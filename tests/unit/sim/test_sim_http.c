/* The simulated server's reader of requests: what it takes, what it refuses and with which status. */
#include "sim_http.h"

#include "testkit.h"

#include <stdlib.h>
#include <string.h>

static void a_request_head_is_read(void)
{
    static const char text[] = "POST /v1/chat/completions?x=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 12\r\n"
                               "Expect: 100-continue\r\nConnection: x, Close\r\n\r\nbody";
    struct sim_http_head head;
    ck_assert_int_eq(sim_http_parse_head(text, strlen(text), &head), (long)strlen(text) - 4);
    ck_assert_str_eq(head.method, "POST");
    ck_assert_str_eq(head.path, "/v1/chat/completions");
    ck_assert_int_eq(head.content_length, 12);
    ck_assert_int_eq(head.minor, 1);
    ck_assert(head.expect_continue && !head.keep_alive && !head.chunked);
}

static void a_head_cut_anywhere_asks_for_more(void)
{
    static const char text[] = "\r\nGET http://host:1/models HTTP/1.0\r\nConnection: keep-alive\n\n";
    struct sim_http_head head;
    for (size_t len = 0; len < strlen(text); len++)
        ck_assert_int_eq(sim_http_parse_head(text, len, &head), 0);
    ck_assert_int_eq(sim_http_parse_head(text, strlen(text), &head), (long)strlen(text));
    ck_assert_str_eq(head.path, "/models");
    ck_assert(head.keep_alive && head.minor == 0);
}

static void improper_heads_are_refused_with_the_fitting_status(void)
{
    static const struct {
        const char *text;
        int status;
    } rows[] = {
        {"GET\r\n\r\n", 400},
        {"GET /\r\n\r\n", 400},
        {" / HTTP/1.1\r\n\r\n", 400},
        {"G@T / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
        {"GET / HTTP/1.2\r\nHost: h\r\n\r\n", 505},
        {"GET / HTTQ/1.1\r\nHost: h\r\n\r\n", 400},
        {"GET nothing HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"GET /a\x01 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            501},
        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\nExpect: tea\r\n\r\n", 417},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sim_http_head head;
        long used = sim_http_parse_head(rows[i].text, strlen(rows[i].text), &head);
        ck_assert_msg(
            used == -1 && head.refusal == rows[i].status, "row %zu: %ld, %d", i, used, head.refusal);
        ck_assert_ptr_nonnull(head.reason);
    }
}

static void a_nul_in_the_head_is_refused(void)
{
    static const char text[] = "GET / HTTP/1.1\r\nHost: h\0x\r\n\r\n";
    struct sim_http_head head;
    ck_assert_int_eq(sim_http_parse_head(text, sizeof text - 1, &head), -1);
    ck_assert_int_eq(head.refusal, 400);
}

static void a_head_without_end_is_refused_at_its_limit(void)
{
    static char text[SIM_HTTP_HEAD_MAX];
    struct sim_http_head head;
    memset(text, 'a', sizeof text);
    ck_assert_int_eq(sim_http_parse_head(text, sizeof text - 1, &head), 0);
    ck_assert_int_eq(sim_http_parse_head(text, sizeof text, &head), -1);
    ck_assert_int_eq(head.refusal, 431);
}

static void too_long_a_target_and_too_many_headers_are_refused(void)
{
    struct buf text = BUF_INIT(65536);
    struct sim_http_head head;
    buf_append_text(&text, "GET /");
    for (int i = 0; i < SIM_HTTP_TARGET_MAX; i++)
        buf_append_char(&text, 'x');
    buf_append_text(&text, " HTTP/1.1\r\nHost: h\r\n\r\n");
    ck_assert_int_eq(sim_http_parse_head(text.data, text.len, &head), -1);
    ck_assert_int_eq(head.refusal, 414);
    buf_clear(&text);
    buf_append_text(&text, "GET / HTTP/1.1\r\n");
    for (int i = 0; i <= SIM_HTTP_HEADERS_MAX; i++)
        buf_append_text(&text, "A: b\r\n");
    buf_append_text(&text, "\r\n");
    ck_assert_int_eq(sim_http_parse_head(text.data, text.len, &head), -1);
    ck_assert_int_eq(head.refusal, 431);
    buf_fini(&text);
}

/* Feeds the body in pieces of that size; the payload is appended to out. Returns bytes taken. */
static size_t decode(struct sim_http_chunks *chunks, const char *body, size_t piece, struct buf *out)
{
    size_t at = 0, len = strlen(body);
    while (at < len && !chunks->done && !chunks->bad) {
        char bytes[256];
        size_t n = len - at < piece ? len - at : piece, payload = 0;
        memcpy(bytes, body + at, n);
        at += sim_http_decode_chunks(chunks, bytes, n, &payload);
        buf_append(out, bytes, payload);
    }
    return at;
}

static void chunks_are_decoded_however_they_are_cut(void)
{
    static const char body[] = "5\r\nhello\r\n1;ext=1\r\n \r\n00005 \nworld\r\n0\r\nTrailer: x\r\n\r\nGET";
    for (size_t piece = 1; piece <= strlen(body); piece++) {
        struct sim_http_chunks chunks = {0};
        struct buf out = BUF_INIT(256);
        ck_assert_uint_eq(decode(&chunks, body, piece, &out), strlen(body) - 3);
        ck_assert_str_eq(buf_text(&out), "hello world");
        ck_assert(chunks.done && !chunks.bad);
        buf_fini(&out);
    }
}

static void bad_chunks_are_found(void)
{
    static const char *const bodies[] = {"x\r\n", "\r\n", "5\r\nhelloX", "ffffffffffffffffffff\r\n", ";\r\n"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct sim_http_chunks chunks = {0};
        struct buf out = BUF_INIT(256);
        decode(&chunks, bodies[i], 1, &out);
        ck_assert_msg(chunks.bad, "%s", bodies[i]);
        buf_fini(&out);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_request_head_is_read),
        TESTKIT_TEST(a_head_cut_anywhere_asks_for_more),
        TESTKIT_TEST(improper_heads_are_refused_with_the_fitting_status),
        TESTKIT_TEST(a_nul_in_the_head_is_refused),
        TESTKIT_TEST(a_head_without_end_is_refused_at_its_limit),
        TESTKIT_TEST(too_long_a_target_and_too_many_headers_are_refused),
        TESTKIT_TEST(chunks_are_decoded_however_they_are_cut),
        TESTKIT_TEST(bad_chunks_are_found),
        {0},
    };
    return testkit_run("sim_http", tests);
}
