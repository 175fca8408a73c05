/*
 * memory_group.h - may this process make a control group with a memory limit below its own?
 *
 *     char folder[MEMORY_GROUP_PATH_MAX];
 *     if (memory_group_probe(folder, &why) == STATUS_OK) printf("yes, in %s\n", folder);
 *     else printf("no: %s\n", error_text(&why));
 */
#ifndef ASSAY_MEMORY_GROUP_H
#define ASSAY_MEMORY_GROUP_H

#include "status.h"

enum { MEMORY_GROUP_PATH_MAX = 640 };

/*
 * Tries it: makes a group, looks for its limit, removes it. folder: where ("" where unknown).
 * STATUS_UNAVAILABLE with the reason where it cannot be done.
 */
enum status memory_group_probe(char folder[MEMORY_GROUP_PATH_MAX], struct error *e) ASSAY_MUST_CHECK;

#endif
