/* Captures of what servers answer: what is kept, and what is not told. */
#include "capture.h"

#include "canned_server.h"
#include "clock.h"
#include "exchange.h"
#include "replay_capture.h"
#include "target.h"
#include "testkit.h"

#include "json.h"

#include <stdio.h>
#include <string.h>

/* ---- what is masked ---- */

static const struct capture_names names = {
    .host = "box.example", .machine = "annslaptop", .user = "ann", .secrets = {"sk-secret", NULL, "pass"}};

static void paths_names_and_secrets_are_masked_and_nothing_moves(void)
{
    static const struct {
        const char *text, *neutral;
    } texts[] = {
        {"{\"path\":\"/home/ann/models/x.gguf\"}", "{\"path\":\"/xxxx/xxx/xxxxxx/x.gguf\"}"},
        {"FROM /tmp/a b", "FROM /xxx/a b"},
        {"File Not Found: /v1/chat/completions", "File Not Found: /v1/chat/completions"},
        {"\\/home\\/ann\\/m.gguf", "\\/home\\/xxx\\/m.gguf"},
        {"http://box.example:80/v1", "http://xxx.xxxxxxx:80/v1"},
        {"AnnsLaptop is up, annslaptops are not", "xxxxxxxxxx is up, annslaptops are not"},
        {"channel, ann", "channel, xxx"},
        {"Bearer sk-secret.", "Bearer *********."},
        {"xsk-secretx", "x*********x"},
        {"http://me:pass@box", "http://me:****@box"},
        {"the \"/work/\" folder", "the \"/xxxx/\" folder"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char text[128];
        snprintf(text, sizeof text, "%s", texts[i].text);
        capture_neutral(&names, text, strlen(text));
        ck_assert_str_eq(text, texts[i].neutral);
    }
}

/* ---- what is kept ---- */

static struct error why;

static void capture_chat(const struct canned_reply *reply, const char *folder, enum exchange_error error)
{
    struct canned_server *server = canned_server_start(reply, 1);
    struct capture_options how = {.folder = folder, .names = names};
    struct capture *capture = NULL;
    struct target *target = NULL;
    struct exchange x;
    exchange_init(&x);
    ck_assert_msg(capture_new(&how, &capture, &why) == STATUS_OK, "%s", error_text(&why));
    struct target_options options = {.url = canned_server_url(server),
        .protocol = "openai",
        .api_key = "sk-secret",
        .tap = capture_tap(capture)};
    struct chat_message message = {.role = "user", .content = "Say sk-secret."};
    struct chat_request request = {.messages = &message, .message_count = 1, .stream = true};
    ck_assert_int_eq(target_open(&options, &target, &why), STATUS_OK);
    capture_name(capture, "chat", target_info(target));
    target_chat(target, &request, &x);
    ck_assert_msg(x.error == error, "%s", x.error_text);
    target_close(target);
    ck_assert_msg(capture_status(capture, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_uint_eq(capture_count(capture), 1);
    capture_free(capture);
    exchange_fini(&x);
    canned_server_stop(server);
}

static void every_read_is_kept_and_no_secret(void)
{
    static const struct canned_reply reply = {
        .text = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nSet-Cookie: session=42\r\n\r\n"
                "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"sk-secret \xe2\x82\xac\"}}]}\n\n"
                "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
                "data: [DONE]\n\n",
        .end = CANNED_CLOSE};
    const char *folder = testkit_tmp_path("kept"), *file = testkit_tmp_path("kept/chat.jsonl");
    capture_chat(&reply, folder, EXCHANGE_OK);
    struct buf text = testkit_read(file);
    ck_assert_ptr_null(strstr(buf_text(&text), "sk-secret"));
    ck_assert_ptr_null(strstr(buf_text(&text), "session"));
    buf_fini(&text);
    struct replay r;
    replay_load(file, &r);
    ck_assert_uint_ge(r.reads, 1);
    ck_assert_str_eq(r.error, "ok");
    ck_assert_str_eq(json_get_text(r.request, "/path"), "/v1/chat/completions");
    ck_assert_ptr_nonnull(strstr(json_get_text(r.request, "/body/text"), "Say *********."));
    ck_assert_ptr_nonnull(strstr(buf_text(&r.wire), "********* \xe2\x82\xac"));
    replay_fini(&r);
}

static void a_read_that_ends_within_a_character_is_kept_too(void)
{
    static const struct canned_reply reply = {
        .text = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
                "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\xe2\x82\xac\xe2\x82\xac\"}}]}\n\n"
                "data: [DONE]\n\n",
        .piece = 1,
        .piece_pause_us = 2000,
        .end = CANNED_CLOSE};
    const char *folder = testkit_tmp_path("cut"), *file = testkit_tmp_path("cut/chat.jsonl");
    capture_chat(&reply, folder, EXCHANGE_OK);
    struct replay r;
    replay_load(file, &r);
    ck_assert_uint_gt(r.reads, 10);
    replay_fini(&r);
    struct buf text = testkit_read(file);
    ck_assert_ptr_nonnull(strstr(buf_text(&text), "\"base64\":"));
    buf_fini(&text);
}

static void an_answer_that_breaks_off_is_kept_as_far_as_it_came(void)
{
    static const struct canned_reply reply = {
        .text = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                "ff\r\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"half\"}}]}\n\ndata: {\"cho",
        .end = CANNED_CLOSE};
    const char *folder = testkit_tmp_path("broken"), *file = testkit_tmp_path("broken/chat.jsonl");
    capture_chat(&reply, folder, EXCHANGE_TRUNCATED);
    struct replay r;
    replay_load(file, &r);
    ck_assert_str_eq(r.error, "truncated");
    ck_assert_ptr_nonnull(strstr(buf_text(&r.wire), "half"));
    replay_fini(&r);
}

static void a_folder_that_holds_captures_is_left_alone(void)
{
    struct capture *capture = NULL;
    struct capture_options how = {.folder = testkit_tmp_path("full")};
    ck_assert_int_eq(capture_new(&how, &capture, &why), STATUS_OK);
    capture_free(capture);
    testkit_write(testkit_tmp_path("full/chat.jsonl"), "{}\n", 3);
    ck_assert_int_eq(capture_new(&how, &capture, &why), STATUS_USAGE);
    ck_assert_ptr_null(capture);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(paths_names_and_secrets_are_masked_and_nothing_moves),
        TESTKIT_TEST(every_read_is_kept_and_no_secret),
        TESTKIT_TEST(a_read_that_ends_within_a_character_is_kept_too),
        TESTKIT_TEST(an_answer_that_breaks_off_is_kept_as_far_as_it_came),
        TESTKIT_TEST(a_folder_that_holds_captures_is_left_alone),
        {0},
    };
    return testkit_run("capture", tests);
}
