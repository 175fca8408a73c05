#include "quantity.h"

#include "testkit.h"

static void figures_have_three_digits_and_a_unit_that_fits(void)
{
    static const struct {
        const char *unit;
        double value;
        const char *shown;
    } rows[] = {
        {"s", 0.0123, "12.3 ms"},
        {"s", 0.00999634, "10.0 ms"},
        {"s", 1.5, "1.50 s"},
        {"s", 90, "90.0 s"},
        {"s", 0.9999, "1000 ms"},
        {"s", 0.0000045, "4.50 µs"},
        {"s", 0.0000000045, "4.50 ns"},
        {"s", 0, "0 s"},
        {"s", -0.002, "-2.00 ms"},
        {"bytes", 0, "0 B"},
        {"bytes", 1536, "1.50 KiB"},
        {"bytes", 3145728, "3.00 MiB"},
        {"tokens/s", 149.03, "149 tokens/s"},
        {"tokens/s", 12242.4, "12242 tokens/s"},
        {"1", 0.95, "0.950"},
        {"s", 1e300, "above 1e15 s"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[QUANTITY_SIZE];
        struct quantity_unit unit = quantity_unit_for(rows[i].unit, rows[i].value);
        quantity_format(text, sizeof text, &unit, rows[i].value);
        ck_assert_str_eq(text, rows[i].shown);
    }
}

static void a_row_keeps_the_unit_of_its_median(void)
{
    char text[QUANTITY_SIZE];
    struct quantity_unit unit = quantity_unit_for("s", 0.0123);
    quantity_format(text, sizeof text, &unit, 0.0000004);
    ck_assert_str_eq(text, "0.000400 ms");
    quantity_format(text, sizeof text, &unit, 2);
    ck_assert_str_eq(text, "2000 ms");
}

static void a_row_has_digits_and_its_spread_a_unit_that_can_be_read(void)
{
    static const struct {
        const char *unit;
        double median, mad;
        const char *shown, *spread;
    } rows[] = {
        {"s", 0.0100021, 0.0000306, "10.0 ms", "31 µs"},
        {"s", 0.00999, 0.00085, "9.99 ms", "0.85 ms"},
        {"s", 0.139, 0.00276, "139 ms", "2.8 ms"},
        {"s", 0.0124, 0.031, "12 ms", "31 ms"},
        {"s", 1.269, 0.0166, "1.27 s", "17 ms"},
        {"tokens/s", 239.1, 0.265, "239 tokens/s", "0.27 tokens/s"},
        {"tokens/s", 100, 0.0194, "100 tokens/s", "0.019 tokens/s"},
        {"s", 0.0123, 0, "12.3 ms", "0 ms"},
        {"", 12227.4, 5.04, "12227", "5"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[QUANTITY_SIZE];
        struct quantity_unit unit = quantity_unit_for_row(rows[i].unit, rows[i].median, rows[i].mad);
        quantity_format(text, sizeof text, &unit, rows[i].median);
        ck_assert_str_eq(text, rows[i].shown);
        quantity_format_spread(text, sizeof text, &unit, rows[i].mad);
        ck_assert_str_eq(text, rows[i].spread);
    }
}

static void the_ends_of_a_range_differ_where_they_do(void)
{
    char text[2 * QUANTITY_SIZE];
    struct quantity_unit unit = quantity_unit_for_row("tokens/s", 100, 0.2);
    quantity_format_range(text, sizeof text, &unit, 98.7, 101.2);
    ck_assert_str_eq(text, "99 to 101 tokens/s");
    quantity_format_range(text, sizeof text, &unit, 99.96, 100.04);
    ck_assert_str_eq(text, "99.96 to 100.04 tokens/s");
    quantity_format_range(text, sizeof text, &unit, 100, 100);
    ck_assert_str_eq(text, "100 to 100 tokens/s");
}

static void plain_numbers_stay_whole_where_they_are(void)
{
    static const struct {
        double value;
        const char *shown;
    } rows[] = {{0, "0"}, {42, "42"}, {1200000, "1200000"}, {0.05, "0.0500"}, {-1.21, "-1.21"},
        {1e300, "above 1e15"}, {-1e300, "below -1e15"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[QUANTITY_SIZE];
        quantity_format_number(text, sizeof text, rows[i].value);
        ck_assert_str_eq(text, rows[i].shown);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(figures_have_three_digits_and_a_unit_that_fits),
        TESTKIT_TEST(a_row_keeps_the_unit_of_its_median),
        TESTKIT_TEST(a_row_has_digits_and_its_spread_a_unit_that_can_be_read),
        TESTKIT_TEST(the_ends_of_a_range_differ_where_they_do),
        TESTKIT_TEST(plain_numbers_stay_whole_where_they_are),
        {0},
    };
    return testkit_run("quantity", tests);
}
