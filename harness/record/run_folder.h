/*
 * run_folder.h - the folder of one run: its name, its files, its run.json.
 *
 *     runs/2026-11-20T234605Z-box-1f3a/   run.json, benchmark.jsonl, exchanges.jsonl, answers.jsonl,
 *                                         samples.jsonl, logs/, spool/ (until it is merged)
 *     runs/latest                         -> the newest
 *
 *     struct run_folder folder;
 *     if (run_folder_create("runs", "box", clock_wall_ns(clock), &folder, &why) != STATUS_OK) return 4;
 *     json_set_text(run, "run_id", folder.run_id); ...
 *     if (run_folder_save(&folder, run, &why) != STATUS_OK) ...
 *     run_folder_fini(&folder);
 */
#ifndef ASSAY_RUN_FOLDER_H
#define ASSAY_RUN_FOLDER_H

#include "buf.h"

#include <stdint.h>

struct json_object;

struct run_folder {
    char path[1024]; /* absolute where the caller's path was */
    char run_id[128];
    struct json_object *run; /* run.json, owned; NULL until saved or opened */
};

/* "2026-11-20T234605Z-box-1f3a"; host is made fit for a file name. */
void run_folder_name(char *name, size_t size, int64_t wall_ns, const char *host, unsigned salt);

/*
 * Makes the folder with logs/ and spool/ in it. STATUS_IO where that cannot be written: nothing may start
 * then.
 */
enum status run_folder_create(const char *runs, const char *host, int64_t wall_ns, struct run_folder *folder,
    struct error *e) ASSAY_MUST_CHECK;

/* Validates run (schemas/run.schema.json), writes run.json, keeps the tree (taken, also on failure). STATUS_INVALID for
 * one that a newer assay wrote, too: it is read, and not written again. */
enum status run_folder_save(
    struct run_folder *folder, struct json_object *run, struct error *e) ASSAY_MUST_CHECK;

/* An existing folder, or its run.json. STATUS_NOT_FOUND, STATUS_INVALID, STATUS_IO. */
enum status run_folder_open(const char *path, struct run_folder *folder, struct error *e) ASSAY_MUST_CHECK;
void run_folder_fini(struct run_folder *folder); /* also of a zeroed one */

/* runs/latest, replaced in one step. */
enum status run_folder_link_latest(const struct run_folder *folder, struct error *e) ASSAY_MUST_CHECK;

/* "<folder>/<name>"; name may hold slashes. */
enum status run_folder_path(
    const struct run_folder *folder, const char *name, struct buf *out) ASSAY_MUST_CHECK;

#endif
