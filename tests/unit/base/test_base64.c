#include "base64.h"

#include "testkit.h"

#include <string.h>

static void the_standards_own_examples_hold_both_ways(void)
{
    static const struct {
        const char *plain, *coded;
    } pairs[] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}, {"\xff\xfe\xfd", "//79"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct buf coded = BUF_INIT(64), plain = BUF_INIT(64);
        base64_encode(&coded, pairs[i].plain, strlen(pairs[i].plain));
        ck_assert_str_eq(buf_text(&coded), pairs[i].coded);
        ck_assert(base64_decode(&plain, pairs[i].coded, strlen(pairs[i].coded)));
        ck_assert_str_eq(buf_text(&plain), pairs[i].plain);
        buf_fini(&coded);
        buf_fini(&plain);
    }
}

static bool decodes(const char *text)
{
    struct buf out = BUF_INIT(64);
    bool ok = base64_decode(&out, text, strlen(text));
    buf_fini(&out);
    return ok;
}

static void what_is_not_base64_is_refused(void)
{
    static const char *const wrong[] = {"Z", "Zm9vY", "Zm9=v", "====", "Zg=", "Zm9v!", "Zm9v-_8", "\xc3\xa4"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert_msg(!decodes(wrong[i]), "%s", wrong[i]);
    ck_assert(decodes("Zm9v\nYmFy\r\n"));
    ck_assert_msg(decodes("Zg"), "padding may be missing");
}

static void a_result_beyond_the_limit_is_refused(void)
{
    struct buf out = BUF_INIT(2);
    ck_assert(!base64_decode(&out, "Zm9v", 4));
    buf_fini(&out);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(the_standards_own_examples_hold_both_ways),
        TESTKIT_TEST(what_is_not_base64_is_refused),
        TESTKIT_TEST(a_result_beyond_the_limit_is_refused),
        {0},
    };
    return testkit_run("base64", tests);
}
