/* What finalising makes of spools in every state. */
#include "testkit.h"

#include "fault_cases.h"
#include "fault_run.h"
#include "fs.h"
#include "intent.h"
#include "spool.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const two[] = {"fault.passes", "fault.asserts", NULL};

static struct fault_run open_run(const char *const *cases)
{
    struct fault_run run;
    fault_run_open(&run, testkit_tmp_path("runs"), cases);
    return run;
}

static struct fault_run executed_run(const char *const *cases)
{
    struct fault_run run = open_run(cases);
    ck_assert_int_eq(fault_run_execute(&run), STATUS_OK);
    return run;
}

static const char *spooled(const struct fault_run *run, const char *test, int attempt, enum spool_kind kind)
{
    static char text[4096];
    struct buf path = BUF_INIT(sizeof text);
    ck_assert_int_eq(spool_path(&run->folder, test, attempt, kind, &path), STATUS_OK);
    memcpy(text, buf_text(&path), path.len + 1);
    buf_fini(&path);
    return text;
}

static const char *in_folder(const struct fault_run *run, const char *name)
{
    static char text[4096];
    struct buf path = BUF_INIT(sizeof text);
    ck_assert_int_eq(run_folder_path(&run->folder, name, &path), STATUS_OK);
    memcpy(text, buf_text(&path), path.len + 1);
    buf_fini(&path);
    return text;
}

/* An intent as that process would have written it. */
static void write_intent(const struct fault_run *run, const char *test, pid_t supervisor)
{
    struct planned t;
    ck_assert(planned_find(run->folder.run, test, &t));
    struct intent_spec spec = {.run = run->folder.run, .planned = &t, .attempt = 1, .start_unix_ns = 5};
    struct json_object *intent = intent_new(&spec);
    ck_assert(json_set_int(json_get_object(intent, "/supervisor"), "pid", supervisor));
    (void)json_object_object_del(json_get_object(intent, "/supervisor"), "start_ticks");
    ck_assert_int_eq(spool_write_intent(&run->folder, test, 1, intent, NULL), STATUS_OK);
    json_object_put(intent);
}

static void a_run_that_never_began_has_a_record_for_every_test(void)
{
    struct fault_run run = open_run(two);
    ck_assert_str_eq(fault_run_outcome(&run, "fault.passes"), "not_run");
    ck_assert_str_eq(fault_run_outcome(&run, "fault.asserts"), "not_run");
    ck_assert_ptr_ne(
        strstr(json_get_text(fault_run_record(&run, "fault.asserts", 1), "/message"), "before"), NULL);
    ck_assert_uint_eq(run.sum.counts[OUTCOME_NOT_RUN], 2);
    fault_run_close(&run);
}

static void a_copy_without_its_empty_folders_is_finalised_too(void)
{
    struct fault_run run = open_run(two);
    ck_assert_int_eq(rmdir(in_folder(&run, "spool")), 0);
    ck_assert_int_eq(rmdir(in_folder(&run, "logs")), 0);
    ck_assert_str_eq(fault_run_outcome(&run, "fault.passes"), "not_run");
    ck_assert_int_eq(rmdir(in_folder(&run, "spool")), 0); /* everything is there: nothing to be made */
    fault_run_finalise(&run);
    ck_assert_uint_eq(run.sum.records, 2);
    ck_assert(!fs_exists(in_folder(&run, "spool")));
    fault_run_close(&run);
}

static void records_stand_in_the_order_of_the_plan_and_the_spool_is_empty(void)
{
    struct fault_run run =
        executed_run((const char *const[]){"fault.skips", "fault.asserts", "fault.passes", NULL});
    struct json_object *ended = NULL;
    fault_run_finalise(&run);
    for (size_t i = 0; i < 3; i++) {
        struct planned t;
        ck_assert(planned_at(run.folder.run, i, &t));
        ck_assert_str_eq(json_get_text(json_object_array_get_idx(run.records, i), "/test"), t.test);
    }
    ck_assert_int_eq(rmdir(in_folder(&run, "spool")), 0);
    ck_assert_int_eq(json_read_file(in_folder(&run, "run.json"), &ended, NULL), STATUS_OK);
    ck_assert_str_eq(json_get_text(ended, "/ended"),
        json_get_text(fault_run_record(&run, "fault.passes", 1), "/timestamp"));
    json_object_put(ended);
    fault_run_close(&run);
}

static void an_intent_of_the_dead_is_lost_and_of_the_living_left_alone(void)
{
    struct fault_run run = open_run(two);
    struct finalised sum;
    struct error why = {0};
    pid_t living = fork();
    if (living == 0)
        for (;;)
            (void)pause();
    write_intent(&run, "fault.passes", living);
    ck_assert_int_eq(finalise_run(run.folder.path, &sum, &why), STATUS_BUSY);
    ck_assert_ptr_ne(strstr(error_text(&why), "fault.passes is being measured"), NULL);
    ck_assert(!fs_exists(in_folder(&run, "benchmark.jsonl")));
    ck_assert_int_eq(kill(living, SIGKILL), 0);
    ck_assert_int_eq(waitpid(living, NULL, 0), living);
    ck_assert_str_eq(fault_run_outcome(&run, "fault.passes"), "lost");
    ck_assert_str_eq(fault_run_outcome(&run, "fault.asserts"), "not_run");
    fault_run_close(&run);
}

static void a_result_that_cannot_be_read_is_kept_aside_and_its_test_lost(void)
{
    static const struct {
        const char *text, *reason;
    } bad[] = {
        {"{\"schema_version\":\"1.0.0\",\"run_", "result.json:1:"},
        {"", "value was expected"},
        {"{\"schema_version\":\"1.0.0\"}", "run_id"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct fault_run run = executed_run(two);
        testkit_write(spooled(&run, "fault.passes", 1, SPOOL_RESULT), bad[i].text, strlen(bad[i].text));
        fault_run_finalise(&run);
        struct json_object *record = fault_run_record(&run, "fault.passes", 1);
        ck_assert_str_eq(json_get_text(record, "/outcome"), "lost");
        ck_assert_ptr_ne(strstr(json_get_text(record, "/message"), "its result cannot be read"), NULL);
        ck_assert_str_eq(fault_run_outcome(&run, "fault.asserts"), "failed");
        ck_assert_uint_eq(run.sum.quarantined, 1);
        ck_assert(fs_exists(in_folder(&run, "spool/fault.passes.1.result.json.bad")));
        fault_run_close(&run);
    }
}

static void an_intent_that_cannot_be_read_still_names_its_test(void)
{
    struct fault_run run = open_run(two);
    testkit_write(spooled(&run, "fault.asserts", 1, SPOOL_INTENT), "{", 1);
    ck_assert_str_eq(fault_run_outcome(&run, "fault.asserts"), "lost");
    ck_assert_ptr_ne(
        strstr(json_get_text(fault_run_record(&run, "fault.asserts", 1), "/message"), "intent"), NULL);
    fault_run_close(&run);
}

static void a_result_that_was_synced_but_not_renamed_counts(void)
{
    struct fault_run run = executed_run(two);
    struct buf result = BUF_INIT(4096);
    ck_assert_int_eq(spool_path(&run.folder, "fault.asserts", 1, SPOOL_RESULT, &result), STATUS_OK);
    ck_assert_int_eq(rename(buf_text(&result), spooled(&run, "fault.asserts", 1, SPOOL_ROOM)), 0);
    ck_assert_int_eq(rename(spooled(&run, "fault.passes", 1, SPOOL_RESULT), buf_text(&result)), 0);
    ck_assert_int_eq(unlink(buf_text(&result)), 0);
    testkit_write(spooled(&run, "fault.passes", 1, SPOOL_ROOM), "\0\0\0\0", 4); /* room that nobody filled */
    ck_assert_str_eq(fault_run_outcome(&run, "fault.asserts"), "failed");
    ck_assert_str_eq(fault_run_outcome(&run, "fault.passes"), "lost");
    ck_assert_uint_eq(run.sum.quarantined, 0);
    buf_fini(&result);
    fault_run_close(&run);
}

static void a_result_of_another_run_does_not_slip_in(void)
{
    struct fault_run one = executed_run(two), other = open_run(two);
    struct buf text = testkit_read(spooled(&one, "fault.passes", 1, SPOOL_RESULT));
    testkit_write(spooled(&other, "fault.passes", 1, SPOOL_RESULT), buf_text(&text), text.len);
    ck_assert_str_eq(fault_run_outcome(&other, "fault.passes"), "lost");
    buf_fini(&text);
    fault_run_close(&one);
    fault_run_close(&other);
}

static void finalising_again_changes_nothing_and_needs_no_permission(void)
{
    struct fault_run run = executed_run(two);
    struct finalised sum;
    fault_run_finalise(&run);
    struct buf before = testkit_read(in_folder(&run, "benchmark.jsonl"));
    struct stat was, is;
    ck_assert_int_eq(stat(in_folder(&run, "benchmark.jsonl"), &was), 0);
    ck_assert_int_eq(finalise_run(run.folder.path, &sum, NULL), STATUS_OK);
    ck_assert_int_eq(stat(in_folder(&run, "benchmark.jsonl"), &is), 0);
    ck_assert(was.st_ino == is.st_ino);
    ck_assert_uint_eq(sum.records, 2);
    struct buf after = testkit_read(in_folder(&run, "benchmark.jsonl"));
    ck_assert(before.len == after.len && memcmp(before.data, after.data, after.len) == 0);
    buf_fini(&before);
    buf_fini(&after);
    fault_run_close(&run);
}

static bool only_asserts(void *arg, size_t index, const char *test)
{
    (void)arg;
    (void)index;
    return strcmp(test, "fault.asserts") == 0;
}

static void a_resumed_run_keeps_what_was_and_replaces_what_never_ran(void)
{
    struct fault_run run = open_run(two);
    run.options.wanted = only_asserts;
    ck_assert_int_eq(fault_run_execute(&run), STATUS_OK);
    ck_assert_uint_eq(run.done.left_out, 1);
    fault_run_finalise(&run);
    ck_assert_str_eq(fault_run_outcome(&run, "fault.passes"), "not_run");
    run.options.wanted = NULL;
    ck_assert_int_eq(fault_run_execute(&run), STATUS_OK);
    fault_run_finalise(&run);
    ck_assert_uint_eq(fault_run_record_count(&run), 3);
    ck_assert_str_eq(fault_run_outcome(&run, "fault.passes"), "passed");
    ck_assert_str_eq(json_get_text(fault_run_record(&run, "fault.asserts", 2), "/outcome"), "failed");
    fault_run_close(&run);
}

static bool only_passes(void *arg, size_t index, const char *test)
{
    (void)arg;
    (void)index;
    return strcmp(test, "fault.passes") == 0;
}

/* ctest runs tests in an order of its own: `ctest -j`, --schedule-random. */
static void samples_stand_in_the_order_of_time_whatever_the_plan_says(void)
{
    struct fault_run run = open_run((const char *const[]){"fault.asserts", "fault.passes", NULL});
    run.options.wanted = only_passes;
    ck_assert_int_eq(fault_run_execute(&run), STATUS_OK);
    run.options.wanted = only_asserts;
    ck_assert_int_eq(fault_run_execute(&run), STATUS_OK);
    fault_run_finalise(&run);
    ck_assert_str_eq(json_get_text(json_object_array_get_idx(run.records, 0), "/test"), "fault.asserts");
    struct buf merged = testkit_read(in_folder(&run, "samples.jsonl"));
    const char *first = strstr(merged.data, "fault.passes"), *second = strstr(merged.data, "fault.asserts");
    ck_assert(first != NULL && second != NULL && first < second);
    ck_assert_ptr_null(strstr(second, "fault.passes"));
    buf_fini(&merged);
    fault_run_close(&run);
}

static void a_broken_line_of_benchmark_jsonl_is_kept_aside(void)
{
    struct fault_run run = executed_run(two);
    fault_run_finalise(&run);
    struct buf text = testkit_read(in_folder(&run, "benchmark.jsonl"));
    testkit_write(in_folder(&run, "benchmark.jsonl"), buf_text(&text), text.len - 20);
    fault_run_finalise(&run);
    ck_assert_str_eq(fault_run_outcome(&run, "fault.passes"), "passed");
    ck_assert_str_eq(fault_run_outcome(&run, "fault.asserts"), "not_run");
    struct buf bad = testkit_read(in_folder(&run, "benchmark.jsonl.bad"));
    ck_assert_uint_eq(bad.len, text.len - 20);
    buf_fini(&bad);
    buf_fini(&text);
    fault_run_close(&run);
}

static void torn_lines_of_samples_are_left_out(void)
{
    struct fault_run run = executed_run(two);
    struct buf text = testkit_read(spooled(&run, "fault.passes", 1, SPOOL_SAMPLES));
    ck_assert_uint_gt(text.len, 50);
    testkit_write(spooled(&run, "fault.passes", 1, SPOOL_SAMPLES), buf_text(&text), text.len - 10);
    fault_run_finalise(&run);
    struct buf merged = testkit_read(in_folder(&run, "samples.jsonl"));
    ck_assert_int_eq(merged.data[merged.len - 1], '\n');
    for (char *at = merged.data, *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
        struct json_object *tree = NULL;
        ck_assert_int_eq(json_parse(at, (size_t)(end - at), &tree, NULL), STATUS_OK);
        ck_assert_ptr_ne(json_get_text(tree, "/test"), NULL);
        json_object_put(tree);
    }
    buf_fini(&text);
    buf_fini(&merged);
    fault_run_close(&run);
}

/* In this process, so that the leak checker sees a supervisor too. */
static void a_supervisor_leaves_nothing_but_its_result(void)
{
    struct fault_run run = open_run(two);
    struct supervised done;
    struct error why = {0};
    struct supervise_options o = {.folder = &run.folder, .suite = &fault_suite, .test = "fault.passes"};
    ck_assert_msg(supervise(&o, &done, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert(done.outcome == OUTCOME_PASSED && done.attempt == 1 && supervise_exit_code(done.outcome) == 0);
    o.test = "fault.asserts";
    ck_assert_int_eq(supervise(&o, &done, &why), STATUS_OK);
    ck_assert_int_eq(supervise_exit_code(done.outcome), 1);
    o.test = "fault.nowhere";
    ck_assert_int_eq(supervise(&o, &done, &why), STATUS_NOT_FOUND);
    ck_assert_int_eq(supervise_exit_code(OUTCOME_SKIPPED), 77);
    ck_assert_str_eq(fault_run_outcome(&run, "fault.asserts"), "failed");
    fault_run_close(&run);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_run_that_never_began_has_a_record_for_every_test),
        TESTKIT_TEST(a_copy_without_its_empty_folders_is_finalised_too),
        TESTKIT_TEST(records_stand_in_the_order_of_the_plan_and_the_spool_is_empty),
        TESTKIT_TEST(an_intent_of_the_dead_is_lost_and_of_the_living_left_alone),
        TESTKIT_TEST(a_result_that_cannot_be_read_is_kept_aside_and_its_test_lost),
        TESTKIT_TEST(an_intent_that_cannot_be_read_still_names_its_test),
        TESTKIT_TEST(a_result_that_was_synced_but_not_renamed_counts),
        TESTKIT_TEST(a_result_of_another_run_does_not_slip_in),
        TESTKIT_TEST(finalising_again_changes_nothing_and_needs_no_permission),
        TESTKIT_TEST(a_resumed_run_keeps_what_was_and_replaces_what_never_ran),
        TESTKIT_TEST(a_broken_line_of_benchmark_jsonl_is_kept_aside),
        TESTKIT_TEST(samples_stand_in_the_order_of_time_whatever_the_plan_says),
        TESTKIT_TEST(torn_lines_of_samples_are_left_out),
        TESTKIT_TEST(a_supervisor_leaves_nothing_but_its_result),
        {0},
    };
    return testkit_run("finalise", tests);
}
