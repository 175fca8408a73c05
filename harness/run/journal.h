/*
 * journal.h - the shared memory through which a case tells its supervisor what happened.
 *
 * One writer (the runner), one reader (the supervisor), no locks. Each store becomes visible after what it
 * describes, so a SIGKILL at any moment leaves whole entries only. Memory is taken page by page as it is
 * written. A full journal drops what follows and counts it; nothing is ever overwritten. The reader trusts
 * nothing: a case that wrote over the journal can lose its own entries, never crash the supervisor.
 *
 *     struct journal *j;
 *     if (journal_open(JOURNAL_BYTES, &j, &why) != STATUS_OK) ...     // before the fork
 *     journal_enter(j, PHASE_BODY, clock_mono_ns(clock));             // in the runner
 *     journal_observe(j, "ttft_s", repeat, &seconds, 1);
 *
 *     struct journal_entry entry;                                     // in the supervisor
 *     for (size_t at = 0; journal_next(j, &at, &entry);) ...
 *     journal_close(j);
 */
#ifndef ASSAY_JOURNAL_H
#define ASSAY_JOURNAL_H

#include "status.h"

#include <stddef.h>
#include <stdint.h>

#define JOURNAL_BYTES ((size_t)256 << 20) /* address space; memory only where something is written */

struct journal; /* opaque */
struct json_object;
struct exchange;
struct tpot;
struct cross_limits;

/* How far a case came, as in the record's process.phase_reached. Phases are entered once, in this order. */
enum journal_phase {
    PHASE_NONE,
    PHASE_SETUP,
    PHASE_WARMUP,
    PHASE_BODY,
    PHASE_TEARDOWN,
    PHASE_DONE, /* the body returned and everything is closed */
    PHASE_SKIP, /* the case asked to be skipped; the reason is in the journal */
    PHASE_COUNT
};
const char *journal_phase_name(enum journal_phase phase); /* "none", "setup", ... */

/* What an entry is; its bytes are JSON text. The functions below write each kind. */
enum journal_type {
    JOURNAL_EXCHANGE = 1, /* a line of exchanges.jsonl without run_id, test and attempt */
    JOURNAL_ANSWER,       /* a line of answers.jsonl likewise */
    JOURNAL_OBSERVATION,  /* {metric, repeat, values[], pooled?, k1?, low?, high?} */
    JOURNAL_TALLY,        /* of one exchange: {measured, ok, attempts, repeat, sent_ns, done_ns, errors[],
                      finish_reason?, tokens?, model?} */
    JOURNAL_EVENT,        /* {event, t_ns} */
    JOURNAL_NOTE,         /* {key, value} for the record's metadata */
    JOURNAL_PARAMETERS,   /* members of the record's parameters, over those of the run */
    JOURNAL_STOP_TOKENS,  /* the record's stop_tokens */
    JOURNAL_CROSS_CHECK,  /* of one measured exchange: [{metric, client, server, source, differs, cause?}] */
    JOURNAL_GRADE,        /* of the answer of one exchange: {index, category, expected, found, correct} */
    JOURNAL_SERVER,       /* {version}: as the server says it in this test */
    JOURNAL_LOAD,         /* of one measured load test: what load_figures.h takes */
    JOURNAL_REQUEST,      /* a line of requests.jsonl without run_id, test and attempt */
    JOURNAL_TYPE_COUNT
};

enum status journal_open(size_t bytes, struct journal **j, struct error *e) ASSAY_MUST_CHECK;
void journal_close(struct journal *j); /* NULL allowed; unmaps this process's view */

/* For the runner. A bool says whether the entry went in; false also where JSON ran out of memory. */

void journal_enter(struct journal *j, enum journal_phase phase, int64_t mono_ns);
/* "repeat 3, exchange 12": what the record's message says where a case crashed. printf-like. */
void journal_mark(struct journal *j, const char *format, ...) ASSAY_PRINTF(2, 3);
/* Stores the reason and enters PHASE_SKIP; the caller then ends the test. */
void journal_skip(struct journal *j, const char *reason, int64_t mono_ns);
/* Why the case could not begin (no target, no such prompt): the outcome becomes `error` with this text. */
void journal_refuse(struct journal *j, const char *why);
/* Why this client could not measure (it was late, or lacked descriptors): the outcome becomes `harness_error` with
 * this text, whatever was asserted. */
void journal_unfit(struct journal *j, const char *why);
/* What Check says: rtype is enum test_result; message and file may be NULL. */
void journal_result(
    struct journal *j, int tests_run, int rtype, const char *message, const char *file, int line);

bool journal_append(struct journal *j, enum journal_type type, const void *bytes, size_t len);
void journal_drop(struct journal *j); /* counts an entry that could not even be written as JSON */
bool journal_append_json(struct journal *j, enum journal_type type, struct json_object *tree); /* takes it */

/* n values of one metric in one repeat (0...): one for an ordinary metric, all samples for a pooled one. */
bool journal_observe(struct journal *j, const char *metric, int repeat, const double *values, size_t n);
/* The same of many independent requests of a load, all of which count: n > 0. k1, low and high as in
 * performance.h. */
struct journal_pool {
    const char *metric;
    int repeat;
    const double *values;
    size_t n;
    const char *k1;
    double low, high;
};
bool journal_observe_pool(struct journal *j, const struct journal_pool *pool);
bool journal_observe_tpot(struct journal *j, int repeat, const struct tpot *tpot);
bool journal_event(struct journal *j, const char *event, int64_t mono_ns);
bool journal_server(struct journal *j, const char *version);
bool journal_note(struct journal *j, const char *key, const char *value);
bool journal_stop_tokens(
    struct journal *j, const char *const *configured, const char *const *detected, bool leaked);

/*
 * Where an exchange stands in its case, and what was asked: the members that exchange_to_json does not
 * know.
 */
struct journal_place {
    const char *role;        /* "warmup", "measured", "check" */
    int repeat;              /* -warmup..-1, 0.. */
    int index;               /* of the exchange in the case, from 0 */
    const char *kind;        /* "chat", "raw" */
    const char *method;      /* with kind "raw"; NULL: left out */
    const char *path;        /* likewise */
    const char *answered_by; /* the model that the answer names; NULL: none was asked for, or it names none */
    const char *salt;        /* what the first message began with; NULL: unsalted */
    bool fresh;              /* with a salt of its own: no cache can know the prompt */
};

/*
 * The exchange line (exchange_to_json and the place) and the tally that the record's errors,
 * finish_reasons, retries and tokens are summed from. Metrics are observed by the caller: only it knows
 * what is measured.
 */
bool journal_exchange(struct journal *j, const struct journal_place *place, const struct exchange *x);

/* What the server says of a measured exchange beside what was seen of it; nothing where it says nothing. */
bool journal_cross_check(struct journal *j, const struct exchange *x, const struct cross_limits *limits);

struct assay_graded;
bool journal_grade(struct journal *j, int index, const struct assay_graded *graded);

/* For the supervisor. */

struct journal_entry {
    enum journal_type type;
    const char *text; /* borrowed from the journal, not NUL-terminated */
    size_t len;
};

/* Walks the entries: *at is 0 at the start. False at the end, or where the journal was written over. */
bool journal_next(const struct journal *j, size_t *at, struct journal_entry *entry);

/* A copy of the fixed part, every text terminated, every number within its range. */
struct journal_state {
    enum journal_phase phase;
    int64_t entered_ns[PHASE_COUNT]; /* monotonic; 0: never entered */
    char mark[256];
    char skip_reason[4096];
    char refusal[1024];
    char unfit[1024];
    bool has_result;
    int tests_run, rtype;
    char message[4096];
    char file[256];
    int line;
    int64_t entries, dropped; /* dropped: no room in the journal, or no memory in the runner */
    bool damaged;             /* the control block does not look like one */
};
void journal_read(const struct journal *j, struct journal_state *state);
enum journal_phase journal_phase(const struct journal *j); /* the same without a copy */

#endif
