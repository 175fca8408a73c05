/*
 * server_join.h - the side of the run, when samples of the server's machine are joined to it: its tests in order of
 * time, when their requests were answered, and their records, which are written anew. For server_samples.c.
 *
 *     struct server_join join;
 *     if (server_join_open("runs/latest", &join, &why) == STATUS_OK) {
 *         for (size_t i = 0; i < join.count; i++) use(&join.windows[i]);
 *         if (server_join_records(&join, &why) != STATUS_OK) ...         // benchmark.jsonl, in one step
 *     }
 *     server_join_close(&join);                                          // also after a failure
 *
 * A test is joined where its server is at the same host as the run's first one, whose machine the file is of.
 */
#ifndef ASSAY_SERVER_JOIN_H
#define ASSAY_SERVER_JOIN_H

#include "run_folder.h"
#include "server_window.h"

struct server_samples;

struct server_join {
    struct run_folder folder;
    struct server_window *windows; /* in order of time */
    size_t count, cap;
    char server[256];       /* host of the run's first target; "" without one */
    int64_t from_ns, to_ns; /* of all tests, our wall clock */
    int64_t wall_ahead_ns;  /* our wall clock - our monotonic one, as of the run */
};

/* STATUS_INVALID where no test was run. */
enum status server_join_open(const char *run, struct server_join *join, struct error *e) ASSAY_MUST_CHECK;
void server_join_close(struct server_join *join);

/* When the machines were watched without work, on our wall clock; false where they were not. */
bool server_join_idle(const struct server_join *join, struct energy_window *window);

/* What a settled test adds to the account. */
void server_join_count(
    const struct server_join *join, const struct server_window *w, struct server_samples *done);

/* All records, each with what its window says, checked against the schema before anything is written. */
enum status server_join_records(const struct server_join *join, struct error *e) ASSAY_MUST_CHECK;

#endif
