/*
 * fetch_set.h - a public set for `assay run --tasks`: fetched as set_load.h says, told of on stderr.
 *
 * ASSAY_SETS_URL is another place than the hub, for a mirror or a test; HF_TOKEN is sent to that place alone.
 *
 *     if (fetch_set_is_one("imdb") && fetch_set("imdb", 100, false, &tasks, &about, &why) != STATUS_OK) ...
 */
#ifndef ASSAY_FETCH_SET_H
#define ASSAY_FETCH_SET_H

#include "buf.h"

#include <stdint.h>

bool fetch_set_is_one(const char *name);

/* What to say of a name that is neither a file nor a set. */
enum status fetch_set_suggest(const char *name, struct error *e) ASSAY_MUST_CHECK;

/* Appends the tasks as JSON lines, and what is known of the set as JSON. */
enum status fetch_set(const char *name, int64_t count, bool offline, struct buf *tasks, struct buf *about,
    struct error *e) ASSAY_MUST_CHECK;

#endif
