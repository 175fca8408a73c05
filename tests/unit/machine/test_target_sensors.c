/* What is told of the measured server's processes: on a captured tree, and of a real process. */
#include "monitor.h"

#include "testkit.h"
#include "tree_kit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define URL "http://127.0.0.1:8080/v1"
#define KIB 1024.0
#define AGES_NS (120 * NS_PER_S) /* who is to answer is not given up, however slow the machine is */

static struct clock_virtual now;

/* On the tree `laptop` process 200 is the server and 201 its worker. */
static struct monitor *open_on(const char *root, const char *samples_path)
{
    struct error why = {0};
    struct monitor *m;
    clock_virtual_init(&now, 1795220601 * NS_PER_S);
    struct monitor_options options = {
        .root = root, .clock = &now.clock, .own_pid = 100, .target_url = URL, .samples_path = samples_path};
    ck_assert_msg(monitor_open(&options, &m, &why) == STATUS_OK, "%s", error_text(&why));
    return m;
}

static const struct reading *reading_of(const struct monitor *m, enum sensor_id id)
{
    return &monitor_latest(m)->readings[id];
}

static double value_of(const struct monitor *m, enum sensor_id id)
{
    const struct reading *r = reading_of(m, id);
    ck_assert_msg(r->status == SENSOR_OK, "%s: %s", sensor_table[id].name, r->reason);
    return r->value;
}

static void sample_after(struct monitor *m, int64_t ns)
{
    clock_virtual_advance(&now, ns);
    ck_assert(monitor_sample(m, clock_mono_ns(&now.clock)));
}

static void a_server_is_weighed_at_both_ends_of_a_window_only(void)
{
    const char *root = tree_copy("laptop");
    struct monitor *m = open_on(root, NULL);
    monitor_begin(m);
    ck_assert(value_of(m, SENSOR_PSS_TARGET) == (1000 + 400) * KIB);
    ck_assert(value_of(m, SENSOR_RSS_PEAK_TARGET) == (5000000 + 3000) * KIB);
    sample_after(m, NS_PER_S);
    ck_assert_int_eq(reading_of(m, SENSOR_PSS_TARGET)->status, SENSOR_UNAVAILABLE);
    ck_assert_str_eq(reading_of(m, SENSOR_PSS_TARGET)->reason, "read at both ends of a window only");
    ck_assert_int_eq(reading_of(m, SENSOR_RSS_PEAK_TARGET)->status, SENSOR_UNAVAILABLE);
    tree_edit(root, "/proc/201/smaps_rollup", "Pss:                  400 kB", "Pss:                 2400 kB");
    monitor_end(m);
    const struct span *pss = &monitor_window(m)->spans[SENSOR_PSS_TARGET];
    ck_assert(pss->first.value == 1400 * KIB && pss->last.value == 3400 * KIB);
    monitor_close(m);
}

static void descriptors_are_counted_and_the_least_that_is_left(void)
{
    struct monitor *m = open_on(tree_copy("laptop"), NULL);
    monitor_begin(m);
    ck_assert(value_of(m, SENSOR_FILES_OPEN_TARGET) == 6 + 2);
    ck_assert(value_of(m, SENSOR_FILES_LEFT_TARGET) == 64 - 2); /* the worker may have fewer */
    monitor_end(m);
    monitor_close(m);
}

static void without_a_limit_nobody_knows_what_is_left(void)
{
    const char *root = tree_copy("laptop");
    tree_edit(root, "/proc/201/limits", "Max open files            64       ",
        "Max open files            unlimited");
    struct monitor *m = open_on(root, NULL);
    monitor_begin(m);
    ck_assert(value_of(m, SENSOR_FILES_LEFT_TARGET) == 1024 - 6);
    tree_edit(root, "/proc/200/limits", "Max open files            1024     ",
        "Max open files            unlimited");
    monitor_end(m);
    ck_assert_str_eq(reading_of(m, SENSOR_FILES_LEFT_TARGET)->reason, "no limit is told");
    ck_assert(value_of(m, SENSOR_FILES_OPEN_TARGET) == 8);
    monitor_close(m);
}

static void a_gpu_works_for_the_server(void)
{
    const char *root = tree_copy("laptop");
    struct monitor *m = open_on(root, NULL);
    monitor_begin(m);
    ck_assert(value_of(m, SENSOR_GPU_MEMORY_TARGET) == (2048 + 1024) * KIB);
    ck_assert(value_of(m, SENSOR_GPU_BUSY_TARGET) == 0);
    tree_edit(
        root, "/proc/200/fdinfo/5", "drm-engine-compute:\t1000000000", "drm-engine-compute:\t1750000000");
    sample_after(m, NS_PER_S);
    ck_assert(value_of(m, SENSOR_GPU_BUSY_TARGET) == 0.75);
    tree_remove(root, "/proc/201/fd/9");
    monitor_end(m);
    ck_assert(value_of(m, SENSOR_GPU_MEMORY_TARGET) == 2048 * KIB);
    ck_assert(value_of(m, SENSOR_GPU_BUSY_TARGET) == 0.75);
    monitor_close(m);
}

static void a_server_that_uses_no_gpu_has_none_of_it(void)
{
    static const char *const devices[] = {
        "/proc/200/fd/5", "/proc/200/fd/6", "/proc/200/fd/7", "/proc/201/fd/9"};
    const char *root = tree_copy("laptop");
    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++)
        tree_remove(root, devices[i]);
    struct monitor *m = open_on(root, NULL);
    monitor_begin(m);
    monitor_end(m);
    ck_assert(value_of(m, SENSOR_GPU_MEMORY_TARGET) == 0 && value_of(m, SENSOR_GPU_BUSY_TARGET) == 0);
    monitor_close(m);
}

static void without_a_driver_that_tells_nothing_is_said_of_gpus(void)
{
    const char *root = tree_copy("laptop");
    tree_remove(root, "/sys/class/drm/card0");
    struct monitor *m = open_on(root, NULL);
    monitor_begin(m);
    monitor_end(m);
    ck_assert_str_eq(
        reading_of(m, SENSOR_GPU_MEMORY_TARGET)->reason, "no driver of a GPU here tells of its clients");
    monitor_close(m);
}

static void an_older_kernel_has_no_such_files(void)
{
    static const char *const files[] = {
        "/proc/200/smaps_rollup", "/proc/201/smaps_rollup", "/proc/200/limits", "/proc/201/limits"};
    const char *root = tree_copy("laptop");
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        tree_remove(root, files[i]);
    struct monitor *m = open_on(root, NULL);
    monitor_begin(m);
    monitor_end(m);
    ck_assert_str_eq(reading_of(m, SENSOR_PSS_TARGET)->reason, "No such file or directory");
    ck_assert_int_eq(reading_of(m, SENSOR_FILES_LEFT_TARGET)->status, SENSOR_UNAVAILABLE);
    ck_assert(value_of(m, SENSOR_FILES_OPEN_TARGET) == 8);
    ck_assert(value_of(m, SENSOR_RSS_PEAK_TARGET) > 0);
    monitor_close(m);
}

static void a_huge_server_is_not_weighed(void)
{
    const char *root = tree_copy("laptop");
    tree_edit(root, "/proc/200/stat", " 3133440 394 ", " 3133440 99999999 "); /* pages: 380 GiB */
    struct monitor *m = open_on(root, NULL);
    monitor_begin(m);
    ck_assert_ptr_nonnull(strstr(reading_of(m, SENSOR_PSS_TARGET)->reason, "takes too long"));
    ck_assert(value_of(m, SENSOR_RSS_PEAK_TARGET) > 0);
    monitor_close(m);
}

static void without_a_server_each_says_so(void)
{
    static const enum sensor_id sensors[] = {SENSOR_PSS_TARGET, SENSOR_RSS_PEAK_TARGET,
        SENSOR_FILES_OPEN_TARGET, SENSOR_FILES_LEFT_TARGET, SENSOR_GPU_MEMORY_TARGET, SENSOR_GPU_BUSY_TARGET};
    const char *root = tree_copy("laptop");
    tree_remove(root, "/proc/200");
    struct monitor *m = open_on(root, NULL);
    monitor_begin(m);
    monitor_end(m);
    for (size_t i = 0; i < sizeof sensors / sizeof sensors[0]; i++) {
        const struct reading *r = reading_of(m, sensors[i]);
        ck_assert_int_eq(r->status, SENSOR_UNAVAILABLE);
        ck_assert_msg(strncmp(r->reason, "unattributed", 12) == 0, "%s", r->reason);
        ck_assert_ptr_nonnull(r->source);
    }
    monitor_close(m);
}

/* A line has what was read with it: the server's weight only the first and the last. */
static void samples_have_the_weight_at_both_ends(void)
{
    const char *path = testkit_tmp_path("samples.jsonl");
    struct monitor *m = open_on(tree_copy("laptop"), path);
    size_t lines = 0, weighed = 0;
    monitor_begin(m);
    sample_after(m, NS_PER_S / 5);
    sample_after(m, NS_PER_S / 5);
    monitor_end(m);
    monitor_close(m);
    struct buf text = testkit_read(path);
    for (const char *at = buf_text(&text); *at; at += strcspn(at, "\n") + 1) {
        size_t len = strcspn(at, "\n");
        lines++;
        const char *found = strstr(at, "\"pss_target\":");
        weighed += found != NULL && found < at + len;
    }
    ck_assert_uint_eq(lines, 4);
    ck_assert_uint_eq(weighed, 2);
    buf_fini(&text);
}

/* Whoever asks for the memory of a process that holds its lock waits; here for the writer of a pipe. */
static void a_server_that_is_stuck_is_not_waited_for(void)
{
    char path[1024];
    struct error why = {0};
    struct monitor *m;
    const char *root = tree_copy("laptop");
    int64_t until_ns = clock_mono_ns(clock_system()) + AGES_NS;
    tree_remove(root, "/proc/201/smaps_rollup");
    ck_assert((size_t)snprintf(path, sizeof path, "%s/proc/201/smaps_rollup", root) < sizeof path);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    struct monitor_options options = {
        .root = root, .own_pid = 100, .target_url = URL, .deadline_ns = 200 * NS_PER_MS};
    ck_assert_msg(monitor_open(&options, &m, &why) == STATUS_OK, "%s", error_text(&why));
    const struct reading *pss = reading_of(m, SENSOR_PSS_TARGET);
    do
        monitor_begin(m);
    while (!strstr(pss->reason, "201/smaps_rollup") && clock_mono_ns(clock_system()) < until_ns);
    ck_assert_msg(strstr(pss->reason, "201/smaps_rollup has not answered for 200 ms"), "%s", pss->reason);
    ck_assert(value_of(m, SENSOR_RSS_TARGET) > 0); /* what needs no lock is there */
    monitor_end(m);
    monitor_close(m);
}

/* A server that has so many bytes of its own and so many files open; its parent gives the socket away. */
static pid_t start_server(size_t bytes, int files, char *url, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int ready[2], fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char byte;
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    snprintf(url, size, "http://127.0.0.1:%d/v1", ntohs(address.sin_port));
    ck_assert_int_eq(pipe(ready), 0);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        alarm(120);
        if (memory == MAP_FAILED)
            _exit(1);
        memset(memory, 1, bytes);
        for (int i = 0; i < files; i++)
            if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
                _exit(1);
        if (write(ready[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(fd);
    close(ready[1]);
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return pid;
}

static void a_real_server_is_weighed_and_its_files_are_counted(void)
{
    enum { BYTES = 24 << 20, FILES = 20 };
    char url[64];
    struct error why = {0};
    struct monitor *m;
    struct rlimit limit;
    pid_t pid = start_server(BYTES, FILES, url, sizeof url);
    struct monitor_options options = {.target_url = url, .deadline_ns = AGES_NS};
    ck_assert_msg(monitor_open(&options, &m, &why) == STATUS_OK, "%s", error_text(&why));
    monitor_begin(m);
    monitor_end(m);
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    double rss = value_of(m, SENSOR_RSS_TARGET), open_now = value_of(m, SENSOR_FILES_OPEN_TARGET);
    ck_assert_msg(value_of(m, SENSOR_PSS_TARGET) >= BYTES, "%g", value_of(m, SENSOR_PSS_TARGET));
    ck_assert_msg(
        value_of(m, SENSOR_PSS_TARGET) <= rss + BYTES, "%g, %g", value_of(m, SENSOR_PSS_TARGET), rss);
    ck_assert_msg(value_of(m, SENSOR_RSS_PEAK_TARGET) >= BYTES, "%g", value_of(m, SENSOR_RSS_PEAK_TARGET));
    ck_assert_msg(open_now > FILES && open_now < FILES + 100, "%g", open_now);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_cur != RLIM_INFINITY)
        ck_assert(value_of(m, SENSOR_FILES_LEFT_TARGET) == (double)limit.rlim_cur - open_now);
    monitor_close(m);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_server_is_weighed_at_both_ends_of_a_window_only),
        TESTKIT_TEST(descriptors_are_counted_and_the_least_that_is_left),
        TESTKIT_TEST(without_a_limit_nobody_knows_what_is_left),
        TESTKIT_TEST(a_gpu_works_for_the_server),
        TESTKIT_TEST(a_server_that_uses_no_gpu_has_none_of_it),
        TESTKIT_TEST(without_a_driver_that_tells_nothing_is_said_of_gpus),
        TESTKIT_TEST(an_older_kernel_has_no_such_files),
        TESTKIT_TEST(a_huge_server_is_not_weighed),
        TESTKIT_TEST(without_a_server_each_says_so),
        TESTKIT_TEST(samples_have_the_weight_at_both_ends),
        TESTKIT_TEST(a_server_that_is_stuck_is_not_waited_for),
        TESTKIT_TEST(a_real_server_is_weighed_and_its_files_are_counted),
        {0},
    };
    return testkit_run("target_sensors", tests);
}
