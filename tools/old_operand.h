/*
 * old_operand.h - a file of an older format, or of another program, where a run is asked for: migrated into a
 * temporary folder, read, and the folder removed. What is read is whole in memory; data->folder is no longer there.
 *
 *     enum status s = old_operand_load("results/report_desk.json", &data, &why);
 *     if (s == STATUS_NOT_FOUND) ...     // no such file: perhaps the name of a run
 */
#ifndef ASSAY_OLD_OPERAND_H
#define ASSAY_OLD_OPERAND_H

#include "run_data.h"

#include "buf.h"

/*
 * STATUS_NOT_FOUND: not a regular file, or of no format that is known; e may be set all the same. Otherwise as
 * migrate_file() and run_data_load().
 */
enum status old_operand_load(const char *operand, struct run_data *data, struct error *e) ASSAY_MUST_CHECK;

/* Was this data read from such a file? */
bool old_operand_was_file(const struct run_data *data);

/* "results/report_desk.json" and "md" make "results/report_desk.md". */
enum status old_operand_beside(const char *operand, const char *extension, struct buf *path) ASSAY_MUST_CHECK;

#endif
