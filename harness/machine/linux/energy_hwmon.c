/* Meters of power and energy that a driver offers in /sys/class/hwmon, of which we know what they measure. */
#include "energy_file.h"

#include "fs.h"

#include <stdio.h>
#include <string.h>

#define HWMON "/sys/class/hwmon"

/*
 * Drivers and channels, by the kernel's documentation (Documentation/hwmon). A channel that is not here may be a
 * rail, a phase, or the same as another, so that it is left out. GPUs are read with the rest of what they tell.
 */
static const struct known {
    const char *driver, *label; /* label: how it begins; NULL: any */
    enum energy_part part;
    bool spare; /* tells of what RAPL tells of */
} known[] = {
    {"power_meter", NULL, ENERGY_MACHINE, false}, /* ACPI: at the input of the machine */
    {"macsmc_hwmon", "Total System Power", ENERGY_MACHINE, false},
    {"corsairpsu", "power total", ENERGY_MACHINE, false},
    {"amd_energy", "Esocket", ENERGY_CPU, true},
    {"apm_xgene", "CPU power", ENERGY_CPU, false},
};

/* Counters before averages, averages before moments. */
static const struct channel {
    const char *format, *label_format;
    enum energy_unit unit;
} channels[] = {
    {"energy%d_input", "energy%d_label", ENERGY_JOULES},
    {"power%d_average", "power%d_label", ENERGY_WATTS},
    {"power%d_input", "power%d_label", ENERGY_WATTS},
};

enum { CHANNELS_MAX = 64, DEVICE_SIZE = 32 };

struct walk {
    struct energy_list *list;
    size_t devices; /* added so far */
};

static void numbered(char *text, size_t size, const char *format, int number)
{
    const char *percent = strchr(format, '%');
    snprintf(text, size, "%.*s%d%s", (int)(percent - format), format, number, percent + 2);
}

static bool label_fits(const char *root, const char *folder, const struct channel *c, int i, const char *want)
{
    char file[32], label[64];
    if (!want)
        return true;
    numbered(file, sizeof file, c->label_format, i);
    return energy_read_line(root, folder, file, label, sizeof label) &&
           strncmp(label, want, strlen(want)) == 0;
}

static void add_channel(
    struct walk *walk, const struct known *row, const char *folder, const char *file, enum energy_unit unit)
{
    char path[128], number[16];
    struct energy_source *source = energy_list_next(walk->list, unit, row->part);
    if (!source)
        return;
    snprintf(path, sizeof path, "%.80s/%.30s", folder, file);
    snprintf(number, sizeof number, "_%zu", walk->devices++);
    energy_name_append(source, row->driver);
    energy_name_append(source, number);
    source->spare = row->spare;
    snprintf(source->method, sizeof source->method, "%s %.100s", row->driver, path);
    energy_file_attach(source, walk->list->root, path, 1e-6,
        "only root may read it: run as root, or let your group read it");
}

/* All that fit of the first kind of channel that any fits of; a meter of the whole machine is one. */
static void add_device(struct walk *walk, const struct known *row, const char *folder)
{
    char file[32];
    for (size_t c = 0; c < sizeof channels / sizeof *channels; c++) {
        size_t before = walk->devices;
        for (int i = 0; i < CHANNELS_MAX; i++) {
            numbered(file, sizeof file, channels[c].format, i);
            if (!energy_has_file(walk->list->root, folder, file) ||
                !label_fits(walk->list->root, folder, &channels[c], i, row->label))
                continue;
            add_channel(walk, row, folder, file, channels[c].unit);
            if (row->part == ENERGY_MACHINE)
                break;
        }
        if (walk->devices > before)
            return;
    }
}

static int visit(const char *device, void *arg)
{
    struct walk *walk = arg;
    char folder[96], driver[DEVICE_SIZE];
    snprintf(folder, sizeof folder, HWMON "/%.60s", device);
    if (!energy_read_line(walk->list->root, folder, "name", driver, sizeof driver))
        return 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].driver, driver) == 0)
            add_device(walk, &known[i], folder);
    return 0;
}

void energy_hwmon_list(struct energy_list *list)
{
    char path[640];
    struct walk walk = {.list = list};
    snprintf(path, sizeof path, "%s" HWMON, list->root);
    (void)!fs_list(path, visit, &walk, NULL);
}
