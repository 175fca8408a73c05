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
        TESTKIT_TEST(plain_numbers_stay_whole_where_they_are),
        {0},
    };
    return testkit_run("quantity", tests);
}
