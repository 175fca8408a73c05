/*
 * told_text.h - texts that files, drivers and firmware tell of a machine: anybody may have written them, so they are
 * made printable and kept short before they become part of a run.
 *
 *     ok &= told_text_set(machine, "model", text);
 */
#ifndef ASSAY_TOLD_TEXT_H
#define ASSAY_TOLD_TEXT_H

#include <stdbool.h>

struct json_object;

/* One line of 512 bytes at most. False: no memory. */
bool told_text_set(struct json_object *object, const char *key, const char *text);

#endif
