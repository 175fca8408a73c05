/* `lms` through a program that stands for it, tests/testkit/fake_lms. */
#include "lms.h"

#include "canned_server.h"
#include "clock.h"
#include "fs.h"
#include "json.h"
#include "lms_run.h"
#include "testkit.h"
#include "tries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[512];

static void put(const char *name, const char *text)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
}

/* All commands so far, a line each. */
static const char *calls(void)
{
    static char text[4096];
    char path[1024];
    struct buf b = BUF_INIT(sizeof text - 1);
    snprintf(path, sizeof path, "%s/calls", folder);
    ck_assert_int_eq(fs_read_file(path, &b, NULL), STATUS_OK);
    snprintf(text, sizeof text, "%s", buf_text(&b));
    buf_fini(&b);
    return text;
}

static void begin(const char *does)
{
    snprintf(folder, sizeof folder, "%s", testkit_tmp());
    setenv("ASSAY_LMS", testkit_path("tests/testkit/fake_lms"), 1);
    setenv("FAKE_LMS", folder, 1);
    setenv("FAKE_LMS_DOES", does, 1);
    put("models", "granite\ngranite-large\nnomic\n");
    put("loaded", "");
    put("calls", "");
}

static void the_server_is_started_where_it_is_asked_for_and_stopped(void)
{
    bool running = true;
    int port = -1;
    struct error why = {0};
    begin("");
    ck_assert(lms_is_installed());
    ck_assert_msg(lms_server_status(&running, &port, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert(!running && port == 0);
    ck_assert_int_eq(lms_server_start(4321, &port, &why), STATUS_OK);
    ck_assert_int_eq(port, 4321);
    ck_assert_int_eq(lms_server_status(&running, &port, &why), STATUS_OK);
    ck_assert(running && port == 4321);
    ck_assert_int_eq(lms_server_stop(&why), STATUS_OK);
    ck_assert_int_eq(lms_server_stop(&why), STATUS_INTERNAL);
    ck_assert_str_eq(why.text, "lms server failed: Error: The server is not running.");
    ck_assert_ptr_nonnull(strstr(calls(), "server start --port 4321\n"));
}

static void a_model_is_loaded_as_asked_and_unloaded(void)
{
    struct json_object *list = NULL;
    struct error why = {0};
    begin("");
    ck_assert_msg(lms_load(4321, "granite", 8192, 60, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_ptr_nonnull(strstr(calls(), "load granite --yes --port 4321 --context-length 8192 --ttl 60\n"));
    ck_assert_int_eq(lms_ps(4321, &list, &why), STATUS_OK);
    ck_assert_str_eq(lms_instance_of(list, "granite"), "granite");
    ck_assert_ptr_null(lms_instance_of(list, "nomic"));
    json_object_put(list);
    ck_assert_int_eq(lms_unload(4321, "granite", &why), STATUS_OK);
    ck_assert_int_eq(lms_unload(4321, "granite", &why), STATUS_OK); /* nothing to do, and nothing is done */
    ck_assert_ptr_null(strstr(strstr(calls(), "unload") + 1, "unload"));
}

/* It takes the nearest name, and finishes with 0 where it has not done a thing. */
static void what_it_says_it_did_is_looked_after(void)
{
    struct error why = {0};
    begin("stays");
    ck_assert_int_eq(lms_load(0, "granit", 0, 0, &why), STATUS_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(why.text, "\"granit\" is not among what is loaded"));
    ck_assert_int_eq(lms_load(0, "llama", 0, 0, &why), STATUS_INTERNAL);
    ck_assert_ptr_nonnull(strstr(why.text, "no model found that matches"));
    ck_assert_int_eq(lms_unload(0, "granite", &why), STATUS_INTERNAL);
    ck_assert_ptr_nonnull(strstr(why.text, "loaded all the same"));
    ck_assert_int_eq(lms_load(0, "--all", 0, 0, &why), STATUS_USAGE);
    ck_assert_int_eq(lms_get(0, "-y", NS_PER_S, NULL, NULL, &why), STATUS_USAGE);
}

static bool note(const char *what, int64_t done_bytes, int64_t total_bytes, void *arg)
{
    (void)done_bytes;
    (void)total_bytes;
    buf_printf(arg, "%s;", what);
    return !strstr(what, "48.20");
}

static bool go_on(const char *what, int64_t done_bytes, int64_t total_bytes, void *arg)
{
    (void)note(what, done_bytes, total_bytes, arg);
    return true;
}

static void a_model_is_fetched_with_what_it_prints_as_progress(void)
{
    struct buf seen = BUF_INIT(1 << 16);
    struct error why = {0};
    begin("");
    ck_assert_msg(
        lms_get(0, "llama@q4_k_m", 60 * NS_PER_S, go_on, &seen, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_ptr_nonnull(strstr(buf_text(&seen), "48.20% | 540.00 MB / 1.12 GB"));
    ck_assert_ptr_nonnull(strstr(buf_text(&seen), "Download completed.;"));
    ck_assert_ptr_null(strchr(buf_text(&seen), '\x1b'));
    ck_assert_int_eq(lms_get(0, "missing", 60 * NS_PER_S, NULL, NULL, &why), STATUS_INTERNAL);
    ck_assert_ptr_nonnull(strstr(why.text, "No staff picks found"));
    ck_assert_int_eq(lms_get(0, "other", 60 * NS_PER_S, note, &seen, &why), STATUS_TIMEOUT); /* stopped */
    buf_fini(&seen);
}

/* In the time the shell has to have begun. */
static void check_hung(struct tries *tries)
{
    struct lms_run slow = {
        .arguments = {"ps", "--json"}, .limit_ns = 300 * NS_PER_MS * tries_patience(tries)};
    struct error why = {0};
    int64_t t0_ns = clock_mono_ns(clock_system());
    ck_assert_int_eq(lms_run(&slow, NULL, &why), STATUS_TIMEOUT);
    tries_judge(tries, strstr(why.text, "Waking up LM Studio service...") != NULL, "%s", why.text);
    ck_assert_int_lt(clock_mono_ns(clock_system()) - t0_ns, 30 * NS_PER_S); /* it would be a minute */
}

static void what_misbehaves_is_ended_and_named(void)
{
    struct json_object *list = NULL;
    struct error why = {0};
    begin("hang");
    for (struct tries tries = {0}; tries_next(&tries);)
        check_hung(&tries);
    begin("noise");
    ck_assert_int_eq(lms_ps(0, &list, &why), STATUS_INVALID);
    ck_assert_ptr_nonnull(strstr(why.text, "what lms ps prints is no JSON"));
    begin("flood");
    ck_assert_int_ne(lms_ps(0, &list, &why), STATUS_OK);
    ck_assert_ptr_null(list);
    begin("orphan");
    int64_t t0_ns = clock_mono_ns(clock_system());
    ck_assert_msg(lms_ps(0, &list, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_int_lt(clock_mono_ns(clock_system()) - t0_ns, 50 * NS_PER_S); /* of the minute that it stays */
    json_object_put(list);
}

static void where_it_is_not_nothing_is_started(void)
{
    struct json_object *list = NULL;
    struct error why = {0};
    begin("");
    setenv("ASSAY_LMS", "/nonexistent/lms", 1);
    ck_assert(!lms_is_installed());
    ck_assert_int_eq(lms_ps(0, &list, &why), STATUS_UNAVAILABLE);
    ck_assert_str_eq(why.text, "the program lms is not installed");
    unsetenv("ASSAY_LMS");
    setenv("PATH", "/nonexistent", 1);
    setenv("HOME", folder, 1);
    ck_assert(!lms_is_installed());
}

/* ---- with an LM Studio that is older than its own way to load ---- */

#define JSON(body)                                                                                           \
    {                                                                                                        \
        .text = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" body, .end = CANNED_CLOSE        \
    }
#define OLD(state)                                                                                           \
    JSON("{\"data\":[{\"id\":\"granite\",\"type\":\"llm\",\"state\":\"" state                                \
         "\",\"max_context_length\":9}]}")
#define UNKNOWN JSON("{\"error\":\"Unexpected endpoint or method. (GET /api/v1/models)\"}")

static void an_older_lm_studio_is_told_by_lms(void)
{
    static const struct canned_reply replies[] = {
        OLD("not-loaded"), UNKNOWN, OLD("not-loaded"), OLD("loaded")};
    static const struct engine_options options = {.num_ctx = 2048};
    struct canned_server *server = canned_server_start(replies, 4);
    struct target_options o = {.url = canned_server_url(server), .protocol = "lmstudio"};
    struct target *target = NULL;
    struct load_report report;
    struct error why = {0};
    char expected[128];
    begin("");
    ck_assert_int_eq(target_open(&o, &target, &why), STATUS_OK);
    ck_assert_msg(target_probe(target, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_msg(
        target_load(target, "granite", &options, &report, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_msg(target_unload(target, "granite", &report, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_int_eq(target_pull(target, "llama", NULL, NULL, &why), STATUS_OK);
    snprintf(expected, sizeof expected, "load granite --yes --port %d --context-length 2048\n",
        canned_server_port(server));
    ck_assert_msg(strstr(calls(), expected) != NULL, "%s", calls());
    setenv("ASSAY_LMS", "/nonexistent/lms", 1);
    ck_assert_int_eq(target_unload(target, "granite", &report, &why), STATUS_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(why.text, "unloads only by the program lms, which is not installed"));
    target_close(target);
    canned_server_stop(server);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(the_server_is_started_where_it_is_asked_for_and_stopped),
        TESTKIT_TEST(a_model_is_loaded_as_asked_and_unloaded),
        TESTKIT_TEST(what_it_says_it_did_is_looked_after),
        TESTKIT_TEST(a_model_is_fetched_with_what_it_prints_as_progress),
        TESTKIT_TEST(what_misbehaves_is_ended_and_named),
        TESTKIT_TEST(where_it_is_not_nothing_is_started),
        TESTKIT_TEST(an_older_lm_studio_is_told_by_lms),
        {0},
    };
    return testkit_run("lms", tests);
}
