#include "event_shape.h"

#include "exchange_json.h"
#include "openai_events.h"
#include "rng.h"
#include "testkit.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

static const char plain[] =
    "{\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a b\"},\"finish_reason\":null}]}";
static const char *const others[] = {
    "{\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"xyz!\"},\"finish_reason\":null}]}",
    "{\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":null}]}",
    "{\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\\n\"},\"finish_reason\":null}]}",
    "{\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\xc3\xa9\"},\"finish_reason\":null}]}",
    "{\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\",\"x\":1},\"finish_reason\":null}]}",
    "{\"id\":\"2\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":null}]}",
    "{\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}",
    "{\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\tb\"},\"finish_reason\":null}]}",
};

static void only_the_text_may_differ(void)
{
    struct event_shape shape = {0};
    const char *text = NULL;
    size_t len = 0;
    ck_assert(!event_shape_match(&shape, plain, strlen(plain), &text, &len));
    event_shape_learn(&shape, plain, strlen(plain), EVENT_ANSWER);
    ck_assert_uint_eq(shape.kind, EVENT_ANSWER);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        bool match = event_shape_match(&shape, others[i], strlen(others[i]), &text, &len);
        ck_assert_msg(match == (i == 0), "%s", others[i]);
    }
    ck_assert(event_shape_match(&shape, others[0], strlen(others[0]), &text, &len));
    ck_assert(len == 4 && memcmp(text, "xyz!", 4) == 0);
}

static void what_is_not_certain_is_not_learned(void)
{
    static const struct {
        const char *data;
        unsigned kind;
    } events[] = {
        {"{\"content\":\"a\",\"x\":{\"content\":\"b\"}}", EVENT_ANSWER},
        {"{\"content\":\"a\",\"reasoning\":\"b\"}", EVENT_ANSWER},
        {"{\"content\":\"a\"}", EVENT_REASONING},
        {"{\"content\":\"\"}", EVENT_ANSWER},
        {"{\"content\":null}", EVENT_ANSWER},
        {"{\"content\":\"a\\\\b\"}", EVENT_ANSWER},
        {"{\"x\":\"\\\"content\\\":\\\"a\\\"\"}", EVENT_ANSWER},
        {"{\"words\":\"a\"}", EVENT_ANSWER},
    };
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        struct event_shape shape = {0};
        event_shape_learn(&shape, events[i].data, strlen(events[i].data), events[i].kind);
        ck_assert_msg(!shape.kind, "%s", events[i].data);
    }
}

/* ---- the same streams, read with shapes and without ---- */

static const char *const pool[] = {plain, plain, plain,
    "{\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"<think>\"},\"finish_reason\":null}]}",
    "{\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"<\"},\"finish_reason\":null}]}",
    "{\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"</think>\"},\"finish_reason\":null}]}",
    "{\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" \"},\"finish_reason\":null}]}",
    "{\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\\n\xc3\xa9\"},\"finish_reason\":null}"
    "]}",
    "{\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":\"hm\"},\"finish_reason\":null}"
    "]}",
    "{\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":\"well\"},\"finish_reason\":"
    "null}]}",
    "{\"id\":\"1\",\"choices\":[{\"index\":0,\"text\":\"bare\",\"logprobs\":null}]}",
    "{\"id\":\"1\",\"choices\":[{\"index\":0,\"text\":\"words\",\"logprobs\":null}]}",
    "{\"id\":\"1\",\"choices\":[{\"index\":0,\"text\":\"a\",\"logprobs\":{\"tokens\":[\"a\"]}}]}",
    "{\"id\":\"1\",\"choices\":[{\"index\":1,\"delta\":{\"content\":\"other\"}}]}",
    "{\"id\":\"1\",\"choices\":[{\"index\":1,\"delta\":{\"content\":\"second\"}}]}",
    "{\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":[{\"type\":\"text\",\"text\":\"part\"}]}}"
    "]}",
    "{\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"u\"}}],\"usage\":{\"completion_"
    "tokens\":3}}",
    "{\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"v\"}}],\"usage\":{\"completion_"
    "tokens\":3}}",
    "{\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"function\":{\"name\":\"f\","
    "\"arguments\":\"{}\"}}]}}]}",
    "{\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}"};
enum { POOL = sizeof pool / sizeof *pool, EVENTS = 40 };

static struct json_again again; /* over all streams, as a target keeps it */

static void read_all(struct exchange *x, const size_t *picks, bool shapes)
{
    struct openai_answer a;
    exchange_init(x);
    openai_answer_init(&a, x);
    a.again = shapes ? &again : NULL;
    for (int i = 0; i < EVENTS; i++) {
        struct sse_event event = {
            .name = "", .data = pool[picks[i]], .len = strlen(pool[picks[i]]), .id = "", .t_ns = 1000 + i};
        if (!shapes)
            a.shape.kind = 0;
        if (!openai_answer_event(&a, &event))
            break;
    }
    openai_answer_end(&a, true);
}

static bool same(const struct exchange_event *a, const struct exchange_event *b)
{
    return a->t_ns == b->t_ns && a->kinds == b->kinds && a->text_bytes == b->text_bytes &&
           a->tokens == b->tokens;
}

static void nothing_is_read_otherwise_than_in_full(void)
{
    struct rng rng;
    rng_seed(&rng, 7);
    for (int round = 0; round < 3000; round++) {
        size_t picks[EVENTS];
        struct exchange fast, full;
        for (int i = 0; i < EVENTS; i++)
            picks[i] = rng_below(&rng, round % 3 ? POOL : 10);
        read_all(&fast, picks, true);
        read_all(&full, picks, false);
        ck_assert_int_eq(fast.error, full.error);
        ck_assert_uint_eq(fast.event_count, full.event_count);
        for (size_t i = 0; i < full.event_count; i++)
            ck_assert_msg(same(&fast.events[i], &full.events[i]), "round %d, event %zu", round, i);
        ck_assert_str_eq(buf_text(&fast.answer), buf_text(&full.answer));
        ck_assert_str_eq(buf_text(&fast.reasoning), buf_text(&full.reasoning));
        ck_assert_int_eq(fast.t_first_answer_ns, full.t_first_answer_ns);
        ck_assert_int_eq(fast.t_last_token_ns, full.t_last_token_ns);
        ck_assert_int_eq(fast.tokens.completion, full.tokens.completion);
        exchange_fini(&fast);
        exchange_fini(&full);
    }
    json_again_fini(&again);
}

/* ---- whole answers ---- */

static const char *const wholes[] = {
    ("{\"id\":\"%c1\",\"model\":\"m%c\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
     "\"content\":"
     "\"word %c\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":%d,\"completion_tokens\":%d}}"),
    ("{\"id\":\"%c1\",\"model\":\"%c\",\"choices\":[{\"text\":\"<think>%c</"
     "think>b\",\"finish_reason\":\"\"}],"
     "\"usage\":{\"prompt_tokens\":%d,\"completion_tokens\":1%d},\"timings\":{\"prompt_ms\":1.5,\"predicted_"
     "n\":2}}"),
    ("{\"id\":\"%c\",\"model\":\"%c\",\"choices\":[{\"message\":{\"reasoning\":\"%c\",\"content\":null,"
     "\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]}}],\"usage\":{\"a\":%d,\"b\":%d}}"),
    "{\"id\":\"%c\",\"object\":\"%c\",\"message\":\"%c\",\"choices\":[],\"n\":%d,\"m\":%d}",
    "{\"id\":\"%c\",\"x\":\"%c\",\"error\":{\"message\":\"no %c\"},\"n\":%d,\"m\":%d}",
};

static void read_whole(struct exchange *x, const char *body, struct json_again *memory)
{
    struct openai_answer a;
    exchange_init(x);
    openai_answer_init(&a, x);
    a.again = memory;
    openai_answer_whole(&a, body, strlen(body));
    openai_answer_end(&a, true);
}

static void a_whole_answer_says_the_same_where_one_like_it_came_before(void)
{
    struct json_again memory = {0};
    struct rng rng;
    char body[512];
    rng_seed(&rng, 3);
    for (int round = 0; round < 2000; round++) {
        struct exchange fast, full;
        snprintf(body, sizeof body, wholes[rng_below(&rng, sizeof wholes / sizeof *wholes)],
            'a' + (char)rng_below(&rng, 26), 'A' + (char)rng_below(&rng, 62), ' ' + (char)rng_below(&rng, 95),
            (int)rng_below(&rng, 3), (int)rng_below(&rng, 1000));
        read_whole(&fast, body, &memory);
        read_whole(&full, body, NULL);
        struct json_object *a = exchange_to_json(&fast), *b = exchange_to_json(&full);
        ck_assert_msg(json_deep_equal(a, b), "%s", body);
        ck_assert_str_eq(buf_text(&fast.answer), buf_text(&full.answer));
        ck_assert_str_eq(buf_text(&fast.reasoning), buf_text(&full.reasoning));
        ck_assert_str_eq(buf_text(&fast.tool_calls), buf_text(&full.tool_calls));
        ck_assert_str_eq(fast.model, full.model);
        ck_assert_str_eq(fast.error_text, full.error_text);
        ck_assert_int_eq(fast.tokens.completion, full.tokens.completion);
        ck_assert_int_eq(fast.tokens.prompt, full.tokens.prompt);
        json_object_put(a);
        json_object_put(b);
        exchange_fini(&fast);
        exchange_fini(&full);
    }
    ck_assert_int_lt(memory.misses, 8); /* most were like one before */
    json_again_fini(&memory);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(only_the_text_may_differ),
        TESTKIT_TEST(what_is_not_certain_is_not_learned),
        TESTKIT_TEST(nothing_is_read_otherwise_than_in_full),
        TESTKIT_TEST(a_whole_answer_says_the_same_where_one_like_it_came_before),
        {0},
    };
    return testkit_run("event_shape", tests);
}
