/* server.* - how a server serves: several at once, models into memory and out, clients that hang up. */
#include "suite.h"

#include "answered.h"

#include "clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void pause_s(double seconds)
{
    const struct clock *clock = clock_system();
    clock_sleep_until(clock, clock_mono_ns(clock) + clock_ns_of_seconds(seconds));
}

/* ---- several at once ---- */

enum { CROWD_MAX = 16, CROWD_TOKENS = 64 };

/* Tokens and seconds from the first request sent to the last answer's end. */
static bool crowd_rate(const struct exchange *xs, size_t count, double *tokens, double *seconds)
{
    int64_t first_ns = INT64_MAX, last_ns = 0, sum = 0;
    for (size_t i = 0; i < count; i++) {
        first_ns = xs[i].t_sent_ns < first_ns ? xs[i].t_sent_ns : first_ns;
        last_ns = xs[i].t_done_ns > last_ns ? xs[i].t_done_ns : last_ns;
        if (xs[i].tokens.completion < 0)
            return false;
        sum += xs[i].tokens.completion;
    }
    *tokens = (double)sum;
    *seconds = (double)(last_ns - first_ns) / 1e9;
    return last_ns > first_ns;
}

static void ask_crowd(struct assay_context *ctx, size_t count, struct exchange *xs)
{
    struct target_request requests[CROWD_MAX];
    struct chat_request chat = assay_request(ctx, "decode");
    chat.max_tokens = chat.max_tokens < CROWD_TOKENS ? chat.max_tokens : CROWD_TOKENS;
    for (size_t i = 0; i < count; i++)
        requests[i] =
            (struct target_request){.task = TASK_CHAT, .chat = chat, .max_retries = chat.max_retries};
    assay_ask_all(ctx, requests, count, xs);
    for (size_t i = 0; i < count; i++)
        check_answered(&xs[i]);
}

static void concurrent(struct assay_context *ctx)
{
    size_t count = *(const size_t *)assay_data(ctx);
    struct exchange xs[CROWD_MAX];
    for (size_t i = 0; i < count; i++)
        exchange_init(&xs[i]);
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        double tokens, seconds;
        ask_crowd(ctx, count, xs);
        if (!crowd_rate(xs, count, &tokens, &seconds))
            continue;
        assay_observe(ctx, "output_tokens_per_s", tokens / seconds);
        assay_observe(ctx, "requests_per_s", (double)count / seconds);
    }
    for (size_t i = 0; i < count; i++)
        exchange_fini(&xs[i]);
}

/* ---- into memory and out of it ---- */

static double report_s(const struct load_report *report)
{
    return report->server_s >= 0 ? report->server_s : (double)(report->t_end_ns - report->t_start_ns) / 1e9;
}

static void load_and_unload(struct assay_context *ctx)
{
    const char *model = assay_model(ctx)->id;
    struct chat_request request = assay_request(ctx, "short");
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        struct load_report out = assay_unload(ctx, model);
        struct load_report in = assay_load(ctx, model, NULL);
        if (out.was_loaded)
            assay_observe(ctx, "unload_s", report_s(&out));
        ck_assert_msg(!in.was_loaded, "the model was unloaded, and is loaded all the same");
        assay_observe(ctx, "load_s", report_s(&in));
        check_answered(assay_chat(ctx, &request));
    }
}

static bool is_listed(const struct model_list *models, const char *id)
{
    for (size_t i = 0; i < models->count; i++)
        if (strncmp(models->items[i].id, id, strlen(id)) == 0)
            return true;
    return false;
}

static bool is_loaded(struct assay_context *ctx, const char *model)
{
    struct model_list models;
    struct error why = {0};
    enum status s = target_loaded(assay_target(ctx), &models, &why);
    ck_assert_msg(s == STATUS_OK, "which models are loaded cannot be read: %s", error_text(&why));
    bool loaded = is_listed(&models, model);
    model_list_fini(&models);
    return loaded;
}

/* A model that is to stay for a second has to be gone some seconds later, and not before. */
static void keep_alive(struct assay_context *ctx)
{
    const char *model = assay_model(ctx)->id;
    struct engine_options second = {.keep_alive_ns = NS_PER_S};
    int waited = 0;
    assay_load(ctx, model, &second);
    ck_assert_msg(is_loaded(ctx, model), "the model is not loaded behind loading it");
    for (; waited < 100 && is_loaded(ctx, model); waited++)
        pause_s(0.1);
    assay_event(ctx, "model_gone");
    assay_note(ctx, "gone_after", "%s s of the 1 s asked for", figure(waited * 0.1).text);
    assay_load(ctx, model, NULL);
    ck_assert_msg(waited < 100, "asked to keep the model for 1 s, the server still has it after 10 s");
}

enum { VARIANT_CONTEXT = 1024 };

static int64_t loaded_context(struct target *t, const char *id)
{
    struct model_list models;
    struct error why = {0};
    int64_t context = -1;
    if (target_loaded(t, &models, &why) != STATUS_OK)
        return -1;
    for (size_t i = 0; i < models.count; i++)
        if (strncmp(models.items[i].id, id, strlen(id)) == 0)
            context = models.items[i].loaded_context;
    model_list_fini(&models);
    return context;
}

/* The variant goes away before anything is asserted: nothing of ours is left on the server. */
static void variant(struct assay_context *ctx)
{
    static const char parameters[] = "{\"num_ctx\": 1024, \"num_predict\": 16}";
    struct target *t = assay_target(ctx);
    struct error why = {0}, of_delete = {0};
    char name[64];
    snprintf(name, sizeof name, "assay-variant-%d", (int)getpid());
    enum status made = target_create(t, name, assay_model(ctx)->id, parameters, &why);
    if (made == STATUS_UNAVAILABLE)
        assay_skip(ctx, "%s", error_text(&why));
    ck_assert_msg(made == STATUS_OK, "%s", error_text(&why));
    assay_event(ctx, "variant_made");
    struct chat_request request = assay_request(ctx, "short");
    request.model = name;
    struct target_request ask = {.task = TASK_CHAT, .chat = request};
    const struct exchange *x = assay_ask(ctx, &ask);
    bool answered = x->error == EXCHANGE_OK;
    int64_t context = loaded_context(t, name);
    enum status deleted = target_delete(t, name, &of_delete);
    assay_event(ctx, "variant_deleted");
    ck_assert_msg(answered, "the variant does not answer: %s", x->error_text);
    ck_assert_msg(deleted == STATUS_OK, "%s", error_text(&of_delete));
    ck_assert_msg(context < 0 || context == VARIANT_CONTEXT,
        "made with a context of %d tokens, the variant is loaded with %lld", VARIANT_CONTEXT,
        (long long)context);
}

/* The first two models that can chat, as far as the server says. */
static size_t choose_two(struct assay_context *ctx, struct model_list *models, const char *chosen[2])
{
    struct error why = {0};
    size_t n = 0;
    enum status s = target_list_models(assay_target(ctx), models, &why);
    ck_assert_msg(s == STATUS_OK, "%s", error_text(&why));
    for (size_t i = 0; n < 2 && i < models->count; i++)
        if (models->items[i].modalities == 0 || (models->items[i].modalities & MODALITY_TEXT))
            chosen[n++] = models->items[i].id;
    return n;
}

static void switch_models(struct assay_context *ctx)
{
    struct model_list models = {0};
    const char *two[2];
    size_t n = choose_two(ctx, &models, two);
    if (n < 2)
        assay_skip(
            ctx, "the server has %zu model%s that can chat; switching needs two", n, n == 1 ? "" : "s");
    assay_note(ctx, "models", "%s and %s", two[0], two[1]);
    assay_measure(ctx, false);
    struct chat_request request = assay_request(ctx, "short");
    for (int repeat = 0; assay_next(ctx, &repeat);)
        for (size_t i = 0; i < 2; i++) {
            request.model = two[i];
            assay_observe(ctx, "switch_s", check_ttft_s(assay_chat(ctx, &request)));
        }
    model_list_fini(&models);
}

/* ---- clients that hang up, and long pauses ---- */

enum { LEAVERS = 4, LEAVERS_TOKENS = 4096 };

static void leave(struct assay_context *ctx)
{
    struct target_request requests[LEAVERS];
    struct exchange xs[LEAVERS];
    struct chat_request chat = assay_request(ctx, "decode");
    chat.max_tokens = LEAVERS_TOKENS;
    chat.engine.ignore_eos = CHOICE_YES;
    for (size_t i = 0; i < LEAVERS; i++) {
        requests[i] = (struct target_request){.task = TASK_CHAT, .chat = chat, .hang_up_after_events = 3};
        exchange_init(&xs[i]);
    }
    assay_ask_all(ctx, requests, LEAVERS, xs);
    assay_event(ctx, "all_hung_up");
    for (size_t i = 0; i < LEAVERS; i++) {
        ck_assert_msg(xs[i].error == EXCHANGE_CANCELLED || xs[i].error == EXCHANGE_OK, "%s: %s",
            exchange_error_name(xs[i].error), xs[i].error_text);
        exchange_fini(&xs[i]);
    }
}

/* Seconds until the server says that it works on nothing; negative: it still does. */
static double wait_until_idle(struct assay_context *ctx)
{
    const struct clock *clock = clock_system();
    int64_t start_ns = clock_mono_ns(clock);
    struct server_slots slots;
    struct error why = {0};
    for (int tries = 0; tries < 200; tries++) {
        enum status s = target_slots(assay_target(ctx), assay_model(ctx)->id, &slots, &why);
        if (s == STATUS_UNAVAILABLE)
            assay_skip(ctx, "%s", error_text(&why));
        ck_assert_msg(s == STATUS_OK, "%s", error_text(&why));
        if (slots.busy == 0)
            return (double)(clock_mono_ns(clock) - start_ns) / 1e9;
        pause_s(0.05);
    }
    return -1;
}

static void disconnect(struct assay_context *ctx)
{
    assay_measure(ctx, false);
    struct chat_request request = assay_request(ctx, "short");
    bool says = target_offers(assay_target(ctx)) & OFFER_SLOTS;
    double before_s = check_ttft_s(assay_chat(ctx, &request));
    leave(ctx);
    double idle_s = says ? wait_until_idle(ctx) : 0;
    double after_s = check_ttft_s(assay_chat(ctx, &request));
    assay_note(ctx, "ttft", "%s s before, %s s behind %d clients that hung up", figure(before_s).text,
        figure(after_s).text, LEAVERS);
    if (says)
        assay_note(ctx, "idle_after", "%s s", figure(idle_s).text);
    ck_assert_msg(idle_s >= 0, "10 s after its clients hung up the server still works for them");
    ck_assert_msg(says || after_s < 10 * before_s + 2,
        "the next request waited %s s (%s s before): the server goes on for clients that hung up",
        figure(after_s).text, figure(before_s).text);
}

enum { IDLE_S = 20 };

static void long_idle(struct assay_context *ctx)
{
    struct chat_request request = assay_request(ctx, "short");
    assay_measure(ctx, false);
    check_answered(assay_chat(ctx, &request));
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        double busy_s = check_ttft_s(assay_chat(ctx, &request));
        pause_s(IDLE_S);
        double idle_s = check_ttft_s(assay_chat(ctx, &request));
        assay_observe(ctx, "ttft_s", busy_s);
        assay_observe(ctx, "idle_ttft_s", idle_s);
    }
}

#define CONCURRENT(number)                                                                                   \
    {                                                                                                        \
        .id = "server.concurrent_" #number, .summary = #number " requests at the same moment",               \
        .body = concurrent, .version = 1, .on_request = true, .per_model = true, .needs = MODALITY_TEXT,     \
        .requests = (number), .tokens = (number)*CROWD_TOKENS, .data = &(const size_t)                       \
        {                                                                                                    \
            number                                                                                           \
        }                                                                                                    \
    }

const struct assay_case cases_server[] = {
    CONCURRENT(1),
    CONCURRENT(2),
    CONCURRENT(4),
    CONCURRENT(8),
    {.id = "server.load",
        .summary = "the model out of memory and into it again, then a first answer",
        .body = load_and_unload,
        .version = 1,
        .on_request = true,
        .per_model = true,
        .needs = MODALITY_TEXT,
        .needs_offers = OFFER_LOAD,
        .timeout_s = 1800,
        .warmup = -1,
        .requests = 3,
        .tokens = 32},
    {.id = "server.keep_alive",
        .summary = "a model that is to stay loaded for a second is gone behind it",
        .body = keep_alive,
        .version = 1,
        .on_request = true,
        .per_model = true,
        .needs = MODALITY_TEXT,
        .needs_offers = OFFER_LOAD | OFFER_LOADED,
        .repeats = 1,
        .warmup = -1},
    {.id = "server.variant",
        .summary = "a variant of the model with parameters of its own is made, obeyed and deleted",
        .body = variant,
        .version = 1,
        .on_request = true,
        .per_model = true,
        .needs = MODALITY_TEXT,
        .needs_offers = OFFER_CREATE | OFFER_LOADED,
        .repeats = 1,
        .warmup = -1,
        .requests = 1,
        .tokens = 16},
    {.id = "server.switch",
        .summary = "two models used in turn",
        .body = switch_models,
        .version = 1,
        .on_request = true,
        .timeout_s = 1800,
        .requests = 2,
        .tokens = 64},
    {.id = "server.disconnect",
        .summary = "clients that hang up in mid-answer leave the server free",
        .body = disconnect,
        .version = 1,
        .on_request = true,
        .per_model = true,
        .needs = MODALITY_TEXT,
        .repeats = 1,
        .warmup = -1,
        .requests = 6,
        .tokens = 128},
    {.id = "server.long_idle",
        .summary = "the first answer after 20 s without a request",
        .body = long_idle,
        .version = 1,
        .on_request = true,
        .per_model = true,
        .needs = MODALITY_TEXT,
        .timeout_s = 900,
        .warmup = -1,
        .requests = 2,
        .tokens = 64},
    {0},
};
