/* Sets from a service that answers well or badly, and from the cache. */
#include "set_load.h"

#include "canned_server.h"
#include "json.h"
#include "task.h"
#include "testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JSON_HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
#define NOT_FOUND                                                                                            \
    {                                                                                                        \
        .text = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"                                        \
    }
#define PAGE                                                                                                 \
    "{\"features\":[{\"feature_idx\":0,\"name\":\"label\",\"type\":{\"names\":[\"neg\",\"pos\"],"            \
    "\"_type\":\"ClassLabel\"}}],\"rows\":[{\"row_idx\":7,\"row\":{\"text\":\"Bad.\",\"label\":0},"          \
    "\"truncated_cells\":[]},{\"row_idx\":8,\"row\":{\"text\":\"cut\",\"label\":1},"                         \
    "\"truncated_cells\":[\"text\"]},{\"row_idx\":9,\"row\":{\"text\":\"Good.\",\"label\":1},"               \
    "\"truncated_cells\":[]}],\"num_rows_total\":3,\"num_rows_per_page\":100,\"partial\":false}"

static struct set_loaded set;
static struct buf tasks;
static struct error why;
static struct clock_virtual time_machine;

/* An answer with this body; the text is good for the next 7 calls. */
static struct canned_reply reply(const char *head, const char *body)
{
    static char texts[8][4096];
    static size_t next;
    char *text = texts[next++ % 8];
    snprintf(text, sizeof texts[0], "%sContent-Length: %zu\r\n\r\n%s", head, strlen(body), body);
    return (struct canned_reply){.text = text};
}

static enum status load(struct canned_server *server, const char *name, bool offline)
{
    const char *url = server ? canned_server_url(server) : "http://127.0.0.1:1";
    struct set_request request = {.name = name,
        .offline = offline,
        .folder = testkit_tmp_path("sets"),
        .rows_url = url,
        .hub_url = url,
        .token = "secret",
        .clock = &time_machine.clock};
    why = (struct error){0};
    clock_virtual_init(&time_machine, INT64_C(1763712000) * NS_PER_S);
    buf_fini(&tasks);
    buf_init(&tasks, SET_BYTES);
    set_loaded_fini(&set);
    return set_load(&request, &tasks, &set, &why);
}

static void over(void)
{
    set_loaded_fini(&set);
    buf_fini(&tasks);
}

/* The hub knows nothing of the set; what the service answers to /rows is given. */
static enum status load_rows(const struct canned_reply *rows)
{
    struct canned_reply replies[] = {NOT_FOUND, *rows};
    struct canned_server *server = canned_server_start(replies, 2);
    enum status s = load(server, "imdb", false);
    canned_server_stop(server);
    return s;
}

static void rows_become_tasks_and_cut_ones_are_left_out(void)
{
    struct canned_reply page = reply(JSON_HEAD "X-Revision: abc\r\n", PAGE);
    ck_assert_msg(load_rows(&page) == STATUS_OK, "%s", error_text(&why));
    struct task_list list;
    ck_assert_msg(task_list_parse("x.jsonl", buf_text(&tasks), tasks.len, &list, &why) == STATUS_OK, "%s",
        error_text(&why));
    ck_assert_uint_eq(list.count, 2);
    ck_assert_str_eq(list.items[0].id, "row-7");
    ck_assert_str_eq(list.items[0].category, "imdb");
    ck_assert_str_eq(json_get_text(list.items[0].check, "/letter"), "A");
    ck_assert_str_eq(json_get_text(list.items[1].check, "/letter"), "B");
    ck_assert_ptr_nonnull(strstr(list.items[1].prompt, "Good."));
    int64_t skipped = 0;
    ck_assert(json_get_int(set.manifest, "/skipped", &skipped) && skipped == 1);
    ck_assert_str_eq(json_get_text(set.manifest, "/revision"), "abc");
    ck_assert(set.fetched && !set.warning[0]);
    task_list_fini(&list);
    over();
}

static void what_is_cached_needs_no_server(void)
{
    struct canned_reply page = reply(JSON_HEAD, PAGE);
    struct canned_reply replies[] = {NOT_FOUND, page};
    struct canned_server *server = canned_server_start(replies, 2);
    ck_assert_int_eq(load(server, "imdb", false), STATUS_OK);
    size_t asked = canned_server_request_count(server);
    ck_assert_int_eq(load(server, "imdb", false), STATUS_OK);
    ck_assert(!set.fetched);
    ck_assert_int_eq(load(server, "imdb", true), STATUS_OK);
    ck_assert_uint_eq(canned_server_request_count(server), asked);
    ck_assert_int_eq(load(server, "pope", true), STATUS_UNAVAILABLE);
    canned_server_stop(server);
    over();
}

static void what_is_no_page_of_rows_is_refused_with_a_reason(void)
{
    static const struct {
        const char *body, *said;
    } wrong[] = {
        {"<html><body>Sign in</body></html>", "a value was expected"},
        {"[1,2]", "the answer has no rows"},
        {"{\"rows\":7}", "the answer has no rows"},
        {"{\"rows\":[{\"row\":{}}]}", "row 0 of the page has no row_idx and row"},
        {"{\"rows\":[{\"row_idx\":-1,\"row\":{}}]}", "row 0 of the page has no row_idx and row"},
        {"{\"rows\":[]}", "no row of imdb could be made a task"},
        {"{\"rows\":[{\"row_idx\":0,\"row\":{\"body\":\"x\"}}]}", "the set's columns are body"},
        {"{\"rows\":[{\"row_idx\":0,\"row\":{\"text\":\"x\",\"label\":5}}]}",
            "no row of imdb could be made a task"},
        {"{\"rows\":[{\"row_idx\":0,\"row\":{\"text\":7,\"label\":0}}]}",
            "no row of imdb could be made a task"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct canned_reply page = reply(JSON_HEAD, wrong[i].body);
        ck_assert_msg(load_rows(&page) == STATUS_INVALID, "%s is taken", wrong[i].body);
        ck_assert_msg(strstr(error_text(&why), wrong[i].said), "%s: %s", wrong[i].body, error_text(&why));
        ck_assert_uint_eq(tasks.len, 0);
    }
    over();
}

static void an_answer_that_ends_too_early_is_not_kept(void)
{
    struct canned_reply page = {
        .text = JSON_HEAD "Content-Length: 100000\r\n\r\n{\"rows\":[", .end = CANNED_CLOSE};
    ck_assert_int_eq(load_rows(&page), STATUS_UNAVAILABLE);
    ck_assert_int_eq(load(NULL, "imdb", true), STATUS_UNAVAILABLE);
    over();
}

static void a_busy_service_is_asked_again_after_the_time_it_says(void)
{
    struct canned_reply page = reply(JSON_HEAD, PAGE);
    struct canned_reply replies[] = {NOT_FOUND,
        {.text = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 20\r\nContent-Length: 0\r\n\r\n"},
        {.text = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"}, page};
    struct canned_server *server = canned_server_start(replies, 4);
    ck_assert_msg(load(server, "imdb", false) == STATUS_OK, "%s", error_text(&why));
    ck_assert_int_ge(time_machine.mono_ns, 20 * NS_PER_S);
    ck_assert_uint_eq(canned_server_request_count(server), 4);
    canned_server_stop(server);
    over();
}

static void who_asks_for_an_hour_is_not_waited_for(void)
{
    struct canned_reply page = reply(
        "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3600\r\n", "{\"error\":\"rate \\u001b[31mlimit\"}");
    ck_assert_int_eq(load_rows(&page), STATUS_UNAVAILABLE);
    ck_assert_msg(strstr(error_text(&why), "HTTP 429: rate limit"), "%s", error_text(&why));
    over();
}

static void the_token_follows_no_redirect_to_another_host(void)
{
    struct canned_reply file = reply("HTTP/1.1 200 OK\r\n", "act,prompt\na,Say a.\n");
    struct canned_server *other = canned_server_start(&file, 1);
    char head[256];
    snprintf(head, sizeof head, "HTTP/1.1 302 Found\r\nLocation: %s/file\r\n", canned_server_url(other));
    struct canned_reply replies[] = {NOT_FOUND, reply(head, "")};
    struct canned_server *hub = canned_server_start(replies, 2);
    ck_assert_msg(load(hub, "awesome-chatgpt-prompts", false) == STATUS_OK, "%s", error_text(&why));
    ck_assert_ptr_nonnull(strstr(canned_server_request(hub, 1), "Authorization: Bearer secret"));
    ck_assert_ptr_nonnull(strstr(canned_server_request(other, 0), "GET /file"));
    ck_assert_ptr_null(strstr(canned_server_request(other, 0), "secret"));
    canned_server_stop(hub);
    canned_server_stop(other);
    over();
}

static void redirects_come_to_an_end(void)
{
    struct canned_reply round = reply("HTTP/1.1 302 Found\r\nLocation: /again\r\n", "");
    ck_assert_int_eq(load_rows(&round), STATUS_UNAVAILABLE);
    ck_assert_msg(strstr(error_text(&why), "HTTP 302"), "%s", error_text(&why));
    struct canned_reply odd = reply("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n", "");
    ck_assert_int_eq(load_rows(&odd), STATUS_UNAVAILABLE);
    over();
}

static void pictures_are_fetched_from_nowhere_but_https_and_the_hub(void)
{
    struct canned_reply page =
        reply(JSON_HEAD, "{\"rows\":[{\"row_idx\":0,\"row\":{\"question\":\"Dog?\",\"answer\":\"yes\","
                         "\"image\":{\"src\":\"http://169.254.169.254/latest\"}}}]}");
    struct canned_reply replies[] = {NOT_FOUND, page};
    struct canned_server *server = canned_server_start(replies, 2);
    ck_assert_int_eq(load(server, "pope", false), STATUS_UNAVAILABLE);
    ck_assert_msg(strstr(error_text(&why), "not on an https address"), "%s", error_text(&why));
    canned_server_stop(server);
    over();
}

static void a_giant_cell_is_refused_and_not_kept(void)
{
    enum { GIANT = 65 << 20 };
    char *text = malloc(GIANT + 256);
    ck_assert_ptr_nonnull(text);
    int head = snprintf(text, 256, JSON_HEAD "Content-Length: %d\r\n\r\n", GIANT);
    memset(text + head, '1', GIANT);
    struct canned_reply page = {.text = text, .len = (size_t)head + GIANT};
    ck_assert_int_eq(load_rows(&page), STATUS_LIMIT);
    ck_assert_msg(strstr(error_text(&why), "is larger than 64"), "%s", error_text(&why));
    free(text);
    over();
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(rows_become_tasks_and_cut_ones_are_left_out),
        TESTKIT_TEST(what_is_cached_needs_no_server),
        TESTKIT_TEST(what_is_no_page_of_rows_is_refused_with_a_reason),
        TESTKIT_TEST(an_answer_that_ends_too_early_is_not_kept),
        TESTKIT_TEST(a_busy_service_is_asked_again_after_the_time_it_says),
        TESTKIT_TEST(who_asks_for_an_hour_is_not_waited_for),
        TESTKIT_TEST(the_token_follows_no_redirect_to_another_host),
        TESTKIT_TEST(redirects_come_to_an_end),
        TESTKIT_TEST(pictures_are_fetched_from_nowhere_but_https_and_the_hub),
        TESTKIT_TEST(a_giant_cell_is_refused_and_not_kept),
        {0},
    };
    return testkit_run("set_load", tests);
}
