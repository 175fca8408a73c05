/* lms_run.h - one run of `lms`: its arguments, its limits, what it printed. Private to lms.c. */
#ifndef ASSAY_LMS_RUN_H
#define ASSAY_LMS_RUN_H

#include "buf.h"
#include "target.h"

enum { LMS_ARGUMENTS_MAX = 12 };

struct lms_run {
    const char *arguments[LMS_ARGUMENTS_MAX + 1]; /* behind the program's name; NULL-terminated */
    int64_t limit_ns;
    pull_progress_fn progress; /* NULL, or told the last line that was printed, with sizes 0 and -1 */
    void *arg;
};

/* Its standard output is appended to out (may be NULL). */
enum status lms_run(const struct lms_run *run, struct buf *out, struct error *e) ASSAY_MUST_CHECK;

/* False: it is not installed. */
bool lms_run_find(char *path, size_t size);

#endif
