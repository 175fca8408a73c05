/* What a timeline keeps of its readings, how counters become rates, and round figures along axes. */
#include "timeline_axis.h"
#include "timeline_rate.h"
#include "timeline_table.h"

#include "sensor.h"
#include "testkit.h"

#include <math.h>
#include <string.h>

static void fill(struct timeline_table *table, size_t limit, size_t readings, size_t *column)
{
    timeline_table_init(table, limit);
    ck_assert_int_eq(timeline_table_add_column(table, column), STATUS_OK);
    for (size_t i = 0; i < readings; i++) {
        if (timeline_table_add_row(table, (int64_t)i * 100) != STATUS_OK)
            ck_abort_msg("no memory");
        timeline_table_put(table, *column, i == 777 ? 1e6 : i == 778 ? -1e6 : (double)(i % 10));
    }
}

static void a_peak_among_merged_readings_is_kept(void)
{
    struct timeline_table table;
    size_t column;
    double low, high;
    fill(&table, 64, 10000, &column);
    ck_assert_uint_le(table.count, 64);
    ck_assert_uint_ge(table.per_row, 157);
    ck_assert_uint_eq(table.readings, 10000);
    timeline_table_range(&table, column, 0, table.count, &low, &high);
    ck_assert_double_eq(low, -1e6);
    ck_assert_double_eq(high, 1e6);
    size_t row = 777 / table.per_row;
    timeline_table_range(&table, column, row, row + 1, &low, &high);
    ck_assert_double_eq(high, 1e6);
    for (size_t i = 0; i < table.count; i++)
        ck_assert_int_eq(table.t_ns[i], (int64_t)(i * table.per_row) * 100);
    timeline_table_fini(&table);
}

static void few_readings_stay_as_they_are(void)
{
    struct timeline_table table;
    size_t column;
    double low, high;
    fill(&table, 4096, 1000, &column);
    ck_assert_uint_eq(table.per_row, 1);
    ck_assert_uint_eq(table.count, 1000);
    timeline_table_range(&table, column, 13, 14, &low, &high);
    ck_assert_double_eq(low, 3);
    ck_assert_double_eq(high, 3);
    ck_assert_uint_eq(timeline_table_row_at(&table, 1300), 13);
    ck_assert_uint_eq(timeline_table_row_at(&table, 1301), 14);
    ck_assert_uint_eq(timeline_table_row_at(&table, 1000000), 1000);
    timeline_table_fini(&table);
}

static void a_column_that_comes_late_was_not_read_before(void)
{
    struct timeline_table table;
    size_t first, late;
    double low, high;
    fill(&table, 64, 1000, &first);
    ck_assert_int_eq(timeline_table_add_column(&table, &late), STATUS_OK);
    ck_assert_int_eq(timeline_table_add_row(&table, 200000), STATUS_OK);
    timeline_table_put(&table, late, 5);
    timeline_table_range(&table, late, 0, table.count - 1, &low, &high);
    ck_assert(isnan(low) && isnan(high));
    timeline_table_range(&table, late, 0, table.count, &low, &high);
    ck_assert_double_eq(high, 5);
    timeline_table_fini(&table);
}

static void a_table_refuses_more_columns_than_it_holds(void)
{
    struct timeline_table table;
    size_t column;
    timeline_table_init(&table, 64);
    for (size_t i = 0; i < TIMELINE_COLUMNS_MAX; i++)
        ck_assert_int_eq(timeline_table_add_column(&table, &column), STATUS_OK);
    ck_assert_int_eq(timeline_table_add_column(&table, &column), STATUS_LIMIT);
    timeline_table_fini(&table);
}

static void time_never_goes_back(void)
{
    struct timeline_table table;
    timeline_table_init(&table, 64);
    ck_assert_int_eq(timeline_table_add_row(&table, 500), STATUS_OK);
    ck_assert_int_eq(timeline_table_add_row(&table, 100), STATUS_OK);
    ck_assert_int_eq(table.t_ns[1], 500);
    timeline_table_fini(&table);
}

/* ---- rates ---- */

static bool step(struct timeline_rate *rate, const struct timeline_spec *spec, double t_s, double value,
    size_t reading, double *out, size_t *from)
{
    struct timeline_counter now = {
        .value = value, .total = t_s * 4, .t_ns = (int64_t)(t_s * 1e9), .reading = reading};
    return timeline_rate_step(rate, spec, &now, out, from);
}

static void a_counter_that_leaps_once_a_second_becomes_an_even_rate(void)
{
    const struct timeline_spec spec = {.kind = SERIES_RATE, .window_s = 0.9};
    struct timeline_rate rate = {0};
    double value = 0;
    size_t from = 99;
    ck_assert(!step(&rate, &spec, 10.0, 7, 0, &value, &from));
    for (size_t i = 1; i < 5; i++)
        ck_assert(!step(&rate, &spec, 10.0 + 0.2 * (double)i, 7, i, &value, &from));
    ck_assert(step(&rate, &spec, 11.0, 9, 5, &value, &from));
    ck_assert_double_eq_tol(value, 2, 1e-9);
    ck_assert_uint_eq(from, 1);
}

static void a_counter_at_rest_is_zero_and_not_unknown(void)
{
    const struct timeline_spec spec = {.kind = SERIES_RATE, .window_s = 0.1};
    struct timeline_rate rate = {0};
    double value = 5;
    size_t from = 99;
    ck_assert(!step(&rate, &spec, 1.0, 7, 0, &value, &from));
    ck_assert(step(&rate, &spec, 1.21, 7, 1, &value, &from));
    ck_assert_double_eq(value, 0);
}

static void a_share_is_of_all_processors(void)
{
    const struct timeline_spec spec = {.kind = SERIES_SHARE, .window_s = 0.1};
    struct timeline_rate rate = {0};
    double value = 0;
    size_t from = 99;
    ck_assert(!step(&rate, &spec, 1.0, 0, 0, &value, &from));
    ck_assert(step(&rate, &spec, 2.0, 1, 1, &value, &from)); /* one of four processors */
    ck_assert_double_eq_tol(value, 25, 1e-9);
}

static void a_counter_that_begins_anew_gives_no_rate(void)
{
    const struct timeline_spec spec = {.kind = SERIES_RATE, .window_s = 0.1};
    struct timeline_rate rate = {0};
    double value = 0;
    size_t from = 99;
    ck_assert(!step(&rate, &spec, 1.0, 1000, 0, &value, &from));
    ck_assert(!step(&rate, &spec, 2.0, 1, 1, &value, &from));
    ck_assert(step(&rate, &spec, 3.0, 3, 2, &value, &from));
    ck_assert_double_eq_tol(value, 2, 1e-9);
    ck_assert_uint_eq(from, 2);
}

/* ---- names ---- */

/* Names with a "*" are of parts: the monitor makes them. */
static void every_line_of_the_machine_is_a_sensor_of_ours(void)
{
    for (const struct timeline_spec *spec = timeline_specs; spec->pattern; spec++) {
        bool known = spec->memmon || strchr(spec->pattern, '*');
        for (size_t i = 0; i < SENSOR_COUNT && !known; i++)
            known = strcmp(sensor_table[i].name, spec->pattern) == 0;
        ck_assert_msg(known, "there is no sensor %s", spec->pattern);
    }
    for (size_t i = SENSOR_GPU_FIRST; i < SENSOR_COUNT; i++) {
        char name[64], part[32];
        sensor_gpu_name(3, (enum sensor_id)i, name, sizeof name);
        const struct timeline_spec *spec = timeline_spec_find(name, false, part, sizeof part);
        ck_assert_msg(!spec || strcmp(part, "3") == 0, "%s is drawn as %s", name, part);
    }
}

static void a_sensor_is_found_by_its_pattern(void)
{
    char part[32], label[64];
    const struct timeline_spec *spec = timeline_spec_find("energy_package_0_j", false, part, sizeof part);
    ck_assert_ptr_nonnull(spec);
    ck_assert_str_eq(part, "package_0");
    spec = timeline_spec_find("gpu1_utilisation", false, part, sizeof part);
    ck_assert_ptr_nonnull(spec);
    timeline_spec_label(spec, part, label, sizeof label);
    ck_assert_str_eq(label, "GPU 1");
    ck_assert_ptr_null(timeline_spec_find("gpu_utilisation", false, part, sizeof part));
    ck_assert_ptr_null(timeline_spec_find("oom_kills", false, part, sizeof part));
    ck_assert_int_eq(timeline_spec_find("cpu_user", true, part, sizeof part)->kind, SERIES_GAUGE);
    ck_assert_int_eq(timeline_spec_find("cpu_user", false, part, sizeof part)->kind, SERIES_SHARE);
}

/* ---- axes ---- */

static void axes_end_at_round_figures(void)
{
    static const struct {
        const char *unit;
        double highest, at_least, top, step;
        const char *last;
    } cases[] = {
        {"bytes", 23.0 * 1024 * 1024 * 1024, 0, 30.0 * 1024 * 1024 * 1024, 10.0 * 1024 * 1024 * 1024,
            "30 GiB"},
        {"bytes/s", 3000, 0, 3072, 1024, "3 KiB/s"},
        {"%", 3, 100, 100, 25, "100%"},
        {"W", 403, 0, 600, 200, "600 W"},
        {"", 0, 1, 1, 0.5, "1"},
        {"", 0, 0, 1, 0.5, "1"},
    };
    char text[48];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct timeline_axis axis = timeline_axis_for(cases[i].unit, cases[i].highest, cases[i].at_least, 4);
        timeline_axis_label(&axis, axis.top, text, sizeof text);
        ck_assert_str_eq(text, cases[i].last);
        ck_assert_double_eq_tol(axis.top, cases[i].top, 1e-6);
        ck_assert_double_eq_tol(axis.step, cases[i].step, 1e-6);
    }
}

static void moments_are_as_exact_as_their_step(void)
{
    static const struct {
        double t_s, step_s;
        const char *text;
    } cases[] = {{0, 1, "0 s"}, {1.5, 0.5, "1.5 s"}, {90, 30, "1:30"}, {3600, 600, "1:00:00"},
        {86400, 7200, "24:00:00"}, {59.9999, 60, "1:00"}};
    char text[48];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        timeline_time_label(cases[i].t_s, cases[i].step_s, text, sizeof text);
        ck_assert_str_eq(text, cases[i].text);
    }
    ck_assert_double_eq(timeline_time_step(600, 8), 120);
    ck_assert_double_eq(timeline_time_step(0.004, 8), 1e-3);
    ck_assert_double_ge(timeline_time_step(1e9, 8) * 8, 1e9);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_peak_among_merged_readings_is_kept),
        TESTKIT_TEST(few_readings_stay_as_they_are),
        TESTKIT_TEST(a_column_that_comes_late_was_not_read_before),
        TESTKIT_TEST(a_table_refuses_more_columns_than_it_holds),
        TESTKIT_TEST(time_never_goes_back),
        TESTKIT_TEST(a_counter_that_leaps_once_a_second_becomes_an_even_rate),
        TESTKIT_TEST(a_counter_at_rest_is_zero_and_not_unknown),
        TESTKIT_TEST(a_share_is_of_all_processors),
        TESTKIT_TEST(a_counter_that_begins_anew_gives_no_rate),
        TESTKIT_TEST(every_line_of_the_machine_is_a_sensor_of_ours),
        TESTKIT_TEST(a_sensor_is_found_by_its_pattern),
        TESTKIT_TEST(axes_end_at_round_figures),
        TESTKIT_TEST(moments_are_as_exact_as_their_step),
        {0},
    };
    return testkit_run("timeline_table", tests);
}
