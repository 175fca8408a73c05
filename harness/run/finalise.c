#include "finalise.h"

#include "anonymise.h"
#include "clock.h"
#include "finalising.h"
#include "fs.h"
#include "intent.h"
#include "json.h"
#include "provenance.h"
#include "schema_reading.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOCK_WAIT_NS (10 * NS_PER_S)

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
            finalising_read(f, &f->attempts[i], SPOOL_INTENT, "intent", &intent, NULL) != STATUS_OK)
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

/* An empty folder is easily lost where results are copied. */
static enum status make_spool(const struct finalising *f, struct error *e)
{
    struct buf path = BUF_INIT(4096);
    enum status s = run_folder_path(&f->folder, "spool", &path);
    if (s == STATUS_OK)
        s = fs_make_dirs(buf_text(&path), e);
    buf_fini(&path);
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
        s = make_spool(f, e);
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

/* The moment and the list of files appear at once: a run that has ended has a list. */
static enum status write_ended(struct finalising *f, struct error *e)
{
    const char *last = "";
    struct json_object *files = NULL;
    for (size_t i = 0; i < f->ledger.count; i++)
        if (strcmp(f->ledger.entries[i].timestamp, last) > 0)
            last = f->ledger.entries[i].timestamp;
    if (last[0] == '\0')
        last = json_get_text(f->folder.run, "/started");
    enum status s = provenance_list(f->folder.path, &files, e);
    if (s != STATUS_OK)
        return s;
    if (!json_set(f->folder.run, "files", files) || !json_set_text(f->folder.run, "ended", last))
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
        {SPOOL_REQUESTS, "requests.jsonl"},
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
    if (a->has[kind] && finalising_path(f, a, kind, &path) == STATUS_OK) {
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
    static const char *const drafts[] = {"found.json", "owner.json", "servers.json", "rates.json"};
    bool draft = len > 4 && strcmp(name + len - 4, ".tmp") == 0;
    for (size_t i = 0; i < sizeof drafts / sizeof drafts[0]; i++)
        draft |= strcmp(name, drafts[i]) == 0;
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
    enum status s = finalising_list_spool(f, e);
    return s == STATUS_OK ? finalising_read_benchmark(f, e) : s;
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
        s = finalising_reconcile(f, e);
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

/* Once: whoever finalises it later may sit at another machine, whose names are none of the run's. */
static enum status anonymise_asked(const struct finalising *f, struct error *e)
{
    const char *state = json_get_text(f->folder.run, "/anonymous");
    return state != NULL && strcmp(state, "done") != 0 ? anonymise_run(f->folder.path, e) : STATUS_OK;
}

enum status finalise_run(const char *path, struct finalised *sum, struct error *e)
{
    struct finalising f = {.count = 0};
    memset(sum, 0, sizeof *sum);
    enum status s = run_folder_open(path, &f.folder, e);
    if (s == STATUS_OK) /* its records are none that we could judge, either */
        s = schema_check_for_writing_again("run", f.folder.run, e);
    if (s == STATUS_OK)
        s = read_all(&f, e);
    if (s == STATUS_OK && !is_final(&f))
        s = lock_and_finalise(&f, e);
    if (s == STATUS_OK)
        s = anonymise_asked(&f, e);
    if (s == STATUS_OK) {
        ledger_settle(&f.ledger);
        sum_up(&f, sum);
    }
    ledger_fini(&f.ledger);
    free(f.attempts);
    run_folder_fini(&f.folder);
    return s;
}
