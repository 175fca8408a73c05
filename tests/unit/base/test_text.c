#include "text.h"

#include "testkit.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct {
    const char *bytes;
    size_t length; /* of the sequence; 0: not UTF-8 */
    uint32_t code;
} sequences[] = {
    {"A", 1, 'A'},
    {"\x7f", 1, 0x7f},
    {"\xc2\x80", 2, 0x80},
    {"\xdf\xbf", 2, 0x7ff},
    {"\xe0\xa0\x80", 3, 0x800},
    {"\xed\x9f\xbf", 3, 0xd7ff},
    {"\xee\x80\x80", 3, 0xe000},
    {"\xef\xbf\xbf", 3, 0xffff},
    {"\xf0\x90\x80\x80", 4, 0x10000},
    {"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
    {"\x80", 0, 0},             /* a continuation alone */
    {"\xc0\xaf", 0, 0},         /* overlong '/' */
    {"\xc1\xbf", 0, 0},         /* overlong */
    {"\xe0\x9f\xbf", 0, 0},     /* overlong */
    {"\xf0\x8f\xbf\xbf", 0, 0}, /* overlong */
    {"\xed\xa0\x80", 0, 0},     /* surrogate */
    {"\xed\xbf\xbf", 0, 0},     /* surrogate */
    {"\xf4\x90\x80\x80", 0, 0}, /* above U+10FFFF */
    {"\xf5\x80\x80\x80", 0, 0},
    {"\xff", 0, 0},
    {"\xe2\x82", 0, 0}, /* cut */
    {"\xf0\x9f\x98", 0, 0},
    {"\xe2\x28\xa1", 0, 0}, /* no continuation */
    {"", 0, 0},
};

static void utf8_sequences_are_told_from_lookalikes(void)
{
    for (size_t i = 0; i < COUNT(sequences); i++) {
        uint32_t code = 0;
        size_t len = strlen(sequences[i].bytes);
        ck_assert_uint_eq(text_utf8_decode(sequences[i].bytes, len, &code), sequences[i].length);
        ck_assert_uint_eq(code, sequences[i].code);
        ck_assert_int_eq(text_utf8_valid(sequences[i].bytes, len), sequences[i].length == len);
    }
    ck_assert_uint_eq(text_utf8_decode("\0", 1, NULL), 1);
}

static void every_code_point_is_decoded_and_surrogates_are_not(void)
{
    int wrong = 0;
    for (uint32_t code = 0x800; code <= 0xffff; code++) {
        const char s[] = {
            (char)(0xe0 | code >> 12), (char)(0x80 | (code >> 6 & 0x3f)), (char)(0x80 | (code & 0x3f))};
        uint32_t got = 0;
        bool surrogate = code >= 0xd800 && code <= 0xdfff;
        size_t len = text_utf8_decode(s, 3, &got);
        wrong += surrogate ? len != 0 : len != 3 || got != code;
    }
    ck_assert_int_eq(wrong, 0);
}

static void a_cut_never_divides_a_character(void)
{
    const char text[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z"; /* 1 + 2 + 3 + 4 + 1 bytes */
    const size_t cuts[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
    for (size_t max = 0; max < COUNT(cuts); max++) {
        size_t cut = text_utf8_cut(text, strlen(text), max);
        ck_assert_uint_eq(cut, cuts[max]);
        ck_assert(text_utf8_valid(text, cut));
    }
}

static void a_cut_through_rubbish_keeps_what_was_asked(void)
{
    ck_assert_uint_eq(text_utf8_cut("\x80\x80\x80\x80\x80\x80\x80\x80", 8, 6), 6);
}

static void patterns_match_like_those_of_a_shell(void)
{
    static const struct {
        const char *pattern, *name;
        bool matches;
    } cases[] = {
        {"*", "", true},
        {"*", "anything", true},
        {"", "", true},
        {"", "a", false},
        {"chat.*", "chat.short", true},
        {"chat.*", "chats", false},
        {"CHAT.s?ort", "chat.Short", true},
        {"?", "", false},
        {"*ab*ab*", "xababx", true},
        {"*ab*ab*", "xabx", false},
        {"a*b*c", "a123b456c", true},
        {"a*b*c", "a123b456", false},
        {"a**c", "ac", true},
        {"*short", "short.short", true},
        {"[a]", "a", false},
        {"[a]", "[a]", true},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_msg(text_match(cases[i].pattern, cases[i].name) == cases[i].matches, "%s against %s",
            cases[i].pattern, cases[i].name);
}

static void a_pattern_of_many_stars_does_not_explode(void)
{
    char name[4096];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    ck_assert(!text_match("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", name));
}

static void distances_count_edits_and_swaps(void)
{
    static const struct {
        const char *a, *b;
        size_t distance;
    } cases[] = {{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "ABC", 0}, {"abc", "acb", 1},
        {"abc", "abd", 1}, {"abc", "ab", 1}, {"kitten", "sitting", 3}, {"ca", "abc", 3},
        {"verbsoe", "verbose", 1}, {"a", "b", 1}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        ck_assert_uint_eq(text_distance(cases[i].a, cases[i].b), cases[i].distance);
        ck_assert_uint_eq(text_distance(cases[i].b, cases[i].a), cases[i].distance);
    }
    char longer[80];
    memset(longer, 'x', 79);
    longer[79] = '\0';
    ck_assert_uint_eq(text_distance(longer, "x"), 79);
}

static void only_near_names_are_suggested(void)
{
    static const struct {
        const char *asked, *known;
        bool near;
    } cases[] = {{"verbos", "verbose", true}, {"modle", "model", true}, {"scen", "scenario", true},
        {"port", "model", false}, {"x", "y", true}, {"xy", "port", false}, {"runn", "run", true},
        {"validat", "validate", true}, {"list", "load", false}, {"", "run", false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t distance;
        ck_assert_msg(text_is_near(cases[i].asked, cases[i].known, &distance) == cases[i].near, "%s for %s",
            cases[i].known, cases[i].asked);
    }
}

/* The vectors of the FNV authors. */
static void the_hash_is_fnv_1a(void)
{
    ck_assert_uint_eq(text_hash("", 0), UINT64_C(0xcbf29ce484222325));
    ck_assert_uint_eq(text_hash("a", 1), UINT64_C(0xaf63dc4c8601ec8c));
    ck_assert_uint_eq(text_hash("foobar", 6), UINT64_C(0x85944171f73967e8));
}

static void a_hexadecimal_digit_has_its_value_and_nothing_else_has_one(void)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    int sum = 0;
    for (int byte = 0; byte < 256; byte++)
        if (byte == 0 || strchr(digits, byte) == NULL)
            ck_assert_int_eq(text_hex_digit((char)byte), -1);
    for (const char *d = digits; *d; d++)
        sum += text_hex_digit(*d);
    ck_assert_int_eq(sum, 45 + 75 + 75);
    ck_assert_int_eq(text_hex_digit('f'), 15);
    ck_assert_int_eq(text_hex_digit('A'), 10);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(utf8_sequences_are_told_from_lookalikes),
        TESTKIT_TEST(every_code_point_is_decoded_and_surrogates_are_not),
        TESTKIT_TEST(a_cut_never_divides_a_character),
        TESTKIT_TEST(a_cut_through_rubbish_keeps_what_was_asked),
        TESTKIT_TEST(patterns_match_like_those_of_a_shell),
        TESTKIT_TEST(a_pattern_of_many_stars_does_not_explode),
        TESTKIT_TEST(distances_count_edits_and_swaps),
        TESTKIT_TEST(only_near_names_are_suggested),
        TESTKIT_TEST(the_hash_is_fnv_1a),
        TESTKIT_TEST(a_hexadecimal_digit_has_its_value_and_nothing_else_has_one),
        {0},
    };
    return testkit_run("text", tests);
}
