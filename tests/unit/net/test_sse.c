#include "sse.h"

#include "testkit.h"

#include <string.h>

/* Each event is written down as "name|data|id@t;", so that a whole stream compares as one text. */
static void write_down(const struct sse_event *event, void *arg)
{
    struct buf *out = arg;
    ck_assert_int_eq(buf_printf(out, "%s|", event->name), STATUS_OK);
    ck_assert_int_eq(buf_append(out, event->data, event->len), STATUS_OK);
    ck_assert_int_eq(buf_printf(out, "|%s@%d;", event->id, (int)event->t_ns), STATUS_OK);
}

/* Parses text in pieces of the given size; the n-th piece arrives at n. Without times where all is 0. */
static struct buf parse(const char *text, size_t len, size_t piece, bool times)
{
    struct buf out = BUF_INIT(1 << 22);
    struct sse sse;
    sse_init(&sse, 1 << 20, write_down, &out);
    int64_t t_ns = 0;
    for (size_t at = 0; at < len; at += piece)
        ck_assert_int_eq(
            sse_push(&sse, text + at, len - at < piece ? len - at : piece, times ? ++t_ns : 0), STATUS_OK);
    ck_assert_int_eq(sse_finish(&sse), STATUS_OK);
    sse_fini(&sse);
    return out;
}

static const struct {
    const char *why, *stream, *events;
} streams[] = {
    {"LF", "data: a\n\ndata: b\n\n", "|a|@0;|b|@0;"},
    {"CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", "|a|@0;|b|@0;"},
    {"CR", "data: a\r\rdata: b\r\r", "|a|@0;|b|@0;"},
    {"all three mixed", "data: a\r\n\ndata: b\r\r\ndata: c\n\r", "|a|@0;|b|@0;|c|@0;"},
    {"no space after the colon", "data:a\n\n", "|a|@0;"},
    {"only one space is taken off", "data:  a\n\n", "| a|@0;"},
    {"several data lines", "data: a\ndata: b\ndata\ndata: c\n\n", "|a\nb\n\nc|@0;"},
    {"an empty data line is an event", "data:\n\n", "||@0;"},
    {"event, id", "event: error\nid: 7\ndata: x\n\ndata: y\n\n", "error|x|7@0;|y|7@0;"},
    {"an event without data is none", "event: ping\n\ndata: a\n\n", "|a|@0;"},
    {"comments of their own and between lines", ": hi\n\ndata: a\n:in between\ndata: b\n\n:\n", "|a\nb|@0;"},
    {"unknown fields", "foo: bar\ndatax: 1\nDATA: 2\n data: 3\ndata: a\n\n", "|a|@0;"},
    {"a byte order mark",
        "\xef\xbb\xbf"
        "data: a\n\n",
        "|a|@0;"},
    {"half a byte order mark is text",
        "\xef\xbb"
        "data: b\n\ndata: a\n\n",
        "|a|@0;"},
    {"a last event without its blank line", "data: a\n\ndata: b\n", "|a|@0;|b|@0;"},
    {"a last event without even a line end", "data: a\n\ndata: b", "|a|@0;|b|@0;"},
    {"many blank lines", "\n\n\n\ndata: a\n\n\n\n", "|a|@0;"},
    {"retry with and without digits", "retry: 10\nretry: x\ndata: a\n\n", "|a|@0;"},
    {"characters of several bytes", "data: \xe4\xbd\xa0\xf0\x9f\x98\x80\n\n",
        "|\xe4\xbd\xa0\xf0\x9f\x98\x80|@0;"},
    {"nothing", "", ""},
};

static void every_stream_gives_its_events_however_it_is_split(void)
{
    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
        size_t len = strlen(streams[i].stream);
        for (size_t piece = 1; piece <= len + 1; piece++) {
            struct buf got = parse(streams[i].stream, len, piece, false);
            ck_assert_msg(strcmp(buf_text(&got), streams[i].events) == 0, "%s in pieces of %zu: \"%s\"",
                streams[i].why, piece, buf_text(&got));
            buf_fini(&got);
        }
    }
}

static void nul_bytes_in_data_are_kept(void)
{
    struct buf got = parse("data: a\0b\n\n", 11, 4, false);
    ck_assert_uint_eq(got.len, 8);
    ck_assert_mem_eq(got.data, "|a\0b|@0;", 8);
    buf_fini(&got);
}

static void an_id_with_a_nul_is_ignored(void)
{
    struct buf got = parse("id: 1\nid: 2\0\ndata: a\n\n", 23, 23, false);
    ck_assert_str_eq(buf_text(&got), "|a|1@0;");
    buf_fini(&got);
}

static void an_event_has_the_time_of_the_read_that_completed_it(void)
{
    static const char text[] =
        "data: a\n\ndata: b\n\n"; /* in pieces of 5: "data:", " a\n\nd", "ata: ", "b\n\n" */
    struct buf got = parse(text, sizeof text - 1, 5, true);
    ck_assert_str_eq(buf_text(&got), "|a|@2;|b|@4;");
    buf_fini(&got);
}

static void a_carriage_return_completes_an_event_at_once(void)
{
    struct buf out = BUF_INIT(1 << 10);
    struct sse sse;
    sse_init(&sse, 100, write_down, &out);
    ck_assert_int_eq(sse_push(&sse, "data: a\r\n\r", 10, 1), STATUS_OK);
    ck_assert_str_eq(buf_text(&out), "|a|@1;");
    ck_assert_int_eq(sse_push(&sse, "\ndata: b\r\n\r\n", 12, 2), STATUS_OK);
    ck_assert_str_eq(buf_text(&out), "|a|@1;|b|@2;");
    sse_fini(&sse);
    buf_fini(&out);
}

static void comments_and_retry_are_noted(void)
{
    struct buf out = BUF_INIT(1 << 10);
    struct sse sse;
    sse_init(&sse, 100, write_down, &out);
    ck_assert_int_eq(sse_push(&sse, ": a\n\n:b\nretry: 1500\nretry: 9x\nretry:\n", 37, 1), STATUS_OK);
    ck_assert_uint_eq(sse.comments, 2);
    ck_assert_int_eq(sse.retry_ms, 1500);
    ck_assert_str_eq(buf_text(&out), "");
    sse_fini(&sse);
}

static char megabytes[3 << 20];

static void a_line_of_a_megabyte_is_an_event(void)
{
    struct buf out = BUF_INIT(4 << 20);
    struct sse sse;
    memset(megabytes, 'x', sizeof megabytes);
    memcpy(megabytes, "data: ", 6);
    sse_init(&sse, 4 << 20, write_down, &out);
    for (size_t at = 0; at < sizeof megabytes; at += 4096)
        ck_assert_int_eq(sse_push(&sse, megabytes + at, 4096, 1), STATUS_OK);
    ck_assert_int_eq(sse_push(&sse, "\n\n", 2, 2), STATUS_OK);
    ck_assert_uint_eq(out.len, 1 + sizeof megabytes - 6 + strlen("|@2;"));
    sse_fini(&sse);
    buf_fini(&out);
}

/* Whole or in pieces, what is over the limit fails in the same way, and nothing is reported after it. */
static void more_than_the_limit_is_refused(void)
{
    static const char *const texts[] = {"data: 0123456789abcdef\n\ndata: a\n\n",
        "data: 01234567\ndata: 01234567\n\ndata: a\n\n", ": 0123456789abcdefgh\n\ndata: a\n\n"};
    for (size_t i = 0; i < 3; i++) {
        for (size_t piece = 1; piece <= strlen(texts[i]); piece++) {
            struct buf out = BUF_INIT(1 << 10);
            struct sse sse;
            enum status status = STATUS_OK;
            sse_init(&sse, 16, write_down, &out);
            for (size_t at = 0; at < strlen(texts[i]) && status == STATUS_OK; at += piece)
                status = sse_push(
                    &sse, texts[i] + at, strlen(texts[i]) - at < piece ? strlen(texts[i]) - at : piece, 1);
            ck_assert_int_eq(status, STATUS_LIMIT);
            ck_assert_int_eq(sse_push(&sse, "data: b\n\n", 9, 2), STATUS_LIMIT);
            ck_assert_int_eq(sse_finish(&sse), STATUS_LIMIT);
            ck_assert_str_eq(buf_text(&out), "");
            sse_fini(&sse);
            buf_fini(&out);
        }
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(every_stream_gives_its_events_however_it_is_split),
        TESTKIT_TEST(nul_bytes_in_data_are_kept),
        TESTKIT_TEST(an_id_with_a_nul_is_ignored),
        TESTKIT_TEST(an_event_has_the_time_of_the_read_that_completed_it),
        TESTKIT_TEST(a_carriage_return_completes_an_event_at_once),
        TESTKIT_TEST(comments_and_retry_are_noted),
        TESTKIT_TEST(a_line_of_a_megabyte_is_an_event),
        TESTKIT_TEST(more_than_the_limit_is_refused),
        {0},
    };
    return testkit_run("sse", tests);
}
