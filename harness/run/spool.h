/*
 * spool.h - the files of tests that are not merged yet: spool/<slug>.<attempt>.<kind>
 *
 *     intent.json      before the test: enough to write its record should everything die
 *     result.room      room on the disk for the result, kept from before the test
 *     result.json      the record; appears whole, by rename
 *     exchanges.jsonl  answers.jsonl  samples.jsonl  requests.jsonl      what belongs to it
 *
 * and spool/owner.json, which says who drives the run, spool/servers.json, which servers it met, and spool/rates.json,
 * how fast their models were. An attempt
 * belongs to whoever created its log first: logs/<slug>.<attempt>.log stays when the spool is merged, so attempts
 * are never counted twice.
 */
#ifndef ASSAY_SPOOL_H
#define ASSAY_SPOOL_H

#include "run_folder.h"

#include <sys/types.h>

#define SPOOL_ROOM_BYTES ((size_t)256 << 10) /* for a result: ten times an ordinary one */

enum spool_kind {
    SPOOL_INTENT,
    SPOOL_ROOM,
    SPOOL_RESULT,
    SPOOL_EXCHANGES,
    SPOOL_ANSWERS,
    SPOOL_SAMPLES,
    SPOOL_REQUESTS,
    SPOOL_KIND_COUNT
};

/* Appends the path of one of a test's files; of_slug: of a test of which only the slug is known. */
enum status spool_path(const struct run_folder *folder, const char *test, int attempt, enum spool_kind kind,
    struct buf *out) ASSAY_MUST_CHECK;
enum status spool_path_of_slug(const struct run_folder *folder, const char *slug, int attempt,
    enum spool_kind kind, struct buf *out) ASSAY_MUST_CHECK;

/*
 * Splits a name of the spool into slug, attempt and kind; false for any other file. slug is changed only
 * on true.
 */
bool spool_parse_name(const char *name, char *slug, size_t slug_size, int *attempt, enum spool_kind *kind);

/* True if slug is that of the test. */
bool spool_slug_is(const char *slug, const char *test);

/* Takes the next free attempt (1...) and opens its log. STATUS_IO where nothing can be written. */
enum status spool_take_attempt(const struct run_folder *folder, const char *test, int *attempt, int *log_fd,
    struct error *e) ASSAY_MUST_CHECK;

/*
 * Appears whole, by rename, and is on the disk when this returns. The rename comes before the syncs, so
 * that they cost one commit of the file system's journal instead of two; nobody relies on the file
 * before.
 */
enum status spool_write_intent(const struct run_folder *folder, const char *test, int attempt,
    const struct json_object *intent, struct error *e) ASSAY_MUST_CHECK;

/*
 * Room for a result: made before the test (the sync of the intent covers its name), filled and renamed
 * after it. Its bytes are synced, the rename is not: after a power cut the record may still lie in the
 * room, where finalising finds it.
 */
enum status spool_keep_room(const struct run_folder *folder, const char *test, int attempt, int *fd,
    struct error *e) ASSAY_MUST_CHECK;
enum status spool_fill_room(const struct run_folder *folder, const char *test, int attempt, int fd,
    const struct json_object *record, struct error *e) ASSAY_MUST_CHECK;

/*
 * Says that process pid drives the run: nobody else finalises it while that process lives. The driver
 * drops the claim when no further test will start.
 */
enum status spool_claim(const struct run_folder *folder, pid_t pid, struct error *e) ASSAY_MUST_CHECK;
enum status spool_drop_claim(const struct run_folder *folder, struct error *e) ASSAY_MUST_CHECK;
/*
 * The living process that drives the run, or 0 where there is none, or it is the caller or one of its
 * ancestors.
 */
pid_t spool_owner(const struct run_folder *folder);

#endif
