/*
 * server_merge.h - brings the samples of the server's machine into a run and says how: for `assay run
 * --server-samples` and for `assay monitor --server-samples` afterwards.
 *
 *     struct server_merge merge = {.verb = "run", .file = "server.jsonl", .run = folder, .out = stderr};
 *     int code = server_merge(&merge);
 *
 * A run that nobody finalised yet is finalised first; reports that are there already are written anew.
 */
#ifndef ASSAY_SERVER_MERGE_H
#define ASSAY_SERVER_MERGE_H

#include <stdio.h>

struct target_access;

struct server_merge {
    const char *verb; /* for messages */
    const char *file, *run;
    const struct target_access *access; /* the server, to be asked for the time; NULL: it is not asked */
    FILE *out;                          /* what was done is said here */
};

int server_merge(const struct server_merge *merge); /* the exit code */

#endif
