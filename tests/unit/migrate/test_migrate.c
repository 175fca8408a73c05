/*
 * Files of mlx-knife of every version, made by hand, as runs: against the golden files beside them, and back.
 *
 *     ASSAY_UPDATE_GOLDEN=1 ctest --preset dev -R test_migrate        and look at the difference
 */
#include "migrate.h"
#include "mlxknife_fields.h"
#include "old_files.h"

#include "fs.h"
#include "jsonl.h"
#include "our_schemas.h"
#include "sha256.h"
#include "testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HERE "tests/unit/migrate/"

static const char *const record_files[] = {
    "mlx-knife-0.1.0", "mlx-knife-0.2.0", "mlx-knife-0.2.1", "mlx-knife-0.2.2", NULL};

static const char *old_path(const char *name)
{
    char relative[256];
    snprintf(relative, sizeof relative, HERE "files/%s.jsonl", name);
    return testkit_path(relative);
}

static void migrate(const char *name, const char *runs, const char *memory, struct migrate_result *result)
{
    const struct migrate_request request = {
        .runs = testkit_tmp_path(runs), .memory = memory, .assay_version = "0.0.0"};
    struct error why = {0};
    if (migrate_file(old_path(name), &request, result, &why) != STATUS_OK)
        ck_abort_msg("%s", error_text(&why));
}

static const char *in_run(const struct migrate_result *result, const char *file)
{
    static char path[2048];
    snprintf(path, sizeof path, "%s/%s", result->folder, file);
    return path;
}

static void assert_golden(const struct migrate_result *result, const char *name, const char *file)
{
    char relative[256];
    snprintf(relative, sizeof relative, HERE "golden/%s.%s", name, file);
    const char *golden = testkit_path(relative);
    struct buf made = testkit_read(in_run(result, file));
    if (getenv("ASSAY_UPDATE_GOLDEN") != NULL)
        testkit_write(golden, buf_text(&made), made.len);
    struct buf kept = testkit_read(golden);
    ck_assert_msg(made.len == kept.len && memcmp(buf_text(&made), buf_text(&kept), made.len) == 0,
        "%s is another now: ASSAY_UPDATE_GOLDEN=1 and git diff show how", relative);
    buf_fini(&made);
    buf_fini(&kept);
}

static void every_version_becomes_its_golden_run(void)
{
    for (size_t i = 0; record_files[i] != NULL; i++) {
        struct migrate_result result;
        migrate(record_files[i], "runs", NULL, &result);
        assert_golden(&result, record_files[i], "run.json");
        assert_golden(&result, record_files[i], "benchmark.jsonl");
        ck_assert_int_eq(result.refused, 0);
        migrate_result_fini(&result);
    }
    struct migrate_result result;
    migrate("mlx-knife-memory", "runs", NULL, &result);
    assert_golden(&result, "mlx-knife-memory", "run.json");
    assert_golden(&result, "mlx-knife-memory", "samples.jsonl");
    migrate_result_fini(&result);
}

/* The value of the old line, from its record alone. */
static void assert_back(const struct json_object *record, const char *old, size_t len)
{
    char hex[65];
    struct json_object *tree = NULL, *nonfinite = NULL;
    ck_assert_int_eq(old_json_parse(old, len, &tree, &nonfinite, NULL), STATUS_OK);
    ck_assert(json_deep_equal(tree, json_get(record, "/metadata/migrated/original")));
    ck_assert(json_deep_equal(nonfinite, json_get(record, "/metadata/migrated/not_finite")));
    sha256_hex(old, len, hex);
    ck_assert_str_eq(json_get_text(record, "/metadata/migrated/sha256"), hex);
    json_object_put(tree);
    json_object_put(nonfinite);
}

static void every_line_comes_back_value_for_value(void)
{
    for (size_t i = 0; record_files[i] != NULL; i++) {
        struct migrate_result result;
        struct jsonl *old, *new;
        struct jsonl_line was, is;
        migrate(record_files[i], "runs", NULL, &result);
        ck_assert_int_eq(jsonl_open(old_path(record_files[i]), &old, NULL), STATUS_OK);
        ck_assert_int_eq(jsonl_open(in_run(&result, "benchmark.jsonl"), &new, NULL), STATUS_OK);
        while (jsonl_next(old, &was)) {
            ck_assert(jsonl_next(new, &is) && is.status == STATUS_OK);
            assert_back(is.tree, was.text, was.len);
        }
        ck_assert(!jsonl_next(new, &is));
        jsonl_close(old, NULL);
        jsonl_close(new, NULL);
        migrate_result_fini(&result);
    }
}

/* Whatever a field's home is, what stands there is what the original says. */
static void typed_fields_hold_what_the_original_says(void)
{
    for (size_t i = 0; record_files[i] != NULL; i++) {
        struct migrate_result result;
        struct jsonl *new;
        migrate(record_files[i], "runs", NULL, &result);
        ck_assert_int_eq(jsonl_open(in_run(&result, "benchmark.jsonl"), &new, NULL), STATUS_OK);
        for (struct jsonl_line line; jsonl_next(new, &line);) {
            const struct json_object *original = json_get(line.tree, "/metadata/migrated/original");
            for (const struct mlx_field *f = mlx_fields; f->pointer != NULL; f++) {
                const struct json_object *was = json_get(original, f->pointer);
                if (was == NULL || f->home == NULL || strcmp(f->pointer, "/timestamp") == 0)
                    continue;
                const struct json_object *is =
                    json_get(f->kind == MLX_MACHINE ? result.run : line.tree, f->home);
                if (f->kind == MLX_SENSOR)
                    is = json_get(is, "/value");
                ck_assert_msg(json_deep_equal(was, is), "%s:%ld: %s is not at %s", record_files[i],
                    line.number, f->pointer, f->home);
            }
        }
        jsonl_close(new, NULL);
        migrate_result_fini(&result);
    }
}

static struct json_object *record_of(const char *name, long number)
{
    struct migrate_result result;
    struct jsonl *lines;
    struct jsonl_line line;
    migrate(name, "runs", NULL, &result);
    ck_assert_int_eq(jsonl_open(in_run(&result, "benchmark.jsonl"), &lines, NULL), STATUS_OK);
    do
        ck_assert(jsonl_next(lines, &line));
    while (line.number < number);
    struct json_object *record = json_object_get(line.tree);
    jsonl_close(lines, NULL);
    migrate_result_fini(&result);
    return record;
}

static void assert_text(const struct json_object *tree, const char *pointer, const char *text)
{
    const char *is = json_get_text(tree, pointer);
    ck_assert_msg(is != NULL && strcmp(is, text) == 0, "%s is %s", pointer, is != NULL ? is : "absent");
}

static void assert_ns(const struct json_object *tree, const char *pointer, int64_t ns)
{
    int64_t is = 0;
    ck_assert(json_get_int(tree, pointer, &is));
    ck_assert_int_eq(is, ns);
}

static void stated_times_are_taken_and_others_computed_and_marked(void)
{
    struct json_object *stated = record_of("mlx-knife-0.2.2", 1);
    assert_ns(stated, "/start_unix_ns", 1790769600125000000);
    assert_ns(stated, "/end_unix_ns", 1790769610500000000);
    assert_text(stated, "/timestamp", "2026-09-30T12:00:10.250Z");
    ck_assert_ptr_null(json_get(stated, "/metadata/migrated/derived"));
    json_object_put(stated);
    struct json_object *computed = record_of("mlx-knife-0.1.0", 1);
    assert_ns(computed, "/start_unix_ns", 1763287200750000000);
    assert_text(computed, "/metadata/migrated/derived/test_start_ts", "timestamp - duration");
    assert_text(computed, "/metadata/migrated/derived/test_end_ts", "timestamp");
    json_object_put(computed);
}

static void without_a_duration_the_start_is_absent(void)
{
    struct json_object *record = record_of("mlx-knife-0.1.0", 3);
    ck_assert_ptr_null(json_get(record, "/duration"));
    ck_assert_ptr_null(json_get(record, "/start_unix_ns"));
    ck_assert_ptr_null(json_get(record, "/test_start_ts"));
    ck_assert_ptr_null(json_get(record, "/phases"));
    assert_text(record, "/skip_reason", "needs 48 GB");
    json_object_put(record);
}

static void a_zone_is_taken_into_account(void)
{
    struct json_object *record = record_of("mlx-knife-0.1.0", 2);
    assert_text(record, "/timestamp", "2025-11-16T10:00:06.000Z");
    assert_text(record, "/outcome", "failed");
    assert_text(record, "/message", "the original does not say why");
    json_object_put(record);
}

static void node_ids_name_suite_and_case(void)
{
    struct json_object *record = record_of("mlx-knife-0.2.0", 1);
    assert_text(record, "/test", "tests_2.0/live/test_server_e2e.py::TestChat::test_stream[qwen]");
    assert_text(record, "/suite", "test_server_e2e");
    assert_text(record, "/case", "test_server_e2e.TestChat.test_stream");
    json_object_put(record);
    record = record_of("mlx-knife-0.2.1", 2);
    assert_text(record, "/suite", "mlx-knife");
    assert_text(record, "/case", "mlx-knife.pipe");
    json_object_put(record);
}

static void what_they_call_clean_is_never_clean_here(void)
{
    struct json_object *record = record_of("mlx-knife-0.2.0", 1);
    assert_text(record, "/metadata/migrated/quality_flags/0", "clean");
    assert_text(record, "/system_health/verdict", "unknown");
    ck_assert_uint_eq(json_object_array_length(json_get(record, "/system_health/quality_flags")), 0);
    json_object_put(record);
}

static void a_test_that_comes_twice_has_two_attempts(void)
{
    struct json_object *record = record_of("mlx-knife-0.2.2", 2);
    assert_ns(record, "/attempt", 2);
    json_object_put(record);
}

static void a_memory_file_goes_into_the_same_run(void)
{
    struct migrate_result result;
    migrate("mlx-knife-0.2.2", "runs", old_path("mlx-knife-memory"), &result);
    ck_assert_int_eq(result.records, 3);
    ck_assert_int_eq(result.samples, 3);
    assert_text(result.run, "/migrated/from", "mlx-knife");
    assert_text(result.run, "/migrated/memory/file", "mlx-knife-memory.jsonl");
    ck_assert(json_get(result.run, "/migrated/summary/ram_free_min_gb") != NULL);
    migrate_result_fini(&result);
}

/* The table of the documentation is that of the program. */
static void the_documentation_lists_every_field(void)
{
    struct buf page = testkit_read(testkit_path("docs/migrate.md"));
    for (const struct mlx_field *f = mlx_fields; f->pointer != NULL; f++) {
        char row[256];
        const char *since = f->since == MLX_NEVER ? "never" : mlx_version_names[f->since];
        if (f->kind == MLX_GROUP)
            continue;
        if (f->home == NULL)
            snprintf(row, sizeof row, "\n| `%s` | %s | %s | %s", f->pointer, since,
                f->kind == MLX_FIGURE ? "figure" : "original", f->why);
        else
            snprintf(row, sizeof row, "\n| `%s` | %s | %s`%s` |", f->pointer, since,
                f->kind == MLX_MACHINE ? "run.json " : "", f->home);
        ck_assert_msg(strstr(buf_text(&page), row) != NULL, "docs/migrate.md has no row%s", row);
    }
    buf_fini(&page);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(every_version_becomes_its_golden_run),
        TESTKIT_TEST(every_line_comes_back_value_for_value),
        TESTKIT_TEST(typed_fields_hold_what_the_original_says),
        TESTKIT_TEST(stated_times_are_taken_and_others_computed_and_marked),
        TESTKIT_TEST(without_a_duration_the_start_is_absent),
        TESTKIT_TEST(a_zone_is_taken_into_account),
        TESTKIT_TEST(node_ids_name_suite_and_case),
        TESTKIT_TEST(what_they_call_clean_is_never_clean_here),
        TESTKIT_TEST(a_test_that_comes_twice_has_two_attempts),
        TESTKIT_TEST(a_memory_file_goes_into_the_same_run),
        TESTKIT_TEST(the_documentation_lists_every_field),
        {0},
    };
    return testkit_run("migrate", tests);
}
