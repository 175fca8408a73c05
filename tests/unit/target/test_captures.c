/*
 * Captures of ours (fixtures/captures) come again and are read as what they are. The model behind them says eight words
 * and ends its turn, which each engine counts as a ninth token; the prompt is 29 tokens as a chat, 10 as it stands.
 */
#include "target.h"

#include "canned_server.h"
#include "clock.h"
#include "json.h"
#include "replay_capture.h"
#include "testkit.h"

#include <stdio.h>
#include <string.h>

/* mlx_lm takes the blank at the start of an answer away. */
static const char words[] = " above head white dream meat grain well thick";

/* What is known of each; -1: the answer does not say. cached: nothing is known where NULL stands for "whatever". */
static const struct known {
    const char *file;
    const char *answer, *finish;
    int64_t prompt, completion;
    size_t token_events; /* 0: not streamed */
    const char *native;  /* source of the server's own figures, or NULL */
} known[] = {
    {"llamacpp/chat_stream", words, "stop", 29, 9, 8, "llamacpp_timings"},
    {"llamacpp/chat_whole", words, "stop", 29, 9, 0, "llamacpp_timings"},
    {"llamacpp/chat_cut", " above head white", "length", 29, 3, 3, "llamacpp_timings"},
    {"llamacpp/completion_stream", words, "stop", 10, 9, 8, "llamacpp_timings"},
    {"llamacpp-openai/chat_stream", words, "stop", 29, 9, 8, "llamacpp_timings"},
    {"llamacpp-openai/chat_whole", words, "stop", 29, 9, 0, "llamacpp_timings"},
    {"llamacpp-openai/chat_cut", " above head white", "length", 29, 3, 3, "llamacpp_timings"},
    {"mlx_lm/chat_stream", words + 1, "stop", 29, 9, 8, NULL},
    {"mlx_lm/chat_whole", words + 1, "stop", 29, 9, 0, NULL},
    {"mlx_lm/chat_cut", "above head white", "length", 29, 3, 3, NULL},
    {"mlx_lm/completion_stream", words + 1, "stop", 10, 9, 8, NULL},
    {"ollama/chat_stream", words, "stop", 29, 9, 8, "ollama_durations"},
    {"ollama/chat_whole", words, "stop", 29, 9, 0, "ollama_durations"},
    {"ollama/chat_cut", " above head white", "length", 29, 3, 3, "ollama_durations"},
    {"ollama/completion_stream", words, "stop", 10, 9, 8, "ollama_durations"},
    {"ollama-openai/chat_stream", words, "stop", 29, 9, 8, NULL},
    {"ollama-openai/chat_whole", words, "stop", 29, 9, 0, NULL},
    {"ollama-openai/completion_stream", words, "stop", 29, 9, 8, NULL},
};

static const char *path_of(const char *file)
{
    char name[256];
    snprintf(name, sizeof name, "fixtures/captures/%s.jsonl", file);
    return testkit_path(name);
}

/* The same question as then, to a server that answers as then. */
static void ask_again(const struct replay *r, const char *file, size_t piece, struct exchange *x)
{
    struct canned_reply reply = {
        .text = r->wire.data, .len = r->wire.len, .piece = piece, .end = CANNED_CLOSE};
    struct canned_server *server = canned_server_start(&reply, 1);
    struct target *target = NULL;
    struct error why = {0};
    struct target_options options = {.url = canned_server_url(server),
        .protocol = json_get_text(r->request, "/protocol"),
        .total_timeout_ns = 60 * NS_PER_S};
    struct chat_message message = {.role = "user", .content = "Count to five."};
    static const char *const inputs[] = {"one text", "and another"};
    const char *name = strchr(file, '/') + 1;
    bool stream = !strstr(name, "whole");
    struct target_request request = {.task = TASK_CHAT,
        .chat = {
            .model = "m", .messages = &message, .message_count = 1, .stream = stream, .want_usage = true}};
    if (strncmp(name, "completion", 10) == 0)
        request = (struct target_request){.task = TASK_COMPLETION,
            .completion = {.model = "m", .prompt = "Count to five.", .stream = stream, .want_usage = true}};
    else if (strcmp(name, "embed") == 0)
        request = (struct target_request){
            .task = TASK_EMBED, .embed = {.model = "m", .inputs = inputs, .input_count = 2}};
    ck_assert_msg(target_open(&options, &target, &why) == STATUS_OK, "%s", error_text(&why));
    target_ask(target, &request, x);
    target_close(target);
    canned_server_stop(server);
}

static void check(const struct known *k, const struct exchange *x, size_t piece)
{
    ck_assert_msg(x->error == EXCHANGE_OK, "%s: %s", k->file, x->error_text);
    ck_assert_msg(strcmp(buf_text(&x->answer), k->answer) == 0, "%s: \"%s\"", k->file, buf_text(&x->answer));
    ck_assert_msg(strcmp(x->finish_reason, k->finish) == 0, "%s: %s", k->file, x->finish_reason);
    ck_assert_msg(
        x->tokens.prompt == k->prompt, "%s: %d tokens of the prompt", k->file, (int)x->tokens.prompt);
    ck_assert_msg(x->tokens.completion == k->completion, "%s: %d tokens", k->file, (int)x->tokens.completion);
    ck_assert_msg(exchange_token_events(x) == k->token_events, "%s: %zu token events in pieces of %zu",
        k->file, exchange_token_events(x), piece);
    ck_assert_msg((x->native.source == NULL) == (k->native == NULL) &&
                      (!k->native || strcmp(x->native.source, k->native) == 0),
        "%s: figures of %s", k->file, x->native.source ? x->native.source : "nobody");
}

static void every_answer_is_read_as_it_was_meant(void)
{
    static const size_t pieces[] = {0, 1, 7, 100};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        for (size_t p = 0; p < sizeof pieces / sizeof pieces[0]; p++) {
            struct replay r;
            struct exchange x;
            exchange_init(&x);
            replay_load(path_of(known[i].file), &r);
            ck_assert_str_eq(r.error, "ok");
            ask_again(&r, known[i].file, pieces[p], &x);
            check(&known[i], &x, pieces[p]);
            exchange_fini(&x);
            replay_fini(&r);
        }
}

static void a_refusal_is_read_as_one_with_the_server_s_own_words(void)
{
    static const struct {
        const char *file, *error, *said;
    } refusals[] = {
        {"mlx_lm/chat_unknown_model", "http_4xx", "HTTP 404: "},
        {"ollama/chat_unknown_model", "http_4xx", "HTTP 404: model 'no-such-model' not found"},
        {"ollama-openai/chat_unknown_model", "http_4xx", "HTTP 404: model 'no-such-model' not found"},
        {"llamacpp/embed", "http_5xx", "HTTP 501: This server does not support embeddings"},
        {"mlx_lm/embed", "http_4xx", "HTTP 404: Not Found"},
    };
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct replay r;
        struct exchange x;
        exchange_init(&x);
        replay_load(path_of(refusals[i].file), &r);
        ask_again(&r, refusals[i].file, 0, &x);
        ck_assert_str_eq(r.error, refusals[i].error);
        ck_assert_str_eq(exchange_error_name(x.error), refusals[i].error);
        ck_assert_msg(strncmp(x.error_text, refusals[i].said, strlen(refusals[i].said)) == 0, "%s: %s",
            refusals[i].file, x.error_text);
        exchange_fini(&x);
        replay_fini(&r);
    }
}

static void vectors_are_counted(void)
{
    static const char *const files[] = {"ollama/embed", "ollama-openai/embed"};
    for (size_t i = 0; i < 2; i++) {
        struct replay r;
        struct exchange x;
        exchange_init(&x);
        replay_load(path_of(files[i]), &r);
        ask_again(&r, files[i], 0, &x);
        ck_assert_msg(x.error == EXCHANGE_OK, "%s: %s", files[i], x.error_text);
        ck_assert_uint_eq(x.vectors.count, 2);
        ck_assert_uint_gt(x.vectors.dimension, 0);
        exchange_fini(&x);
        replay_fini(&r);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        {.name = "every_answer_is_read_as_it_was_meant",
            .body = every_answer_is_read_as_it_was_meant,
            .timeout_s = 60},
        TESTKIT_TEST(a_refusal_is_read_as_one_with_the_server_s_own_words),
        TESTKIT_TEST(vectors_are_counted),
        {0},
    };
    return testkit_run("captures", tests);
}
