/* RAPL: counters of energy that the processor keeps, by the kernel's powercap tree. */
#include "energy_file.h"

#include "fs.h"

#include <stdio.h>
#include <string.h>

#define POWERCAP "/sys/class/powercap"

/* root only since CVE-2020-8694: fine-grained energy tells secrets of other processes */
static const char forbidden[] =
    "only root may read energy_uj (CVE-2020-8694); until the next boot: sudo chmod "
    "a+r " POWERCAP "/intel-rapl*/energy_uj";

enum { ZONE_SIZE = 64 };

static void folder_of(const char *zone, char folder[128])
{
    snprintf(folder, 128, POWERCAP "/%.60s", zone);
}

/* "intel-rapl:0:2" is below "intel-rapl:0"; that one is below none. */
static bool parent_of(const char *zone, char parent[ZONE_SIZE])
{
    const char *first = strchr(zone, ':'), *last = strrchr(zone, ':');
    if (first == last)
        return false;
    snprintf(parent, ZONE_SIZE, "%.*s", (int)(last - zone), zone);
    return true;
}

static const struct {
    const char *prefix; /* of the zone's name */
    enum energy_part part;
} zone_parts[] = {
    {"package", ENERGY_CPU}, {"psys", ENERGY_PLATFORM}, {"dram", ENERGY_MEMORY}, {"", ENERGY_WITHIN}};

static enum energy_part part_of(const char *name)
{
    size_t i = 0;
    while (strncmp(name, zone_parts[i].prefix, strlen(zone_parts[i].prefix)) != 0)
        i++;
    return zone_parts[i].part;
}

static bool is_listed(const struct energy_list *list, const char *name)
{
    for (size_t i = 0; i + 1 < list->count; i++)
        if (strcmp(list->sources[i].name, name) == 0)
            return true;
    return false;
}

/* "dram" of package-1 is dram_1, its cores are core_1. */
static void name_zone(
    const struct energy_list *list, const char *zone, const char *name, struct energy_source *source)
{
    char parent[ZONE_SIZE], folder[128], parent_name[ZONE_SIZE];
    energy_name_append(source, name);
    if (!parent_of(zone, parent))
        return;
    folder_of(parent, folder);
    (void)energy_read_line(list->root, folder, "name", parent_name, sizeof parent_name);
    const char *number = strchr(parent_name, '-');
    energy_name_append(source, number ? number : "");
}

static void add_zone(struct energy_list *list, const char *zone)
{
    char folder[128], name[ZONE_SIZE], range[32], path[160];
    double range_uj = 0;
    folder_of(zone, folder);
    if (!energy_read_line(list->root, folder, "name", name, sizeof name))
        return;
    struct energy_source *source = energy_list_next(list, ENERGY_JOULES, part_of(name));
    if (!source)
        return;
    name_zone(list, zone, name, source);
    if (is_listed(list, source->name)) { /* the same by another way: intel-rapl-mmio */
        list->count--;
        return;
    }
    if (energy_read_line(list->root, folder, "max_energy_range_uj", range, sizeof range) &&
        energy_parse(range, &range_uj))
        source->range_j = range_uj / 1e6;
    snprintf(path, sizeof path, "%s/energy_uj", folder);
    snprintf(source->method, sizeof source->method, "RAPL %.110s", path);
    energy_file_attach(source, list->root, path, 1e-6, forbidden);
}

struct walk {
    struct energy_list *list;
    const char *prefix;
};

static int visit(const char *zone, void *arg)
{
    const struct walk *walk = arg;
    if (strncmp(zone, walk->prefix, strlen(walk->prefix)) == 0 && strlen(zone) < ZONE_SIZE)
        add_zone(walk->list, zone);
    return 0;
}

void energy_rapl_list(struct energy_list *list)
{
    static const char *const prefixes[] = {"intel-rapl:", "intel-rapl-mmio:"}; /* AMD's too */
    char path[640];
    snprintf(path, sizeof path, "%s" POWERCAP, list->root);
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        struct walk walk = {list, prefixes[i]};
        (void)!fs_list(path, visit, &walk, NULL);
    }
}
