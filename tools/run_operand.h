/*
 * run_operand.h - what RUN means on the command line: a folder, its run.json, a name below runs/, or
 * "latest".
 *
 * A run that nobody finished is finalised before it is read, so that lost tests and tests never run have
 * records too.
 *
 *     struct run_data data;
 *     bool going_on;
 *     if (run_operand_load("latest", &data, &going_on, &why) != STATUS_OK)
 *         return verb_fail("show", &why);
 */
#ifndef ASSAY_RUN_OPERAND_H
#define ASSAY_RUN_OPERAND_H

#include "run_data.h"

#include "buf.h"

/* Where runs are looked for, and made unless --out says otherwise. */
#define RUNS_FOLDER "runs"

/* Appends the folder. STATUS_NOT_FOUND with what was looked for. */
enum status run_operand_find(const char *operand, struct buf *folder, struct error *e) ASSAY_MUST_CHECK;

/*
 * All of it: find, finalise where that is needed, load. *going_on: somebody still measures, so what is there is
 * not all there will be.
 */
enum status run_operand_load(
    const char *operand, struct run_data *data, bool *going_on, struct error *e) ASSAY_MUST_CHECK;

#endif
