#include "load_pace.h"

#include "testkit.h"

/* How long count starts take that are due at once; each is asked for the moment it may begin. */
static int64_t starts_take(struct load_pace *pace, int64_t now_ns, int count, bool new_stream)
{
    int64_t began_ns = now_ns;
    for (int i = 0; i < count; i++) {
        if (!load_pace_may_start(pace, now_ns))
            now_ns = pace->next_ns;
        load_pace_started(pace, new_stream, now_ns);
    }
    return now_ns - began_ns;
}

static void those_due_together_keep_a_distance(void)
{
    struct load_pace pace;
    load_pace_init(&pace, 1);
    int64_t took_ns = starts_take(&pace, NS_PER_S, 101, false);
    ck_assert_int_le(took_ns, 100 * PACE_DISTANCE_NS);
    ck_assert_int_ge(took_ns, 96 * PACE_DISTANCE_NS); /* the first may make good what was missed */
}

static void threads_share_the_distance_of_new_streams(void)
{
    struct load_pace one, of_two;
    load_pace_init(&one, 1);
    load_pace_init(&of_two, 2);
    int64_t alone_ns = starts_take(&one, NS_PER_S, 1001, true);
    int64_t half_ns = starts_take(&of_two, NS_PER_S, 501, true); /* the other half is the other thread's */
    ck_assert_int_ge(alone_ns, 990 * PACE_NEW_STREAM_NS);
    ck_assert_int_ge(half_ns, alone_ns - 4 * PACE_NEW_STREAM_NS);
    ck_assert_int_le(half_ns, alone_ns + 4 * PACE_NEW_STREAM_NS);
}

static void one_that_waited_starts_at_once(void)
{
    struct load_pace pace;
    load_pace_init(&pace, 1);
    load_pace_started(&pace, false, NS_PER_S);
    ck_assert(!load_pace_may_start(&pace, NS_PER_S - 70 * NS_PER_US));
    ck_assert(load_pace_may_start(&pace, NS_PER_S + PACE_DISTANCE_NS));
}

/* Short requests: 40 000 a second want to start and may. */
static void the_distance_shrinks_where_requests_are_short(void)
{
    struct load_pace pace;
    load_pace_init(&pace, 1);
    int64_t now_ns = NS_PER_S;
    int started = 0;
    for (; now_ns < 4 * NS_PER_S; now_ns += 10 * NS_PER_US) {
        if (!load_pace_may_start(&pace, now_ns))
            continue;
        load_pace_started(&pace, false, now_ns);
        started += now_ns >= 3 * NS_PER_S;
    }
    ck_assert_int_ge(started, 90000);
}

static void and_grows_again(void)
{
    struct load_pace pace;
    load_pace_init(&pace, 1);
    int64_t now_ns = NS_PER_S;
    for (; now_ns < 4 * NS_PER_S; now_ns += 10 * NS_PER_US)
        if (load_pace_may_start(&pace, now_ns))
            load_pace_started(&pace, false, now_ns);
    ck_assert_int_lt(pace.distance_ns, PACE_DISTANCE_NS / 2);
    for (int i = 0; i < 300; i++, now_ns += 10 * NS_PER_MS)
        load_pace_started(&pace, false, now_ns);
    ck_assert_int_eq(pace.distance_ns, PACE_DISTANCE_NS);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(those_due_together_keep_a_distance),
        TESTKIT_TEST(threads_share_the_distance_of_new_streams),
        TESTKIT_TEST(one_that_waited_starts_at_once),
        TESTKIT_TEST(the_distance_shrinks_where_requests_are_short),
        TESTKIT_TEST(and_grows_again),
        {0},
    };
    return testkit_run("load_pace", tests);
}
