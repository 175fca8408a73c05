/* show_load.h - what `show` tells of a load test: asked and achieved, window, requests, client. */
#ifndef ASSAY_SHOW_LOAD_H
#define ASSAY_SHOW_LOAD_H

#include "buf.h"

struct json_object;

/* False: the record is of no load test, and nothing was appended. */
bool show_load(struct buf *out, const struct json_object *record);

#endif
