/*
 * validate.h - files of ours against their schemas, fault by fault.
 *
 * The schema is the one given, else chosen by the file's name (run.json, benchmark.jsonl, ...), else by the
 * shape of its first value. A file whose first line is a whole JSON value is read line by line, in constant
 * memory; any other as one value. A file may hold many faults: they go to the callback as they are found.
 *
 *     struct validation v = {.fault = print_fault, .arg = stdout, .faults_max = 100};
 *     if (validate_file(&v, "runs/latest/benchmark.jsonl", &why) != STATUS_OK) ...    // could not be judged
 *     exit code: v.faults > 0
 */
#ifndef ASSAY_VALIDATE_H
#define ASSAY_VALIDATE_H

#include "schema.h"

struct validate_fault {
    const char *file;
    long line, column;   /* from 1; 0: unknown. column only where the text is not JSON */
    const char *pointer; /* into the value of that line; "" where the text is not JSON */
    const char *schema;  /* URI and pointer of the keyword; "" likewise */
    const char *text;
};

struct validation {
    const struct schema *schema; /* NULL: chosen for each file */
    const char *schema_name;
    size_t faults_max; /* over all files: then v.full is set and nothing more is read */
    void (*fault)(const struct validate_fault *fault, void *arg);
    void *arg;
    /* What came of it so far. */
    size_t files, bad_files, values, faults;
    bool full;
};

/*
 * STATUS_OK: judged, faults or not. STATUS_USAGE: no schema is known for such a file. STATUS_NOT_FOUND,
 * STATUS_IO, STATUS_LIMIT, STATUS_NO_MEMORY: could not be read. The error names the file. "-" is stdin.
 */
enum status validate_file(struct validation *v, const char *path, struct error *e) ASSAY_MUST_CHECK;

#endif
