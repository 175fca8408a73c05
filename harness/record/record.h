/*
 * record.h - the lines of benchmark.jsonl, built member by member as JSON trees.
 *
 * A record begins as a copy of what its intent says (who, on what, compared by what), gets times, an
 * outcome and whatever was measured, and is validated against schemas/record.schema.json before anybody
 * writes it. Setters return false where memory ran out.
 *
 *     struct json_object *record = record_new(intent);
 *     bool ok = record_set_times(record, start_unix_ns, end_unix_ns, duration_ns) &&
 *               record_set_outcome(record, OUTCOME_FAILED, "an empty answer");
 *     if (record_seal(&record, &why) != STATUS_OK) ...      // the record is now harness_error and says why
 */
#ifndef ASSAY_RECORD_H
#define ASSAY_RECORD_H

#include "buf.h"
#include "outcome.h"
#include "status.h"

#include <stdint.h>

#define RECORD_VERSION "1.0.0"
#define RECORD_TEXT_MAX 4096 /* bytes of message and skip_reason */

struct json_object;

/* intent: schemas/intent.schema.json; copied, not kept. NULL: no memory. */
struct json_object *record_new(const struct json_object *intent);

/* timestamp is the end. */
bool record_set_times(
    struct json_object *record, int64_t start_unix_ns, int64_t end_unix_ns, int64_t duration_ns);

/* For a test that never ran or never ended: only the moment at which that was found out. */
bool record_set_found(struct json_object *record, int64_t found_unix_ns);

/* message is sanitised and cut; NULL is allowed for passed and skipped. */
bool record_set_outcome(struct json_object *record, enum outcome outcome, const char *message);
bool record_set_skip_reason(struct json_object *record, const char *reason);
bool record_set_location(struct json_object *record, const char *file, int line);

/* One member of metadata; created on first use, sanitised. */
bool record_set_note(struct json_object *record, const char *key, const char *value);

enum status record_validate(const struct json_object *record, struct error *e) ASSAY_MUST_CHECK;

/*
 * Validates; an invalid record is replaced by one of outcome harness_error that keeps who, on what, when,
 * process and health where those are sound, and whose message says what was wrong and what the outcome
 * would have been. STATUS_OK if the record was valid; STATUS_INVALID if it was replaced (the new one is
 * valid); STATUS_NO_MEMORY.
 */
enum status record_seal(struct json_object **record, struct error *e) ASSAY_MUST_CHECK;

/*
 * system_health of a test during which nothing was sampled: verdict unknown, no flags, no sensors. NULL:
 * no memory.
 */
struct json_object *record_health_unknown(void);

#endif
