/*
 * workload.h - the identity of a record: what must be equal before two records may be compared, and what
 * may differ between them and is printed.
 *
 *     struct workload w = {.case_id = "chat.short", .case_version = 1, .parameters = p, .host = "box"};
 *     json_set(intent, "identity", workload_identity(&w, target, model));
 */
#ifndef ASSAY_WORKLOAD_H
#define ASSAY_WORKLOAD_H

#include "status.h"

struct json_object;

struct workload {
    const char *case_id;
    int case_version;
    const struct json_object *parameters; /* of the record; holds the prompt set. NULL: none */
    const char *suite; /* the program whose case it is, where it is none of assay's; or NULL */
    const char *host;
    bool simulated;
};

/*
 * 64 hex digits: SHA-256 over a canonical text (keys sorted) of the workload and the version of the metric
 * definitions. STATUS_NO_MEMORY, STATUS_INVALID for parameters that are not JSON (NaN).
 */
enum status workload_hash(const struct workload *w, char hex[65], struct error *e) ASSAY_MUST_CHECK;

/*
 * `identity` of a record. target and model are those of the record, NULL where there is none; so are the versions.
 * NULL: no memory.
 */
struct json_object *workload_identity(const struct workload *w, const struct json_object *target,
    const struct json_object *model, const char *assay_version, const char *suite_version);

#endif
