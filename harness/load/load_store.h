/*
 * load_store.h - where one thread of a load test keeps its samples: a file without a name, written in blocks, so
 * that memory stays flat however long the test is; read after it through one mapping.
 *
 * The moments of token events follow their sample, as differences in a code of variable length: the first to
 * t_sent, each to the one before, in nanoseconds / 256 (0.26 us), 2 to 3 bytes for usual gaps. One thread.
 *
 *     struct load_store *store;
 *     if (load_store_new(NULL, 1 << 30, &store, &why) != STATUS_OK) ...
 *     load_store_add(store, &sample, events, event_count);
 *     load_store_finish(store, &why);
 *     for (struct load_store_cursor at = {0}; load_store_next(store, &at);)
 *         use(&at.sample, at.times, at.times_len);
 *     load_store_free(store);
 */
#ifndef ASSAY_LOAD_STORE_H
#define ASSAY_LOAD_STORE_H

#include "load_sample.h"
#include "status.h"

#include <stddef.h>

struct load_store;

struct load_store_cursor {
    size_t offset;
    struct load_sample sample; /* of the latest load_store_next() */
    const uint8_t *times;      /* NULL: not kept */
    size_t times_len;
};

/* folder NULL: TMPDIR, else /tmp. times_max: bytes of moments that are kept. */
enum status load_store_new(
    const char *folder, int64_t times_max, struct load_store **store, struct error *e) ASSAY_MUST_CHECK;
void load_store_free(struct load_store *store);

/* Token events among events[0..count) are kept unless the room for them is used up. False: the sample is lost. */
bool load_store_add(struct load_store *store, const struct load_sample *sample,
    const struct exchange_event *events, size_t count);

/* Before it is read. STATUS_IO with the reason. */
enum status load_store_finish(struct load_store *store, struct error *e) ASSAY_MUST_CHECK;
bool load_store_next(const struct load_store *store, struct load_store_cursor *cursor);

size_t load_store_count(const struct load_store *store);
uint64_t load_store_without_times(const struct load_store *store); /* samples whose moments were not kept */

/* The moments of a sample, one after the other: start with at = 0 and t_ns = sample.t_sent_ns. */
bool load_times_next(const uint8_t *times, size_t len, size_t *at, int64_t *t_ns);

#endif
