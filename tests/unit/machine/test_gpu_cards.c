/* GPUs of AMD and Intel, by what their drivers show in /sys. */
#include "amd_metrics.h"
#include "clock.h"
#include "gpu_cards.h"
#include "gpu_list.h"
#include "gpu_watch.h"
#include "json.h"
#include "testkit.h"
#include "tree_kit.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct gpu_owners nobody = {.unknown = "no pass over the processes was made"};

static struct gpu_watch *open_watch(const char *root)
{
    struct gpu_watch *watch = gpu_watch_open(root, NULL);
    ck_assert_ptr_nonnull(watch);
    return watch;
}

static void check_value(const struct gpu_watch *watch, size_t gpu, enum sensor_id id, double expected)
{
    const struct reading *r = gpu_watch_reading(watch, gpu, id);
    ck_assert_msg(r->status == SENSOR_OK, "%s of GPU %zu: %s", sensor_table[id].name, gpu, r->reason);
    ck_assert_msg(fabs(r->value - expected) <= 1e-9 * fabs(expected), "%s of GPU %zu: %.17g",
        sensor_table[id].name, gpu, r->value);
}

static void check_absent(const struct gpu_watch *watch, size_t gpu, enum sensor_id id, const char *words)
{
    const struct reading *r = gpu_watch_reading(watch, gpu, id);
    ck_assert_msg(r->status == SENSOR_UNAVAILABLE, "%s of GPU %zu: %g", sensor_table[id].name, gpu, r->value);
    ck_assert_msg(strstr(r->reason, words) != NULL, "%s: %s", sensor_table[id].name, r->reason);
}

static void a_card_of_amd_is_read_from_its_files(void)
{
    struct gpu_watch *watch = open_watch(tree_copy("amd_station"));
    ck_assert_uint_eq(gpu_watch_count(watch), 1); /* the display chip is none */
    gpu_watch_read(watch, NS_PER_S, true, &nobody);
    check_value(watch, 0, SENSOR_GPU_UTILISATION, 0.37);
    check_value(watch, 0, SENSOR_GPU_MEMORY_USED, 9113280512);
    check_value(watch, 0, SENSOR_GPU_POWER, 214);
    check_value(watch, 0, SENSOR_GPU_TEMPERATURE, 78); /* the hottest spot, not the edge */
    check_value(watch, 0, SENSOR_GPU_CLOCK, 2482e6);
    check_value(watch, 0, SENSOR_GPU_ECC_CORRECTED, 2);
    check_value(watch, 0, SENSOR_GPU_ECC_UNCORRECTED, 0);
    check_value(watch, 0, SENSOR_GPU_THROTTLE_THERMAL, 0);
    check_absent(watch, 0, SENSOR_GPU_ENERGY, "1.3");
    check_absent(watch, 0, SENSOR_GPU_PROCESSES_FOREIGN, "does not tell");
    gpu_watch_close(watch);
}

static void newer_and_older_amd_drivers_name_files_otherwise(void)
{
    const char *root = tree_copy("amd_station");
    tree_remove(root, "/sys/class/drm/card1/device/hwmon/hwmon4/power1_average");
    tree_write(root, "/sys/class/drm/card1/device/hwmon/hwmon4/power1_input", "15000000\n");
    tree_remove(root, "/sys/class/drm/card1/device/hwmon/hwmon4/temp2_input");
    tree_remove(root, "/sys/class/drm/card1/device/gpu_metrics");
    tree_remove(root, "/sys/class/drm/card1/device/ras");
    struct gpu_watch *watch = open_watch(root);
    gpu_watch_read(watch, NS_PER_S, true, &nobody);
    check_value(watch, 0, SENSOR_GPU_POWER, 15);
    check_value(watch, 0, SENSOR_GPU_TEMPERATURE, 61);
    check_absent(watch, 0, SENSOR_GPU_THROTTLE_THERMAL, "No such file");
    check_absent(watch, 0, SENSOR_GPU_ECC_CORRECTED, "does not tell");
    gpu_watch_close(watch);
}

/* Files are written in place: they are open. */
static void write_metrics(const char *root, size_t at, uint64_t value)
{
    char path[512];
    snprintf(path, sizeof path, "%s/sys/class/drm/card1/device/gpu_metrics", root);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(pwrite(fd, &value, sizeof value, (off_t)at), sizeof value);
    close(fd);
}

static void heat_and_power_that_slow_an_amd_card_down_are_told_apart(void)
{
    const char *root = tree_copy("amd_station");
    struct gpu_watch *watch = open_watch(root);
    gpu_watch_read(watch, 1 * NS_PER_S, true, &nobody);
    write_metrics(root, 112, UINT64_C(1) << 36); /* the hot spot */
    gpu_watch_read(watch, 2 * NS_PER_S, true, &nobody);
    write_metrics(root, 112, UINT64_C(1) << 0 | UINT64_C(1) << 16); /* power and current */
    gpu_watch_read(watch, 4 * NS_PER_S, true, &nobody);
    write_metrics(root, 112, UINT64_C(1) << 57); /* neither */
    gpu_watch_read(watch, 8 * NS_PER_S, true, &nobody);
    check_value(watch, 0, SENSOR_GPU_THROTTLE_THERMAL, 1);
    check_value(watch, 0, SENSOR_GPU_THROTTLE_POWER, 2);
    write_metrics(root, 112, UINT64_MAX); /* this GPU does not fill it in */
    gpu_watch_read(watch, 9 * NS_PER_S, true, &nobody);
    check_absent(watch, 0, SENSOR_GPU_THROTTLE_THERMAL, "does not tell");
    gpu_watch_close(watch);
}

static bool is_integrated(const struct gpu_watch *watch, size_t gpu)
{
    static struct sample sample;
    gpu_watch_fill(watch, &sample);
    return sample.gpus[gpu].integrated;
}

static void a_gpu_in_the_processor_uses_the_machines_memory_too(void)
{
    const char *root = tree_copy("amd_station");
    tree_write(root, "/sys/class/drm/card1/device/mem_info_gtt_used", "1000000000\n");
    struct gpu_watch *watch = open_watch(root);
    gpu_watch_read(watch, NS_PER_S, true, &nobody);
    check_value(watch, 0, SENSOR_GPU_MEMORY_USED, 9113280512); /* a card: its own only */
    ck_assert(!is_integrated(watch, 0));
    gpu_watch_close(watch);
    write_metrics(root, 0, UINT64_C(120) | UINT64_C(2) << 16 | UINT64_C(1) << 24);
    watch = open_watch(root);
    gpu_watch_read(watch, NS_PER_S, true, &nobody);
    check_value(watch, 0, SENSOR_GPU_MEMORY_USED, 10113280512);
    ck_assert(is_integrated(watch, 0));
    tree_edit(root, "/sys/class/drm/card1/device/mem_info_gtt_used", "1000000000", "many");
    gpu_watch_read(watch, 2 * NS_PER_S, true, &nobody);
    ck_assert_int_eq(gpu_watch_reading(watch, 0, SENSOR_GPU_MEMORY_USED)->status, SENSOR_ERROR);
    gpu_watch_close(watch);
}

static void a_gpu_that_sleeps_is_not_woken(void)
{
    const char *root = tree_copy("amd_station");
    struct gpu_watch *watch = open_watch(root);
    tree_edit(root, "/sys/class/drm/card1/device/power/runtime_status", "active", "suspended");
    gpu_watch_read(watch, NS_PER_S, true, &nobody);
    check_absent(watch, 0, SENSOR_GPU_POWER, "asleep");
    check_absent(watch, 0, SENSOR_GPU_THROTTLE_THERMAL, "asleep");
    check_absent(watch, 0, SENSOR_GPU_ECC_CORRECTED, "asleep");
    tree_edit(root, "/sys/class/drm/card1/device/power/runtime_status", "suspended", "active");
    gpu_watch_read(watch, 2 * NS_PER_S, true, &nobody);
    check_value(watch, 0, SENSOR_GPU_POWER, 214);
    gpu_watch_close(watch);
}

/* What it is stands in a file that cannot be read without waking it. */
static void a_gpu_that_sleeps_when_it_is_found_is_not_woken(void)
{
    const char *root = tree_copy("amd_station");
    write_metrics(root, 0, UINT64_C(120) | UINT64_C(2) << 16 | UINT64_C(1) << 24);
    tree_edit(root, "/sys/class/drm/card1/device/power/runtime_status", "active", "suspended");
    struct gpu_watch *watch = open_watch(root);
    gpu_watch_read(watch, NS_PER_S, true, &nobody);
    ck_assert(!is_integrated(watch, 0));
    tree_edit(root, "/sys/class/drm/card1/device/power/runtime_status", "suspended", "active");
    gpu_watch_read(watch, 2 * NS_PER_S, true, &nobody);
    ck_assert(is_integrated(watch, 0));
    gpu_watch_close(watch);
}

#define KFD "/sys/class/kfd/kfd/"

static enum gpu_owner owner_by_number(void *arg, long pid)
{
    (void)arg;
    return pid == 100   ? GPU_OWNER_KNOWN
           : pid == 200 ? GPU_OWNER_TARGET
           : pid == 300 ? GPU_OWNER_FOREIGN
                        : GPU_OWNER_UNSEEN;
}

/* Two GPUs of which the second is the card, and a processor at the same place as nothing. */
static void add_kfd(const char *root)
{
    tree_write(root, "/sys/class/drm/card1/device/uevent", "DRIVER=amdgpu\nPCI_SLOT_NAME=0000:03:00.0\n");
    tree_write(root, KFD "topology/nodes/0/properties", "cpu_cores_count 8\nlocation_id 0\ndomain 0\n");
    tree_write(root, KFD "topology/nodes/0/gpu_id", "0\n");
    tree_write(root, KFD "topology/nodes/1/properties", "simd_count 192\nlocation_id 768\ndomain 1\n");
    tree_write(root, KFD "topology/nodes/1/gpu_id", "111\n");
    tree_write(root, KFD "topology/nodes/2/properties",
        "simd_count 192\nsimd_per_cu 2\ngfx_target_version 110000\nlocation_id 768\ndomain 0\n");
    tree_write(root, KFD "topology/nodes/2/gpu_id", "51124\n");
    tree_write(root, KFD "proc/100/vram_51124", "1000\n");
    tree_write(root, KFD "proc/200/vram_51124", "2000\n");
    tree_write(root, KFD "proc/300/vram_51124", "4000\n");
    tree_write(root, KFD "proc/300/vram_111", "7\n");
}

static void processes_that_compute_on_an_amd_card_are_told_apart(void)
{
    const struct gpu_owners owners = {.of = owner_by_number};
    const char *root = tree_copy("amd_station");
    add_kfd(root);
    struct gpu_watch *watch = open_watch(root);
    gpu_watch_read(watch, 1 * NS_PER_S, true, &owners);
    check_value(watch, 0, SENSOR_GPU_PROCESSES_FOREIGN, 1);
    check_value(watch, 0, SENSOR_GPU_MEMORY_FOREIGN, 4000);
    ck_assert_str_eq(gpu_watch_reading(watch, 0, SENSOR_GPU_PROCESSES_FOREIGN)->source,
        "/sys/class/kfd/kfd/proc/*/vram_*");
    tree_edit(root, KFD "proc/300/vram_51124", "4000", "0"); /* it has let go of the card */
    gpu_watch_read(watch, 2 * NS_PER_S, true, &owners);
    check_value(watch, 0, SENSOR_GPU_PROCESSES_FOREIGN, 0);
    tree_write(root, KFD "proc/400/vram_51124", "1\n"); /* of another namespace */
    gpu_watch_read(watch, 3 * NS_PER_S, true, &owners);
    check_absent(watch, 0, SENSOR_GPU_PROCESSES_FOREIGN, "a container");
    check_absent(watch, 0, SENSOR_GPU_MEMORY_FOREIGN, "a container");
    tree_remove(root, KFD "proc/400");
    gpu_watch_read(watch, 4 * NS_PER_S, true, &nobody);
    check_absent(watch, 0, SENSOR_GPU_PROCESSES_FOREIGN, "no pass over the processes");
    gpu_watch_close(watch);
}

static void a_card_that_only_draws_has_no_processes(void)
{
    const char *root = tree_copy("amd_station");
    add_kfd(root);
    tree_edit(root, KFD "topology/nodes/2/properties", "domain 0", "domain 2");
    struct gpu_watch *watch = open_watch(root);
    gpu_watch_read(watch, NS_PER_S, true, &nobody);
    check_absent(watch, 0, SENSOR_GPU_PROCESSES_FOREIGN, "does not tell");
    gpu_watch_close(watch);
}

static void a_figure_that_is_none_is_an_error(void)
{
    const char *root = tree_copy("amd_station");
    struct gpu_watch *watch = open_watch(root);
    tree_edit(root, "/sys/class/drm/card1/device/gpu_busy_percent", "37", "busy");
    tree_edit(root, "/sys/class/drm/card1/device/ras/umc_err_count", "ce: 2", "ce: x");
    gpu_watch_read(watch, NS_PER_S, true, &nobody);
    ck_assert_int_eq(gpu_watch_reading(watch, 0, SENSOR_GPU_UTILISATION)->status, SENSOR_ERROR);
    ck_assert_int_eq(gpu_watch_reading(watch, 0, SENSOR_GPU_ECC_CORRECTED)->status, SENSOR_ERROR);
    gpu_watch_close(watch);
}

static void intel_tells_work_by_sleep_and_power_by_energy(void)
{
    const char *root = tree_copy("intel_pair");
    struct gpu_watch *watch = open_watch(root);
    ck_assert_uint_eq(gpu_watch_count(watch), 2);
    gpu_watch_read(watch, 1 * NS_PER_S, true, &nobody);
    check_absent(watch, 0, SENSOR_GPU_UTILISATION, "two readings");
    check_absent(watch, 1, SENSOR_GPU_POWER, "two readings");
    check_value(watch, 0, SENSOR_GPU_CLOCK, 1300e6);
    check_value(watch, 1, SENSOR_GPU_CLOCK, 2650e6);
    ck_assert(is_integrated(watch, 0) && !is_integrated(watch, 1));
    check_value(watch, 1, SENSOR_GPU_ENERGY, 4000);
    check_value(watch, 1, SENSOR_GPU_TEMPERATURE, 52);
    check_absent(watch, 0, SENSOR_GPU_ENERGY, "does not tell"); /* the processor's own has no counter */
    tree_edit(root, "/sys/class/drm/card0/gt/gt0/rc6_residency_ms", "500000", "501500");
    tree_edit(root, "/sys/class/drm/card1/device/tile0/gt0/gtidle/idle_residency_ms", "90000", "90500");
    tree_edit(root, "/sys/class/drm/card1/device/hwmon/hwmon2/energy1_input", "4000000000", "4300000000");
    gpu_watch_read(watch, 3 * NS_PER_S, true, &nobody);
    check_value(watch, 0, SENSOR_GPU_UTILISATION, 0.25);
    check_value(watch, 1, SENSOR_GPU_UTILISATION, 0.75);
    check_value(watch, 1, SENSOR_GPU_POWER, 150);
    gpu_watch_close(watch);
}

static void what_slows_an_intel_gpu_down_lasts_from_look_to_look(void)
{
    const char *root = tree_copy("intel_pair");
    struct gpu_watch *watch = open_watch(root);
    gpu_watch_read(watch, 1 * NS_PER_S, true, &nobody);
    tree_edit(root, "/sys/class/drm/card0/gt/gt0/throttle_reason_status", "0", "1");
    tree_edit(root, "/sys/class/drm/card0/gt/gt0/throttle_reason_prochot", "0", "1");
    tree_edit(root, "/sys/class/drm/card1/device/tile0/gt0/freq0/throttle/status", "0", "1");
    tree_edit(root, "/sys/class/drm/card1/device/tile0/gt0/freq0/throttle/reason_pl2", "0", "1");
    gpu_watch_read(watch, 3 * NS_PER_S, true, &nobody);
    check_value(watch, 0, SENSOR_GPU_THROTTLE_THERMAL, 2);
    check_value(watch, 0, SENSOR_GPU_THROTTLE_POWER, 0);
    check_value(watch, 1, SENSOR_GPU_THROTTLE_THERMAL, 0);
    check_value(watch, 1, SENSOR_GPU_THROTTLE_POWER, 2);
    gpu_watch_close(watch);
}

static void cards_are_found_by_number_and_driver(void)
{
    struct gpu_card cards[4];
    const char *root = tree_copy("intel_pair");
    tree_write(root, "/sys/class/drm/card10/device/vendor", "0x10de\n");
    tree_write(root, "/sys/class/drm/card2/device/vendor", "0x1002\n");
    tree_write(root, "/sys/class/drm/card/device/vendor", "0x1002\n");
    tree_write(root, "/sys/class/drm/card99999999999/device/vendor", "0x1002\n");
    ck_assert_uint_eq(gpu_cards_find(root, cards, 4), 4);
    ck_assert_uint_eq(cards[1].number, 1);
    ck_assert_str_eq(cards[1].driver, "xe");
    ck_assert_uint_eq(cards[2].number, 2);
    ck_assert_str_eq(cards[2].vendor, "AMD");
    ck_assert_str_eq(cards[2].driver, "");
    ck_assert_str_eq(cards[3].vendor, "NVIDIA");
    ck_assert_uint_eq(gpu_cards_find(root, cards, 2), 2);
    ck_assert_uint_eq(gpu_cards_find(testkit_tmp_path("absent"), cards, 4), 0);
}

static void the_list_of_a_run_has_the_ids_of_the_samples(void)
{
    static const char json[] =
        "[{\"id\":\"gpu0\",\"name\":\"AMD device 0x744c\",\"vendor\":\"AMD\",\"driver\":\"amdgpu\","
        "\"memory_bytes\":25753026560,\"power_limit_w\":339}]";
    struct error why = {0};
    struct json_object *expected, *gpus = gpu_list_to_json(tree_copy("amd_station"), NULL);
    ck_assert_msg(json_parse(json, strlen(json), &expected, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_msg(json_deep_equal(gpus, expected), "%s", json_object_to_json_string(gpus));
    json_object_put(gpus);
    json_object_put(expected);
    int64_t cores;
    const char *root = tree_copy("amd_station");
    tree_write(root, "/sys/module/amdgpu/version", "6.10.5\n");
    gpus = gpu_list_to_json(root, NULL);
    ck_assert_str_eq(json_get_text(gpus, "/0/driver"), "amdgpu 6.10.5");
    ck_assert_str_eq(json_get_text(gpus, "/0/name"), "AMD device 0x744c");
    json_object_put(gpus);
    add_kfd(root);
    gpus = gpu_list_to_json(root, NULL);
    ck_assert(json_get_int(gpus, "/0/cores", &cores) && cores == 96);
    ck_assert_str_eq(json_get_text(gpus, "/0/name"), "AMD device 0x744c (gfx1100)");
    tree_edit(
        root, KFD "topology/nodes/2/properties", "110000", "90010"); /* the last digit is one of sixteen */
    json_object_put(gpus);
    gpus = gpu_list_to_json(root, NULL);
    ck_assert_str_eq(json_get_text(gpus, "/0/name"), "AMD device 0x744c (gfx90a)");
    json_object_put(gpus);
}

static void tables_of_amd_are_taken_as_far_as_they_are_known(void)
{
    static const struct {
        size_t size;
        unsigned major, minor;
        size_t throttle_at, energy_at; /* 0: not told */
    } tables[] = {
        {120, 1, 3, 112, 0},
        {119, 1, 3, 0, 0}, /* cut off */
        {128, 2, 2, 120, 0},
        {152, 2, 4, 120, 0},
        {300, 1, 4, 0, 24},
        {400, 1, 5, 0, 88},
        {1664, 1, 6, 0, 16},
        {300, 1, 6, 0, 0}, /* a draft, which had it elsewhere */
        {2000, 1, 7, 0, 24},
        {2000, 1, 8, 0, 24},
        {120, 1, 1, 0, 0},
        {264, 3, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        unsigned char bytes[2048] = {0};
        struct amd_metrics m;
        uint16_t size = (uint16_t)tables[i].size;
        uint64_t throttle = 1, energy = 3 << 16;
        memcpy(bytes, &size, sizeof size);
        bytes[2] = (unsigned char)tables[i].major;
        bytes[3] = (unsigned char)tables[i].minor;
        if (tables[i].throttle_at)
            memcpy(bytes + tables[i].throttle_at, &throttle, sizeof throttle);
        if (tables[i].energy_at)
            memcpy(bytes + tables[i].energy_at, &energy, sizeof energy);
        amd_metrics_parse(bytes, sizeof bytes, &m);
        ck_assert_uint_eq(m.major, tables[i].major);
        ck_assert(m.throttle_known == (tables[i].throttle_at != 0) && m.throttle == m.throttle_known);
        ck_assert(m.energy_known == (tables[i].energy_at != 0) && m.energy_j == 3 * m.energy_known);
    }
}

/* A table of version 1.6 or 1.8: its cycles, and in how many of them what held the GPU back. */
static struct amd_metrics counted(
    unsigned minor, uint32_t cycles, uint32_t prochot, uint32_t power, uint32_t socket)
{
    unsigned char bytes[2048] = {0};
    const uint16_t size = 1700;
    const uint32_t numbers[6] = {cycles, prochot, power, socket, 0, UINT32_MAX};
    struct amd_metrics m;
    memcpy(bytes, &size, sizeof size);
    bytes[2] = 1;
    bytes[3] = (unsigned char)minor;
    memcpy(bytes + (minor == 6 ? 32 : 40), numbers, sizeof numbers);
    amd_metrics_parse(bytes, sizeof bytes, &m);
    ck_assert(m.cycles_known);
    return m;
}

static void what_a_gpu_counts_of_being_held_back_becomes_time(void)
{
    for (unsigned minor = 6; minor <= 8; minor++) {
        struct amd_held held = {0};
        struct amd_metrics m = counted(minor, UINT32_MAX - 500, 100, 7, 5000);
        amd_held_note(&held, 1 * NS_PER_S, &m);
        ck_assert(held.heat_s == 0 && held.power_s == 0);
        m = counted(minor, 499, 350, 107, 5100); /* wrapped around: 1000 cycles on */
        amd_held_note(&held, 3 * NS_PER_S, &m);
        ck_assert(fabs(held.heat_s - 0.5) < 1e-9); /* the longest, not the sum */
        ck_assert(fabs(held.power_s - 0.2) < 1e-9);
        amd_held_note(
            &held, 4 * NS_PER_S, &m); /* the firmware has not counted on: its time comes with the next */
        ck_assert(fabs(held.heat_s - 0.5) < 1e-9);
        m = counted(minor, 599, 350, 207, 5100);
        amd_held_note(&held, 5 * NS_PER_S, &m);
        ck_assert(fabs(held.heat_s - 0.5) < 1e-9);
        ck_assert(fabs(held.power_s - 2.2) < 1e-9);
        m = counted(minor, 100, 0, 0, 0); /* the GPU was reset: nobody knows */
        amd_held_note(&held, 6 * NS_PER_S, &m);
        m = counted(minor, 200, 0, 50, 0);
        amd_held_note(&held, 7 * NS_PER_S, &m);
        ck_assert(fabs(held.heat_s - 0.5) < 1e-9);
        ck_assert(fabs(held.power_s - 2.7) < 1e-9);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_card_of_amd_is_read_from_its_files),
        TESTKIT_TEST(newer_and_older_amd_drivers_name_files_otherwise),
        TESTKIT_TEST(heat_and_power_that_slow_an_amd_card_down_are_told_apart),
        TESTKIT_TEST(a_gpu_in_the_processor_uses_the_machines_memory_too),
        TESTKIT_TEST(a_gpu_that_sleeps_is_not_woken),
        TESTKIT_TEST(a_gpu_that_sleeps_when_it_is_found_is_not_woken),
        TESTKIT_TEST(processes_that_compute_on_an_amd_card_are_told_apart),
        TESTKIT_TEST(a_card_that_only_draws_has_no_processes),
        TESTKIT_TEST(a_figure_that_is_none_is_an_error),
        TESTKIT_TEST(intel_tells_work_by_sleep_and_power_by_energy),
        TESTKIT_TEST(what_slows_an_intel_gpu_down_lasts_from_look_to_look),
        TESTKIT_TEST(cards_are_found_by_number_and_driver),
        TESTKIT_TEST(the_list_of_a_run_has_the_ids_of_the_samples),
        TESTKIT_TEST(tables_of_amd_are_taken_as_far_as_they_are_known),
        TESTKIT_TEST(what_a_gpu_counts_of_being_held_back_becomes_time),
        {0},
    };
    return testkit_run("gpu_cards", tests);
}
