/* task_table.h - tasks as a table of comma-separated values (RFC 4180). Private to this room. */
#ifndef ASSAY_TASK_TABLE_H
#define ASSAY_TASK_TABLE_H

#include "status.h"

#include <stddef.h>

struct json_object;

/* Calls take once a row with a task as task.schema.json has it, which take keeps or frees. Faults are located. */
enum status task_table_read(const char *name, const char *text, size_t len,
    enum status (*take)(struct json_object *task, long line, void *arg, struct error *e), void *arg,
    struct error *e) ASSAY_MUST_CHECK;

#endif
