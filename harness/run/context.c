#include "context.h"

#include "context_private.h"
#include "metric.h"

#include "buf.h"
#include "case_fit.h"
#include "clock.h"
#include "fs.h"
#include "json.h"
#include "text.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum status read_kept(
    const struct assay_context *ctx, const char *file, struct buf *text, struct error *e)
{
    struct buf path = BUF_INIT(4096);
    fs_join(&path, ctx->spec->run_folder, file);
    enum status s = fs_read_file(buf_text(&path), text, e);
    buf_fini(&path);
    return s;
}

/* What the user brought along lies in the run folder. */
static enum status read_what_is_the_users(struct assay_context *ctx, struct error *e)
{
    const struct run_settings *settings = ctx->spec->settings;
    struct buf text = BUF_INIT(PROMPT_MAX);
    enum status s = STATUS_OK;
    if (settings->prompt_file[0]) {
        s = read_kept(ctx, settings->prompt_file, &text, e);
        ctx->user_prompt = s == STATUS_OK ? buf_take(&text) : NULL;
        if (s == STATUS_OK && !ctx->user_prompt)
            s = error_set(e, STATUS_NO_MEMORY, "no memory for the prompt");
    }
    if (s == STATUS_OK && settings->tasks_file[0])
        s = read_kept(ctx, settings->tasks_file, &ctx->tasks, e);
    buf_fini(&text);
    return s;
}

const char *assay_tasks(const struct assay_context *ctx, const char **name, size_t *len)
{
    *name = ctx->spec->settings->tasks_file;
    *len = ctx->tasks.len;
    return (*name)[0] ? buf_text(&ctx->tasks) : NULL;
}

static enum status open_target(struct assay_context *ctx, struct error *e)
{
    const struct context_spec *spec = ctx->spec;
    if (!spec->access)
        return STATUS_OK;
    struct target_options options = {.url = spec->access->url,
        .api_key = spec->access->api_key,
        .transport = spec->access->transport,
        .found = spec->access->found,
        .name = spec->target->name,
        .protocol = spec->target->protocol[0] ? spec->target->protocol : NULL,
        .total_timeout_ns = clock_ns_of_seconds(spec->settings->timeout_s)};
    enum status s = target_open(&options, &ctx->target, e);
    if (s == STATUS_OK)
        s = target_probe(ctx->target, e);
    if (s == STATUS_OK)
        journal_server(ctx->journal, target_info(ctx->target)->server_version);
    return s;
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
    buf_init(&ctx->tasks, (size_t)256 << 20);
    buf_init(&ctx->salted, PROMPT_MAX + SALT_SIZE);
    enum status s = read_what_is_the_users(ctx, e);
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
    buf_fini(&ctx->tasks);
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

static void skip_where_model_cannot(struct assay_context *ctx)
{
    char why[256];
    if (!case_fits_model(ctx->spec->subject, ctx->spec->model, why, sizeof why))
        assay_skip(ctx, "%s", why);
}

static void skip_where_target_cannot(struct assay_context *ctx)
{
    unsigned needs = ctx->spec->subject->needs_offers;
    unsigned lacking = ctx->target ? needs & ~target_offers(ctx->target) : 0;
    if (lacking)
        assay_skip(ctx, "the protocol %s does not offer %s", target_info(ctx->target)->protocol,
            offer_name(lacking & -lacking));
}

/* What is measured begins or ends here: whoever watches looks at once. SIGCHLD wakes a supervisor up, and does nothing
 * to anybody else. */
static void enter(struct assay_context *ctx, enum journal_phase phase)
{
    journal_enter(ctx->journal, phase, clock_mono_ns(ctx->clock));
    if (ctx->spec->supervisor > 0)
        (void)kill(ctx->spec->supervisor, SIGCHLD);
}

void context_run(struct assay_context *ctx)
{
    record_parameters(ctx);
    if (ctx->spec->skip)
        assay_skip(ctx, "%s", ctx->spec->skip);
    skip_where_target_cannot(ctx);
    skip_where_model_cannot(ctx);
    ctx->next_repeat = -ctx->warmup;
    enter(ctx, ctx->warmup > 0 ? PHASE_WARMUP : PHASE_BODY);
    ctx->spec->subject->body(ctx);
    enter(ctx, PHASE_TEARDOWN);
}

struct target *assay_target(struct assay_context *ctx)
{
    return ctx->target;
}

const struct model_info *assay_model(const struct assay_context *ctx)
{
    return ctx->spec->model;
}

const void *assay_data(const struct assay_context *ctx)
{
    return ctx->spec->subject->data;
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
        enter(ctx, PHASE_BODY);
    ctx->in_repeat = true;
    ctx->repeat = ctx->next_repeat++;
    *repeat = ctx->repeat;
    journal_mark(ctx->journal, "repeat %d", ctx->repeat);
    return true;
}

void assay_measure(struct assay_context *ctx, bool on)
{
    ctx->measuring = on;
}

void assay_observe(struct assay_context *ctx, const char *metric, double value)
{
    ck_assert_msg(
        metric_find(metric) != NULL, "there is no metric \"%s\": `assay list --metrics` has all", metric);
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
