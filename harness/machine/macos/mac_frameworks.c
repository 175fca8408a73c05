#include "mac_frameworks.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

enum { UTF8 = 0x08000100, NUMBER_INT64 = 4 };

const struct mac_paths mac_paths_system = {
    .core_foundation = "/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation",
    .iokit = "/System/Library/Frameworks/IOKit.framework/IOKit",
    .io_report = "/usr/lib/libIOReport.dylib",
};

enum library { CORE_FOUNDATION, IOKIT, IO_REPORT };

struct symbol {
    enum library library;
    bool optional;
    const char *name;
    size_t offset; /* of its pointer in struct mac_frameworks */
};

#define SYMBOL(from, symbol_name, field)                                                                     \
    {                                                                                                        \
        .library = (from), .name = (symbol_name), .offset = offsetof(struct mac_frameworks, field)           \
    }

static const struct symbol symbols[] = {
    SYMBOL(CORE_FOUNDATION, "CFRelease", release),
    SYMBOL(CORE_FOUNDATION, "CFGetTypeID", class_of),
    SYMBOL(CORE_FOUNDATION, "CFStringGetTypeID", string_class),
    SYMBOL(CORE_FOUNDATION, "CFNumberGetTypeID", number_class),
    SYMBOL(CORE_FOUNDATION, "CFBooleanGetTypeID", boolean_class),
    SYMBOL(CORE_FOUNDATION, "CFDataGetTypeID", data_class),
    SYMBOL(CORE_FOUNDATION, "CFArrayGetTypeID", array_class),
    SYMBOL(CORE_FOUNDATION, "CFDictionaryGetTypeID", dictionary_class),
    SYMBOL(CORE_FOUNDATION, "CFStringCreateWithCString", string_create),
    SYMBOL(CORE_FOUNDATION, "CFStringGetCString", string_get),
    SYMBOL(CORE_FOUNDATION, "CFNumberGetValue", number_get),
    SYMBOL(CORE_FOUNDATION, "CFBooleanGetValue", boolean_get),
    SYMBOL(CORE_FOUNDATION, "CFDataGetBytePtr", data_bytes),
    SYMBOL(CORE_FOUNDATION, "CFDataGetLength", data_length),
    SYMBOL(CORE_FOUNDATION, "CFArrayGetCount", array_count),
    SYMBOL(CORE_FOUNDATION, "CFArrayGetValueAtIndex", array_at),
    SYMBOL(CORE_FOUNDATION, "CFDictionaryGetValue", dictionary_get),
    SYMBOL(CORE_FOUNDATION, "CFDictionaryCreateMutableCopy", dictionary_copy),
    SYMBOL(IOKIT, "IOServiceMatching", matching),
    SYMBOL(IOKIT, "IOServiceGetMatchingServices", services),
    SYMBOL(IOKIT, "IOIteratorNext", next),
    SYMBOL(IOKIT, "IOObjectRelease", object_release),
    SYMBOL(IOKIT, "IORegistryEntryCreateCFProperties", properties),
    SYMBOL(IOKIT, "IORegistryEntryCreateCFProperty", property),
    SYMBOL(IOKIT, "IOPSCopyPowerSourcesInfo", power_info),
    SYMBOL(IOKIT, "IOPSCopyPowerSourcesList", power_list),
    SYMBOL(IOKIT, "IOPSGetPowerSourceDescription", power_description),
    SYMBOL(IOKIT, "IOPSGetProvidingPowerSourceType", power_providing),
    {IOKIT, true, "IOPMCopyCPUPowerStatus", offsetof(struct mac_frameworks, cpu_power_status)},
    SYMBOL(IO_REPORT, "IOReportCopyChannelsInGroup", report_channels),
    SYMBOL(IO_REPORT, "IOReportMergeChannels", report_merge),
    SYMBOL(IO_REPORT, "IOReportCreateSubscription", report_subscribe),
    SYMBOL(IO_REPORT, "IOReportCreateSamples", report_sample),
    SYMBOL(IO_REPORT, "IOReportCreateSamplesDelta", report_delta),
    SYMBOL(IO_REPORT, "IOReportChannelGetGroup", report_group),
    SYMBOL(IO_REPORT, "IOReportChannelGetChannelName", report_name),
    SYMBOL(IO_REPORT, "IOReportChannelGetUnitLabel", report_unit),
    SYMBOL(IO_REPORT, "IOReportSimpleGetIntegerValue", report_value),
    SYMBOL(IO_REPORT, "IOReportStateGetCount", report_states),
    SYMBOL(IO_REPORT, "IOReportStateGetNameForIndex", report_state_name),
    SYMBOL(IO_REPORT, "IOReportStateGetResidency", report_state_time),
};
enum { SYMBOL_COUNT = sizeof symbols / sizeof symbols[0] };

/* The name of the first symbol that is missing; NULL: all are there. A pointer has the size of one to a function. */
static const char *load(struct mac_frameworks *f, enum library library, const char *path)
{
    void *handle = path ? dlopen(path, RTLD_LAZY | RTLD_LOCAL) : NULL;
    const char *missing = handle ? NULL : "the library itself";
    for (size_t i = 0; handle && i < SYMBOL_COUNT; i++) {
        if (symbols[i].library != library)
            continue;
        void *address = dlsym(handle, symbols[i].name);
        memcpy((char *)f + symbols[i].offset, &address, sizeof address);
        if (!address && !symbols[i].optional && !missing)
            missing = symbols[i].name;
    }
    return missing;
}

static void forget(struct mac_frameworks *f, enum library library)
{
    for (size_t i = 0; i < SYMBOL_COUNT; i++)
        if (symbols[i].library == library)
            memset((char *)f + symbols[i].offset, 0, sizeof(void *));
}

bool mac_frameworks_load(struct mac_frameworks *f, const struct mac_paths *paths, char why[MAC_REASON_SIZE])
{
    memset(f, 0, sizeof *f);
    why[0] = '\0';
    const char *missing = load(f, CORE_FOUNDATION, paths->core_foundation);
    if (missing)
        snprintf(why, MAC_REASON_SIZE, "CoreFoundation lacks %s", missing);
    else if ((missing = load(f, IOKIT, paths->iokit)) != NULL)
        snprintf(why, MAC_REASON_SIZE, "IOKit lacks %s", missing);
    else if (load(f, IO_REPORT, paths->io_report) != NULL)
        forget(f, IO_REPORT); /* all or nothing */
    return why[0] == '\0';
}

bool mac_has_reports(const struct mac_frameworks *f)
{
    return f->report_channels != NULL;
}

void mac_release(const struct mac_frameworks *f, mac_ref ref)
{
    if (ref)
        f->release(ref);
}

mac_ref mac_text_create(const struct mac_frameworks *f, const char *text)
{
    return f->string_create(NULL, text, UTF8);
}

bool mac_text(const struct mac_frameworks *f, mac_ref ref, char *text, size_t size)
{
    text[0] = '\0';
    return ref && f->class_of(ref) == f->string_class() && f->string_get(ref, text, (long)size, UTF8) &&
           text[0] != '\0';
}

static mac_ref dict_value(const struct mac_frameworks *f, mac_ref dictionary, const char *key)
{
    mac_ref name = mac_is_dictionary(f, dictionary) ? mac_text_create(f, key) : NULL;
    mac_ref value = name ? f->dictionary_get(dictionary, name) : NULL;
    mac_release(f, name);
    return value;
}

bool mac_dict_int(const struct mac_frameworks *f, mac_ref dictionary, const char *key, int64_t *value)
{
    mac_ref number = dict_value(f, dictionary, key);
    return number && f->class_of(number) == f->number_class() && f->number_get(number, NUMBER_INT64, value);
}

bool mac_dict_bool(const struct mac_frameworks *f, mac_ref dictionary, const char *key, bool *value)
{
    mac_ref boolean = dict_value(f, dictionary, key);
    if (!boolean || f->class_of(boolean) != f->boolean_class())
        return false;
    *value = f->boolean_get(boolean) != 0;
    return true;
}

/* The registry has some texts as bytes that end with a zero. */
bool mac_dict_text(
    const struct mac_frameworks *f, mac_ref dictionary, const char *key, char *text, size_t size)
{
    mac_ref value = dict_value(f, dictionary, key);
    text[0] = '\0';
    if (!value || f->class_of(value) != f->data_class())
        return mac_text(f, value, text, size);
    long len = f->data_length(value);
    if (len > 0 && (size_t)len < size) {
        memcpy(text, f->data_bytes(value), (size_t)len);
        text[len] = '\0';
    }
    return text[0] != '\0';
}

mac_ref mac_dict_array(const struct mac_frameworks *f, mac_ref dictionary, const char *key)
{
    mac_ref array = dict_value(f, dictionary, key);
    return mac_is_array(f, array) ? array : NULL;
}

bool mac_is_dictionary(const struct mac_frameworks *f, mac_ref ref)
{
    return ref && f->class_of(ref) == f->dictionary_class();
}

bool mac_is_array(const struct mac_frameworks *f, mac_ref ref)
{
    return ref && f->class_of(ref) == f->array_class();
}
