/* What cannot be migrated: what is said of it, and that nothing is left behind. */
#include "migrate.h"

#include "fs.h"
#include "jsonl.h"
#include "testkit.h"

#include <stdio.h>
#include <string.h>

#define GOOD(test)                                                                                           \
    "{\"schema_version\":\"0.2.2\",\"timestamp\":\"2026-01-30T12:00:00Z\",\"mlx_knife_version\":\"2.0.4\","  \
    "\"test\":\"" test "\",\"outcome\":\"passed\"}"

static struct error why;

static enum status migrate(const char *text, size_t len, const char *from, struct migrate_result *result)
{
    const struct migrate_request request = {
        .from = from, .runs = testkit_tmp_path("runs"), .assay_version = "0.0.0"};
    why = (struct error){0};
    testkit_write(testkit_tmp_path("old.jsonl"), text, len);
    return migrate_file(testkit_tmp_path("old.jsonl"), &request, result, &why);
}

static int count_entry(const char *name, void *arg)
{
    (void)name;
    ++*(int *)arg;
    return 0;
}

static int runs_made(void)
{
    int count = 0;
    const char *runs = testkit_tmp_path("runs");
    if (fs_exists(runs))
        ck_assert_int_eq(fs_list(runs, count_entry, &count, NULL), STATUS_OK);
    return count;
}

static void assert_refused_whole(const char *text, enum status status, const char *says)
{
    struct migrate_result result;
    ck_assert_int_eq(migrate(text, strlen(text), NULL, &result), status);
    ck_assert_msg(strstr(error_text(&why), says) != NULL, "%s", error_text(&why));
    ck_assert_int_eq(runs_made(), 0);
    migrate_result_fini(&result);
}

static void files_that_hold_nothing_to_migrate_say_why_and_leave_nothing(void)
{
    assert_refused_whole("", STATUS_INVALID, "the file is empty");
    assert_refused_whole("\n\n", STATUS_INVALID, "it holds no value");
    assert_refused_whole("hello\n", STATUS_INVALID, "nothing in it can be migrated");
    assert_refused_whole("{\"a\":1}\n", STATUS_USAGE, "name one with --from");
    assert_refused_whole("[1,2]", STATUS_USAGE, "name one with --from");
    assert_refused_whole("{\"schema_version\":\"0.3.0\",\"test\":\"a\",\"outcome\":\"passed\"}\n",
        STATUS_INVALID, "version 0.3.0 of mlx-knife's records is not known here");
    assert_refused_whole("{\"summary\":{\"ram_free_min_gb\":1}}\n", STATUS_INVALID, "nothing in it");
}

static void a_format_that_nobody_knows_is_a_wrong_usage(void)
{
    struct migrate_result result;
    ck_assert_int_eq(migrate(GOOD("a"), strlen(GOOD("a")), "csv", &result), STATUS_USAGE);
    ck_assert_ptr_nonnull(strstr(error_text(&why), "there is no format \"csv\""));
    migrate_result_fini(&result);
}

static void assert_reason(const struct migrate_result *result, int i, const char *text, int64_t line)
{
    char pointer[64];
    int64_t first = 0;
    snprintf(pointer, sizeof pointer, "/migrated/refusals/%d/reason", i);
    const char *reason = json_get_text(result->run, pointer);
    ck_assert_msg(reason != NULL && strstr(reason, text) != NULL, "%s", reason != NULL ? reason : "nothing");
    snprintf(pointer, sizeof pointer, "/migrated/refusals/%d/first_line", i);
    ck_assert(json_get_int(result->run, pointer, &first));
    ck_assert_int_eq(first, line);
}

static void lines_that_cannot_be_migrated_are_listed_and_the_rest_goes_on(void)
{
    static const char text[] =
        GOOD("a") "\n\n"
                  "{\"schema_version\":\"0.3.0\",\"test\":\"x\"}\n"
                  "{broken\n"
                  "{\"schema_version\":\"0.1.0\",\"test\":\"x\",\"outcome\":\"error\",\"timestamp\":\"2026-"
                  "01-30T12:00:00Z\"}\n"
                  "{\"schema_version\":\"0.1.0\",\"test\":\"x\",\"outcome\":\"passed\",\"timestamp\":"
                  "\"yesterday\"}\n"
                  "{\"schema_version\":\"0.1.0\",\"test\":\"\",\"outcome\":\"passed\"}\n"
                  "[]\n"
                  "null\n" GOOD("b") "\n" GOOD("b") "\n{\"schema_version\":\"0.2";
    struct migrate_result result;
    ck_assert_int_eq(migrate(text, sizeof text - 1, NULL, &result), STATUS_OK);
    ck_assert_int_eq(result.records, 3);
    ck_assert_int_eq(result.refused, 8);
    ck_assert_int_eq(result.values, 11);
    assert_reason(&result, 0, "version 0.3.0", 3);
    assert_reason(&result, 1, "a key in double quotes", 4);
    assert_reason(&result, 2, "none of passed, failed and skipped", 5);
    assert_reason(&result, 3, "no date and time", 6);
    assert_reason(&result, 4, "without the name of its test", 7);
    assert_reason(&result, 5, "no record of mlx-knife", 8);
    assert_reason(&result, 6, "the line is torn", 12);
    migrate_result_fini(&result);
}

static void a_first_line_that_is_no_record_is_refused_as_any_other(void)
{
    static const char text[] = "{\"hello\":1}\n" GOOD("a") "\n";
    struct migrate_result result;
    ck_assert_int_eq(migrate(text, sizeof text - 1, NULL, &result), STATUS_OK);
    ck_assert_int_eq(result.records, 1);
    ck_assert_int_eq(result.refused, 1);
    assert_reason(&result, 0, "no value of an older format", 1);
    migrate_result_fini(&result);
}

static void nothing_is_ever_overwritten(void)
{
    struct migrate_result first, second;
    ck_assert_int_eq(migrate(GOOD("a") "\n", strlen(GOOD("a")) + 1, NULL, &first), STATUS_OK);
    ck_assert_int_eq(migrate(GOOD("a") "\n", strlen(GOOD("a")) + 1, NULL, &second), STATUS_USAGE);
    ck_assert_ptr_nonnull(strstr(error_text(&why), "is there already"));
    ck_assert_int_eq(runs_made(), 1);
    migrate_result_fini(&first);
    migrate_result_fini(&second);
}

static void hostile_names_are_made_safe_and_kept_as_they_were(void)
{
    static const char text[] =
        "{\"schema_version\":\"0.2.2\",\"timestamp\":\"2026-01-30T12:00:00Z\",\"mlx_knife_version\":\"2\","
        "\"test\":\"t.py::a\\u001b[31m\\u202e\\nb\",\"outcome\":\"skipped\",\"model\":{\"id\":\"\\u0000\"},"
        "\"metadata\":{\"skip_reason\":\"\\u001b]0;x\\u0007y\"},\"a/b~\\u001b[2J\":1}\n";
    struct migrate_result result;
    char path[2048];
    ck_assert_int_eq(migrate(text, sizeof text - 1, NULL, &result), STATUS_OK);
    snprintf(path, sizeof path, "%s/benchmark.jsonl", result.folder);
    struct json_object *record = NULL;
    ck_assert_int_eq(json_read_file(path, &record, &why), STATUS_OK);
    ck_assert_str_eq(json_get_text(record, "/test"), "t.py::a\\u{202E} b");
    ck_assert_str_eq(json_get_text(record, "/skip_reason"), "y");
    ck_assert_str_eq(json_get_text(record, "/model/id"), "\\x00");
    ck_assert_ptr_nonnull(strchr(json_get_text(record, "/metadata/migrated/original/test"), '\x1b'));
    ck_assert_str_eq(json_get_text(result.run, "/migrated/losses/0/pointer"), "/a~1b~0");
    json_object_put(record);
    migrate_result_fini(&result);
}

static void a_file_of_many_strange_members_is_told_in_a_page(void)
{
    struct buf text = BUF_INIT(1 << 20);
    struct migrate_result result;
    int64_t beyond = 0;
    buf_printf(&text, "%.*s", (int)strlen(GOOD("a")) - 1, GOOD("a"));
    for (int i = 0; i < 1000; i++)
        buf_printf(&text, ",\"strange%d\":1", i);
    buf_append_text(&text, "}\n");
    ck_assert_int_eq(migrate(buf_text(&text), text.len, NULL, &result), STATUS_OK);
    ck_assert_uint_eq(json_object_array_length(json_get(result.run, "/migrated/losses")), 257);
    ck_assert(json_get_int(result.run, "/migrated/losses/256/count", &beyond));
    ck_assert_int_eq(beyond, 1000 - 256);
    migrate_result_fini(&result);
    buf_fini(&text);
}

static void append_many(struct buf *text, char c, int count)
{
    for (int i = 0; i < count; i++)
        buf_append_char(text, c);
}

static void names_of_any_length_are_no_lack_of_memory(void)
{
    struct buf text = BUF_INIT(1 << 20);
    struct migrate_result result;
    buf_printf(&text, "%.*s,\"", (int)strlen(GOOD("a")) - 1, GOOD("a"));
    append_many(&text, 'k', 70000);
    buf_append_text(&text, "\":1}\n"
                           "{\"schema_version\":\"0.2.2\",\"timestamp\":\"2026-01-30T12:00:00Z\","
                           "\"outcome\":\"passed\",\"test\":\"");
    append_many(&text, 't', 70000);
    buf_append_text(&text, "\"}\n");
    ck_assert_msg(migrate(buf_text(&text), text.len, NULL, &result) == STATUS_OK, "%s", error_text(&why));
    ck_assert_int_eq(result.records, 2);
    const char *lost = json_get_text(result.run, "/migrated/losses/0/pointer");
    ck_assert(lost != NULL && strncmp(lost, "/kkkk", 5) == 0 && strlen(lost) < 1024);
    migrate_result_fini(&result);
    buf_fini(&text);
}

static void a_long_name_of_a_sensor_is_listed_as_lost(void)
{
    struct buf text = BUF_INIT(1 << 20);
    struct migrate_result result;
    buf_append_text(&text, "{\"ts\":1769774400.0,\"elapsed_s\":0.0,\"ram_free_gb\":1.5,\"");
    append_many(&text, 'K', 70000);
    buf_append_text(&text, "\":1}\n");
    ck_assert_msg(migrate(buf_text(&text), text.len, NULL, &result) == STATUS_OK, "%s", error_text(&why));
    ck_assert_int_eq(result.samples, 1);
    const char *lost = json_get_text(result.run, "/migrated/losses/0/pointer");
    ck_assert(lost != NULL && strncmp(lost, "/KKKK", 5) == 0);
    migrate_result_fini(&result);
    buf_fini(&text);
}

static void a_start_that_is_left_out_is_not_said_to_be_derived(void)
{
    static const char text[] =
        "{\"schema_version\":\"0.2.2\",\"timestamp\":\"2026-01-30T12:00:00Z\",\"test\":\"a\","
        "\"outcome\":\"passed\",\"duration\":1.0,\"test_end_ts\":1000000000}\n";
    struct migrate_result result;
    struct json_object *record = NULL;
    char path[2048];
    ck_assert_int_eq(migrate(text, sizeof text - 1, NULL, &result), STATUS_OK);
    snprintf(path, sizeof path, "%s/benchmark.jsonl", result.folder);
    ck_assert_int_eq(json_read_file(path, &record, &why), STATUS_OK);
    ck_assert_ptr_null(json_get(record, "/test_start_ts"));
    ck_assert_ptr_null(json_get(record, "/metadata/migrated/derived/test_start_ts"));
    json_object_put(record);
    migrate_result_fini(&result);
}

static int questions_left;

static int stop_in_the_middle(void)
{
    return questions_left-- > 0 ? 0 : 15;
}

static void who_is_stopped_leaves_nothing_behind(void)
{
    static const char text[] = GOOD("a") "\n" GOOD("b") "\n" GOOD("c") "\n";
    const char *path = testkit_tmp_path("old.jsonl");
    const struct migrate_request request = {
        .runs = testkit_tmp_path("runs"), .assay_version = "0.0.0", .stop_asked = stop_in_the_middle};
    testkit_write(path, text, sizeof text - 1);
    for (int questions = 0; questions < 5; questions++) {
        struct migrate_result result;
        questions_left = questions;
        why = (struct error){0};
        ck_assert_int_eq(migrate_file(path, &request, &result, &why), STATUS_UNAVAILABLE);
        ck_assert_ptr_nonnull(strstr(error_text(&why), "nothing of it is kept"));
        ck_assert_int_eq(runs_made(), 0);
        migrate_result_fini(&result);
    }
}

/* Asked first when the file is hashed, then behind each of its lines. */
static int append_a_line(void)
{
    static int asked;
    if (asked++ == 0)
        return 0;
    FILE *file = fopen(testkit_tmp_path("old.jsonl"), "a");
    ck_assert(file != NULL && fputs(GOOD("b") "\n", file) >= 0);
    ck_assert_int_eq(fclose(file), 0);
    return 0;
}

static void a_file_that_is_still_written_is_left_for_later(void)
{
    const struct migrate_request request = {
        .runs = testkit_tmp_path("runs"), .assay_version = "0.0.0", .stop_asked = append_a_line};
    struct migrate_result result;
    why = (struct error){0};
    testkit_write(testkit_tmp_path("old.jsonl"), GOOD("a") "\n", strlen(GOOD("a") "\n"));
    ck_assert_int_eq(migrate_file(testkit_tmp_path("old.jsonl"), &request, &result, &why), STATUS_BUSY);
    ck_assert_ptr_nonnull(strstr(error_text(&why), "old.jsonl: somebody writes to the file"));
    ck_assert_int_eq(runs_made(), 0);
    migrate_result_fini(&result);
}

static void versions_may_be_mixed_in_one_file(void)
{
    static const char *const versions[] = {"0.1.0", "0.2.0", "0.2.1", "0.2.2"};
    struct buf text = BUF_INIT(1 << 20);
    struct migrate_result result;
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        char name[128];
        snprintf(name, sizeof name, "tests/unit/migrate/files/mlx-knife-%s.jsonl", versions[i]);
        struct buf file = testkit_read(testkit_path(name));
        buf_append(&text, buf_text(&file), file.len);
        buf_fini(&file);
    }
    ck_assert_int_eq(migrate(buf_text(&text), text.len, NULL, &result), STATUS_OK);
    ck_assert_int_eq(result.records, 9);
    ck_assert_ptr_null(json_get(result.run, "/migrated/version"));
    for (int i = 0; i < 4; i++) {
        char pointer[64];
        snprintf(pointer, sizeof pointer, "/migrated/versions/%d", i);
        ck_assert_str_eq(json_get_text(result.run, pointer), versions[i]);
    }
    migrate_result_fini(&result);
    buf_fini(&text);
}

static void bom_and_crlf_do_no_harm(void)
{
    static const char text[] = "\xef\xbb\xbf" GOOD("a") "\r\n" GOOD("b") "\r\n";
    struct migrate_result result;
    ck_assert_int_eq(migrate(text, sizeof text - 1, NULL, &result), STATUS_OK);
    ck_assert_int_eq(result.records, 2);
    ck_assert_int_eq(result.refused, 0);
    migrate_result_fini(&result);
}

static void half_a_model_stays_in_the_original(void)
{
    static const char text[] =
        "{\"schema_version\":\"0.2.2\",\"timestamp\":\"2026-01-30T12:00:00Z\",\"mlx_knife_version\":\"2.0."
        "4\","
        "\"test\":\"a\",\"outcome\":\"passed\",\"duration\":-1,\"model\":{\"family\":\"phi\"},"
        "\"stop_tokens\":{\"leaked\":true},\"system_health\":{\"ram_free_gb\":\"much\"},\"timeline\":7}\n";
    struct migrate_result result;
    ck_assert_int_eq(migrate(text, sizeof text - 1, NULL, &result), STATUS_OK);
    static const char *const lost[] = {
        "/duration", "/system_health/ram_free_gb", "/timeline", "/model", "/stop_tokens"};
    for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
        char pointer[64];
        snprintf(pointer, sizeof pointer, "/migrated/losses/%zu/pointer", i);
        ck_assert_str_eq(json_get_text(result.run, pointer), lost[i]);
    }
    const char *note = json_get_text(result.run, "/migrated/notes/0/text");
    ck_assert_ptr_nonnull(note);
    ck_assert_ptr_nonnull(strstr(note, "not valid by the schema of its version"));
    migrate_result_fini(&result);
}

static void a_pipe_is_refused_because_it_can_be_read_once_only(void)
{
    const struct migrate_request request = {.runs = testkit_tmp_path("runs"), .assay_version = "0.0.0"};
    struct migrate_result result;
    why = (struct error){0};
    ck_assert_int_eq(migrate_file("/dev/null", &request, &result, &why), STATUS_USAGE);
    ck_assert_ptr_nonnull(strstr(error_text(&why), "a regular file"));
    migrate_result_fini(&result);
    ck_assert_int_eq(migrate_file(testkit_tmp_path("absent"), &request, &result, &why), STATUS_NOT_FOUND);
    migrate_result_fini(&result);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(files_that_hold_nothing_to_migrate_say_why_and_leave_nothing),
        TESTKIT_TEST(a_format_that_nobody_knows_is_a_wrong_usage),
        TESTKIT_TEST(lines_that_cannot_be_migrated_are_listed_and_the_rest_goes_on),
        TESTKIT_TEST(a_first_line_that_is_no_record_is_refused_as_any_other),
        TESTKIT_TEST(nothing_is_ever_overwritten),
        TESTKIT_TEST(hostile_names_are_made_safe_and_kept_as_they_were),
        TESTKIT_TEST(a_file_of_many_strange_members_is_told_in_a_page),
        TESTKIT_TEST(names_of_any_length_are_no_lack_of_memory),
        TESTKIT_TEST(a_long_name_of_a_sensor_is_listed_as_lost),
        TESTKIT_TEST(a_start_that_is_left_out_is_not_said_to_be_derived),
        TESTKIT_TEST(who_is_stopped_leaves_nothing_behind),
        TESTKIT_TEST(a_file_that_is_still_written_is_left_for_later),
        TESTKIT_TEST(versions_may_be_mixed_in_one_file),
        TESTKIT_TEST(bom_and_crlf_do_no_harm),
        TESTKIT_TEST(half_a_model_stays_in_the_original),
        TESTKIT_TEST(a_pipe_is_refused_because_it_can_be_read_once_only),
        {0},
    };
    return testkit_run("migrate_refusals", tests);
}
