/* The machine that the tests run on: what is real cannot be asserted in figures, but it must hang together.
 */
#include "quality.h"

#include "testkit.h"
#include "tries.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct monitor *open_for(const char *url)
{
    struct error why = {0};
    struct monitor *m;
    struct monitor_options options = {.period_ns = 20 * NS_PER_MS, .target_url = url};
    ck_assert_msg(monitor_open(&options, &m, &why) == STATUS_OK, "%s", error_text(&why));
    return m;
}

static void loop_for(struct monitor *m, int64_t ns)
{
    const struct clock *clock = clock_system();
    int64_t end_ns = clock_mono_ns(clock) + ns;
    while (clock_mono_ns(clock) < end_ns) {
        clock_sleep_until(clock, monitor_due_ns(m));
        monitor_sample(m, clock_mono_ns(clock));
    }
}

static void every_sensor_of_this_machine_is_read_or_says_why_not(void)
{
    struct quality quality;
    struct monitor *m = open_for(NULL);
    monitor_begin(m);
    loop_for(m, 300 * NS_PER_MS);
    monitor_end(m);
    quality_judge(monitor_window(m), &quality);
    for (size_t i = 0; i < SENSOR_COUNT; i++) {
        const struct reading *r = &quality.findings[i].reading;
        ck_assert_ptr_nonnull(r->source);
        ck_assert_msg((r->status == SENSOR_OK) == (r->reason[0] == '\0'), "%s", sensor_table[i].name);
        ck_assert_msg(r->status != SENSOR_ERROR, "%s: %s", sensor_table[i].name, r->reason);
    }
    ck_assert_int_eq(quality.findings[SENSOR_CPU_OURS].reading.status, SENSOR_OK);
    ck_assert_int_eq(quality.findings[SENSOR_CLOCK_STEP].reading.status, SENSOR_OK);
    ck_assert_uint_ge(monitor_window(m)->samples + monitor_window(m)->missed, 14);
    monitor_close(m);
}

/* Until the sensor has grown by that much; fails the test after a minute (a crowded machine gives a process
 * little). */
static void loop_until_grown(struct monitor *m, enum sensor_id id, double seconds)
{
    const struct span *span = &monitor_window(m)->spans[id];
    int64_t end_ns = clock_mono_ns(clock_system()) + 60 * NS_PER_S;
    while (clock_mono_ns(clock_system()) < end_ns && !(span->last.value - span->first.value >= seconds))
        loop_for(m, 100 * NS_PER_MS);
    ck_assert_msg(span->last.value - span->first.value >= seconds, "%s: %g s", sensor_table[id].name,
        span->last.value - span->first.value);
}

/* Burns CPU time until killed. */
static pid_t start_burner(void)
{
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        alarm(120);
        for (volatile unsigned i = 0;; i++)
            ;
    }
    return pid;
}

static void stop(pid_t pid)
{
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

static double growth(const struct monitor *m, enum sensor_id id)
{
    const struct span *span = &monitor_window(m)->spans[id];
    ck_assert_msg(span->last.status == SENSOR_OK, "%s: %s", sensor_table[id].name, span->last.reason);
    return span->last.value - span->first.value;
}

static void what_our_children_burn_is_ours(void)
{
    struct monitor *m = open_for(NULL);
    monitor_begin(m);
    pid_t burner = start_burner();
    loop_until_grown(m, SENSOR_CPU_OURS, 0.05);
    stop(burner); /* reaped: its time is our own process's now */
    monitor_end(m);
    ck_assert_msg(growth(m, SENSOR_CPU_OURS) >= 0.05, "%g s", growth(m, SENSOR_CPU_OURS));
    monitor_close(m);
}

static void an_unreaped_child_is_a_zombie_of_ours(void)
{
    struct quality quality;
    struct monitor *m = open_for(NULL);
    siginfo_t info;
    monitor_begin(m);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0)
        _exit(0);
    ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    monitor_end(m);
    ck_assert(growth(m, SENSOR_ZOMBIES_OURS) == 1);
    quality_judge(monitor_window(m), &quality);
    ck_assert_str_eq(quality.findings[SENSOR_ZOMBIES_OURS].rule->flag, "degraded_zombies");
    ck_assert(quality.findings[SENSOR_ZOMBIES_OURS].raised);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    monitor_close(m);
}

/* A server in a session of its own that burns CPU time; its parent gives the socket away. */
static void a_local_server_is_found_by_its_listening_socket(void)
{
    char url[64];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    snprintf(url, sizeof url, "http://localhost:%d/v1", ntohs(address.sin_port));
    pid_t server = start_burner();
    close(fd);
    for (struct tries tries = {0}; tries_next(&tries);) {
        struct monitor *m = open_for(url);
        monitor_begin(m);
        loop_until_grown(m, SENSOR_CPU_TARGET, 0.1);
        monitor_end(m);
        double ours_s = growth(m, SENSOR_CPU_OURS), its_s = growth(m, SENSOR_CPU_TARGET);
        tries_judge(&tries, ours_s < its_s, "%g s are ours, %g s the server's", ours_s, its_s);
        ck_assert(monitor_window(m)->spans[SENSOR_CPU_FOREIGN].last.status == SENSOR_OK);
        monitor_close(m);
    }
    stop(server);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(every_sensor_of_this_machine_is_read_or_says_why_not),
        TESTKIT_TEST(what_our_children_burn_is_ours),
        TESTKIT_TEST(an_unreaped_child_is_a_zombie_of_ours),
        TESTKIT_TEST(a_local_server_is_found_by_its_listening_socket),
        {0},
    };
    return testkit_run("machine_live", tests);
}
