#include "server_facts.h"

#include "testkit.h"

#include "json.h"

#include <stdio.h>
#include <string.h>

static struct run_folder open_folder(void)
{
    struct run_folder folder;
    struct error why = {0};
    ck_assert_msg(run_folder_create(testkit_tmp_path("runs"), "box", 1, &folder, &why) == STATUS_OK, "%s",
        error_text(&why));
    return folder;
}

static struct json_object *record_of(const struct server_facts *facts)
{
    static const char text[] =
        "{\"target\":{\"name\":\"box\",\"server_version\":\"1\"},\"identity\":{\"subject\":{}},"
        "\"timeline\":[{\"event\":\"first_request\",\"t_s\":1.5}],"
        "\"system_health\":{\"verdict\":\"clean\",\"quality_flags\":[\"clean\"],\"sensors\":{}}}";
    struct json_object *record = NULL;
    ck_assert_int_eq(json_parse(text, sizeof text - 1, &record, NULL), STATUS_OK);
    ck_assert(server_facts_into_record(facts, 0, record));
    return record;
}

static const struct {
    const char *name;
    struct server_identity before;
    struct server_history history; /* no first: nobody in sight */
    const char *version, *reason;  /* NULL: no restart */
    double restarts;
    bool restarted; /* as server_process says */
} stories[] = {
    {"the first test", {{0, 0}, "1"}, {{7, 1}, {7, 1}, 0}, "1", NULL, 0, false},
    {"the same", {{7, 1}, "1"}, {{7, 1}, {7, 1}, 0}, "1", NULL, 0, false},
    {"another process", {{7, 1}, "1"}, {{8, 5}, {8, 5}, 0}, "1",
        "since the run's test before this one the server is "
        "another process: 7, now 8",
        1, true},
    {"the number again", {{7, 1}, "1"}, {{7, 5}, {7, 5}, 0}, "1",
        "since the run's test before this one the server is "
        "another process: 7, now 7",
        1, true},
    {"in mid-test", {{7, 1}, "1"}, {{7, 1}, {9, 6}, 2}, "1",
        "the server's process 7 ended in mid-test, and 9 took its "
        "place",
        2, true},
    {"both, with another version", {{6, 1}, "1"}, {{7, 2}, {8, 3}, 1}, "2",
        "the server's process 7 ended in "
        "mid-test, and 8 took its place",
        2, true},
    {"far away, another version", {{0, 0}, "1"}, {{0, 0}, {0, 0}, 0}, "2",
        "since the run's test before this one the "
        "server's version is another: 1, now 2",
        1, false},
    {"far away, the same", {{0, 0}, "1"}, {{0, 0}, {0, 0}, 0}, "1", NULL, 0, false},
    {"one that tells no version", {{7, 1}, ""}, {{7, 1}, {7, 1}, 0}, "", NULL, 0, false},
    {"one that told it before", {{7, 1}, "1"}, {{7, 1}, {7, 1}, 0}, "", NULL, 0, false},
};

static void a_restart_is_another_process_or_another_version(void)
{
    struct window window = {.samples = 2};
    for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++) {
        struct server_facts facts = {
            .window = &window, .history = &stories[i].history, .before = stories[i].before};
        bool restarted = false;
        double restarts = -1;
        snprintf(facts.version, sizeof facts.version, "%s", stories[i].version);
        struct json_object *record = record_of(&facts);
        const char *reason = json_get_text(record, "/system_health/sensors/server_restarts/reason");
        ck_assert_msg((reason == NULL) == (stories[i].reason == NULL) &&
                          (!reason || strcmp(reason, stories[i].reason) == 0),
            "%s: %s", stories[i].name, reason ? reason : "");
        ck_assert(json_get_real(record, "/system_health/sensors/server_restarts/value", &restarts));
        ck_assert_msg(restarts == stories[i].restarts, "%s: %g", stories[i].name, restarts);
        (void)json_get_bool(record, "/server_process/restarted", &restarted);
        ck_assert_msg(restarted == stories[i].restarted, "%s", stories[i].name);
        ck_assert_msg((json_get(record, "/server_process") != NULL) == (stories[i].history.last.pid != 0),
            "%s", stories[i].name);
        json_object_put(record);
    }
}

static void the_version_in_the_record_is_that_of_the_test(void)
{
    struct server_facts facts = {.before = {.version = "1"}, .version = "2"};
    struct json_object *record = record_of(&facts);
    ck_assert_str_eq(json_get_text(record, "/target/server_version"), "2");
    ck_assert_str_eq(json_get_text(record, "/identity/subject/server_version"), "2");
    json_object_put(record);
}

static void what_was_noticed_stands_in_the_timeline_in_order(void)
{
    static const char *const events[] = {"server_gone", "first_request", "server_back"};
    struct window window = {.samples = 2};
    struct server_history history = {
        {7, 1}, {8, 2}, 1, .gone_ns = 1000000000, .back_ns = INT64_C(2000000000)};
    struct server_facts facts = {.window = &window, .history = &history};
    struct json_object *record = record_of(&facts), *timeline = json_get_array(record, "/timeline");
    ck_assert_uint_eq(json_object_array_length(timeline), 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_str_eq(json_get_text(json_object_array_get_idx(timeline, i), "/event"), events[i]);
    json_object_put(record);
}

/* From test to test of a run, each target for itself; an unknown version does not forget the known. */
static void what_a_test_leaves_the_next_one_finds(void)
{
    struct run_folder folder = open_folder();
    struct server_history here = {{7, 1}, {8, 2}, 1}, nowhere = {{0}, {0}, 0};
    struct server_facts one = {.history = &here, .version = "1"}, two = {.history = &nowhere, .version = "5"};
    struct server_identity found = {{0}, "planned"};
    server_recall(&folder, "one", &found);
    ck_assert_str_eq(found.version, "planned");
    server_remember(&folder, "one", &one);
    server_remember(&folder, "two", &two);
    server_recall(&folder, "one", &found);
    ck_assert_int_eq(found.process.pid, 8);
    ck_assert_uint_eq(found.process.start_ticks, 2);
    ck_assert_str_eq(found.version, "1");
    one = (struct server_facts){.history = &nowhere, .before = found};
    server_remember(&folder, "one", &one);
    found = (struct server_identity){0};
    server_recall(&folder, "one", &found);
    ck_assert_int_eq(found.process.pid, 8);
    ck_assert_str_eq(found.version, "1");
    run_folder_fini(&folder);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_restart_is_another_process_or_another_version),
        TESTKIT_TEST(the_version_in_the_record_is_that_of_the_test),
        TESTKIT_TEST(what_was_noticed_stands_in_the_timeline_in_order),
        TESTKIT_TEST(what_a_test_leaves_the_next_one_finds),
        {0},
    };
    return testkit_run("server_facts", tests);
}
