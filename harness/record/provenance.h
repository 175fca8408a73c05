/*
 * provenance.h - which files a run consists of, with size and SHA-256 of each: `files` of run.json.
 *
 *     struct json_object *files;
 *     if (provenance_list(folder.path, &files, &why) == STATUS_OK)
 *         json_set(folder.run, "files", files);                  // and saved with what else is new
 *
 *     if (provenance_again(path, PROVENANCE_REPORT, NULL, &why) != STATUS_OK) ...   // reports were written since
 *
 * The finaliser writes the list together with `ended`, so a run that has ended has one. Who changes files of a run
 * afterwards lists them again; who only makes reports again does not (provenance_check.h tells the two apart).
 */
#ifndef ASSAY_PROVENANCE_H
#define ASSAY_PROVENANCE_H

#include "status.h"

struct json_object;
struct run_folder;

enum provenance_kind {
    PROVENANCE_MEASURED, /* records, exchanges, answers, samples */
    PROVENANCE_INPUT,    /* prompts and tasks of the user's own */
    PROVENANCE_GRADE,    /* grades of a later day */
    PROVENANCE_REPORT,   /* made from the others, and may be made again */
    PROVENANCE_LOG,
    PROVENANCE_OTHER,
    PROVENANCE_KIND_COUNT
};

const char *provenance_kind_name(enum provenance_kind kind); /* "measured" */
enum provenance_kind provenance_kind_of(const char *name); /* of a file, by its name below the run's folder */

/* An array of {name, bytes, sha256, kind}, sorted by name. What cannot be read is left out. */
enum status provenance_list(const char *folder, struct json_object **files, struct error *e) ASSAY_MUST_CHECK;

/*
 * The same in the tree of run.json, where it has a list already: for the files of one kind, or of all with
 * PROVENANCE_KIND_COUNT. A run without a list stays so: nobody can say what its files were.
 */
enum status provenance_renew(
    struct run_folder *folder, enum provenance_kind kind, struct error *e) ASSAY_MUST_CHECK;

/*
 * Before files are changed that will be listed again: saves an empty list, so that a change which is cut short leaves
 * a run of which nothing is said, and none that looks tampered with. *listed: what stood there, to be given back by
 * provenance_restore() where nothing came of the change; NULL where the run had no list, and stays without.
 */
enum status provenance_withdraw(
    const char *folder, struct json_object **listed, struct error *e) ASSAY_MUST_CHECK;
enum status provenance_restore(
    const char *folder, struct json_object *listed, struct error *e) ASSAY_MUST_CHECK;

/* And saved. *signed_before, where not NULL: there are signatures, which no longer fit. */
enum status provenance_again(
    const char *folder, enum provenance_kind kind, bool *signed_before, struct error *e) ASSAY_MUST_CHECK;

#endif
