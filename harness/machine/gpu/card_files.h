/*
 * card_files.h - the files of a graphics card in /sys that hold one number each, kept open.
 *
 *     static const struct card_row rows[] = {
 *         {SENSOR_GPU_POWER, "hwmon/power1_average", "power1_average", 1e-6},
 *         {SENSOR_GPU_POWER, "hwmon/power1_input", "power1_input", 1e-6},     // where the first is not there
 *     };
 *     card_files_open(&files, root, &card, rows, 2);
 *     card_files_read(&files, gpu);          // into gpu->readings
 *     card_files_close(&files);
 *
 * Paths are below the card's folder; "hwmon/" stands for the folder of its own thermometers. A card that is
 * asleep is not read, for that would wake it: its readings are unavailable.
 */
#ifndef ASSAY_CARD_FILES_H
#define ASSAY_CARD_FILES_H

#include "gpu_cards.h"
#include "gpu_device.h"
#include "kept_file.h"

struct card_row {
    enum sensor_id sensor;
    const char *path, *source;
    double scale; /* to the sensor's unit */
};

struct card_files {
    const struct card_row
        *chosen[GPU_SENSOR_COUNT]; /* by sensor; NULL where the card has none of its files */
    struct kept_file files[GPU_SENSOR_COUNT];
    struct kept_file power_state;
};

void card_files_open(struct card_files *files, const char *root, const struct gpu_card *card,
    const struct card_row *rows, size_t count);
void card_files_close(struct card_files *files);

/* Is the card asleep at this moment? */
bool card_files_asleep(struct card_files *files);

/* False where the card is asleep. */
bool card_files_read(struct card_files *files, struct gpu_device *gpu);

/* One file of the card, opened like those; paths as there. */
void card_file_open(struct kept_file *file, const char *root, const struct gpu_card *card, const char *path);

/* Its number; false, with file's status and reason, where there is none. */
bool card_file_number(struct kept_file *file, double *value);

#endif
