/*
 * set_cache.h - sets that were fetched once: FOLDER/<name>.json says what it is, FOLDER/<sha256>.jsonl are its tasks.
 *
 * What is read is what was written: a file that its digest does not fit is refused, never used.
 *
 *     struct json_object *manifest;
 *     enum status s = set_cache_find(folder, key, &manifest, &tasks, &why);   // _NOT_FOUND, _INVALID: damaged
 */
#ifndef ASSAY_SET_CACHE_H
#define ASSAY_SET_CACHE_H

#include "buf.h"

struct json_object;

/* $XDG_CACHE_HOME/assay/sets, else ~/.cache/assay/sets. */
enum status set_cache_folder(struct buf *folder, struct error *e) ASSAY_MUST_CHECK;

enum status set_cache_find(const char *folder, const char *key, struct json_object **manifest,
    struct buf *tasks, struct error *e) ASSAY_MUST_CHECK;

/* Completes the manifest with digest and size. The tasks are whole on the disk before the manifest names them. */
enum status set_cache_keep(const char *folder, const char *key, struct json_object *manifest,
    const struct buf *tasks, struct error *e) ASSAY_MUST_CHECK;

#endif
