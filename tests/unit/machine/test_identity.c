#include "identity.h"

#include "cpu_topology.h"
#include "json.h"
#include "part_schema.h"
#include "testkit.h"
#include "tree_kit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

/* The tree of a machine and all that is said of it. */
static const struct {
    const char *tree, *json;
} machines[] = {
    {"laptop",
        "{\"host\":\"laptop\",\"os\":\"Debian GNU/Linux 12 (bookworm)\",\"kernel\":\"6.1.0-28-amd64\","
        "\"architecture\":\"x86_64\",\"model\":\"LENOVO 21CB0012GE\","
        "\"boot_id\":\"6f1c9d1e-3a52-4b6e-9c63-2f0e6f7a1b11\",\"virtualisation\":\"none\","
        "\"cpu\":{\"model\":\"12th Gen Intel(R) Core(TM) "
        "i5-1240P\",\"vendor\":\"GenuineIntel\",\"logical\":12,"
        "\"physical\":8,\"performance\":4,\"efficiency\":4,\"allowed\":8,"
        "\"frequency_driver\":\"intel_pstate\",\"frequency_mode\":\"active\",\"governor\":\"powersave\","
        "\"energy_preference\":\"balance_performance\","
        "\"mitigations\":[\"itlb_multihit\",\"spectre_v1\",\"spectre_v2\"],\"vulnerable\":[\"mmio_stale_"
        "data\"]},"
        "\"memory\":{\"total_bytes\":16384000000,\"swap_bytes\":8192000000,\"huge_pages\":\"madvise\","
        "\"numa_nodes\":1,\"numa_balancing\":false},\"clock_source\":\"tsc\",\"address_randomisation\":2,"
        "\"gpus\":[{\"name\":\"NVIDIA GeForce RTX 4060 Laptop "
        "GPU\",\"vendor\":\"NVIDIA\",\"driver\":\"550.54.14\"},"
        "{\"id\":\"gpu0\",\"name\":\"Intel device 0x46a6\",\"vendor\":\"Intel\",\"driver\":\"i915\"}]}"},
    {"container_v1",
        "{\"host\":\"4c01db0b339c\",\"os\":\"Alpine Linux v3.19\",\"kernel\":\"4.19.0-27-amd64\","
        "\"model\":\"QEMU Standard PC (i440FX + PIIX, 1996)\","
        "\"boot_id\":\"0a0b0c0d-1111-2222-3333-444455556666\",\"virtualisation\":\"docker on qemu\","
        "\"cpu\":{\"model\":\"Intel(R) Xeon(R) CPU E5-2680 v4 @ "
        "2.40GHz\",\"vendor\":\"GenuineIntel\",\"logical\":4,"
        "\"physical\":2,\"allowed\":3,\"quota\":1.5},"
        "\"memory\":{\"total_bytes\":32768000000,\"swap_bytes\":0,\"limit_bytes\":2147483648},\"gpus\":[]}"},
    {"pod_v2",
        "{\"host\":\"pod-0\",\"os\":\"Container-Optimized OS from Google\",\"kernel\":\"6.1.100+\","
        "\"architecture\":\"x86_64\",\"model\":\"Google Compute Engine\","
        "\"boot_id\":\"1a0b0c0d-1111-2222-3333-444455556666\",\"virtualisation\":\"google compute engine\","
        "\"cpu\":{\"model\":\"AMD EPYC "
        "7B13\",\"vendor\":\"AuthenticAMD\",\"logical\":4,\"physical\":2,\"allowed\":4,"
        "\"quota\":2.5},"
        "\"memory\":{\"total_bytes\":65536000000,\"swap_bytes\":0,\"limit_bytes\":4294967296},\"gpus\":[]}"},
    {"arm_board",
        "{\"host\":\"board\",\"os\":\"Armbian 24.5.1 bookworm\",\"kernel\":\"6.6.31-rk3588\","
        "\"architecture\":\"aarch64\",\"model\":\"Radxa ROCK 5B\","
        "\"boot_id\":\"2a0b0c0d-1111-2222-3333-444455556666\",\"virtualisation\":\"none\","
        "\"cpu\":{\"model\":\"ARM part "
        "0xd05\",\"vendor\":\"ARM\",\"logical\":4,\"physical\":4,\"performance\":2,"
        "\"efficiency\":2,\"allowed\":4},"
        "\"memory\":{\"total_bytes\":8192000000,\"swap_bytes\":0},"
        "\"gpus\":[{\"id\":\"gpu0\",\"name\":\"Radeon RX 6800 XT\",\"vendor\":\"AMD\",\"driver\":\"amdgpu\","
        "\"memory_bytes\":17163091968}]}"},
    {"hybrid_v1",
        "{\"host\":\"unknown\",\"os\":\"unknown\",\"kernel\":\"unknown\",\"virtualisation\":\"none\",\"cpu\":"
        "{},"
        "\"memory\":{\"total_bytes\":25276502016,\"swap_bytes\":0,\"limit_bytes\":8589934592},\"gpus\":[]}"},
};

static void captured_machines_are_described_in_full(void)
{
    for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
        struct error why = {0};
        struct json_object *expected;
        struct json_object *machine = machine_identity_to_json(tree_copy(machines[i].tree));
        ck_assert_ptr_nonnull(machine);
        ck_assert_msg(json_parse(machines[i].json, strlen(machines[i].json), &expected, &why) == STATUS_OK,
            "%s", error_text(&why));
        if (!json_get_text(expected, "/architecture")) { /* not in the tree: this machine's own */
            struct utsname system;
            ck_assert_int_eq(uname(&system), 0);
            ck_assert(json_set_text(expected, "architecture", system.machine));
        }
        ck_assert_msg(json_deep_equal(machine, expected), "%s: %s", machines[i].tree,
            json_object_to_json_string(machine));
        json_object_put(expected);
        json_object_put(machine);
    }
}

static void every_machine_fits_the_schema_of_a_run(void)
{
    static const char part[] = "urn:assay:schema:run:1.0.0#/properties/machine";
    for (size_t i = 0; i <= sizeof machines / sizeof machines[0]; i++) {
        bool captured = i < sizeof machines / sizeof machines[0];
        struct json_object *machine = machine_identity_to_json(captured ? tree_copy(machines[i].tree) : "");
        part_schema_check(part, machine);
        json_object_put(machine);
    }
}

static void an_empty_tree_is_still_a_machine(void)
{
    struct json_object *machine = machine_identity_to_json(testkit_tmp());
    ck_assert_str_eq(json_get_text(machine, "/host"), "unknown");
    ck_assert_str_eq(json_get_text(machine, "/os"), "unknown");
    ck_assert_str_eq(json_get_text(machine, "/kernel"), "unknown");
    ck_assert_ptr_nonnull(json_get_text(machine, "/architecture"));
    json_object_put(machine);
}

static void hostile_names_are_made_printable(void)
{
    const char *root = tree_copy("laptop");
    tree_write(root, "/proc/sys/kernel/hostname", "a\x1b[31mb\xff\n");
    struct json_object *machine = machine_identity_to_json(root);
    ck_assert_str_eq(json_get_text(machine, "/host"), "ab\\xff");
    json_object_put(machine);
}

static void settings_that_make_no_sense_are_left_out(void)
{
    static const struct {
        const char *path, *text, *pointer;
    } odd[] = {
        {"/sys/kernel/mm/transparent_hugepage/enabled", "always madvise never\n", "/memory/huge_pages"},
        {"/sys/kernel/mm/transparent_hugepage/enabled", "always [] never\n", "/memory/huge_pages"},
        {"/sys/devices/system/node/online", "none\n", "/memory/numa_nodes"},
        {"/proc/sys/kernel/randomize_va_space", "-1\n", "/address_randomisation"},
        {"/proc/sys/kernel/randomize_va_space", "two\n", "/address_randomisation"},
        {"/sys/devices/system/clocksource/clocksource0/current_clocksource", "\n", "/clock_source"},
    };
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        const char *root = tree_copy("laptop");
        tree_write(root, odd[i].path, odd[i].text);
        struct json_object *machine = machine_identity_to_json(root);
        ck_assert_msg(machine && !json_get(machine, odd[i].pointer), "%s", odd[i].text);
        json_object_put(machine);
    }
}

static void a_kernel_without_faults_has_two_empty_lists(void)
{
    const char *root = tree_copy("arm_board");
    tree_write(root, "/sys/devices/system/cpu/vulnerabilities/meltdown", "Not affected\n");
    struct json_object *machine = machine_identity_to_json(root);
    ck_assert_uint_eq(json_object_array_length(json_get_array(machine, "/cpu/mitigations")), 0);
    ck_assert_uint_eq(json_object_array_length(json_get_array(machine, "/cpu/vulnerable")), 0);
    json_object_put(machine);
}

static void this_machine_is_not_unknown(void)
{
    int64_t number;
    char host[256];
    struct json_object *machine = machine_identity_to_json("");
    machine_host_name("", host, sizeof host);
    ck_assert_str_eq(json_get_text(machine, "/host"), host);
    ck_assert_str_ne(json_get_text(machine, "/kernel"), "unknown");
    ck_assert(json_get_int(machine, "/cpu/logical", &number) && number > 0);
    ck_assert(json_get_int(machine, "/cpu/allowed", &number) && number > 0);
    ck_assert(json_get_int(machine, "/memory/total_bytes", &number) && number > 1 << 20);
    json_object_put(machine);
}

static void lists_of_processors_are_ranges_and_numbers(void)
{
    struct cpu_set *set = malloc(sizeof *set);
    ck_assert_ptr_nonnull(set);
    ck_assert(cpu_set_parse("0-3,8,10-11\n", set) && set->count == 7 && set->has[8] && !set->has[9]);
    ck_assert(cpu_set_parse("0,0,0-1\n", set) && set->count == 2);
    static const char *const bad[] = {"", "\n", "0", "0-\n", "3-1\n", "a\n", "0,\n", "0 1\n", "4096\n",
        "0-99999999999999999999\n", "-1\n", "0\n\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_msg(!cpu_set_parse(bad[i], set), "%s", bad[i]);
        ck_assert_uint_eq(set->count, 0);
    }
    free(set);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(captured_machines_are_described_in_full),
        TESTKIT_TEST(every_machine_fits_the_schema_of_a_run),
        TESTKIT_TEST(an_empty_tree_is_still_a_machine),
        TESTKIT_TEST(hostile_names_are_made_printable),
        TESTKIT_TEST(settings_that_make_no_sense_are_left_out),
        TESTKIT_TEST(a_kernel_without_faults_has_two_empty_lists),
        TESTKIT_TEST(this_machine_is_not_unknown),
        TESTKIT_TEST(lists_of_processors_are_ranges_and_numbers),
        {0},
    };
    return testkit_run("identity", tests);
}
