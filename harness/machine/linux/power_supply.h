/*
 * power_supply.h - mains or battery, how full, and the power profile that the user chose.
 *
 *     struct power_supplies p;
 *     power_supplies_open(&p, root);
 *     power_supplies_read(&p, &sample);       // once a second
 *     power_supplies_close(&p);
 *
 * Batteries of mice and headsets (scope "Device") are nobody's concern.
 */
#ifndef ASSAY_POWER_SUPPLY_H
#define ASSAY_POWER_SUPPLY_H

#include "sensor.h"

enum { POWER_SUPPLIES_MAX = 8 };

struct power_supplies {
    struct {
        int status, capacity; /* descriptors */
    } batteries[POWER_SUPPLIES_MAX];
    int mains[POWER_SUPPLIES_MAX]; /* descriptors of `online`: adapters and USB chargers */
    size_t battery_count, mains_count;
    int profile; /* descriptor */
};

void power_supplies_open(struct power_supplies *p, const char *root);
void power_supplies_close(struct power_supplies *p);
void power_supplies_read(const struct power_supplies *p, struct sample *sample);

#endif
