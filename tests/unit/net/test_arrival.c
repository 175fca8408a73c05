#include "arrival.h"

#include "clock.h"
#include "testkit.h"
#include "tries.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

struct pair {
    int server, client;
};

static struct pair pair_over_tcp(void)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof here;
    int yes = 1, listening = socket(AF_INET, SOCK_STREAM, 0);
    struct pair p = {.client = socket(AF_INET, SOCK_STREAM, 0)};
    ck_assert_int_eq(bind(listening, (struct sockaddr *)&here, sizeof here), 0);
    ck_assert_int_eq(getsockname(listening, (struct sockaddr *)&here, &len), 0);
    ck_assert_int_eq(listen(listening, 1), 0);
    arrival_ask(p.client);
    ck_assert_int_eq(connect(p.client, (struct sockaddr *)&here, sizeof here), 0);
    p.server = accept(listening, NULL, NULL);
    ck_assert_int_ge(p.server, 0);
    setsockopt(p.server, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    close(listening);
    return p;
}

static void pair_close(struct pair p)
{
    close(p.server);
    close(p.client);
}

static int64_t now_ns(void)
{
    return clock_mono_ns(clock_system());
}

static void rest(int64_t ns)
{
    clock_sleep_until(clock_system(), now_ns() + ns);
}

/* The kernel begins to stamp a moment after the first socket asked: false where it never does. */
static bool kernel_stamps(struct arrival_clock *clock, struct pair p)
{
    char byte;
    for (int i = 0; i < 100; i++) {
        int64_t t_ns;
        ck_assert_int_eq(send(p.server, "x", 1, 0), 1);
        rest(2 * NS_PER_MS);
        int64_t read_ns = now_ns();
        ck_assert_int_eq(arrival_receive(clock, p.client, &byte, 1, 0, &t_ns), 1);
        if (t_ns < read_ns)
            return true;
    }
    return false;
}

enum { SENT = 20, SOUND = 15 };

/* The loopback hands a segment over within send(); two clocks are brought together to a microsecond or so, more where a
 * thread was put aside between their readings: so not each of them, but most. */
static void check_arrivals(struct tries *tries, struct arrival_clock *clock, struct pair p)
{
    char bytes[8];
    int sound = 0;
    for (int i = 0; i < SENT; i++) {
        int64_t t_ns, before_ns = now_ns();
        ck_assert_int_eq(send(p.server, "abc", 3, 0), 3);
        int64_t after_ns = now_ns();
        rest(5 * NS_PER_MS);
        int64_t read_ns = now_ns();
        ck_assert_int_eq(arrival_receive(clock, p.client, bytes, sizeof bytes, 0, &t_ns), 3);
        sound += t_ns >= before_ns - 100 * NS_PER_US && t_ns <= after_ns + NS_PER_MS && t_ns < read_ns;
    }
    tries_judge(tries, sound >= SOUND, "%d of %d", sound, SENT);
}

static void bytes_carry_the_time_at_which_they_came(void)
{
    struct arrival_clock clock = {0};
    struct pair p = pair_over_tcp();
    if (!kernel_stamps(&clock, p))
        TESTKIT_SKIP("this kernel puts no times on TCP segments");
    for (struct tries tries = {0}; tries_next(&tries);)
        check_arrivals(&tries, &clock, p);
    pair_close(p);
}

static void nothing_comes_before_what_it_answers(void)
{
    struct arrival_clock clock = {0};
    struct pair p = pair_over_tcp();
    char byte;
    int64_t t_ns;
    kernel_stamps(&clock, p);
    ck_assert_int_eq(send(p.server, "x", 1, 0), 1);
    rest(5 * NS_PER_MS);
    int64_t later_ns = now_ns();
    ck_assert_int_eq(arrival_receive(&clock, p.client, &byte, 1, later_ns, &t_ns), 1);
    ck_assert_int_ge(t_ns, later_ns);
    ck_assert_int_le(t_ns, now_ns());
    pair_close(p);
}

static void check_step(
    struct tries *tries, struct arrival_clock *clock, struct pair p, int64_t step_ns, bool stamps)
{
    char byte;
    int64_t t_ns, before_ns = now_ns();
    ck_assert_int_eq(send(p.server, "x", 1, 0), 1);
    clock->ahead_ns += step_ns;
    clock->t_told_ns = now_ns();
    ck_assert_int_eq(arrival_receive(clock, p.client, &byte, 1, before_ns, &t_ns), 1);
    ck_assert_int_ge(t_ns, before_ns);
    ck_assert_int_le(t_ns, now_ns());
    ck_assert_int_eq(send(p.server, "x", 1, 0), 1);
    int64_t after_ns = now_ns();
    rest(5 * NS_PER_MS);
    ck_assert_int_eq(arrival_receive(clock, p.client, &byte, 1, 0, &t_ns), 1);
    tries_judge(
        tries, !stamps || t_ns <= after_ns + NS_PER_MS, "%lld us late", (long long)(t_ns - after_ns) / 1000);
}

/* Somebody sets the wall clock: times that cannot be are not taken, and soon the difference is known again. */
static void a_wall_clock_that_was_set_moves_nothing_for_long(void)
{
    struct arrival_clock clock = {0};
    struct pair p = pair_over_tcp();
    bool stamps = kernel_stamps(&clock, p);
    static const int64_t steps_ns[] = {-3600 * NS_PER_S, 3600 * NS_PER_S};
    for (int i = 0; i < 2; i++)
        for (struct tries tries = {0}; tries_next(&tries);)
            check_step(&tries, &clock, p, steps_ns[i], stamps);
    pair_close(p);
}

static void where_there_are_no_stamps_it_is_the_time_of_the_read(void)
{
    struct arrival_clock clock = {0};
    int fds[2];
    char byte;
    int64_t t_ns;
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    arrival_ask(fds[1]);
    int64_t sent_ns = now_ns();
    ck_assert_int_eq(send(fds[0], "x", 1, 0), 1);
    rest(2 * NS_PER_MS);
    ck_assert_int_eq(arrival_receive(&clock, fds[1], &byte, 1, 0, &t_ns), 1);
    ck_assert_int_le(t_ns, now_ns());
    ck_assert_int_ge(t_ns, sent_ns - NS_PER_MS); /* some kernels do stamp these */
    close(fds[0]);
    ck_assert_int_eq(arrival_receive(&clock, fds[1], &byte, 1, 0, &t_ns), 0);
    close(fds[1]);
    ck_assert_int_eq(arrival_receive(&clock, fds[1], &byte, 1, 0, &t_ns), -1);
    ck_assert_int_eq(errno, EBADF);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(bytes_carry_the_time_at_which_they_came),
        TESTKIT_TEST(nothing_comes_before_what_it_answers),
        TESTKIT_TEST(a_wall_clock_that_was_set_moves_nothing_for_long),
        TESTKIT_TEST(where_there_are_no_stamps_it_is_the_time_of_the_read),
        {0},
    };
    return testkit_run("arrival", tests);
}
