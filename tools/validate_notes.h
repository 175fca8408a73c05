/*
 * validate_notes.h - what is worth a word about one file and is no fault: each kind of word once, with where it was
 * met first and how often. Memory is bounded; a file of a million lines with the same deviation has one note.
 *
 *     struct validate_notes notes = {0};
 *     ok = validate_notes_add(&notes, "deviation", 3, "/system_health/swap_used_mb", "not in the documented format");
 *     for (size_t i = 0; i < notes.count; i++) ...
 *     validate_notes_fini(&notes);
 */
#ifndef ASSAY_VALIDATE_NOTES_H
#define ASSAY_VALIDATE_NOTES_H

#include <stdbool.h>
#include <stddef.h>

#define VALIDATE_NOTES_MAX 64

struct validate_note {
    const char *kind; /* a literal */
    char *pointer, *text;
    long line; /* where it was met first; 0: it is about the file */
    size_t times;
};

struct validate_notes {
    struct validate_note items[VALIDATE_NOTES_MAX];
    size_t count;
    size_t left_out; /* others, for which there was no room */
};

/* False: no memory. */
bool validate_notes_add(
    struct validate_notes *notes, const char *kind, long line, const char *pointer, const char *text);

void validate_notes_fini(struct validate_notes *notes);

#endif
