/*
 * report_files.h - writes a run's reports into its folder, or anywhere else.
 *
 * A file is composed, checked, written under another name, synced, renamed, and read again; a JUnit report
 * that does not pass its own schema is an error, not a file.
 *
 *     struct report_options options = {.formats = REPORT_MARKDOWN | REPORT_JUNIT};
 *     struct report_summary sum;
 *     if (report_write_folder("runs/latest", &options, &sum, &why) != STATUS_OK) ...
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

struct report_summary {
    enum gate_verdict verdict;
    size_t problems; /* lines and files that are not valid */
};

const char *report_file_name(enum report_format format); /* "report.md", "junit.xml" */

/* One report, checked, into out. */
enum status report_compose(const struct run_data *data, const struct report_options *options,
    enum report_format format, struct buf *out, struct error *e) ASSAY_MUST_CHECK;

/* The same into a file. */
enum status report_save(const struct run_data *data, const struct report_options *options,
    enum report_format format, const char *path, struct error *e) ASSAY_MUST_CHECK;

/* Loads the run and writes all formats asked for beside its records. sum may be NULL. */
enum status report_write_folder(const char *folder, const struct report_options *options,
    struct report_summary *sum, struct error *e) ASSAY_MUST_CHECK;

#endif
