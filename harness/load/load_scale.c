#include "load_client.h"

/* Lengths of the three prompts that teach, in words. */
static const uint32_t lengths[] = {32, 96, 320};

static bool ask(
    struct target *target, const struct load_client_options *o, const char *text, struct exchange *x)
{
    const struct load_choice *choice = &o->choices[0];
    struct chat_message message = {.role = "user", .content = text};
    struct chat_request chat = {.model = choice->model,
        .messages = &message,
        .message_count = 1,
        .max_tokens = 1,
        .temperature = -1,
        .seed = -1};
    struct target_request r = {.task = o->completion ? TASK_COMPLETION : TASK_CHAT};
    if (o->completion)
        r.completion = request_as_completion(&chat, text);
    else
        r.chat = chat;
    target_ask(target, &r, x);
    return x->error == EXCHANGE_OK && x->tokens.prompt > 0;
}

static enum status learn(
    struct target *target, const struct load_client_options *o, struct load_prompts *prompts, struct error *e)
{
    struct prompt_calibration seen = {0};
    struct buf text = BUF_INIT(1 << 20);
    struct exchange x;
    enum status s = STATUS_OK;
    exchange_init(&x);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths && s == STATUS_OK; i++) {
        struct load_item item = {.prompt_tokens = lengths[i], .prefix = LOAD_NO_PREFIX};
        buf_clear(&text);
        s = load_prompts_write(prompts, &item, UINT64_MAX - i, &text);
        if (s == STATUS_OK && ask(target, o, buf_text(&text), &x))
            prompt_calibration_add(&seen, load_prompts_words(prompts, &item), x.tokens.prompt);
        else if (x.error != EXCHANGE_OK)
            s = error_set(e, STATUS_UNAVAILABLE, "%s", x.error_text);
    }
    if (s == STATUS_OK && seen.count < 2)
        s = error_set(e, STATUS_UNAVAILABLE, "the server does not say how many tokens a prompt has");
    if (s == STATUS_OK)
        prompts->scale = prompt_calibration_fit(&seen);
    exchange_fini(&x);
    buf_fini(&text);
    return s;
}

enum status load_client_learn_scale(
    const struct load_client_options *o, struct load_prompts *prompts, struct error *e)
{
    const struct load_choice *choice = &o->choices[0];
    struct target *target = NULL;
    struct target_options options = {.url = choice->access.url,
        .protocol = choice->protocol,
        .api_key = choice->access.api_key,
        .transport = choice->access.transport,
        .found = choice->access.found};
    enum status s = target_open(&options, &target, e);
    if (s == STATUS_OK)
        s = target_probe(target, e);
    if (s == STATUS_OK)
        s = learn(target, o, prompts, e);
    target_close(target);
    return s;
}
