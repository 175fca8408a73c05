#include "load_plan.h"

#include "testkit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const int64_t second = INT64_C(1000000000);

static struct load_plan plan_of(const struct load_plan_options *options)
{
    struct load_plan plan;
    struct error why = {0};
    enum status s = load_plan_make(options, &plan, &why);
    ck_assert_msg(s == STATUS_OK, "%s", error_text(&why));
    return plan;
}

static struct load_plan_options poisson(double rate_per_s, size_t count)
{
    return (struct load_plan_options){
        .arrivals = {.kind = ARRIVALS_POISSON, .rate_per_s = rate_per_s},
        .count = count,
        .prompt_tokens = {.kind = LENGTH_FIXED, .mean = 64},
        .output_tokens = {.kind = LENGTH_FIXED, .mean = 16},
        .seed = 1,
    };
}

static struct load_plan_options closed(int streams, size_t count)
{
    struct load_plan_options o = poisson(0, count);
    o.arrivals = (struct arrivals){.kind = ARRIVALS_CLOSED, .streams = streams};
    return o;
}

/* Field by field: padding is nobody's. */
static uint64_t sum_of(const struct load_plan *plan)
{
    uint64_t sum = plan->count;
    for (size_t i = 0; i < plan->count; i++) {
        const struct load_item *x = &plan->items[i];
        uint64_t fields[] = {(uint64_t)x->at_ns, (uint64_t)x->pause_ns, x->prompt_tokens, x->output_tokens,
            x->conversation, x->turn, x->prefix, x->choice};
        for (size_t k = 0; k < COUNT(fields); k++)
            sum = (sum ^ fields[k]) * UINT64_C(0x100000001b3);
    }
    return sum;
}

static struct load_plan_options with_everything(void)
{
    static const double shares[] = {3, 1};
    struct load_plan_options o = poisson(100, 5000);
    o.arrivals.kind = ARRIVALS_GAMMA;
    o.arrivals.cv = 2;
    o.arrivals.ramp_ns = 5 * second;
    o.prompt_tokens = (struct length){.kind = LENGTH_LOGNORMAL, .mean = 500, .stddev = 400};
    o.output_tokens = (struct length){.kind = LENGTH_NORMAL, .mean = 100, .stddev = 30};
    o.turns = (struct length){.kind = LENGTH_UNIFORM, .low = 1, .high = 4};
    o.pause_ms = (struct length){.kind = LENGTH_LOGNORMAL, .mean = 2000, .stddev = 1000};
    o.prefix_tokens = (struct length){.kind = LENGTH_UNIFORM, .low = 10, .high = 99};
    o.prefix_count = 7;
    o.shares = shares;
    o.share_count = COUNT(shares);
    return o;
}

/* Golden: the plan that every machine must make of this seed. */
static void equal_seeds_make_equal_plans_everywhere(void)
{
    struct load_plan_options o = with_everything();
    struct load_plan one = plan_of(&o), other = plan_of(&o);
    ck_assert_uint_eq(sum_of(&one), sum_of(&other));
    ck_assert_msg(sum_of(&one) == UINT64_C(0x58da9decc70d4cf8), "the plan's sum is 0x%llx",
        (unsigned long long)sum_of(&one));
    load_plan_fini(&other);
    o.seed = 2;
    other = plan_of(&o);
    ck_assert_uint_ne(sum_of(&one), sum_of(&other));
    load_plan_fini(&one);
    load_plan_fini(&other);
}

static void one_option_does_not_move_the_draws_of_another(void)
{
    struct load_plan_options o = poisson(100, 1000);
    o.output_tokens = (struct length){.kind = LENGTH_NORMAL, .mean = 100, .stddev = 30};
    struct load_plan one = plan_of(&o);
    o.prompt_tokens = (struct length){.kind = LENGTH_UNIFORM, .low = 5, .high = 50};
    o.prefix_tokens = (struct length){.kind = LENGTH_UNIFORM, .low = 5, .high = 50};
    o.prefix_count = 3;
    struct load_plan other = plan_of(&o);
    for (size_t i = 0; i < one.count; i++) {
        ck_assert_int_eq(one.items[i].at_ns, other.items[i].at_ns);
        ck_assert_uint_eq(one.items[i].output_tokens, other.items[i].output_tokens);
    }
    load_plan_fini(&one);
    load_plan_fini(&other);
}

/* So that a shorter test is the beginning of a longer one: nothing is rescaled to its end. */
static void a_shorter_plan_is_the_beginning_of_a_longer_one(void)
{
    struct load_plan_options o = poisson(100, 1000);
    struct load_plan longer = plan_of(&o);
    o.count = 0;
    o.duration_ns = 5 * second;
    struct load_plan shorter = plan_of(&o);
    ck_assert_uint_lt(shorter.count, longer.count);
    ck_assert_int_ge(longer.items[shorter.count].at_ns, 5 * second);
    for (size_t i = 0; i < shorter.count; i++)
        ck_assert_int_eq(shorter.items[i].at_ns, longer.items[i].at_ns);
    load_plan_fini(&longer);
    load_plan_fini(&shorter);
}

static void constant_arrivals_are_a_grid_from_0_on(void)
{
    struct load_plan_options o = poisson(500, 0);
    o.arrivals.kind = ARRIVALS_CONSTANT;
    o.duration_ns = 60 * second;
    struct load_plan plan = plan_of(&o);
    ck_assert(plan.open);
    ck_assert_uint_eq(plan.count, 30000);
    ck_assert_int_eq(plan.duration_ns, 60 * second);
    int64_t worst = 0;
    for (size_t i = 0; i < plan.count; i++) {
        int64_t off = plan.items[i].at_ns - (int64_t)i * 2000000;
        worst = off > worst ? off : -off > worst ? -off : worst;
    }
    ck_assert_int_le(worst, 1); /* of no error that adds up */
    load_plan_fini(&plan);
}

/* The integral of a rate that rises to 100/s within 10 s is 5 t^2: arrival i comes at sqrt(i / 5) s. */
static void a_ramp_stretches_the_time_of_constant_arrivals(void)
{
    struct load_plan_options o = poisson(100, 0);
    o.arrivals.kind = ARRIVALS_CONSTANT;
    o.arrivals.ramp_ns = 10 * second;
    o.duration_ns = 20 * second;
    struct load_plan plan = plan_of(&o);
    ck_assert_uint_eq(plan.count, 500 + 1000);
    ck_assert_int_le(llabs(plan.items[125].at_ns - 5 * second), 1);
    ck_assert_int_le(llabs(plan.items[500].at_ns - 10 * second), 1);
    ck_assert_int_le(llabs(plan.items[1499].at_ns - (19990 * second / 1000)), 1);
    load_plan_fini(&plan);
}

static void the_limit_that_comes_first_ends_the_plan(void)
{
    struct load_plan_options o = poisson(100, 50);
    o.arrivals.kind = ARRIVALS_CONSTANT;
    o.duration_ns = 10 * second;
    struct load_plan plan = plan_of(&o);
    ck_assert_uint_eq(plan.count, 50);
    load_plan_fini(&plan);
    o.count = 5000;
    plan = plan_of(&o);
    ck_assert_uint_eq(plan.count, 1000);
    load_plan_fini(&plan);
    o.duration_ns = 0;
    o.count = 1;
    plan = plan_of(&o);
    ck_assert_uint_eq(plan.count, 1);
    ck_assert_int_eq(plan.items[0].at_ns, 0);
    ck_assert(plan.duration_ns == LOAD_NO_END);
    load_plan_fini(&plan);
}

static void a_closed_loop_has_one_stage_and_items_without_moments(void)
{
    struct load_plan_options o = closed(64, 1000);
    struct load_plan plan = plan_of(&o);
    ck_assert(!plan.open);
    ck_assert_uint_eq(plan.count, 1000);
    ck_assert_uint_eq(plan.stage_count, 1);
    ck_assert_int_eq(plan.stages[0].at_ns, 0);
    ck_assert_int_eq(plan.stages[0].streams, 64);
    for (size_t i = 0; i < plan.count; i++) {
        ck_assert_int_eq(plan.items[i].at_ns, 0);
        ck_assert_uint_eq(plan.items[i].prompt_tokens, 64);
        ck_assert_uint_eq(plan.items[i].prefix, LOAD_NO_PREFIX);
    }
    load_plan_fini(&plan);
}

static void a_closed_loop_bounded_by_time_has_enough_items_but_not_too_many(void)
{
    static const struct {
        int streams;
        int64_t seconds;
        size_t items;
    } loops[] = {{1, 10, 1000}, {64, 10, 64000}, {1000, 3600, LOAD_CLOSED_ITEMS},
        {LOAD_STREAMS_MAX, 1, LOAD_STREAMS_MAX}};
    for (size_t i = 0; i < COUNT(loops); i++) {
        struct load_plan_options o = closed(loops[i].streams, 0);
        o.duration_ns = loops[i].seconds * second;
        struct load_plan plan = plan_of(&o);
        ck_assert_uint_eq(plan.count, loops[i].items);
        ck_assert_int_eq(plan.duration_ns, o.duration_ns);
        load_plan_fini(&plan);
    }
}

static void a_ramp_starts_streams_at_equal_distances(void)
{
    struct load_plan_options o = closed(5, 10);
    o.arrivals.ramp_ns = 8 * second;
    struct load_plan plan = plan_of(&o);
    ck_assert_uint_eq(plan.stage_count, 5);
    for (size_t i = 0; i < 5; i++) {
        ck_assert_int_eq(plan.stages[i].at_ns, (int64_t)i * 2 * second);
        ck_assert_int_eq(plan.stages[i].streams, (int)i + 1);
    }
    load_plan_fini(&plan);
    o.arrivals.ramp_ns = 1; /* more streams than nanoseconds: stages that fall together are one */
    plan = plan_of(&o);
    ck_assert_uint_eq(plan.stage_count, 2);
    ck_assert_int_eq(plan.stages[0].streams, 4);
    ck_assert_int_eq(plan.stages[1].streams, 5);
    load_plan_fini(&plan);
}

static void stages_are_taken_as_they_are(void)
{
    const struct load_stage stages[] = {{0, 1}, {10 * second, 16}, {20 * second, 4}};
    struct load_plan_options o = closed(0, 0);
    o.arrivals.stages = stages;
    o.arrivals.stage_count = COUNT(stages);
    o.duration_ns = 30 * second;
    struct load_plan plan = plan_of(&o);
    ck_assert_uint_eq(plan.stage_count, 3);
    ck_assert_mem_eq(plan.stages, stages, sizeof stages);
    ck_assert_uint_eq(plan.count, 16 * 30 * 100);
    load_plan_fini(&plan);
}

static void turns_of_a_conversation_are_neighbours_with_pauses(void)
{
    struct load_plan_options o = poisson(100, 3001);
    o.turns = (struct length){.kind = LENGTH_FIXED, .mean = 3};
    o.pause_ms = (struct length){.kind = LENGTH_FIXED, .mean = 250};
    o.prefix_tokens = (struct length){.kind = LENGTH_FIXED, .mean = 100};
    o.prefix_count = 4;
    o.shares = (const double[]){1, 1, 1};
    o.share_count = 3;
    struct load_plan plan = plan_of(&o);
    ck_assert_uint_eq(plan.count, 3001); /* the count ends the last one behind its first turn */
    ck_assert_uint_eq(plan.conversations, 1001);
    for (size_t i = 0; i < plan.count; i++) {
        const struct load_item *x = &plan.items[i], *first = &plan.items[i - i % 3];
        ck_assert_uint_eq(x->conversation, i / 3);
        ck_assert_uint_eq(x->turn, i % 3);
        ck_assert_int_eq(x->pause_ns, x->turn == 0 ? 0 : 250000000);
        ck_assert(x->turn == 0 ? x->at_ns > 0 : x->at_ns == 0);
        ck_assert(x->prefix == first->prefix && x->choice == first->choice);
    }
    load_plan_fini(&plan);
}

/* Within one conversation at every moment, not only at the end: no luck is in it. */
static void shares_are_kept_to_within_one_at_any_moment(void)
{
    static const double shares[] = {5, 0, 2.5, 1, 1, 0.5}, sum = 10;
    struct load_plan_options o = closed(1, 20000);
    o.shares = shares;
    o.share_count = COUNT(shares);
    struct load_plan plan = plan_of(&o);
    double given[COUNT(shares)] = {0}, worst = 0;
    for (size_t i = 0; i < plan.count; i++) {
        given[plan.items[i].choice]++;
        for (size_t k = 0; k < COUNT(shares); k++)
            worst = fmax(worst, fabs(given[k] - shares[k] / sum * (double)(i + 1)));
    }
    ck_assert_msg(worst < 1, "a share is off by %g conversations", worst);
    ck_assert(given[1] == 0 && given[0] == 10000 && given[5] == 1000);
    load_plan_fini(&plan);
}

static void an_absent_length_is_0_in_the_items(void)
{
    struct load_plan_options o = {
        .arrivals = {.kind = ARRIVALS_POISSON, .rate_per_s = 500}, .count = 10, .seed = 1};
    struct load_plan plan = plan_of(&o);
    ck_assert_uint_eq(plan.items[9].prompt_tokens, 0);
    ck_assert_uint_eq(plan.items[9].output_tokens, 0);
    ck_assert_uint_eq(plan.items[9].turn, 0);
    load_plan_fini(&plan);
}

static void lengths_outside_their_limits_become_the_limits(void)
{
    static const int64_t list[] = {1, 50, 5000};
    struct load_plan_options o = closed(1, 10000);
    o.prompt_tokens = (struct length){.kind = LENGTH_NORMAL, .mean = 10, .stddev = 20, .low = 5, .high = 30};
    o.output_tokens = (struct length){.kind = LENGTH_LIST, .list = list, .list_count = 3, .high = 100};
    struct load_plan plan = plan_of(&o);
    size_t lowest = 0, highest = 0, outside = 0, short_ones = 0;
    for (size_t i = 0; i < plan.count; i++) {
        uint32_t n = plan.items[i].prompt_tokens, m = plan.items[i].output_tokens;
        lowest += n == 5;
        highest += n == 30;
        outside += n < 5 || n > 30 || (m != 1 && m != 50 && m != 100);
        short_ones += m == 1;
    }
    ck_assert_uint_eq(outside, 0);
    ck_assert(lowest > 3500 && highest > 1200); /* 41 and 16 % of the law, by its table */
    ck_assert(short_ones > 3100 && short_ones < 3600);
    load_plan_fini(&plan);
}

/* One option that makes no test, and what the message must say. */
struct refusal {
    const char *says;
    enum status status;
    void (*spoil)(struct load_plan_options *o);
};

#define SPOIL(name, body)                                                                                    \
    static void name(struct load_plan_options *o)                                                            \
    {                                                                                                        \
        body;                                                                                                \
    }

static const struct load_stage late_stages[] = {{5, 1}}, turned_stages[] = {{0, 1}, {9, 2}, {9, 3}},
                               empty_stages[] = {{0, 1}, {9, 0}};
static const double negative_share[] = {1, -1}, nan_share[] = {NAN}, zero_shares[] = {0, 0};
static const int64_t zero_in_list[] = {4, 0};

SPOIL(no_rate, o->arrivals.rate_per_s = 0)
SPOIL(rate_nan, o->arrivals.rate_per_s = NAN)
SPOIL(rate_negative, o->arrivals.rate_per_s = -1)
SPOIL(rate_infinite, o->arrivals.rate_per_s = INFINITY)
SPOIL(rate_slow, (o->arrivals.rate_per_s = 1e-6, o->count = 100))
SPOIL(no_end, o->count = 0)
SPOIL(count_huge, o->count = LOAD_ITEMS_MAX + 1)
SPOIL(duration_negative, o->duration_ns = -1)
SPOIL(duration_huge, o->duration_ns = INT64_MAX)
SPOIL(duration_long, (o->count = 0, o->duration_ns = INT64_C(1000000) * 1000000000))
SPOIL(duration_short, (o->count = 0, o->duration_ns = 1))
SPOIL(cv_zero, o->arrivals.kind = ARRIVALS_GAMMA)
SPOIL(cv_nan, (o->arrivals.kind = ARRIVALS_GAMMA, o->arrivals.cv = NAN))
SPOIL(ramp_negative, o->arrivals.ramp_ns = -1)
SPOIL(kind_unknown, o->arrivals.kind = (enum arrivals_kind)77)
SPOIL(prompt_nan, o->prompt_tokens.mean = NAN)
SPOIL(prompt_negative, o->prompt_tokens.mean = -5)
SPOIL(prompt_huge, o->prompt_tokens.mean = 1e12)
SPOIL(output_deviation, (o->output_tokens.kind = LENGTH_NORMAL, o->output_tokens.stddev = -1))
SPOIL(output_deviation_nan, (o->output_tokens.kind = LENGTH_NORMAL, o->output_tokens.stddev = NAN))
SPOIL(lognormal_zero, (o->output_tokens.kind = LENGTH_LOGNORMAL, o->output_tokens.mean = 0))
SPOIL(uniform_empty, o->output_tokens = (struct length){.kind = LENGTH_UNIFORM})
SPOIL(uniform_turned,
    (o->output_tokens.kind = LENGTH_UNIFORM, o->output_tokens.low = 9, o->output_tokens.high = 3))
SPOIL(uniform_low,
    (o->output_tokens.kind = LENGTH_UNIFORM, o->output_tokens.low = 0, o->output_tokens.high = 3))
SPOIL(list_empty, o->prompt_tokens = (struct length){.kind = LENGTH_LIST})
SPOIL(list_zero,
    o->prompt_tokens = ((struct length){.kind = LENGTH_LIST, .list = zero_in_list, .list_count = 2}))
SPOIL(turns_many, o->turns.mean = 1e6)
SPOIL(prefixes_without_length, o->prefix_count = 3)
SPOIL(prefixes_without_count, o->prefix_tokens.mean = 3)
SPOIL(prefixes_too_many, (o->prefix_count = 65535, o->prefix_tokens.mean = 3))
SPOIL(share_negative, (o->shares = negative_share, o->share_count = 2))
SPOIL(share_nan, (o->shares = nan_share, o->share_count = 1))
SPOIL(shares_zero, (o->shares = zero_shares, o->share_count = 2))
SPOIL(no_streams, o->arrivals = (struct arrivals){.kind = ARRIVALS_CLOSED})
SPOIL(streams_negative, o->arrivals = ((struct arrivals){.kind = ARRIVALS_CLOSED, .streams = -3}))
SPOIL(stages_late,
    o->arrivals = ((struct arrivals){.kind = ARRIVALS_CLOSED, .stages = late_stages, .stage_count = 1}))
SPOIL(stages_turned,
    o->arrivals = ((struct arrivals){.kind = ARRIVALS_CLOSED, .stages = turned_stages, .stage_count = 3}))
SPOIL(stages_empty,
    o->arrivals = ((struct arrivals){.kind = ARRIVALS_CLOSED, .stages = empty_stages, .stage_count = 2}))

static const struct refusal refusals[] = {
    {"rate: give the requests per second", STATUS_USAGE, no_rate},
    {"rate: give the requests per second", STATUS_USAGE, rate_nan},
    {"rate: give the requests per second", STATUS_USAGE, rate_negative},
    {"rate: give the requests per second", STATUS_USAGE, rate_infinite},
    {"more than a year", STATUS_USAGE, rate_slow},
    {"neither a duration nor a count", STATUS_USAGE, no_end},
    {"at most 20000000", STATUS_LIMIT, count_huge},
    {"duration: it must be between", STATUS_USAGE, duration_negative},
    {"duration: it must be between", STATUS_USAGE, duration_huge},
    {"about 100000000 requests", STATUS_LIMIT, duration_long},
    {"no request falls into the duration", STATUS_USAGE, duration_short},
    {"coefficient of variation", STATUS_USAGE, cv_zero},
    {"coefficient of variation", STATUS_USAGE, cv_nan},
    {"ramp: it cannot be negative", STATUS_USAGE, ramp_negative},
    {"of no known kind", STATUS_USAGE, kind_unknown},
    {"prompt tokens: the mean is NaN or infinity", STATUS_USAGE, prompt_nan},
    {"prompt tokens: the mean is -5; give one between 1 and 100000000", STATUS_USAGE, prompt_negative},
    {"prompt tokens: the mean is 1000000000000", STATUS_USAGE, prompt_huge},
    {"output tokens: the standard deviation", STATUS_USAGE, output_deviation},
    {"output tokens: the standard deviation", STATUS_USAGE, output_deviation_nan},
    {"output tokens: the mean is 0", STATUS_USAGE, lognormal_zero},
    {"output tokens: the lowest is 0", STATUS_USAGE, uniform_empty},
    {"output tokens: the lowest, 9, is above the highest, 3", STATUS_USAGE, uniform_turned},
    {"output tokens: the lowest is 0", STATUS_USAGE, uniform_low},
    {"prompt tokens: the list of lengths is empty", STATUS_USAGE, list_empty},
    {"prompt tokens: number 2 of the list is 0", STATUS_USAGE, list_zero},
    {"turns: the mean is 1000000; give one between 1 and 10000", STATUS_USAGE, turns_many},
    {"prefixes: say how many tokens each has", STATUS_USAGE, prefixes_without_length},
    {"prefixes: give a number of them between 1 and 65534", STATUS_USAGE, prefixes_without_count},
    {"prefixes: give a number of them between 1 and 65534", STATUS_USAGE, prefixes_too_many},
    {"shares: number 2 must be between 0", STATUS_USAGE, share_negative},
    {"shares: number 1 must be between 0", STATUS_USAGE, share_nan},
    {"shares: all are 0", STATUS_USAGE, shares_zero},
    {"streams: 0 is not a number between 1", STATUS_USAGE, no_streams},
    {"streams: -3 is not a number between 1", STATUS_USAGE, streams_negative},
    {"stages: the first must begin at 0", STATUS_USAGE, stages_late},
    {"stages: number 3 must begin later", STATUS_USAGE, stages_turned},
    {"streams: 0 is not a number between 1", STATUS_USAGE, stages_empty},
};

static void options_that_make_no_test_are_refused_with_a_reason(void)
{
    for (size_t i = 0; i < COUNT(refusals); i++) {
        struct load_plan_options o = poisson(100, 10);
        struct load_plan plan;
        struct error why = {0};
        refusals[i].spoil(&o);
        enum status s = load_plan_make(&o, &plan, &why);
        ck_assert_msg(s == refusals[i].status && strstr(why.text, refusals[i].says), "%zu: %s, not: %s", i,
            error_text(&why), refusals[i].says);
        ck_assert_ptr_null(plan.items);
        load_plan_fini(&plan); /* of what was not made, too */
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(equal_seeds_make_equal_plans_everywhere),
        TESTKIT_TEST(one_option_does_not_move_the_draws_of_another),
        TESTKIT_TEST(a_shorter_plan_is_the_beginning_of_a_longer_one),
        TESTKIT_TEST(constant_arrivals_are_a_grid_from_0_on),
        TESTKIT_TEST(a_ramp_stretches_the_time_of_constant_arrivals),
        TESTKIT_TEST(the_limit_that_comes_first_ends_the_plan),
        TESTKIT_TEST(a_closed_loop_has_one_stage_and_items_without_moments),
        TESTKIT_TEST(a_closed_loop_bounded_by_time_has_enough_items_but_not_too_many),
        TESTKIT_TEST(a_ramp_starts_streams_at_equal_distances),
        TESTKIT_TEST(stages_are_taken_as_they_are),
        TESTKIT_TEST(turns_of_a_conversation_are_neighbours_with_pauses),
        TESTKIT_TEST(shares_are_kept_to_within_one_at_any_moment),
        TESTKIT_TEST(an_absent_length_is_0_in_the_items),
        TESTKIT_TEST(lengths_outside_their_limits_become_the_limits),
        TESTKIT_TEST(options_that_make_no_test_are_refused_with_a_reason),
        {0},
    };
    return testkit_run("load_plan", tests);
}
