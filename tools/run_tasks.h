/*
 * run_tasks.h - what --tasks names, read and checked before anything is asked: a slip in line 300 is told now
 * and not in an hour.
 *
 *     struct buf text = BUF_INIT(RUN_TASKS_BYTES);
 *     if (run_tasks_read("mine.csv", &settings, &text, &why) != STATUS_OK) ...
 *     // settings names the file of the run folder that is to hold text, and its digest as the set of prompts
 */
#ifndef ASSAY_RUN_TASKS_H
#define ASSAY_RUN_TASKS_H

#include "buf.h"
#include "settings.h"

#define RUN_TASKS_BYTES ((size_t)256 << 20)

enum status run_tasks_read(
    const char *path, struct run_settings *settings, struct buf *text, struct error *e) ASSAY_MUST_CHECK;

#endif
