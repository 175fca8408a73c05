/* What opens a server: where it comes from, and that no record has it. */
#include "target_bench.h"

#include "target.h"
#include "canned_server.h"
#include "testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void keys_and_passwords_appear_in_no_record(void)
{
    static const struct canned_reply replies[] = {
        {.text = JSON_REPLY("401 No", "Server: sk-secret-1\r\n", "{\"error\":\"bad key sk-secret-1\"}"),
            .end = CANNED_CLOSE},
        {.text = JSON_REPLY("401 No", "", "{\"error\":\"bad password p/word1\"}"), .end = CANNED_CLOSE},
    };
    struct target_bench b;
    target_bench_init(&b, replies, 2, (struct target_options){.api_key = "sk-secret-1"});
    target_bench_chat(&b, 0);
    ck_assert_str_eq(b.x.error_text, "HTTP 401: bad key ***********");
    ck_assert_ptr_null(strstr(b.x.server_header, "secret"));
    ck_assert_ptr_null(strstr(buf_text(&b.x.body), "secret"));
    target_close(b.target);

    char url[128];
    unsetenv("ASSAY_API_KEY");
    setenv("OPENAI_API_KEY", "sk-other", 1);
    snprintf(
        url, sizeof url, "http://me:p%%2Fword1@127.0.0.1:%d/v1/?key=abc#x", canned_server_port(b.server));
    b.target = target_bench_open(&(struct target_options){.url = url});
    target_bench_chat(&b, 0);
    const char *sent = canned_server_request(b.server, 1);
    ck_assert_ptr_nonnull(strstr(sent, "POST /v1/chat/completions HTTP"));
    ck_assert_ptr_nonnull(strstr(sent, "\r\nAuthorization: Basic bWU6cC93b3JkMQ==\r\n"));
    ck_assert_ptr_null(strstr(sent, "sk-other")); /* the URL is more specific than the environment */
    ck_assert_str_eq(b.x.error_text, "HTTP 401: bad password *******");
    snprintf(url, sizeof url, "http://127.0.0.1:%d/v1", canned_server_port(b.server));
    ck_assert_str_eq(target_info(b.target)->endpoint, url);
    target_bench_fini(&b);
}

/* A text that was cut in the middle of the key holds half of it; a model may be asked for what it was sent. */
static void neither_half_a_key_nor_one_in_an_answer_is_kept(void)
{
    char cut[512];
    snprintf(cut, sizeof cut,
        "HTTP/1.1 401 No\r\nContent-Type: text/plain\r\nServer: %0118d sk-secret-0123456789\r\n\r\n", 0);
    struct canned_reply replies[] = {
        {.text = cut, .end = CANNED_CLOSE},
        {.text = STREAM_HEAD SAY("you sent sk-secret-") SAY("0123456789!") STOP DONE, .end = CANNED_CLOSE},
    };
    struct target_bench b;
    target_bench_init(&b, replies, 2, (struct target_options){.api_key = "sk-secret-0123456789"});
    target_bench_chat(&b, 0);
    ck_assert_int_eq(b.x.http_status, 401);
    ck_assert_uint_eq(strlen(b.x.server_header), sizeof b.x.server_header - 1); /* cut in the key */
    ck_assert_msg(!strstr(b.x.server_header, "sk-s"), "%s", b.x.server_header);
    target_bench_chat(&b, 0);
    ck_assert_str_eq(buf_text(&b.x.answer), "you sent ********************!");
    target_bench_fini(&b);
    target_bench_init(&b, &replies[1], 1, (struct target_options){.api_key = "sent"});
    target_bench_chat(&b, 0);
    ck_assert_str_eq(buf_text(&b.x.answer), "you sent sk-secret-0123456789!"); /* a word like any other */
    target_bench_fini(&b);
}

static void keys_come_from_the_environment(void)
{
    static const struct {
        const char *own, *openai, *header;
    } environments[] = {
        {"sk-own", "sk-openai", "\r\nAuthorization: Bearer sk-own\r\n"},
        {NULL, "sk-openai", "\r\nAuthorization: Bearer sk-openai\r\n"},
        {"", "sk-openai", "\r\nAuthorization: Bearer sk-openai\r\n"},
    };
    static const struct canned_reply reply = {.text = STREAM_HEAD SAY("a") STOP DONE, .end = CANNED_CLOSE};
    for (size_t i = 0; i < sizeof environments / sizeof environments[0]; i++) {
        struct target_bench b;
        unsetenv("ASSAY_API_KEY");
        if (environments[i].own)
            setenv("ASSAY_API_KEY", environments[i].own, 1);
        setenv("OPENAI_API_KEY", environments[i].openai, 1);
        target_bench_init(&b, &reply, 1, (struct target_options){0});
        target_bench_chat(&b, 0);
        ck_assert_ptr_nonnull(strstr(canned_server_request(b.server, 0), environments[i].header));
        target_bench_fini(&b);
    }
}

static const struct {
    struct target_options options;
    enum status status;
    const char *text;
} refusals[] = {
    {{.url = "ftp://127.0.0.1"}, STATUS_INVALID, "must begin with http:// or https://"},
    {{.url = "http://me:secret@[oops"}, STATUS_INVALID, "not a URL"},
    {{.url = ""}, STATUS_INVALID, "not a URL"},
    {{.url = "http://127.0.0.1", .protocol = "smoke"}, STATUS_USAGE, "unknown protocol \"smoke\""},
    {{.url = "http://127.0.0.1", .api_key = "a\r\nX: y"}, STATUS_INVALID, "control character"},
};

static void bad_options_are_refused_with_a_reason(void)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct target *target = NULL;
        struct error why = {0};
        ck_assert_int_eq(target_open(&refusals[i].options, &target, &why), refusals[i].status);
        ck_assert_ptr_null(target);
        ck_assert_msg(strstr(error_text(&why), refusals[i].text) != NULL, "%s", error_text(&why));
        ck_assert_ptr_null(strstr(error_text(&why), "secret"));
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(keys_and_passwords_appear_in_no_record),
        TESTKIT_TEST(neither_half_a_key_nor_one_in_an_answer_is_kept),
        TESTKIT_TEST(keys_come_from_the_environment),
        TESTKIT_TEST(bad_options_are_refused_with_a_reason),
        {0},
    };
    return testkit_run("target_secrets", tests);
}
