/*
 * migration_parts.h - what migrate.c, migration.c and migrate_folder.c share: one migration on its way. Inside
 * harness/migrate.
 */
#ifndef ASSAY_MIGRATION_PARTS_H
#define ASSAY_MIGRATION_PARTS_H

#include "migrate.h"
#include "migrate_tally.h"
#include "migration.h"

#include "buf.h"

#include <stdbool.h>

struct line_out;

/* How many lines of the file had a test until now, by the hash of its name. */
struct migrate_attempts {
    struct attempt_count *slots; /* owned; open addressing */
    size_t capacity, used;
};

/* One old file. */
struct migrate_source {
    const char *path, *name; /* name: without its folder */
    int64_t bytes;
    char sha256[65];
};

struct migration {
    const struct migrate_request *request;
    struct migrate_result *result;
    const struct migrate_format *format;
    struct migrate_source first;         /* that names the run */
    const struct migrate_source *source; /* that is being read */
    char run_id[128];                    /* "" until migration_begin() */
    char making[1100];                   /* the folder under its temporary name; "" until it is there */
    struct json_object *run;
    struct json_object *versions;       /* of the records, as they come; array */
    struct line_out *records, *samples; /* samples: NULL until the first one */
    struct migrate_tally losses, notes, refused;
    struct migrate_attempts attempts;
    long unknown;   /* values before the first that a format knows */
    bool no_memory; /* somewhere a loss or a note could not be kept */
};

/* The folder under its temporary name with an empty benchmark.jsonl. */
enum status migrate_folder_begin(struct migration *m, struct error *e) ASSAY_MUST_CHECK;
/* One line (without newline) of records or samples. */
enum status migrate_folder_add(struct migration *m, struct line_out **out, const char *name,
    const struct json_object *line, struct error *e) ASSAY_MUST_CHECK;
/* Writes run.json, and the folder appears under its name. */
enum status migrate_folder_finish(struct migration *m, struct error *e) ASSAY_MUST_CHECK;
/* What is there under a temporary name goes. */
void migrate_folder_drop(struct migration *m);

/* 1, 2, ...: how often this name came. 0: no memory. */
int64_t migrate_attempts_count(struct migrate_attempts *attempts, const char *name);
void migrate_attempts_fini(struct migrate_attempts *attempts); /* also of zeroed ones */

#endif
