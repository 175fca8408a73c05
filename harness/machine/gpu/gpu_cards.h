/*
 * gpu_cards.h - the graphics cards that the kernel's drivers show in /sys/class/drm.
 *
 *     struct gpu_card cards[GPUS_MAX];
 *     size_t count = gpu_cards_find(root, cards, GPUS_MAX);     // card0, card1, ... by number
 *
 * Display chips of servers and virtual machines are left out: only AMD, Intel and NVIDIA make GPUs that a
 * model runs on.
 */
#ifndef ASSAY_GPU_CARDS_H
#define ASSAY_GPU_CARDS_H

#include <stdbool.h>
#include <stddef.h>

struct gpu_card {
    unsigned number;    /* 0 of card0 */
    const char *vendor; /* "AMD", "Intel", "NVIDIA" */
    char driver[32];    /* "amdgpu", "" where it is not known */
};

size_t gpu_cards_find(const char *root, struct gpu_card *cards, size_t max);

/* The first line of a file below the card's folder; false where there is none, or it is empty. */
bool gpu_card_word(const char *root, const struct gpu_card *card, const char *path, char *text, size_t size);

/* "device/hwmon/hwmon4", the folder of the card's own thermometers; false where it has none. */
bool gpu_card_hwmon(const char *root, const struct gpu_card *card, char *path, size_t size);

/* "0000:03:00.0", its address on the PCI bus; false where it has none, or it is not told. */
bool gpu_card_slot(const char *root, const struct gpu_card *card, char *slot, size_t size);

/* Asking it would wake it. */
bool gpu_card_sleeps(const char *root, const struct gpu_card *card);

#endif
