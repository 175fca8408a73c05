#include "kept_file.h"

#include "testkit.h"

#include <stdio.h>
#include <string.h>

static const char *root(void)
{
    testkit_write(testkit_tmp_path("ten"), "0123456789", 10);
    return testkit_tmp();
}

static void a_file_is_read_again_and_again(void)
{
    struct kept_file f;
    char text[16];
    kept_open(&f, root(), "/ten");
    for (int i = 0; i < 2; i++) {
        ck_assert(kept_read(&f, text, sizeof text));
        ck_assert_str_eq(text, "0123456789");
    }
    ck_assert_int_eq(f.status, SENSOR_OK);
    kept_close(&f);
    kept_close(&f);
}

static void a_file_that_does_not_fit_is_an_error_unless_its_start_is_wanted(void)
{
    struct kept_file f;
    struct reading r = {0};
    char text[8];
    kept_open(&f, root(), "/ten");
    ck_assert(kept_read_start(&f, text, sizeof text));
    ck_assert_str_eq(text, "0123456");
    ck_assert(!kept_read(&f, text, sizeof text));
    ck_assert_int_eq(f.status, SENSOR_ERROR);
    ck_assert_str_eq(f.reason, "longer than 7 bytes");
    kept_explain(&f, &r, "ten");
    ck_assert_int_eq(r.status, SENSOR_ERROR);
    kept_close(&f);
}

static void what_is_not_there_is_unavailable_and_what_cannot_be_read_an_error(void)
{
    static const struct {
        const char *path;
        enum sensor_status status;
        const char *reason;
    } files[] = {
        {"/absent", SENSOR_UNAVAILABLE, "No such file"},
        {"/ten/below", SENSOR_UNAVAILABLE, "Not a directory"},
        {"/", SENSOR_ERROR, "directory"}, /* opens, and cannot be read */
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct kept_file f;
        struct reading r = {0};
        char text[16];
        kept_open(&f, root(), files[i].path);
        ck_assert(!kept_read(&f, text, sizeof text));
        ck_assert_int_eq(f.status, files[i].status);
        ck_assert_msg(strstr(f.reason, files[i].reason) != NULL, "%s: %s", files[i].path, f.reason);
        kept_explain(&f, &r, files[i].path);
        ck_assert_int_eq(r.status, files[i].status);
        kept_close(&f);
    }
}

static void a_path_beyond_all_measure_is_an_error(void)
{
    struct kept_file f;
    char deep[2000], text[16];
    memset(deep, 'd', sizeof deep);
    deep[0] = '/';
    deep[sizeof deep - 1] = '\0';
    kept_open(&f, deep, "/ten");
    ck_assert(!kept_read(&f, text, sizeof text));
    ck_assert_int_eq(f.status, SENSOR_ERROR);
    ck_assert_str_eq(f.reason, "the path is too long");
    kept_close(&f);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_file_is_read_again_and_again),
        TESTKIT_TEST(a_file_that_does_not_fit_is_an_error_unless_its_start_is_wanted),
        TESTKIT_TEST(what_is_not_there_is_unavailable_and_what_cannot_be_read_an_error),
        TESTKIT_TEST(a_path_beyond_all_measure_is_an_error),
        {0},
    };
    return testkit_run("kept_file", tests);
}
