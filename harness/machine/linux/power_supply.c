#include "power_supply.h"

#include "fs.h"
#include "sys_file.h"

#include <stdio.h>
#include <string.h>

struct listing {
    struct power_supplies *supplies;
    const char *root;
};

static int open_of(const char *root, const char *supply, const char *name)
{
    char path[400];
    snprintf(path, sizeof path, "/sys/class/power_supply/%.200s/%s", supply, name);
    return sys_open(root, path);
}

static bool is(const char *root, const char *supply, const char *name, const char *word)
{
    char found[SYS_WORD_SIZE];
    int fd = open_of(root, supply, name);
    bool same = sys_read_word(fd, found) && strcmp(found, word) == 0;
    sys_close(&fd);
    return same;
}

static int visit(const char *name, void *arg)
{
    const struct listing *l = arg;
    struct power_supplies *p = l->supplies;
    if (is(l->root, name, "scope", "Device"))
        return 0;
    if (is(l->root, name, "type", "Battery")) {
        if (p->battery_count == POWER_SUPPLIES_MAX || is(l->root, name, "present", "0"))
            return 0;
        p->batteries[p->battery_count].status = open_of(l->root, name, "status");
        p->batteries[p->battery_count++].capacity = open_of(l->root, name, "capacity");
    } else if ((is(l->root, name, "type", "Mains") || is(l->root, name, "type", "USB")) &&
               p->mains_count < POWER_SUPPLIES_MAX) {
        p->mains[p->mains_count++] = open_of(l->root, name, "online");
    }
    return 0;
}

void power_supplies_open(struct power_supplies *p, const char *root)
{
    char folder[700];
    struct listing l = {p, root};
    *p = (struct power_supplies){.profile = sys_open(root, "/sys/firmware/acpi/platform_profile")};
    if ((size_t)snprintf(folder, sizeof folder, "%s/sys/class/power_supply", root) < sizeof folder)
        (void)!fs_list(folder, visit, &l, NULL);
}

void power_supplies_close(struct power_supplies *p)
{
    for (size_t i = 0; i < p->battery_count; i++) {
        sys_close(&p->batteries[i].status);
        sys_close(&p->batteries[i].capacity);
    }
    for (size_t i = 0; i < p->mains_count; i++)
        sys_close(&p->mains[i]);
    sys_close(&p->profile);
}

static bool mains_is_on(const struct power_supplies *p)
{
    int64_t online;
    for (size_t i = 0; i < p->mains_count; i++)
        if (sys_read_number(p->mains[i], &online) && online > 0)
            return true;
    return false;
}

/* A battery may lend a weak charger a hand: it is the source only where no adapter is. */
static void read_source(const struct power_supplies *p, struct reading *r)
{
    static const char source[] = "/sys/class/power_supply/*/{online,status}";
    char status[SYS_WORD_SIZE];
    bool discharging = false;
    for (size_t i = 0; i < p->battery_count; i++)
        discharging |= sys_read_word(p->batteries[i].status, status) && strcmp(status, "Discharging") == 0;
    if (p->battery_count + p->mains_count == 0)
        reading_unavailable(r, source, "this machine describes no power supply");
    else
        reading_set(r, discharging && !mains_is_on(p), source);
}

static void read_charge(const struct power_supplies *p, struct reading *r)
{
    static const char source[] = "/sys/class/power_supply/*/capacity";
    int64_t percent, sum = 0, known = 0;
    for (size_t i = 0; i < p->battery_count; i++) {
        if (!sys_read_number(p->batteries[i].capacity, &percent))
            continue;
        sum += percent;
        known++;
    }
    if (known > 0)
        reading_set(r, (double)sum / (double)known, source);
    else
        reading_unavailable(r, source, "this machine has no battery");
}

static void read_profile(const struct power_supplies *p, struct reading *r)
{
    static const char source[] = "/sys/firmware/acpi/platform_profile";
    static const struct {
        const char *word;
        int level;
    } profiles[] = {{"low-power", 0}, {"quiet", 0}, {"cool", 0}, {"balanced", 1}, {"balanced-performance", 2},
        {"performance", 2}};
    char word[SYS_WORD_SIZE];
    if (!sys_read_word(p->profile, word)) {
        reading_unavailable(r, source, "this machine has no power profiles");
        return;
    }
    for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++) {
        if (strcmp(word, profiles[i].word) != 0)
            continue;
        reading_set(r, profiles[i].level, source);
        return;
    }
    reading_unavailable(r, source, "a profile of the maker's own");
}

void power_supplies_read(const struct power_supplies *p, struct sample *sample)
{
    read_source(p, &sample->readings[SENSOR_ON_BATTERY]);
    read_charge(p, &sample->readings[SENSOR_BATTERY_CHARGE]);
    read_profile(p, &sample->readings[SENSOR_POWER_PROFILE]);
}
