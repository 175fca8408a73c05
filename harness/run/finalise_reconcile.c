#include "finalising.h"

#include "intent.h"
#include "json.h"
#include "jsonl.h"
#include "record.h"

#include <stdio.h>
#include <string.h>

static size_t order_of(const struct finalising *f, const char *test)
{
    struct planned t;
    return planned_find(f->folder.run, test, &t) ? t.index : SIZE_MAX;
}

/* Takes line. */
static enum status add_record(struct finalising *f, const struct json_object *record, char *line,
    enum ledger_source source, struct error *e)
{
    int64_t attempt = 0;
    struct ledger_entry entry = {.line = line, .source = source};
    const char *test = json_get_text(record, "/test");
    (void)json_get_int(record, "/attempt", &attempt);
    (void)json_get_int(record, "/start_unix_ns", &entry.start_ns);
    (void)outcome_parse(json_get_text(record, "/outcome"), &entry.outcome);
    snprintf(entry.timestamp, sizeof entry.timestamp, "%s", json_get_text(record, "/timestamp"));
    entry.test = strdup(test);
    entry.attempt = (int)attempt;
    entry.order = order_of(f, test);
    return ledger_add(&f->ledger, &entry, e);
}

static enum status add_tree(
    struct finalising *f, const struct json_object *record, enum ledger_source source, struct error *e)
{
    struct buf text = BUF_INIT(JSON_FILE_MAX);
    enum status s = record_validate(record, e);
    if (s == STATUS_OK)
        s = json_write(record, &text, e);
    if (s == STATUS_OK)
        s = add_record(f, record, buf_take(&text), source, e);
    buf_fini(&text);
    return s;
}

enum status finalising_read_benchmark(struct finalising *f, struct error *e)
{
    struct buf path = BUF_INIT(4096);
    struct jsonl *reader = NULL;
    enum status s = run_folder_path(&f->folder, "benchmark.jsonl", &path);
    if (s == STATUS_OK)
        s = jsonl_open(buf_text(&path), &reader, e);
    buf_fini(&path);
    if (s != STATUS_OK)
        return s == STATUS_NOT_FOUND ? STATUS_OK : s;
    struct jsonl_line line;
    while (s == STATUS_OK && jsonl_next(reader, &line)) {
        if (line.status == STATUS_OK && record_validate(line.tree, NULL) == STATUS_OK)
            s = add_record(f, line.tree, strndup(line.text, line.len), LEDGER_BENCHMARK, e);
        else
            f->benchmark_bad = true;
    }
    enum status closed = jsonl_close(reader, s == STATUS_OK ? e : NULL);
    return s == STATUS_OK ? closed : s;
}

static bool find_by_slug(const struct finalising *f, const char *slug, struct planned *t)
{
    for (size_t i = 0; planned_at(f->folder.run, i, t); i++)
        if (spool_slug_is(slug, t->test))
            return true;
    return false;
}

/* A record for a test that left none. intent is what is known of it. */
static enum status invent(struct finalising *f, const struct json_object *intent, enum outcome outcome,
    const char *message, struct error *e)
{
    struct json_object *record = record_new(intent);
    int64_t start_ns = 0, found_ns = f->found_unix_ns;
    if (outcome == OUTCOME_LOST && json_get_int(intent, "/start_unix_ns", &start_ns)) {
        found_ns = found_ns > start_ns ? found_ns : start_ns;
        (void)json_set_int(record, "start_unix_ns", start_ns);
    }
    bool ok =
        record != NULL && record_set_found(record, found_ns) && record_set_outcome(record, outcome, message);
    enum status s = ok ? add_tree(f, record, LEDGER_INVENTED, e)
                       : error_set(e, STATUS_NO_MEMORY, "no memory for a record");
    json_object_put(record);
    return s;
}

static struct json_object *intent_of_plan(const struct finalising *f, const struct planned *t, int attempt)
{
    return intent_new(
        &(struct intent_spec){.run = f->folder.run, .planned = t, .attempt = attempt > 0 ? attempt : 1});
}

/* Without a readable intent the plan still says what the test was. */
static enum status invent_lost(struct finalising *f, struct attempt *a, const char *reason, struct error *e)
{
    struct json_object *intent = NULL;
    struct planned t;
    struct buf message = BUF_INIT(4096);
    struct error why = {0};
    enum status s = finalising_read(f, a, SPOOL_INTENT, "intent", &intent, &why);
    bool from_plan = s != STATUS_OK && find_by_slug(f, a->slug, &t);
    if (reason != NULL)
        buf_printf(&message, "its result cannot be read: %s", reason);
    else if (s == STATUS_OK)
        buf_printf(&message, "its supervisor died before there was a result");
    else
        buf_printf(&message, "its supervisor died, and its intent cannot be read: %s", why.text);
    if (from_plan) {
        intent = intent_of_plan(f, &t, a->number);
        if (intent != NULL)
            (void)json_object_object_del(intent, "start_unix_ns"); /* not that of the test */
    }
    s = STATUS_OK;
    if (intent != NULL)
        s = invent(f, intent, OUTCOME_LOST, buf_text(&message), e);
    json_object_put(intent);
    buf_fini(&message);
    return s;
}

/* A record that was synced in its room, but not renamed in time, is as good as any. */
static bool take_from_room(struct finalising *f, struct attempt *a, struct json_object **record)
{
    if (a->has[SPOOL_RESULT] || !a->has[SPOOL_ROOM])
        return false;
    bool whole = finalising_read(f, a, SPOOL_ROOM, "record", record, NULL) == STATUS_OK;
    a->bad[SPOOL_ROOM] = false; /* most often nobody filled it: nothing to keep */
    return whole;
}

static enum status read_attempt(struct finalising *f, struct attempt *a, struct error *e)
{
    struct json_object *record = NULL;
    struct error why = {0};
    enum status s = STATUS_OK;
    if (!take_from_room(f, a, &record)) {
        if (!a->has[SPOOL_RESULT])
            return a->has[SPOOL_INTENT] ? invent_lost(f, a, NULL, e) : STATUS_OK;
        s = finalising_read(f, a, SPOOL_RESULT, "record", &record, &why);
    }
    if (s == STATUS_INVALID || s == STATUS_LIMIT)
        return invent_lost(f, a, why.text, e);
    if (s != STATUS_OK)
        return error_set(e, s, "%s", error_text(&why));
    s = add_tree(f, record, LEDGER_SPOOL, e);
    json_object_put(record);
    return s;
}

static enum status invent_not_run(struct finalising *f, struct error *e)
{
    enum status s = STATUS_OK;
    struct planned t;
    const char *reason = json_get_text(f->folder.run, "/left_out_because");
    if (reason == NULL)
        reason = "the run ended before this test was started";
    for (size_t i = 0; s == STATUS_OK && planned_at(f->folder.run, i, &t); i++) {
        if (ledger_has(&f->ledger, t.test))
            continue;
        struct json_object *intent = intent_of_plan(f, &t, 1);
        s = intent != NULL ? invent(f, intent, OUTCOME_NOT_RUN, reason, e)
                           : error_set(e, STATUS_NO_MEMORY, "no memory for a record");
        json_object_put(intent);
    }
    return s;
}

enum status finalising_reconcile(struct finalising *f, struct error *e)
{
    enum status s = STATUS_OK;
    for (size_t i = 0; s == STATUS_OK && i < f->count; i++)
        s = read_attempt(f, &f->attempts[i], e);
    if (s == STATUS_OK)
        s = invent_not_run(f, e);
    if (s == STATUS_OK)
        ledger_settle(&f->ledger);
    return s;
}
