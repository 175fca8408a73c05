#include "provenance.h"

#include "testkit.h"

#include "fs.h"
#include "json.h"
#include "our_schemas.h"
#include "provenance_check.h"
#include "run_files.h"
#include "run_folder.h"
#include "sha256.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char started[] =
    "{\"schema_version\":\"1.0.0\",\"run_id\":\"2026-11-20T234605Z-box-1f3a\","
    "\"started\":\"2026-11-20T23:46:05.000Z\",\"start_unix_ns\":1,\"seed\":7,\"assay\":{\"version\":\"0.1."
    "0\"},"
    "\"machine\":{\"host\":\"box\",\"os\":\"x\",\"kernel\":\"x\",\"architecture\":\"x\"},"
    "\"parameters\":{},\"targets\":[],\"models\":[],\"plan\":[]}";

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static void write_text(const char *name, const char *text)
{
    testkit_write(testkit_tmp_path(name), text, strlen(text));
}

static void make_folder(const char *name)
{
    ck_assert_int_eq(fs_make_dirs(testkit_tmp_path(name), NULL), STATUS_OK);
}

static struct json_object *parse(const char *text)
{
    struct json_object *tree = NULL;
    struct error why = {0};
    if (json_parse(text, strlen(text), &tree, &why) != STATUS_OK)
        ck_abort_msg("%s: %s", text, error_text(&why));
    return tree;
}

/* A run of four files that lists them; its run.json is in the folder as well. */
static struct json_object *listed_run(void)
{
    struct json_object *run = parse(started), *files = NULL;
    struct run_folder folder = {0};
    struct error why = {0};
    make_folder("run/logs");
    make_folder("run/spool");
    write_text("run/benchmark.jsonl", "{}\n");
    write_text("run/samples.jsonl.zst", "packed");
    write_text("run/report.md", "# Report\n");
    write_text("run/logs/chat.short.1.log", "");
    snprintf(folder.path, sizeof folder.path, "%s", testkit_tmp_path("run"));
    ck_assert_msg(provenance_list(folder.path, &files, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert(json_set(run, "files", files) && json_set_text(run, "ended", "2026-11-20T23:50:00.250Z"));
    ck_assert_msg(run_folder_save(&folder, json_object_get(run), &why) == STATUS_OK, "%s", error_text(&why));
    run_folder_fini(&folder);
    return run;
}

static struct provenance_check checked(const struct json_object *run)
{
    struct provenance_check check;
    struct error why = {0};
    if (provenance_check_files(testkit_tmp_path("run"), run, &check, &why) != STATUS_OK)
        ck_abort_msg("%s", error_text(&why));
    return check;
}

static const struct provenance_file *found(const struct provenance_check *check, const char *name)
{
    for (size_t i = 0; i < check->count; i++)
        if (strcmp(check->files[i].name, name) == 0)
            return &check->files[i];
    return NULL;
}

/* One file's state; the run as a whole is good or not. */
static void assert_state(
    const struct json_object *run, const char *name, enum provenance_state state, const char *text, bool good)
{
    struct provenance_check check = checked(run);
    const struct provenance_file *f = found(&check, name);
    ck_assert_msg(f != NULL, "%s is not told", name);
    ck_assert_msg(f->state == state, "%s is %s and not %s", name, provenance_state_name(f->state),
        provenance_state_name(state));
    ck_assert_msg(strstr(f->text, text) != NULL, "%s %s", name, f->text);
    ck_assert_int_eq(provenance_check_is_good(&check), good);
    provenance_check_fini(&check);
}

static void a_list_has_every_file_with_size_digest_and_kind(void)
{
    struct json_object *run = listed_run(), *files = json_get_array(run, "/files");
    static const struct {
        const char *name, *kind;
        int64_t bytes;
    } wanted[] = {{"benchmark.jsonl", "measured", 3}, {"logs/chat.short.1.log", "log", 0},
        {"report.md", "report", 9}, {"samples.jsonl.zst", "measured", 6}};
    ck_assert_uint_eq(json_object_array_length(files), sizeof wanted / sizeof *wanted);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const struct json_object *entry = json_object_array_get_idx(files, i);
        int64_t bytes = -1;
        ck_assert_str_eq(json_get_text(entry, "/name"), wanted[i].name);
        ck_assert_str_eq(json_get_text(entry, "/kind"), wanted[i].kind);
        ck_assert(json_get_int(entry, "/bytes", &bytes) && bytes == wanted[i].bytes);
    }
    char hex[65];
    sha256_hex("packed", 6, hex);
    ck_assert_str_eq(json_get_text(files, "/3/sha256"), hex);
    json_object_put(run);
}

static void files_as_listed_are_good(void)
{
    struct json_object *run = listed_run();
    struct provenance_check check = checked(run);
    ck_assert(provenance_check_is_good(&check));
    ck_assert_uint_eq(check.count, 4);
    ck_assert_uint_eq(check.counts[PROVENANCE_AS_LISTED], 4);
    ck_assert_int_eq(check.bytes, 3 + 6 + 9);
    ck_assert_ptr_null(provenance_why_not(testkit_tmp_path("run"), run));
    provenance_check_fini(&check);
    json_object_put(run);
}

static void one_byte_in_a_record_is_seen(void)
{
    struct json_object *run = listed_run();
    write_text("run/benchmark.jsonl", "{ \n");
    assert_state(run, "benchmark.jsonl", PROVENANCE_CHANGED, "another content", false);
    write_text("run/benchmark.jsonl", "{}\n\n");
    assert_state(run, "benchmark.jsonl", PROVENANCE_CHANGED, "has 4 bytes and not the 3", false);
    json_object_put(run);
}

static void a_missing_record_is_a_fault_and_a_missing_report_is_none(void)
{
    struct json_object *run = listed_run();
    ck_assert_int_eq(unlink(testkit_tmp_path("run/report.md")), 0);
    assert_state(run, "report.md", PROVENANCE_MADE_AGAIN, "may be made again", true);
    write_text("run/report.md", "# Another\n");
    assert_state(run, "report.md", PROVENANCE_MADE_AGAIN, "may be made again", true);
    ck_assert_int_eq(unlink(testkit_tmp_path("run/samples.jsonl.zst")), 0);
    assert_state(run, "samples.jsonl.zst", PROVENANCE_MISSING, "is missing", false);
    json_object_put(run);
}

static void what_is_not_listed_counts_by_what_readers_take_it_for(void)
{
    struct json_object *run = listed_run();
    write_text("run/.hidden", "x");
    write_text("run/run.json.0123456789abcdef.sig", "x");
    write_text("run/notes.txt", "x");
    assert_state(run, "notes.txt", PROVENANCE_EXTRA, "is not listed", true);
    write_text("run/timeline.html", "x");
    assert_state(run, "timeline.html", PROVENANCE_MADE_AGAIN, "later day", true);
    write_text("run/grades.jsonl", "x");
    assert_state(run, "grades.jsonl", PROVENANCE_SLIPPED_IN, "readers take it", false);
    struct provenance_check check = checked(run);
    ck_assert_uint_eq(check.count, 4 + 3);
    provenance_check_fini(&check);
    json_object_put(run);
}

/* A list of the enemy's making: whatever it names, nothing outside the folder is opened. */
static void names_that_lead_out_are_refused(void)
{
    static const char *const names[] = {"../secret", "/etc/passwd", "logs/../../secret", "a//b",
        "./benchmark.jsonl", "", ".", "..", "logs/", "a\tb", "logs/../benchmark.jsonl", ".hidden", "logs/.x"};
    struct json_object *run = listed_run();
    write_text("secret", "secret");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct json_object *entry = json_object_new_object(), *files = json_object_new_array();
        ck_assert(!run_files_name_is_safe(names[i]));
        ck_assert(json_set_text(entry, "name", names[i]) && json_set_int(entry, "bytes", 6) &&
                  json_set_text(entry, "sha256", ZEROS) && json_add(files, entry) &&
                  json_set(run, "files", files));
        assert_state(run, names[i], PROVENANCE_REFUSED, "it is not opened", false);
        ck_assert(json_set_text(entry, "kind", "other"));
        ck_assert_msg(schema_check(schema_for("run"), run, NULL) == STATUS_INVALID, "%s passes", names[i]);
    }
    json_object_put(run);
}

static void links_are_not_followed(void)
{
    struct json_object *run = listed_run();
    write_text("record", "{}\n");
    ck_assert_int_eq(unlink(testkit_tmp_path("run/benchmark.jsonl")), 0);
    ck_assert_int_eq(symlink("../record", testkit_tmp_path("run/benchmark.jsonl")), 0);
    assert_state(run, "benchmark.jsonl", PROVENANCE_REFUSED, "link", false);
    ck_assert_int_eq(unlink(testkit_tmp_path("run/benchmark.jsonl")), 0);
    ck_assert_int_eq(rename(testkit_tmp_path("record"), testkit_tmp_path("run/benchmark.jsonl")), 0);
    ck_assert_int_eq(rename(testkit_tmp_path("run/logs"), testkit_tmp_path("logs")), 0);
    ck_assert_int_eq(symlink("../logs", testkit_tmp_path("run/logs")), 0);
    assert_state(run, "logs/chat.short.1.log", PROVENANCE_REFUSED, "link", false);
    json_object_put(run);
}

static void what_is_no_regular_file_does_not_hang_it(void)
{
    struct json_object *run = listed_run();
    ck_assert_int_eq(unlink(testkit_tmp_path("run/benchmark.jsonl")), 0);
    ck_assert_int_eq(mkfifo(testkit_tmp_path("run/benchmark.jsonl"), 0600), 0);
    assert_state(run, "benchmark.jsonl", PROVENANCE_REFUSED, "not a regular file", false);
    json_object_put(run);
}

static void a_name_listed_twice_is_refused(void)
{
    struct json_object *run = listed_run(), *files = json_get_array(run, "/files");
    ck_assert(json_add(
        files, parse("{\"name\":\"benchmark.jsonl\",\"bytes\":1,\"sha256\":\"\",\"kind\":\"log\"}")));
    assert_state(run, "benchmark.jsonl", PROVENANCE_REFUSED, "listed twice", false);
    json_object_put(run);
}

/* The kind is our own judgement: run.json cannot declare a record a report. */
static void a_record_does_not_become_a_report_by_being_called_one(void)
{
    struct json_object *run = listed_run();
    ck_assert(json_set_text(json_get_object(run, "/files/0"), "kind", "report"));
    write_text("run/benchmark.jsonl", "{ \n");
    assert_state(run, "benchmark.jsonl", PROVENANCE_CHANGED, "another content", false);
    json_object_put(run);
}

static void a_run_that_is_not_finished_is_told_so(void)
{
    struct json_object *run = listed_run();
    const char *folder = testkit_tmp_path("run");
    write_text("run/spool/chat.short.1.result.json.bad", "x");
    ck_assert_ptr_null(provenance_why_not(folder, run));
    write_text("run/spool/chat.short.1.intent.json", "x");
    ck_assert_ptr_nonnull(strstr(provenance_why_not(folder, run), "not finished"));
    ck_assert_int_eq(unlink(testkit_tmp_path("run/spool/chat.short.1.intent.json")), 0);
    ck_assert(json_set_text(run, "anonymous", "asked"));
    ck_assert_ptr_nonnull(strstr(provenance_why_not(folder, run), "not finished"));
    ck_assert(json_set_text(run, "anonymous", "done"));
    ck_assert_ptr_null(provenance_why_not(folder, run));
    json_object_object_del(run, "files");
    ck_assert_ptr_nonnull(strstr(provenance_why_not(folder, run), "lists no files"));
    json_object_object_del(run, "ended");
    ck_assert_ptr_nonnull(strstr(provenance_why_not(folder, run), "not finished"));
    ck_assert(json_set(run, "migrated", json_object_new_object()));
    ck_assert(provenance_is_over(folder, run));
    json_object_put(run);
}

static struct json_object *run_on_disk(void)
{
    struct json_object *run = NULL;
    ck_assert_int_eq(json_read_file(testkit_tmp_path("run/run.json"), &run, NULL), STATUS_OK);
    return run;
}

/* Who writes reports vouches for reports alone: what happened to a record meanwhile stays visible. */
static void reports_are_listed_again_and_records_are_not(void)
{
    struct json_object *run = listed_run();
    struct error why = {0};
    bool signed_before = true;
    write_text("run/benchmark.jsonl", "{ \n");
    write_text("run/report.md", "# Another\n");
    write_text("run/junit.xml", "<testsuites/>");
    ck_assert_int_eq(
        provenance_again(testkit_tmp_path("run"), PROVENANCE_REPORT, &signed_before, &why), STATUS_OK);
    ck_assert(!signed_before);
    json_object_put(run);
    run = run_on_disk();
    ck_assert_uint_eq(json_object_array_length(json_get_array(run, "/files")), 5);
    assert_state(run, "report.md", PROVENANCE_AS_LISTED, "", false);
    assert_state(run, "junit.xml", PROVENANCE_AS_LISTED, "", false);
    assert_state(run, "benchmark.jsonl", PROVENANCE_CHANGED, "", false);
    json_object_put(run);
    write_text("run/run.json.0123456789abcdef.sig", "x");
    ck_assert_int_eq(
        provenance_again(testkit_tmp_path("run"), PROVENANCE_KIND_COUNT, &signed_before, &why), STATUS_OK);
    ck_assert(signed_before);
    run = run_on_disk();
    assert_state(run, "benchmark.jsonl", PROVENANCE_AS_LISTED, "", true);
    json_object_put(run);
}

static void a_run_without_a_list_is_left_without(void)
{
    struct json_object *run = listed_run();
    struct run_folder folder = {0};
    json_object_object_del(run, "files");
    snprintf(folder.path, sizeof folder.path, "%s", testkit_tmp_path("run"));
    ck_assert_int_eq(run_folder_save(&folder, run, NULL), STATUS_OK);
    run_folder_fini(&folder);
    ck_assert_int_eq(provenance_again(testkit_tmp_path("run"), PROVENANCE_KIND_COUNT, NULL, NULL), STATUS_OK);
    run = run_on_disk();
    ck_assert_ptr_null(json_get(run, "/files"));
    json_object_put(run);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_list_has_every_file_with_size_digest_and_kind),
        TESTKIT_TEST(files_as_listed_are_good),
        TESTKIT_TEST(one_byte_in_a_record_is_seen),
        TESTKIT_TEST(a_missing_record_is_a_fault_and_a_missing_report_is_none),
        TESTKIT_TEST(what_is_not_listed_counts_by_what_readers_take_it_for),
        TESTKIT_TEST(names_that_lead_out_are_refused),
        TESTKIT_TEST(links_are_not_followed),
        TESTKIT_TEST(what_is_no_regular_file_does_not_hang_it),
        TESTKIT_TEST(a_name_listed_twice_is_refused),
        TESTKIT_TEST(a_record_does_not_become_a_report_by_being_called_one),
        TESTKIT_TEST(a_run_that_is_not_finished_is_told_so),
        TESTKIT_TEST(reports_are_listed_again_and_records_are_not),
        TESTKIT_TEST(a_run_without_a_list_is_left_without),
        {0},
    };
    return testkit_run("provenance", tests);
}
