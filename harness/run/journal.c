#include "journal.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define JOURNAL_MAGIC UINT64_C(0x61737361796a6e31) /* "assayjn1": the layout below */
#define JOURNAL_ALIGN ((size_t)8)
#define MARK_SIZE 256

/* A text that is there or not: `set` is stored after the bytes. */
#define BLOCK_TEXT(name, size)                                                                               \
    struct {                                                                                                 \
        _Atomic uint32_t set;                                                                                \
        char text[size];                                                                                     \
    } name

/* What both processes see. */
struct journal_block {
    uint64_t magic;
    _Atomic uint32_t phase;
    _Atomic uint32_t mark_slot; /* which of the two marks is the whole one */
    _Atomic int64_t entered_ns[PHASE_COUNT];
    char marks[2][MARK_SIZE];
    BLOCK_TEXT(skip_reason, 4096);
    BLOCK_TEXT(refusal, 1024);
    BLOCK_TEXT(unfit, 1024);
    _Atomic uint32_t has_result;
    int32_t tests_run, rtype, line;
    char message[4096];
    char file[256];
    _Atomic int64_t entries, dropped;
    _Atomic uint64_t committed; /* bytes of log that hold whole entries */
    _Alignas(8) unsigned char log[];
};

/* What each process has of its own, so that the reader's bounds are out of the writer's reach. */
struct journal {
    struct journal_block *block;
    size_t bytes;     /* of the mapping */
    size_t log_bytes; /* of the log in it */
};

struct entry_head {
    uint32_t type, len;
};

static const char *const phase_names[PHASE_COUNT] = {
    [PHASE_NONE] = "none",
    [PHASE_SETUP] = "setup",
    [PHASE_WARMUP] = "warmup",
    [PHASE_BODY] = "body",
    [PHASE_TEARDOWN] = "teardown",
    [PHASE_DONE] = "done",
    [PHASE_SKIP] = "skip",
};

const char *journal_phase_name(enum journal_phase phase)
{
    return (unsigned)phase < PHASE_COUNT ? phase_names[phase] : "none";
}

enum status journal_open(size_t bytes, struct journal **j, struct error *e)
{
    *j = NULL;
    struct journal *made = calloc(1, sizeof *made);
    if (made == NULL)
        return error_set(e, STATUS_NO_MEMORY, "no memory for a journal");
    int flags = MAP_SHARED | MAP_ANONYMOUS;
#ifdef MAP_NORESERVE
    flags |= MAP_NORESERVE;
#endif
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (at == MAP_FAILED) {
        free(made);
        return error_set_errno(e, "no room for a journal of %zu bytes", bytes);
    }
    made->block = at;
    made->bytes = bytes;
    made->log_bytes = bytes - offsetof(struct journal_block, log);
    made->block->magic = JOURNAL_MAGIC;
    *j = made;
    return STATUS_OK;
}

void journal_close(struct journal *j)
{
    if (j == NULL)
        return;
    munmap(j->block, j->bytes);
    free(j);
}

static void copy_text(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from ? from : "");
}

void journal_enter(struct journal *j, enum journal_phase phase, int64_t mono_ns)
{
    struct journal_block *b = j->block;
    if ((unsigned)phase >= PHASE_COUNT)
        return;
    if (atomic_load_explicit(&b->entered_ns[phase], memory_order_relaxed) == 0)
        atomic_store_explicit(&b->entered_ns[phase], mono_ns, memory_order_relaxed);
    atomic_store_explicit(&b->phase, (uint32_t)phase, memory_order_release);
}

void journal_mark(struct journal *j, const char *format, ...)
{
    struct journal_block *b = j->block;
    uint32_t other = (atomic_load_explicit(&b->mark_slot, memory_order_relaxed) & 1U) ^ 1U;
    va_list args;
    va_start(args, format);
    vsnprintf(b->marks[other], MARK_SIZE, format, args);
    va_end(args);
    atomic_store_explicit(&b->mark_slot, other, memory_order_release);
}

void journal_skip(struct journal *j, const char *reason, int64_t mono_ns)
{
    copy_text(j->block->skip_reason.text, sizeof j->block->skip_reason.text, reason);
    atomic_store_explicit(&j->block->skip_reason.set, 1, memory_order_release);
    journal_enter(j, PHASE_SKIP, mono_ns);
}

void journal_refuse(struct journal *j, const char *why)
{
    copy_text(j->block->refusal.text, sizeof j->block->refusal.text, why);
    atomic_store_explicit(&j->block->refusal.set, 1, memory_order_release);
}

void journal_unfit(struct journal *j, const char *why)
{
    copy_text(j->block->unfit.text, sizeof j->block->unfit.text, why);
    atomic_store_explicit(&j->block->unfit.set, 1, memory_order_release);
}

void journal_result(
    struct journal *j, int tests_run, int rtype, const char *message, const char *file, int line)
{
    struct journal_block *b = j->block;
    b->tests_run = tests_run;
    b->rtype = rtype;
    b->line = line;
    copy_text(b->message, sizeof b->message, message);
    copy_text(b->file, sizeof b->file, file);
    atomic_store_explicit(&b->has_result, 1, memory_order_release);
}

void journal_drop(struct journal *j)
{
    atomic_fetch_add_explicit(&j->block->dropped, 1, memory_order_relaxed);
}

bool journal_append(struct journal *j, enum journal_type type, const void *bytes, size_t len)
{
    struct journal_block *b = j->block;
    uint64_t at = atomic_load_explicit(&b->committed, memory_order_relaxed);
    struct entry_head head = {(uint32_t)type, (uint32_t)len};
    size_t room = at <= j->log_bytes ? j->log_bytes - (size_t)at : 0;
    size_t padded = (len + JOURNAL_ALIGN - 1) / JOURNAL_ALIGN * JOURNAL_ALIGN;
    if (len > UINT32_MAX / 2 || sizeof head + padded > room) {
        journal_drop(j);
        return false;
    }
    memcpy(b->log + at, &head, sizeof head);
    if (len > 0)
        memcpy(b->log + at + sizeof head, bytes, len);
    atomic_fetch_add_explicit(&b->entries, 1, memory_order_relaxed);
    atomic_store_explicit(&b->committed, at + sizeof head + padded, memory_order_release);
    return true;
}

bool journal_next(const struct journal *j, size_t *at, struct journal_entry *entry)
{
    uint64_t committed = atomic_load_explicit(&j->block->committed, memory_order_acquire);
    struct entry_head head;
    if (committed > j->log_bytes || *at + sizeof head > committed)
        return false;
    memcpy(&head, j->block->log + *at, sizeof head);
    if (head.type == 0 || head.type >= JOURNAL_TYPE_COUNT || head.len > committed - *at - sizeof head)
        return false;
    entry->type = (enum journal_type)head.type;
    entry->text = (const char *)j->block->log + *at + sizeof head;
    entry->len = head.len;
    *at += sizeof head + (head.len + JOURNAL_ALIGN - 1) / JOURNAL_ALIGN * JOURNAL_ALIGN;
    return true;
}

/* Copies at most size - 1 bytes of a field that may have lost its terminator. */
static void read_text(char *to, size_t size, const char *from, size_t from_size)
{
    size_t len = strnlen(from, from_size < size ? from_size : size - 1);
    memcpy(to, from, len);
    to[len] = '\0';
}

static void read_result(const struct journal_block *b, struct journal_state *state)
{
    state->has_result = atomic_load_explicit(&b->has_result, memory_order_acquire) != 0;
    if (!state->has_result)
        return;
    state->tests_run = b->tests_run;
    state->rtype = b->rtype;
    state->line = b->line > 0 ? b->line : 0;
    read_text(state->message, sizeof state->message, b->message, sizeof b->message);
    read_text(state->file, sizeof state->file, b->file, sizeof b->file);
}

enum journal_phase journal_phase(const struct journal *j)
{
    uint32_t phase = atomic_load_explicit(&j->block->phase, memory_order_acquire);
    return phase < PHASE_COUNT ? (enum journal_phase)phase : PHASE_NONE;
}

void journal_read(const struct journal *j, struct journal_state *state)
{
    const struct journal_block *b = j->block;
    memset(state, 0, sizeof *state);
    uint32_t phase = atomic_load_explicit(&b->phase, memory_order_acquire);
    state->damaged = b->magic != JOURNAL_MAGIC || phase >= PHASE_COUNT ||
                     atomic_load_explicit(&b->committed, memory_order_acquire) > j->log_bytes;
    if (state->damaged)
        return;
    state->phase = (enum journal_phase)phase;
    for (int i = 0; i < PHASE_COUNT; i++) {
        int64_t entered_ns = atomic_load_explicit(&b->entered_ns[i], memory_order_relaxed);
        state->entered_ns[i] = entered_ns > 0 ? entered_ns : 0;
    }
    uint32_t slot = atomic_load_explicit(&b->mark_slot, memory_order_acquire) & 1U;
    read_text(state->mark, sizeof state->mark, b->marks[slot], MARK_SIZE);
    if (atomic_load_explicit(&b->skip_reason.set, memory_order_acquire))
        read_text(
            state->skip_reason, sizeof state->skip_reason, b->skip_reason.text, sizeof b->skip_reason.text);
    if (atomic_load_explicit(&b->refusal.set, memory_order_acquire))
        read_text(state->refusal, sizeof state->refusal, b->refusal.text, sizeof b->refusal.text);
    if (atomic_load_explicit(&b->unfit.set, memory_order_acquire))
        read_text(state->unfit, sizeof state->unfit, b->unfit.text, sizeof b->unfit.text);
    read_result(b, state);
    state->entries = atomic_load_explicit(&b->entries, memory_order_relaxed);
    state->dropped = atomic_load_explicit(&b->dropped, memory_order_relaxed);
}
