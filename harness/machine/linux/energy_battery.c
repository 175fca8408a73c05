/* What a battery is drained of: all that the machine uses, while it runs on it. Every few seconds, and coarsely. */
#include "energy_file.h"

#include "fs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUPPLY "/sys/class/power_supply"

enum { TEXT_SIZE = 64 };

/* power_now in uW; where there is none, current_now in uA times voltage_now in uV. */
struct battery {
    struct kept_file status, power, current, voltage;
};

static bool read_kept(struct kept_file *file, double *value, char reason[ENERGY_REASON_SIZE])
{
    char text[TEXT_SIZE];
    if (file->fd >= 0 && kept_read(file, text, sizeof text) && energy_parse(text, value))
        return true;
    snprintf(reason, ENERGY_REASON_SIZE, "%s", file->reason[0] ? file->reason : "no number in it");
    return false;
}

static bool read_watts(struct battery *b, double *watts, char reason[ENERGY_REASON_SIZE])
{
    double volts, amperes;
    if (b->power.fd >= 0) {
        bool ok = read_kept(&b->power, watts, reason);
        *watts = fabs(*watts) / 1e6; /* some drivers say which way it flows */
        return ok;
    }
    bool ok = read_kept(&b->current, &amperes, reason) && read_kept(&b->voltage, &volts, reason);
    if (ok)
        *watts = fabs(amperes) / 1e6 * volts / 1e6;
    return ok;
}

static bool read_battery(struct energy_source *source, double *value, char reason[ENERGY_REASON_SIZE])
{
    struct battery *b = source->state;
    char status[TEXT_SIZE];
    if (!kept_read(&b->status, status, sizeof status)) {
        snprintf(reason, ENERGY_REASON_SIZE, "%s", b->status.reason);
        return false;
    }
    if (strncmp(status, "Discharging", 11) != 0) {
        snprintf(reason, ENERGY_REASON_SIZE, "the battery is not being drained: the machine is on mains");
        return false;
    }
    return read_watts(b, value, reason);
}

static void close_battery(struct energy_source *source)
{
    struct battery *b = source->state;
    kept_close(&b->status);
    kept_close(&b->power);
    kept_close(&b->current);
    kept_close(&b->voltage);
    free(b);
}

static const struct energy_ops battery_ops = {.read = read_battery, .close = close_battery};

static void open_one(struct kept_file *file, const char *root, const char *folder, const char *name)
{
    char path[160];
    snprintf(path, sizeof path, "%.120s/%s", folder, name);
    kept_open(file, root, path);
}

static void add_battery(struct energy_list *list, const char *name, const char *folder)
{
    struct energy_source *source = energy_list_next(list, ENERGY_WATTS, ENERGY_BATTERY);
    struct battery *b = source ? calloc(1, sizeof *b) : NULL;
    if (!source)
        return;
    energy_name_append(source, "battery_");
    energy_name_append(source, name);
    snprintf(source->method, sizeof source->method, "battery %.100s", folder);
    if (!b) {
        snprintf(source->reason, sizeof source->reason, "no memory");
        return;
    }
    open_one(&b->status, list->root, folder, "status");
    open_one(&b->power, list->root, folder, "power_now");
    open_one(&b->current, list->root, folder, "current_now");
    open_one(&b->voltage, list->root, folder, "voltage_now");
    source->state = b;
    source->ops = &battery_ops;
}

/* A mouse's battery is one too: its scope is "Device". */
static int visit(const char *name, void *arg)
{
    struct energy_list *list = arg;
    char folder[128], type[32], scope[32];
    snprintf(folder, sizeof folder, SUPPLY "/%.60s", name);
    (void)energy_read_line(list->root, folder, "scope", scope, sizeof scope);
    if (energy_read_line(list->root, folder, "type", type, sizeof type) && strcmp(type, "Battery") == 0 &&
        strcmp(scope, "Device") != 0)
        add_battery(list, name, folder);
    return 0;
}

void energy_battery_list(struct energy_list *list)
{
    char path[640];
    snprintf(path, sizeof path, "%s" SUPPLY, list->root);
    (void)!fs_list(path, visit, list, NULL);
}
