/*
 * migrate.h - files of older formats lifted into run folders of ours.
 *
 * Reads in constant memory (a file that is one value: as large as json.h allows), writes a folder that appears whole
 * or not at all, never into one that exists. The same file gives the same bytes. What was lost, noted and refused on
 * the way stands in run.json under /migrated.
 *
 *     struct migrate_request request = {.runs = "runs", .assay_version = ASSAY_VERSION};
 *     struct migrate_result result;
 *     if (migrate_file("2026-01-30.jsonl", &request, &result, &why) != STATUS_OK) ...
 *     printf("%s: %lld records\n", result.folder, (long long)result.records);
 *     migrate_result_fini(&result);
 */
#ifndef ASSAY_MIGRATE_H
#define ASSAY_MIGRATE_H

#include "status.h"

#include <stdint.h>

struct json_object;
struct migrate_format;

struct migrate_request {
    const char *from;   /* name of the format; NULL: by the file's first value */
    const char *memory; /* a memory file of mlx-knife that was written meanwhile; NULL: none */
    const char *runs;   /* folder in which the run's folder is made */
    const char *assay_version;
    int (*stop_asked)(
        void); /* asked again and again: not 0: give up and leave nothing behind; NULL: never asked */
};

struct migrate_result {
    char folder[1024]; /* of the run */
    const struct migrate_format *format;
    struct json_object *run; /* run.json; owned */
    int64_t values, records, samples, refused;
};

/*
 * STATUS_INVALID: nothing in the file can be lifted, and no folder was made; also for an empty file. STATUS_USAGE:
 * no format is known for it, or the run's folder exists already. STATUS_UNAVAILABLE: stop_asked. STATUS_BUSY: the file
 * grew meanwhile. STATUS_NOT_FOUND, STATUS_IO, STATUS_LIMIT, STATUS_NO_MEMORY. Values that were refused are no failure:
 * result->refused counts them.
 */
enum status migrate_file(const char *path, const struct migrate_request *request,
    struct migrate_result *result, struct error *e) ASSAY_MUST_CHECK;
void migrate_result_fini(struct migrate_result *result); /* also of a zeroed one */

#endif
