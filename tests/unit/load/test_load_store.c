#include "load_store.h"

#include "rng.h"
#include "testkit.h"

#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 3000, EVENTS_MAX = 400 };

static struct load_store *open_store(int64_t times_max)
{
    struct load_store *store;
    struct error why = {0};
    ck_assert_msg(load_store_new(NULL, times_max, &store, &why) == STATUS_OK, "%s", error_text(&why));
    return store;
}

static size_t make_events(struct rng *rng, int64_t from_ns, struct exchange_event *events)
{
    size_t count = rng_below(rng, EVENTS_MAX);
    int64_t t_ns = from_ns;
    for (size_t i = 0; i < count; i++) {
        t_ns += (int64_t)rng_below(rng, i % 50 ? 20000000 : 4000000000);
        events[i] = (struct exchange_event){.t_ns = t_ns, .kinds = i % 7 ? EVENT_ANSWER : EVENT_ROLE};
    }
    return count;
}

/* Each moment, within the unit that it is kept in. */
static void compare_times(
    const struct load_store_cursor *at, const struct exchange_event *events, size_t count)
{
    size_t offset = 0;
    int64_t t_ns = at->sample.t_sent_ns;
    for (size_t i = 0; i < count; i++) {
        if (!(events[i].kinds & EVENT_TOKEN_KINDS))
            continue;
        ck_assert(load_times_next(at->times, at->times_len, &offset, &t_ns));
        ck_assert_int_le(t_ns, events[i].t_ns);
        ck_assert_int_gt(t_ns, events[i].t_ns - 256);
    }
    ck_assert(!load_times_next(at->times, at->times_len, &offset, &t_ns));
}

static void what_goes_in_comes_out(void)
{
    struct load_store *store = open_store(INT64_MAX);
    struct exchange_event events[EVENTS_MAX];
    struct error why = {0};
    struct rng rng;
    rng_seed(&rng, 3);
    for (uint32_t i = 0; i < SAMPLES; i++) {
        struct load_sample s = {.t_sent_ns = 1000 + i, .item = i, .error = (uint8_t)(i % 3)};
        size_t count = make_events(&rng, s.t_sent_ns, events);
        ck_assert(load_store_add(store, &s, events, count));
    }
    ck_assert_int_eq(load_store_finish(store, &why), STATUS_OK);
    rng_seed(&rng, 3);
    struct load_store_cursor at = {0};
    for (uint32_t i = 0; i < SAMPLES; i++) {
        ck_assert(load_store_next(store, &at));
        ck_assert_uint_eq(at.sample.item, i);
        size_t count = make_events(&rng, at.sample.t_sent_ns, events);
        compare_times(&at, events, count);
    }
    ck_assert(!load_store_next(store, &at));
    ck_assert_uint_eq(load_store_count(store), SAMPLES);
    load_store_free(store);
}

static void beyond_the_limit_samples_stay_and_times_do_not(void)
{
    struct load_store *store = open_store(100);
    struct exchange_event events[60];
    struct load_sample s = {.t_sent_ns = 1};
    struct error why = {0};
    for (int i = 0; i < 60; i++)
        events[i] = (struct exchange_event){.t_ns = 1 + i, .kinds = EVENT_ANSWER};
    for (int i = 0; i < 3; i++)
        ck_assert(load_store_add(store, &s, events, 60)); /* a byte each */
    ck_assert_int_eq(load_store_finish(store, &why), STATUS_OK);
    struct load_store_cursor at = {0};
    for (int i = 0; i < 3; i++) {
        ck_assert(load_store_next(store, &at));
        ck_assert_msg((at.times != NULL) == (i == 0), "sample %d", i);
    }
    ck_assert_uint_eq(load_store_without_times(store), 2);
    load_store_free(store);
}

static void a_folder_that_is_not_there_is_an_error(void)
{
    struct load_store *store;
    struct error why = {0};
    ck_assert_int_eq(load_store_new("/nonexistent/folder", 1, &store, &why), STATUS_IO);
    ck_assert(strstr(error_text(&why), "/nonexistent/folder"));
}

static void an_empty_store_has_nothing(void)
{
    struct load_store *store = open_store(1);
    struct load_store_cursor at = {0};
    struct error why = {0};
    ck_assert_int_eq(load_store_finish(store, &why), STATUS_OK);
    ck_assert(!load_store_next(store, &at));
    load_store_free(store);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(what_goes_in_comes_out),
        TESTKIT_TEST(beyond_the_limit_samples_stay_and_times_do_not),
        TESTKIT_TEST(a_folder_that_is_not_there_is_an_error),
        TESTKIT_TEST(an_empty_store_has_nothing),
        {0},
    };
    return testkit_run("load_store", tests);
}
