#include "mac_units.h"

#include "testkit.h"

#include <math.h>

static void ticks_of_a_mac_become_nanoseconds(void)
{
    const struct mac_timebase apple = {125, 3}, intel = {1, 1}, unknown = {0, 0};
    ck_assert_uint_eq(mac_ticks_to_ns(24000000, apple), 1000000000); /* 24 MHz */
    ck_assert_uint_eq(mac_ticks_to_ns(1, apple), 41);
    ck_assert_uint_eq(mac_ticks_to_ns(7, intel), 7);
    ck_assert_uint_eq(mac_ticks_to_ns(7, unknown), 7);
    /* ten years of a processor do not overflow on the way */
    uint64_t ten_years_s = UINT64_C(315576000);
    ck_assert_uint_eq(mac_ticks_to_ns(ten_years_s * 24000000, apple), ten_years_s * 1000000000);
}

static void a_counter_of_32_bits_may_wrap_around(void)
{
    struct mac_counter c = {0};
    mac_counter_note(&c, UINT32_MAX - 9);
    ck_assert_uint_eq(c.sum, UINT32_MAX - 9);
    mac_counter_note(&c, 20);
    ck_assert_uint_eq(c.sum, (uint64_t)UINT32_MAX + 21);
    mac_counter_note(&c, 20);
    ck_assert_uint_eq(c.sum, (uint64_t)UINT32_MAX + 21);
}

static void available_is_what_nobody_holds(void)
{
    const double page = 16384, total = 1000 * page;
    const struct mac_pages pages = {.internal = 300, .purgeable = 50, .wired = 100, .compressor = 150};
    ck_assert_double_eq(mac_available_bytes(total, page, &pages), 500 * page);
    const struct mac_pages odd = {.internal = 10, .purgeable = 50, .wired = 100}; /* read at two moments */
    ck_assert_double_eq(mac_available_bytes(total, page, &odd), 900 * page);
    const struct mac_pages all = {.internal = 900, .wired = 200};
    ck_assert_double_eq(mac_available_bytes(total, page, &all), 0);
}

static void the_pressure_level_is_the_kernels(void)
{
    static const struct {
        int64_t raw;
        double level; /* -1: none */
    } rows[] = {{1, 0}, {2, 1}, {4, 2}, {0, -1}, {3, -1}, {5, -1}, {-1, -1}, {INT64_MAX, -1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double level = -1;
        ck_assert_msg(mac_pressure_level(rows[i].raw, &level) == (rows[i].level >= 0), "row %zu", i);
        ck_assert_double_eq(level, rows[i].level);
    }
}

static void energy_has_the_unit_of_its_channel(void)
{
    static const struct {
        const char *label;
        double joules; /* 0: not known */
    } rows[] = {{"mJ", 1e-3}, {"uJ", 1e-6}, {"nJ", 1e-9}, {"J", 1}, {" nJ ", 1e-9}, {"mJ    ", 1e-3}, {"", 0},
        {"mW", 0}, {"m", 0}, {"mJx", 0}, {"24Mticks", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double joules = 0;
        ck_assert_msg(mac_energy_unit(rows[i].label, &joules) == (rows[i].joules > 0), "'%s'", rows[i].label);
        ck_assert_double_eq(joules, rows[i].joules);
    }
}

static void channels_differ_by_chip(void)
{
    static const struct {
        const char *channels[6];    /* each of 1000 mJ */
        double cpu, gpu, ane, dram; /* J; -1: the chip does not tell */
    } rows[] = {
        {{"CPU Energy", "PCPU", "ECPU", "GPU Energy", "ANE", "DRAM"}, 1, 1, 1, 1},
        {{"DIE_0_CPU Energy", "DIE_1_CPU Energy", "GPU Energy", "ANE0", "ANE1", "DRAM0"}, 2, 1, 2, 1},
        {{"CPU Energy", "DIE_0_CPU Energy", "GPU", "GPU SRAM0", "ANE", "ANE0"}, 1, 1, 1, -1},
        {{"GPU", "GPU Energy", "ANE SRAM", "AMCC", "DCS"}, -1, 1, -1, -1},
        {{"AFR", "DISP", "CPU Energy v2"}, -1, -1, -1, -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mac_energy_sum sum = {0};
        const double expected[MAC_PART_COUNT] = {rows[i].cpu, rows[i].gpu, rows[i].ane, rows[i].dram};
        for (size_t k = 0; k < 6 && rows[i].channels[k]; k++)
            mac_energy_add(&sum, rows[i].channels[k], "mJ", 1000);
        for (int part = 0; part < MAC_PART_COUNT; part++) {
            double joules;
            bool told = mac_energy_of(&sum, (enum mac_part)part, &joules);
            ck_assert_msg(told == (expected[part] >= 0), "row %zu part %d", i, part);
            ck_assert_msg(
                !told || fabs(joules - expected[part]) < 1e-12, "row %zu part %d: %g", i, part, joules);
        }
    }
}

static void what_cannot_be_is_left_out(void)
{
    struct mac_energy_sum sum = {0};
    double joules;
    mac_energy_add(&sum, "CPU Energy", "mJ", -5); /* a counter that was set back */
    mac_energy_add(&sum, "CPU Energy", "furlongs", 5);
    ck_assert(!mac_energy_of(&sum, MAC_CPU, &joules));
}

static void a_gpu_works_when_it_is_not_off(void)
{
    struct mac_residency r = {0};
    double share;
    ck_assert(!mac_residency_busy(&r, &share));
    mac_residency_add(&r, "OFF", 600);
    mac_residency_add(&r, "P1", 300);
    mac_residency_add(&r, "P15", 100);
    mac_residency_add(&r, "P2", -7);
    ck_assert(mac_residency_busy(&r, &share));
    ck_assert_double_eq_tol(share, 0.4, 1e-12);
    mac_residency_add(&r, "IDLE", 500);
    mac_residency_add(&r, "DOWN", 500);
    ck_assert(mac_residency_busy(&r, &share));
    ck_assert_double_eq_tol(share, 0.2, 1e-12);
}

static void a_battery_gives_watts_when_current_flows_out(void)
{
    ck_assert_double_eq_tol(mac_battery_watts(-1500, 12000), 18, 1e-9);
    ck_assert_double_eq_tol(mac_battery_watts(2000, 12000), -24, 1e-9);
    ck_assert_double_eq_tol(mac_battery_watts(0, 12000), 0, 1e-9);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(ticks_of_a_mac_become_nanoseconds),
        TESTKIT_TEST(a_counter_of_32_bits_may_wrap_around),
        TESTKIT_TEST(available_is_what_nobody_holds),
        TESTKIT_TEST(the_pressure_level_is_the_kernels),
        TESTKIT_TEST(energy_has_the_unit_of_its_channel),
        TESTKIT_TEST(channels_differ_by_chip),
        TESTKIT_TEST(what_cannot_be_is_left_out),
        TESTKIT_TEST(a_gpu_works_when_it_is_not_off),
        TESTKIT_TEST(a_battery_gives_watts_when_current_flows_out),
        {0},
    };
    return testkit_run("mac_units", tests);
}
