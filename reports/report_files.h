/*
 * report_files.h - writes a run's reports into its folder, or anywhere else.
 *
 * A file is composed, checked, written under another name, synced, renamed, and read again; a JUnit report
 * that does not pass its own schema is an error, not a file.
 *
 *     struct report_options options = {.require_clean = true};
 *     if (report_save(&data, &options, REPORT_JUNIT, "junit.xml", &why) != STATUS_OK) ...
 */
#ifndef ASSAY_REPORT_FILES_H
#define ASSAY_REPORT_FILES_H

#include "gate_judge.h"

#include "buf.h"

enum report_format { REPORT_MARKDOWN = 1, REPORT_JUNIT = 2 };

struct report_options {
    unsigned formats;   /* of enum report_format */
    bool strict;        /* JUnit: valid for junit-10 */
    bool require_clean; /* of the gate that the reports show */
};

const char *report_file_name(enum report_format format); /* "report.md", "junit.xml" */

/* One report, checked, into out. */
enum status report_compose(const struct run_data *data, const struct report_options *options,
    enum report_format format, struct buf *out, struct error *e) ASSAY_MUST_CHECK;

/* The same into a file. */
enum status report_save(const struct run_data *data, const struct report_options *options,
    enum report_format format, const char *path, struct error *e) ASSAY_MUST_CHECK;

#endif
