/*
 * system_settings.h - settings of the kernel that move figures although the hardware is the same: the clock's source,
 * huge pages, the governor of clock rates, what is done against faults of processors, memory by node.
 *
 *     system_settings_into(root, machine);       // members of machine, machine.cpu and machine.memory
 *
 * What a kernel does not show is left out.
 */
#ifndef ASSAY_SYSTEM_SETTINGS_H
#define ASSAY_SYSTEM_SETTINGS_H

#include <stdbool.h>

struct json_object;

/* machine has its members `cpu` and `memory` already. False: no memory. */
bool system_settings_into(const char *root, struct json_object *machine);

#endif
