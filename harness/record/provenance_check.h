/*
 * provenance_check.h - are the files of a run those that run.json lists?
 *
 *     struct provenance_check check;
 *     if (provenance_check_files("runs/latest", run, &check, &why) != STATUS_OK) ...
 *     for (size_t i = 0; i < check.count; i++)
 *         printf("%s %s\n", check.files[i].name, check.files[i].text);
 *     bool good = provenance_check_is_good(&check);
 *     provenance_check_fini(&check);
 *
 * Reports are made from the other files and may be made again: that they differ is said and is no fault. Nothing is
 * written, no link is followed and nothing outside the folder is opened, whatever run.json says.
 */
#ifndef ASSAY_PROVENANCE_CHECK_H
#define ASSAY_PROVENANCE_CHECK_H

#include "provenance.h"

#include <stddef.h>
#include <stdint.h>

enum provenance_state {
    PROVENANCE_AS_LISTED,
    PROVENANCE_MADE_AGAIN, /* a report that differs, is new or is gone */
    PROVENANCE_EXTRA,      /* not listed, and nobody reads it as a part of the run */
    PROVENANCE_CHANGED,    /* from here on: faults */
    PROVENANCE_MISSING,
    PROVENANCE_SLIPPED_IN, /* not listed, and its name is that of a part of the run */
    PROVENANCE_REFUSED,    /* a name that leads out of the folder, a link, no regular file, listed twice */
    PROVENANCE_UNREADABLE,
    PROVENANCE_STATE_COUNT
};

const char *provenance_state_name(enum provenance_state state); /* "as_listed", "made_again", ... */

struct provenance_file {
    char *name;
    enum provenance_kind kind;
    enum provenance_state state;
    char text[200]; /* what is wrong: "has 12 bytes and not 10"; "" where nothing is */
};

struct provenance_check {
    struct provenance_file *files; /* in the order of the list, then what is not in it */
    size_t count, capacity;
    size_t counts[PROVENANCE_STATE_COUNT];
    int64_t bytes; /* read */
};

/* Nothing is left to be merged or to be made anonymous. */
bool provenance_is_over(const char *folder, const struct json_object *run);

/* Why nothing can be said of a run's files: it is not finished, or has no list; NULL where it can. */
const char *provenance_why_not(const char *folder, const struct json_object *run);

/* STATUS_IO: the folder cannot be read; STATUS_NO_MEMORY. What is wrong with files is in *check. */
enum status provenance_check_files(const char *folder, const struct json_object *run,
    struct provenance_check *check, struct error *e) ASSAY_MUST_CHECK;

/*
 * Before a run's files are listed again: STATUS_INVALID where one is not as listed, since the new list would make
 * good what an accident has changed. A run without a list passes: there is nothing that it could hide.
 */
enum status provenance_check_before_change(const char *folder, struct error *e) ASSAY_MUST_CHECK;
bool provenance_check_is_good(const struct provenance_check *check);
void provenance_check_fini(struct provenance_check *check); /* also of a zeroed one */

#endif
