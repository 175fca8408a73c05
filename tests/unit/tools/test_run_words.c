/* What `assay run` says and keeps: progress lines, headlines, command lines without secrets, subsets of a
 * plan. */
#include "testkit.h"

#include "headline.h"
#include "json.h"
#include "progress.h"
#include "run_json.h"
#include "run_subset.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct json_object *parse(const char *text)
{
    struct json_object *tree = NULL;
    ck_assert_int_eq(json_parse(text, strlen(text), &tree, NULL), STATUS_OK);
    return tree;
}

static void secrets_of_urls_are_taken_out_of_a_word(void)
{
    static const char *const rows[][2] = {
        {"", ""},
        {"run", "run"},
        {"me@home", "me@home"}, /* no URL */
        {"http://box:8080/v1", "http://box:8080/v1"},
        {"http://me:pw@box:8080/v1", "http://***@box:8080/v1"},
        {"--target=https://me:pw@box", "--target=https://***@box"},
        {"http://me:p@w@box", "http://***@box"},
        {"http://box/path@x?q=a@b#c@d", "http://box/path@x?q=a@b#c@d"},
        {"http://box?x=@y", "http://box?x=@y"},
        {"http://a:b@one http://two,http://c:d@three", "http://***@one http://two,http://***@three"},
        {"sim: http://a:b@one/x sim:", "sim: http://***@one/x sim:"},
        {"http://", "http://"},
        {"://@", "://***@"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf out = BUF_INIT(1024);
        ck_assert_int_eq(run_json_redact(&out, rows[i][0]), STATUS_OK);
        ck_assert_str_eq(buf_text(&out), rows[i][1]);
        buf_fini(&out);
    }
}

static void a_headline_has_the_figures_of_what_passed_and_the_reason_of_what_did_not(void)
{
    static const char *const rows[][2] = {
        {"{\"outcome\":\"passed\",\"performance\":{\"ttft_s\":{\"median\":0.0521},\"decode_tokens_per_s\":{"
         "\"median\":48.06},"
         "\"latency_s\":{\"median\":1}}}",
            "ttft 52.1 ms, 48.1 tokens/s"},
        {"{\"outcome\":\"passed\",\"performance\":{\"latency_s\":{\"median\":2.5}}}", "latency 2.5 s"},
        {"{\"outcome\":\"passed\",\"performance\":{\"prefill_tokens_per_s\":{\"median\":12227.4}}}",
            "12227 prompt tokens/s"},
        {"{\"outcome\":\"passed\",\"utility\":{\"graded\":8,\"correct\":0},\"performance\":{\"latency_s\":{"
         "\"median\":2}}}",
            "0 of 8 right, latency 2.0 s"},
        {"{\"outcome\":\"passed\"}", ""},
        {"{\"outcome\":\"failed\",\"message\":\"it is empty\\nand "
         "more\",\"performance\":{\"ttft_s\":{\"median\":1}}}",
            "it is empty"},
        {"{\"outcome\":\"skipped\",\"skip_reason\":\"no camera\"}", "no camera"},
        {"{\"outcome\":\"lost\"}", ""},
        {"{}", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf out = BUF_INIT(1024);
        struct json_object *record = parse(rows[i][0]);
        headline_append(&out, record);
        ck_assert_str_eq(buf_text(&out), rows[i][1]);
        json_object_put(record);
        buf_fini(&out);
    }
}

/* The line that lives must not stand in front of what somebody else says. */
static void a_hidden_progress_leaves_an_empty_line(void)
{
    const char *path = testkit_tmp_path("hidden");
    int fd = open(path, O_CREAT | O_RDWR, 0600);
    struct progress p;
    ck_assert_int_ge(dup2(fd, STDERR_FILENO), 0);
    progress_open(&p, 12);
    p.terminal = true;
    progress_start(&p, "chat.short[sim/x]");
    progress_waits(&p, "waiting");
    progress_hide(&p);
    fputs("a note\n", stderr);
    fflush(stderr);
    struct buf said = testkit_read(path);
    ck_assert_ptr_nonnull(strstr(buf_text(&said), "chat.short[sim/x] ... "));
    ck_assert_ptr_nonnull(strstr(buf_text(&said), "\r\033[Ka note\n"));
    buf_fini(&said);
    close(fd);
}

/* Standard error of this process, which is the test's own, goes to that descriptor. */
static void tell_progress(int fd)
{
    struct progress p;
    ck_assert_int_ge(dup2(fd, STDERR_FILENO), 0);
    progress_open(&p, 12);
    progress_start(&p, "chat.short[sim/a\033[31mb\nc]");
    progress_tick(&p);
    progress_end(&p, "passed", 3.2, "ttft 52 ms\n\033]0;title\007next");
    progress_start(&p, "chat.long[sim/x]");
    progress_end(&p, "crashed", 0.0124, "");
    progress_start(&p, "chat.long_prompt[llamacpp/a-model]");
    progress_end(&p, "passed", 4.7, "ttft 719 ms, 2711 prompt tokens/s, 248 tokens/s");
    progress_close(&p);
    fflush(stderr);
}

static void without_a_terminal_each_finished_test_is_one_plain_line(void)
{
    const char *path = testkit_tmp_path("lines");
    setenv("TERM", "xterm", 1);
    int fd = open(path, O_CREAT | O_RDWR, 0600);
    tell_progress(fd);
    struct buf said = testkit_read(path);
    const char *end = strchr(buf_text(&said), '\n');
    ck_assert_ptr_nonnull(end);
    ck_assert_ptr_null(strpbrk(buf_text(&said), "\033\007\r"));
    ck_assert_int_eq(strncmp(buf_text(&said), "[ 1/12] passed    chat.short[sim/a", 34), 0);
    ck_assert_ptr_nonnull(strstr(buf_text(&said), "  3.2 s  ttft 52 ms"));
    ck_assert_str_eq(end + 1,
        "[ 2/12] crashed   chat.long[sim/x]  12.4 ms\n"
        "[ 3/12] passed    chat.long_prompt[llamacpp/a-model]  4.7 s  ttft 719 ms, 2711 prompt tokens/s, 248 "
        "tokens/s\n");
    buf_fini(&said);
    close(fd);
}

/* What a terminal gets to see. */
static void tell_terminal(const char *no_colour, char *seen, size_t size)
{
    int leader = posix_openpt(O_RDWR | O_NOCTTY);
    if (leader < 0 || grantpt(leader) != 0 || unlockpt(leader) != 0)
        ck_abort_msg("no terminal to be had");
    int fd = open(ptsname(leader), O_RDWR | O_NOCTTY);
    ck_assert_int_ge(fd, 0);
    setenv("TERM", "xterm", 1);
    setenv("NO_COLOR", no_colour, 1);
    tell_progress(fd);
    int nowhere = open("/dev/null", O_WRONLY);
    ck_assert_int_ge(dup2(nowhere, STDERR_FILENO), 0);
    close(nowhere);
    close(fd); /* nobody has it any more: what was written is read, and then the end */
    size_t n = 0;
    for (ssize_t got = 1; n < size - 1 && got > 0; n += got > 0 ? (size_t)got : 0)
        got = read(leader, seen + n, size - 1 - n);
    seen[n] = '\0';
    close(leader);
}

static void a_terminal_sees_the_running_test_and_colours_unless_told_otherwise(void)
{
    char seen[8192];
    tell_terminal("", seen, sizeof seen);
    ck_assert_ptr_nonnull(strstr(seen, "[ 1/12] chat.short[sim/a"));
    ck_assert_ptr_nonnull(strstr(seen, " ... "));
    ck_assert_ptr_nonnull(strstr(seen, "\033[32mpassed"));
    ck_assert_ptr_nonnull(strstr(seen, "\033[31mcrashed"));
    ck_assert_ptr_null(strstr(seen, "title\007"));
    ck_assert_ptr_nonnull(strstr(seen, "  4.7 s\r\n        ttft 719 ms, 2711")); /* 80 columns are too few */
    tell_terminal("1", seen, sizeof seen);
    ck_assert_ptr_nonnull(strstr(seen, "[ 1/12] chat.short[sim/a"));
    ck_assert_ptr_null(strstr(seen, "\033[3"));
}

static void a_subset_is_what_the_last_attempt_of_each_test_says(void)
{
    struct run_subset failed, left;
    struct error why = {0};
    const char *run = testkit_path("tests/golden/run-mixed");
    ck_assert_msg(run_subset_load(run, SUBSET_FAILED, &failed, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_msg(run_subset_load(run, SUBSET_UNFINISHED, &left, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_uint_eq(failed.count, 11);
    ck_assert(run_subset_has(&failed, "chat.long_answer[llamacpp/tiny-chat]"));           /* timeout */
    ck_assert(!run_subset_has(&failed, "chat.streamed_equals_unstreamed[sim/constant]")); /* passed at last */
    ck_assert(!run_subset_has(&failed, "chat.short[sim/constant]"));
    ck_assert_uint_eq(left.count, 3);
    ck_assert(run_subset_has(&left, "chat.streamed_equals_unstreamed[llamacpp/tiny-chat]")); /* interrupted */
    ck_assert(run_subset_has(&left, "infrastructure.refuses_malformed_json[llamacpp]"));     /* not_run */
    run_subset_fini(&failed);
    run_subset_fini(&left);
    ck_assert_int_eq(run_subset_load(testkit_tmp(), SUBSET_FAILED, &failed, &why), STATUS_NOT_FOUND);
    ck_assert_uint_eq(failed.count, 0);
}

static void a_plan_keeps_the_subset_in_its_order_and_misses_what_it_has_not(void)
{
    char *both[] = {(char[]){"c"}, (char[]){"a"}};
    struct run_subset subset = {.tests = both, .count = 2};
    struct json_object *run = parse("{\"plan\":[{\"test\":\"a\"},{\"test\":\"b\"},{\"test\":\"c\"}]}");
    struct error why = {0};
    ck_assert_int_eq(run_subset_keep(run, &subset, &why), STATUS_OK);
    ck_assert_uint_eq(json_object_array_length(json_get_array(run, "/plan")), 2);
    ck_assert_str_eq(json_get_text(run, "/plan/0/test"), "a");
    ck_assert_str_eq(json_get_text(run, "/plan/1/test"), "c");
    both[1] = (char[]){"b"};
    ck_assert_int_eq(run_subset_keep(run, &subset, &why), STATUS_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(why.text, "1 of 2 tests"));
    json_object_put(run);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(secrets_of_urls_are_taken_out_of_a_word),
        TESTKIT_TEST(a_headline_has_the_figures_of_what_passed_and_the_reason_of_what_did_not),
        TESTKIT_TEST(a_hidden_progress_leaves_an_empty_line),
        TESTKIT_TEST(without_a_terminal_each_finished_test_is_one_plain_line),
        TESTKIT_TEST(a_terminal_sees_the_running_test_and_colours_unless_told_otherwise),
        TESTKIT_TEST(a_subset_is_what_the_last_attempt_of_each_test_says),
        TESTKIT_TEST(a_plan_keeps_the_subset_in_its_order_and_misses_what_it_has_not),
        {0},
    };
    return testkit_run("run_words", tests);
}
