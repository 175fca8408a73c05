#include "descriptors.h"

#include "testkit.h"

#include <sys/resource.h>

static void as_many_as_the_hard_limit_allows_may_be_had(void)
{
    struct rlimit before, after;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    before.rlim_cur = 64;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    descriptors_raise();
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &after), 0);
    ck_assert(after.rlim_cur == before.rlim_max && after.rlim_max == before.rlim_max);
    descriptors_raise(); /* nothing more is to be had */
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &after), 0);
    ck_assert(after.rlim_cur == before.rlim_max);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(as_many_as_the_hard_limit_allows_may_be_had),
        {0},
    };
    return testkit_run("descriptors", tests);
}
