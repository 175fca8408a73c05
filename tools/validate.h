/*
 * validate.h - files of ours against their schemas, fault by fault.
 *
 * The schema is the one given, else chosen by the file's name (run.json, benchmark.jsonl, ...), else by the
 * shape of its first value (validate_kinds.h). A file whose first line is a whole JSON value is read line by line, in
 * constant memory; any other as one value; both are unpacked where they are compressed (byte_in.h). A file may hold
 * many faults: they go to the callback as they are found, and notes, which are no faults, behind those of their file.
 *
 *     struct validation v = {.tell = print, .arg = stdout, .faults_max = 100};
 *     if (validate_file(&v, "runs/latest/benchmark.jsonl", &why) != STATUS_OK) ...    // could not be judged
 *     exit code: v.faults > 0
 */
#ifndef ASSAY_VALIDATE_H
#define ASSAY_VALIDATE_H

#include "validate_kinds.h"

#include <signal.h>

struct validate_fault {
    enum validate_severity severity; /* VALIDATE_FAULT or VALIDATE_NOTE */
    const char *kind;                /* "schema", "json", "torn", ...: the list stands in docs/validate.md */
    const char *file;
    long line, column;   /* from 1; 0: unknown. column only where the text is not JSON */
    const char *pointer; /* into the value of that line; "" where the text is not JSON */
    const char *schema;  /* URI and pointer of the keyword; "" likewise */
    const char *text;
    size_t times; /* a note: so many values have it, from this line on */
};

struct validation {
    const struct schema *schema;           /* NULL: chosen for each file */
    const struct validate_kind *of_schema; /* whose schema that is; NULL: none of ours */
    size_t faults_max;                     /* over all files: then v.full is set and nothing more is read */
    const volatile sig_atomic_t *stop;     /* raised by a signal handler: nothing more is read; NULL: never */
    void (*tell)(const struct validate_fault *fault, void *arg);
    void *arg;
    /* What came of it so far. */
    size_t files, bad_files, values, faults, notes;
    bool full;
};

/*
 * STATUS_OK: judged, faults or not. STATUS_USAGE: no schema is known for such a file. STATUS_UNAVAILABLE: it is empty,
 * or compressed in a way that cannot be read here. STATUS_NOT_FOUND, STATUS_IO, STATUS_LIMIT, STATUS_NO_MEMORY: could
 * not be read. The error names the file. "-" is stdin.
 */
enum status validate_file(struct validation *v, const char *path, struct error *e) ASSAY_MUST_CHECK;

/* A signal handler has said so. */
bool validate_is_stopped(const struct validation *v);

#endif
