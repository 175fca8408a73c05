/* The entries of a journal as JSON: what the case and its exchanges leave for the record. */
#include "journal.h"

#include "assay.h"
#include "cross_check.h"
#include "exchange_json.h"
#include "json.h"

#include <string.h>

bool journal_append_json(struct journal *j, enum journal_type type, struct json_object *tree)
{
    struct buf text = BUF_INIT((size_t)64 << 20);
    bool written = tree != NULL && json_write(tree, &text, NULL) == STATUS_OK;
    if (!written)
        journal_drop(j);
    bool done = written && journal_append(j, type, buf_text(&text), text.len);
    buf_fini(&text);
    json_object_put(tree);
    return done;
}

/* An object that is only worth keeping whole: ok is false once any of its members found no memory. */
static bool append_whole(struct journal *j, enum journal_type type, struct json_object *tree, bool ok)
{
    if (ok)
        return journal_append_json(j, type, tree);
    json_object_put(tree);
    journal_drop(j);
    return false;
}

static struct json_object *observation(const char *metric, int repeat, const double *values, size_t n)
{
    struct json_object *tree = json_object_new_object(), *array = json_object_new_array();
    bool ok = json_set_text(tree, "metric", metric) && json_set_int(tree, "repeat", repeat);
    for (size_t i = 0; ok && i < n; i++)
        ok = json_add_real(array, values[i]);
    ok = json_set(tree, "values", array) && ok;
    if (ok)
        return tree;
    json_object_put(tree);
    return NULL;
}

bool journal_observe(struct journal *j, const char *metric, int repeat, const double *values, size_t n)
{
    struct json_object *tree = observation(metric, repeat, values, n);
    return append_whole(j, JOURNAL_OBSERVATION, tree, tree != NULL);
}

bool journal_observe_pool(struct journal *j, const struct journal_pool *p)
{
    struct json_object *tree = observation(p->metric, p->repeat, p->values, p->n);
    bool ok = json_set_bool(tree, "pooled", true) && (!p->k1 || json_set_text(tree, "k1", p->k1)) &&
              (!p->k1 || (json_set_real(tree, "low", p->low) && json_set_real(tree, "high", p->high)));
    return append_whole(j, JOURNAL_OBSERVATION, tree, ok);
}

bool journal_observe_tpot(struct journal *j, int repeat, const struct tpot *tpot)
{
    struct json_object *tree = observation("tpot_s", repeat, &tpot->seconds, 1);
    bool ok = json_set_text(tree, "k1", tpot->k1_known ? "known" : "assumed");
    if (!tpot->k1_known)
        ok = ok && json_set_real(tree, "low", tpot->low_s) && json_set_real(tree, "high", tpot->high_s);
    return append_whole(j, JOURNAL_OBSERVATION, tree, ok);
}

bool journal_event(struct journal *j, const char *event, int64_t mono_ns)
{
    struct json_object *tree = json_object_new_object();
    bool ok = json_set_text(tree, "event", event) && json_set_int(tree, "t_ns", mono_ns);
    return append_whole(j, JOURNAL_EVENT, tree, ok);
}

bool journal_server(struct journal *j, const char *version)
{
    struct json_object *tree = json_object_new_object();
    return append_whole(j, JOURNAL_SERVER, tree, json_set_text(tree, "version", version));
}

bool journal_note(struct journal *j, const char *key, const char *value)
{
    struct json_object *tree = json_object_new_object();
    bool ok = json_set_text(tree, "key", key) && json_set_text(tree, "value", value);
    return append_whole(j, JOURNAL_NOTE, tree, ok);
}

static bool set_list(struct json_object *tree, const char *key, const char *const *items)
{
    struct json_object *array = json_object_new_array();
    bool ok = true;
    for (; ok && items != NULL && *items != NULL; items++)
        ok = json_add_text(array, *items);
    return json_set(tree, key, array) && ok;
}

bool journal_stop_tokens(
    struct journal *j, const char *const *configured, const char *const *detected, bool leaked)
{
    struct json_object *tree = json_object_new_object();
    bool ok = set_list(tree, "configured", configured) && set_list(tree, "detected", detected) &&
              json_set_bool(tree, "leaked", leaked);
    return append_whole(j, JOURNAL_STOP_TOKENS, tree, ok);
}

static bool set_known(struct json_object *tree, const char *key, int64_t value)
{
    return value < 0 || json_set_int(tree, key, value);
}

static bool set_tokens(struct json_object *tree, const struct exchange_tokens *t)
{
    if (t->source == TOKENS_NONE)
        return true;
    struct json_object *tokens = json_object_new_object();
    bool ok = set_known(tokens, "prompt", t->prompt) && set_known(tokens, "completion", t->completion) &&
              set_known(tokens, "reasoning", t->reasoning) && set_known(tokens, "cached", t->cached) &&
              json_set_text(tokens, "source", token_source_name(t->source));
    if (t->agrees >= 0)
        ok = ok && json_set_bool(tokens, "agrees", t->agrees == 1);
    return json_set(tree, "tokens", tokens) && ok;
}

/* What became of each attempt that failed, the last one included. */
static bool set_errors(struct json_object *tree, const struct exchange *x)
{
    struct json_object *errors = json_object_new_array();
    bool ok = true;
    for (int i = 0; ok && i < x->earlier_count; i++)
        ok = json_add_text(errors, exchange_error_name(x->earlier[i]));
    if (x->error != EXCHANGE_OK)
        ok = ok && json_add_text(errors, exchange_error_name(x->error));
    return json_set(tree, "errors", errors) && ok;
}

static bool append_tally(struct journal *j, const struct journal_place *place, const struct exchange *x)
{
    struct json_object *tree = json_object_new_object();
    bool ok = json_set_bool(tree, "measured", strcmp(place->role, "measured") == 0) &&
              json_set_bool(tree, "ok", x->error == EXCHANGE_OK) &&
              json_set_bool(tree, "fresh", place->fresh) && json_set_int(tree, "attempts", x->attempts) &&
              json_set_int(tree, "repeat", place->repeat) && json_set_int(tree, "sent_ns", x->t_sent_ns) &&
              json_set_int(tree, "done_ns", x->t_done_ns) && set_errors(tree, x) &&
              set_tokens(tree, &x->tokens);
    if (x->finish_reason[0] != '\0')
        ok = ok && json_set_text(tree, "finish_reason", x->finish_reason);
    if (place->answered_by != NULL)
        ok = ok && json_set_text(tree, "model", place->answered_by);
    return append_whole(j, JOURNAL_TALLY, tree, ok);
}

static bool set_place(struct json_object *line, const struct journal_place *place)
{
    bool ok = json_set_text(line, "role", place->role) && json_set_int(line, "repeat", place->repeat) &&
              json_set_int(line, "index", place->index) && json_set_text(line, "kind", place->kind);
    if (place->method != NULL)
        ok = ok && json_set_text(line, "method", place->method);
    if (place->path != NULL)
        ok = ok && json_set_text(line, "path", place->path);
    if (place->salt != NULL)
        ok = ok && json_set_text(line, "salt", place->salt);
    return ok;
}

bool journal_exchange(struct journal *j, const struct journal_place *place, const struct exchange *x)
{
    struct json_object *line = exchange_to_json(x);
    bool ok = append_whole(j, JOURNAL_EXCHANGE, line, set_place(line, place));
    return append_tally(j, place, x) && ok;
}

static bool set_pair(struct json_object *o, const struct cross_pair *pair)
{
    return json_set_text(o, "metric", pair->metric) && json_set_real(o, "client", pair->client) &&
           json_set_real(o, "server", pair->server) && json_set_text(o, "source", pair->source) &&
           json_set_bool(o, "differs", pair->differs) &&
           (!pair->cause || json_set_text(o, "cause", pair->cause));
}

bool journal_cross_check(struct journal *j, const struct exchange *x, const struct cross_limits *limits)
{
    struct cross_pair pairs[CROSS_PAIRS_MAX];
    size_t count = cross_check(x, limits, pairs);
    struct json_object *list = count > 0 ? json_object_new_array() : NULL;
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        struct json_object *o = json_object_new_object();
        ok = set_pair(o, &pairs[i]);
        ok = json_add(list, o) && ok;
    }
    return count == 0 || append_whole(j, JOURNAL_CROSS_CHECK, list, ok);
}

bool journal_grade(struct journal *j, int index, const struct assay_graded *graded)
{
    struct json_object *tree = json_object_new_object();
    bool ok = json_set_int(tree, "index", index) && json_set_text(tree, "category", graded->category) &&
              json_set_text(tree, "expected", graded->expected) &&
              json_set_text(tree, "found", graded->found) &&
              json_set_bool(tree, "correct", graded->correct) &&
              (!graded->task || json_set_text(tree, "task", graded->task));
    return append_whole(j, JOURNAL_GRADE, tree, ok);
}
