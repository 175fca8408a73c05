/*
 * identity.h - what machine this is: host, system, processors by kind, memory, GPUs.
 *
 *     struct json_object *machine = machine_identity_to_json("");
 *     json_set(run, "machine", machine);               // `machine` of schemas/run.schema.json
 *
 * What cannot be found is left out; host, os, kernel and architecture are always there ("unknown" at worst).
 */
#ifndef ASSAY_IDENTITY_H
#define ASSAY_IDENTITY_H

#include <stddef.h>

struct json_object;

/* root: "" for this machine, or a folder with a captured tree. NULL: no memory. The caller owns it. */
struct json_object *machine_identity_to_json(const char *root);

/* The host's name without its domain, "unknown" at worst; for the names of runs. */
void machine_host_name(const char *root, char *name, size_t size);

#endif
