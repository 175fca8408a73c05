#include "record.h"

#include "testkit.h"

#include "json.h"
#include "workload.h"

#include <stdlib.h>
#include <string.h>

static struct json_object *parse(const char *text)
{
    struct json_object *tree = NULL;
    struct error why = {0};
    ck_assert_msg(json_parse(text, strlen(text), &tree, &why) == STATUS_OK, "%s", error_text(&why));
    return tree;
}

static struct json_object *new_record(void)
{
    struct json_object *intent = parse(
        "{\"schema_version\":\"1.0.0\",\"run_id\":\"2026-11-20T234605Z-box-1f3a\",\"test\":\"a.b\",\"suite\":"
        "\"a\","
        "\"case\":\"a.b\",\"attempt\":2,\"start_unix_ns\":5,\"start_mono_ns\":7,\"supervisor\":{\"pid\":9},"
        "\"identity\":{\"workload\":\"0123456789012345678901234567890123456789012345678901234567890123\","
        "\"subject\":{}}}");
    struct json_object *record = record_new(intent);
    json_object_put(intent);
    ck_assert_ptr_ne(record, NULL);
    return record;
}

static struct json_object *passed_record(void)
{
    struct json_object *record = new_record();
    ck_assert(record_set_times(record, 1000000000, 3500000000, 2400000000) &&
              record_set_outcome(record, OUTCOME_PASSED, NULL) &&
              json_set(record, "phases", json_object_new_object()) &&
              json_set(record, "process", json_object_new_object()) &&
              json_set(record, "system_health", record_health_unknown()));
    return record;
}

static void a_record_takes_over_who_it_is_about_and_nothing_else(void)
{
    struct json_object *record = new_record();
    int64_t attempt = 0;
    ck_assert(json_get_int(record, "/attempt", &attempt) && attempt == 2);
    ck_assert_str_eq(json_get_text(record, "/test"), "a.b");
    ck_assert_ptr_eq(json_get(record, "/supervisor"), NULL);
    ck_assert_ptr_eq(json_get(record, "/start_mono_ns"), NULL);
    json_object_put(record);
}

static void a_whole_record_is_valid(void)
{
    struct json_object *record = passed_record();
    struct error why = {0};
    double duration = 0;
    ck_assert_msg(record_seal(&record, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_str_eq(json_get_text(record, "/timestamp"), "1970-01-01T00:00:03.500Z");
    ck_assert(json_get_real(record, "/duration", &duration) && duration == 2.4);
    json_object_put(record);
}

static void every_outcome_has_one_name(void)
{
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        enum outcome back = OUTCOME_COUNT;
        ck_assert(outcome_parse(outcome_name((enum outcome)i), &back));
        ck_assert_int_eq(back, i);
    }
    enum outcome untouched = OUTCOME_OOM;
    ck_assert(!outcome_parse("fine", &untouched) && untouched == OUTCOME_OOM);
}

static void an_invalid_record_becomes_harness_error_and_says_why(void)
{
    struct json_object *record = passed_record();
    struct error why = {0};
    ck_assert(json_set_int(record, "performance", 7) && json_set_text(record, "unheard_of", "x"));
    ck_assert_int_eq(record_seal(&record, &why), STATUS_INVALID);
    ck_assert_str_eq(json_get_text(record, "/outcome"), "harness_error");
    ck_assert_ptr_ne(strstr(json_get_text(record, "/message"), "of outcome passed did not fit"), NULL);
    ck_assert_ptr_eq(json_get(record, "/performance"), NULL);
    ck_assert_ptr_ne(json_get(record, "/duration"), NULL);
    ck_assert_int_eq(record_validate(record, NULL), STATUS_OK);
    json_object_put(record);
}

/* What an invalid part is must not matter: less and less of the record is taken over until it is sound. */
static void a_record_with_an_invalid_target_is_saved_without_it(void)
{
    struct json_object *record = passed_record();
    struct error why = {0};
    ck_assert(json_set_int(record, "target", 1));
    ck_assert_int_eq(record_seal(&record, &why), STATUS_INVALID);
    ck_assert_str_eq(json_get_text(record, "/outcome"), "harness_error");
    json_object_put(record);
}

static void hostile_text_is_made_safe_and_cut(void)
{
    struct json_object *record = passed_record();
    char *text = malloc(20000);
    struct error why = {0};
    memset(text, 'x', 19999);
    memcpy(text, "\x1b[31mred\xff\x01", 10);
    text[19999] = '\0';
    ck_assert(record_set_outcome(record, OUTCOME_FAILED, text) && record_set_note(record, "said", text));
    ck_assert_msg(record_seal(&record, &why) == STATUS_OK, "%s", error_text(&why));
    const char *message = json_get_text(record, "/message");
    ck_assert_uint_le(strlen(message), RECORD_TEXT_MAX);
    ck_assert_ptr_eq(strchr(message, 0x1b), NULL);
    ck_assert(strncmp(message, "red\\xff\\x01", 11) == 0 || strncmp(message, "red\\xFF\\x01", 11) == 0);
    free(text);
    json_object_put(record);
}

static struct workload workload(void)
{
    return (struct workload){.case_id = "a.b", .case_version = 1, .host = "box"};
}

static void hash_of(const struct workload *w, char hex[65])
{
    ck_assert_int_eq(workload_hash(w, hex, NULL), STATUS_OK);
    ck_assert_uint_eq(strlen(hex), 64);
}

static void the_order_of_parameters_does_not_change_the_workload(void)
{
    struct workload w = workload();
    char one[65], two[65];
    struct json_object *a = parse("{\"x\":1,\"y\":[1,{\"b\":2,\"a\":1.5}],\"z\":null}");
    struct json_object *b = parse("{\"z\":null,\"y\":[1,{\"a\":1.5,\"b\":2}],\"x\":1}");
    w.parameters = a;
    hash_of(&w, one);
    w.parameters = b;
    hash_of(&w, two);
    ck_assert_str_eq(one, two);
    json_object_put(a);
    json_object_put(b);
}

static void whatever_must_be_equal_changes_the_workload(void)
{
    struct json_object *parameters = parse("{\"seed\":1}");
    struct workload variants[7];
    char hashes[7][65];
    for (size_t i = 0; i < 7; i++)
        variants[i] = workload();
    variants[1].case_id = "a.c";
    variants[2].case_version = 2;
    variants[3].host = "other";
    variants[4].simulated = true;
    variants[5].parameters = parameters;
    variants[6].suite = "theirs";
    for (size_t i = 0; i < 7; i++)
        hash_of(&variants[i], hashes[i]);
    for (size_t i = 0; i < 7; i++)
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(hashes[i], hashes[k]);
    json_object_put(parameters);
}

static void what_may_differ_is_named_but_not_hashed(void)
{
    struct workload w = workload();
    char hex[65];
    struct json_object *target = parse("{\"server\":\"llama.cpp\",\"server_version\":\"b1\"}");
    struct json_object *model = parse("{\"id\":\"m\",\"digest\":\"d\",\"quantization\":\"\"}");
    struct json_object *identity = workload_identity(&w, target, model, "0.1.0", "1.2");
    hash_of(&w, hex);
    ck_assert_str_eq(json_get_text(identity, "/workload"), hex);
    ck_assert_str_eq(json_get_text(identity, "/subject/server"), "llama.cpp");
    ck_assert_str_eq(json_get_text(identity, "/subject/model_digest"), "d");
    ck_assert_str_eq(json_get_text(identity, "/subject/suite_version"), "1.2");
    ck_assert_ptr_eq(json_get(identity, "/subject/quantization"), NULL);
    json_object_put(target);
    json_object_put(model);
    json_object_put(identity);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_record_takes_over_who_it_is_about_and_nothing_else),
        TESTKIT_TEST(a_whole_record_is_valid),
        TESTKIT_TEST(every_outcome_has_one_name),
        TESTKIT_TEST(an_invalid_record_becomes_harness_error_and_says_why),
        TESTKIT_TEST(a_record_with_an_invalid_target_is_saved_without_it),
        TESTKIT_TEST(hostile_text_is_made_safe_and_cut),
        TESTKIT_TEST(the_order_of_parameters_does_not_change_the_workload),
        TESTKIT_TEST(whatever_must_be_equal_changes_the_workload),
        TESTKIT_TEST(what_may_differ_is_named_but_not_hashed),
        {0},
    };
    return testkit_run("record", tests);
}
