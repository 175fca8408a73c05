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

/* Calls of read and pread that the kernel counted for this process; false where it does not count them. */
static bool count_reads(long long *count)
{
    static const char key[] = "syscr: ";
    char text[512];
    FILE *f = fopen("/proc/self/io", "re");
    size_t len = f ? fread(text, 1, sizeof text - 1, f) : 0;
    if (f)
        fclose(f);
    text[len] = '\0';
    const char *at = strstr(text, key);
    return at && sscanf(at + sizeof key - 1, "%lld", count) == 1;
}

/* How many calls ten readings take, beside those of counting. */
static long long reads_for(const char *path, char *text, size_t size)
{
    struct kept_file f;
    long long before, none, after;
    kept_open(&f, "", path);
    ck_assert(kept_read(&f, text, size));
    ck_assert(count_reads(&before) && count_reads(&none));
    for (int i = 0; i < 10; i++)
        ck_assert(kept_read(&f, text, size));
    ck_assert(count_reads(&after));
    kept_close(&f);
    return after - none - (none - before);
}

static void a_short_file_takes_one_call_and_a_long_one_is_whole(void)
{
    static char text[64 * 1024];
    long long count;
    if (!count_reads(&count))
        TESTKIT_SKIP("this kernel does not count the calls of a process");
    ck_assert_int_eq(reads_for("/proc/loadavg", text, sizeof text), 10);
    ck_assert_int_ge(reads_for("/proc/vmstat", text, sizeof text), 10);
    ck_assert_msg(text[strlen(text) - 1] == '\n' && strstr(text, "pgfault") != NULL, "%s", text);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_file_is_read_again_and_again),
        TESTKIT_TEST(a_file_that_does_not_fit_is_an_error_unless_its_start_is_wanted),
        TESTKIT_TEST(what_is_not_there_is_unavailable_and_what_cannot_be_read_an_error),
        TESTKIT_TEST(a_path_beyond_all_measure_is_an_error),
        TESTKIT_TEST(a_short_file_takes_one_call_and_a_long_one_is_whole),
        {0},
    };
    return testkit_run("kept_file", tests);
}
