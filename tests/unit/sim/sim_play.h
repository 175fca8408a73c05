/*
 * sim_play.h - plays one answer of a scenario to its end without a server and without waiting.
 *
 *     struct sim_play play;
 *     sim_play_run(&play, "sim-steady", "{\"model\":\"m\",\"messages\":[...],\"stream\":true}");
 *     ck_assert_str_eq(buf_text(&play.content), "amber basin");
 *     sim_play_fini(&play);
 */
#ifndef ASSAY_SIM_PLAY_H
#define ASSAY_SIM_PLAY_H

#include "sim_stream.h"

#define SIM_PLAY_READ_NS INT64_C(1000000000) /* when the request was read */
#define SIM_PLAY_GRANT_NS INT64_C(10000000)  /* an engine makes a token each */

struct sim_play {
    struct sim_scenario own; /* where it was given as text */
    struct sim_stream stream;
    struct sim_truth_request *truth;
    struct buf raw;                /* the whole response */
    struct buf body;               /* its body, chunks decoded */
    struct buf content, reasoning; /* text of all events, or of the completion */
    size_t events, bad_events;     /* data events that are and are not JSON; [DONE] is neither */
    bool done_seen, role_seen;
    char finish_reason[64];
    int64_t usage_events, completion_tokens; /* of the last usage */
    size_t writes;
    int64_t due_ns[100000]; /* of each write */
    size_t write_end[100000];
    enum sim_course course;
    bool chunks_bad, chunks_done;
};

/* json: a scenario as text, or NULL for the built-in of that name. Stops after `limit` writes, 0: never. */
void sim_play_run(struct sim_play *play, const char *name, const char *json, const char *body, size_t limit);
void sim_play_fini(struct sim_play *play);

/* To the end, a built-in scenario or one as text; the body as of sim_play_body(). */
void sim_play_builtin(struct sim_play *play, const char *name, bool stream, int max_tokens, const char *more);
void sim_play_json(struct sim_play *play, const char *json, bool stream, int max_tokens, const char *more);

bool sim_play_has(const struct sim_play *play, const char *text);     /* anywhere in the response */
size_t sim_play_count(const struct sim_play *play, const char *text); /* how often in its body */

/* A request body: streamed or not, with a cap (0: none) and more members (", \"stop\":[...]" or ""). */
const char *sim_play_body(bool stream, int max_tokens, const char *more);

#endif
