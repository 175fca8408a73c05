/*
 * energy_file.h - the sources of energy that are numbers in files of /sys, and how they are listed.
 *
 *     struct energy_list list = {.root = root, .sources = sources, .max = max};
 *     energy_rapl_list(&list);
 *     energy_hwmon_list(&list);
 *     energy_battery_list(&list);
 *     return list.count;
 */
#ifndef ASSAY_ENERGY_FILE_H
#define ASSAY_ENERGY_FILE_H

#include "energy_source.h"
#include "kept_file.h"

struct energy_list {
    const char *root;
    struct energy_source *sources;
    size_t count, max;
};

/* The next source, zeroed, its unit and part set; NULL where there is no more room. */
struct energy_source *energy_list_next(
    struct energy_list *list, enum energy_unit unit, enum energy_part part);

/* "package-0-die-1" as the end of a source's name: "package_0_die_1". Appends to what is there. */
void energy_name_append(struct energy_source *source, const char *text);

/* The first line of a small file below a folder of /sys; false, and "", where there is none. */
bool energy_read_line(const char *root, const char *folder, const char *file, char *text, size_t size);

/* It is there, whether it may be read or not. */
bool energy_has_file(const char *root, const char *folder, const char *file);

/* The number in a file as a source: value times scale. Where it cannot be opened the source says why:
 * forbidden is the advice for one that only some may read. */
void energy_file_attach(
    struct energy_source *source, const char *root, const char *path, double scale, const char *forbidden);

/* A whole number, perhaps negative, and nothing but white space behind it. */
bool energy_parse(const char *text, double *value);

void energy_rapl_list(struct energy_list *list);
void energy_hwmon_list(struct energy_list *list);
void energy_battery_list(struct energy_list *list);

#endif
