#include "status.h"

#include "testkit.h"

#include <errno.h>
#include <string.h>

static void an_error_says_what_is_wrong_and_where(void)
{
    static const struct {
        const char *file;
        long line, column;
        const char *pointer, *rendered;
    } places[] = {
        {"run.json", 3, 14, "/plan/0", "run.json:3:14: /plan/0: expected a string"},
        {"run.json", 3, 0, NULL, "run.json:3: expected a string"},
        {"run.json", 0, 7, NULL, "run.json: expected a string"},
        {NULL, 0, 0, "/plan/0", "/plan/0: expected a string"},
        {NULL, 3, 0, NULL, "line 3: expected a string"},
        {NULL, 0, 0, NULL, "expected a string"},
    };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct error e = {0};
        ck_assert_int_eq(error_set(&e, STATUS_INVALID, "expected a %s", "string"), STATUS_INVALID);
        error_locate(&e, places[i].file, places[i].line, places[i].column, places[i].pointer);
        ck_assert_str_eq(error_text(&e), places[i].rendered);
        ck_assert_str_eq(error_text(&e), places[i].rendered);
    }
}

static void the_first_known_place_stays(void)
{
    struct error e = {0};
    (void)error_set(&e, STATUS_INVALID, "bad");
    error_locate(&e, NULL, 7, 1, NULL);
    error_locate(&e, "outer.json", 99, 99, "/outer");
    error_locate(&e, "other.json", 1, 1, "/other");
    ck_assert_str_eq(error_text(&e), "outer.json:7:1: /outer: bad");
}

static void a_new_error_forgets_the_place_of_the_old_one(void)
{
    struct error e = {0};
    (void)error_set(&e, STATUS_INVALID, "old");
    error_locate(&e, "old.json", 1, 2, "/old");
    (void)error_set(&e, STATUS_LIMIT, "new");
    ck_assert_int_eq(e.status, STATUS_LIMIT);
    ck_assert_str_eq(error_text(&e), "new");
}

static void context_may_be_added_from_the_error_itself(void)
{
    struct error e = {0};
    (void)error_set(&e, STATUS_INVALID, "inner");
    (void)error_set(&e, STATUS_INVALID, "outer: %s", e.text);
    ck_assert_str_eq(e.text, "outer: inner");
}

static void errno_is_spelled_out_and_kept(void)
{
    struct error e = {0};
    errno = ENOSPC;
    ck_assert_int_eq(error_set_errno(&e, "cannot write %s", "x"), STATUS_IO);
    ck_assert_str_eq(e.text, "cannot write x: No space left on device");
    ck_assert_int_eq(errno, ENOSPC);
    errno = ENOMEM;
    ck_assert_int_eq(error_set_errno(&e, "cannot"), STATUS_NO_MEMORY);
}

static void without_a_place_for_details_the_status_alone_comes_back(void)
{
    ck_assert_int_eq(error_set(NULL, STATUS_BUSY, "%d", 1), STATUS_BUSY);
    errno = EIO;
    ck_assert_int_eq(error_set_errno(NULL, "x"), STATUS_IO);
    error_locate(NULL, "f", 1, 1, "/");
}

static void overlong_texts_are_cut_not_overrun(void)
{
    static char text[5000];
    memset(text, 'x', sizeof text - 1);
    struct error e = {0};
    (void)error_set(&e, STATUS_INVALID, "%s", text);
    error_locate(&e, text, 1, 1, text);
    ck_assert_uint_eq(strlen(e.text), sizeof e.text - 1);
    ck_assert_uint_lt(strlen(error_text(&e)), sizeof e.rendered);
    errno = EIO;
    (void)error_set_errno(&e, "%s", text);
    ck_assert_uint_eq(strlen(e.text), sizeof e.text - 1);
}

static void every_status_has_a_name_of_its_own(void)
{
    for (int i = STATUS_OK; i <= STATUS_INTERNAL; i++) {
        ck_assert_str_ne(status_name((enum status)i), "unknown");
        for (int j = STATUS_OK; j < i; j++)
            ck_assert_str_ne(status_name((enum status)i), status_name((enum status)j));
    }
    ck_assert_str_eq(status_name((enum status)99), "unknown");
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(an_error_says_what_is_wrong_and_where),
        TESTKIT_TEST(the_first_known_place_stays),
        TESTKIT_TEST(a_new_error_forgets_the_place_of_the_old_one),
        TESTKIT_TEST(context_may_be_added_from_the_error_itself),
        TESTKIT_TEST(errno_is_spelled_out_and_kept),
        TESTKIT_TEST(without_a_place_for_details_the_status_alone_comes_back),
        TESTKIT_TEST(overlong_texts_are_cut_not_overrun),
        TESTKIT_TEST(every_status_has_a_name_of_its_own),
        {0},
    };
    return testkit_run("status", tests);
}
