#include "card_files.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

void card_file_open(struct kept_file *file, const char *root, const struct gpu_card *card, const char *path)
{
    static const char own_folder[] = "hwmon/";
    char full[512], folder[64] = "absent";
    if (strncmp(path, own_folder, strlen(own_folder)) == 0) {
        (void)gpu_card_hwmon(root, card, folder, sizeof folder);
        snprintf(full, sizeof full, "/sys/class/drm/card%u/%s/%s", card->number, folder,
            path + strlen(own_folder));
    } else {
        snprintf(full, sizeof full, "/sys/class/drm/card%u/%s", card->number, path);
    }
    kept_open(file, root, full);
}

bool card_file_number(struct kept_file *file, double *value)
{
    char text[64];
    int64_t number;
    if (!kept_read(file, text, sizeof text))
        return false;
    text[strcspn(text, "\n")] = '\0';
    if (!text_parse_i64(text, &number)) {
        file->status = SENSOR_ERROR;
        snprintf(file->reason, sizeof file->reason, "not a number");
        return false;
    }
    *value = (double)number;
    return true;
}

void card_files_open(struct card_files *files, const char *root, const struct gpu_card *card,
    const struct card_row *rows, size_t count)
{
    memset(files, 0, sizeof *files);
    for (size_t i = 0; i < GPU_SENSOR_COUNT; i++)
        files->files[i].fd = -1;
    for (size_t i = 0; i < count; i++) {
        size_t at = rows[i].sensor - SENSOR_GPU_FIRST;
        if (files->chosen[at])
            continue;
        card_file_open(&files->files[at], root, card, rows[i].path);
        if (files->files[at].fd >= 0)
            files->chosen[at] = &rows[i];
    }
    card_file_open(&files->power_state, root, card, "device/power/runtime_status");
}

void card_files_close(struct card_files *files)
{
    for (size_t i = 0; i < GPU_SENSOR_COUNT; i++)
        kept_close(&files->files[i]);
    kept_close(&files->power_state);
}

bool card_files_asleep(struct card_files *files)
{
    char text[32];
    return kept_read(&files->power_state, text, sizeof text) && strncmp(text, "suspended", 9) == 0;
}

static void read_one(struct card_files *files, size_t at, bool asleep, struct gpu_device *gpu)
{
    const struct card_row *row = files->chosen[at];
    struct reading *r = gpu_device_reading(gpu, row->sensor);
    double value;
    if (asleep)
        reading_unavailable(r, row->source, "the GPU is asleep");
    else if (card_file_number(&files->files[at], &value))
        reading_set(r, value * row->scale, row->source);
    else
        kept_explain(&files->files[at], r, row->source);
}

bool card_files_read(struct card_files *files, struct gpu_device *gpu)
{
    bool asleep = card_files_asleep(files);
    for (size_t i = 0; i < GPU_SENSOR_COUNT; i++) {
        if (files->chosen[i])
            read_one(files, i, asleep, gpu);
    }
    return !asleep;
}
