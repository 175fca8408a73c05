/*
 * server_facts.h - the measured server in a record: which process it was, what it took, and whether it is
 * the one that the run's test before this one measured.
 *
 *     struct server_facts facts = {.window = w, .history = h};
 *     server_recall(folder, "ollama", &facts.before);           // as the last test left it
 *     snprintf(facts.version, sizeof facts.version, "%s", said);    // as the server says it now
 *     server_facts_into_record(&facts, start_mono_ns, record);
 *     server_remember(folder, "ollama", &facts);                // for the next
 *
 * A restart is another process (its pid or its start) or another version than before; of a server on another
 * host only the version can tell.
 */
#ifndef ASSAY_SERVER_FACTS_H
#define ASSAY_SERVER_FACTS_H

#include "monitor.h"
#include "run_folder.h"

/* A server as one test of a run left it. */
struct server_identity {
    struct server_process process; /* pid 0: unknown */
    char version[64];              /* "" unknown */
};

struct server_facts {
    const struct window *window;          /* NULL: nothing was sampled */
    const struct server_history *history; /* likewise */
    struct server_identity before;        /* of the test before */
    char version[64];                     /* as the server said in this test; "" where it did not */
};

/* What the run's last test on the target left; *before stays as it is where there was none. */
void server_recall(const struct run_folder *folder, const char *target, struct server_identity *before);
/* Writes only what is new. What cannot be written is not remembered: the next restart is then not noticed. */
void server_remember(const struct run_folder *folder, const char *target, const struct server_facts *facts);

/* The highest memory that was seen; false where there is no such figure. */
bool server_facts_memory(const struct server_facts *facts, double *bytes);

/* server_process, its moments, the evidence, and the version that is not the plan's. False: no memory. */
bool server_facts_into_record(
    const struct server_facts *facts, int64_t start_mono_ns, struct json_object *record);

#endif
