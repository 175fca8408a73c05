/*
 * load_report.h - the Markdown page of what `assay load --out FILE` wrote: one load test, or a search.
 *
 *     if (load_report_read("load.json", &tree, &why) == STATUS_OK)
 *         load_report_write(tree, &page, &why);
 *     json_object_put(tree);
 */
#ifndef ASSAY_LOAD_REPORT_H
#define ASSAY_LOAD_REPORT_H

#include "buf.h"

struct json_object;

/* STATUS_INVALID: not such a file; also those of json_read_file. */
enum status load_report_read(const char *path, struct json_object **tree, struct error *e) ASSAY_MUST_CHECK;
enum status load_report_write(
    const struct json_object *tree, struct buf *out, struct error *e) ASSAY_MUST_CHECK;

#endif
