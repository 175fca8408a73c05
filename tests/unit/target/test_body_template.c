#include "body_template.h"

#include "openai_adapt.h"
#include "openai_bodies.h"
#include "rng.h"
#include "testkit.h"

#include <math.h>
#include <string.h>

static int written; /* in full */

static enum status write_in_full(
    const struct body_way *way, const struct target_request *r, struct openai_body *body, struct error *e)
{
    written++;
    enum status s = r->task == TASK_CHAT ? openai_write_chat(way->kind, r, body, e)
                                         : openai_write_completion(way->kind, r, body, e);
    return s == STATUS_OK && way->adapted ? openai_adapt_body(&body->bytes, way->adapted) : s;
}

#define PICK(rng, list) (list)[rng_below(rng, sizeof(list) / sizeof *(list))]

static const char *const texts[] = {"", "one two", "a \"quoted\" \\ line\n\ttab \x01", "\xc3\xa9t\xc3\xa9",
    "broken \xff utf-8", "[{\"role\":\"user\",\"content\":\"x\"}]", "7301846250917",
    "the text of the request 4bd1c6f0"};
static const char *const models[] = {"m", "m", "m", "org/other:7b", "a \"b\"", NULL};
static const char *const extras[] = {NULL, NULL, NULL, "{\"min_p\":0.1}", "{\"max_tokens\":5}",
    "{\"messages\":[],\"prompt\":\"\"}", "{\"note\":\"the text of the request 4bd1c6f0\"}",
    "{\"n\":7301846250917}", "{\"stream\":false}", "[]"};
static const int64_t limits[] = {0, 1, 16, 100000, INT64_MAX};
static const double temperatures[] = {0, 0, 0, -1, 0.7, NAN};

/* A few messages, and now and then one that is not plain. */
static size_t draw_messages(struct rng *rng, struct chat_message *messages)
{
    static const char *const roles[] = {"user", "assistant", "system"};
    size_t count = 1 + rng_below(rng, 3);
    for (size_t i = 0; i < count; i++)
        messages[i] = (struct chat_message){.role = PICK(rng, roles), .content = PICK(rng, texts)};
    if (rng_below(rng, 30) == 0)
        messages[0].tool_call_id = "call-1";
    if (rng_below(rng, 30) == 0)
        messages[0].content = NULL;
    return count;
}

static struct target_request draw(struct rng *rng, struct chat_message *messages)
{
    struct engine_options engine = {.ignore_eos = rng_below(rng, 4) ? CHOICE_LEAVE : CHOICE_YES,
        .more_json = rng_below(rng, 6) ? NULL : "{\"top_k\":1}"};
    struct target_request r = {.task = rng_below(rng, 3) ? TASK_CHAT : TASK_COMPLETION};
    if (r.task == TASK_CHAT)
        r.chat = (struct chat_request){.model = PICK(rng, models),
            .messages = messages,
            .message_count = draw_messages(rng, messages),
            .seed = -1,
            .stream = rng_below(rng, 2),
            .want_usage = true,
            .engine = engine,
            .schema_json = rng_below(rng, 20) ? NULL : "{}",
            .extra_json = PICK(rng, extras),
            .temperature = PICK(rng, temperatures)};
    else
        r.completion = (struct completion_request){.model = PICK(rng, models),
            .prompt = PICK(rng, texts),
            .seed = -1,
            .stream = rng_below(rng, 2),
            .engine = engine,
            .extra_json = PICK(rng, extras),
            .temperature = PICK(rng, temperatures)};
    return r;
}

static void check_same(
    struct body_template *template, const struct body_way *way, const struct target_request *r)
{
    struct openai_body full = {.bytes = BUF_INIT(1 << 20)}, fast = {.bytes = BUF_INIT(1 << 20)};
    struct error full_why = {0}, fast_why = {0};
    enum status expected = write_in_full(way, r, &full, &full_why);
    enum status got = body_template_write(template, way, r, write_in_full, &fast, &fast_why);
    ck_assert_int_eq(got, expected);
    ck_assert_str_eq(fast_why.text, full_why.text);
    if (expected == STATUS_OK) {
        ck_assert_str_eq(buf_text(&fast.bytes), buf_text(&full.bytes));
        ck_assert_uint_eq(fast.bytes.len, full.bytes.len);
        ck_assert(fast.streamed == full.streamed);
    }
    buf_fini(&full.bytes);
    buf_fini(&fast.bytes);
}

/* Several in a row that differ in text and length alone, then others. */
static void every_body_is_the_one_that_is_written_in_full(void)
{
    struct body_template template = {0};
    struct rng rng;
    rng_seed(&rng, 11);
    for (int round = 0; round < 4000; round++) {
        struct chat_message messages[3];
        struct body_way way = {.kind = rng_below(&rng, 2) ? server_kind_of("llama.cpp") : NULL,
            .adapted = (unsigned)rng_below(&rng, 5) == 0 ? 3 : 0};
        struct target_request r = draw(&rng, messages);
        for (int again = 0; again < 3; again++) {
            *(r.task == TASK_CHAT ? &r.chat.max_tokens : &r.completion.max_tokens) = PICK(&rng, limits);
            check_same(&template, &way, &r);
            if (r.task == TASK_CHAT)
                r.chat.message_count = draw_messages(&rng, messages);
            else
                r.completion.prompt = PICK(&rng, texts);
        }
    }
    body_template_fini(&template);
}

static struct target_request chat_of(const struct chat_message *message, const char *extra_json)
{
    return (struct target_request){.task = TASK_CHAT,
        .chat = {.model = "m",
            .messages = message,
            .message_count = 1,
            .max_tokens = 5,
            .seed = -1,
            .extra_json = extra_json}};
}

static int full_writes(const char *extra_json, int requests)
{
    const struct chat_message message = {.role = "user", .content = "hello"};
    struct target_request r = chat_of(&message, extra_json);
    struct body_template template = {0};
    struct body_way way = {0};
    struct error why = {0};
    written = 0;
    for (int i = 0; i < requests; i++) {
        struct openai_body body = {.bytes = BUF_INIT(1 << 20)};
        r.chat.max_tokens = 1 + i;
        ck_assert_int_eq(body_template_write(&template, &way, &r, write_in_full, &body, &why), STATUS_OK);
        buf_fini(&body.bytes);
    }
    body_template_fini(&template);
    return written;
}

static void the_third_alike_is_not_written_any_more(void)
{
    ck_assert_int_eq(full_writes(NULL, 1), 1);
    ck_assert_int_eq(full_writes(NULL, 50), 2);
    ck_assert_int_eq(full_writes("{\"min_p\":0.1}", 50), 2);
}

static void where_a_mark_is_not_found_all_are_written(void)
{
    ck_assert_int_eq(full_writes("{\"max_tokens\":7}", 50), 51);
    ck_assert_int_eq(full_writes("{\"messages\":[]}", 50), 51);
    ck_assert_int_eq(full_writes("{\"x\":\"the text of the request 4bd1c6f0\"}", 50), 51);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(every_body_is_the_one_that_is_written_in_full),
        TESTKIT_TEST(the_third_alike_is_not_written_any_more),
        TESTKIT_TEST(where_a_mark_is_not_found_all_are_written),
        {0},
    };
    return testkit_run("body_template", tests);
}
