#include "settings.h"

#include "testkit.h"

#include "json.h"

#include <stdio.h>
#include <string.h>

/* What comes back of settings that went through run.json. */
static struct run_settings there_and_back(const struct run_settings *s)
{
    struct json_object *run = json_object_new_object();
    struct run_settings back = {.repeats = 99, .warmup = 99};
    ck_assert(
        json_set_int(run, "seed", (int64_t)s->seed) && json_set(run, "parameters", settings_to_json(s)));
    ck_assert_int_eq(settings_from_run_json(run, &back, NULL), STATUS_OK);
    json_object_put(run);
    return back;
}

static void settings_come_back_from_json_as_they_went(void)
{
    static const struct run_settings rows[] = {
        RUN_SETTINGS_DEFAULT,
        {.seed = (UINT64_C(1) << 53) - 1,
            .repeats = 1000,
            .max_tokens = 1000000,
            .temperature = 0.7,
            .max_retries = 3,
            .timeout_s = 1.5,
            .prompt_file = "prompt.txt",
            .prompt_set = "user-0123456789abcdef"},
        {.repeats = 1, .temperature = -1, .request_seed = -1, .prompt_set = "builtin-1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct run_settings back = there_and_back(&rows[i]);
        ck_assert_uint_eq(back.seed, rows[i].seed);
        ck_assert_int_eq(back.repeats, rows[i].repeats);
        ck_assert_int_eq(back.warmup, rows[i].warmup);
        ck_assert_int_eq(back.max_tokens, rows[i].max_tokens);
        ck_assert_double_eq_tol(back.temperature, rows[i].temperature, 1e-12);
        ck_assert_int_eq(back.request_seed, rows[i].request_seed);
        ck_assert_int_eq(back.max_retries, rows[i].max_retries);
        ck_assert_double_eq_tol(back.timeout_s, rows[i].timeout_s, 1e-12);
        ck_assert_str_eq(back.prompt_file, rows[i].prompt_file);
        ck_assert_str_eq(back.prompt_set, rows[i].prompt_set);
    }
}

static enum status read(const char *text, struct run_settings *s)
{
    struct json_object *run = NULL;
    ck_assert_int_eq(json_parse(text, strlen(text), &run, NULL), STATUS_OK);
    enum status status = settings_from_run_json(run, s, NULL);
    json_object_put(run);
    return status;
}

static void what_is_absent_keeps_its_default_and_a_seed_is_needed(void)
{
    struct run_settings s = RUN_SETTINGS_DEFAULT;
    ck_assert_int_eq(read("{\"seed\":5,\"parameters\":{}}", &s), STATUS_OK);
    ck_assert_int_eq(s.repeats, 10);
    ck_assert_int_eq(s.warmup, 1);
    ck_assert_str_eq(s.prompt_set, "builtin-1");
    ck_assert_double_lt(s.temperature, 0); /* left out of the requests of that run */
    ck_assert_int_eq(s.request_seed, -1);
    ck_assert_int_eq(read("{\"parameters\":{}}", &s), STATUS_INVALID);
    ck_assert_int_eq(read("{\"seed\":-1}", &s), STATUS_INVALID);
    ck_assert_int_eq(read("{\"seed\":\"5\"}", &s), STATUS_INVALID);
}

static void numbers_beyond_sense_change_nothing(void)
{
    struct run_settings s = RUN_SETTINGS_DEFAULT;
    ck_assert_int_eq(
        read("{\"seed\":5,\"parameters\":{\"repeats\":99999999999,\"warmup\":-3,\"max_retries\":\"x\"}}", &s),
        STATUS_OK);
    ck_assert_int_eq(s.repeats, 10);
    ck_assert_int_eq(s.warmup, 1);
    ck_assert_int_eq(s.max_retries, 0);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(settings_come_back_from_json_as_they_went),
        TESTKIT_TEST(what_is_absent_keeps_its_default_and_a_seed_is_needed),
        TESTKIT_TEST(numbers_beyond_sense_change_nothing),
        {0},
    };
    return testkit_run("settings", tests);
}
