/*
 * mac_frameworks.h - CoreFoundation, IOKit and IOReport, loaded where they are, with prototypes of our own: nothing of
 * Apple's SDK is needed to build. A library that tests build takes their place on other systems.
 *
 *     char why[MAC_REASON_SIZE];
 *     struct mac_frameworks f;
 *     if (!mac_frameworks_load(&f, &mac_paths_system, why)) ...
 *     if (f.properties(entry, &properties, NULL, 0) == 0 && mac_dict_int(&f, properties, "Voltage", &millivolts)) ...
 *     mac_release(&f, properties);
 *
 * References come from functions called copy or create, which the caller releases, or are borrowed from a container.
 * All of what containers hold is looked at before it is taken for what it should be.
 */
#ifndef ASSAY_MAC_FRAMEWORKS_H
#define ASSAY_MAC_FRAMEWORKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAC_REASON_SIZE = 160 };

typedef const void *mac_ref;     /* CFTypeRef */
typedef uint32_t mac_object;     /* io_object_t; 0: none */
typedef unsigned long mac_class; /* CFTypeID */

struct mac_frameworks {
    /* CoreFoundation */
    void (*release)(mac_ref ref);
    mac_class (*class_of)(mac_ref ref);
    mac_class (*string_class)(void);
    mac_class (*number_class)(void);
    mac_class (*boolean_class)(void);
    mac_class (*data_class)(void);
    mac_class (*array_class)(void);
    mac_class (*dictionary_class)(void);
    mac_ref (*string_create)(mac_ref allocator, const char *text, uint32_t encoding);
    unsigned char (*string_get)(mac_ref string, char *text, long size, uint32_t encoding);
    unsigned char (*number_get)(mac_ref number, long type, void *value);
    unsigned char (*boolean_get)(mac_ref boolean);
    const unsigned char *(*data_bytes)(mac_ref data);
    long (*data_length)(mac_ref data);
    long (*array_count)(mac_ref array);
    mac_ref (*array_at)(mac_ref array, long i);
    mac_ref (*dictionary_get)(mac_ref dictionary, mac_ref key);
    mac_ref (*dictionary_copy)(mac_ref allocator, long capacity, mac_ref dictionary);
    /* IOKit */
    mac_ref (*matching)(const char *class_name);
    int (*services)(mac_object port, mac_ref matching, mac_object *iterator); /* takes `matching` */
    mac_object (*next)(mac_object iterator);
    int (*object_release)(mac_object object);
    int (*properties)(mac_object entry, mac_ref *properties, mac_ref allocator, uint32_t options);
    mac_ref (*property)(mac_object entry, mac_ref key, mac_ref allocator, uint32_t options);
    mac_ref (*power_info)(void);
    mac_ref (*power_list)(mac_ref info);
    mac_ref (*power_description)(mac_ref info, mac_ref source);
    mac_ref (*power_providing)(mac_ref info); /* borrowed */
    int (*cpu_power_status)(mac_ref *status); /* may be NULL */
    /* IOReport; all of them NULL where it is not there */
    mac_ref (*report_channels)(mac_ref group, mac_ref subgroup, uint64_t a, uint64_t b, uint64_t c);
    void (*report_merge)(mac_ref into, mac_ref from, mac_ref none);
    mac_ref (*report_subscribe)(void *none, mac_ref wanted, mac_ref *got, uint64_t id, mac_ref options);
    mac_ref (*report_sample)(mac_ref subscription, mac_ref channels, mac_ref options);
    mac_ref (*report_delta)(mac_ref before, mac_ref after, mac_ref options);
    mac_ref (*report_group)(mac_ref channel);
    mac_ref (*report_name)(mac_ref channel);
    mac_ref (*report_unit)(mac_ref channel);
    int64_t (*report_value)(mac_ref channel, int32_t i);
    int32_t (*report_states)(mac_ref channel);
    mac_ref (*report_state_name)(mac_ref channel, int32_t i);
    int64_t (*report_state_time)(mac_ref channel, int32_t i);
};

/* Where the libraries are; NULL: one is not there. */
struct mac_paths {
    const char *core_foundation, *iokit, *io_report;
};
extern const struct mac_paths mac_paths_system;

/* They stay loaded until the program ends. False with why where CoreFoundation or IOKit lacks a function; IOReport may
 * be absent. */
bool mac_frameworks_load(struct mac_frameworks *f, const struct mac_paths *paths, char why[MAC_REASON_SIZE]);

bool mac_has_reports(const struct mac_frameworks *f);

void mac_release(const struct mac_frameworks *f, mac_ref ref); /* NULL allowed */
mac_ref mac_text_create(const struct mac_frameworks *f, const char *text);
bool mac_text(const struct mac_frameworks *f, mac_ref ref, char *text, size_t size);

/* False where there is no such key, or something else behind it. */
bool mac_dict_int(const struct mac_frameworks *f, mac_ref dictionary, const char *key, int64_t *value);
bool mac_dict_bool(const struct mac_frameworks *f, mac_ref dictionary, const char *key, bool *value);
bool mac_dict_text(const struct mac_frameworks *f, mac_ref dictionary, const char *key, char *text,
    size_t size);                                                                            /* or bytes */
mac_ref mac_dict_array(const struct mac_frameworks *f, mac_ref dictionary, const char *key); /* borrowed */
bool mac_is_dictionary(const struct mac_frameworks *f, mac_ref ref);
bool mac_is_array(const struct mac_frameworks *f, mac_ref ref);

#endif
