/* text_sanitise and text_slug against what a hostile model, server or file name may contain. */
#include "text.h"

#include "rng.h"
#include "testkit.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define BYTES(literal) (literal), sizeof(literal) - 1

static const struct {
    const char *name;
    const char *in;
    size_t len;
    const char *out;
} cases[] = {
    {"plain text stays", BYTES("tab\there\nnext line \xc3\xa4\xf0\x9f\x98\x80"),
        "tab\there\nnext line \xc3\xa4\xf0\x9f\x98\x80"},
    {"colours go", BYTES("\x1b[1;31mred\x1b[0m"), "red"},
    {"cursor moves and private modes go", BYTES("a\x1b[2J\x1b[?25l\x1b[10;20H\x1b[>c\x1b[0 qb"), "ab"},
    {"a truncated colour goes", BYTES("text\x1b[1;3"), "text"},
    {"a bare introducer goes", BYTES("text\x1b["), "text"},
    {"a malformed sequence goes as far as it fits", BYTES("\x1b[12\xc3\xa4x"), "\xc3\xa4x"},
    {"a title change goes",
        BYTES("a\x1b]0;title\x07"
              "b"),
        "ab"},
    {"a hyperlink goes, its text stays", BYTES("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\"), "link"},
    {"a truncated title goes", BYTES("a\x1b]0;tit"), "a"},
    {"an open title does not swallow the next line", BYTES("a\x1b]0;title\nnext"), "a\nnext"},
    {"device control strings go", BYTES("a\x1bPq#0\x1b\\b\x1b_x\x1b\\c\x1b^y\x1b\\d\x1bXz\x1b\\e"), "abcde"},
    {"another escape is shown",
        BYTES("\x1b"
              "c\x1b(0"),
        "\\x1bc\\x1b(0"},
    {"an escape at the end is shown", BYTES("a\x1b"), "a\\x1b"},
    {"an escape before NUL is shown", BYTES("\x1b\0z"), "\\x1b\\x00z"},
    {"control characters are shown", BYTES("\0\x01\x07\x08\x0b\x0c\x1f\x7f"),
        "\\x00\\x01\\x07\\x08\\x0b\\x0c\\x1f\\x7f"},
    {"C1 controls are shown",
        BYTES("\xc2\x9b"
              "31m\xc2\x85"),
        "\\x9b31m\\x85"},
    {"line ends become one kind", BYTES("a\r\nb\rc\n\r\nd\r"), "a\nb\nc\n\nd\n"},
    {"overlong forms are shown", BYTES("\xc0\xaf\xe0\x80\xaf"), "\\xc0\\xaf\\xe0\\x80\\xaf"},
    {"surrogates are shown", BYTES("\xed\xa0\xbd\xed\xb8\x80"), "\\xed\\xa0\\xbd\\xed\\xb8\\x80"},
    {"a cut character is shown", BYTES("x\xe2\x82"), "x\\xe2\\x82"},
    {"Latin-1 is shown", BYTES("caf\xe9 x"), "caf\\xe9 x"},
    {"non-characters are shown", BYTES("\xef\xbf\xbe\xef\xbf\xbf"), "\\u{FFFE}\\u{FFFF}"},
    {"bidirectional overrides are shown",
        BYTES("\xe2\x80\xae"
              "evil\xe2\x81\xa6\xe2\x81\xa9\xe2\x80\xaa"),
        "\\u{202E}evil\\u{2066}\\u{2069}\\u{202A}"},
    {"neighbours of the overrides stay", BYTES("\xe2\x80\xa9\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa"),
        "\xe2\x80\xa9\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa"},
    {"right-to-left text itself stays", BYTES("\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d"),
        "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d"},
    {"nothing stays nothing", BYTES(""), ""},
};

static void hostile_text_becomes_harmless(void)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out = BUF_INIT(1000);
        ck_assert_int_eq(text_sanitise(&out, cases[i].in, cases[i].len, 1000), STATUS_OK);
        ck_assert_msg(
            strcmp(buf_text(&out), cases[i].out) == 0, "%s: got \"%s\"", cases[i].name, buf_text(&out));
        buf_fini(&out);
    }
}

/* XML 1.0 section 2.2, less the characters that would be dangerous on a terminal. */
static bool is_harmless(const char *text, size_t len)
{
    bool fine = true;
    for (size_t at = 0, n; fine && at < len; at += n) {
        uint32_t code = 0;
        n = text_utf8_decode(text + at, len - at, &code);
        bool control = (code < 0x20 && code != '\t' && code != '\n') || (code >= 0x7f && code <= 0x9f);
        bool override = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
        fine = n > 0 && !control && !override && code != 0xfffe && code != 0xffff;
    }
    return fine;
}

static void any_bytes_cut_anywhere_come_out_harmless_and_in_bounds(void)
{
    static const char dangerous[] = "\x1b[]P\\\x07\r\n\xe2\x80\xae\xed\xa0\xf0\x9f\x98\x80;1mx\xc2\x9b";
    struct rng r;
    rng_seed(&r, 20261120);
    for (int round = 0; round < 20000; round++) {
        char in[200];
        size_t len = (size_t)rng_below(&r, sizeof in), max = (size_t)rng_below(&r, 300);
        for (size_t i = 0; i < len; i++)
            in[i] =
                rng_below(&r, 2) ? dangerous[rng_below(&r, sizeof dangerous - 1)] : (char)rng_below(&r, 256);
        struct buf out = BUF_INIT(1000);
        bool fine = text_sanitise(&out, in, len, max) == STATUS_OK && out.len <= max;
        ck_assert_msg(fine && is_harmless(buf_text(&out), out.len), "round %d: %s", round, buf_text(&out));
        buf_fini(&out);
    }
}

static void sanitising_twice_changes_nothing_more(void)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf once = BUF_INIT(1000), twice = BUF_INIT(1000);
        ck_assert_int_eq(text_sanitise(&once, cases[i].in, cases[i].len, 1000), STATUS_OK);
        ck_assert_int_eq(text_sanitise(&twice, buf_text(&once), once.len, 1000), STATUS_OK);
        ck_assert_str_eq(buf_text(&once), buf_text(&twice));
        buf_fini(&once);
        buf_fini(&twice);
    }
}

/* 1000 times a four-byte character, kept to max bytes: whole characters, both ends, the count right. */
static void long_text_keeps_head_and_tail_and_counts_the_rest(void)
{
    struct buf in = BUF_INIT(8000);
    (void)buf_append_text(&in, "HEAD");
    for (int i = 0; i < 1000; i++)
        (void)buf_append_text(&in, "\xf0\x9f\x98\x80");
    (void)buf_append_text(&in, "TAIL");
    for (size_t max = 100; max < 140; max++) {
        struct buf out = BUF_INIT(8000);
        ck_assert_int_eq(text_sanitise(&out, buf_text(&in), in.len, max), STATUS_OK);
        ck_assert_uint_le(out.len, max);
        ck_assert_uint_ge(out.len, max - 10);
        ck_assert(text_utf8_valid(buf_text(&out), out.len));
        ck_assert(strncmp(buf_text(&out), "HEAD", 4) == 0);
        ck_assert_str_eq(buf_text(&out) + out.len - 4, "TAIL");
        const char *mark = strstr(buf_text(&out), "... [");
        ck_assert_ptr_nonnull(mark);
        size_t left_out = strtoul(mark + 5, NULL, 10);
        size_t mark_len = (size_t)(strstr(mark, "] ...") + 5 - mark);
        ck_assert_uint_eq(left_out + out.len - mark_len, in.len);
        buf_fini(&out);
    }
    buf_fini(&in);
}

static void text_of_exactly_the_limit_is_not_cut(void)
{
    struct buf out = BUF_INIT(100);
    ck_assert_int_eq(text_sanitise(&out, "0123456789", 10, 10), STATUS_OK);
    ck_assert_str_eq(buf_text(&out), "0123456789");
    buf_clear(&out);
    ck_assert_int_eq(text_sanitise(&out, "0123456789", 10, 9), STATUS_OK);
    ck_assert_str_eq(buf_text(&out), "012345678"); /* no room for the mark */
    buf_fini(&out);
}

static void a_full_buffer_is_reported(void)
{
    struct buf out = BUF_INIT(3);
    ck_assert_int_eq(text_sanitise(&out, "0123456789", 10, 100), STATUS_LIMIT);
    buf_fini(&out);
}

static char *slug(const char *name)
{
    struct buf out = BUF_INIT(1000);
    ck_assert_int_eq(text_slug(&out, name), STATUS_OK);
    char *text = buf_take(&out);
    ck_assert_ptr_nonnull(text);
    return text;
}

static void plain_names_stay_as_they_are(void)
{
    static const char *const plain[] = {"chat.short", "tiny-chat_Q4.gguf", "a", "0", "A.b-c_d"};
    for (size_t i = 0; i < COUNT(plain); i++) {
        char *s = slug(plain[i]);
        ck_assert_str_eq(s, plain[i]);
        free(s);
    }
}

static void names_that_would_look_alike_stay_apart(void)
{
    static const char *const alike[] = {"a/b", "a:b", "a b", "a_b", "a[b", "a]b", "a\nb", "a\xff-b", "", "_",
        ".", "-", "..", "--", ".a", "-a", "_a", "chat.short[x/y]", "chat.short[x_y]", "\xc3\xa4", "\xc3\xb6"};
    char *slugs[COUNT(alike)];
    for (size_t i = 0; i < COUNT(alike); i++) {
        slugs[i] = slug(alike[i]);
        for (size_t j = 0; j < i; j++)
            ck_assert_msg(strcmp(slugs[i], slugs[j]) != 0, "\"%s\" and \"%s\" are both %s", alike[i],
                alike[j], slugs[i]);
    }
    for (size_t i = 0; i < COUNT(alike); i++)
        free(slugs[i]);
}

static void slugs_are_fit_for_file_names(void)
{
    char longest[300];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    const char *const names[] = {
        "", ".", "..", "../../etc/passwd", "-rf", ".hidden", "a\nb", longest, "\xf0\x9f\x98\x80"};
    for (size_t i = 0; i < COUNT(names); i++) {
        char *s = slug(names[i]);
        size_t len = strlen(s);
        ck_assert_uint_ge(len, 5);
        ck_assert_uint_le(len, 100);
        ck_assert(s[0] != '.' && s[0] != '-');
        ck_assert_uint_eq(
            strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"), len);
        free(s);
    }
}

static void long_names_with_one_beginning_stay_apart(void)
{
    char a[201], b[201];
    memset(a, 'x', 200);
    memset(b, 'x', 200);
    a[200] = b[200] = '\0';
    b[199] = 'y';
    char *slug_a = slug(a), *slug_b = slug(b);
    ck_assert_str_ne(slug_a, slug_b);
    free(slug_a);
    free(slug_b);
}

static void a_line_stays_one_line(void)
{
    static const char name[] = "a\nb\r\nc\td\re\x01";
    struct buf out = BUF_INIT(256);
    ck_assert_int_eq(buf_append_text(&out, "kept\n"), STATUS_OK);
    ck_assert_int_eq(text_sanitise_line(&out, name, strlen(name), 100), STATUS_OK);
    ck_assert_str_eq(buf_text(&out), "kept\na b c d e\\x01");
    buf_fini(&out);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(hostile_text_becomes_harmless),
        TESTKIT_TEST(any_bytes_cut_anywhere_come_out_harmless_and_in_bounds),
        TESTKIT_TEST(sanitising_twice_changes_nothing_more),
        TESTKIT_TEST(long_text_keeps_head_and_tail_and_counts_the_rest),
        TESTKIT_TEST(text_of_exactly_the_limit_is_not_cut),
        TESTKIT_TEST(a_line_stays_one_line),
        TESTKIT_TEST(a_full_buffer_is_reported),
        TESTKIT_TEST(plain_names_stay_as_they_are),
        TESTKIT_TEST(names_that_would_look_alike_stay_apart),
        TESTKIT_TEST(slugs_are_fit_for_file_names),
        TESTKIT_TEST(long_names_with_one_beginning_stay_apart),
        {0},
    };
    return testkit_run("text_safe", tests);
}
