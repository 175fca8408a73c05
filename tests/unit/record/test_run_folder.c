#include "run_folder.h"

#include "testkit.h"

#include "fs.h"
#include "json.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct json_object *run_json(const char *run_id)
{
    static const char text[] =
        "{\"schema_version\":\"1.0.0\",\"started\":\"2026-11-20T23:46:05.000Z\",\"start_unix_ns\":1,\"seed\":"
        "7,"
        "\"assay\":{\"version\":\"0.1.0\"},\"machine\":{\"host\":\"box\",\"os\":\"x\",\"kernel\":\"x\","
        "\"architecture\":\"x\"},\"parameters\":{},\"targets\":[],\"models\":[],\"plan\":[]}";
    struct json_object *run = NULL;
    ck_assert_int_eq(json_parse(text, sizeof text - 1, &run, NULL), STATUS_OK);
    ck_assert(json_set_text(run, "run_id", run_id));
    return run;
}

static void a_name_says_when_and_where(void)
{
    char name[128];
    run_folder_name(name, sizeof name, 1800000000123456789, "box", 0x1f3a);
    ck_assert_str_eq(name, "2027-01-15T080000Z-box-1f3a");
    run_folder_name(name, sizeof name, 0, "a/b c", 0x12345);
    ck_assert_str_eq(strrchr(name, '-'), "-2345");
    ck_assert_ptr_eq(strchr(name, '/'), NULL);
    ck_assert_ptr_eq(strchr(name, ' '), NULL);
}

static void a_folder_is_made_saved_and_opened_again(void)
{
    struct run_folder made, opened;
    struct error why = {0};
    ck_assert_int_eq(run_folder_create(testkit_tmp_path("runs"), "box", 0, &made, &why), STATUS_OK);
    ck_assert_msg(run_folder_save(&made, run_json(made.run_id), &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_int_eq(run_folder_link_latest(&made, &why), STATUS_OK);
    ck_assert_int_eq(run_folder_link_latest(&made, &why), STATUS_OK); /* replaces the old link */
    ck_assert(
        fs_exists(testkit_tmp_path("runs/latest/logs")) && fs_exists(testkit_tmp_path("runs/latest/spool")));
    ck_assert_int_eq(run_folder_open(testkit_tmp_path("runs/latest/"), &opened, &why), STATUS_OK);
    ck_assert_str_eq(opened.run_id, made.run_id);
    run_folder_fini(&opened);
    ck_assert_int_eq(run_folder_open(testkit_tmp_path("runs/latest/run.json"), &opened, &why), STATUS_OK);
    ck_assert_ptr_eq(strstr(opened.path, "run.json"), NULL);
    run_folder_fini(&opened);
    run_folder_fini(&made);
}

static void a_run_that_does_not_fit_its_schema_is_not_written(void)
{
    struct run_folder made;
    struct error why = {0};
    struct buf path = BUF_INIT(4096);
    ck_assert_int_eq(run_folder_create(testkit_tmp_path("runs"), "box", 0, &made, &why), STATUS_OK);
    ck_assert_int_eq(run_folder_save(&made, run_json("no name of a run"), &why), STATUS_INVALID);
    ck_assert_str_eq(why.pointer, "/run_id");
    ck_assert_int_eq(run_folder_path(&made, "run.json", &path), STATUS_OK);
    ck_assert(!fs_exists(buf_text(&path)));
    ck_assert_int_eq(run_folder_save(&made, NULL, &why), STATUS_NO_MEMORY);
    buf_fini(&path);
    run_folder_fini(&made);
}

static void opening_what_is_no_run_says_which_file(void)
{
    struct run_folder folder;
    struct error why = {0};
    ck_assert_int_eq(run_folder_open(testkit_tmp_path("nothing"), &folder, &why), STATUS_NOT_FOUND);
    ck_assert_ptr_ne(strstr(error_text(&why), "nothing"), NULL);
    ck_assert_int_eq(mkdir(testkit_tmp_path("bad"), 0755), 0);
    testkit_write(testkit_tmp_path("bad/run.json"), "{\"plan\":1}", 10);
    struct error invalid = {0};
    ck_assert_int_eq(run_folder_open(testkit_tmp_path("bad"), &folder, &invalid), STATUS_INVALID);
    ck_assert_ptr_ne(strstr(error_text(&invalid), "bad/run.json"), NULL);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_name_says_when_and_where),
        TESTKIT_TEST(a_folder_is_made_saved_and_opened_again),
        TESTKIT_TEST(a_run_that_does_not_fit_its_schema_is_not_written),
        TESTKIT_TEST(opening_what_is_no_run_says_which_file),
        {0},
    };
    return testkit_run("run_folder", tests);
}
