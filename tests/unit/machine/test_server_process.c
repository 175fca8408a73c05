#include "server_process.h"

#include "monitor.h"
#include "testkit.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOTES_MAX = 4 };

static const struct {
    const char *name;
    struct server_process seen[NOTES_MAX];
    size_t count;
    pid_t first, last;
    size_t replaced;
    bool gone;
    int64_t gone_ns, back_ns; /* the samples are at 1, 2, 3, ... */
} stories[] = {
    {"nobody is in sight", {{0}, {0}}, 2, 0, 0, 0, false, 0, 0},
    {"it stays", {{7, 1}, {7, 1}, {7, 1}}, 3, 7, 7, 0, false, 0, 0},
    {"it comes late", {{0}, {7, 1}, {7, 1}}, 3, 7, 7, 0, false, 0, 0},
    {"it goes", {{7, 1}, {7, 1}, {0}}, 3, 7, 7, 0, true, 3, 0},
    {"another comes at once", {{7, 1}, {8, 5}, {8, 5}}, 3, 7, 8, 1, false, 2, 2},
    {"another of the same number", {{7, 1}, {7, 5}}, 2, 7, 7, 1, false, 2, 2},
    {"another comes later", {{7, 1}, {0}, {0}, {8, 5}}, 4, 7, 8, 1, false, 2, 4},
    {"the same is seen again", {{7, 1}, {0}, {7, 1}}, 3, 7, 7, 0, false, 2, 0},
    {"twice", {{7, 1}, {8, 5}, {9, 6}, {0}}, 4, 7, 9, 2, true, 2, 2},
};

static void a_history_says_who_it_was_and_what_became_of_it(void)
{
    for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++) {
        struct server_history h = {0};
        for (size_t k = 0; k < stories[i].count; k++)
            server_history_note(&h, &stories[i].seen[k], (int64_t)k + 1);
        bool right = h.first.pid == stories[i].first && h.last.pid == stories[i].last &&
                     h.replaced == stories[i].replaced && h.gone == stories[i].gone &&
                     h.gone_ns == stories[i].gone_ns && h.back_ns == stories[i].back_ns;
        ck_assert_msg(right, "%s: %d %d %zu %d %lld %lld", stories[i].name, (int)h.first.pid, (int)h.last.pid,
            h.replaced, h.gone, (long long)h.gone_ns, (long long)h.back_ns);
    }
}

/* Not the address of the clients on this machine: one of them may be given the port that is to be taken again. */
#define SERVER_ADDRESS "127.0.0.9"

/* A process that holds a listening socket and `bytes` of memory until it is killed. */
struct server {
    pid_t pid;
    uint16_t port;
};

static int listen_on(uint16_t port, uint16_t *got)
{
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = inet_addr(SERVER_ADDRESS), .sin_port = htons(port)};
    socklen_t len = sizeof address;
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one), 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    *got = ntohs(address.sin_port);
    return fd;
}

static struct server server_start(uint16_t port, size_t bytes)
{
    struct server server;
    int fd = listen_on(port, &server.port), ready[2];
    char byte;
    ck_assert_int_eq(pipe(ready), 0);
    server.pid = fork();
    ck_assert_int_ge(server.pid, 0);
    if (server.pid == 0) {
        alarm(300);
        /* By the kernel, not by memset: a sanitizer keeps a shadow of what the program itself writes. */
        void *held =
            mmap(NULL, bytes + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
        if (held == MAP_FAILED)
            _exit(1);
        (void)!write(ready[1], "x", 1);
        for (;;)
            pause();
    }
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    close(fd);
    return server;
}

static void server_kill(const struct server *server)
{
    ck_assert_int_eq(kill(server->pid, SIGKILL), 0);
    ck_assert_int_eq(waitpid(server->pid, NULL, 0), server->pid);
}

static struct monitor *watch(const struct server *server)
{
    char url[64];
    struct error why = {0};
    struct monitor *m;
    snprintf(url, sizeof url, "http://" SERVER_ADDRESS ":%d", server->port);
    struct monitor_options options = {.period_ns = 10 * NS_PER_MS, .target_url = url};
    ck_assert_msg(monitor_open(&options, &m, &why) == STATUS_OK, "%s", error_text(&why));
    monitor_begin(m);
    return m;
}

static void sample(struct monitor *m)
{
    const struct clock *clock = clock_system();
    clock_sleep_until(clock, monitor_due_ns(m));
    ck_assert(monitor_sample(m, clock_mono_ns(clock)));
}

static void a_restart_in_mid_window_is_noticed(void)
{
    struct server first = server_start(0, 0);
    struct monitor *m = watch(&first);
    sample(m);
    ck_assert_int_eq(monitor_server(m)->last.pid, first.pid);
    server_kill(&first);
    sample(m);
    ck_assert(monitor_server(m)->gone);
    struct server second = server_start(first.port, 0);
    for (int i = 0; i < 1000 && monitor_server(m)->gone; i++)
        sample(m);
    const struct server_history *h = monitor_server(m);
    ck_assert_int_eq(h->last.pid, second.pid);
    ck_assert_uint_eq(h->replaced, 1);
    ck_assert(!h->gone && h->gone_ns > 0 && h->back_ns > h->gone_ns);
    monitor_end(m);
    const struct span *cpu = &monitor_window(m)->spans[SENSOR_CPU_TARGET];
    ck_assert_int_eq(cpu->last.status, SENSOR_OK);
    ck_assert(cpu->last.value >= cpu->first.value);
    server_kill(&second);
    monitor_close(m);
}

/* At a hundred samples a second a pass over all processes with each would be all that a core can do. */
static void a_server_that_is_gone_is_not_sought_with_every_sample(void)
{
    struct server server = server_start(0, 0);
    struct monitor *m = watch(&server);
    int64_t searches = 0, last_ns = monitor_latest(m)->t_mono_ns, start_ns = last_ns;
    server_kill(&server);
    for (int i = 0; i < 60; i++) {
        sample(m);
        searches += monitor_latest(m)->scanned;
        last_ns = monitor_latest(m)->t_mono_ns;
    }
    ck_assert(monitor_server(m)->gone);
    int64_t allowed = 2 + (last_ns - start_ns) / (150 * NS_PER_MS) + (last_ns - start_ns) / NS_PER_S;
    ck_assert_msg(searches >= 1 && searches <= allowed, "%lld searches, allowed %lld", (long long)searches,
        (long long)allowed);
    monitor_close(m);
}

static void a_server_that_does_not_come_back_is_gone(void)
{
    struct server server = server_start(0, 0);
    struct monitor *m = watch(&server);
    server_kill(&server);
    monitor_end(m);
    ck_assert(monitor_server(m)->gone);
    ck_assert_int_eq(monitor_server(m)->last.pid, server.pid);
    const struct span *memory = &monitor_window(m)->spans[SENSOR_RSS_TARGET];
    ck_assert_int_eq(memory->last.status, SENSOR_UNAVAILABLE);
    ck_assert_str_eq(memory->last.reason, "unattributed: the server's process ended");
    monitor_close(m);
}

static void a_servers_memory_is_seen_at_its_highest(void)
{
    enum { MIB = 1 << 20 };
    struct server small = server_start(0, 0), large = server_start(0, 64 * MIB);
    struct monitor *of_small = watch(&small), *of_large = watch(&large);
    monitor_end(of_small);
    monitor_end(of_large);
    double extra = monitor_window(of_large)->spans[SENSOR_RSS_TARGET].high -
                   monitor_window(of_small)->spans[SENSOR_RSS_TARGET].high;
    ck_assert_msg(extra > 60 * MIB && extra < 68 * MIB, "%g MiB", extra / MIB);
    server_kill(&small);
    server_kill(&large);
    monitor_close(of_small);
    monitor_close(of_large);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_history_says_who_it_was_and_what_became_of_it),
        TESTKIT_TEST(a_restart_in_mid_window_is_noticed),
        TESTKIT_TEST(a_server_that_is_gone_is_not_sought_with_every_sample),
        TESTKIT_TEST(a_server_that_does_not_come_back_is_gone),
        TESTKIT_TEST(a_servers_memory_is_seen_at_its_highest),
        {0},
    };
    return testkit_run("server_process", tests);
}
