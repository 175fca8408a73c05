/*
 * set_load.h - a public set as a file of tasks: from the cache, else fetched once and kept there.
 *
 *     struct set_request request = SET_REQUEST_DEFAULT;
 *     request.name = "imdb";
 *     struct buf tasks = BUF_INIT(SET_BYTES);
 *     struct set_loaded set;
 *     if (set_load(&request, &tasks, &set, &why) != STATUS_OK) ...
 *     puts(json_get_text(set.manifest, "/licence"));
 *     set_loaded_fini(&set);
 *
 * Fetched from a service that speaks the documented API of Hugging Face's dataset viewer (rows, splits) and of its hub
 * (api/datasets, datasets/NAME/resolve). Nothing is fetched that was not asked for by name.
 */
#ifndef ASSAY_SET_LOAD_H
#define ASSAY_SET_LOAD_H

#include "buf.h"
#include "clock.h"

#define SET_ROWS_URL "https://datasets-server.huggingface.co"
#define SET_HUB_URL "https://huggingface.co"
#define SET_BYTES ((size_t)200 << 20) /* of a set, its pictures included */
#define SET_ROWS_MAX 100000

struct json_object;

struct set_request {
    const char *name;
    int64_t count;      /* rows; 0: what is usual for this set */
    bool offline;       /* from the cache or not at all */
    const char *folder; /* of the cache; NULL: set_cache_folder() */
    const char *rows_url, *hub_url;
    const char *token;         /* sent to these two alone; NULL: none */
    const struct clock *clock; /* NULL: the machine's */
    void (*progress)(int64_t done, int64_t total, size_t bytes, void *arg); /* rows; may be NULL */
    void *arg;
};

#define SET_REQUEST_DEFAULT                                                                                  \
    {                                                                                                        \
        .rows_url = SET_ROWS_URL, .hub_url = SET_HUB_URL                                                     \
    }

struct set_loaded {
    struct json_object *manifest; /* schemas/set.schema.json */
    bool fetched;                 /* rather than found in the cache */
    char warning[512];            /* a damaged cache, or one that could not be written; "" without */
};

/* STATUS_USAGE: no such name; STATUS_UNAVAILABLE: the service does not give it, or offline and not in the cache;
 * STATUS_INVALID: what came is no such set; STATUS_LIMIT: too large. */
enum status set_load(const struct set_request *request, struct buf *tasks, struct set_loaded *set,
    struct error *e) ASSAY_MUST_CHECK;
void set_loaded_fini(struct set_loaded *set); /* also of a zeroed one */

#endif
