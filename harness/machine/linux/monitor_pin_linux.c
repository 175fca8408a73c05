#include "monitor_pin.h"

#include "pin_choice.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct monitor_pin {
    struct cpu_set before, now, measured, isolated, efficiency, chosen;
    bool known; /* `before` is what this thread was allowed */
    char text[192];
};

static bool read_affinity(pid_t pid, struct cpu_set *set)
{
    unsigned long mask[CPU_COUNT_MAX / (8 * sizeof(unsigned long))] = {0};
    const size_t bits = 8 * sizeof mask[0];
    memset(set, 0, sizeof *set);
    if (sched_getaffinity(pid, sizeof mask, (cpu_set_t *)(void *)mask) != 0)
        return false;
    for (size_t i = 0; i < CPU_COUNT_MAX; i++) {
        set->has[i] = (mask[i / bits] >> (i % bits)) & 1;
        set->count += set->has[i];
    }
    return true;
}

static bool set_affinity(const struct cpu_set *set)
{
    unsigned long mask[CPU_COUNT_MAX / (8 * sizeof(unsigned long))] = {0};
    const size_t bits = 8 * sizeof mask[0];
    for (size_t i = 0; i < CPU_COUNT_MAX; i++)
        if (set->has[i])
            mask[i / bits] |= 1UL << (i % bits);
    return sched_setaffinity(0, sizeof mask, (const cpu_set_t *)(const void *)mask) == 0;
}

struct monitor_pin *monitor_pin_new(const char *root)
{
    struct monitor_pin *pin = calloc(1, sizeof *pin);
    if (pin == NULL)
        return NULL;
    pin->known = read_affinity(0, &pin->before);
    pin->now = pin->before;
    cpu_set_read(root, "/sys/devices/system/cpu/isolated", &pin->isolated);
    cpu_efficiency_read(root, &pin->efficiency);
    snprintf(pin->text, sizeof pin->text, "any processor");
    return pin;
}

void monitor_pin_free(struct monitor_pin *pin)
{
    if (pin == NULL)
        return;
    if (pin->known && memcmp(&pin->now, &pin->before, sizeof pin->now) != 0)
        (void)set_affinity(&pin->before);
    free(pin);
}

void monitor_pin_away(struct monitor_pin *pin, pid_t measured)
{
    char list[96];
    const char *why;
    if (pin == NULL || !pin->known)
        return;
    if (measured <= 0 || !read_affinity(measured, &pin->measured))
        memset(&pin->measured, 0, sizeof pin->measured);
    bool apart =
        pin_choose(&(struct pin_facts){&pin->before, &pin->measured, &pin->efficiency, &pin->isolated},
            &pin->chosen, &why);
    if (memcmp(&pin->chosen, &pin->now, sizeof pin->now) != 0) {
        if (!set_affinity(&pin->chosen))
            return;
        pin->now = pin->chosen;
    }
    cpu_set_format(&pin->chosen, list, sizeof list);
    if (apart)
        snprintf(pin->text, sizeof pin->text, "processors %s: %s", list, why);
    else
        snprintf(pin->text, sizeof pin->text, "any of the processors %s: %s", list, why);
}

const char *monitor_pin_text(const struct monitor_pin *pin)
{
    return pin != NULL ? pin->text : "any processor";
}
