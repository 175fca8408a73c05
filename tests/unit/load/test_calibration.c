#include "calibration.h"

#include "clock.h"
#include "fs.h"
#include "json.h"
#include "load_cited.h"
#include "testkit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char machine_text[] =
    "{\"host\":\"box\",\"os\":\"linux\",\"kernel\":\"6.1.0\",\"architecture\":\"x86_64\","
    "\"cpu\":{\"model\":\"EPYC\",\"logical\":2}}";

static struct calibration_rung rung(int64_t streams, double gap_s, double error_s)
{
    return (struct calibration_rung){.streams = streams,
        .gap_s = gap_s,
        .ttft_s = 0.05,
        .tokens = 100,
        .ttft_error_mean_s = error_s / 3,
        .ttft_error_p99_s = error_s,
        .ttft_error_max_s = error_s * 2,
        .itl_p99_error_s = (double)NAN,
        .tokens_share = 0.99,
        .cpu_s_per_100k_events = 0.4,
        .rss_bytes = 3e7,
        .server_lateness_p99_s = 0.0001,
        .valid = true};
}

static struct calibration ladder(void)
{
    struct calibration c = {.made_unix_ns = INT64_C(1795256400) * NS_PER_S, .threads = 1, .count = 4};
    struct json_object *machine = NULL;
    ck_assert_int_eq(json_parse(machine_text, strlen(machine_text), &machine, NULL), STATUS_OK);
    calibration_set_machine(&c, "0.1.0", machine);
    json_object_put(machine);
    c.rungs[0] = rung(1, 0.01, 0.0005);
    c.rungs[1] = rung(1000, 0.01, 0.0012);
    c.rungs[2] = rung(100, 0.01, 0.003); /* a bad moment of the machine */
    c.rungs[3] = rung(10000, 0.1, 0.05);
    return c;
}

static void what_is_kept_is_read_again(void)
{
    struct calibration c = ladder(), again;
    struct error why = {0};
    const char *path = testkit_tmp_path("deep/down/calibration.json");
    ck_assert_int_eq(calibration_load(path, &again, &why), STATUS_NOT_FOUND);
    ck_assert_msg(calibration_save(path, &c, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_msg(calibration_load(path, &again, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_int_eq(again.made_unix_ns, c.made_unix_ns);
    ck_assert_str_eq(again.assay_version, "0.1.0");
    ck_assert_str_eq(again.kernel, "6.1.0");
    ck_assert_str_eq(again.cpu, "EPYC");
    ck_assert_int_eq(again.cpus, 2);
    ck_assert_uint_eq(again.count, 4);
    ck_assert_int_eq(again.rungs[3].streams, 10000);
    ck_assert_double_eq(again.rungs[3].ttft_error_p99_s, 0.05);
    ck_assert(isnan(again.rungs[3].itl_p99_error_s));
    ck_assert(again.rungs[3].valid);
    struct buf text = BUF_INIT(4096);
    ck_assert(!calibration_is_stale(&again, &c, &text));
    buf_fini(&text);
}

static void what_is_no_calibration_is_refused(void)
{
    struct calibration c = ladder();
    struct error why = {0};
    const char *path = testkit_tmp_path("calibration.json");
    c.count = 0;
    ck_assert_int_eq(calibration_save(path, &c, &why), STATUS_INVALID);
    ck_assert(!fs_exists(path));
    testkit_write(path, "{\"rungs\":[]}", 12);
    ck_assert_int_eq(calibration_load(path, &c, &why), STATUS_INVALID);
    ck_assert_msg(strstr(error_text(&why), "calibration.json"), "%s", error_text(&why));
    testkit_write(path, "{", 1);
    ck_assert_int_eq(calibration_load(path, &c, NULL), STATUS_INVALID);
}

static bool expect(const struct calibration *c, int64_t streams, double events_per_s, double *p99_s)
{
    struct calibration_rung error;
    struct calibration_need need = {.streams = streams, .events_per_s = events_per_s};
    bool found = calibration_error_at(c, &need, &error, NULL);
    *p99_s = found ? error.ttft_error_p99_s : 0;
    return found;
}

static void the_next_higher_rung_speaks_and_no_lower_one_is_better(void)
{
    struct calibration c = ladder();
    double p99_s;
    ck_assert(expect(&c, 1, 0, &p99_s));
    ck_assert_double_eq(p99_s, 0.0005);
    ck_assert(expect(&c, 2, 0, &p99_s));
    ck_assert_double_eq(p99_s, 0.003);
    ck_assert(expect(&c, 500, 50000, &p99_s)); /* 1 000 have less error than 100 had: chance, not skill */
    ck_assert_double_eq(p99_s, 0.003);
    ck_assert(expect(&c, 50, 60000, &p99_s)); /* few streams, many events */
    ck_assert_double_eq(p99_s, 0.003);
    ck_assert(expect(&c, 1001, 0, &p99_s));
    ck_assert_double_eq(p99_s, 0.05);
    int64_t highest = 7;
    struct calibration_rung error;
    ck_assert(!calibration_error_at(&c, &(struct calibration_need){.streams = 10001}, &error, &highest));
    ck_assert_int_eq(highest, 10000);
    ck_assert(!expect(&c, 1, 200000, &p99_s));
    c.rungs[3].valid = false;
    ck_assert(!expect(&c, 1001, 0, &p99_s));
    c.count = 0;
    ck_assert(!calibration_error_at(&c, &(struct calibration_need){.streams = 1}, &error, &highest));
    ck_assert_int_eq(highest, 0);
}

static void a_calibration_of_another_time_or_machine_is_stale(void)
{
    struct calibration c = ladder(), now = ladder();
    struct buf why = BUF_INIT(8192);
    now.made_unix_ns += INT64_C(31) * 24 * 3600 * NS_PER_S;
    snprintf(now.kernel, sizeof now.kernel, "6.6.0");
    snprintf(now.assay_version, sizeof now.assay_version, "0.2.0");
    now.cpus = 4;
    ck_assert(calibration_is_stale(&c, &now, &why));
    ck_assert_str_eq(buf_text(&why), "It was made under kernel 6.1.0; now it is 6.6.0.\n"
                                     "It was made by version 0.1.0; now it is 0.2.0.\n"
                                     "It was made with 2 processors; now there are 4.\n"
                                     "It was made more than 30 days ago, on 2026-11-21.\n");
    buf_fini(&why);
}

static void it_lies_in_the_folder_for_data(void)
{
    struct buf path = BUF_INIT(4096);
    setenv("XDG_DATA_HOME", "/data", 1);
    ck_assert_int_eq(calibration_path(&path, NULL), STATUS_OK);
    ck_assert_str_eq(buf_text(&path), "/data/assay/calibration.json");
    buf_clear(&path);
    unsetenv("XDG_DATA_HOME");
    setenv("HOME", "/home/me", 1);
    ck_assert_int_eq(calibration_path(&path, NULL), STATUS_OK);
    ck_assert_str_eq(buf_text(&path), "/home/me/.local/share/assay/calibration.json");
    unsetenv("HOME");
    ck_assert_int_eq(calibration_path(&path, NULL), STATUS_USAGE);
    buf_fini(&path);
}

static struct load_cited cited(const struct load_cited_need *need)
{
    struct load_cited out;
    load_cited_find(need, &out);
    return out;
}

static void keep(const struct calibration *c)
{
    const char *path = testkit_tmp_path("data/assay/calibration.json");
    struct error why = {0};
    ck_assert_msg(calibration_save(path, c, &why) == STATUS_OK, "%s", error_text(&why));
    setenv("XDG_DATA_HOME", testkit_tmp_path("data"), 1);
}

static void only_a_test_over_the_same_way_is_judged_by_it(void)
{
    struct calibration c = ladder();
    struct load_cited_need plain = {.streams = 10, .threads = 1}, tls = plain, http_2 = plain, both = plain;
    tls.tls = http_2.http_2 = both.tls = both.http_2 = true;
    keep(&c);
    ck_assert_double_eq(cited(&plain).error_s, 0.003);
    ck_assert(isnan(cited(&tls).error_s) && isnan(cited(&http_2).error_s) && isnan(cited(&both).error_s));
    ck_assert_str_eq(cited(&tls).words, "The calibration of 2026-11-21 is of HTTP/1.1 without TLS, and this "
                                        "test was HTTP/1.1 over TLS: the client's "
                                        "own error there is not known (assay calibrate --tls).\n");
    ck_assert_str_eq(cited(&both).words, "The calibration of 2026-11-21 is of HTTP/1.1 without TLS, and this "
                                         "test was HTTP/2 over TLS: the client's "
                                         "own error there is not known.\n");
    c.tls = true;
    keep(&c);
    ck_assert(isnan(cited(&plain).error_s) && isnan(cited(&both).error_s));
    ck_assert_double_eq(cited(&tls).error_s, 0.003);
}

static void another_number_of_threads_is_said(void)
{
    struct calibration c = ladder();
    keep(&c);
    struct load_cited same = cited(&(struct load_cited_need){.streams = 10, .threads = 1}),
                      more = cited(&(struct load_cited_need){.streams = 10, .threads = 4});
    ck_assert_ptr_null(strstr(same.words, "of the client, and"));
    ck_assert_ptr_nonnull(
        strstr(more.words, "It was made with 1 thread of the client, and this test with 4.\n"));
    ck_assert_double_eq(more.error_s, 0.003);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(what_is_kept_is_read_again),
        TESTKIT_TEST(what_is_no_calibration_is_refused),
        TESTKIT_TEST(the_next_higher_rung_speaks_and_no_lower_one_is_better),
        TESTKIT_TEST(a_calibration_of_another_time_or_machine_is_stale),
        TESTKIT_TEST(only_a_test_over_the_same_way_is_judged_by_it),
        TESTKIT_TEST(another_number_of_threads_is_said),
        TESTKIT_TEST(it_lies_in_the_folder_for_data),
        {0},
    };
    return testkit_run("calibration", tests);
}
