#include "buf.h"

#include "testkit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void appended_bytes_stand_in_order_and_end_with_nul(void)
{
    struct buf b = BUF_INIT(100);
    ck_assert_str_eq(buf_text(&b), "");
    ck_assert_int_eq(buf_append(&b, "a\0b", 3), STATUS_OK);
    ck_assert_int_eq(buf_append_text(&b, "cd"), STATUS_OK);
    ck_assert_int_eq(buf_append_char(&b, 'e'), STATUS_OK);
    ck_assert_int_eq(buf_printf(&b, "%d-%s", 12, "f"), STATUS_OK);
    ck_assert_uint_eq(b.len, 10);
    ck_assert_mem_eq(b.data, "a\0bcde12-f", 11);
    buf_fini(&b);
}

static void whole_numbers_are_appended_as_printf_does(void)
{
    static const int64_t numbers[] = {0, 7, -7, 10, 1234567890123, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct buf a = BUF_INIT(100), b = BUF_INIT(100);
        ck_assert_int_eq(buf_append_int(&a, numbers[i]), STATUS_OK);
        ck_assert_int_eq(buf_printf(&b, "%" PRId64, numbers[i]), STATUS_OK);
        ck_assert_str_eq(buf_text(&a), buf_text(&b));
        buf_fini(&a);
        buf_fini(&b);
    }
}

/* Around each size at which it has to grow, and around the limit. */
static void printf_fits_wherever_it_stands(void)
{
    for (size_t before = 0; before < 140; before++) {
        struct buf b = BUF_INIT(150), expected = BUF_INIT(1000);
        for (size_t i = 0; i < before; i++) {
            (void)buf_append_char(&b, 'x');
            (void)buf_append_char(&expected, 'x');
        }
        (void)buf_append_text(&expected, "0000000042 and more");
        bool fits = before + 19 <= 150;
        ck_assert_int_eq(buf_printf(&b, "%010d and %s", 42, "more"), fits ? STATUS_OK : STATUS_LIMIT);
        ck_assert_uint_eq(b.len, fits ? before + 19 : before);
        ck_assert_mem_eq(buf_text(&b), buf_text(&expected), b.len);
        ck_assert_int_eq(buf_text(&b)[b.len], 0);
        buf_fini(&b);
        buf_fini(&expected);
    }
}

static void the_limit_is_reached_but_never_passed(void)
{
    for (size_t limit = 0; limit < 200; limit++) {
        struct buf b = BUF_INIT(limit);
        for (size_t i = 0; i < limit; i++)
            (void)buf_append_char(&b, 'x');
        ck_assert_int_eq(buf_status(&b), STATUS_OK);
        ck_assert_int_eq(buf_append_char(&b, 'y'), STATUS_LIMIT);
        ck_assert_uint_eq(b.len, limit);
        ck_assert_uint_le(b.cap, limit + 1);
        buf_fini(&b);
    }
}

static void the_first_failure_sticks_until_cleared(void)
{
    struct buf b = BUF_INIT(4);
    ck_assert_int_eq(buf_append_text(&b, "abc"), STATUS_OK);
    ck_assert_int_eq(buf_printf(&b, "%s", "too long"), STATUS_LIMIT);
    ck_assert_int_eq(buf_append_char(&b, 'd'), STATUS_LIMIT);
    ck_assert_int_eq(buf_status(&b), STATUS_LIMIT);
    ck_assert_str_eq(buf_text(&b), "abc");
    buf_clear(&b);
    ck_assert_int_eq(buf_status(&b), STATUS_OK);
    ck_assert_int_eq(buf_append_text(&b, "abcd"), STATUS_OK);
    buf_fini(&b);
}

static void a_failed_buffer_gives_nothing_away(void)
{
    struct buf b = BUF_INIT(2);
    (void)buf_append_text(&b, "abc");
    ck_assert_ptr_null(buf_take(&b));
    ck_assert_int_eq(buf_status(&b), STATUS_OK);
    ck_assert_int_eq(buf_append_text(&b, "ab"), STATUS_OK);
    buf_fini(&b);
}

static void taken_bytes_belong_to_the_caller(void)
{
    struct buf b = BUF_INIT(100);
    (void)buf_append_text(&b, "mine");
    char *mine = buf_take(&b);
    ck_assert_str_eq(mine, "mine");
    ck_assert_uint_eq(b.len, 0);
    ck_assert_ptr_null(b.data);
    free(mine);
    char *empty = buf_take(&b);
    ck_assert_str_eq(empty, "");
    free(empty);
}

static void consuming_moves_the_rest_to_the_front(void)
{
    struct buf b = BUF_INIT(100);
    (void)buf_append_text(&b, "abcdef");
    buf_consume(&b, 2);
    ck_assert_str_eq(buf_text(&b), "cdef");
    buf_consume(&b, 0);
    ck_assert_str_eq(buf_text(&b), "cdef");
    buf_consume(&b, 99);
    ck_assert_str_eq(buf_text(&b), "");
    ck_assert_uint_eq(b.len, 0);
    buf_fini(&b);
    buf_consume(&b, 1);
}

static void impossible_sizes_are_a_limit_not_a_crash(void)
{
    struct buf b = BUF_INIT(SIZE_MAX);
    ck_assert_int_eq(buf_append_text(&b, "abc"), STATUS_OK);
    ck_assert_int_eq(buf_append(&b, "abc", SIZE_MAX - 2), STATUS_LIMIT);
    ck_assert_str_eq(buf_text(&b), "abc");
    buf_fini(&b);
}

static void many_small_appends_allocate_rarely(void)
{
    struct buf b = BUF_INIT(1 << 20);
    int grown = 0;
    size_t cap = 0;
    for (int i = 0; i < 1 << 20; i++) {
        (void)buf_append_char(&b, 'x'); /* the first failure would stick */
        grown += b.cap != cap;
        cap = b.cap;
    }
    ck_assert_int_eq(buf_status(&b), STATUS_OK);
    ck_assert_uint_eq(b.len, 1 << 20);
    ck_assert_int_lt(grown, 20);
    buf_fini(&b);
}

static void a_zeroed_buffer_may_be_finished(void)
{
    struct buf b = {0};
    buf_fini(&b);
    buf_clear(&b);
    ck_assert_int_eq(buf_append(&b, "", 0), STATUS_OK);
    ck_assert_int_eq(buf_append(&b, "x", 1), STATUS_LIMIT);
    buf_fini(&b);
    buf_init(&b, 10);
    ck_assert_ptr_null(b.data);
}

static void reserving_makes_room_and_nothing_else(void)
{
    struct buf b = BUF_INIT(100);
    ck_assert_int_eq(buf_reserve(&b, 60), STATUS_OK);
    ck_assert_uint_eq(b.len, 0);
    ck_assert_uint_ge(b.cap, 61);
    ck_assert_str_eq(buf_text(&b), "");
    const char *data = b.data;
    for (int i = 0; i < 60; i++)
        ck_assert_int_eq(buf_append_char(&b, 'x'), STATUS_OK);
    ck_assert_ptr_eq(b.data, data);
    ck_assert_int_eq(buf_reserve(&b, 41), STATUS_LIMIT);
    ck_assert_int_eq(buf_status(&b), STATUS_LIMIT);
    buf_fini(&b);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(appended_bytes_stand_in_order_and_end_with_nul),
        TESTKIT_TEST(whole_numbers_are_appended_as_printf_does),
        TESTKIT_TEST(printf_fits_wherever_it_stands),
        TESTKIT_TEST(the_limit_is_reached_but_never_passed),
        TESTKIT_TEST(the_first_failure_sticks_until_cleared),
        TESTKIT_TEST(a_failed_buffer_gives_nothing_away),
        TESTKIT_TEST(taken_bytes_belong_to_the_caller),
        TESTKIT_TEST(consuming_moves_the_rest_to_the_front),
        TESTKIT_TEST(impossible_sizes_are_a_limit_not_a_crash),
        TESTKIT_TEST(many_small_appends_allocate_rarely),
        TESTKIT_TEST(a_zeroed_buffer_may_be_finished),
        TESTKIT_TEST(reserving_makes_room_and_nothing_else),
        {0},
    };
    return testkit_run("buf", tests);
}
