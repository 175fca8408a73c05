/*
 * migration.h - what lifting one old file into a run folder consists of; for those who add a format.
 *
 * A format is a row of migrate_formats (formats.c) and a file with its lift(). The driver (migrate.c) reads the old
 * file value by value: each line of a file of lines, else the file as one value; lift() turns a value into records
 * and samples. Whatever is unknown stays absent; what has no typed home is told with migration_lose() and stays in
 * metadata.migrated.original all the same.
 *
 *     static enum status lift(struct migration *m, const struct migrate_value *value, struct error *e)
 *     {
 *         enum status s = migration_begin(m, end_ns, host, e);        // names the run; the first call counts
 *         struct json_object *record = migration_record_new(m, value, "0.2.2", value->tree);
 *         json_set_text(record, "test", ...); ...
 *         migration_lose(m, "/model/quality", "our records have no such figure");
 *         return s == STATUS_OK ? migration_add_record(m, record, e) : s;
 *     }
 *
 * lift() returns STATUS_INVALID for a value that cannot be lifted: it is listed with the error's text, and the rest
 * goes on. Any other failure ends the migration, and nothing is left behind. One thread.
 */
#ifndef ASSAY_MIGRATION_H
#define ASSAY_MIGRATION_H

#include "status.h"

#include <stdint.h>

struct json_object;
struct migration;

/* One value of the old file. */
struct migrate_value {
    const struct json_object
        *tree; /* without members that were NaN or Infinity: those are told to the run already */
    struct json_object *nonfinite; /* {"/model/size_gb": "Infinity"}; NULL: none */
    long line;                     /* from 1; 0: the value is the whole file */
    char sha256[65];               /* of the bytes of the line without its newline, or of the file */
};

struct migrate_format {
    const char *name;    /* for --from: "mlx-knife" */
    const char *summary; /* what files these are, in a few words */
    bool (*recognises)(
        const struct json_object *first); /* is a file whose first value is this one of them? */
    enum status (*lift)(struct migration *m, const struct migrate_value *value, struct error *e);
    enum status (*finish)(struct migration *m, struct error *e); /* behind the last value; may be NULL */
};

/* All of them; ends with a NULL pointer. */
extern const struct migrate_format *const migrate_formats[];

/*
 * Opens the run: its name is the moment, the host (or, where nobody knows it, the name of the format) and digits of
 * the old file's SHA-256, so the same file gives the same run. To be called before anything is added; from the
 * second call on it does nothing.
 */
enum status migration_begin(
    struct migration *m, int64_t unix_ns, const char *host, struct error *e) ASSAY_MUST_CHECK;

/* run.json as it will be written, borrowed: for machine, started, models. What it must not lack is in it. */
struct json_object *migration_run(struct migration *m);

/*
 * A record with schema_version, run_id, system_health "unknown" and metadata.migrated: {from, version, file, line,
 * sha256, not_finite, original}. version may be NULL. original: the part of the value that the record is made from,
 * kept as it is; NULL: none. NULL: no memory.
 */
struct json_object *migration_record_new(struct migration *m, const struct migrate_value *value,
    const char *version, const struct json_object *original);

/* identity: the workload is the hash of the format and of facts (taken), whose members must come in a fixed order. */
bool migration_set_identity(struct migration *m, struct json_object *record, struct json_object *facts);

/* Says in metadata.migrated.derived that a member was computed: "test_start_ts", "timestamp - duration". */
bool migration_set_derived(struct json_object *record, const char *member, const char *how);

/* attempt is set here: how many times the file has had this test until now. The record (taken) is validated. */
enum status migration_add_record(
    struct migration *m, struct json_object *record, struct error *e) ASSAY_MUST_CHECK;

/* A line of samples.jsonl (taken); run_id and schema_version are set here. */
enum status migration_add_sample(
    struct migration *m, struct json_object *sample, struct error *e) ASSAY_MUST_CHECK;

/*
 * Counts a field of the source that has no typed home; * for the index in an array. why: one of few. kept says where
 * its value is all the same: "figure", "original" (migration_lose) or "nowhere".
 */
void migration_lose(struct migration *m, const char *pointer, const char *why);
void migration_lose_to(struct migration *m, const char *pointer, const char *kept, const char *why);

/* Counts a line (0: a part of the file) that becomes no record, and why; lift() does so for parts of its value. */
void migration_refuse(struct migration *m, long line, const char *why);

/* Counts something a reader should know; the same text is kept once, with the first line it was said of. */
void migration_note(struct migration *m, long line, const char *format, ...) ASSAY_PRINTF(3, 4);

#endif
