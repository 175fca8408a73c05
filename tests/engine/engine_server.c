#include "engine_server.h"

#include "model_chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool engine_url(char *url, size_t size)
{
    const char *path = getenv("ASSAY_TEST_ENGINE_STATE");
    FILE *file = path != NULL ? fopen(path, "re") : NULL;
    bool found = false;
    char line[512];
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "url=", 4) == 0)
            found = snprintf(url, size, "%s", line + 4) < (int)size;
    }
    if (file != NULL)
        fclose(file);
    return found;
}

struct target *engine_open(void)
{
    static char url[256];
    struct error e = {0};
    struct target *target = NULL;
    if (!engine_url(url, sizeof url))
        return NULL;
    const struct target_options o = {.url = url};
    ck_assert_msg(target_open(&o, &target, &e) == STATUS_OK, "%s", error_text(&e));
    ck_assert_msg(target_probe(target, &e) == STATUS_OK, "%s", error_text(&e));
    return target;
}

void engine_ask_message(struct target *target, const char *model, const struct chat_message *message,
    bool stream, int64_t max_tokens, struct exchange *x)
{
    const struct chat_request request = {.model = model,
        .messages = message,
        .message_count = 1,
        .max_tokens = max_tokens,
        .temperature = 0,
        .seed = -1,
        .stream = stream,
        .want_usage = stream};
    exchange_init(x);
    target_chat(target, &request, x);
    ck_assert_msg(x->error == EXCHANGE_OK, "%s: %s: %s", model ? model : "the model",
        exchange_error_name(x->error), x->error_text);
}

void engine_ask(
    struct target *target, const char *content, bool stream, int64_t max_tokens, struct exchange *x)
{
    const struct chat_message message = {.role = "user", .content = content};
    engine_ask_message(target, NULL, &message, stream, max_tokens, x);
}

int64_t engine_prompt_tokens(const char *content)
{
    struct buf prompt = BUF_INIT(1 << 20);
    struct model_vocab *v = model_vocab_new();
    ck_assert_ptr_nonnull(v);
    model_chain_render_turn(&prompt, "user", content);
    model_chain_render_end(&prompt);
    size_t n = model_vocab_encode(v, buf_text(&prompt), prompt.len, NULL, 0);
    model_vocab_free(v);
    buf_fini(&prompt);
    return (int64_t)n;
}
