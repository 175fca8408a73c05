#include "jsonl.h"
#include "testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct jsonl *open_text(const char *text, size_t len)
{
    struct jsonl *lines = NULL;
    struct error why = {0};
    const char *path = testkit_tmp_path("x.jsonl");
    testkit_write(path, text, len);
    if (jsonl_open(path, &lines, &why) != STATUS_OK)
        ck_abort_msg("%s", error_text(&why));
    return lines;
}

static void assert_at_end(struct jsonl *lines)
{
    struct jsonl_line line;
    struct error why = {0};
    ck_assert(!jsonl_next(lines, &line));
    ck_assert_int_eq(jsonl_close(lines, &why), STATUS_OK);
}

static void lines_come_with_numbers_and_empty_ones_are_skipped(void)
{
    static const char text[] = "{\"a\":1}\n\n \t\r\n[2]\r\n3\n";
    struct jsonl *lines = open_text(text, sizeof text - 1);
    struct jsonl_line line;
    ck_assert(jsonl_next(lines, &line));
    ck_assert(line.status == STATUS_OK && line.number == 1 && line.offset == 0 && !line.torn);
    ck_assert_str_eq(line.text, "{\"a\":1}");
    ck_assert(json_get(line.tree, "/a") != NULL);
    ck_assert(jsonl_next(lines, &line));
    ck_assert(line.status == STATUS_OK && line.number == 4 && line.offset == 13);
    ck_assert(jsonl_next(lines, &line));
    ck_assert(line.number == 5 && json_object_is_type(line.tree, json_type_int));
    assert_at_end(lines);
}

static void a_bad_line_does_not_stop_the_reading(void)
{
    static const char text[] = "1\n{\"a\":}\n3\n";
    struct jsonl *lines = open_text(text, sizeof text - 1);
    struct jsonl_line line;
    ck_assert(jsonl_next(lines, &line) && jsonl_next(lines, &line));
    ck_assert_int_eq(line.status, STATUS_INVALID);
    ck_assert_ptr_null(line.tree);
    ck_assert(line.error.line == 2 && line.error.column == 6);
    ck_assert(strstr(line.error.file, "x.jsonl") != NULL);
    ck_assert(jsonl_next(lines, &line) && line.status == STATUS_OK && line.number == 3);
    assert_at_end(lines);
}

static void a_torn_last_line_is_reported_as_such(void)
{
    static const char text[] = "{\"a\":1}\n{\"a\":";
    struct jsonl *lines = open_text(text, sizeof text - 1);
    struct jsonl_line line;
    ck_assert(jsonl_next(lines, &line) && !line.torn);
    ck_assert(jsonl_next(lines, &line));
    ck_assert(line.torn && line.status == STATUS_INVALID && line.number == 2 && line.offset == 8);
    ck_assert(strstr(error_text(&line.error), "torn: its writer was stopped") != NULL);
    ck_assert(line.cut);
    assert_at_end(lines);
    lines = open_text("{\"a\":01, \"b\":\"something else\"}", 31);
    ck_assert(jsonl_next(lines, &line) && line.torn && !line.cut && line.status == STATUS_INVALID);
    assert_at_end(lines);
    lines = open_text("{\"a\":1}", 7);
    ck_assert(jsonl_next(lines, &line) && line.torn && line.status == STATUS_OK);
    assert_at_end(lines);
}

static void a_line_that_is_too_long_is_an_error_of_that_line(void)
{
    size_t len = JSONL_LINE_MAX + 100;
    char *text = malloc(len + 4);
    ck_assert_ptr_nonnull(text);
    memset(text, ' ', len);
    text[JSONL_LINE_MAX + 10] = '\n';
    memset(text + len - 20, '1', 20);
    memcpy(text + len, "\n", 1);
    struct jsonl *lines = open_text(text, len + 1);
    struct jsonl_line line;
    ck_assert(jsonl_next(lines, &line));
    ck_assert(line.status == STATUS_LIMIT && line.number == 1 && line.text == NULL);
    ck_assert(jsonl_next(lines, &line) && line.status == STATUS_OK && line.number == 2);
    assert_at_end(lines);
    free(text);
}

static void lines_longer_than_the_block_that_is_read_are_whole(void)
{
    struct buf text = BUF_INIT(1 << 20);
    for (int i = 0; i < 5; i++) {
        buf_append_char(&text, '"');
        for (int j = 0; j < 50000 + i; j++)
            buf_append_char(&text, (char)('a' + i));
        buf_append_text(&text, "\"\n");
    }
    struct jsonl *lines = open_text(buf_text(&text), text.len);
    struct jsonl_line line;
    for (int i = 0; i < 5; i++) {
        ck_assert(jsonl_next(lines, &line) && line.status == STATUS_OK);
        ck_assert_int_eq(json_object_get_string_len(line.tree), 50000 + i);
    }
    assert_at_end(lines);
    buf_fini(&text);
}

static void the_place_of_a_depth_bomb_is_its_own_line(void)
{
    char text[512] = "1\n";
    memset(text + 2, '[', 200);
    memcpy(text + 202, "\n3\n", 4);
    struct jsonl *lines = open_text(text, 205);
    struct jsonl_line line;
    ck_assert(jsonl_next(lines, &line) && jsonl_next(lines, &line));
    ck_assert(line.status == STATUS_LIMIT && line.error.line == 2 && line.error.column == 129);
    ck_assert(strstr(line.error.file, "x.jsonl") != NULL);
    ck_assert(jsonl_next(lines, &line) && line.status == STATUS_OK);
    assert_at_end(lines);
}

static void a_byte_order_mark_is_skipped_and_marked(void)
{
    static const char text[] = "\xef\xbb\xbf{\"a\":1}\r\n\xef\xbb\xbf{}\n";
    struct jsonl *lines = open_text(text, sizeof text - 1);
    struct jsonl_line line;
    ck_assert(jsonl_next(lines, &line) && line.status == STATUS_OK && line.marked);
    ck_assert_str_eq(line.text, "{\"a\":1}\r");
    ck_assert(jsonl_next(lines, &line) && line.status == STATUS_INVALID && !line.marked);
    assert_at_end(lines);
}

/* The values of JSON that other writers have. */
static void what_is_no_value_is_named(void)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"{\"a\":NaN}", "NaN is none in JSON"},
        {"[-Infinity]", "-Infinity is none in JSON"},
        {"[1,Infinity]", "Infinity is none in JSON"},
        {"None", "None is none in JSON"},
        {"{\"a\":1,\"b\":2,\"a\":3}", "the key \"a\" is there twice"},
        {"-x", "a digit was expected"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct json_object *tree;
        struct error why = {0};
        ck_assert_int_eq(json_parse(cases[i].text, strlen(cases[i].text), &tree, &why), STATUS_INVALID);
        ck_assert_msg(strstr(why.text, cases[i].why) != NULL, "%s: %s", cases[i].text, why.text);
    }
}

static void reading_ends_where_a_signal_says_so(void)
{
    volatile sig_atomic_t stop = 0;
    struct jsonl *lines;
    struct jsonl_line line;
    const char *path = testkit_tmp_path("long.jsonl");
    char text[200000];
    for (size_t i = 0; i < sizeof text; i += 2)
        memcpy(text + i, "1\n", 2);
    testkit_write(path, text, sizeof text);
    ck_assert_int_eq(jsonl_open_until(path, &stop, &lines, NULL), STATUS_OK);
    ck_assert(jsonl_next(lines, &line));
    stop = 1;
    long last = 0;
    while (jsonl_next(lines, &line))
        last = line.number;
    ck_assert(last > 0 && last < 100000); /* the block that was there */
    ck_assert_int_eq(jsonl_close(lines, NULL), STATUS_OK);
}

static void an_empty_file_has_no_line(void)
{
    assert_at_end(open_text("", 0));
    assert_at_end(open_text("\n\n", 2));
}

static void what_cannot_be_read_is_an_error(void)
{
    struct jsonl *lines = NULL;
    struct jsonl_line line;
    struct error why = {0};
    ck_assert_int_eq(jsonl_open(testkit_tmp_path("none.jsonl"), &lines, &why), STATUS_NOT_FOUND);
    ck_assert(strstr(error_text(&why), "none.jsonl") != NULL);
    ck_assert_int_eq(
        jsonl_open(testkit_tmp(), &lines, &why), STATUS_OK); /* a folder can be opened, not read */
    ck_assert(!jsonl_next(lines, &line));
    ck_assert_int_eq(jsonl_close(lines, &why), STATUS_IO);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(lines_come_with_numbers_and_empty_ones_are_skipped),
        TESTKIT_TEST(a_bad_line_does_not_stop_the_reading),
        TESTKIT_TEST(a_torn_last_line_is_reported_as_such),
        TESTKIT_TEST(a_line_that_is_too_long_is_an_error_of_that_line),
        TESTKIT_TEST(lines_longer_than_the_block_that_is_read_are_whole),
        TESTKIT_TEST(the_place_of_a_depth_bomb_is_its_own_line),
        TESTKIT_TEST(a_byte_order_mark_is_skipped_and_marked),
        TESTKIT_TEST(what_is_no_value_is_named),
        TESTKIT_TEST(reading_ends_where_a_signal_says_so),
        TESTKIT_TEST(an_empty_file_has_no_line),
        TESTKIT_TEST(what_cannot_be_read_is_an_error),
        {0},
    };
    return testkit_run("jsonl", tests);
}
