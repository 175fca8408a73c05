/*
 * settings.h - how a run measures: what the command line decided, kept in run.json (parameters, seed) so that
 * every supervisor of the run, and a later --resume, reads the same.
 *
 *     struct run_settings s = RUN_SETTINGS_DEFAULT;
 *     if (settings_from_run_json(run_json, &s, &why) != STATUS_OK) ...
 */
#ifndef ASSAY_SETTINGS_H
#define ASSAY_SETTINGS_H

#include "status.h"

#include <stdint.h>

struct json_object;

struct run_settings {
    uint64_t seed;        /* of the run: order, salts, generated prompts; below 2^53 so that JSON keeps it */
    int repeats;          /* measured repeats of a case that does not say otherwise */
    int warmup;           /* warm-up repeats before them */
    int64_t max_tokens;   /* 0: the case's own */
    double temperature;   /* negative: leave it out of the request */
    int64_t request_seed; /* negative: leave it out */
    int max_retries;
    double timeout_s;                  /* of one exchange; 0: the target's default */
    double cross_share, cross_slack_s; /* from where on the server's figures differ from the client's */
    char prompt_file[64];              /* file in the run folder that holds the user's own prompt, or "" */
    char tasks_file[64];               /* file in the run folder that holds the user's own tasks, or "" */
    int64_t task_count, task_tokens;   /* of the user's own tasks: how many, and what they ask for at most */
    char server_options[1024];         /* a JSON object that each request passes on to the server, or "" */
    char prompt_set[80];               /* "builtin-1", or "user-" and the digest of the user's prompt */
};

#define RUN_SETTINGS_DEFAULT                                                                                 \
    {                                                                                                        \
        .repeats = 10, .warmup = 1, .temperature = 0, .request_seed = 42, .prompt_set = "builtin-1",         \
        .cross_share = 0.05, .cross_slack_s = 0.005                                                          \
    }

/* parameters of run.json, and its seed, to and from the struct. Absent members keep what stands there. */
enum status settings_from_run_json(
    const struct json_object *run, struct run_settings *s, struct error *e) ASSAY_MUST_CHECK;
struct json_object *settings_to_json(const struct run_settings *s); /* NULL: no memory */

#endif
