/*
 * mac_kit.h - the fake libraries of a Mac (fake_mac.h), for tests of macos/.
 *
 *     struct fake_mac *mac = mac_kit_reset();
 *     mac_frameworks_load(&f, mac_kit_paths(), why);
 */
#ifndef ASSAY_MAC_KIT_H
#define ASSAY_MAC_KIT_H

#include "fake_mac.h"
#include "mac_frameworks.h"

struct fake_mac *mac_kit_reset(void);
const struct mac_paths *mac_kit_paths(void);

/* Loaded, of the fake. */
const struct mac_frameworks *mac_kit_frameworks(void);

#endif
