#include "model_filter.h"

#include "testkit.h"

#include <stdio.h>
#include <string.h>

#define GB INT64_C(1000000000)

static bool matches(const char *a, const char *b, const char *name)
{
    struct opt_list list = {{a, b}, (size_t)(a != NULL) + (b != NULL)};
    return model_filter_matches(&list, name);
}

static void patterns_take_and_exclude(void)
{
    ck_assert(matches(NULL, NULL, "any"));
    ck_assert(matches("*qwen*", NULL, "Qwen3-8B"));
    ck_assert(!matches("*qwen*", NULL, "llama"));
    ck_assert(!matches("!*embed*", NULL, "nomic-embed-text"));
    ck_assert(matches("!*embed*", NULL, "llama"));
    ck_assert(matches("*qwen*", "!*vl*", "qwen3:8b"));
    ck_assert(!matches("*qwen*", "!*vl*", "qwen2.5vl:7b"));
    ck_assert(!matches("!*vl*", "*qwen*", "qwen2.5vl:7b"));
    ck_assert(!matches("!*vl*", "*qwen*", "llama"));
}

static void sizes_are_of_parameters_or_of_bytes(void)
{
    static const struct {
        const char *text;
        int64_t parameters, bytes;
    } sizes[] = {{"7B", 7 * GB, 0}, {"0.5b", GB / 2, 0}, {"270M", 270000000, 0}, {"1T", 1000 * GB, 0},
        {"4GB", 0, 4 * GB}, {"512MiB", 0, 512 << 20}};
    static const char *const wrong[] = {"", "B", "-7B", "0B", "7BB", "seven", "7 B", "1e99B", "0", "4G"};
    struct model_size s;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        ck_assert_msg(model_filter_parse_size(sizes[i].text, &s), "%s", sizes[i].text);
        ck_assert_int_eq(s.parameters, sizes[i].parameters);
        ck_assert_int_eq(s.bytes, sizes[i].bytes);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)

        ck_assert_msg(!model_filter_parse_size(wrong[i], &s), "%s", wrong[i]);
}

static bool takes(const struct model_filter *f, const struct model_info *m, const char *reason)
{
    char why[256] = "";
    bool taken = model_filter_takes(f, m, why, sizeof why);
    if (!taken)
        ck_assert_msg(strstr(why, reason), "%s", why);
    return taken;
}

static void modality_must_be_known_and_right(void)
{
    struct model_filter f = {.modalities = MODALITY_VISION};
    struct model_info m = {.id = "a"};
    ck_assert(!takes(&f, &m, "not known"));
    m.modalities = MODALITY_TEXT;
    ck_assert(!takes(&f, &m, "is of another"));
    m.guessed = MODEL_MODALITIES;
    ck_assert(!takes(&f, &m, "its name speaks of another"));
    m.modalities |= MODALITY_VISION;
    ck_assert(takes(&f, &m, ""));
    ck_assert_uint_eq(model_filter_modality("Embedding"), MODALITY_EMBEDDING);
    ck_assert_uint_eq(model_filter_modality("smell"), 0);
}

static void bounds_hold_for_what_is_known(void)
{
    struct model_filter f = {.min = {.parameters = 3 * GB}, .max = {.bytes = 8 * GB}};
    struct model_info m = {.id = "a"};
    ck_assert(takes(&f, &m, "")); /* nothing is known */
    m.parameters = GB;
    ck_assert(!takes(&f, &m, "smaller"));
    m.parameters = 14 * GB;
    ck_assert(takes(&f, &m, "")); /* in how many bits is not known */
    snprintf(m.quantization, sizeof m.quantization, "Q8_0");
    ck_assert(!takes(&f, &m, "larger"));
    m.size_bytes = 7 * GB;
    ck_assert(takes(&f, &m, ""));
}

static void a_model_that_memory_cannot_hold_does_not_fit(void)
{
    struct model_filter f = {.memory_percent = 60, .memory_bytes = 10 * GB};
    struct model_info m = {.id = "a", .parameters = 8 * GB, .size_bytes = 4900000000};
    char why[256] = "";
    ck_assert(model_filter_fits(&f, &m, why, sizeof why));
    m.size_bytes = 6 * GB;
    ck_assert(!model_filter_fits(&f, &m, why, sizeof why));
    ck_assert_msg(strstr(why, "more than 60% of this machine's") && !strstr(why, "by its name"), "%s", why);
    m.state = MODEL_LOADED;
    ck_assert(model_filter_fits(&f, &m, why, sizeof why));
    m = (struct model_info){.id = "a", .parameters = 70 * GB};
    ck_assert(model_filter_fits(&f, &m, why, sizeof why)); /* unknown quantisation: unknown need */
    snprintf(m.quantization, sizeof m.quantization, "4bit");
    ck_assert(!model_filter_fits(&f, &m, why, sizeof why));
    ck_assert_msg(strstr(why, "by its name"), "%s", why);
    f.memory_percent = 0;
    ck_assert(model_filter_fits(&f, &m, why, sizeof why));
}

static void the_need_counts_weights_and_cache(void)
{
    struct model_info m = {.id = "a", .parameters = 8 * GB, .size_bytes = 5 * GB};
    int64_t cache = model_memory_need(&m) - m.size_bytes;
    ck_assert_int_gt(cache, 350000000); /* 4096 tokens of about 103 KiB */
    ck_assert_int_lt(cache, 500000000);
    m.loaded_context = 8192;
    ck_assert_int_gt(model_memory_need(&m) - m.size_bytes, 2 * cache - 10);
    m.memory_bytes = 42;
    ck_assert_int_eq(model_memory_need(&m), 42);
    m = (struct model_info){.id = "a", .parameters = INT64_MAX, .quantization = "F32"};
    ck_assert_int_ge(model_memory_need(&m), 0);
}

static void servers_of_this_machine_are_told_from_others(void)
{
    ck_assert(model_filter_is_local("http://127.0.0.1:8080/v1"));
    ck_assert(model_filter_is_local("http://LOCALHOST:1"));
    ck_assert(model_filter_is_local("http://[::1]:1"));
    ck_assert(!model_filter_is_local("https://api.example.com/127.0.0.1"));
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(patterns_take_and_exclude),
        TESTKIT_TEST(sizes_are_of_parameters_or_of_bytes),
        TESTKIT_TEST(modality_must_be_known_and_right),
        TESTKIT_TEST(bounds_hold_for_what_is_known),
        TESTKIT_TEST(a_model_that_memory_cannot_hold_does_not_fit),
        TESTKIT_TEST(the_need_counts_weights_and_cache),
        TESTKIT_TEST(servers_of_this_machine_are_told_from_others),
        {0},
    };
    return testkit_run("model_filter", tests);
}
