/*
 * assay.h - what the author of a benchmark case includes.
 *
 * A case is a C function. It gets a context (target, model, prompts, repeats), makes exchanges, asserts with
 * Check's macros, and observes figures. A complete one:
 *
 *     #include <assay/assay.h>                 // within assay itself: "assay.h"
 *
 *     static void short_answer(struct assay_context *ctx)
 *     {
 *         struct chat_request request = assay_request(ctx, "short");    // a prompt by its name
 *         for (int repeat = 0; assay_next(ctx, &repeat);) {             // warm-up first, then the repeats
 *             const struct exchange *x = assay_chat(ctx, &request);     // salted, measured, recorded
 *             ck_assert_msg(x->error == EXCHANGE_OK, "%s", x->error_text);
 *             ck_assert_msg(x->answer.len > 0, "the answer is empty");
 *         }
 *     }
 *
 *     static const struct assay_case cases[] = {
 *         {.id = "chat.short", .summary = "a short answer, streamed", .body = short_answer, .version = 1,
 *          .per_model = true},
 *         {0},
 *     };
 *
 * The body runs in a process of its own. A failed assertion ends it; so does assay_skip(). Whatever happens -
 * crash, endless loop, exit() - the supervisor outside writes the record. Nothing here is called from another
 * thread.
 */
#ifndef ASSAY_ASSAY_H
#define ASSAY_ASSAY_H

#include "exchange.h"
#include "model_server.h"

#include <check.h>

ASSAY_BEGIN

struct assay_context;

#define ASSAY_CASE_TIMEOUT_S 300

struct assay_case {
    const char *id;      /* "suite.name": [a-z][a-z0-9_]* on both sides of the point */
    const char *summary; /* one line for `assay list` and the report */
    void (*body)(struct assay_context *);
    int version; /* raise it when what is measured changes: records of different versions do not compare */
    bool on_request;       /* long, or disturbs others: planned only where its suite or its id is named */
    bool by_name;          /* with on_request: only where its id is named (-c), not with its suite */
    bool per_model;        /* run on every model; otherwise once per target */
    bool server_memory;    /* the server's memory is one of its figures, where it runs on this machine */
    bool no_target;        /* run once, without any target */
    bool where_known;      /* on a model that nobody says anything of: only where its suite or id is named */
    unsigned needs;        /* enum modality, or-ed; a model known to lack one is skipped with that reason */
    unsigned needs_offers; /* enum offer, or-ed; a protocol that lacks one is skipped with that reason */
    int64_t needs_context; /* tokens; a model known to have less is skipped with that reason */
    double timeout_s;      /* of the whole case; 0: ASSAY_CASE_TIMEOUT_S */
    int repeats;      /* 0: the run's default (10, quick 5); 1 for cases that check rather than measure */
    int warmup;       /* -1: none; 0: the run's default (1) */
    int requests;     /* of one repeat, for estimates; 0: 1 */
    int64_t tokens;   /* that one repeat asks for at most, for estimates */
    double repeat_s;  /* that one repeat takes whatever the server, for estimates; 0: by its requests */
    const void *data; /* for the body: several cases that differ in numbers only share one */
};

/* A named conversation that cases ask for; tables of them end with name NULL. */
struct assay_prompt {
    const char *name;
    const char *system; /* or NULL */
    const char *text;   /* the user's message */
    int64_t max_tokens; /* what a request with it asks for where the run does not say */
};

/*
 * All that a program with cases hands to the harness. A prompt of its own hides assay's of the same name; the others
 * can be asked for too. Its name ([A-Za-z0-9_-]+) and version stand in its records, which compare with none of a
 * program of another name.
 */
struct assay_suite {
    const struct assay_case *cases;     /* ends with id NULL */
    const struct assay_prompt *prompts; /* ends with name NULL; or NULL: only assay's */
    const char *name;
    const char *version; /* of its cases; or NULL */
    bool with_builtin;   /* the program has assay's own cases too */
};

/*
 * The main() of a program with cases: all of assay's verbs (run, list, report, ...) with the suite's cases in the place
 * of assay's own. Returns the exit code, 2 where the tables are not as said above. suite NULL: assay itself.
 */
ASSAY_API int assay_main(int argc, char **argv, const struct assay_suite *suite);

/* The case's surroundings. */
ASSAY_API struct target *assay_target(struct assay_context *ctx);
/* NULL for a case without a model. */
ASSAY_API const struct model_info *assay_model(const struct assay_context *ctx);
ASSAY_API int assay_repeats(const struct assay_context *ctx);
ASSAY_API const void *assay_data(const struct assay_context *ctx); /* of the case */

/*
 * Drives the loop: true with *repeat = -warmup..-1 for warm-ups, then 0..repeats-1 for measured repeats,
 * false at the end. Start with *repeat = 0 once; the context keeps count. Exchanges of a warm-up, and those
 * outside of the loop, are recorded, never measured.
 */
ASSAY_API bool assay_next(struct assay_context *ctx, int *repeat);

/*
 * A request for this model with the run's settings (max_tokens, temperature, seed, retries; streamed) and a
 * prompt by name, or the user's own (--prompt) where one was given. Its messages belong
 * to the context and are good until the next assay_request*(). A name that no prompt has ends the case as failed.
 */
ASSAY_API struct chat_request assay_request(struct assay_context *ctx, const char *prompt_name);

/* The same with the case's own messages (copied). */
ASSAY_API struct chat_request assay_request_messages(
    struct assay_context *ctx, const struct chat_message *messages, size_t count);

/* One user message: `words` words without meaning, drawn with the run's seed, and then a question. */
ASSAY_API struct chat_request assay_request_words(
    struct assay_context *ctx, size_t words, const char *question, int64_t max_tokens);

/* The user's own file of tasks (--tasks) and its name, which says its format; NULL where none was given. */
ASSAY_API const char *assay_tasks(const struct assay_context *ctx, const char **name, size_t *len);

/*
 * Sends the request, salted at the start of its first message (run seed, case, repeat, number of the
 * exchange) unless assay_salt() says otherwise, records the exchange, and in a measured repeat observes every
 * metric that the exchange has (`assay list --metrics`). It belongs to the context and is valid until the next
 * call.
 */
ASSAY_API const struct exchange *assay_chat(struct assay_context *ctx, const struct chat_request *request);

/* Any task likewise: text prompts are salted too; what is no text never is. Latencies are observed. */
ASSAY_API const struct exchange *assay_ask(struct assay_context *ctx, const struct target_request *request);

/* Several at the same moment, until all are over. xs: as many, made by exchange_init, the caller's. */
ASSAY_API void assay_ask_all(
    struct assay_context *ctx, const struct target_request *requests, size_t count, struct exchange *xs);

/* Ends the case where the exchange failed: as skipped where the very first answer says that the server does
 * not offer this (404, 405, 501), else as failed, in the words of the exchange. */
ASSAY_API void assay_require(struct assay_context *ctx, const struct exchange *x);

/* A model into memory or out of it, with events in the timeline. Where the server offers no way to do it the
 * case ends as skipped; where it fails, as failed. options may be NULL. */
ASSAY_API struct load_report assay_load(
    struct assay_context *ctx, const char *model, const struct engine_options *options);
ASSAY_API struct load_report assay_unload(struct assay_context *ctx, const char *model);

/* Any HTTP request below the base URL; recorded, never measured. */
ASSAY_API const struct exchange *assay_raw(struct assay_context *ctx, const char *method, const char *path,
    const char *content_type, const void *body, size_t len);

/*
 * From here on messages carry the salt of salt_of instead of their own (a streamed/unstreamed pair shares
 * one), or none for salt_of = NULL. exchanges.jsonl holds the salt of each exchange.
 */
ASSAY_API void assay_salt(struct assay_context *ctx, const char *salt_of);

/* A number that no other run, case, repeat or index has: what is drawn by it is known to no cache of a server. */
ASSAY_API uint64_t assay_unique(const struct assay_context *ctx, int index);

/* The exchanges that follow are checks, not measurements: recorded, in no metric. true switches measuring on
 * again. */
ASSAY_API void assay_measure(struct assay_context *ctx, bool on);

/*
 * One figure of this repeat, in the unit of its metric (`assay list --metrics`); of a warm-up it is dropped. What is no
 * metric, and a figure outside of the loop, ends the case as failed.
 */
ASSAY_API void assay_observe(struct assay_context *ctx, const char *metric, double value);

/* Something worth knowing in the record's metadata; printf-like, sanitised. */
ASSAY_API void assay_note(struct assay_context *ctx, const char *key, const char *format, ...)
    ASSAY_PRINTF(3, 4);

/* What the record's stop_tokens says. Lists are NULL-terminated. */
ASSAY_API void assay_stop_tokens(
    struct assay_context *ctx, const char *const *configured, const char *const *detected, bool leaked);

/* What became of the answer of the last exchange: it counts in the record's utility and stands beside the
 * answer in answers.jsonl. An answer that did not come counts as wrong. */
struct assay_graded {
    const char *category; /* [a-z][a-z0-9_]* */
    const char *expected; /* in a line */
    const char *found;    /* what was taken for the answer; hostile text */
    const char *task;     /* id in its file, or NULL */
    bool correct;
};
ASSAY_API void assay_graded(struct assay_context *ctx, const struct assay_graded *graded);

/* A moment in the record's timeline, now. */
ASSAY_API void assay_event(struct assay_context *ctx, const char *event);

/* Ends the case as skipped, with the reason. Does not return. */
ASSAY_API void assay_skip(struct assay_context *ctx, const char *format, ...) ASSAY_PRINTF(2, 3)
    __attribute__((noreturn));

ASSAY_END

#endif
