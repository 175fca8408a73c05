/*
 * anonymise.h - a run that may be shown to anybody: what would tell whose machine it was goes out of its files.
 *
 *     anonymise_machine(json_get_object(run, "/machine"));              // before anything is written
 *     json_set_text(run, "anonymous", "asked");
 *     ...
 *     if (anonymise_run(path, &why) != STATUS_OK) ...                   // "asked" becomes "done"
 *
 * Names, the home folder and serial numbers (own_names.h) are replaced in every text of every file of the folder, in
 * JSON in values only. The finaliser does it, and whoever writes a report afterwards.
 */
#ifndef ASSAY_ANONYMISE_H
#define ASSAY_ANONYMISE_H

#include "status.h"

struct json_object;
struct run_folder;

#define ANONYMOUS_HOST "anonymous"

/* `machine` of run.json: without the host's name and the boot's number. */
void anonymise_machine(struct json_object *machine);

/* Whether a run asked for it: run.json. */
bool anonymise_is_asked(const struct json_object *run);

/* All files, whether that was done before or not; nothing where it was never asked for. */
enum status anonymise_run(const char *folder, struct error *e) ASSAY_MUST_CHECK;

#endif
