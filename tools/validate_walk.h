/*
 * validate_walk.h - what the operands of `assay validate` stand for: files, "-", patterns that the shell has left as
 * they are, and folders with all that is in them.
 *
 *     struct validate_walk walk = {.v = &v, .fail = print_error, .arg = NULL};
 *     validate_walk(&walk, "runs/latest");
 */
#ifndef ASSAY_VALIDATE_WALK_H
#define ASSAY_VALIDATE_WALK_H

#include "validate.h"

struct validate_walk {
    struct validation *v;
    void (*fail)(struct error *e, void *arg); /* a file, folder or pattern that could not be judged */
    void *arg;
};

/*
 * Of a folder: files whose name is known, other .json, .jsonl and .ndjson files by their content, and the folders in
 * it. Links to folders are not followed (runs/latest is one of the others), hidden files are left out.
 */
void validate_walk(struct validate_walk *walk, const char *operand);

#endif
