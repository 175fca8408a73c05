#include "finalise.h"

#include "clock.h"
#include "fs.h"
#include "intent.h"
#include "json.h"
#include "jsonl.h"
#include "merge.h"
#include "record.h"
#include "our_schemas.h"
#include "spool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOCK_WAIT_NS (10 * NS_PER_S)
#define SLUG_SIZE 256

/* One attempt that left files in the spool. */
struct attempt {
    char slug[SLUG_SIZE];
    int number;
    bool has[SPOOL_KIND_COUNT];
    bool bad[SPOOL_KIND_COUNT]; /* cannot be read: kept as *.bad */
};

struct finalising {
    struct run_folder folder;
    struct attempt *attempts;
    size_t count, cap;
    struct ledger ledger;
    int64_t found_unix_ns; /* when the invented records were invented */
    bool benchmark_bad;    /* benchmark.jsonl held lines that are no records */
    size_t quarantined;
};

static int note_file(const char *name, void *arg)
{
    struct finalising *f = arg;
    struct attempt seen = {.number = 0};
    enum spool_kind kind;
    if (!spool_parse_name(name, seen.slug, sizeof seen.slug, &seen.number, &kind))
        return 0;
    for (size_t i = 0; i < f->count; i++) {
        if (f->attempts[i].number == seen.number && strcmp(f->attempts[i].slug, seen.slug) == 0) {
            f->attempts[i].has[kind] = true;
            return 0;
        }
    }
    if (f->count == f->cap) {
        struct attempt *moved = realloc(f->attempts, (f->cap + 64) * sizeof *moved);
        if (moved == NULL)
            return -1;
        f->attempts = moved;
        f->cap += 64;
    }
    seen.has[kind] = true;
    f->attempts[f->count++] = seen;
    return 0;
}

static enum status list_spool(struct finalising *f, struct error *e)
{
    struct buf path = BUF_INIT(4096);
    enum status s = run_folder_path(&f->folder, "spool", &path);
    if (s == STATUS_OK)
        s = fs_list(buf_text(&path), note_file, f, e);
    buf_fini(&path);
    return s == STATUS_NOT_FOUND ? STATUS_OK : s;
}

/* Files are named by slug here: the test's own name may be what cannot be read. */
static enum status attempt_path(
    const struct finalising *f, const struct attempt *a, enum spool_kind kind, struct buf *path)
{
    struct buf name = BUF_INIT(1024);
    enum status s = spool_path(&f->folder, "x", a->number, kind, &name);
    const char *tail = s == STATUS_OK ? strrchr(buf_text(&name), '/') + sizeof "/x" - 1 : "";
    if (s == STATUS_OK)
        s = buf_printf(path, "%s/spool/%s%s", f->folder.path, a->slug, tail);
    buf_fini(&name);
    return s;
}

static enum status read_checked(const struct finalising *f, struct attempt *a, enum spool_kind kind,
    const char *schema, struct json_object **tree, struct error *e)
{
    struct buf path = BUF_INIT(4096);
    *tree = NULL;
    enum status s = attempt_path(f, a, kind, &path);
    if (s == STATUS_OK)
        s = json_read_file(buf_text(&path), tree, e);
    if (s == STATUS_OK)
        s = schema_check(schema_for(schema), *tree, e);
    if (s == STATUS_OK && strcmp(json_get_text(*tree, "/run_id"), f->folder.run_id) != 0)
        s = error_set(e, STATUS_INVALID, "it belongs to another run");
    if (s != STATUS_OK) {
        json_object_put(*tree);
        *tree = NULL;
        a->bad[kind] = s == STATUS_INVALID || s == STATUS_LIMIT;
    }
    buf_fini(&path);
    return s;
}

/* Nobody may be at work on this run. */
static enum status check_idle(struct finalising *f, struct error *e)
{
    pid_t owner = spool_owner(&f->folder);
    if (owner != 0)
        return error_set(
            e, STATUS_BUSY, "the run %s is going on: process %ld drives it", f->folder.run_id, (long)owner);
    for (size_t i = 0; i < f->count; i++) {
        struct json_object *intent = NULL;
        if (!f->attempts[i].has[SPOOL_INTENT] || f->attempts[i].has[SPOOL_RESULT] ||
            read_checked(f, &f->attempts[i], SPOOL_INTENT, "intent", &intent, NULL) != STATUS_OK)
            continue;
        bool live = intent_is_live(intent);
        if (live)
            (void)error_set(e, STATUS_BUSY, "the run %s is going on: %s is being measured", f->folder.run_id,
                json_get_text(intent, "/test"));
        json_object_put(intent);
        if (live)
            return STATUS_BUSY;
    }
    return STATUS_OK;
}

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

/* What was merged before. A line that is no record is left out; the file is then kept aside. */
static enum status read_benchmark(struct finalising *f, struct error *e)
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
    enum status s = read_checked(f, a, SPOOL_INTENT, "intent", &intent, &why);
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
    bool whole = read_checked(f, a, SPOOL_ROOM, "record", record, NULL) == STATUS_OK;
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
        s = read_checked(f, a, SPOOL_RESULT, "record", &record, &why);
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

static enum status gather(struct finalising *f, struct error *e)
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

/* The moment is kept, so that doing it all again invents the same records. */
static enum status keep_found_time(struct finalising *f, struct error *e)
{
    struct buf path = BUF_INIT(4096), text = BUF_INIT(256);
    struct json_object *tree = NULL;
    enum status s = run_folder_path(&f->folder, "spool/found.json", &path);
    if (s == STATUS_OK && json_read_file(buf_text(&path), &tree, NULL) == STATUS_OK &&
        json_get_int(tree, "/unix_ns", &f->found_unix_ns))
        goto out;
    f->found_unix_ns = clock_wall_ns(clock_system());
    if (s == STATUS_OK)
        s = buf_printf(&text, "{\"unix_ns\":%lld}\n", (long long)f->found_unix_ns);
    if (s == STATUS_OK)
        s = fs_write_atomic(buf_text(&path), buf_text(&text), text.len, e);
out:
    json_object_put(tree);
    buf_fini(&path);
    buf_fini(&text);
    return s;
}

static enum status write_ended(struct finalising *f, struct error *e)
{
    const char *last = "", *was = json_get_text(f->folder.run, "/ended");
    for (size_t i = 0; i < f->ledger.count; i++)
        if (strcmp(f->ledger.entries[i].timestamp, last) > 0)
            last = f->ledger.entries[i].timestamp;
    if (last[0] == '\0')
        last = json_get_text(f->folder.run, "/started");
    if (was != NULL && strcmp(was, last) == 0)
        return STATUS_OK;
    if (!json_set_text(f->folder.run, "ended", last))
        return error_set(e, STATUS_NO_MEMORY, "no memory for run.json");
    return run_folder_save(&f->folder, f->folder.run, e);
}

/* A second name for what benchmark.jsonl was, before it is written anew. */
static enum status keep_bad_benchmark(struct finalising *f, struct error *e)
{
    struct buf path = BUF_INIT(4096), bad = BUF_INIT(4096);
    if (!f->benchmark_bad)
        return STATUS_OK;
    enum status s = run_folder_path(&f->folder, "benchmark.jsonl", &path);
    if (s == STATUS_OK)
        s = run_folder_path(&f->folder, "benchmark.jsonl.bad", &bad);
    if (s == STATUS_OK && link(buf_text(&path), buf_text(&bad)) != 0 && errno != EEXIST)
        s = error_set_errno(e, "cannot keep %s", buf_text(&bad));
    f->quarantined++;
    buf_fini(&path);
    buf_fini(&bad);
    return s;
}

static enum status merge_all(struct finalising *f, struct error *e)
{
    static const struct {
        enum spool_kind kind;
        const char *name;
    } files[] = {
        {SPOOL_EXCHANGES, "exchanges.jsonl"},
        {SPOOL_ANSWERS, "answers.jsonl"},
        {SPOOL_SAMPLES, "samples.jsonl"},
    };
    enum status s = keep_bad_benchmark(f, e);
    for (size_t i = 0; s == STATUS_OK && i < sizeof files / sizeof files[0]; i++)
        s = merge_lines(&f->folder, &f->ledger, files[i].kind, files[i].name, e);
    if (s == STATUS_OK)
        s = merge_records(&f->folder, &f->ledger, e);
    return s == STATUS_OK ? write_ended(f, e) : s;
}

/* What has been merged goes; what could not be read stays under another name. */
static void empty_spool_file(struct finalising *f, const struct attempt *a, enum spool_kind kind)
{
    struct buf path = BUF_INIT(4096), bad = BUF_INIT(4096);
    if (a->has[kind] && attempt_path(f, a, kind, &path) == STATUS_OK) {
        (void)buf_printf(&bad, "%s.bad", buf_text(&path));
        if (a->bad[kind] && rename(buf_text(&path), buf_text(&bad)) == 0)
            f->quarantined++;
        else
            (void)unlink(buf_text(&path));
    }
    buf_fini(&path);
    buf_fini(&bad);
}

static int remove_draft(const char *name, void *arg)
{
    const struct finalising *f = arg;
    size_t len = strlen(name);
    struct buf path = BUF_INIT(4096);
    bool draft = (len > 4 && strcmp(name + len - 4, ".tmp") == 0) || strcmp(name, "found.json") == 0 ||
                 strcmp(name, "owner.json") == 0;
    if (draft && buf_printf(&path, "%s/spool/%s", f->folder.path, name) == STATUS_OK)
        (void)unlink(buf_text(&path));
    buf_fini(&path);
    return 0;
}

static enum status empty_spool(struct finalising *f, struct error *e)
{
    struct buf path = BUF_INIT(4096);
    for (size_t i = 0; i < f->count; i++)
        for (int kind = SPOOL_KIND_COUNT - 1; kind >= 0; kind--)
            empty_spool_file(f, &f->attempts[i], (enum spool_kind)kind);
    enum status s = run_folder_path(&f->folder, "spool", &path);
    if (s == STATUS_OK)
        s = fs_list(buf_text(&path), remove_draft, f, e);
    buf_fini(&path);
    return s == STATUS_NOT_FOUND ? STATUS_OK : s;
}

static void sum_up(const struct finalising *f, struct finalised *sum)
{
    memset(sum, 0, sizeof *sum);
    sum->records = f->ledger.count;
    sum->quarantined = f->quarantined;
    for (size_t i = 0; i < f->ledger.count; i++)
        sum->counts[f->ledger.entries[i].outcome]++;
}

/*
 * True if the spool is empty and benchmark.jsonl already says everything: the folder may then be
 * read-only.
 */
static bool is_final(const struct finalising *f)
{
    struct planned t;
    if (f->count > 0 || f->benchmark_bad || json_get_text(f->folder.run, "/ended") == NULL)
        return false;
    for (size_t i = 0; planned_at(f->folder.run, i, &t); i++)
        if (!ledger_has(&f->ledger, t.test))
            return false;
    return true;
}

static enum status read_all(struct finalising *f, struct error *e)
{
    f->count = 0;
    f->benchmark_bad = false;
    ledger_fini(&f->ledger);
    enum status s = list_spool(f, e);
    return s == STATUS_OK ? read_benchmark(f, e) : s;
}

static enum status finalise_locked(struct finalising *f, struct error *e)
{
    enum status s = read_all(f, e);
    if (s == STATUS_OK)
        s = check_idle(f, e);
    if (s != STATUS_OK || is_final(f))
        return s;
    s = keep_found_time(f, e);
    if (s == STATUS_OK)
        s = gather(f, e);
    if (s == STATUS_OK)
        s = merge_all(f, e);
    return s == STATUS_OK ? empty_spool(f, e) : s;
}

static enum status lock_and_finalise(struct finalising *f, struct error *e)
{
    struct buf path = BUF_INIT(4096);
    int lock_fd = -1;
    enum status s = run_folder_path(&f->folder, ".finalise.lock", &path);
    if (s == STATUS_OK)
        s = fs_lock(buf_text(&path), LOCK_WAIT_NS, &lock_fd, e);
    if (s == STATUS_OK)
        s = finalise_locked(f, e);
    if (lock_fd >= 0)
        (void)close(lock_fd);
    buf_fini(&path);
    return s;
}

enum status finalise_run(const char *path, struct finalised *sum, struct error *e)
{
    struct finalising f = {.count = 0};
    memset(sum, 0, sizeof *sum);
    enum status s = run_folder_open(path, &f.folder, e);
    if (s == STATUS_OK)
        s = read_all(&f, e);
    if (s == STATUS_OK && !is_final(&f))
        s = lock_and_finalise(&f, e);
    if (s == STATUS_OK) {
        ledger_settle(&f.ledger);
        sum_up(&f, sum);
    }
    ledger_fini(&f.ledger);
    free(f.attempts);
    run_folder_fini(&f.folder);
    return s;
}
