#include "context.h"

#include "buf.h"
#include "clock.h"
#include "fs.h"
#include "journal.h"
#include "json.h"
#include "repeat.h"
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SALT_SIZE = 20,        /* "[0123456789abcdef] " */
    PROMPT_MAX = 16 << 20, /* a user's prompt */
    MESSAGES_MAX = 256,
    ANSWER_KEPT_MAX = 1 << 20, /* of each text in answers.jsonl */
};

struct assay_context {
    const struct context_spec *spec;
    struct journal *journal;
    const struct clock *clock;
    struct target *target;
    struct exchange exchange;
    int exchange_index;

    int repeats, warmup;
    int next_repeat; /* the one that assay_next() gives out next */
    int repeat;      /* the current one */
    bool in_repeat;  /* between two calls of assay_next() */
    bool measuring;
    struct repeat_figures figures; /* of the current repeat */

    char salt[SALT_SIZE];
    char salt_of[64]; /* what the salt is made from instead of the repeat, or "" */
    bool unsalted;

    char *user_prompt; /* --prompt, or NULL */
    struct buf words;  /* text of assay_request_words() */
    struct chat_message
        messages[MESSAGES_MAX];             /* of the last assay_request*(): contents borrowed or in words */
    struct chat_message sent[MESSAGES_MAX]; /* the same with the salt in front */
    struct buf salted;                      /* first message with its salt */
};

/* What a repeat counts as, in the words of the exchange's schema. */
static const char *role(const struct assay_context *ctx)
{
    if (!ctx->measuring || !ctx->in_repeat)
        return "check";
    return ctx->repeat < 0 ? "warmup" : "measured";
}

static int current_repeat(const struct assay_context *ctx)
{
    return ctx->in_repeat ? ctx->repeat : 0;
}

static enum status read_user_prompt(struct assay_context *ctx, struct error *e)
{
    if (!ctx->spec->settings->prompt_file[0])
        return STATUS_OK;
    struct buf path = BUF_INIT(4096), text = BUF_INIT(PROMPT_MAX);
    fs_join(&path, ctx->spec->run_folder, ctx->spec->settings->prompt_file);
    enum status s = fs_read_file(buf_text(&path), &text, e);
    if (s == STATUS_OK) {
        ctx->user_prompt = buf_take(&text);
        s = ctx->user_prompt ? STATUS_OK : error_set(e, STATUS_NO_MEMORY, "no memory for the prompt");
    }
    buf_fini(&path);
    buf_fini(&text);
    return s;
}

static enum status open_target(struct assay_context *ctx, struct error *e)
{
    const struct context_spec *spec = ctx->spec;
    if (!spec->access)
        return STATUS_OK;
    struct target_options options = {.url = spec->access->url,
        .api_key = spec->access->api_key,
        .found = spec->access->found,
        .name = spec->target->name,
        .protocol = spec->target->protocol[0] ? spec->target->protocol : NULL,
        .total_timeout_ns = clock_ns_of_seconds(spec->settings->timeout_s)};
    enum status s = target_open(&options, &ctx->target, e);
    return s == STATUS_OK ? target_probe(ctx->target, e) : s;
}

static int choose(int of_case, int of_run)
{
    return of_case < 0 ? 0 : of_case > 0 ? of_case : of_run;
}

enum status context_open(
    const struct context_spec *spec, struct journal *journal, struct assay_context **out, struct error *e)
{
    *out = NULL;
    struct assay_context *ctx = calloc(1, sizeof *ctx);
    if (!ctx)
        return error_set(e, STATUS_NO_MEMORY, "no memory for the context of a case");
    ctx->spec = spec;
    ctx->journal = journal;
    ctx->clock = clock_system();
    ctx->measuring = true;
    ctx->repeats = choose(spec->subject->repeats, spec->settings->repeats);
    ctx->warmup = choose(spec->subject->warmup, spec->settings->warmup);
    exchange_init(&ctx->exchange);
    repeat_figures_init(&ctx->figures);
    buf_init(&ctx->words, PROMPT_MAX);
    buf_init(&ctx->salted, PROMPT_MAX + SALT_SIZE);
    enum status s = read_user_prompt(ctx, e);
    if (s == STATUS_OK)
        s = open_target(ctx, e);
    if (s != STATUS_OK) {
        context_close(ctx);
        return s;
    }
    *out = ctx;
    return STATUS_OK;
}

void context_close(struct assay_context *ctx)
{
    if (!ctx)
        return;
    target_close(ctx->target);
    exchange_fini(&ctx->exchange);
    repeat_figures_fini(&ctx->figures);
    buf_fini(&ctx->words);
    buf_fini(&ctx->salted);
    free(ctx->user_prompt);
    free(ctx);
}

/* What this case did with the run's settings: the record's parameters. */
static void record_parameters(struct assay_context *ctx)
{
    struct json_object *p = json_object_new_object();
    bool ok = json_set_int(p, "repeats", ctx->repeats) && json_set_int(p, "warmup", ctx->warmup);
    if (ok)
        journal_append_json(ctx->journal, JOURNAL_PARAMETERS, p);
    else
        json_object_put(p);
}

/* What the server says that the model cannot do is not tried; what it does not say is. */
static void skip_where_model_cannot(struct assay_context *ctx)
{
    const struct model_info *model = ctx->spec->model;
    unsigned lacking = model && model->modalities ? ctx->spec->subject->needs & ~model->modalities : 0;
    if (lacking)
        assay_skip(ctx, "the server says that the model has no %s",
            lacking & MODALITY_TEXT     ? "text generation"
            : lacking & MODALITY_VISION ? "vision"
            : lacking & MODALITY_AUDIO  ? "audio"
                                        : "embeddings");
}

void context_run(struct assay_context *ctx)
{
    record_parameters(ctx);
    skip_where_model_cannot(ctx);
    ctx->next_repeat = -ctx->warmup;
    journal_enter(ctx->journal, ctx->warmup > 0 ? PHASE_WARMUP : PHASE_BODY, clock_mono_ns(ctx->clock));
    ctx->spec->subject->body(ctx);
    journal_enter(ctx->journal, PHASE_TEARDOWN, clock_mono_ns(ctx->clock));
}

struct target *assay_target(struct assay_context *ctx)
{
    return ctx->target;
}

const struct model_info *assay_model(const struct assay_context *ctx)
{
    return ctx->spec->model;
}

int assay_repeats(const struct assay_context *ctx)
{
    return ctx->repeats;
}

/* The figures of a repeat go to the journal when it is over: half a repeat is no value. */
static void end_repeat(struct assay_context *ctx)
{
    if (ctx->in_repeat && ctx->repeat >= 0)
        repeat_figures_write(&ctx->figures, ctx->journal, ctx->repeat);
    repeat_figures_clear(&ctx->figures);
    ctx->in_repeat = false;
}

bool assay_next(struct assay_context *ctx, int *repeat)
{
    end_repeat(ctx);
    if (ctx->next_repeat >= ctx->repeats)
        return false;
    if (ctx->next_repeat == 0 && ctx->warmup > 0)
        journal_enter(ctx->journal, PHASE_BODY, clock_mono_ns(ctx->clock));
    ctx->in_repeat = true;
    ctx->repeat = ctx->next_repeat++;
    *repeat = ctx->repeat;
    journal_mark(ctx->journal, "repeat %d", ctx->repeat);
    return true;
}

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
    ck_assert_msg(prompt != NULL, "there is no prompt \"%s\"", prompt_name);
    size_t n = 0;
    if (prompt->system)
        ctx->messages[n++] = (struct chat_message){"system", prompt->system};
    ctx->messages[n++] = (struct chat_message){"user", ctx->user_prompt ? ctx->user_prompt : prompt->text};
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
    ctx->messages[0] = (struct chat_message){"user", buf_text(&ctx->words)};
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
                  ctx->spec->subject->id, current_repeat(ctx), ctx->exchange_index);
    size_t len = n > 0 && (size_t)n < sizeof source ? (size_t)n : sizeof source - 1;
    snprintf(ctx->salt, sizeof ctx->salt, "[%016llx]", (unsigned long long)text_hash(source, len));
}

void assay_salt(struct assay_context *ctx, const char *salt_of)
{
    ctx->unsalted = salt_of == NULL;
    snprintf(ctx->salt_of, sizeof ctx->salt_of, "%s", salt_of ? salt_of : "");
}

void assay_measure(struct assay_context *ctx, bool on)
{
    ctx->measuring = on;
}

/* The request with its salt: only the first message is another. */
static struct chat_request salted(struct assay_context *ctx, const struct chat_request *request)
{
    struct chat_request r = *request;
    ctx->salt[0] = '\0';
    if (ctx->unsalted || r.message_count == 0)
        return r;
    ck_assert_msg(
        r.message_count <= MESSAGES_MAX, "%zu messages; %d are possible", r.message_count, MESSAGES_MAX);
    make_salt(ctx);
    buf_clear(&ctx->salted);
    buf_printf(&ctx->salted, "%s %s", ctx->salt, r.messages[0].content);
    ck_assert_msg(buf_status(&ctx->salted) == STATUS_OK, "no memory for a prompt of %zu bytes",
        strlen(r.messages[0].content));
    memmove(ctx->sent, r.messages, r.message_count * sizeof *r.messages);
    ctx->sent[0].content = buf_text(&ctx->salted);
    r.messages = ctx->sent;
    return r;
}

static void note_first_request(struct assay_context *ctx)
{
    if (ctx->exchange_index == 0)
        assay_event(ctx, "first_request");
}

static struct journal_place place_of(const struct assay_context *ctx)
{
    return (struct journal_place){
        .kind = "chat", .role = role(ctx), .repeat = current_repeat(ctx), .index = ctx->exchange_index};
}

static bool set_cut(struct json_object *o, const char *key, const struct buf *text)
{
    return json_set_bytes(o, key, buf_text(text), text_utf8_cut(buf_text(text), text->len, ANSWER_KEPT_MAX));
}

static struct json_object *prompt_to_json(const struct chat_request *r)
{
    struct json_object *list = json_object_new_array();
    bool ok = list != NULL;
    for (size_t i = 0; ok && i < r->message_count; i++) {
        struct json_object *m = json_object_new_object();
        ok = json_set_text(m, "role", r->messages[i].role) &&
             json_set_text(m, "content", r->messages[i].content);
        ok = json_add(list, m) && ok;
    }
    if (ok)
        return list;
    json_object_put(list);
    return NULL;
}

/* One line of answers.jsonl. */
static void journal_answer(
    struct assay_context *ctx, const struct journal_place *place, const struct chat_request *r)
{
    const struct exchange *x = &ctx->exchange;
    struct json_object *o = json_object_new_object();
    bool ok = json_set_int(o, "index", place->index) && json_set_int(o, "repeat", place->repeat) &&
              json_set_text(o, "role", place->role) && json_set(o, "prompt", prompt_to_json(r)) &&
              set_cut(o, "answer", &x->answer) &&
              (x->reasoning.len == 0 || set_cut(o, "reasoning", &x->reasoning)) &&
              (x->tool_calls.len == 0 || set_cut(o, "tool_calls", &x->tool_calls)) &&
              (x->finish_reason[0] == '\0' || json_set_text(o, "finish_reason", x->finish_reason));
    if (ok)
        journal_append_json(ctx->journal, JOURNAL_ANSWER, o);
    else
        json_object_put(o);
}

static void assert_target(const struct assay_context *ctx)
{
    ck_assert_msg(ctx->target != NULL, "the case %s runs without a target", ctx->spec->subject->id);
}

const struct exchange *assay_chat(struct assay_context *ctx, const struct chat_request *request)
{
    assert_target(ctx);
    struct chat_request r = salted(ctx, request);
    struct journal_place place = place_of(ctx);
    place.salt = ctx->salt[0] ? ctx->salt : NULL;
    journal_mark(ctx->journal, "repeat %d, exchange %d", place.repeat, place.index);
    note_first_request(ctx);
    target_chat(ctx->target, &r, &ctx->exchange);
    journal_exchange(ctx->journal, &place, &ctx->exchange);
    journal_answer(ctx, &place, &r);
    if (strcmp(place.role, "measured") == 0 && ctx->exchange.error == EXCHANGE_OK)
        repeat_figures_add_exchange(&ctx->figures, &ctx->exchange);
    ctx->exchange_index++;
    return &ctx->exchange;
}

const struct exchange *assay_raw(struct assay_context *ctx, const char *method, const char *path,
    const char *content_type, const void *body, size_t len)
{
    assert_target(ctx);
    struct journal_place place = place_of(ctx);
    place.kind = "raw";
    place.role = "check";
    place.method = method;
    place.path = path;
    note_first_request(ctx);
    target_raw(ctx->target, method, path, content_type, body, len, &ctx->exchange);
    journal_exchange(ctx->journal, &place, &ctx->exchange);
    ctx->exchange_index++;
    return &ctx->exchange;
}

void assay_observe(struct assay_context *ctx, const char *metric, double value)
{
    ck_assert_msg(metric_find(metric) != NULL, "there is no metric \"%s\"", metric);
    ck_assert_msg(ctx->in_repeat, "%s is observed outside of the loop of assay_next()", metric);
    if (ctx->repeat >= 0)
        repeat_figures_add(&ctx->figures, metric, value);
}

void assay_note(struct assay_context *ctx, const char *key, const char *format, ...)
{
    struct buf raw = BUF_INIT(4096), clean = BUF_INIT(4096);
    va_list args;
    va_start(args, format);
    buf_vprintf(&raw, format, args);
    va_end(args);
    text_sanitise(&clean, buf_text(&raw), raw.len, 2048);
    journal_note(ctx->journal, key, buf_text(&clean));
    buf_fini(&raw);
    buf_fini(&clean);
}

void assay_stop_tokens(
    struct assay_context *ctx, const char *const *configured, const char *const *detected, bool leaked)
{
    journal_stop_tokens(ctx->journal, configured, detected, leaked);
}

void assay_event(struct assay_context *ctx, const char *event)
{
    journal_event(ctx->journal, event, clock_mono_ns(ctx->clock));
}

void assay_skip(struct assay_context *ctx, const char *format, ...)
{
    char reason[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    journal_skip(ctx->journal, reason, clock_mono_ns(ctx->clock));
    ck_abort_msg("skipped: %s", reason);
}
