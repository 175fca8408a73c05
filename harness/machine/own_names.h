/*
 * own_names.h - what would tell whose machine this is: its names, its user's, the home folder, serial numbers; found in
 * a text and replaced.
 *
 *     struct own_names *names = own_names_new();
 *     bool ok = names != NULL && own_names_of_machine(names, "");
 *     if (own_names_in(names, text, len)) ok = own_names_replace(names, text, len, &out);
 *     own_names_free(names);
 *
 * Names are whole words: "box" is none in "boxes". Those of a user are matched as they are written, those of a host in
 * either case. What says nothing of anybody (root, ubuntu, localhost) is no name.
 */
#ifndef ASSAY_OWN_NAMES_H
#define ASSAY_OWN_NAMES_H

#include "buf.h"

#include <stdbool.h>

struct own_names; /* opaque */

struct own_names *own_names_new(void); /* NULL: no memory */
void own_names_free(struct own_names *names);

/* One more; what is too short or belongs to everybody is left out. False: no memory. */
bool own_names_add_host(struct own_names *names, const char *host); /* also without its domain */
bool own_names_add_user(struct own_names *names, const char *user);
bool own_names_add_home(struct own_names *names, const char *folder);
bool own_names_add_serial(struct own_names *names, const char *serial);

/* All that this machine tells of itself and of who runs us. root: "" or a folder with a captured tree. */
bool own_names_of_machine(struct own_names *names, const char *root);

/* A word that our own files are full of is no name any more: replacing it would break them. */
void own_names_forget(struct own_names *names, const char *word);

bool own_names_in(const struct own_names *names, const char *text, size_t len);

/* Appends the text with each name replaced. False: no memory. */
bool own_names_replace(const struct own_names *names, const char *text, size_t len, struct buf *out);

#endif
