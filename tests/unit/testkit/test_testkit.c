/* The kit must not call anything good that is not: each test here runs another suite inside. */
#include "testkit.h"
#include "tries.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void holds(void)
{
    ck_assert_int_eq(1, 1);
}

static void fails(void)
{
    ck_assert_int_eq(1, 2);
}

static void crashes(void)
{
    (void)raise(SIGSEGV);
}

static void leaves(void)
{
    ck_assert_int_eq(1, 1);
    exit(0);
}

static void hangs(void)
{
    for (;;)
        (void)pause();
}

static void skips(void)
{
    TESTKIT_SKIP("only %s", "a rehearsal");
}

static void is_good_in_the_third_try(void)
{
    int patience = 0;
    for (struct tries t = {0}; tries_next(&t); patience = 10 * patience + tries_patience(&t)) {
        tries_judge(&t, t.number >= 2, "the first try");
        tries_judge(&t, t.number >= 3, "try %d", t.number);
    }
    ck_assert_int_eq(patience, 124);
}

static void is_good_in_no_try(void)
{
    for (struct tries t = {0}; tries_next(&t);)
        tries_judge(&t, t.number > TRIES_MOST, "try %d", t.number);
}

static const struct {
    struct testkit_test suite[3];
    int code;
} suites[] = {
    {{TESTKIT_TEST(holds)}, 0}, {{TESTKIT_TEST(fails)}, 1}, {{TESTKIT_TEST(holds), TESTKIT_TEST(fails)}, 1},
    {{TESTKIT_TEST(crashes)}, 1}, {{TESTKIT_TEST(leaves)}, 1},
    {{{.name = "hangs", .body = hangs, .timeout_s = 0.2}}, 1}, {{TESTKIT_TEST(skips)}, 77},
    {{TESTKIT_TEST(skips), TESTKIT_TEST(holds)}, 0}, {{TESTKIT_TEST(skips), TESTKIT_TEST(fails)}, 1},
    {{TESTKIT_TEST(is_good_in_the_third_try)}, 0}, {{TESTKIT_TEST(is_good_in_no_try)}, 1},
    {{{0}}, 1}, /* no test at all proves nothing */
};

/* Exit code of a suite in a process of its own, so that the kit's state here is left alone. */
static int run_inside(int (*body)(const void *), const void *arg)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0)
        _exit(setenv("CK_VERBOSITY", "silent", 1) == 0 ? body(arg) : 99);
    ck_assert_int_gt(child, 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int run_suite(const void *suite)
{
    return testkit_run("inner", suite);
}

static void only_what_was_proved_counts_as_passed(void)
{
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++)
        ck_assert_msg(run_inside(run_suite, suites[i].suite) == suites[i].code, "suite %zu", i);
}

static char seen[512]; /* the temporary folder that the inner test saw */

static void notes_its_folder(void)
{
    (void)snprintf(seen, sizeof seen, "%s", testkit_tmp());
    testkit_write(testkit_tmp_path("file"), "x", 1);
    ck_assert_int_eq(access(testkit_tmp_path("file"), R_OK), 0);
    ck_assert_str_eq(testkit_tmp(), seen);
}

static int run_and_look_for_the_folder(const void *suite)
{
    if (setenv("CK_FORK", "no", 1) != 0 || testkit_run("inner", suite) != 0)
        return 1;
    return seen[0] != '\0' && access(seen, F_OK) != 0 ? 0 : 2;
}

static void temporary_folders_are_gone_at_the_end(void)
{
    static const struct testkit_test inner[] = {TESTKIT_TEST(notes_its_folder), {0}};
    ck_assert_int_eq(run_inside(run_and_look_for_the_folder, inner), 0);
}

static void data_of_the_project_are_found_from_anywhere(void)
{
    ck_assert_int_eq(chdir("/"), 0);
    struct buf text = testkit_read(testkit_path("LICENSE"));
    ck_assert_ptr_nonnull(strstr(buf_text(&text), "MIT"));
    buf_fini(&text);
    ck_assert_int_eq(setenv("ASSAY_SHARED_DIR", "/nowhere", 1), 0);
    ck_assert_ptr_null(testkit_shared_path("design.md"));
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(only_what_was_proved_counts_as_passed),
        TESTKIT_TEST(temporary_folders_are_gone_at_the_end),
        TESTKIT_TEST(data_of_the_project_are_found_from_anywhere),
        {0},
    };
    return testkit_run("testkit", tests);
}
