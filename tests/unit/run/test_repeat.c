#include "repeat.h"

#include "testkit.h"

#include "clock.h"
#include "journal.h"
#include "json.h"
#include "metric.h"

#include <math.h>
#include <string.h>

/* An answered exchange with token events `gap_ms` apart, the first 50 ms after it was sent. */
static struct exchange exchange_of(size_t count, int gap_ms, int64_t completion)
{
    static struct exchange_event events[32];
    struct exchange x;
    exchange_init(&x);
    x.t_intended_ns = x.t_dequeued_ns = x.t_sent_ns = 100 * NS_PER_MS;
    x.streamed = true;
    x.events = events;
    for (size_t i = 0; i < count; i++)
        events[x.event_count++] = (struct exchange_event){
            .t_ns = (150 + (int64_t)i * gap_ms) * NS_PER_MS, .kinds = EVENT_ANSWER, .tokens = -1};
    x.t_event1_ns = x.t_first_token_ns = x.t_first_answer_ns = events[0].t_ns;
    x.t_last_token_ns = events[count - 1].t_ns;
    x.t_done_ns = x.t_last_token_ns + NS_PER_MS;
    x.tokens.completion = completion;
    x.tokens.prompt = 10;
    x.tokens.cached = 0;
    x.tokens.source = TOKENS_SERVER_USAGE;
    return x;
}

static struct journal *open_journal(void)
{
    struct journal *j = NULL;
    ck_assert_int_eq(journal_open(1 << 20, &j, NULL), STATUS_OK);
    return j;
}

/* The observation of a metric in a repeat, or NULL. */
static struct json_object *observed(const struct journal *j, const char *metric, int64_t repeat)
{
    struct journal_entry entry;
    for (size_t at = 0; journal_next(j, &at, &entry);) {
        struct json_object *tree = NULL;
        int64_t of = -1;
        ck_assert_int_eq(json_parse(entry.text, entry.len, &tree, NULL), STATUS_OK);
        if (entry.type == JOURNAL_OBSERVATION && strcmp(json_get_text(tree, "/metric"), metric) == 0 &&
            json_get_int(tree, "/repeat", &of) && of == repeat)
            return tree;
        json_object_put(tree);
    }
    return NULL;
}

static void observes(const struct journal *j, const char *metric, int64_t repeat, size_t count, double first)
{
    struct json_object *tree = observed(j, metric, repeat);
    double value = NAN;
    ck_assert_msg(tree != NULL, "%s of repeat %d is not there", metric, (int)repeat);
    ck_assert_uint_eq(json_object_array_length(json_get_array(tree, "/values")), count);
    ck_assert(json_get_real(tree, "/values/0", &value));
    ck_assert_double_eq_tol(value, first, 1e-9);
    json_object_put(tree);
}

static void one_exchange_gives_each_metric_one_value_and_pooled_ones_all_gaps(void)
{
    struct repeat_figures f;
    struct journal *j = open_journal();
    struct exchange x = exchange_of(5, 10, 5);
    repeat_figures_init(&f);
    repeat_figures_add_exchange(&f, &x);
    repeat_figures_write(&f, j, 3);
    observes(j, "ttft_s", 3, 1, 0.050);
    observes(j, "latency_s", 3, 1, 0.091);
    observes(j, "icl_s", 3, 4, 0.010);
    observes(j, "itl_s", 3, 4, 0.010);
    observes(j, "tpot_s", 3, 1, 0.010);
    observes(j, "decode_tokens_per_s", 3, 1, 100);
    ck_assert_ptr_null(observed(j, "ttft_s", 0));
    repeat_figures_fini(&f);
    journal_close(j);
}

static void several_exchanges_give_their_median_and_pool_their_gaps(void)
{
    struct repeat_figures f;
    struct journal *j = open_journal();
    static const int gaps_ms[] = {10, 30, 20};
    repeat_figures_init(&f);
    for (size_t i = 0; i < 3; i++) {
        struct exchange x = exchange_of(3, gaps_ms[i], 3);
        repeat_figures_add_exchange(&f, &x);
    }
    repeat_figures_write(&f, j, 0);
    observes(j, "tpot_s", 0, 1, 0.020);
    observes(j, "latency_s", 0, 1, 0.091);
    observes(j, "icl_s", 0, 6, 0.010);
    repeat_figures_fini(&f);
    journal_close(j);
}

static void events_that_are_not_tokens_have_no_inter_token_latency(void)
{
    struct repeat_figures f;
    struct journal *j = open_journal();
    struct exchange x = exchange_of(5, 10, 20), unknown = exchange_of(5, 10, -1);
    repeat_figures_init(&f);
    repeat_figures_add_exchange(&f, &x);
    repeat_figures_add_exchange(&f, &unknown);
    repeat_figures_write(&f, j, 0);
    observes(j, "icl_s", 0, 8, 0.010);
    ck_assert_ptr_null(observed(j, "itl_s", 0));
    struct json_object *tpot = observed(j, "tpot_s", 0);
    ck_assert_str_eq(json_get_text(tpot, "/k1"), "assumed");
    double low = 0, high = 0;
    ck_assert(json_get_real(tpot, "/low", &low) && json_get_real(tpot, "/high", &high) && low < high);
    json_object_put(tpot);
    repeat_figures_fini(&f);
    journal_close(j);
}

static void a_cleared_repeat_leaves_nothing_for_the_next(void)
{
    struct repeat_figures f;
    struct journal *j = open_journal();
    struct exchange x = exchange_of(5, 10, 5);
    repeat_figures_init(&f);
    repeat_figures_add_exchange(&f, &x);
    repeat_figures_add(&f, "load_s", 2.5);
    repeat_figures_clear(&f);
    repeat_figures_add(&f, "load_s", 4);
    repeat_figures_write(&f, j, 1);
    observes(j, "load_s", 1, 1, 4);
    ck_assert_ptr_null(observed(j, "ttft_s", 1));
    ck_assert_ptr_null(observed(j, "tpot_s", 1));
    repeat_figures_fini(&f);
    journal_close(j);
}

static void every_metric_of_the_table_has_room(void)
{
    struct repeat_figures f;
    struct journal *j = open_journal();
    repeat_figures_init(&f);
    for (const struct metric *m = metrics_all; m->name; m++)
        repeat_figures_add(&f, m->name, 1);
    ck_assert(!f.out_of_memory);
    repeat_figures_write(&f, j, 0);
    for (const struct metric *m = metrics_all; m->name; m++)
        observes(j, m->name, 0, 1, 1);
    repeat_figures_fini(&f);
    journal_close(j);
}

static void words_are_those_of_the_seed_and_as_many_as_asked_for(void)
{
    struct buf a = BUF_INIT(1 << 16), b = BUF_INIT(1 << 16), c = BUF_INIT(1 << 16);
    repeat_words(&a, 7, 600);
    repeat_words(&b, 7, 600);
    repeat_words(&c, 8, 600);
    ck_assert_str_eq(buf_text(&a), buf_text(&b));
    ck_assert_str_ne(buf_text(&a), buf_text(&c));
    size_t words = 1;
    for (const char *p = buf_text(&a); *p; p++)
        words += *p == ' ';
    ck_assert_uint_eq(words, 600);
    buf_fini(&a);
    buf_fini(&b);
    buf_fini(&c);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(one_exchange_gives_each_metric_one_value_and_pooled_ones_all_gaps),
        TESTKIT_TEST(several_exchanges_give_their_median_and_pool_their_gaps),
        TESTKIT_TEST(events_that_are_not_tokens_have_no_inter_token_latency),
        TESTKIT_TEST(a_cleared_repeat_leaves_nothing_for_the_next),
        TESTKIT_TEST(every_metric_of_the_table_has_room),
        TESTKIT_TEST(words_are_those_of_the_seed_and_as_many_as_asked_for),
        {0},
    };
    return testkit_run("repeat", tests);
}
