/*
 * program_json.h - what this program is: version, commit, compiler, and the libraries as loaded, not as compiled
 * against. `assay` of run.json and of `assay doctor --json`.
 *
 *     json_set(run, "assay", program_to_json());     // {"version": "0.1.0", "libraries": {"libcurl": ...}, ...}
 */
#ifndef ASSAY_PROGRAM_JSON_H
#define ASSAY_PROGRAM_JSON_H

struct json_object;

/* NULL: no memory. The caller owns it. */
struct json_object *program_to_json(void);

#endif
