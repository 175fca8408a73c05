#include "context_private.h"

#include "clock.h"
#include "cross_check.h"
#include "json.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

enum { ANSWER_KEPT_MAX = 1 << 20 }; /* of each text in answers.jsonl */

/* What a repeat counts as, in the words of the exchange's schema. */
static const char *role(const struct assay_context *ctx)
{
    if (!ctx->measuring || !ctx->in_repeat)
        return "check";
    return ctx->repeat < 0 ? "warmup" : "measured";
}

static void note_first_request(struct assay_context *ctx)
{
    if (ctx->exchange_index == 0)
        assay_event(ctx, "first_request");
}

static struct journal_place place_of(const struct assay_context *ctx, const char *kind)
{
    return (struct journal_place){
        .kind = kind, .role = role(ctx), .repeat = context_repeat(ctx), .index = ctx->exchange_index};
}

static void assert_target(const struct assay_context *ctx)
{
    ck_assert_msg(ctx->target != NULL, "the case %s runs without a target", ctx->spec->subject->id);
}

/* ---- the line of answers.jsonl ---- */

static bool add_message(struct json_object *list, const char *from, const char *content)
{
    struct json_object *m = json_object_new_object();
    bool ok = json_set_text(m, "role", from) && json_set_text(m, "content", content ? content : "");
    return json_add(list, m) && ok;
}

/* What was asked, where that is text; NULL: the task leaves no answer to read. */
static struct json_object *prompt_to_json(const struct target_request *r)
{
    bool has_text = r->task == TASK_CHAT || r->task == TASK_COMPLETION || r->task == TASK_TRANSCRIBE;
    struct json_object *list = has_text ? json_object_new_array() : NULL;
    bool ok = list != NULL;
    if (r->task == TASK_CHAT)
        for (size_t i = 0; ok && i < r->chat.message_count; i++)
            ok = add_message(list, r->chat.messages[i].role, r->chat.messages[i].content);
    else if (r->task == TASK_COMPLETION && r->completion.prompt)
        ok = ok && add_message(list, "prompt", r->completion.prompt);
    if (ok)
        return list;
    json_object_put(list);
    return NULL;
}

static bool set_cut(struct json_object *o, const char *key, const struct buf *text)
{
    return json_set_bytes(o, key, buf_text(text), text_utf8_cut(buf_text(text), text->len, ANSWER_KEPT_MAX));
}

/* Takes the prompt. */
static void journal_answer(struct assay_context *ctx, const struct journal_place *place,
    struct json_object *prompt, const struct exchange *x)
{
    struct json_object *o = json_object_new_object();
    bool ok = json_set(o, "prompt", prompt);
    ok = ok && json_set_int(o, "index", place->index) && json_set_int(o, "repeat", place->repeat) &&
         json_set_text(o, "role", place->role) && set_cut(o, "answer", &x->answer) &&
         (x->reasoning.len == 0 || set_cut(o, "reasoning", &x->reasoning)) &&
         (x->tool_calls.len == 0 || set_cut(o, "tool_calls", &x->tool_calls)) &&
         (x->finish_reason[0] == '\0' || json_set_text(o, "finish_reason", x->finish_reason));
    if (ok)
        journal_append_json(ctx->journal, JOURNAL_ANSWER, o);
    else
        json_object_put(o);
}

/* ---- one exchange, from the request to its lines ---- */

/* What has to be known of a request until its answer is here. */
struct asked {
    struct assay_context *ctx;
    struct journal_place place;
    char salt[SALT_SIZE];
    struct json_object *prompt; /* owned; NULL: no line of answers.jsonl */
    struct exchange *x;
    bool of_model; /* the model that the case runs on was asked */
};

static void begin_as(
    struct assay_context *ctx, const struct target_request *sent, struct exchange *x, struct asked *a)
{
    *a = (struct asked){.ctx = ctx, .place = place_of(ctx, task_name(sent->task)), .x = x};
    memcpy(a->salt, ctx->salt, sizeof a->salt);
    a->prompt = prompt_to_json(sent);
    const char *model = sent->task == TASK_CHAT ? sent->chat.model : NULL;
    a->of_model = model && ctx->spec->model && strcmp(model, ctx->spec->model->id) == 0;
    journal_mark(ctx->journal, "repeat %d, exchange %d", a->place.repeat, a->place.index);
    note_first_request(ctx);
    ctx->exchange_index++;
}

/* What the user wants the server to be told stands in every request that can carry it. */
static void pass_on_options(const struct assay_context *ctx, struct target_request *r)
{
    struct engine_options *engine = r->task == TASK_CHAT         ? &r->chat.engine
                                    : r->task == TASK_COMPLETION ? &r->completion.engine
                                    : r->task == TASK_EMBED      ? &r->embed.engine
                                                                 : NULL;
    const char *options = ctx->spec->settings->server_options;
    if (engine && !engine->more_json && options[0])
        engine->more_json = options;
}

/* The request as it is sent, good until the next is begun. */
static struct target_request begin(
    struct assay_context *ctx, const struct target_request *request, struct exchange *x, struct asked *a)
{
    struct target_request sent = context_salt(ctx, request);
    pass_on_options(ctx, &sent);
    begin_as(ctx, &sent, x, a);
    return sent;
}

static void add_figures(struct assay_context *ctx, const struct exchange *x)
{
    const struct run_settings *s = ctx->spec->settings;
    struct cross_limits limits = {.share = s->cross_share, .slack_s = s->cross_slack_s};
    repeat_figures_add_exchange(&ctx->figures, x);
    journal_cross_check(ctx->journal, x, &limits);
}

/* Only of what was asked of the case's own model: some cases ask several. */
static const char *answered_by(const struct asked *a)
{
    return a->of_model && a->x->error == EXCHANGE_OK && a->x->model[0] ? a->x->model : NULL;
}

/* A server that refuses a member is asked once more without; whoever compares records has to know. */
static void note_adapted(struct assay_context *ctx, const struct exchange *x)
{
    char how[256];
    target_adapted(ctx->target, how, sizeof how);
    if (x->attempts > 1 && how[0])
        assay_note(ctx, "request_adapted", "%s", how);
}

static void end(struct asked *a)
{
    struct assay_context *ctx = a->ctx;
    a->place.answered_by = answered_by(a);
    a->place.salt = a->salt[0] ? a->salt : NULL;
    a->place.fresh = a->place.salt && !ctx->salt_of[0];
    note_adapted(ctx, a->x);
    journal_exchange(ctx->journal, &a->place, a->x);
    if (a->prompt)
        journal_answer(ctx, &a->place, a->prompt, a->x);
    if (strcmp(a->place.role, "measured") == 0 && a->x->error == EXCHANGE_OK)
        add_figures(ctx, a->x);
}

/* The same once more without streaming, because there the server may count: a check, behind the other. */
static void ask_whole(struct assay_context *ctx, const struct target_request *sent, struct asked *first)
{
    struct target_request again = *sent;
    struct exchange whole;
    struct asked second;
    exchange_init(&whole);
    again.chat.stream = false;
    begin_as(ctx, &again, &whole, &second);
    second.place.role = "check";
    target_ask(ctx->target, &again, &whole);
    context_take_counts(ctx, first->x, &whole);
    end(first);
    end(&second);
    exchange_fini(&whole);
}

const struct exchange *assay_ask(struct assay_context *ctx, const struct target_request *request)
{
    struct asked a;
    assert_target(ctx);
    struct target_request sent = begin(ctx, request, &ctx->exchange, &a);
    target_ask(ctx->target, &sent, &ctx->exchange);
    ctx->last_index = a.place.index;
    bool measured = strcmp(a.place.role, "measured") == 0;
    if (measured && context_count_tokens(ctx, &sent, &ctx->exchange))
        ask_whole(ctx, &sent, &a);
    else
        end(&a);
    return &ctx->exchange;
}

const struct exchange *assay_chat(struct assay_context *ctx, const struct chat_request *request)
{
    struct target_request r = {.task = TASK_CHAT,
        .chat = *request,
        .max_retries = request->max_retries,
        .t_intended_ns = request->t_intended_ns};
    return assay_ask(ctx, &r);
}

static void is_over(struct exchange *x, void *arg)
{
    (void)x, (void)arg;
}

/* The lines are written when all are over: writing one must not delay the reading of another. */
void assay_ask_all(
    struct assay_context *ctx, const struct target_request *requests, size_t count, struct exchange *xs)
{
    assert_target(ctx);
    struct asked *asked = calloc(count ? count : 1, sizeof *asked);
    ck_assert_msg(asked != NULL, "no memory for %zu requests at once", count);
    for (size_t i = 0; i < count; i++) {
        struct target_request r = begin(ctx, &requests[i], &xs[i], &asked[i]);
        target_ask_start(ctx->target, &r, &xs[i], is_over, NULL);
    }
    target_wait(ctx->target);
    for (size_t i = 0; i < count; i++)
        end(&asked[i]);
    free(asked);
}

const struct exchange *assay_raw(struct assay_context *ctx, const char *method, const char *path,
    const char *content_type, const void *body, size_t len)
{
    assert_target(ctx);
    struct journal_place place = place_of(ctx, "raw");
    place.role = "check";
    place.method = method;
    place.path = path;
    note_first_request(ctx);
    target_raw(ctx->target, method, path, content_type, body, len, &ctx->exchange);
    journal_exchange(ctx->journal, &place, &ctx->exchange);
    ctx->exchange_index++;
    return &ctx->exchange;
}

/* ---- what came of it ---- */

static bool is_not_offered(const struct exchange *x)
{
    return x->http_status == 404 || x->http_status == 405 || x->http_status == 501;
}

void assay_require(struct assay_context *ctx, const struct exchange *x)
{
    if (x->error != EXCHANGE_OK && ctx->exchange_index == 1 && is_not_offered(x))
        assay_skip(ctx, "the server does not offer it: %s", x->error_text);
    ck_assert_msg(x->error == EXCHANGE_OK, "%s: %s", exchange_error_name(x->error), x->error_text);
}

void assay_graded(struct assay_context *ctx, const struct assay_graded *graded)
{
    ck_assert_msg(ctx->exchange_index > 0, "nothing was asked: there is no answer to grade");
    journal_grade(ctx->journal, ctx->last_index, graded);
}

/* ---- models into memory and out of it ---- */

static void require_offered(struct assay_context *ctx, enum status status, struct error *why)
{
    if (status == STATUS_UNAVAILABLE)
        assay_skip(ctx, "%s", error_text(why));
    ck_assert_msg(status == STATUS_OK, "%s", error_text(why));
}

struct load_report assay_load(
    struct assay_context *ctx, const char *model, const struct engine_options *options)
{
    struct load_report report;
    struct error why = {0};
    struct engine_options all = options ? *options : (struct engine_options){0};
    assert_target(ctx);
    if (ctx->spec->settings->server_options[0]) /* else the first request would have it load anew */
        all.more_json = ctx->spec->settings->server_options;
    enum status status = target_load(ctx->target, model, &all, &report, &why);
    journal_event(ctx->journal, "model_load_start", report.t_start_ns);
    require_offered(ctx, status, &why);
    journal_event(ctx->journal, "model_load_end", report.t_end_ns);
    return report;
}

struct load_report assay_unload(struct assay_context *ctx, const char *model)
{
    struct load_report report;
    struct error why = {0};
    assert_target(ctx);
    enum status status = target_unload(ctx->target, model, &report, &why);
    journal_event(ctx->journal, "model_unload_start", report.t_start_ns);
    require_offered(ctx, status, &why);
    journal_event(ctx->journal, "model_unload_end", report.t_end_ns);
    return report;
}
