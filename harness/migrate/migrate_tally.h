/*
 * migrate_tally.h - what a migration has to say of an old file: counted, each thing once, so that a file of a hundred
 * thousand lines is told in a page. Inside harness/migrate.
 *
 *     struct migrate_tally losses = {.key = "pointer", .max = 256};
 *     migrate_tally_add(&losses, "/model/quality", "original", "no typed home", 0);
 *     json_set(migrated, "losses", migrate_tally_take(&losses));  // [{"pointer": ..., "kept": ..., "count": 1, ...}]
 */
#ifndef ASSAY_MIGRATE_TALLY_H
#define ASSAY_MIGRATE_TALLY_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;

struct migrate_tally {
    const char *key;          /* member that holds what is counted */
    size_t max;               /* different entries; what comes beyond them is counted in one more */
    struct json_object *list; /* owned; NULL until the first entry */
    size_t at;                /* of the entry that was counted last: the likely next one stands behind it */
};

/*
 * kept, reason NULL: an entry without them. line > 0: first_line of a new entry. Texts are made safe. False: no memory.
 */
bool migrate_tally_add(
    struct migrate_tally *tally, const char *what, const char *kept, const char *reason, long line);

/* The list, empty where nothing was counted; the caller's. NULL: no memory. */
struct json_object *migrate_tally_take(struct migrate_tally *tally);
void migrate_tally_fini(struct migrate_tally *tally);

#endif
