/* A run's files, and files of samples alone, as a timeline. */
#include "timeline_data.h"

#include "made_run.h"
#include "run_data.h"
#include "testkit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define T0 INT64_C(1795218367000000000)

static void add_sample(struct buf *out, double t_s, const char *more, const char *values)
{
    buf_printf(out, "{\"schema_version\":\"1.0.0\",%s\"unix_ns\":%lld,\"mono_ns\":%lld,\"values\":{%s}}\n",
        more, (long long)(T0 + (int64_t)(t_s * 1e9)), (long long)(1000 + (int64_t)(t_s * 1e9)), values);
}

static const char *write_lines(const char *name, struct buf *lines)
{
    const char *path = testkit_tmp_path(name);
    testkit_write(path, lines->data, lines->len);
    buf_fini(lines);
    return path;
}

static void read_samples(struct buf *lines, struct timeline *t)
{
    struct error why = {0};
    enum status s = timeline_read_samples_file(write_lines("samples.jsonl", lines), t, &why);
    ck_assert_msg(s == STATUS_OK, "%s", error_text(&why));
}

static const struct timeline_series *find_series(const struct timeline *t, const char *sensor)
{
    for (size_t i = 0; i < t->series_count; i++)
        if (strcmp(t->series[i].sensor, sensor) == 0)
            return &t->series[i];
    ck_abort_msg("there is no line of %s", sensor);
    return NULL;
}

/* The value of a line at its n-th row; NAN where there is none. */
static double value_at(const struct timeline *t, const char *sensor, size_t row)
{
    const struct timeline_series *s = find_series(t, sensor);
    double low, high;
    timeline_table_range(&t->tables[s->table], s->column, row, row + 1, &low, &high);
    return high;
}

static void gauges_and_counters_of_samples_become_lines(void)
{
    struct buf lines = BUF_INIT(1 << 20);
    struct timeline t;
    char values[256];
    for (int i = 0; i < 10; i++) {
        snprintf(values, sizeof values,
            "\"memory_available\":1073741824,\"cpu_total\":%d.0,\"cpu_busy\":%d.5,\"energy_psys_j\":%d,"
            "\"swap_out\":0",
            100 + 8 * i, 50 + 2 * i, 40 * i);
        add_sample(&lines, i, "", values);
    }
    read_samples(&lines, &t);
    ck_assert_double_eq(value_at(&t, "memory_available", 3), 1073741824);
    ck_assert(isnan(value_at(&t, "cpu_busy", 0)));
    ck_assert_double_eq_tol(value_at(&t, "cpu_busy", 5), 25, 1e-4);
    ck_assert_double_eq_tol(value_at(&t, "energy_psys_j", 9), 40, 1e-4);
    ck_assert(find_series(&t, "swap_out")->read && !find_series(&t, "swap_out")->drawn);
    ck_assert_int_eq(t.start_ns, T0);
    ck_assert_int_eq(t.end_ns, T0 + 9 * INT64_C(1000000000));
    ck_assert(timeline_row_is_drawn(&t, ROW_ENERGY) && !timeline_row_is_drawn(&t, ROW_GPU));
    timeline_fini(&t);
}

/* A sum that is rounded differently is no counter that began anew. */
static void a_counter_that_stands_still_leaves_no_hole(void)
{
    struct buf lines = BUF_INIT(1 << 20);
    struct timeline t;
    char values[128];
    for (int i = 0; i < 8; i++) {
        snprintf(values, sizeof values, "\"cpu_total\":%d,\"cpu_system\":%s", 142371 + i,
            i < 4 ? "19530.940000000002" : "19530.94");
        add_sample(&lines, i, "", values);
    }
    read_samples(&lines, &t);
    for (size_t i = 1; i < 8; i++)
        ck_assert_double_eq(value_at(&t, "cpu_system", i), 0);
    timeline_fini(&t);
}

static void no_line_is_drawn_where_nobody_watched(void)
{
    struct buf lines = BUF_INIT(1 << 20);
    struct timeline t;
    for (int i = 0; i < 10; i++)
        add_sample(&lines, i, "", "\"memory_available\":1,\"load_1m\":1");
    for (int i = 100; i < 110; i++)
        add_sample(&lines, i, "", "\"memory_available\":1,\"load_1m\":1");
    read_samples(&lines, &t);
    ck_assert_uint_eq(t.tables[TABLE_SAMPLES].count, 21);
    ck_assert(isnan(value_at(&t, "memory_available", 10)));
    ck_assert_double_eq(value_at(&t, "memory_available", 11), 1);
    timeline_fini(&t);
}

/* Tests so short that there is only a sample at both ends: what lies between two of them is no distance of samples. */
static void no_line_is_drawn_between_short_tests(void)
{
    struct buf lines = BUF_INIT(1 << 20);
    struct timeline t;
    for (int i = 0; i < 5; i++) {
        add_sample(&lines, 4 * i, "\"phase\":\"before\",", "\"memory_available\":1");
        add_sample(&lines, 4 * i + 0.1, "\"phase\":\"after\",", "\"memory_available\":1");
    }
    read_samples(&lines, &t);
    ck_assert_uint_eq(t.tables[TABLE_SAMPLES].count, 5 * 2 + 4);
    ck_assert(isnan(value_at(&t, "memory_available", 2)));
    ck_assert(isnan(value_at(&t, "memory_available", 11)));
    timeline_fini(&t);
}

static void samples_of_the_servers_machine_have_lines_of_their_own(void)
{
    struct buf lines = BUF_INIT(1 << 20);
    struct timeline t;
    for (int i = 0; i < 20; i++) { /* 1.1.0: of a version that may have what ours does not */
        bool server = i % 2 != 0;
        buf_printf(&lines,
            "{\"schema_version\":\"1.1.0\",%s\"unix_ns\":%lld,\"mono_ns\":%d000000000,\"values\":{"
            "\"memory_available\":%d}}\n",
            server ? "\"scope\":\"server\"," : "", (long long)(T0 + i * INT64_C(500000000)),
            server ? i : 1000000 + i, server ? 7 : 3);
    }
    read_samples(&lines, &t);
    ck_assert_uint_eq(t.tables[TABLE_SAMPLES].count, 10);
    ck_assert_uint_eq(t.tables[TABLE_SERVER].count, 10);
    ck_assert_uint_eq(t.series_count, 2);
    for (size_t i = 0; i < 2; i++) {
        bool server = t.series[i].table == TABLE_SERVER;
        ck_assert_str_eq(t.series[i].label, server ? "available (server's machine)" : "available");
        ck_assert_double_eq(t.series[i].highest, server ? 7 : 3);
    }
    timeline_fini(&t);
}

/* Eight GPUs say more than sixty things. */
static void a_server_with_eight_gpus_is_drawn_whole(void)
{
    static const char *const said[] = {"utilisation", "memory_used", "memory_foreign", "throttle_thermal",
        "throttle_brake", "throttle_power", "power", "temperature"};
    struct buf lines = BUF_INIT(1 << 20), values = BUF_INIT(1 << 16);
    struct timeline t;
    buf_append_text(&values, "\"memory_available\":1,\"load_1m\":1,\"nothing_known\":1");
    for (int gpu = 0; gpu < 8; gpu++)
        for (size_t i = 0; i < sizeof said / sizeof *said; i++)
            buf_printf(&values, ",\"gpu%d_%s\":%d", gpu, said[i], gpu + 1);
    buf_append_text(&values, ",\"energy_package_0_j\":5");
    for (int i = 0; i < 3; i++)
        add_sample(&lines, i, "", buf_text(&values));
    buf_fini(&values);
    read_samples(&lines, &t);
    ck_assert_double_eq(value_at(&t, "gpu7_temperature", 0), 8);
    ck_assert_double_eq(value_at(&t, "gpu0_utilisation", 2), 100);
    ck_assert_double_eq(value_at(&t, "energy_package_0_j", 1), 0);
    ck_assert_uint_eq(t.note_count, 0);
    timeline_fini(&t);
}

static void sensors_beyond_the_limit_are_told_in_a_note(void)
{
    struct buf lines = BUF_INIT(1 << 20), values = BUF_INIT(1 << 16);
    struct timeline t;
    buf_append_text(&values, "\"memory_available\":1");
    for (int gpu = 0; gpu < TIMELINE_COLUMNS_MAX + 4; gpu++)
        buf_printf(&values, ",\"gpu%d_power\":1", gpu);
    for (int i = 0; i < 3; i++)
        add_sample(&lines, i, "", buf_text(&values));
    buf_fini(&values);
    read_samples(&lines, &t);
    ck_assert_uint_eq(t.tables[TABLE_SAMPLES].column_count, TIMELINE_COLUMNS_MAX);
    ck_assert_uint_eq(t.note_count, 1);
    ck_assert_ptr_nonnull(strstr(t.notes[0], "5 sensors are not drawn"));
    timeline_fini(&t);
}

static void what_made_the_time_go_back_is_told_apart(void)
{
    static const struct {
        int64_t unix_s, mono_s; /* of the second half of the samples */
        const char *note;
    } cases[] = {{-100, 5, "the wall clock was set back 1 times"},
        {-100, -100, "the samples are not in the order of time"}, {5, -100, NULL}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct buf lines = BUF_INIT(1 << 20);
        struct timeline t;
        for (int64_t i = 0; i < 10; i++)
            buf_printf(&lines,
                "{\"schema_version\":\"1.0.0\",\"unix_ns\":%lld,\"mono_ns\":%lld,"
                "\"values\":{\"load_1m\":1}}\n",
                (long long)(T0 + (i < 5 ? i : i + cases[c].unix_s) * 1000000000),
                (long long)((1000 + (i < 5 ? i : i + cases[c].mono_s)) * 1000000000));
        read_samples(&lines, &t);
        ck_assert_uint_eq(t.note_count, cases[c].note != NULL);
        if (cases[c].note)
            ck_assert_msg(strstr(t.notes[0], cases[c].note) != NULL, "%s", t.notes[0]);
        timeline_fini(&t);
    }
}

static void waiting_for_memory_becomes_a_band(void)
{
    struct buf lines = BUF_INIT(1 << 20);
    struct timeline t;
    static const double waited[] = {0, 0, 0, 0.5, 1, 1, 1, 1};
    char values[128];
    for (int i = 0; i < 8; i++) {
        snprintf(
            values, sizeof values, "\"memory_pressure_some\":%.1f,\"memory_pressure_full\":0", waited[i]);
        add_sample(&lines, i, "", values);
    }
    read_samples(&lines, &t);
    ck_assert_uint_eq(t.band_count, 1);
    ck_assert_int_eq(t.bands[0].level, 1);
    ck_assert_int_eq(t.bands[0].start_ns, T0 + 2 * INT64_C(1000000000));
    ck_assert_int_eq(t.bands[0].end_ns, T0 + 4 * INT64_C(1000000000));
    ck_assert(timeline_row_is_drawn(&t, ROW_MEMORY));
    timeline_fini(&t);
}

/* macOS tells a level, 1 for a warning and 2 for critical. */
static void a_level_of_pressure_becomes_a_band(void)
{
    struct buf lines = BUF_INIT(1 << 20);
    struct timeline t;
    static const int levels[] = {0, 0, 1, 1, 2, 0, 0};
    char values[128];
    for (int i = 0; i < 7; i++) {
        snprintf(
            values, sizeof values, "\"memory_pressure_level\":%d,\"compressor_used\":%d", levels[i], i << 20);
        add_sample(&lines, i, "", values);
    }
    read_samples(&lines, &t);
    ck_assert_uint_ge(t.band_count, 2);
    ck_assert_int_eq(t.bands[0].level, 1);
    ck_assert_int_eq(t.bands[0].start_ns, T0 + 2 * INT64_C(1000000000));
    ck_assert_int_eq(t.bands[t.band_count - 1].level, 2);
    ck_assert_int_eq(t.bands[t.band_count - 1].end_ns, T0 + 5 * INT64_C(1000000000));
    ck_assert_double_eq(value_at(&t, "compressor_used", 6), 6 << 20);
    timeline_fini(&t);
}

/* Drawn where the server uses a GPU at all; all engines that worked a whole second are more than 100 %. */
static void what_gpus_do_for_the_server_is_drawn(void)
{
    struct buf lines = BUF_INIT(1 << 20);
    struct timeline t;
    char values[128];
    for (int i = 0; i < 6; i++) {
        snprintf(
            values, sizeof values, "\"gpu_memory_target\":%d,\"gpu_busy_target\":%.1f", 64 << 20, 1.5 * i);
        add_sample(&lines, i, "", values);
    }
    read_samples(&lines, &t);
    ck_assert_double_eq(value_at(&t, "gpu_memory_target", 3), 64 << 20);
    ck_assert_double_eq_tol(value_at(&t, "gpu_busy_target", 4), 150, 1e-3);
    ck_assert(timeline_row_is_drawn(&t, ROW_GPU));
    timeline_fini(&t);
}

static void lines_that_are_no_samples_are_named_and_left_out(void)
{
    struct buf lines = BUF_INIT(1 << 20);
    struct timeline t;
    buf_append_text(&lines, "{\"type\":\"start\",\"host\":\"box\"}\n");
    add_sample(&lines, 0, "", "\"memory_available\":1");
    buf_append_text(&lines, "{\"half\n[1,2]\n{\"schema_version\":\"1.0.0\",\"unix_ns\":1}\n");
    add_sample(&lines, 1, "", "\"memory_available\":1");
    buf_append_text(&lines, "{\"type\":\"summary\"}\n{\"torn");
    read_samples(&lines, &t);
    ck_assert_uint_eq(t.sample_count, 2);
    ck_assert_str_eq(t.subtitle, "box");
    ck_assert_uint_eq(t.note_count, 1);
    ck_assert_ptr_nonnull(strstr(t.notes[0], "samples.jsonl: 4 lines are left out, the first is line 3"));
    timeline_fini(&t);
}

static void a_file_without_a_sample_is_refused_with_what_is_wrong(void)
{
    struct buf lines = BUF_INIT(1 << 20);
    struct timeline t;
    struct error why = {0};
    buf_append_text(&lines, "{\"model\":\"x\"}\n");
    const char *path = write_lines("no.jsonl", &lines);
    ck_assert_int_eq(timeline_read_samples_file(path, &t, &why), STATUS_INVALID);
    ck_assert_ptr_nonnull(strstr(error_text(&why), "line 1"));
    ck_assert_int_eq(timeline_read_samples_file("/nowhere/x.jsonl", &t, &why), STATUS_NOT_FOUND);
}

static void a_memory_file_of_mlx_knife_is_read(void)
{
    struct buf lines = BUF_INIT(1 << 20);
    struct timeline t;
    for (int i = 0; i < 20; i++)
        buf_printf(&lines,
            "{\"ram_free_gb\":%d.5,\"ram_used_gb\":0,\"swap_used_mb\":512,\"memory_pressure\":%d,\"vm_"
            "pressure\":0,"
            "\"load_1\":2.5,\"cpu_user\":30.5,\"cpu_sys\":4.25,\"gpu_active\":true,\"gpu_device_util\":77,"
            "\"ts\":1795218367.%d,\"elapsed_s\":0.5}\n",
            i, i >= 5 && i < 8 ? 4 : 1, 100 + i * 5);
    buf_append_text(&lines, "{\"summary\":{\"duration_s\":4093,\"samples\":20}}\n");
    read_samples(&lines, &t);
    ck_assert_uint_eq(t.note_count, 0);
    ck_assert_uint_eq(t.tables[TABLE_SAMPLES].readings, 20);
    ck_assert_double_eq(value_at(&t, "ram_free_gb", 2), 2.5 * 1024 * 1024 * 1024);
    ck_assert_double_eq(value_at(&t, "swap_used_mb", 2), 512.0 * 1024 * 1024);
    ck_assert_double_eq(value_at(&t, "cpu_user", 2), 30.5);
    ck_assert_double_eq(value_at(&t, "gpu_device_util", 2), 77);
    ck_assert_uint_eq(t.band_count, 1);
    ck_assert_int_eq(t.bands[0].level, 2);
    timeline_fini(&t);
}

static void pressure_that_nobody_watched_has_no_band(void)
{
    struct buf lines = BUF_INIT(1 << 20);
    struct timeline t;
    for (int i = 0; i < 10;
         i++) /* level 2 in the last sample before a gap of a minute and in the first behind it */
        buf_printf(&lines, "{\"ram_free_gb\":1,\"memory_pressure\":%d,\"ts\":%d}\n", i == 4 || i == 5 ? 2 : 1,
            1795218367 + i + (i > 4 ? 60 : 0));
    read_samples(&lines, &t);
    ck_assert_uint_eq(t.band_count, 1);
    ck_assert_int_eq(t.bands[0].start_ns, T0 + 65 * INT64_C(1000000000));
    ck_assert_int_eq(t.bands[0].end_ns, T0 + 66 * INT64_C(1000000000));
    timeline_fini(&t);
}

/* One record of mlx-knife that took no time: where it stands, in seconds from T0; -1: nowhere. */
static int64_t place_of(const char *timestamp)
{
    struct buf lines = BUF_INIT(1 << 20);
    struct timeline t;
    struct error why = {0};
    char record[512];
    const char *path = testkit_tmp_path("one.jsonl");
    snprintf(record, sizeof record,
        "{\"schema_version\":\"0.2.2\",\"timestamp\":\"%s\",\"outcome\":\"passed\",\"test\":\"a\","
        "\"duration\":0}\n",
        timestamp);
    testkit_write(path, record, strlen(record));
    add_sample(&lines, 0, "", "\"load_1m\":1");
    read_samples(&lines, &t);
    ck_assert_int_eq(timeline_read_records_file(path, &t, &why), STATUS_OK);
    int64_t place = t.region_count ? (t.regions[0].start_ns - T0) / 1000000000 : -1;
    timeline_fini(&t);
    return place;
}

static void time_zones_are_read_however_they_are_written(void)
{
    static const struct {
        const char *timestamp;
        int64_t place;
    } cases[] = {{"2026-11-20T23:46:17", 10}, {"2026-11-20T23:46:17Z", 10}, {"2026-11-20T23:46:17.250Z", 10},
        {"2026-11-21T05:16:17+05:30", 10}, {"2026-11-21T05:16:17+0530", 10},
        {"2026-11-20T20:16:17-03:30", 10}, {"2026-11-21T01:46:17+02", 10}, {"2026-11-21T01:46:17+2", -1},
        {"2026-11-21T01:46:17+", -1}, {"2026-11-21T01:46:17+02:", 10}, {"2026-11-21T01:46:17+02:0", -1},
        {"2026-11-21T01:46:17+-2:00", -1}, {"2026-11-21T01:46:17 later", -1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(place_of(cases[i].timestamp) == cases[i].place, "%s: %lld", cases[i].timestamp,
            (long long)place_of(cases[i].timestamp));
}

static void records_of_mlx_knife_stand_where_they_ended_less_what_they_took(void)
{
    static const char records[] =
        "{\"schema_version\":\"0.2.1\",\"timestamp\":\"2026-11-20T23:46:27.500+00:00\",\"outcome\":"
        "\"passed\","
        "\"test\":\"tests_2.0/live/test_chat.py::TestA::test_short[x]\",\"duration\":10.5,"
        "\"model\":{\"id\":\"org/m\"}}\n"
        "{\"schema_version\":\"0.2.2\",\"timestamp\":\"2026-11-21T00:46:30+01:00\",\"outcome\":\"skipped\","
        "\"test\":\"a.py::test_b\",\"test_start_ts\":1795218388.25,\"test_end_ts\":1795218389.25}\n"
        "{\"schema_version\":\"0.2.2\",\"timestamp\":\"some day\",\"outcome\":\"failed\",\"test\":\"c\"}\n"
        "{\"nonsense\":1}\n";
    struct buf lines = BUF_INIT(1 << 20);
    struct timeline t;
    struct error why = {0};
    add_sample(&lines, 0, "", "\"memory_available\":1");
    read_samples(&lines, &t);
    const char *path = testkit_tmp_path("records.jsonl");
    testkit_write(path, records, sizeof records - 1);
    ck_assert_int_eq(timeline_read_records_file(path, &t, &why), STATUS_OK);
    ck_assert_uint_eq(t.region_count, 2);
    ck_assert_int_eq(t.regions[0].start_ns, T0 + INT64_C(10000000000));
    ck_assert_int_eq(t.regions[0].end_ns, T0 + INT64_C(20500000000));
    ck_assert_str_eq(t.regions[0].suite, "test_chat");
    ck_assert_str_eq(t.regions[0].case_name, "test_short[x]");
    ck_assert_str_eq(t.regions[0].model, "org/m");
    ck_assert(t.regions[1].infrastructure);
    ck_assert_int_eq(t.regions[1].start_ns, T0 + INT64_C(21250000000));
    ck_assert_uint_eq(t.tests_without_time, 1);
    ck_assert_uint_eq(t.note_count, 2);
    testkit_write(path, "{}\n", 3);
    ck_assert_int_eq(timeline_read_records_file(path, &t, &why), STATUS_INVALID);
    timeline_fini(&t);
}

/* ---- a run ---- */

#define EXCHANGE                                                                                             \
    "{\"schema_version\":\"1.0.0\",\"run_id\":\"" MADE_RUN_ID                                                \
    "\",\"test\":\"chat.short[sim/tiny]\",\"attempt\":1,\"index\":0,\"repeat\":0,\"role\":\"measured\","     \
    "\"kind\":\"chat\",\"streamed\":true,\"error\":\"ok\",\"attempts\":1,\"bytes_received\":5,"              \
    "\"simulated\":false,"

static void read_run(struct made_run *made, const char *exchanges, struct timeline *t)
{
    struct run_data data;
    struct error why = {0};
    char path[1024];
    const char *folder = made_run_save(made);
    snprintf(path, sizeof path, "%s/exchanges.jsonl", folder);
    if (exchanges)
        testkit_write(path, exchanges, strlen(exchanges));
    ck_assert_int_eq(run_data_load(folder, &data, &why), STATUS_OK);
    enum status s = timeline_read_run(&data, t, &why);
    ck_assert_msg(s == STATUS_OK, "%s", error_text(&why));
    run_data_fini(&data);
}

static void tests_stand_where_they_ran_and_beside_each_other_where_they_overlap(void)
{
    struct made_run made;
    struct timeline t;
    made_run_begin(&made);
    made_run_add(
        &made, "chat.a[sim/tiny]", "passed", "{\"start_unix_ns\": 3000000000, \"end_unix_ns\": 9000000000}");
    made_run_add(&made, "infrastructure.b[sim]", "failed",
        "{\"start_unix_ns\": 1000000000, \"end_unix_ns\": 4000000000, \"message\": \"not so\"}");
    made_run_add(
        &made, "chat.c[sim/tiny]", "skipped", "{\"start_unix_ns\": 9000000000, \"end_unix_ns\": 9000000000}");
    read_run(&made, NULL, &t);
    ck_assert_uint_eq(t.region_count, 3);
    ck_assert_str_eq(t.regions[0].test, "infrastructure.b[sim]");
    ck_assert(t.regions[0].infrastructure && !t.regions[1].infrastructure);
    ck_assert_uint_eq(t.regions[0].lane, 0);
    ck_assert_uint_eq(t.regions[1].lane, 1);
    ck_assert_uint_eq(t.regions[2].lane, 0);
    ck_assert_uint_eq(t.lane_count, 2);
    ck_assert_uint_eq(t.suite_count, 2);
    ck_assert_str_eq(t.regions[0].message, "not so");
    ck_assert_int_eq(t.start_ns, 1000000000);
    ck_assert_int_eq(t.end_ns, 9000000000);
    timeline_fini(&t);
}

static void what_came_before_a_test_is_on_the_axis(void)
{
    struct made_run made;
    struct timeline t;
    made_run_begin(&made);
    made_run_add(&made, "chat.a[sim/tiny]", "passed",
        "{\"start_unix_ns\": 90000000000, \"end_unix_ns\": 99000000000, \"timeline\": ["
        "{\"event\": \"quiet_wait_start\", \"t_s\": -60.0}, {\"event\": \"quiet_wait_end\", \"t_s\": "
        "-0.5}]}");
    read_run(&made, NULL, &t);
    ck_assert_int_eq(t.start_ns, INT64_C(30000000000));
    ck_assert_int_eq(t.end_ns, INT64_C(99000000000));
    ck_assert_uint_eq(t.mark_count, 1);
    ck_assert_int_eq(t.marks[0].start_ns, t.start_ns);
    ck_assert_int_eq(t.marks[0].end_ns, INT64_C(89500000000));
    timeline_fini(&t);
}

static void a_rest_and_a_wait_are_an_event_each(void)
{
    struct made_run made;
    struct timeline t;
    made_run_begin(&made);
    made_run_add(&made, "chat.a[sim/tiny]", "passed",
        "{\"start_unix_ns\": 90000000000, \"end_unix_ns\": 99000000000, \"timeline\": ["
        "{\"event\": \"cooldown_start\", \"t_s\": -60.0}, {\"event\": \"quiet_wait_start\", \"t_s\": -30.0}, "
        "{\"event\": \"quiet_wait_end\", \"t_s\": -1.0}, {\"event\": \"server_gone\", \"t_s\": 2.0}]}");
    made_run_add(&made, "chat.b[sim/tiny]", "passed",
        "{\"start_unix_ns\": 190000000000, \"end_unix_ns\": 199000000000, \"timeline\": ["
        "{\"event\": \"cooldown_start\", \"t_s\": -10.0}]}");
    read_run(&made, NULL, &t);
    static const struct {
        const char *text;
        int64_t start_s, end_s;
    } wanted[] = {
        {"cooldown", 30, 60}, {"quiet wait", 60, 89}, {"server_gone", 92, 92}, {"cooldown", 180, 190}};
    ck_assert_uint_eq(t.mark_count, sizeof wanted / sizeof *wanted);
    for (size_t i = 0; i < t.mark_count; i++) {
        ck_assert_str_eq(t.marks[i].text, wanted[i].text);
        ck_assert_int_eq(t.marks[i].start_ns, wanted[i].start_s * INT64_C(1000000000));
        ck_assert_int_eq(t.marks[i].end_ns, wanted[i].end_s * INT64_C(1000000000));
    }
    timeline_fini(&t);
}

/* Samples of the server's machine that were merged into the run. */
static void a_run_with_a_server_elsewhere_shows_both_machines(void)
{
    struct made_run made;
    struct run_data data;
    struct timeline t;
    struct error why = {0};
    char path[1024];
    made_run_begin(&made);
    made_run_add(
        &made, "chat.a[sim/tiny]", "passed", "{\"start_unix_ns\": 1000000000, \"end_unix_ns\": 9000000000}");
    const char *folder = made_run_save(&made);
    for (int server = 0; server < 2; server++) {
        struct buf lines = BUF_INIT(1 << 20);
        for (int i = 1; i < 9; i++)
            buf_printf(&lines,
                "{\"schema_version\":\"1.0.0\",%s\"unix_ns\":%d000000000,\"mono_ns\":%d000000000,"
                "\"values\":{\"memory_available\":%d}}\n",
                server ? "\"scope\":\"server\",\"host\":\"gpu1\"," : "", i, i, server ? 7 : 3);
        snprintf(path, sizeof path, "%s/%s", folder, server ? "server_samples.jsonl" : "samples.jsonl");
        testkit_write(path, lines.data, lines.len);
        buf_fini(&lines);
    }
    ck_assert_int_eq(run_data_load(folder, &data, &why), STATUS_OK);
    ck_assert_int_eq(timeline_read_run(&data, &t, &why), STATUS_OK);
    run_data_fini(&data);
    ck_assert_uint_eq(t.tables[TABLE_SAMPLES].count, 8);
    ck_assert_uint_eq(t.tables[TABLE_SERVER].count, 8);
    for (size_t i = 0; i < t.note_count; i++)
        ck_assert_msg(strstr(t.notes[i], "samples") == NULL, "%s", t.notes[i]);
    timeline_fini(&t);
}

static void tests_that_never_ran_are_told_in_a_note(void)
{
    struct made_run made;
    struct timeline t;
    bool told = false;
    made_run_begin(&made);
    made_run_add(&made, "chat.a[sim/tiny]", "passed", NULL);
    made_run_add(&made, "chat.b[sim/tiny]", "not_run", NULL);
    read_run(&made, NULL, &t);
    ck_assert_uint_eq(t.region_count, 1);
    for (size_t i = 0; i < t.note_count; i++)
        told |= strstr(t.notes[i], "1 test has no time") != NULL;
    ck_assert(told);
    timeline_fini(&t);
}

static void requests_are_in_flight_between_sending_and_their_end(void)
{
    struct made_run made;
    struct timeline t;
    struct buf lines = BUF_INIT(1 << 20);
    made_run_begin(&made);
    made_run_add(&made, "chat.short[sim/tiny]", "passed",
        "{\"start_unix_ns\": 1000000000, \"end_unix_ns\": 11000000000}");
    for (int i = 0; i < 2; i++) /* both from 2 s to 4 s of the run, ten tokens in the second half of it */
        buf_append_text(&lines,
            EXCHANGE "\"start_unix_ns\":3000000000,\"t\":{\"intended_ns\":0,\"sent_ns\":500000000,"
                     "\"done_ns\":2500000000},\"tokens\":{\"completion\":10,\"source\":"
                     "\"server_usage\",\"agrees\":null},\"events\":{\"t_ns\":[1500000000,"
                     "1000000000],\"kinds\":[4,4],\"bytes\":[1,1]}}\n");
    read_run(&made, buf_text(&lines), &t);
    buf_fini(&lines);
    const struct timeline_table *table = &t.tables[TABLE_REQUESTS];
    ck_assert_double_eq(value_at(&t, "in_flight", timeline_table_row_at(table, INT64_C(2900000000))), 0);
    ck_assert_double_eq(value_at(&t, "in_flight", timeline_table_row_at(table, INT64_C(3100000000))), 2);
    ck_assert_double_eq(value_at(&t, "in_flight", timeline_table_row_at(table, INT64_C(4900000000))), 2);
    ck_assert_double_eq(value_at(&t, "in_flight", timeline_table_row_at(table, INT64_C(5100000000))), 0);
    double tokens = 0;
    for (size_t i = 0; i < table->count; i++)
        tokens += value_at(&t, "tokens_per_s", i);
    double bin_s = (double)(table->t_ns[1] - table->t_ns[0]) / 1e9;
    ck_assert_double_eq_tol(tokens * bin_s, 20, 0.01);
    ck_assert_double_eq(value_at(&t, "tokens_per_s", timeline_table_row_at(table, INT64_C(3300000000))), 0);
    timeline_fini(&t);
}

static void tokens_that_nobody_counted_are_not_invented(void)
{
    struct made_run made;
    struct timeline t;
    made_run_begin(&made);
    made_run_add(&made, "chat.short[sim/tiny]", "passed",
        "{\"start_unix_ns\": 1000000000, \"end_unix_ns\": 11000000000}");
    read_run(&made,
        EXCHANGE
        "\"start_unix_ns\":3000000000,\"t\":{\"intended_ns\":0,\"sent_ns\":0,\"done_ns\":2000000000},"
        "\"events\":{\"t_ns\":[1000000000],\"kinds\":[4],\"bytes\":[1]}}\nnonsense\n",
        &t);
    for (size_t i = 0; i < t.series_count; i++)
        ck_assert_str_ne(t.series[i].sensor, "tokens_per_s");
    ck_assert(timeline_row_is_drawn(&t, ROW_REQUESTS));
    timeline_fini(&t);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(gauges_and_counters_of_samples_become_lines),
        TESTKIT_TEST(a_counter_that_stands_still_leaves_no_hole),
        TESTKIT_TEST(no_line_is_drawn_where_nobody_watched),
        TESTKIT_TEST(no_line_is_drawn_between_short_tests),
        TESTKIT_TEST(samples_of_the_servers_machine_have_lines_of_their_own),
        TESTKIT_TEST(a_server_with_eight_gpus_is_drawn_whole),
        TESTKIT_TEST(sensors_beyond_the_limit_are_told_in_a_note),
        TESTKIT_TEST(what_made_the_time_go_back_is_told_apart),
        TESTKIT_TEST(waiting_for_memory_becomes_a_band),
        TESTKIT_TEST(pressure_that_nobody_watched_has_no_band),
        TESTKIT_TEST(time_zones_are_read_however_they_are_written),
        TESTKIT_TEST(a_level_of_pressure_becomes_a_band),
        TESTKIT_TEST(what_gpus_do_for_the_server_is_drawn),
        TESTKIT_TEST(lines_that_are_no_samples_are_named_and_left_out),
        TESTKIT_TEST(a_file_without_a_sample_is_refused_with_what_is_wrong),
        TESTKIT_TEST(a_memory_file_of_mlx_knife_is_read),
        TESTKIT_TEST(records_of_mlx_knife_stand_where_they_ended_less_what_they_took),
        TESTKIT_TEST(tests_stand_where_they_ran_and_beside_each_other_where_they_overlap),
        TESTKIT_TEST(what_came_before_a_test_is_on_the_axis),
        TESTKIT_TEST(a_rest_and_a_wait_are_an_event_each),
        TESTKIT_TEST(a_run_with_a_server_elsewhere_shows_both_machines),
        TESTKIT_TEST(tests_that_never_ran_are_told_in_a_note),
        TESTKIT_TEST(requests_are_in_flight_between_sending_and_their_end),
        TESTKIT_TEST(tokens_that_nobody_counted_are_not_invented),
        {0},
    };
    return testkit_run("timeline", tests);
}
