#include "log.h"

#include "testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What was logged since stderr was turned into a file of this test's own. */
static const char *catch_stderr(void)
{
    const char *path = testkit_tmp_path("stderr");
    ck_assert_ptr_nonnull(freopen(path, "w", stderr));
    return path;
}

static void check_logged(const char *path, const char *wanted)
{
    struct buf text = testkit_read(path);
    ck_assert_str_eq(buf_text(&text), wanted);
    buf_fini(&text);
}

static void warnings_and_notes_are_shown(void)
{
    ck_assert_int_eq(unsetenv("ASSAY_LOG"), 0);
    const char *path = catch_stderr();
    log_warning("one %d", 1);
    log_note("two");
    check_logged(path, "assay: warning: one 1\nassay: two\n");
}

static void the_environment_can_leave_notes_out(void)
{
    ck_assert_int_eq(setenv("ASSAY_LOG", "warning", 1), 0);
    const char *path = catch_stderr();
    log_warning("one");
    log_note("two");
    check_logged(path, "assay: warning: one\n");
}

static void an_unknown_level_is_as_if_none_was_given(void)
{
    ck_assert_int_eq(setenv("ASSAY_LOG", "loud", 1), 0);
    const char *path = catch_stderr();
    log_note("shown");
    check_logged(path, "assay: shown\n");
}

static void hostile_text_stays_on_one_line_and_is_cut(void)
{
    const char *path = catch_stderr();
    log_note("a\nb\x1b[31m\x07%s", "\r\nc");
    check_logged(path, "assay: a b\\x07 c\n");
    char *text = malloc(100001);
    ck_assert_ptr_nonnull(text);
    memset(text, 'x', 100000);
    text[100000] = '\0';
    log_note("%s", text);
    free(text);
    struct buf logged = testkit_read(path);
    ck_assert_uint_lt(logged.len, 4200);
    ck_assert_ptr_nonnull(strstr(buf_text(&logged), "bytes left out"));
    buf_fini(&logged);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(warnings_and_notes_are_shown),
        TESTKIT_TEST(the_environment_can_leave_notes_out),
        TESTKIT_TEST(an_unknown_level_is_as_if_none_was_given),
        TESTKIT_TEST(hostile_text_stays_on_one_line_and_is_cut),
        {0},
    };
    return testkit_run("log", tests);
}
