/*
 * mac_energy.h - what a Mac's chip, its memory, its neural engine and its battery draw, as sources of energy_source.h.
 *
 *     struct mac_energy_options options = {.paths = &mac_paths_system, .powermetrics = powermetrics_is_asked()};
 *     size_t n = mac_energy_open(&options, sources, max, none);
 *
 * Apple's chips count energy for the processors, the neural engine and the memory (IOReport); GPUs tell of theirs with
 * their other sensors. powermetrics says watts of the same parts and counts only where they do not (Intel's chips).
 */
#ifndef ASSAY_MAC_ENERGY_H
#define ASSAY_MAC_ENERGY_H

#include "energy_source.h"
#include "mac_frameworks.h"

struct mac_energy_options {
    const struct mac_paths *paths;
    bool intel;                                /* the chip is Intel's: powermetrics says other things */
    bool powermetrics;                         /* is to be asked */
    const char *const *powermetrics_arguments; /* NULL: the tool itself */
};

size_t mac_energy_open(const struct mac_energy_options *options, struct energy_source *sources, size_t max,
    char none[ENERGY_REASON_SIZE]);

#endif
