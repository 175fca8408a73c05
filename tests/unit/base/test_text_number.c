#include "text.h"

#include "testkit.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct {
    double value;
    int digits;
    const char *text;
} decimals[] = {
    {0, 0, "0"},
    {0, 3, "0.000"},
    {-0.0, 2, "0.00"},
    {-0.001, 2, "0.00"},
    {-0.006, 2, "-0.01"},
    {1234567.891, 2, "1234567.89"},
    {0.000123, 6, "0.000123"},
    {0.5, 0, "0"},
    {1.5, 0, "2"},
    {2.5, 0, "2"},
    {0.125, 2, "0.12"},
    {0.375, 2, "0.38"},
    {1e21, 0, "1000000000000000000000"},
    {1e-20, 9, "0.000000000"},
    {1.0 / 3, 99, "0.333333333"},
    {1.0 / 3, -1, "0"},
    {NAN, 3, ""},
    {INFINITY, 3, ""},
    {-INFINITY, 0, ""},
};

static void check_decimals(void)
{
    for (size_t i = 0; i < COUNT(decimals); i++) {
        char text[400];
        text_format_decimal(text, sizeof text, decimals[i].value, decimals[i].digits);
        ck_assert_str_eq(text, decimals[i].text);
    }
}

static void decimals_are_plain_and_rounded_half_to_even(void)
{
    check_decimals();
}

static void numbers_have_no_more_digits_than_they_need(void)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0"}, {-0.0, "0"}, {0.5, "0.5"}, {10, "10"}, {100, "100"}, {1.0 / 3, "0.333333333"},
        {-1.25, "-1.25"}, {1e-10, "0"}, {-1e-10, "0"}, {0.1, "0.1"}, {1e15, "1000000000000000"}, {NAN, ""}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[64];
        text_format_number(text, sizeof text, cases[i].value);
        ck_assert_str_eq(text, cases[i].text);
    }
}

static void the_largest_number_is_written_out(void)
{
    char text[400];
    text_format_decimal(text, sizeof text, -DBL_MAX, 9);
    ck_assert_uint_eq(strlen(text), 1 + 309 + 1 + 9);
    ck_assert_int_eq(strncmp(text, "-17976931348623157", 18), 0);
}

static void a_number_that_does_not_fit_is_left_out_whole(void)
{
    char text[5];
    text_format_decimal(text, sizeof text, 1.25, 2);
    ck_assert_str_eq(text, "1.25");
    text_format_decimal(text, sizeof text, 12.25, 2);
    ck_assert_str_eq(text, "");
    text_format_decimal(text, 0, 1, 0);
}

static void significant_digits_are_kept_and_no_more(void)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {{1.8859295840329646, "1.89"}, {0.05, "0.05"}, {0, "0"}, {19, "19"}, {12345, "12300"},
        {99.96, "100"}, {0.00012345, "0.000123"}, {-2.5049, "-2.5"}, {100, "100"}, {1e-12, "0"},
        {INFINITY, ""}, {NAN, ""}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[32];
        text_format_significant(text, sizeof text, cases[i].value, 3);
        ck_assert_str_eq(text, cases[i].text);
    }
}

static void durations_are_for_people(void)
{
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {{0, "0 s"}, {0.0012, "1.20 ms"}, {0.0123, "12.3 ms"}, {0.123, "123 ms"}, {0.9996, "1.0 s"},
        {3.4, "3.4 s"}, {59.94, "59.9 s"}, {59.96, "1 min 00 s"}, {125, "2 min 05 s"}, {3599.6, "1 h 00 min"},
        {7260, "2 h 01 min"}, {90000, "1 d 01 h"}, {0.0000123, "12.3 us"}, {0.00000000499, "5 ns"},
        {1e-6, "1.00 us"}, {0.000999999, "1.00 ms"}, {9.996e-3, "10.0 ms"}, {-3.4, "-3.4 s"},
        {1e300, "for ever"}, {INFINITY, "for ever"}, {NAN, "-"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[64];
        text_format_duration(text, sizeof text, cases[i].seconds);
        ck_assert_str_eq(text, cases[i].text);
    }
}

static void sizes_are_for_people(void)
{
    static const struct {
        double bytes;
        const char *text;
    } cases[] = {{0, "0 B"}, {512, "512 B"}, {1023, "1023 B"}, {1024, "1.0 KiB"}, {1572864, "1.5 MiB"},
        {1048575, "1.0 MiB"}, {8.0 * (1 << 30), "8.0 GiB"}, {-1536, "-1.5 KiB"}, {1e19, "8.7 EiB"},
        {NAN, "- B"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[64];
        text_format_bytes(text, sizeof text, cases[i].bytes);
        ck_assert_str_eq(text, cases[i].text);
    }
}

static void whole_numbers_are_read_to_their_limits(void)
{
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {{"0", 0}, {"-7", -7}, {"+7", 7}, {"007", 7}, {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN}};
    static const char *const bad[] = {"", " 1", "1 ", "1x", "0x10", "1.0", "1e3", "-", "+", "--1",
        "9223372036854775808", "-9223372036854775809", "nan", "\t1"};
    for (size_t i = 0; i < COUNT(good); i++) {
        int64_t value = 1;
        ck_assert(text_parse_i64(good[i].text, &value));
        ck_assert_int_eq(value, good[i].value);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t value = 4711;
        ck_assert_msg(!text_parse_i64(bad[i], &value), "\"%s\"", bad[i]);
        ck_assert_int_eq(value, 4711);
    }
}

static void check_reals(void)
{
    static const struct {
        const char *text;
        double value;
    } good[] = {{"0", 0}, {"1.5", 1.5}, {"-2.25e2", -225}, {".5", 0.5}, {"5.", 5}, {"+1", 1}, {"1E-3", 0.001},
        {"1e-400", 0}};
    static const char *const bad[] = {"", ".", "-", "e5", "1,5", "1.5.1", " 1", "1 ", "0x1p3", "nan", "inf",
        "infinity", "1e999", "-1e999", "1e", "1e+", "+-1"};
    for (size_t i = 0; i < COUNT(good); i++) {
        double value = 1;
        ck_assert_msg(text_parse_double(good[i].text, &value), "%s", good[i].text);
        ck_assert(value == good[i].value);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        double value = 4711;
        ck_assert_msg(!text_parse_double(bad[i], &value), "\"%s\"", bad[i]);
        ck_assert(value == 4711);
    }
}

static void real_numbers_are_read_whole_or_not_at_all(void)
{
    check_reals();
}

static void durations_are_read_exactly_and_overflow_is_refused(void)
{
    static const struct {
        const char *text;
        int64_t ns;
    } good[] = {{"0", 0}, {"1", INT64_C(1000000000)}, {"250ms", 250000000}, {"1.5s", 1500000000},
        {"10m", INT64_C(600000000000)}, {"10 min", INT64_C(600000000000)}, {"2h", INT64_C(7200000000000)},
        {"1d", INT64_C(86400000000000)}, {"7us", 7000}, {"7\xc2\xb5s", 7000}, {"3ns", 3}, {"0.1s", 100000000},
        {"0.000000001", 1}, {"9223372036854775807ns", INT64_MAX}, {"9223372036.854775807s", INT64_MAX},
        {"106751d", INT64_C(9223286400000000000)}, {"1.123456789s", 1123456789}};
    static const char *const bad[] = {"", "s", "-1s", "+1s", " 1s", "1s ", "1 ", "1x", "1.s", ".5s", "1e3s",
        "0x1s", "1S", "9223372036854775808ns", "9223372037s", "106752d", "99999999999999999999h",
        "9223372036.9s", "1h30m", "inf", "1,5s"};
    for (size_t i = 0; i < COUNT(good); i++) {
        int64_t ns = -1;
        ck_assert_msg(text_parse_duration_ns(good[i].text, &ns), "%s", good[i].text);
        ck_assert_msg(ns == good[i].ns, "%s gave %lld", good[i].text, (long long)ns);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t ns = 4711;
        ck_assert_msg(!text_parse_duration_ns(bad[i], &ns), "\"%s\"", bad[i]);
        ck_assert_int_eq(ns, 4711);
    }
}

static void sizes_are_read_with_their_units(void)
{
    static const struct {
        const char *text;
        int64_t bytes;
    } good[] = {{"0", 0}, {"4096", 4096}, {"64KiB", 65536}, {"64kib", 65536}, {"1.5GB", 1500000000},
        {"1.5 MiB", 1572864}, {"2kB", 2000}, {"1TiB", INT64_C(1) << 40}, {"7B", 7},
        {"8388607TiB", INT64_C(8388607) << 40}};
    static const char *const bad[] = {
        "", "B", "64K", "64M", "-1", "1 2", "8388608TiB", "1.5.5MB", "9223372036854775808"};
    for (size_t i = 0; i < COUNT(good); i++) {
        int64_t bytes = -1;
        ck_assert_msg(text_parse_bytes(good[i].text, &bytes), "%s", good[i].text);
        ck_assert_int_eq(bytes, good[i].bytes);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t bytes = 4711;
        ck_assert_msg(!text_parse_bytes(bad[i], &bytes), "\"%s\"", bad[i]);
        ck_assert_int_eq(bytes, 4711);
    }
}

/* Compiles the locale into this test's own folder where the system has only its source. */
static bool compile_german_locale(void)
{
    const char *folder = testkit_tmp(), *locale = testkit_tmp_path("de_DE.UTF-8");
    pid_t child = fork();
    if (child == 0) {
        (void)freopen("/dev/null", "w", stderr);
        (void)execlp("localedef", "localedef", "-i", "de_DE", "-f", "UTF-8", locale, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || setenv("LOCPATH", folder, 1) != 0)
        return false;
    return setlocale(LC_ALL, "de_DE.UTF-8") != NULL;
}

static bool use_german_locale(void)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8"};
    for (size_t i = 0; i < COUNT(names); i++)
        if (setlocale(LC_ALL, names[i]) != NULL)
            return true;
    return compile_german_locale();
}

static void a_locale_with_a_decimal_comma_changes_nothing(void)
{
    if (!use_german_locale())
        TESTKIT_SKIP("no locale with a decimal comma, and localedef could not make one");
    ck_assert_str_eq(localeconv()->decimal_point, ",");
    check_decimals();
    check_reals();
    char text[64];
    text_format_duration(text, sizeof text, 0.0012);
    ck_assert_str_eq(text, "1.20 ms");
    text_format_bytes(text, sizeof text, 1536);
    ck_assert_str_eq(text, "1.5 KiB");
    ck_assert_str_eq(localeconv()->decimal_point, ","); /* and the caller's locale is as it was */
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(decimals_are_plain_and_rounded_half_to_even),
        TESTKIT_TEST(numbers_have_no_more_digits_than_they_need),
        TESTKIT_TEST(the_largest_number_is_written_out),
        TESTKIT_TEST(a_number_that_does_not_fit_is_left_out_whole),
        TESTKIT_TEST(significant_digits_are_kept_and_no_more),
        TESTKIT_TEST(durations_are_for_people),
        TESTKIT_TEST(sizes_are_for_people),
        TESTKIT_TEST(whole_numbers_are_read_to_their_limits),
        TESTKIT_TEST(real_numbers_are_read_whole_or_not_at_all),
        TESTKIT_TEST(durations_are_read_exactly_and_overflow_is_refused),
        TESTKIT_TEST(sizes_are_read_with_their_units),
        TESTKIT_TEST(a_locale_with_a_decimal_comma_changes_nothing),
        {0},
    };
    return testkit_run("text_number", tests);
}
