/*
 * A server for tests of discovery: lists the models of a file, or says nothing at all, and counts who asks.
 *
 *     canned_models FILE OUT      answers every request with that file as JSON
 *     canned_models - OUT         accepts connections and never answers
 *
 * Writes its URL to OUT; on SIGTERM the number of connections and of prompts with a password,
 * and ends.
 */
#include "canned_server.h"
#include "testkit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void append_reply(struct buf *reply, const char *path)
{
    struct buf body = testkit_read(path);
    buf_printf(
        reply, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", body.len);
    buf_append(reply, buf_text(&body), body.len);
    buf_fini(&body);
}

static char **words;

static void say(const char *text)
{
    FILE *out = fopen(words[2], "a");
    ck_assert_ptr_nonnull(out);
    fprintf(out, "%s\n", text);
    fclose(out);
}

static size_t prompts_with_password(struct canned_server *server)
{
    size_t n = 0;
    for (size_t i = 0; i < canned_server_request_count(server); i++) {
        const char *request = canned_server_request(server, i);
        n += strstr(request, "/chat/completions") && strstr(request, "Authorization: Basic ");
    }
    return n;
}

static void serves_until_it_is_told_to_stop(void)
{
    struct buf answer = BUF_INIT(1 << 20);
    struct canned_reply reply = {.text = "", .unread = true, .end = CANNED_HOLD};
    if (strcmp(words[1], "-") != 0) {
        append_reply(&answer, words[1]);
        reply = (struct canned_reply){.text = buf_text(&answer), .len = answer.len};
    }
    sigset_t term;
    int number;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL); /* the server's threads inherit it */
    struct canned_server *server = canned_server_start(&reply, 1);
    say(canned_server_url(server));
    sigwait(&term, &number);
    char count[96];
    snprintf(count, sizeof count, "%zu connections\n%zu prompts with a password",
        canned_server_connection_count(server), prompts_with_password(server));
    say(count);
    canned_server_stop(server);
    buf_fini(&answer);
}

int main(int argc, char **argv)
{
    static const struct testkit_test tests[] = {TESTKIT_TEST(serves_until_it_is_told_to_stop), {0}};
    if (argc != 3)
        return 2;
    words = argv;
    setenv("CK_FORK", "no", 1); /* one process to be told to stop, and no time limit */
    return testkit_run("canned_models", tests);
}
