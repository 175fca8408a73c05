/* Scenario files: what is refused and where, how they replace and select; and the heap that keeps the times.
 */
#include "sim_scenario.h"

#include "rng.h"
#include "sim_timer.h"
#include "testkit.h"

#include <string.h>

static void each_fault_of_a_file_is_named_with_its_place(void)
{
    static const struct {
        const char *json, *pointer, *text;
    } rows[] = {
        {"[]", "", "an object was expected"},
        {"{", "", "the text ends too early"},
        {"{}", "", "a scenario needs a name"},
        {"{\"name\":\"\"}", "", "a scenario needs a name"},
        {"{\"name\":7}", "/name", "a string was expected"},
        {"{\"name\":\"a\\u0000b\"}", "/name", "too long or contains a NUL"},
        {"{\"nome\":\"x\"}", "/nome", "there is no such member"},
        {"{\"name\":\"x\",\"ttft\":5}", "/ttft", "an object was expected"},
        {"{\"name\":\"x\",\"ttft\":{\"mean_s\":-1}}", "/ttft/mean_s", "a number between 0 and 86400"},
        {"{\"name\":\"x\",\"ttft\":{\"distribution\":\"flat\"}}", "/ttft/distribution",
            "one of: constant, normal, lognormal"},
        {"{\"name\":\"x\",\"ttft\":{\"distribution\":\"lognormal\"}}", "/ttft", "needs median_s above 0"},
        {"{\"name\":\"x\",\"gap\":{\"median_s\":1}}", "/gap", "belong to lognormal"},
        {"{\"name\":\"x\",\"gap\":{\"sd_s\":1}}", "/gap", "belongs to normal"},
        {"{\"name\":\"x\",\"tokens_per_event\":1.5}", "/tokens_per_event", "an integer between 1 and 10000"},
        {"{\"name\":\"x\",\"wire\":{\"done\":1}}", "/wire/done", "true or false was expected"},
        {"{\"name\":\"x\",\"answer\":{\"kind\":\"list\"}}", "/answer", "needs words"},
        {"{\"name\":\"x\",\"answer\":{\"words\":[]}}", "/answer/words", "a list of 1 to 100000 words"},
        {"{\"name\":\"x\",\"answer\":{\"words\":[\"\"]}}", "/answer/words", "a string that is not empty"},
        {"{\"name\":\"x\",\"faults\":{}}", "/faults", "at most 8 faults"},
        {"{\"name\":\"x\",\"faults\":[{\"status\":500}]}", "/faults/0", "must have a kind"},
        {"{\"name\":\"x\",\"faults\":[{\"kind\":\"stall\",\"probability\":2}]}", "/faults/0/probability",
            "a number between 0 and 1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sim_scenario scenario;
        struct error why = {0};
        enum status s = sim_scenario_parse(rows[i].json, strlen(rows[i].json), &scenario, &why);
        ck_assert_msg(s == STATUS_INVALID, "%s is taken", rows[i].json);
        ck_assert_str_eq(why.pointer, rows[i].pointer);
        ck_assert_msg(strstr(why.text, rows[i].text) != NULL, "%s: %s", rows[i].json, why.text);
    }
}

static void a_fault_has_a_line(void)
{
    static const char json[] = "{\"name\": \"x\",\n \"wire\": {\n  \"line_end\": \"nl\"}}";
    struct sim_scenario scenario;
    struct error why = {0};
    ck_assert_int_eq(sim_scenario_parse(json, strlen(json), &scenario, &why), STATUS_INVALID);
    ck_assert_int_eq(why.line, 3);
}

static void words_given_twice_are_a_fault_and_no_leak(void)
{
    static const char json[] = "{\"name\":\"x\",\"answer\":{\"words\":[\"a\"],\"words\":[\"b\"]}}";
    struct sim_scenario scenario;
    ck_assert_int_eq(sim_scenario_parse(json, strlen(json), &scenario, NULL), STATUS_INVALID);
}

static void a_file_replaces_the_built_in_of_its_name(void)
{
    const char *path = testkit_tmp_path("own.json");
    const char *const files[] = {path, NULL};
    static const char json[] = "{\"name\":\"sim-steady\",\"summary\":\"mine\"}";
    struct sim_catalog builtin, own;
    testkit_write(path, json, strlen(json));
    ck_assert_int_eq(sim_catalog_load(&builtin, NULL, NULL), STATUS_OK);
    ck_assert_int_eq(sim_catalog_load(&own, files, NULL), STATUS_OK);
    ck_assert_uint_eq(own.count, builtin.count);
    ck_assert_str_eq(sim_catalog_find(&own, "sim-steady")->summary, "mine");
    sim_catalog_fini(&builtin);
    sim_catalog_fini(&own);
}

static void selecting_keeps_the_order_that_was_asked_for(void)
{
    static const char *const names[] = {"sim-reset", "sim-crlf", "sim-steady", NULL};
    static const char *const unknown[] = {"sim-crlf", "sim-nothing", NULL};
    struct sim_catalog catalog;
    struct error why = {0};
    ck_assert_int_eq(sim_catalog_load(&catalog, NULL, NULL), STATUS_OK);
    ck_assert_int_eq(sim_catalog_select(&catalog, names, NULL), STATUS_OK);
    ck_assert_uint_eq(catalog.count, 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_str_eq(catalog.items[i].name, names[i]);
    ck_assert_int_eq(sim_catalog_select(&catalog, unknown, &why), STATUS_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(why.text, "\"sim-nothing\""));
    sim_catalog_fini(&catalog);
}

static void timers_come_out_in_order_whatever_was_done_to_them(void)
{
    enum { TIMERS = 500, CHANGES = 20000 };
    static struct sim_timer timers[TIMERS];
    struct sim_timers heap = {0};
    struct rng rng;
    rng_seed(&rng, 11);
    ck_assert_int_eq(sim_timers_reserve(&heap, TIMERS), STATUS_OK);
    for (int i = 0; i < CHANGES; i++) {
        struct sim_timer *timer = &timers[rng_below(&rng, TIMERS)];
        if (rng_below(&rng, 3) == 0)
            sim_timers_clear(&heap, timer);
        else
            sim_timers_set(&heap, timer, (int64_t)rng_below(&rng, 1000));
    }
    size_t set = 0;
    for (int i = 0; i < TIMERS; i++)
        set += timers[i].place > 0;
    ck_assert_uint_eq(heap.count, set);
    int64_t before_ns = 0;
    for (struct sim_timer *first; (first = sim_timers_first(&heap)); set--) {
        ck_assert_int_ge(first->due_ns, before_ns);
        before_ns = first->due_ns;
        sim_timers_clear(&heap, first);
    }
    ck_assert_uint_eq(set, 0);
    sim_timers_fini(&heap);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(each_fault_of_a_file_is_named_with_its_place),
        TESTKIT_TEST(a_fault_has_a_line),
        TESTKIT_TEST(words_given_twice_are_a_fault_and_no_leak),
        TESTKIT_TEST(a_file_replaces_the_built_in_of_its_name),
        TESTKIT_TEST(selecting_keeps_the_order_that_was_asked_for),
        TESTKIT_TEST(timers_come_out_in_order_whatever_was_done_to_them),
        {0},
    };
    return testkit_run("sim_scenario", tests);
}
