#include "metric.h"

#include "testkit.h"

#include <ctype.h>
#include <string.h>

static const struct {
    const char *name, *unit;
    enum better better;
    bool pooled;
} agreed[] = {
    {"ttfe_s", "s", BETTER_LOWER, false},
    {"ttft_s", "s", BETTER_LOWER, false},
    {"ttfa_s", "s", BETTER_LOWER, false},
    {"icl_s", "s", BETTER_LOWER, true},
    {"itl_s", "s", BETTER_LOWER, true},
    {"tpot_s", "s", BETTER_LOWER, false},
    {"latency_s", "s", BETTER_LOWER, false},
    {"response_s", "s", BETTER_LOWER, false},
    {"prefill_tokens_per_s", "tokens/s", BETTER_HIGHER, false},
    {"decode_tokens_per_s", "tokens/s", BETTER_HIGHER, false},
    {"output_tokens_per_s", "tokens/s", BETTER_HIGHER, false},
    {"requests_per_s", "requests/s", BETTER_HIGHER, false},
    {"goodput_per_s", "requests/s", BETTER_HIGHER, false},
    {"goodput_fraction", "1", BETTER_HIGHER, false},
    {"failed_fraction", "1", BETTER_LOWER, false},
    {"load_s", "s", BETTER_LOWER, false},
    {"unload_s", "s", BETTER_LOWER, false},
    {"switch_s", "s", BETTER_LOWER, false},
    {"idle_ttft_s", "s", BETTER_LOWER, false},
    {"cold_ttft_s", "s", BETTER_LOWER, false},
    {"warm_ttft_s", "s", BETTER_LOWER, false},
    {"inputs_per_s", "inputs/s", BETTER_HIGHER, false},
    {"valid_fraction", "1", BETTER_HIGHER, false},
    {"overhead_ratio", "1", BETTER_LOWER, false},
    {"image_tokens", "tokens", BETTER_EXACT, false},
    {"audio_tokens", "tokens", BETTER_EXACT, false},
    {"audio_rtf", "1", BETTER_LOWER, false},
    {"wer", "1", BETTER_LOWER, false},
    {"speech_s_per_s", "s/s", BETTER_HIGHER, false},
    {"image_s", "s", BETTER_LOWER, false},
    {"image_step_s", "s", BETTER_LOWER, false},
    {"server_memory_bytes", "bytes", BETTER_LOWER, false},
    {"joules_per_token", "J/token", BETTER_LOWER, false},
    {"joules_per_request", "J/request", BETTER_LOWER, false},
};

static void the_table_holds_exactly_the_agreed_metrics(void)
{
    size_t i = 0;
    for (; metrics_all[i].name != NULL; i++) {
        ck_assert_uint_lt(i, sizeof agreed / sizeof agreed[0]);
        ck_assert_str_eq(metrics_all[i].name, agreed[i].name);
        ck_assert_str_eq(metrics_all[i].unit, agreed[i].unit);
        ck_assert_int_eq(metrics_all[i].better, agreed[i].better);
        ck_assert_int_eq(metrics_all[i].pooled, agreed[i].pooled);
    }
    ck_assert_uint_eq(i, sizeof agreed / sizeof agreed[0]);
}

static void every_definition_is_one_sentence(void)
{
    for (const struct metric *m = metrics_all; m->name != NULL; m++) {
        size_t len = strlen(m->definition);
        ck_assert_msg(isupper((unsigned char)m->definition[0]) || m->definition[0] == '1', "%s", m->name);
        ck_assert_msg(m->definition[len - 1] == '.', "%s", m->name);
        ck_assert_msg(strstr(m->definition, ". ") == NULL, "%s", m->name);
    }
}

static void metrics_are_found_by_their_whole_name(void)
{
    for (const struct metric *m = metrics_all; m->name != NULL; m++)
        ck_assert_ptr_eq(metric_find(m->name), m);
    ck_assert_ptr_null(metric_find("ttft"));
    ck_assert_ptr_null(metric_find(""));
    ck_assert_ptr_null(metric_find("TTFT_S"));
}

static void directions_have_names(void)
{
    ck_assert_str_eq(better_name(BETTER_LOWER), "lower");
    ck_assert_str_eq(better_name(BETTER_HIGHER), "higher");
    ck_assert_str_eq(better_name(BETTER_EXACT), "exact");
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(the_table_holds_exactly_the_agreed_metrics),
        TESTKIT_TEST(every_definition_is_one_sentence),
        TESTKIT_TEST(metrics_are_found_by_their_whole_name),
        TESTKIT_TEST(directions_have_names),
        {0},
    };
    return testkit_run("metric", tests);
}
