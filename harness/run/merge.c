#include "merge.h"

#include "fs.h"
#include "json.h"
#include "jsonl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WRITE_BYTES ((size_t)1 << 20)

static void free_entry(struct ledger_entry *entry)
{
    free(entry->test);
    free(entry->line);
}

enum status ledger_add(struct ledger *ledger, struct ledger_entry *entry, struct error *e)
{
    if (ledger->count == ledger->cap) {
        size_t cap = ledger->cap == 0 ? 64 : ledger->cap * 2;
        struct ledger_entry *moved = realloc(ledger->entries, cap * sizeof *moved);
        if (moved == NULL) {
            free_entry(entry);
            return error_set(e, STATUS_NO_MEMORY, "no memory for the records of a run");
        }
        ledger->entries = moved;
        ledger->cap = cap;
    }
    if (entry->test == NULL || entry->line == NULL) {
        free_entry(entry);
        return error_set(e, STATUS_NO_MEMORY, "no memory for the records of a run");
    }
    ledger->entries[ledger->count++] = *entry;
    return STATUS_OK;
}

void ledger_fini(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->count; i++)
        free_entry(&ledger->entries[i]);
    free(ledger->entries);
    *ledger = (struct ledger){0};
}

static int compare_attempts(const struct ledger_entry *a, const struct ledger_entry *b)
{
    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    int names = strcmp(a->test, b->test);
    return names != 0 ? names : (a->attempt > b->attempt) - (a->attempt < b->attempt);
}

/* Of two equal attempts the more trusted one first. */
static int in_order(const void *left, const void *right)
{
    const struct ledger_entry *a = left, *b = right;
    int by_attempt = compare_attempts(a, b);
    return by_attempt != 0 ? by_attempt : (int)b->source - (int)a->source;
}

static bool ran_after_all(const struct ledger *ledger, const struct ledger_entry *not_run)
{
    for (size_t i = 0; i < ledger->count; i++)
        if (ledger->entries[i].outcome != OUTCOME_NOT_RUN &&
            strcmp(ledger->entries[i].test, not_run->test) == 0)
            return true;
    return false;
}

static bool is_superseded(const struct ledger *ledger, size_t kept, size_t i)
{
    const struct ledger_entry *entry = &ledger->entries[i];
    return entry->superseded || (kept > 0 && compare_attempts(&ledger->entries[kept - 1], entry) == 0);
}

void ledger_settle(struct ledger *ledger)
{
    size_t kept = 0;
    for (size_t i = 0; i < ledger->count; i++)
        ledger->entries[i].superseded =
            ledger->entries[i].outcome == OUTCOME_NOT_RUN && ran_after_all(ledger, &ledger->entries[i]);
    if (ledger->count > 1)
        qsort(ledger->entries, ledger->count, sizeof *ledger->entries, in_order);
    for (size_t i = 0; i < ledger->count; i++) {
        if (is_superseded(ledger, kept, i))
            free_entry(&ledger->entries[i]);
        else
            ledger->entries[kept++] = ledger->entries[i];
    }
    ledger->count = kept;
}

bool ledger_has(const struct ledger *ledger, const char *test)
{
    for (size_t i = 0; i < ledger->count; i++)
        if (strcmp(ledger->entries[i].test, test) == 0)
            return true;
    return false;
}

/* A file that appears whole: written beside its place, synced, renamed. */
struct draft {
    int fd;
    struct buf path, place, pending;
};

static enum status draft_open(
    struct draft *d, const struct run_folder *folder, const char *name, struct error *e)
{
    *d = (struct draft){.fd = -1,
        .path = BUF_INIT(4096),
        .place = BUF_INIT(4096),
        .pending = BUF_INIT(JSONL_LINE_MAX + WRITE_BYTES + 1)};
    enum status s = run_folder_path(folder, name, &d->place);
    if (s == STATUS_OK)
        s = buf_printf(&d->path, "%s.merging", buf_text(&d->place));
    if (s != STATUS_OK)
        return s;
    d->fd = open(buf_text(&d->path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    return d->fd >= 0 ? STATUS_OK : error_set_errno(e, "cannot make %s", buf_text(&d->path));
}

static enum status draft_flush(struct draft *d, struct error *e)
{
    for (size_t done = 0; done < d->pending.len;) {
        ssize_t n = write(d->fd, d->pending.data + done, d->pending.len - done);
        if (n < 0 && errno != EINTR)
            return error_set_errno(e, "cannot write %s", buf_text(&d->path));
        done += n > 0 ? (size_t)n : 0;
    }
    buf_clear(&d->pending);
    return STATUS_OK;
}

static enum status draft_line(struct draft *d, const char *text, size_t len, struct error *e)
{
    (void)buf_append(&d->pending, text, len);
    (void)buf_append_char(&d->pending, '\n');
    enum status s = buf_status(&d->pending);
    return s == STATUS_OK && d->pending.len >= WRITE_BYTES ? draft_flush(d, e) : s;
}

/* Puts the file in its place if all went well so far, and gives everything back. */
static enum status draft_close(
    struct draft *d, const struct run_folder *folder, enum status s, struct error *e)
{
    if (s == STATUS_OK)
        s = draft_flush(d, e);
    if (s == STATUS_OK)
        s = fs_sync_fd(d->fd, e);
    if (s == STATUS_OK && rename(buf_text(&d->path), buf_text(&d->place)) != 0)
        s = error_set_errno(e, "cannot put %s in its place", buf_text(&d->place));
    if (s == STATUS_OK)
        s = fs_sync_dir(folder->path, e);
    else
        (void)unlink(buf_text(&d->path));
    if (d->fd >= 0)
        (void)close(d->fd);
    buf_fini(&d->path);
    buf_fini(&d->place);
    buf_fini(&d->pending);
    return s;
}

enum status merge_records(const struct run_folder *folder, const struct ledger *ledger, struct error *e)
{
    struct draft d;
    enum status s = draft_open(&d, folder, "benchmark.jsonl", e);
    for (size_t i = 0; s == STATUS_OK && i < ledger->count; i++)
        s = draft_line(&d, ledger->entries[i].line, strlen(ledger->entries[i].line), e);
    return draft_close(&d, folder, s, e);
}

static bool has_piece(const struct run_folder *folder, const struct ledger_entry *entry, enum spool_kind kind)
{
    struct buf path = BUF_INIT(4096);
    bool there = spool_path(folder, entry->test, entry->attempt, kind, &path) == STATUS_OK &&
                 fs_exists(buf_text(&path));
    buf_fini(&path);
    return there;
}

struct merging {
    const struct run_folder *folder;
    struct ledger *ledger;
    enum spool_kind kind;
    struct draft draft;
};

/*
 * Marks the attempts that a line belongs to as merged: a merged file appears whole, so one line of an
 * attempt means all of them. Lines of an attempt stand together, so the last answer is mostly the next
 * one too.
 */
static void mark_merged(struct ledger *ledger, const struct json_object *line, size_t *last)
{
    const char *test = json_get_text(line, "/test");
    int64_t attempt = 0;
    if (test == NULL || !json_get_int(line, "/attempt", &attempt))
        return;
    for (size_t i = 0; i < ledger->count; i++) {
        size_t at = (*last + i) % ledger->count;
        if (ledger->entries[at].attempt != attempt || strcmp(ledger->entries[at].test, test) != 0)
            continue;
        ledger->entries[at].to_merge = false;
        *last = at;
        return;
    }
}

/* Copies the whole lines of a file to the draft, or only marks their attempts where there is none. */
static enum status walk_lines(struct merging *m, const char *path, bool copy, struct error *e)
{
    struct jsonl *reader = NULL;
    enum status s = jsonl_open(path, &reader, e);
    if (s == STATUS_NOT_FOUND)
        return STATUS_OK;
    struct jsonl_line line;
    size_t last = 0;
    while (s == STATUS_OK && jsonl_next(reader, &line)) {
        if (line.status != STATUS_OK || line.tree == NULL)
            continue;
        if (copy)
            s = draft_line(&m->draft, line.text, line.len, e);
        else
            mark_merged(m->ledger, line.tree, &last);
    }
    enum status closed = jsonl_close(reader, s == STATUS_OK ? e : NULL);
    return s == STATUS_OK ? closed : s;
}

/* ctest may run tests in another order than the plan's; who reads samples wants them in that of time. */
static int by_start(const void *left, const void *right)
{
    const struct ledger_entry *const *a = left, *const *b = right;
    if ((*a)->start_ns != (*b)->start_ns)
        return (*a)->start_ns < (*b)->start_ns ? -1 : 1;
    return in_order(*a, *b);
}

static enum status copy_piece(struct merging *m, const struct ledger_entry *entry, struct error *e)
{
    struct buf path = BUF_INIT(4096);
    enum status s = spool_path(m->folder, entry->test, entry->attempt, m->kind, &path);
    if (s == STATUS_OK)
        s = walk_lines(m, buf_text(&path), true, e);
    buf_fini(&path);
    return s;
}

static enum status copy_pieces(struct merging *m, size_t count, struct error *e)
{
    const struct ledger_entry **pieces = calloc(count, sizeof *pieces);
    enum status s =
        pieces != NULL ? STATUS_OK : error_set(e, STATUS_NO_MEMORY, "no memory for the records of a run");
    size_t found = 0;
    for (size_t i = 0; pieces != NULL && i < m->ledger->count; i++)
        if (m->ledger->entries[i].to_merge)
            pieces[found++] = &m->ledger->entries[i];
    if (found > 1)
        qsort(pieces, found, sizeof *pieces, by_start);
    for (size_t i = 0; s == STATUS_OK && i < found; i++)
        s = copy_piece(m, pieces[i], e);
    free(pieces);
    return s;
}

/* Finds the pieces that are not in the merged file yet. */
static enum status find_pieces(struct merging *m, const char *name, size_t *pieces, struct error *e)
{
    struct ledger *ledger = m->ledger;
    struct buf path = BUF_INIT(4096);
    for (size_t i = 0; i < ledger->count; i++)
        ledger->entries[i].to_merge = has_piece(m->folder, &ledger->entries[i], m->kind);
    enum status s = run_folder_path(m->folder, name, &path);
    if (s == STATUS_OK)
        s = walk_lines(m, buf_text(&path), false, e);
    *pieces = 0;
    for (size_t i = 0; i < ledger->count; i++)
        *pieces += ledger->entries[i].to_merge;
    buf_fini(&path);
    return s;
}

enum status merge_lines(const struct run_folder *folder, struct ledger *ledger, enum spool_kind kind,
    const char *name, struct error *e)
{
    struct merging m = {.folder = folder, .ledger = ledger, .kind = kind};
    size_t pieces = 0;
    enum status s = find_pieces(&m, name, &pieces, e);
    if (s != STATUS_OK || pieces == 0)
        return s;
    s = draft_open(&m.draft, folder, name, e);
    if (s == STATUS_OK)
        s = walk_lines(&m, buf_text(&m.draft.place), true, e);
    if (s == STATUS_OK)
        s = copy_pieces(&m, pieces, e);
    return draft_close(&m.draft, folder, s, e);
}
