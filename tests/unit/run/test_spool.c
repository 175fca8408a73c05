#include "spool.h"

#include "testkit.h"

#include "fs.h"
#include "json.h"
#include "process.h"
#include "strays.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct run_folder new_folder(void)
{
    struct run_folder folder;
    struct error why = {0};
    ck_assert_msg(run_folder_create(testkit_tmp_path("runs"), "box", 0, &folder, &why) == STATUS_OK, "%s",
        error_text(&why));
    return folder;
}

static void names_are_split_into_slug_attempt_and_kind(void)
{
    static const char *const others[] = {"owner.json", "a.intent.json", ".1.intent.json", "a.x.intent.json",
        "a.1.result.json.bad", "a.1.result.json.0123.tmp", "a1.intent.json", "a.9999999999.intent.json", ""};
    char slug[64];
    int attempt = 0;
    enum spool_kind kind;
    ck_assert(spool_parse_name("chat.short_x_-12ab.3.result.json", slug, sizeof slug, &attempt, &kind));
    ck_assert_str_eq(slug, "chat.short_x_-12ab");
    ck_assert(attempt == 3 && kind == SPOOL_RESULT);
    ck_assert(spool_parse_name("a.10.exchanges.jsonl", slug, sizeof slug, &attempt, &kind));
    ck_assert(attempt == 10 && kind == SPOOL_EXCHANGES);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        ck_assert_msg(!spool_parse_name(others[i], slug, sizeof slug, &attempt, &kind), "%s", others[i]);
    ck_assert(!spool_parse_name("far_too_long.1.intent.json", slug, 4, &attempt, &kind));
}

static void a_path_leads_back_to_its_test(void)
{
    struct run_folder folder = new_folder();
    struct buf path = BUF_INIT(4096);
    char slug[256];
    int attempt = 0;
    enum spool_kind kind;
    ck_assert_int_eq(spool_path(&folder, "chat.short[a/b c]", 2, SPOOL_INTENT, &path), STATUS_OK);
    ck_assert(spool_parse_name(strrchr(buf_text(&path), '/') + 1, slug, sizeof slug, &attempt, &kind));
    ck_assert(spool_slug_is(slug, "chat.short[a/b c]") && !spool_slug_is(slug, "chat.short[a/b d]"));
    buf_fini(&path);
    run_folder_fini(&folder);
}

static void no_attempt_is_given_twice(void)
{
    struct run_folder folder = new_folder();
    for (int i = 1; i <= 3; i++) {
        int attempt = 0, fd = -1;
        ck_assert_int_eq(spool_take_attempt(&folder, "a.b", &attempt, &fd, NULL), STATUS_OK);
        ck_assert_int_eq(attempt, i);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(close(fd), 0);
    }
    run_folder_fini(&folder);
}

static void room_becomes_the_result(void)
{
    struct run_folder folder = new_folder();
    struct json_object *record = json_object_new_object(), *read = NULL;
    struct buf path = BUF_INIT(4096);
    int fd = -1;
    ck_assert(json_set_text(record, "hello", "world"));
    ck_assert_int_eq(spool_keep_room(&folder, "a.b", 1, &fd, NULL), STATUS_OK);
    ck_assert_int_eq(spool_fill_room(&folder, "a.b", 1, fd, record, NULL), STATUS_OK);
    ck_assert_int_eq(close(fd), 0);
    ck_assert_int_eq(spool_path(&folder, "a.b", 1, SPOOL_RESULT, &path), STATUS_OK);
    ck_assert_int_eq(json_read_file(buf_text(&path), &read, NULL), STATUS_OK);
    ck_assert(json_deep_equal(record, read));
    buf_clear(&path);
    ck_assert_int_eq(spool_path(&folder, "a.b", 1, SPOOL_ROOM, &path), STATUS_OK);
    ck_assert(!fs_exists(buf_text(&path)));
    json_object_put(record);
    json_object_put(read);
    buf_fini(&path);
    run_folder_fini(&folder);
}

static pid_t start_sleeper(void)
{
    pid_t child = fork();
    if (child == 0)
        for (;;)
            (void)pause();
    return child;
}

static void a_run_belongs_to_its_driver_while_that_lives(void)
{
    struct run_folder folder = new_folder();
    pid_t driver = start_sleeper();
    ck_assert_int_eq(spool_owner(&folder), 0);
    ck_assert_int_eq(spool_claim(&folder, driver, NULL), STATUS_OK);
    ck_assert_int_eq(spool_owner(&folder), driver);
    ck_assert_int_eq(kill(driver, SIGKILL), 0);
    ck_assert_int_eq(waitpid(driver, NULL, 0), driver);
    ck_assert_int_eq(spool_owner(&folder), 0);
    ck_assert_int_eq(spool_claim(&folder, getppid(), NULL), STATUS_OK);
    ck_assert_int_eq(spool_owner(&folder), 0); /* who started us may have us finalise */
    ck_assert_int_eq(spool_drop_claim(&folder, NULL), STATUS_OK);
    ck_assert_int_eq(spool_drop_claim(&folder, NULL), STATUS_OK);
    run_folder_fini(&folder);
}

static void a_process_is_told_from_a_later_one_with_its_number(void)
{
    char boot_id[PROCESS_BOOT_ID_SIZE];
    pid_t child = start_sleeper();
    int64_t ticks = process_start_ticks(child);
    struct process p;
    process_boot_id(boot_id);
    ck_assert_int_gt(ticks, 0);
    ck_assert(process_read(child, &p) && p.parent == getpid());
    ck_assert(process_is(child, ticks, boot_id) && process_is(child, -1, NULL));
    ck_assert(!process_is(child, ticks + 1, boot_id) && !process_is(child, ticks, "another boot"));
    ck_assert_int_eq(kill(child, SIGKILL), 0);
    siginfo_t ended;
    ck_assert_int_eq(waitid(P_PID, (id_t)child, &ended, WEXITED | WNOWAIT), 0);
    ck_assert(!process_is(child, ticks, boot_id)); /* a zombie does not live */
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
}

static void what_was_there_before_is_spared(void)
{
    struct spared spared;
    (void)strays_adopt();
    pid_t old = start_sleeper();
    strays_spare_children(&spared);
    pid_t stray = start_sleeper();
    ck_assert_uint_eq(spared.count, 1);
    ck_assert_uint_eq(strays_kill(0, &spared), 1);
    ck_assert(!process_is(stray, -1, NULL));
    ck_assert(process_is(old, -1, NULL));
    ck_assert_uint_eq(strays_kill(0, NULL), 1);
    ck_assert(!process_is(old, -1, NULL));
    ck_assert_uint_eq(strays_kill(0, NULL), 0);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(names_are_split_into_slug_attempt_and_kind),
        TESTKIT_TEST(a_path_leads_back_to_its_test),
        TESTKIT_TEST(no_attempt_is_given_twice),
        TESTKIT_TEST(room_becomes_the_result),
        TESTKIT_TEST(a_run_belongs_to_its_driver_while_that_lives),
        TESTKIT_TEST(a_process_is_told_from_a_later_one_with_its_number),
        TESTKIT_TEST(what_was_there_before_is_spared),
        {0},
    };
    return testkit_run("spool", tests);
}
