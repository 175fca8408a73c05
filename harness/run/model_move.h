/*
 * model_move.h - models into a server's memory and out of it, by a process of its own: a person who stops the
 * run does not wait for a server that is loading, and a server's answer can harm nothing but that process.
 *
 *     struct model_move move = {.model = "tiny", .into = true};
 *     struct move_options options = {.access = &access, .target = &info, .limit_ns = 60 * NS_PER_S};
 *     model_moves_run(&options, &move, 1);
 *     if (move.was_loaded) ...                               // it was there already: nothing was sent
 */
#ifndef ASSAY_MODEL_MOVE_H
#define ASSAY_MODEL_MOVE_H

#include "target.h"

struct model_move {
    char model[256];
    bool into; /* else out */

    bool begun, ended; /* begun and not ended: it was stopped, or took too long */
    bool was_loaded;
    int64_t start_unix_ns, start_ns, end_ns;
    double server_s; /* as the server says; negative where it does not */
    char error[256]; /* "" where all went well */
};

struct move_options {
    const struct target_access *access;
    const struct target_info *target;
    const char *server_options; /* a JSON object that every request of the run passes on, or "" */
    int64_t limit_ns;           /* for all of them */
};

/* One after another. Ends early where a signal asks the process to stop (stop.h); to be called within stop_begin()
 * and stop_end(). */
void model_moves_run(const struct move_options *options, struct model_move *moves, size_t count);

/* Whether a protocol knows how, without asking the server. */
bool model_moves_offered(const char *protocol);

#endif
