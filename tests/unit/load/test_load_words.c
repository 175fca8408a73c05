#include "load_words.h"

#include "testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const int64_t second = INT64_C(1000000000);

static void rates_are_read_in_seconds_minutes_and_hours(void)
{
    static const struct {
        const char *word;
        double rate;
    } words[] = {{"500", 500}, {"0.5", 0.5}, {"500/s", 500}, {"30/min", 0.5}, {"1800/h", 0.5}, {"1e3", 1000}};
    for (size_t i = 0; i < COUNT(words); i++) {
        double rate = 0;
        ck_assert_int_eq(load_words_rate("--rate", words[i].word, &rate, NULL), STATUS_OK);
        ck_assert_msg(rate == words[i].rate, "%s is %g", words[i].word, rate);
    }
}

static void arrivals_are_read(void)
{
    struct arrivals a = {.rate_per_s = 7};
    ck_assert_int_eq(load_words_arrivals("--arrivals", "constant", &a, NULL), STATUS_OK);
    ck_assert_int_eq(a.kind, ARRIVALS_CONSTANT);
    ck_assert_int_eq(load_words_arrivals("--arrivals", "poisson", &a, NULL), STATUS_OK);
    ck_assert_int_eq(a.kind, ARRIVALS_POISSON);
    ck_assert_int_eq(load_words_arrivals("--arrivals", "gamma:2.5", &a, NULL), STATUS_OK);
    ck_assert(a.kind == ARRIVALS_GAMMA && a.cv == 2.5);
    ck_assert_int_eq(load_words_arrivals("--arrivals", "trace:a:b.csv", &a, NULL), STATUS_OK);
    ck_assert(a.kind == ARRIVALS_TRACE && strcmp(a.trace_file, "a:b.csv") == 0);
    ck_assert(a.rate_per_s == 7);
}

static void stages_follow_each_other(void)
{
    struct load_stage *stages = NULL;
    size_t count = 0;
    int64_t duration_ns = 0;
    ck_assert_int_eq(
        load_words_stages("--stages", "1x10s,4x500ms,16x1m", &stages, &count, &duration_ns, NULL), STATUS_OK);
    ck_assert_uint_eq(count, 3);
    ck_assert(stages[0].at_ns == 0 && stages[0].streams == 1);
    ck_assert(stages[1].at_ns == 10 * second && stages[1].streams == 4);
    ck_assert(stages[2].at_ns == 10 * second + second / 2 && stages[2].streams == 16);
    ck_assert_int_eq(duration_ns, 70 * second + second / 2);
    free(stages);
}

static void lengths_are_read(void)
{
    static const struct {
        const char *word;
        struct length length;
    } words[] = {
        {"128", {.kind = LENGTH_FIXED, .mean = 128}},
        {"100-200", {.kind = LENGTH_UNIFORM, .low = 100, .high = 200}},
        {"7-7", {.kind = LENGTH_UNIFORM, .low = 7, .high = 7}},
        {"normal:500,100", {.kind = LENGTH_NORMAL, .mean = 500, .stddev = 100}},
        {"normal:0.5,0", {0}},
        {"lognormal:500.5,400", {.kind = LENGTH_LOGNORMAL, .mean = 500.5, .stddev = 400}},
        {"lognormal:500,400,1-4000",
            {.kind = LENGTH_LOGNORMAL, .mean = 500, .stddev = 400, .low = 1, .high = 4000}},
    };
    for (size_t i = 0; i < COUNT(words); i++) {
        struct length length = {0};
        enum status s = load_words_length("--prompt", words[i].word, &length, NULL);
        const struct length *wanted = &words[i].length;
        ck_assert_int_eq(s, wanted->kind == LENGTH_FIXED && wanted->mean == 0 ? STATUS_USAGE : STATUS_OK);
        ck_assert_msg(length.kind == wanted->kind && length.mean == wanted->mean &&
                          length.stddev == wanted->stddev && length.low == wanted->low &&
                          length.high == wanted->high,
            "%s", words[i].word);
    }
}

static void pauses_are_read_in_milliseconds(void)
{
    struct length p = {0};
    ck_assert_int_eq(load_words_pause("--pause", "2s", &p, NULL), STATUS_OK);
    ck_assert(p.kind == LENGTH_FIXED && p.mean == 2000);
    ck_assert_int_eq(load_words_pause("--pause", "0-3s", &p, NULL), STATUS_OK);
    ck_assert(p.kind == LENGTH_UNIFORM && p.low == 0 && p.high == 3000);
    ck_assert_int_eq(load_words_pause("--pause", "lognormal:2s,500ms,100ms-1m", &p, NULL), STATUS_OK);
    ck_assert(p.kind == LENGTH_LOGNORMAL && p.mean == 2000 && p.stddev == 500);
    ck_assert(p.low == 100 && p.high == 60000);
    ck_assert_int_eq(load_words_pause("--pause", "0", &p, NULL), STATUS_OK);
    ck_assert(p.kind == LENGTH_FIXED && p.mean == 0);
}

static const char *file_word(const char *text)
{
    static char word[4096];
    const char *path = testkit_tmp_path("lengths.txt");
    testkit_write(path, text, strlen(text));
    snprintf(word, sizeof word, "@%s", path);
    return word;
}

static void a_file_has_a_length_a_line(void)
{
    struct length length = {0};
    struct error why = {0};
    enum status s = load_words_length("--prompt", file_word("12\n\n 340 \r\n7"), &length, &why);
    ck_assert_msg(s == STATUS_INVALID, "a blank before a number"); /* text_parse_double takes no blank */
    ck_assert_int_eq(load_words_length("--prompt", file_word("12\n\n340 \r\n7"), &length, NULL), STATUS_OK);
    ck_assert(length.kind == LENGTH_LIST && length.list_count == 3);
    ck_assert(length.list[0] == 12 && length.list[1] == 340 && length.list[2] == 7);
    load_words_length_fini(&length);
    ck_assert_int_eq(load_words_pause("--pause", file_word("1\n250ms\n"), &length, NULL), STATUS_OK);
    ck_assert(length.list_count == 2 && length.list[0] == 1000 && length.list[1] == 250);
    load_words_length_fini(&length);
}

static void a_bad_line_of_a_file_is_told_by_its_number(void)
{
    static const struct {
        const char *text, *says;
    } files[] = {
        {"12\n0\n", "lengths.txt:2: this is no length; write a number of at least 1"},
        {"12\n\n-3\n", "lengths.txt:3: this is no length"},
        {"a", "lengths.txt:1: this is no length"},
        {"1.5\n", "lengths.txt:1: this is no length"},
        {"\n\n", "no number is in it; write one on each line"},
        {"", "no number is in it"},
    };
    for (size_t i = 0; i < COUNT(files); i++) {
        struct length length = {.mean = 5};
        struct error why = {0};
        ck_assert_int_eq(
            load_words_length("--prompt", file_word(files[i].text), &length, &why), STATUS_INVALID);
        ck_assert_msg(strstr(error_text(&why), files[i].says), "%s", error_text(&why));
        ck_assert(length.mean == 5);
    }
    struct length length;
    ck_assert_int_eq(load_words_length("--prompt", "@/nowhere/at/all", &length, NULL), STATUS_NOT_FOUND);
}

enum reader { RATE, SPEED, ARRIVALS, STREAMS, STAGES, LENGTH, PAUSE };

static enum status read_word(enum reader reader, const char *word, struct error *e)
{
    struct arrivals arrivals;
    struct length length;
    struct load_stage *stages;
    size_t count;
    int64_t ns;
    double number;
    int streams;
    switch (reader) {
    case RATE:
        return load_words_rate("--x", word, &number, e);
    case SPEED:
        return load_words_speed("--x", word, &number, e);
    case ARRIVALS:
        return load_words_arrivals("--x", word, &arrivals, e);
    case STREAMS:
        return load_words_streams("--x", word, &streams, e);
    case STAGES:
        return load_words_stages("--x", word, &stages, &count, &ns, e);
    case LENGTH:
        return load_words_length("--x", word, &length, e);
    case PAUSE:
        return load_words_pause("--x", word, &length, e);
    }
    return STATUS_INTERNAL;
}

static void what_is_no_word_is_refused_with_what_can_be_written(void)
{
    static const struct {
        enum reader reader;
        const char *word, *says;
    } words[] = {
        {RATE, "", "'' is no rate; write requests per second, as 500"},
        {RATE, "0", "is no rate"},
        {RATE, "-5", "is no rate"},
        {RATE, "nan", "is no rate"},
        {RATE, "inf", "is no rate"},
        {RATE, "5/day", "is no rate"},
        {RATE, "5 /s", "is no rate"},
        {SPEED, "fast", "is no speed; write a factor"},
        {SPEED, "x", "is no speed"},
        {SPEED, "0x", "is no speed"},
        {ARRIVALS, "random", "'random' is not known; write constant, poisson, gamma:CV"},
        {ARRIVALS, "gamma", "is not known"},
        {ARRIVALS, "gamma:", "has no coefficient of variation"},
        {ARRIVALS, "gamma:-1", "has no coefficient of variation"},
        {ARRIVALS, "trace:", "names no file"},
        {ARRIVALS, "Poisson ", "is not known"},
        {STREAMS, "0", "is no number of streams; write one between 1"},
        {STREAMS, "1000001", "is no number of streams"},
        {STREAMS, "64.5", "is no number of streams"},
        {STAGES, "", "has a stage that is none; write STREAMSxTIME"},
        {STAGES, "1x10s,", "has a stage that is none"},
        {STAGES, "10s", "has a stage that is none"},
        {STAGES, "0x10s", "has a stage that is none"},
        {STAGES, "1x0", "has a stage that is none"},
        {STAGES, "1x", "has a stage that is none"},
        {STAGES, "1x10s,,2x1s", "has a stage that is none"},
        {STAGES, "1x40000d,1x40000d", "has a stage that is none"},
        {LENGTH, "", "'' is no length; write a number of at least 1, as 128"},
        {LENGTH, "0", "is no length"},
        {LENGTH, "-5", "is no length"},
        {LENGTH, "12.5", "is no length"},
        {LENGTH, "1e12", "is no length"},
        {LENGTH, "200-100", "is no length"},
        {LENGTH, "0-100", "is no length"},
        {LENGTH, "100-", "is no length"},
        {LENGTH, "normal:500", "is no length"},
        {LENGTH, "normal:500,-1", "is no length"},
        {LENGTH, "normal:500,100,", "is no length"},
        {LENGTH, "normal:500,100,5", "is no length"},
        {LENGTH, "normal:,", "is no length"},
        {LENGTH, "lognormal:nan,1", "is no length"},
        {LENGTH, "weibull:3,4", "is no length"},
        {LENGTH, "@", "is no length"},
        {PAUSE, "soon", "is no pause; write a time of at most a day, as 2s"},
        {PAUSE, "-1s", "is no pause"},
        {PAUSE, "25h", "is no pause"},
        {PAUSE, "0-0", "is no pause"},
        {PAUSE, "normal:0,0", "is no pause"},
    };
    for (size_t i = 0; i < COUNT(words); i++) {
        struct error why = {0};
        ck_assert_msg(read_word(words[i].reader, words[i].word, &why) == STATUS_USAGE, "%s", words[i].word);
        ck_assert_msg(strstr(why.text, words[i].says), "%s: %s", words[i].word, why.text);
        ck_assert_int_eq(strncmp(why.text, "--x: ", 5), 0);
    }
}

static void a_word_without_end_is_refused_and_cut_in_the_message(void)
{
    static char endless[100001];
    memset(endless, '9', sizeof endless - 1);
    for (enum reader reader = RATE; reader <= PAUSE; reader++) {
        struct error why = {0};
        ck_assert_int_eq(read_word(reader, endless, &why), STATUS_USAGE);
        ck_assert_ptr_nonnull(strstr(why.text, "write"));
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(rates_are_read_in_seconds_minutes_and_hours),
        TESTKIT_TEST(arrivals_are_read),
        TESTKIT_TEST(stages_follow_each_other),
        TESTKIT_TEST(lengths_are_read),
        TESTKIT_TEST(pauses_are_read_in_milliseconds),
        TESTKIT_TEST(a_file_has_a_length_a_line),
        TESTKIT_TEST(a_bad_line_of_a_file_is_told_by_its_number),
        TESTKIT_TEST(what_is_no_word_is_refused_with_what_can_be_written),
        TESTKIT_TEST(a_word_without_end_is_refused_and_cut_in_the_message),
        {0},
    };
    return testkit_run("load_words", tests);
}
