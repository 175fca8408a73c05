/* set_fetch.h - one set from the network: its tasks, and what its manifest says of it. Private to set_load.c. */
#ifndef ASSAY_SET_FETCH_H
#define ASSAY_SET_FETCH_H

#include "set_load.h"
#include "set_ref.h"

/* Sets dataset, config, split, revision, licence, asked, rows, skipped and total of the manifest; appends the tasks. */
enum status set_fetch(const struct set_request *request, struct set_ref *ref, int64_t count,
    struct json_object *manifest, struct buf *tasks, struct error *e) ASSAY_MUST_CHECK;

#endif
