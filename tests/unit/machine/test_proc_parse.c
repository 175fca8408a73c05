#include "proc_parse.h"

#include "testkit.h"

#include <string.h>

static void a_name_may_hold_anything_up_to_the_last_parenthesis(void)
{
    static const struct {
        const char *line;
        int32_t pid, ppid, session;
        char state;
        uint64_t ticks, rss_pages;
    } good[] = {
        {"7 (sh) S 1 7 7 0 -1 4194304 1 2 3 4 10 20 30 40 20 0 1 0 999 1 77\n", 7, 1, 7, 'S', 100, 77},
        {"8 ((a) b)) Z 7 8 9 0 -1 0 0 0 0 0 1 1 0 0 20 0 1 0 5 0\n", 8, 7, 9, 'Z', 2},
        {"9 () 1) R 1 1 1 0 -1 0 0 0 0 0 1 0 0 0 20 0 1 0 5 0\n", 9, 1, 1, 'R', 1},
        {"10 (new\nline) D 1 1 1 0 -1 0 0 0 0 0 5 0 0 0 20 0 1 0 5 0\n", 10, 1, 1, 'D', 5},
        {"11 (negative) S 1 1 -1 0 -1 0 0 0 0 0 5 5 -3 -4 20 0 1 0 5 0\n", 11, 1, -1, 'S', 10},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct proc_stat stat;
        ck_assert_msg(proc_parse_stat(good[i].line, &stat), "%s", good[i].line);
        ck_assert_int_eq(stat.pid, good[i].pid);
        ck_assert_int_eq(stat.ppid, good[i].ppid);
        ck_assert_int_eq(stat.session, good[i].session);
        ck_assert_int_eq(stat.state, good[i].state);
        ck_assert_uint_eq(stat.ticks, good[i].ticks);
        ck_assert_uint_eq(stat.rss_pages, good[i].rss_pages);
        ck_assert_uint_eq(stat.major_faults, i == 0 ? 3 : 0);
    }
}

static void a_broken_process_line_is_refused(void)
{
    static const char *const bad[] = {"", "7", "7 (sh", "7 (sh)", "7 (sh) ", "7 (sh) S",
        "7 (sh) S 1 7 7 0 -1", "x (sh) S 1 7 7 0 -1 4 1 2 3 4 10 20 30 40 20 0 1 0 999 1\n",
        "7 (sh) S 1 7 7 0 -1 4194304 1 2 3 4 10 99999999999999999999 30 40 20 0 1 0 999 1\n",
        "7 (sh) S 1 7 7 0 -1 4194304 1 2 3 4 10 20 30 40 20 0 1 0 99",
        ") (sh) S 1 7 7 0 -1 4194304 1 2 3 4 10 20 30 40 20 0 1 0 999 1\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct proc_stat stat = {.pid = -5};
        ck_assert_msg(!proc_parse_stat(bad[i], &stat), "%s", bad[i]);
        ck_assert_int_eq(stat.pid, -5);
    }
}

static void a_counter_counts_only_in_a_complete_line_of_its_own(void)
{
    uint64_t value = 5;
    ck_assert(proc_find_count("pswpin 1\npswpout 2\n", "pswpout", &value));
    ck_assert_uint_eq(value, 2);
    ck_assert(proc_find_count("x 18446744073709551615\n", "x", &value));
    ck_assert_uint_eq(value, UINT64_MAX);
    value = 5;
    static const char *const bad[] = {"", "pswpout 12", "pswpout\n", "pswpout \n", "pswpout -1\n",
        "pswpout 1x\n", "xpswpout 1\n", "pswpout2 1\n", "pswpout 18446744073709551616\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!proc_find_count(bad[i], "pswpout", &value), "%s", bad[i]);
    ck_assert_uint_eq(value, 5);
}

static void counters_of_all_zones_are_added(void)
{
    uint64_t sum = 5;
    static const char *const bad[] = {"", "other 1\n", "stall_dma 1", "stall_dma\n",
        "stall_dma 1\nstall_x y\n", "stall_a 18446744073709551615\nstall_b 1\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!proc_sum_counts(bad[i], "stall", &sum), "%s", bad[i]);
    ck_assert_uint_eq(sum, 5);
    ck_assert(proc_sum_counts("a 7\nstall_dma 1\nb 9\nstall_normal 20\n", "stall", &sum));
    ck_assert_uint_eq(sum, 21);
    ck_assert(proc_sum_counts("stall 3\n", "stall", &sum)); /* before there were zones */
    ck_assert_uint_eq(sum, 3);
}

static void one_processor_is_a_line_with_a_number(void)
{
    uint64_t number = 77;
    struct proc_cpu cpu;
    static const char *const bad[] = {
        "", "cpu  1 2 3 4\n", "cpu3\n", "cpu3 1 2 3\n", "cpu3 1 2 3 4", "cpux 1 2 3 4\n", "intr 1 2 3 4\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!proc_parse_one_cpu(bad[i], &number, &cpu), "%s", bad[i]);
    ck_assert_uint_eq(number, 77);
    ck_assert(proc_parse_one_cpu("cpu12 1 2 3 4 5 6 7 8 9\ncpu13 0 0 0 0\n", &number, &cpu));
    ck_assert_uint_eq(number, 12);
    ck_assert(cpu.user == 1 && cpu.idle == 4 && cpu.steal == 8);
}

static void memory_is_in_bytes(void)
{
    uint64_t bytes = 5;
    ck_assert(proc_find_meminfo("MemTotal:       24684084 kB\nMemAvailable: 1 kB\n", "MemAvailable", &bytes));
    ck_assert_uint_eq(bytes, 1024);
    ck_assert(!proc_find_meminfo("MemTotal:       24684084\n", "MemTotal", &bytes));
    ck_assert(!proc_find_meminfo("MemTotal: 18446744073709551615 kB\n", "MemTotal", &bytes));
    ck_assert(!proc_find_meminfo("MemTotal: 246", "MemTotal", &bytes));
    ck_assert_uint_eq(bytes, 1024);
}

static void a_limit_is_a_number_or_max(void)
{
    uint64_t value;
    ck_assert(proc_parse_limit("max\n", &value) && value == UINT64_MAX);
    ck_assert(proc_parse_limit("4096\n", &value) && value == 4096);
    ck_assert(!proc_parse_limit("4096", &value));
    ck_assert(!proc_parse_limit("-1\n", &value));
    ck_assert(!proc_parse_limit("maximum\n", &value));
}

static void a_process_may_open_so_many_files(void)
{
    static const char limits[] =
        "Limit                     Soft Limit           Hard Limit           Units     \n"
        "Max processes             94783                94783                processes \n"
        "Max open files            1024                 1048576              files     \n";
    static const char *const bad[] = {"", "Max open files            1024", "Max open files\n",
        "Max open files            -1                   files\n", "Max open files            1024\n",
        "xMax open files            1024                1024\n",
        "Max open files            99999999999999999999 1024\n"};
    uint64_t count = 5;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!proc_parse_files_limit(bad[i], &count) && count == 5, "%s", bad[i]);
    ck_assert(proc_parse_files_limit(limits, &count) && count == 1024);
    ck_assert(
        proc_parse_files_limit("Max open files            unlimited            unlimited files\n", &count));
    ck_assert(count == UINT64_MAX);
}

static void pressure_is_the_total_of_its_line(void)
{
    static const char text[] = "some avg10=0.10 avg60=0.00 avg300=0.00 total=17\n"
                               "full avg10=0.00 avg60=0.00 avg300=0.00 total=4\n";
    uint64_t us;
    ck_assert(proc_parse_pressure(text, "some", &us) && us == 17);
    ck_assert(proc_parse_pressure(text, "full", &us) && us == 4);
    ck_assert(!proc_parse_pressure("some avg10=0.10 avg60=0.00\nfull total=3\n", "some", &us));
    ck_assert(!proc_parse_pressure("some avg10=0.10 total=1", "some", &us));
    ck_assert(!proc_parse_pressure("", "some", &us));
}

static void old_kernels_have_no_steal_column(void)
{
    struct proc_cpu cpu;
    ck_assert(proc_parse_cpu("cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 1 1 1\n", &cpu));
    ck_assert(cpu.has_steal && cpu.steal == 8 && cpu.user == 1 && cpu.softirq == 7);
    ck_assert(proc_parse_cpu("cpu  1 2 3 4\n", &cpu));
    ck_assert(!cpu.has_steal && cpu.steal == 0 && cpu.idle == 4);
    ck_assert(!proc_parse_cpu("cpu  1 2 3\n", &cpu));
    ck_assert(!proc_parse_cpu("cpu0 1 2 3 4 5 6 7 8\n", &cpu));
    ck_assert(!proc_parse_cpu("cpu  1 2 3 4 5 6 7 8", &cpu));
}

static void only_listening_sockets_are_listeners(void)
{
    struct proc_listener l;
    ck_assert(proc_parse_listener(
        "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000"
        "        0 4711 1 0 100 0 0 10 0\n",
        &l));
    ck_assert_uint_eq(l.port, 8080);
    ck_assert_uint_eq(l.uid, 1000);
    ck_assert_uint_eq(l.inode, 4711);
    ck_assert_mem_eq(l.address, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\1", 16);
    ck_assert(proc_parse_listener(
        "   0: 00000000000000000000000001000000:0050 0000000000000000:0000 0A 0:0 0:0 0 0 0 1 1\n", &l));
    ck_assert_mem_eq(l.address, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
    static const char *const bad[] = {"", "  sl  local_address rem_address   st\n",
        "   0: 0100007F:1F90 00000000:0000 01 0:0 0:0 0 1000 0 4711 1\n",
        "   0: 0100007F:1F90 00000000:0000 0A 0:0 0:0 0 1000 0 47", "   0: 0100007F:1F9",
        "   0: 0100007:1F90 x 0A\n", "   0: 0100007G:1F90 0:0 0A 0:0 0:0 0 0 0 1 1\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!proc_parse_listener(bad[i], &l), "%s", bad[i]);
}

static void a_group_is_found_by_controller(void)
{
    static const char text[] = "11:memory:/a:b\n4:cpu,cpuacct:/c\n1:name=systemd:/d\n0::/e\n";
    char path[16];
    ck_assert(proc_parse_group(text, "memory", path, sizeof path));
    ck_assert_str_eq(path, "/a:b");
    ck_assert(proc_parse_group(text, "cpuacct", path, sizeof path));
    ck_assert_str_eq(path, "/c");
    ck_assert(proc_parse_group(text, "", path, sizeof path));
    ck_assert_str_eq(path, "/e");
    ck_assert(!proc_parse_group(text, "pids", path, sizeof path));
    ck_assert(!proc_parse_group("0::/longer-than-the-room\n", "", path, sizeof path));
    ck_assert(!proc_parse_group("0::/cut", "", path, sizeof path));
    ck_assert(!proc_parse_group("0::relative\n", "", path, sizeof path));
}

static void a_mount_is_read_with_escapes_and_optional_fields(void)
{
    struct proc_mount m;
    ck_assert(proc_parse_mount(
        "35 31 0:32 /a\\040b /sys/fs/my\\134x rw shared:1 master:2 - cgroup src rw,memory\n", &m));
    ck_assert_str_eq(m.root, "/a b");
    ck_assert_str_eq(m.point, "/sys/fs/my\\x");
    ck_assert_str_eq(m.type, "cgroup");
    ck_assert(proc_list_has(m.options, "memory") && !proc_list_has(m.options, "mem"));
    ck_assert(!proc_parse_mount("35 31 0:32 / /sys rw shared:1\n", &m));
    ck_assert(!proc_parse_mount("35 31 0:32 / /a\\000 rw - t s o\n", &m));
    ck_assert(!proc_parse_mount("", &m));
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_name_may_hold_anything_up_to_the_last_parenthesis),
        TESTKIT_TEST(a_broken_process_line_is_refused),
        TESTKIT_TEST(a_counter_counts_only_in_a_complete_line_of_its_own),
        TESTKIT_TEST(counters_of_all_zones_are_added),
        TESTKIT_TEST(one_processor_is_a_line_with_a_number),
        TESTKIT_TEST(memory_is_in_bytes),
        TESTKIT_TEST(a_limit_is_a_number_or_max),
        TESTKIT_TEST(a_process_may_open_so_many_files),
        TESTKIT_TEST(pressure_is_the_total_of_its_line),
        TESTKIT_TEST(old_kernels_have_no_steal_column),
        TESTKIT_TEST(only_listening_sockets_are_listeners),
        TESTKIT_TEST(a_group_is_found_by_controller),
        TESTKIT_TEST(a_mount_is_read_with_escapes_and_optional_fields),
        {0},
    };
    return testkit_run("proc_parse", tests);
}
