/*
 * mac_sysctl.h - values of the kernel by name, as the tool `sysctl` prints them.
 *
 *     if (mac_sysctl_int("hw.memsize", &bytes)) ...
 */
#ifndef ASSAY_MAC_SYSCTL_H
#define ASSAY_MAC_SYSCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool mac_sysctl_int(const char *name, int64_t *value); /* of 4 or 8 bytes */
bool mac_sysctl_text(const char *name, char *text, size_t size);

#endif
