#include "validate_notes.h"

#include <stdlib.h>
#include <string.h>

static struct validate_note *find(struct validate_notes *notes, const char *pointer, const char *text)
{
    for (size_t i = 0; i < notes->count; i++)
        if (strcmp(notes->items[i].text, text) == 0 && strcmp(notes->items[i].pointer, pointer) == 0)
            return &notes->items[i];
    return NULL;
}

bool validate_notes_add(
    struct validate_notes *notes, const char *kind, long line, const char *pointer, const char *text)
{
    struct validate_note *note = find(notes, pointer, text);
    if (note != NULL) {
        note->times++;
        return true;
    }
    if (notes->count == VALIDATE_NOTES_MAX) {
        notes->left_out++;
        return true;
    }
    note = &notes->items[notes->count];
    *note = (struct validate_note){
        .kind = kind, .pointer = strdup(pointer), .text = strdup(text), .line = line, .times = 1};
    if (note->pointer != NULL && note->text != NULL) {
        notes->count++;
        return true;
    }
    free(note->pointer);
    free(note->text);
    return false;
}

void validate_notes_fini(struct validate_notes *notes)
{
    for (size_t i = 0; i < notes->count; i++) {
        free(notes->items[i].pointer);
        free(notes->items[i].text);
    }
    notes->count = 0;
}
