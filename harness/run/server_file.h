/*
 * server_file.h - what `assay monitor` wrote on the server's machine, looked through before anything is joined: whose
 * it is, from when to when it tells, and whether it can be used.
 *
 *     struct server_file file = {0};
 *     if (server_file_survey("server.jsonl", &file, &why) != STATUS_OK) ...     // says what is wrong with it
 *     use(file.host, file.first_ns, file.last_ns);
 *     server_file_fini(&file);
 *
 * A file whose monitor still writes to it is read as far as it goes; a torn or broken line is left out and counted.
 */
#ifndef ASSAY_SERVER_FILE_H
#define ASSAY_SERVER_FILE_H

#include "clock_sync.h"
#include "status.h"

#include <stddef.h>
#include <stdint.h>

struct json_object;

struct server_file {
    struct json_object *start; /* its first line, owned */
    char host[256];
    struct clock_sync clock; /* of its machine */
    int64_t period_ns;
    int64_t first_ns, last_ns; /* its wall clock, of its samples */
    int64_t jump_ns;           /* by how much its wall clock was set, or its machine slept, between samples */
    size_t samples, left_out;  /* left_out: lines that cannot be read */
    bool ended;                /* the monitor's own summary is there */
};

/* STATUS_INVALID: it is compressed, empty, no file of a monitor, or without samples. STATUS_NOT_FOUND, STATUS_IO. */
enum status server_file_survey(const char *path, struct server_file *file, struct error *e) ASSAY_MUST_CHECK;
void server_file_fini(struct server_file *file);

/* Waits until a file that somebody writes to right now may have what is missing up to this moment: no more than
 * seconds. */
void server_file_await(const char *path, const struct server_file *file);

/* Calls take for each line that can be read, until it fails; a line may end it early with *enough. */
typedef enum status server_file_take(void *arg, struct json_object *line, bool *enough, struct error *e);
enum status server_file_each(
    const char *path, server_file_take *take, void *arg, size_t *left_out, struct error *e) ASSAY_MUST_CHECK;

#endif
