/* What the simulated server does over several requests: slots and their queue, a restart, a cache. */
#include "sim_host.h"

#include "clock.h"
#include "json.h"
#include "sim_cache.h"
#include "testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PROMPTS = 8 };

static struct sim_host host;

static void get(const char *path, struct buf *answer)
{
    int fd = sim_host_connect(&host);
    char head[256];
    snprintf(head, sizeof head, "GET %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", path);
    buf_clear(answer);
    sim_host_send(fd, head);
    sim_host_read_all(fd, answer);
    close(fd);
}

static long metric(const char *name)
{
    struct buf answer = BUF_INIT(1 << 16);
    char line[128];
    get("/metrics", &answer);
    snprintf(line, sizeof line, "\nllamacpp:%s ", name);
    const char *at = strstr(buf_text(&answer), line);
    ck_assert_msg(at != NULL, "no metric %s", name);
    long value = strtol(at + strlen(line), NULL, 10);
    buf_fini(&answer);
    return value;
}

static void wait_for_metric(const char *name, long value)
{
    for (int i = 0; i < 1000 && metric(name) != value; i++)
        clock_sleep_until(clock_system(), clock_mono_ns(clock_system()) + NS_PER_MS);
    ck_assert_int_eq(metric(name), value);
}

static int64_t number(const struct json_object *tree, const char *pointer)
{
    int64_t value = -1;
    ck_assert_msg(json_get_int(tree, pointer, &value), "%s is no integer", pointer);
    return value;
}

/* The truth's records of that scenario, in the order in which they were answered. */
static size_t records_of(
    struct json_object *truth, const char *scenario, struct json_object **records, size_t most)
{
    size_t found = 0;
    for (size_t i = 0; i < json_object_array_length(truth) && found < most; i++) {
        const char *name = json_get_text(json_object_array_get_idx(truth, i), "/scenario");
        if (name && strcmp(name, scenario) == 0)
            records[found++] = json_object_array_get_idx(truth, i);
    }
    return found;
}

/* Two slots, and answers long enough for a slow machine to ask meanwhile who waits. */
static void start_with_slots(void)
{
    static const char two[] = "{\"name\":\"two-slots\",\"ttft\":{\"mean_s\":0.01},\"gap\":{\"mean_s\":0.03},"
                              "\"answer\":{\"tokens\":48},\"slots\":2,\"timings\":true}";
    const char *path = testkit_tmp_path("two-slots.json");
    const char *const files[] = {path, NULL};
    testkit_write(path, two, strlen(two));
    sim_host_start(&host, &(struct sim_options){.seed = 1, .scenario_files = files});
}

/* Three answers at once: the third begins when one of the others has ended. */
static void who_comes_third_waits_for_a_slot(void)
{
    struct buf raw = BUF_INIT(16 << 20);
    struct json_object *records[4];
    int fds[3];
    start_with_slots();
    for (int i = 0; i < 3; i++) {
        fds[i] = sim_host_connect(&host);
        sim_host_post(fds[i], "two-slots", true, "");
        wait_for_metric(i < 2 ? "requests_processing" : "requests_deferred", i < 2 ? i + 1 : 1);
    }
    for (int i = 0; i < 3; i++) {
        buf_clear(&raw);
        sim_host_read_until(fds[i], &raw, "[DONE]");
        close(fds[i]);
    }
    ck_assert_int_eq(metric("requests_deferred"), 0);
    sim_host_stop(&host);
    struct json_object *truth = sim_host_read_truth(&host);
    ck_assert_uint_eq(records_of(truth, "two-slots", records, 4), 3);
    ck_assert_int_eq(number(records[0], "/waited_ns") + number(records[1], "/waited_ns"), 0);
    int64_t begins_ns = number(records[2], "/read_ns") + number(records[2], "/waited_ns");
    ck_assert_int_ge(begins_ns, number(records[0], "/done_ns"));
    ck_assert_int_eq(number(records[2], "/events/0/scheduled_ns"), begins_ns + 10 * NS_PER_MS);
    json_object_put(truth);
    buf_fini(&raw);
}

static void who_leaves_the_queue_takes_no_slot(void)
{
    struct buf raw = BUF_INIT(16 << 20);
    int fds[4];
    start_with_slots();
    for (int i = 0; i < 4; i++) {
        fds[i] = sim_host_connect(&host);
        sim_host_post(fds[i], "two-slots", true, "");
        wait_for_metric(i < 2 ? "requests_processing" : "requests_deferred", i < 2 ? i + 1 : i - 1);
    }
    close(fds[2]);
    wait_for_metric("requests_deferred", 1);
    sim_host_read_until(fds[3], &raw, "[DONE]");
    sim_host_stop(&host);
    for (int i = 0; i < 4; i++)
        if (i != 2)
            close(fds[i]);
    buf_fini(&raw);
}

static void after_a_restart_it_is_another_version_at_the_same_place(void)
{
    struct buf before = BUF_INIT(1 << 16), after = BUF_INIT(1 << 16), raw = BUF_INIT(1 << 20);
    sim_host_start(&host, &(struct sim_options){.seed = 1});
    get("/api/version", &before);
    for (int i = 1; i <= 4; i++) {
        int fd = sim_host_connect(&host);
        sim_host_post(fd, "sim-restart", false, "");
        buf_clear(&raw);
        if (i < 4)
            sim_host_read_until(fd, &raw, "chat.completion");
        else
            sim_host_read_all(fd, &raw);
        close(fd);
    }
    ck_assert_uint_eq(raw.len, 0);
    int fd = -1;
    for (int i = 0; fd < 0 && i < 1000; i++) {
        fd = sim_host_dial(sim_server_url(host.server));
        clock_sleep_until(clock_system(), clock_mono_ns(clock_system()) + 2 * NS_PER_MS);
    }
    ck_assert_int_ge(fd, 0);
    close(fd);
    get("/api/version", &after);
    ck_assert_ptr_nonnull(strstr(buf_text(&after), "-2\"}"));
    ck_assert_ptr_null(strstr(buf_text(&before), "-2\"}"));
    sim_host_stop(&host);
    buf_fini(&before);
    buf_fini(&after);
    buf_fini(&raw);
}

static int64_t take(struct sim_cache *cache, const char *text, bool loose)
{
    struct sim_words words = {0};
    sim_words_add_text(&words, text, strlen(text));
    int64_t known = sim_cache_take(cache, PROMPTS, &words, loose);
    ck_assert_uint_eq(words.count, 0);
    return known;
}

static void a_cache_knows_the_longest_beginning(void)
{
    struct sim_cache cache = {0};
    ck_assert_int_eq(take(&cache, "", false), 0);
    ck_assert_int_eq(take(&cache, "one two three", false), 0);
    ck_assert_int_eq(take(&cache, "one two  four five", false), 2);
    ck_assert_int_eq(take(&cache, "one\ntwo four six", false), 3);
    ck_assert_int_eq(take(&cache, "one two three", false), 2); /* the last is worked on again */
    ck_assert_int_eq(take(&cache, "two three", false), 0);
    for (int i = 0; i < PROMPTS; i++)
        take(&cache, "others", false);
    ck_assert_int_eq(take(&cache, "one two three", false), 0); /* forgotten */
    ck_assert_int_eq(take(&cache, "[a] two three", false), 0);
    ck_assert_int_eq(take(&cache, "[b] two three", true), 2);
    ck_assert_int_eq(take(&cache, "b two three", true), 0);
    sim_cache_fini(&cache);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(who_comes_third_waits_for_a_slot),
        TESTKIT_TEST(who_leaves_the_queue_takes_no_slot),
        TESTKIT_TEST(after_a_restart_it_is_another_version_at_the_same_place),
        TESTKIT_TEST(a_cache_knows_the_longest_beginning),
        {0},
    };
    return testkit_run("sim_life", tests);
}
