#include "transport.h"

#include "testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum status add(struct http_transport *t, const char *line)
{
    struct error why = {0};
    return http_transport_add_header(t, line, false, &why);
}

static void headers_take_variables_and_keep_secrets_out_of_files(void)
{
    struct http_transport t = {0};
    setenv("TEST_TOKEN", "a-long-token", 1);
    unsetenv("TEST_ABSENT");
    ck_assert_int_eq(add(&t, "X-Team: ${TEST_TOKEN}, again ${TEST_TOKEN}; $5 ${ not}"), STATUS_OK);
    ck_assert_str_eq(t.headers[0], "X-Team: a-long-token, again a-long-token; $5 ${ not}");
    ck_assert_int_eq(add(&t, "authorization: Bearer ${TEST_TOKEN}"), STATUS_OK);
    ck_assert(http_transport_has_header(&t, "Authorization"));
    ck_assert(!http_transport_has_header(&t, "X-Tea"));
    ck_assert_int_eq(add(&t, "X-A: ${TEST_ABSENT}"), STATUS_NOT_FOUND);
    ck_assert_int_eq(add(&t, "Cookie: session=1"), STATUS_USAGE);
    ck_assert_int_eq(http_transport_add_header(&t, "Cookie: session=1", true, NULL), STATUS_OK);
    ck_assert_uint_eq(t.header_count, 3);
    http_transport_fini(&t);
}

static void what_is_no_header_is_refused(void)
{
    static const char *const wrong[] = {"", ":", "no colon", "X Y: z",
        "X-Empty:", "X-Empty:   ", "X-A: b\r\nX-B: c", "X-A: \x7f", "Content-Length: 5",
        "transfer-encoding: chunked", "Expect: 100-continue"};
    struct http_transport t = {0};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert_msg(add(&t, wrong[i]) == STATUS_USAGE, "%s", wrong[i]);
    setenv("TEST_BREAK", "a\nX-Smuggled: b", 1);
    ck_assert_int_eq(add(&t, "X-A: ${TEST_BREAK}"), STATUS_USAGE);
    for (int i = 0; i < TRANSPORT_HEADERS_MAX; i++)
        ck_assert_int_eq(add(&t, "X-A: b"), STATUS_OK);
    ck_assert_int_eq(add(&t, "X-A: b"), STATUS_LIMIT);
    http_transport_fini(&t);
}

static void describe_is(const struct http_transport *t, const char *expected)
{
    struct buf text = BUF_INIT(4096);
    http_transport_describe(t, &text);
    ck_assert_str_eq(buf_text(&text), expected);
    buf_fini(&text);
}

static void a_description_has_no_secret_and_a_copy_has_all(void)
{
    struct http_transport t = {.insecure = true}, copy;
    describe_is(&(struct http_transport){0}, "");
    ck_assert_int_eq(http_transport_set(&t.proxy, "socks5h://me:p@ss@box:1080", NULL), STATUS_OK);
    ck_assert_int_eq(add(&t, "X-Team: a-secret"), STATUS_OK);
    ck_assert_int_eq(http_transport_copy(&t, &copy, NULL), STATUS_OK);
    http_transport_fini(&t);
    describe_is(&copy, "certificate not verified; proxy socks5h://box:1080; header X-Team");
    ck_assert_str_eq(copy.headers[0], "X-Team: a-secret");
    http_transport_fini(&copy);
}

static void a_version_of_http_is_1_1_or_2_or_whichever_is_offered(void)
{
    static const struct {
        const char *word, *described;
    } versions[] = {{"1.1", ""}, {"2", "HTTP/2"}, {"auto", "HTTP/2 where it is offered"}};
    struct http_transport t = {0}, copy;
    struct error why = {0};
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        ck_assert_int_eq(http_transport_set_http(&t, versions[i].word, &why), STATUS_OK);
        ck_assert_int_eq(http_transport_copy(&t, &copy, &why), STATUS_OK);
        describe_is(&copy, versions[i].described);
    }
    ck_assert_int_eq(http_transport_set_http(&t, "3", &why), STATUS_USAGE);
    ck_assert_str_eq(error_text(&why), "HTTP 3 cannot be spoken: 1.1, 2 and auto can");
    ck_assert_int_eq(t.http, HTTP_WISH_AUTO);
}

struct secrets {
    char texts[8][64];
    size_t count;
};

static void keep(const char *text, void *arg)
{
    struct secrets *s = arg;
    snprintf(s->texts[s->count++], sizeof s->texts[0], "%s", text);
}

static void every_secret_is_told(void)
{
    struct http_transport t = {0};
    struct secrets s = {.count = 0};
    setenv("TEST_TOKEN", "a-long-token", 1);
    ck_assert_int_eq(add(&t, "Authorization: Bearer ${TEST_TOKEN}"), STATUS_OK);
    ck_assert_int_eq(http_transport_set(&t.proxy, "http://me:p:w@box:1080", NULL), STATUS_OK);
    http_transport_each_secret(&t, keep, &s);
    ck_assert_uint_eq(s.count, 3);
    ck_assert_str_eq(s.texts[0], "Bearer a-long-token");
    ck_assert_str_eq(s.texts[1], "a-long-token");
    ck_assert_str_eq(s.texts[2], "p:w");
    http_transport_fini(&t);
}

static enum status check(const struct http_transport *t)
{
    struct error why = {0};
    return http_transport_check(t, &why);
}

static void what_cannot_work_is_said_before_it_is_tried(void)
{
    static char long_path[200];
    memset(long_path, 'x', sizeof long_path - 1);
    ck_assert_int_eq(check(&(struct http_transport){0}), STATUS_OK);
    ck_assert_int_eq(check(&(struct http_transport){.ca_file = "/nowhere.pem"}), STATUS_USAGE);
    ck_assert_int_eq(check(&(struct http_transport){.key_file = "/dev/null"}), STATUS_USAGE);
    ck_assert_int_eq(check(&(struct http_transport){.unix_socket = long_path}), STATUS_USAGE);
    ck_assert_int_eq(
        check(&(struct http_transport){.unix_socket = "/s", .proxy = "http://box:1"}), STATUS_USAGE);
    ck_assert_int_eq(check(&(struct http_transport){.proxy = "https://me:pw@box:1"}), STATUS_OK);
    ck_assert_int_eq(check(&(struct http_transport){.proxy = "socks4a://box"}), STATUS_OK);
    static char *const wrong[] = {"box:3128", "ftp://box:1", "http://", "http:/box", ""};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert_msg(check(&(struct http_transport){.proxy = wrong[i]}) == STATUS_USAGE, "%s", wrong[i]);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(headers_take_variables_and_keep_secrets_out_of_files),
        TESTKIT_TEST(what_is_no_header_is_refused),
        TESTKIT_TEST(a_description_has_no_secret_and_a_copy_has_all),
        TESTKIT_TEST(a_version_of_http_is_1_1_or_2_or_whichever_is_offered),
        TESTKIT_TEST(every_secret_is_told),
        TESTKIT_TEST(what_cannot_work_is_said_before_it_is_tried),
        {0},
    };
    return testkit_run("transport", tests);
}
