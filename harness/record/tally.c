#include "tally.h"

#include "evidence.h"
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_KINDS = 4 };
static const char *const token_names[TOKEN_KINDS] = {"prompt", "completion", "reasoning", "cached"};

struct token_sum {
    int64_t n;
    size_t counted; /* exchanges that had this count */
};

struct tally {
    struct json_object *errors, *finish_reasons;
    int64_t retries;
    size_t measured_ok; /* measured exchanges without error: those that tokens are summed over */
    struct token_sum tokens[TOKEN_KINDS];
    char source[32];
    bool mixed_sources;
    size_t agree, differ;
    size_t fresh, from_cache; /* of the measured: prompts that no cache could know, and those that one knew */
    double cached_share;      /* the greatest of those */
    char model[256], other_model[256]; /* as answers name it: the first, and the first that is another */
};

struct tally *tally_new(void)
{
    struct tally *t = calloc(1, sizeof *t);
    if (t == NULL)
        return NULL;
    t->errors = json_object_new_object();
    t->finish_reasons = json_object_new_object();
    if (t->errors != NULL && t->finish_reasons != NULL)
        return t;
    tally_free(t);
    return NULL;
}

void tally_free(struct tally *t)
{
    if (t == NULL)
        return;
    json_object_put(t->errors);
    json_object_put(t->finish_reasons);
    free(t);
}

/* The counts come from another process: whatever they are, the sum stays one. */
static int64_t sum(int64_t a, int64_t b)
{
    return b < 0 ? a : a > INT64_MAX - b ? INT64_MAX : a + b;
}

static bool count_name(struct json_object *counts, const char *name)
{
    if (name == NULL)
        return true;
    struct json_object *old = NULL;
    int64_t n = json_object_object_get_ex(counts, name, &old) ? json_object_get_int64(old) : 0;
    return json_set_int(counts, name, n + 1);
}

static bool count_errors(struct tally *t, const struct json_object *exchange)
{
    struct json_object *errors = json_get_array(exchange, "/errors");
    bool ok = true;
    for (size_t i = 0; ok && errors != NULL && i < json_object_array_length(errors); i++)
        ok = count_name(t->errors, json_object_get_string(json_object_array_get_idx(errors, i)));
    return ok;
}

static void add_tokens(struct tally *t, const struct json_object *tokens)
{
    const char *source = json_get_text(tokens, "/source");
    if (source != NULL && t->source[0] == '\0')
        snprintf(t->source, sizeof t->source, "%s", source);
    t->mixed_sources |= source == NULL || strcmp(source, t->source) != 0;
    for (size_t i = 0; i < TOKEN_KINDS; i++) {
        struct json_object *count = NULL;
        if (!json_object_object_get_ex(tokens, token_names[i], &count))
            continue;
        t->tokens[i].n = sum(t->tokens[i].n, json_object_get_int64(count));
        t->tokens[i].counted++;
    }
    bool agrees = false;
    if (json_get_bool(tokens, "/agrees", &agrees))
        *(agrees ? &t->agree : &t->differ) += 1;
}

/*
 * Chat templates put the same tokens before each prompt and its salt: that many may be known without any harm.
 * Nearly all of a prompt never is.
 */
enum { TEMPLATE_TOKENS = 64 };
#define CACHED_SHARE_MAX 0.1
#define CACHED_SHARE_WHOLE 0.9

static void note_cached(struct tally *t, const struct json_object *tokens)
{
    int64_t prompt = 0, cached = 0;
    if (!json_get_int(tokens, "/prompt", &prompt) || !json_get_int(tokens, "/cached", &cached) || prompt <= 0)
        return;
    double share = (double)cached / (double)prompt;
    bool known =
        share >= CACHED_SHARE_WHOLE || (double)(cached - TEMPLATE_TOKENS) > CACHED_SHARE_MAX * (double)prompt;
    t->fresh++;
    t->from_cache += known;
    if (known && share > t->cached_share)
        t->cached_share = share;
}

static void note_model(struct tally *t, const char *model)
{
    if (model == NULL)
        return;
    if (t->model[0] == '\0')
        snprintf(t->model, sizeof t->model, "%s", model);
    else if (t->other_model[0] == '\0' && strcmp(t->model, model) != 0)
        snprintf(t->other_model, sizeof t->other_model, "%s", model);
}

bool tally_add(struct tally *t, const struct json_object *exchange)
{
    bool measured = false, succeeded = false, fresh = false;
    int64_t attempts = 0;
    (void)json_get_bool(exchange, "/measured", &measured);
    (void)json_get_bool(exchange, "/ok", &succeeded);
    (void)json_get_bool(exchange, "/fresh", &fresh);
    (void)json_get_int(exchange, "/attempts", &attempts);
    t->retries = sum(t->retries, attempts > 1 ? attempts - 1 : 0);
    struct json_object *tokens = json_get_object(exchange, "/tokens");
    t->measured_ok += measured && succeeded;
    note_model(t, json_get_text(exchange, "/model"));
    if (measured && succeeded && tokens != NULL)
        add_tokens(t, tokens);
    if (measured && succeeded && fresh && tokens != NULL)
        note_cached(t, tokens);
    return count_errors(t, exchange) &&
           count_name(t->finish_reasons, json_get_text(exchange, "/finish_reason"));
}

static bool set_agreement(struct json_object *count, const struct tally *t)
{
    if (t->agree + t->differ < t->measured_ok)
        return t->differ > 0 ? json_set_bool(count, "agrees", false) : json_set_null(count, "agrees");
    return json_set_bool(count, "agrees", t->differ == 0);
}

static bool set_tokens(const struct tally *t, struct json_object *record)
{
    struct json_object *tokens = json_object_new_object();
    bool ok = true;
    for (size_t i = 0; ok && i < TOKEN_KINDS; i++) {
        if (t->tokens[i].counted < t->measured_ok)
            continue;
        struct json_object *count = json_object_new_object();
        ok = json_set_int(count, "n", t->tokens[i].n) && json_set_text(count, "source", t->source) &&
             set_agreement(count, t);
        ok = json_set(tokens, token_names[i], count) && ok;
    }
    if (ok && json_object_object_length(tokens) > 0)
        return json_set(record, "tokens", tokens);
    json_object_put(tokens);
    return ok;
}

static bool set_retries(const struct tally *t, int64_t allowed, struct json_object *record)
{
    struct json_object *retries = json_object_new_object();
    bool ok = json_set_int(retries, "allowed", allowed) && json_set_int(retries, "used", t->retries);
    return json_set(record, "retries", retries) && ok;
}

static bool set_counts(struct json_object *record, const char *key, struct json_object *counts)
{
    return json_object_object_length(counts) == 0 || json_set(record, key, json_object_get(counts));
}

/* The model was exchanged while it was measured: the figures are of neither. */
static bool doubt_model(const struct tally *t, struct json_object *record)
{
    char reason[640];
    if (t->other_model[0] == '\0')
        return true;
    snprintf(
        reason, sizeof reason, "some answers name the model \"%s\", others \"%s\"", t->model, t->other_model);
    return record_add_evidence(record, &(struct evidence){.sensor = "answering_model",
                                           .flag = "degraded_cross_check",
                                           .unit = "count",
                                           .scope = "server",
                                           .value = 2,
                                           .threshold = 1,
                                           .raised = true,
                                           .reason = reason});
}

/* Prompts that are new to the server cost more than was measured. */
static bool doubt_cache(const struct tally *t, struct json_object *record)
{
    char reason[200];
    if (t->from_cache == 0)
        return true;
    snprintf(reason, sizeof reason,
        "%zu of %zu prompts that nobody had asked before were known to the server's prompt cache, up to %d "
        "%% "
        "of their tokens",
        t->from_cache, t->fresh, (int)(t->cached_share * 100 + 0.5));
    return record_add_evidence(record, &(struct evidence){.sensor = "prompt_cache",
                                           .flag = "degraded_cache_state",
                                           .unit = "1",
                                           .scope = "server",
                                           .value = t->cached_share,
                                           .threshold = CACHED_SHARE_MAX,
                                           .raised = true,
                                           .reason = reason});
}

bool tally_into_record(const struct tally *t, int64_t retries_allowed, struct json_object *record)
{
    bool ok =
        set_counts(record, "errors", t->errors) && set_counts(record, "finish_reasons", t->finish_reasons);
    if (retries_allowed > 0 || t->retries > 0)
        ok = ok && set_retries(t, retries_allowed, record);
    ok = ok && doubt_model(t, record) && doubt_cache(t, record);
    if (t->measured_ok > 0 && !t->mixed_sources && t->source[0] != '\0')
        ok = ok && set_tokens(t, record);
    return ok;
}
