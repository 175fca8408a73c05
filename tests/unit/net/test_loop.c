#include "loop.h"

#include "clock.h"
#include "testkit.h"

#include <unistd.h>

static struct loop *new_loop(void)
{
    struct loop *loop = NULL;
    ck_assert_int_eq(loop_new(&loop, NULL), STATUS_OK);
    return loop;
}

struct firing {
    struct loop *loop;
    struct loop_timer *timer;
    int64_t at_ns, fired_ns;
    int count;
};

static void note_firing(void *arg)
{
    struct firing *f = arg;
    f->fired_ns = loop_now_ns();
    f->count++;
}

static void a_timer_fires_once_and_never_early(void)
{
    struct loop *loop = new_loop();
    struct firing f = {.loop = loop};
    f.timer = loop_timer_new(loop, note_firing, &f);
    for (int i = 0; i < 20; i++) {
        f.at_ns = loop_now_ns() + 300 * NS_PER_US + i * 37 * NS_PER_US;
        ck_assert_int_eq(loop_timer_set(f.timer, f.at_ns), STATUS_OK);
        ck_assert_int_eq(loop_run(loop), STATUS_OK); /* ends: nothing is left to wait for */
        ck_assert_int_eq(f.count, i + 1);
        ck_assert_int_ge(f.fired_ns, f.at_ns);
    }
    loop_timer_free(f.timer);
    loop_free(loop);
}

static void free_own_timer(void *arg)
{
    struct firing *f = arg;
    loop_timer_free(f->timer);
    f->timer = NULL;
    loop_stop(f->loop);
}

static void a_timer_may_free_itself_and_stop_the_loop(void)
{
    struct loop *loop = new_loop();
    struct firing f = {.loop = loop}, never = {0};
    struct loop_timer *later = loop_timer_new(loop, note_firing, &never);
    f.timer = loop_timer_new(loop, free_own_timer, &f);
    loop_timer_set(later, loop_now_ns() + 60 * NS_PER_S);
    loop_timer_set(f.timer, loop_now_ns());
    ck_assert_int_eq(loop_run(loop), STATUS_OK);
    ck_assert_ptr_null(f.timer);
    ck_assert_int_eq(never.count, 0);
    loop_timer_free(later);
    loop_free(loop);
}

static void a_cancelled_timer_does_not_fire(void)
{
    struct loop *loop = new_loop();
    struct firing f = {.loop = loop};
    f.timer = loop_timer_new(loop, note_firing, &f);
    loop_timer_set(f.timer, loop_now_ns() + NS_PER_MS);
    loop_timer_cancel(f.timer);
    ck_assert_int_eq(loop_run(loop), STATUS_OK);
    ck_assert_int_eq(f.count, 0);
    loop_timer_free(f.timer);
    loop_free(loop);
}

struct reading {
    struct loop *loop;
    int fd, reads;
    unsigned what;
};

static void read_one(unsigned what, void *arg)
{
    struct reading *r = arg;
    char byte;
    r->what = what;
    r->reads += read(r->fd, &byte, 1) == 1;
    if (r->reads == 2)
        loop_stop(r->loop);
}

static void a_watch_reports_until_the_bytes_are_read(void)
{
    int fds[2];
    ck_assert_int_eq(pipe(fds), 0);
    struct reading r = {.loop = new_loop(), .fd = fds[0]};
    struct loop_watch *watch = loop_watch_new(r.loop, fds[0], read_one, &r);
    ck_assert_int_eq(loop_watch_set(watch, LOOP_READ), STATUS_OK);
    ck_assert_int_eq(write(fds[1], "ab", 2), 2);
    ck_assert_int_eq(loop_run(r.loop), STATUS_OK);
    ck_assert_int_eq(r.reads, 2);
    ck_assert_uint_eq(r.what, LOOP_READ);
    loop_watch_free(watch);
    loop_free(r.loop);
    close(fds[0]);
    close(fds[1]);
}

static void run_once_comes_back_when_nothing_happens(void)
{
    struct loop *loop = new_loop();
    struct firing f = {0};
    struct loop_timer *later = loop_timer_new(loop, note_firing, &f);
    int64_t t0_ns = loop_now_ns();
    loop_timer_set(later, t0_ns + 60 * NS_PER_S);
    ck_assert_int_eq(loop_run_once(loop, 0), STATUS_OK);
    ck_assert_int_eq(loop_run_once(loop, 5 * NS_PER_MS), STATUS_OK);
    ck_assert_int_ge(loop_now_ns() - t0_ns, 5 * NS_PER_MS);
    ck_assert_int_lt(loop_now_ns() - t0_ns, 10 * NS_PER_S);
    ck_assert_int_eq(f.count, 0);
    loop_timer_free(later);
    loop_free(loop);
}

static void note_readable(unsigned what, void *arg)
{
    struct firing *f = arg;
    f->count += what == LOOP_READ;
    loop_stop(f->loop);
}

static void a_watch_aside_keeps_no_loop_running_but_is_heard(void)
{
    struct loop *loop = new_loop();
    struct firing f = {.loop = loop}, timer = {0};
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    struct loop_watch *watch = loop_watch_new(loop, ends[0], note_readable, &f);
    timer.timer = loop_timer_new(loop, note_firing, &timer);
    ck_assert_int_eq(loop_watch_set(watch, LOOP_READ), STATUS_OK);
    ck_assert_int_eq(loop_watch_set(watch, LOOP_READ | LOOP_ASIDE), STATUS_OK);
    ck_assert_int_eq(loop_run(loop), STATUS_OK); /* ends */
    ck_assert_int_eq((int)write(ends[1], "x", 1), 1);
    loop_timer_set(timer.timer, loop_now_ns() + 60 * NS_PER_S);
    ck_assert_int_eq(loop_run(loop), STATUS_OK);
    ck_assert_int_eq(f.count, 1);
    loop_timer_cancel(timer.timer);
    ck_assert_int_eq(loop_watch_set(watch, LOOP_READ), STATUS_OK);
    ck_assert_int_eq(loop_run(loop), STATUS_OK); /* waits for it again */
    ck_assert_int_eq(f.count, 2);
    loop_watch_free(watch);
    ck_assert_int_eq(loop_run(loop), STATUS_OK);
    loop_timer_free(timer.timer);
    loop_free(loop);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_timer_fires_once_and_never_early),
        TESTKIT_TEST(a_timer_may_free_itself_and_stop_the_loop),
        TESTKIT_TEST(a_cancelled_timer_does_not_fire),
        TESTKIT_TEST(a_watch_reports_until_the_bytes_are_read),
        TESTKIT_TEST(run_once_comes_back_when_nothing_happens),
        TESTKIT_TEST(a_watch_aside_keeps_no_loop_running_but_is_heard),
        {0},
    };
    return testkit_run("loop", tests);
}
