#include "context_private.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

static struct chat_request request_of(struct assay_context *ctx, size_t message_count, int64_t max_tokens)
{
    const struct run_settings *s = ctx->spec->settings;
    return (struct chat_request){
        .model = ctx->spec->model ? ctx->spec->model->id : NULL,
        .messages = ctx->messages,
        .message_count = message_count,
        .max_tokens = s->max_tokens > 0 ? s->max_tokens : max_tokens,
        .temperature = s->temperature,
        .seed = s->request_seed,
        .stream = true,
        .want_usage = true,
        .max_retries = s->max_retries,
    };
}

static const struct assay_prompt *find_prompt(const struct assay_context *ctx, const char *name)
{
    for (const struct assay_prompt *p = ctx->spec->prompts; p && p->name; p++)
        if (strcmp(p->name, name) == 0)
            return p;
    return NULL;
}

struct chat_request assay_request(struct assay_context *ctx, const char *prompt_name)
{
    const struct assay_prompt *prompt = find_prompt(ctx, prompt_name);
    ck_assert_msg(
        prompt != NULL, "there is no prompt \"%s\", neither the suite's own nor assay's", prompt_name);
    size_t n = 0;
    if (prompt->system)
        ctx->messages[n++] = (struct chat_message){.role = "system", .content = prompt->system};
    ctx->messages[n++] =
        (struct chat_message){.role = "user", .content = ctx->user_prompt ? ctx->user_prompt : prompt->text};
    return request_of(ctx, n, prompt->max_tokens);
}

struct chat_request assay_request_messages(
    struct assay_context *ctx, const struct chat_message *messages, size_t count)
{
    ck_assert_msg(
        count > 0 && count <= MESSAGES_MAX, "%zu messages; 1 to %d are possible", count, MESSAGES_MAX);
    memmove(ctx->messages, messages, count * sizeof *messages);
    return request_of(ctx, count, 0);
}

struct chat_request assay_request_words(
    struct assay_context *ctx, size_t words, const char *question, int64_t max_tokens)
{
    buf_clear(&ctx->words);
    repeat_words(&ctx->words, ctx->spec->settings->seed, words);
    buf_printf(&ctx->words, "\n\n%s", question);
    ck_assert_msg(buf_status(&ctx->words) == STATUS_OK, "no memory for a prompt of %zu words", words);
    ctx->messages[0] = (struct chat_message){.role = "user", .content = buf_text(&ctx->words)};
    return request_of(ctx, 1, max_tokens);
}

/* 64 bits of what the exchange is told apart by, in a form that any tokenizer takes for noise. */
static void make_salt(struct assay_context *ctx)
{
    char source[256];
    int n =
        ctx->salt_of[0]
            ? snprintf(source, sizeof source, "%llu|%s|%s", (unsigned long long)ctx->spec->settings->seed,
                  ctx->spec->subject->id, ctx->salt_of)
            : snprintf(source, sizeof source, "%llu|%s|%d|%d", (unsigned long long)ctx->spec->settings->seed,
                  ctx->spec->subject->id, context_repeat(ctx), ctx->exchange_index);
    size_t len = n > 0 && (size_t)n < sizeof source ? (size_t)n : sizeof source - 1;
    snprintf(ctx->salt, sizeof ctx->salt, "[%016llx]", (unsigned long long)text_hash(source, len));
}

uint64_t assay_unique(const struct assay_context *ctx, int index)
{
    char source[256];
    int n = snprintf(source, sizeof source, "%llu|%d|%d|%s", (unsigned long long)ctx->spec->settings->seed,
        context_repeat(ctx), index, ctx->spec->subject->id);
    return text_hash(source, n > 0 && (size_t)n < sizeof source ? (size_t)n : sizeof source - 1);
}

void assay_salt(struct assay_context *ctx, const char *salt_of)
{
    ctx->unsalted = salt_of == NULL;
    snprintf(ctx->salt_of, sizeof ctx->salt_of, "%s", salt_of ? salt_of : "");
}

static const char *with_salt(struct assay_context *ctx, const char *text)
{
    make_salt(ctx);
    buf_clear(&ctx->salted);
    buf_printf(&ctx->salted, "%s %s", ctx->salt, text);
    ck_assert_msg(buf_status(&ctx->salted) == STATUS_OK, "no memory for a prompt of %zu bytes", strlen(text));
    return buf_text(&ctx->salted);
}

static void salt_chat(struct assay_context *ctx, struct chat_request *r)
{
    if (r->message_count == 0)
        return;
    ck_assert_msg(
        r->message_count <= MESSAGES_MAX, "%zu messages; %d are possible", r->message_count, MESSAGES_MAX);
    memmove(ctx->sent, r->messages, r->message_count * sizeof *r->messages);
    ctx->sent[0].content = with_salt(ctx, r->messages[0].content);
    r->messages = ctx->sent;
}

/* Only what a prompt cache could know gets a salt. */
struct target_request context_salt(struct assay_context *ctx, const struct target_request *request)
{
    struct target_request r = *request;
    ctx->salt[0] = '\0';
    if (ctx->unsalted)
        return r;
    if (r.task == TASK_CHAT)
        salt_chat(ctx, &r.chat);
    else if (r.task == TASK_COMPLETION && r.completion.prompt)
        r.completion.prompt = with_salt(ctx, r.completion.prompt);
    return r;
}
