#include "json_again.h"

#include "rng.h"
#include "testkit.h"

#include <stdio.h>
#include <string.h>

/* The one that was read before, and the next: is it found again? */
static const struct {
    const char *before, *next;
    bool again;
} pairs[] = {
    {"{\"a\":\"x\",\"n\":1}", "{\"a\":\"longer text\",\"n\":234567}", true},
    {"{\"a\":\"x\",\"n\":1}", "{\"a\":\"\",\"n\":0}", false},
    {"{\"a\":\"\",\"n\":1}", "{\"a\":\"y\",\"n\":1}", false},
    {"{\"a\":\"\",\"n\":1}", "{\"a\":\"\",\"n\":10}", true},
    {"{\"a\": [1, 2.5, {\"b\": \"c\"}, []], \"d\": {}}", "{\"a\": [7, 0.25, {\"b\": \"!\"}, []], \"d\": {}}",
        true},
    {"[\"a\"] ", "[\"b\"] ", true},
    {"{\"a\":\"x\"}", "{\"b\":\"x\"}", false},
    {"{\"a\":\"x\"}", "{\"a\":\"x\" }", false},
    {"{\"a\":\"x\"}", "{\"a\":\"\\u0041\"}", false},
    {"{\"a\":\"x\"}", "{\"a\":\"\xc3\xa9\"}", false},
    {"{\"a\":\"x\"}", "{\"a\":\"tab\there\"}", false},
    {"{\"a\":\"x\"}", "{\"a\":\"x\",\"b\":1}", false},
    {"{\"a\":\"x\"}", "{\"a\":\"x", false},
    {"{\"a\":\"x\"}", "{\"a\":null}", false},
    {"{\"a\":1}", "{\"a\":\"1\"}", false},
    {"{\"a\":1}", "{\"a\":1.5}", false},
    {"{\"a\":1}", "{\"a\":1e5}", false},
    {"{\"a\":1}", "{\"a\":-1}", false},
    {"{\"a\":1}", "{\"a\":01}", false},
    {"{\"a\":1}", "{\"a\":12345678901234567890}", false},
    {"{\"a\":1}", "{\"a\":}", false},
    {"{\"a\":1.5}", "{\"a\":2}", false},
    {"{\"a\":1.5}", "{\"a\":2.}", false},
    {"{\"a\":1.5}", "{\"a\":2.5e1}", false},
    {"{\"a\":1.5e3}", "{\"a\":2.5e3}", false},
    {"{\"a\":1e3}", "{\"a\":2e3}", false},
    {"{\"a\":-1}", "{\"a\":-2}", false},
    {"{\"a\":true}", "{\"a\":null}", false},
    {"\"a\"", "\"b\"", false},
    {"1", "2", false},
};

static void check_same(struct json_again *again, const char *text, size_t len)
{
    struct json_object *full = NULL, *fast = NULL;
    struct error full_why = {0}, fast_why = {0};
    enum status expected = json_parse(text, len, &full, &full_why);
    ck_assert_int_eq(json_again_parse(again, text, len, &fast, &fast_why), expected);
    ck_assert_str_eq(error_text(&fast_why), error_text(&full_why));
    ck_assert_msg(json_deep_equal(full, fast), "%s", text);
    json_object_put(full);
    json_object_put(fast);
}

static void what_differs_in_simple_values_alone_is_found_again(void)
{
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct json_again again = {0};
        check_same(&again, pairs[i].before, strlen(pairs[i].before));
        int remembered = again.count;
        check_same(&again, pairs[i].next, strlen(pairs[i].next));
        ck_assert_msg((remembered == 1 && again.misses == 0) == pairs[i].again, "%s", pairs[i].next);
        check_same(&again, pairs[i].before, strlen(pairs[i].before));
        check_same(&again, pairs[i].before, strlen(pairs[i].before));
        json_again_fini(&again);
    }
}

static const char *const forms[] = {
    "{\"id\":\"#\",\"created\":%,\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
    "\"#\"},"
    "\"finish_reason\":\"#\"}],\"usage\":{\"prompt_tokens\":%,\"completion_tokens\":%}}",
    "{\"id\":\"#\",\"choices\":[{\"index\":%,\"delta\":{\"content\":\"#\"},\"finish_reason\":null}]}",
    "{\"id\":\"#\",\"choices\":[],\"timings\":{\"a\":%,\"b\":%,\"c\":[%,%,\"#\"]}}",
    "{\"error\":\"#\"}",
    " [ \"#\" , % , { } , [ ] , true , null , \"#\" ] ",
    "{\"#\":%}",
};
static const char *const strings[] = {
    "", "a", "word", "two words", "<think>", "\\n", "\\\"", "\xc3\xa9", "\xff", "\t", "\"", "#%"};
static const char *const numbers[] = {"0", "1", "17", "123456789012345", "1234567890123456", "0.5", "12.25",
    "1.0", "-3", "1e3", "1.5e-3", "01", "1.", "null", "0.1234567890123456789", ""};

static void write_form(struct rng *rng, struct buf *out)
{
    const char *form = forms[rng_below(rng, sizeof forms / sizeof *forms)];
    bool usual = rng_below(rng, 3) != 0; /* simple values: found again */
    buf_clear(out);
    for (; *form; form++)
        if (*form == '#')
            buf_append_text(out, strings[rng_below(rng, usual ? 5 : sizeof strings / sizeof *strings)]);
        else if (*form == '%')
            buf_append_text(out, numbers[rng_below(rng, usual ? 4 : sizeof numbers / sizeof *numbers)]);
        else
            buf_append_char(out, *form);
    ck_assert_int_eq(buf_status(out), STATUS_OK);
}

static void nothing_is_parsed_otherwise_than_in_full(void)
{
    struct rng rng;
    struct buf text = BUF_INIT(1 << 16);
    rng_seed(&rng, 5);
    for (int round = 0; round < 100; round++) {
        struct json_again again = {0};
        for (int i = 0; i < 200; i++) {
            write_form(&rng, &text);
            check_same(&again, text.data, text.len);
        }
        json_again_fini(&again);
    }
    buf_fini(&text);
}

static void what_is_never_found_again_is_not_remembered_for_ever(void)
{
    struct json_again again = {0};
    char text[64];
    for (int i = 0; i < 500; i++) {
        snprintf(text, sizeof text, "{\"key%d\":\"x\"}", i);
        check_same(&again, text, strlen(text));
    }
    ck_assert_int_lt(again.misses, 100);
    ck_assert_int_eq(again.count, JSON_AGAIN_TEXTS);
    json_again_fini(&again);
}

static void without_a_memory_all_is_parsed(void)
{
    check_same(NULL, "{\"a\":1}", 7);
    check_same(NULL, "{\"a\":", 5);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(what_differs_in_simple_values_alone_is_found_again),
        TESTKIT_TEST(nothing_is_parsed_otherwise_than_in_full),
        TESTKIT_TEST(what_is_never_found_again_is_not_remembered_for_ever),
        TESTKIT_TEST(without_a_memory_all_is_parsed),
        {0},
    };
    return testkit_run("json_again", tests);
}
