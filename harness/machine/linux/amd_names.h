/*
 * amd_names.h - the names under which AMD's GPUs are sold, where only AMD's library knows them.
 *
 *     struct amd_names names;
 *     amd_names_ask(root, NULL, cards, count, &names);
 *     const char *name = names.of[i];          // of cards[i]; "" where nobody knows it, or the card does itself
 *
 * The library is asked by a process of its own (errand.h), and only where none of AMD's GPUs sleeps, which it would
 * wake.
 */
#ifndef ASSAY_AMD_NAMES_H
#define ASSAY_AMD_NAMES_H

#include "gpu_cards.h"
#include "sensor.h"

struct amd_names {
    char of[GPUS_MAX][256];
};

/* library: its path, NULL for the machine's, which is asked where root is "". */
void amd_names_ask(const char *root, const char *library, const struct gpu_card *cards, size_t count,
    struct amd_names *names);

#endif
