#include "fake_mac.h"

#include <stdlib.h>
#include <string.h>

enum kind { STRING = 1, NUMBER, BOOLEAN, DATA, ARRAY, DICTIONARY, OTHER };
enum { ITEMS = 16, ITERATOR = 1000, GPU = 100, BATTERY = 200 };

/* All kinds in one: the items of an array, or of a dictionary with their keys, belong to it. */
struct object {
    enum kind kind;
    char text[96];
    int64_t number;
    int count;
    const char *keys[ITEMS];
    struct object *items[ITEMS];
    struct fake_channel *now, *channel; /* of a sample, of a channel of a delta */
    struct object *name, *group, *unit;
};

static struct fake_mac mac;
static int gpus_given, batteries_given;
static unsigned iterating;

/* What an Apple chip with one GPU tells. */
struct fake_mac *fake_mac_reset(void);
struct fake_mac *fake_mac_reset(void)
{
    static const struct fake_channel channels[] = {{"Energy Model", "CPU Energy", "mJ", 0, {0}},
        {"Energy Model", "PCPU0", "mJ", 0, {0}}, {"Energy Model", "GPU Energy", "nJ", 0, {0}},
        {"Energy Model", "ANE", "mJ", 0, {0}}, {"Energy Model", "DRAM", "uJ", 0, {0}},
        {"GPU Stats", "GPUPH", "24Mticks", 0, {0}}, {"GPU Stats", "BSTGPUPH", "24Mticks", 0, {0}}};
    memset(&mac, 0, sizeof mac);
    memcpy(mac.channels, channels, sizeof channels);
    mac.gpus = 1;
    mac.gpu_model = "Apple M2 Max";
    mac.gpu_bundle = "com.apple.AGXG14X";
    mac.gpu_cores = 38;
    mac.providing = "AC Power";
    mac.speed_limit = -1;
    return &mac;
}

static struct object *make(enum kind kind)
{
    struct object *o = calloc(1, sizeof *o);
    if (!o)
        abort();
    o->kind = kind;
    mac.live++;
    return o;
}

static struct object *make_text(const char *text)
{
    struct object *o = make(STRING);
    size_t len = strlen(text);
    memcpy(o->text, text, len < sizeof o->text ? len : sizeof o->text - 1);
    return o;
}

static struct object *make_number(int64_t number)
{
    struct object *o = make(NUMBER);
    o->number = number;
    return o;
}

static void put(struct object *to, const char *key, struct object *item)
{
    if (to->count == ITEMS)
        abort();
    to->keys[to->count] = key;
    to->items[to->count++] = item;
}

void CFRelease(struct object *o);
void CFRelease(struct object *o)
{
    for (int i = 0; i < o->count; i++)
        CFRelease(o->items[i]);
    struct object *texts[] = {o->name, o->group, o->unit};
    for (int i = 0; i < 3; i++)
        if (texts[i])
            CFRelease(texts[i]);
    free(o->now);
    free(o->channel);
    free(o);
    mac.live--;
}

/* ---- CoreFoundation ---- */

#define CLASS(name, which)                                                                                   \
    unsigned long name(void);                                                                                \
    unsigned long name(void)                                                                                 \
    {                                                                                                        \
        return which;                                                                                        \
    }
CLASS(CFStringGetTypeID, STRING)
CLASS(CFNumberGetTypeID, NUMBER)
CLASS(CFBooleanGetTypeID, BOOLEAN)
CLASS(CFDataGetTypeID, DATA)
CLASS(CFArrayGetTypeID, ARRAY)
CLASS(CFDictionaryGetTypeID, DICTIONARY)

unsigned long CFGetTypeID(const struct object *o);
unsigned long CFGetTypeID(const struct object *o)
{
    return o->kind;
}

struct object *CFStringCreateWithCString(const void *allocator, const char *text, uint32_t encoding);
struct object *CFStringCreateWithCString(const void *allocator, const char *text, uint32_t encoding)
{
    return allocator == NULL && encoding == 0x08000100 ? make_text(text) : NULL;
}

unsigned char CFStringGetCString(const struct object *o, char *text, long size, uint32_t encoding);
unsigned char CFStringGetCString(const struct object *o, char *text, long size, uint32_t encoding)
{
    if (encoding != 0x08000100 || (long)strlen(o->text) >= size)
        return 0;
    memcpy(text, o->text, strlen(o->text) + 1);
    return 1;
}

unsigned char CFNumberGetValue(const struct object *o, long type, int64_t *value);
unsigned char CFNumberGetValue(const struct object *o, long type, int64_t *value)
{
    if (type != 4)
        return 0;
    *value = o->number;
    return 1;
}

unsigned char CFBooleanGetValue(const struct object *o);
unsigned char CFBooleanGetValue(const struct object *o)
{
    return o->number != 0;
}

const char *CFDataGetBytePtr(const struct object *o);
const char *CFDataGetBytePtr(const struct object *o)
{
    return o->text;
}

long CFDataGetLength(const struct object *o);
long CFDataGetLength(const struct object *o)
{
    return (long)strlen(o->text) + 1; /* with its zero */
}

long CFArrayGetCount(const struct object *o);
long CFArrayGetCount(const struct object *o)
{
    return o->count;
}

struct object *CFArrayGetValueAtIndex(const struct object *o, long i);
struct object *CFArrayGetValueAtIndex(const struct object *o, long i)
{
    return o->items[i];
}

struct object *CFDictionaryGetValue(const struct object *o, const struct object *key);
struct object *CFDictionaryGetValue(const struct object *o, const struct object *key)
{
    for (int i = 0; i < o->count; i++)
        if (strcmp(o->keys[i], key->text) == 0)
            return o->items[i];
    return NULL;
}

struct object *CFDictionaryCreateMutableCopy(const void *allocator, long capacity, const struct object *o);
struct object *CFDictionaryCreateMutableCopy(const void *allocator, long capacity, const struct object *o)
{
    struct object *copy = allocator == NULL && capacity == 0 ? make(DICTIONARY) : NULL;
    if (copy)
        copy->number = o->number; /* which groups are in it */
    return copy;
}

/* ---- IOKit ---- */

struct object *IOServiceMatching(const char *name);
struct object *IOServiceMatching(const char *name)
{
    return make_text(name);
}

int IOServiceGetMatchingServices(unsigned port, struct object *matching, unsigned *iterator);
int IOServiceGetMatchingServices(unsigned port, struct object *matching, unsigned *iterator)
{
    iterating = strcmp(matching->text, "IOAccelerator") == 0 ? GPU : BATTERY;
    gpus_given = batteries_given = 0;
    CFRelease(matching);
    *iterator = ITERATOR;
    mac.live++;
    return port == 0 ? 0 : 1;
}

unsigned IOIteratorNext(unsigned iterator);
unsigned IOIteratorNext(unsigned iterator)
{
    bool more = iterator == ITERATOR &&
                (iterating == GPU ? gpus_given++ < mac.gpus : mac.has_battery && batteries_given++ == 0);
    mac.live += more;
    return !more ? 0 : iterating == GPU ? GPU + (unsigned)gpus_given : BATTERY;
}

int IOObjectRelease(unsigned object);
int IOObjectRelease(unsigned object)
{
    mac.live -= object != 0;
    return 0;
}

static struct object *gpu_properties(void)
{
    struct object *d = make(DICTIONARY);
    if (mac.gpu_model) {
        put(d, "model", make_text(mac.gpu_model));
        d->items[d->count - 1]->kind = mac.gpu_model_is_bytes ? DATA : STRING;
    }
    if (mac.gpu_bundle)
        put(d, "CFBundleIdentifier", make_text(mac.gpu_bundle));
    if (mac.gpu_cores)
        put(d, "gpu-core-count", make_number(mac.gpu_cores));
    return d;
}

static struct object *battery_properties(void)
{
    struct object *d = make(DICTIONARY), *external = make(BOOLEAN);
    external->number = mac.external;
    put(d, "ExternalConnected", external);
    put(d, "InstantAmperage", make_number(mac.milliamperes));
    put(d, "Voltage", make_number(mac.millivolts));
    return d;
}

int IORegistryEntryCreateCFProperties(
    unsigned entry, struct object **properties, const void *allocator, uint32_t options);
int IORegistryEntryCreateCFProperties(
    unsigned entry, struct object **properties, const void *allocator, uint32_t options)
{
    *properties = entry == BATTERY ? battery_properties() : gpu_properties();
    return allocator == NULL && options == 0 ? 0 : 1;
}

struct object *IORegistryEntryCreateCFProperty(
    unsigned entry, const struct object *key, const void *allocator, uint32_t options);
struct object *IORegistryEntryCreateCFProperty(
    unsigned entry, const struct object *key, const void *allocator, uint32_t options)
{
    if (entry < GPU || strcmp(key->text, "PerformanceStatistics") != 0 || allocator || options ||
        mac.gpu_silent)
        return NULL;
    struct object *d = make(DICTIONARY);
    put(d, "Device Utilization %", make_number(mac.gpu_percent));
    put(d, "In use system memory", make_number(mac.gpu_memory));
    return d;
}

struct object *IOPSCopyPowerSourcesInfo(void);
struct object *IOPSCopyPowerSourcesInfo(void)
{
    return make(OTHER);
}

struct object *IOPSCopyPowerSourcesList(const struct object *info);
struct object *IOPSCopyPowerSourcesList(const struct object *info)
{
    struct object *list = make(ARRAY);
    if (info->kind != OTHER || !mac.has_battery)
        return list;
    struct object *source = make(DICTIONARY);
    put(source, "Type", make_text("InternalBattery"));
    put(source, "Current Capacity", make_number(mac.capacity));
    put(source, "Max Capacity", make_number(mac.capacity_most));
    put(list, "", source);
    return list;
}

const struct object *IOPSGetPowerSourceDescription(const struct object *info, const struct object *source);
const struct object *IOPSGetPowerSourceDescription(const struct object *info, const struct object *source)
{
    return info->kind == OTHER ? source : NULL;
}

const struct object *IOPSGetProvidingPowerSourceType(const struct object *info);
const struct object *IOPSGetProvidingPowerSourceType(const struct object *info)
{
    static struct object providing;
    (void)info;
    memset(&providing, 0, sizeof providing);
    providing.kind = STRING;
    memcpy(providing.text, mac.providing, strlen(mac.providing));
    return &providing;
}

int IOPMCopyCPUPowerStatus(struct object **status);
int IOPMCopyCPUPowerStatus(struct object **status)
{
    if (mac.speed_limit < 0)
        return 1;
    *status = make(DICTIONARY);
    put(*status, "CPU_Speed_Limit", make_number(mac.speed_limit));
    return 0;
}

/* ---- IOReport ---- */

enum { ENERGY = 1, STATES = 2 };

struct object *IOReportCopyChannelsInGroup(
    const struct object *group, const struct object *subgroup, uint64_t a, uint64_t b, uint64_t c);
struct object *IOReportCopyChannelsInGroup(
    const struct object *group, const struct object *subgroup, uint64_t a, uint64_t b, uint64_t c)
{
    bool energy = strcmp(group->text, "Energy Model") == 0 && !subgroup;
    bool states = strcmp(group->text, "GPU Stats") == 0 && subgroup &&
                  strcmp(subgroup->text, "GPU Performance States") == 0;
    if (mac.no_channels || (!energy && !states) || a || b || c)
        return NULL;
    struct object *channels = make(DICTIONARY);
    channels->number = energy ? ENERGY : STATES;
    return channels;
}

void IOReportMergeChannels(struct object *into, const struct object *from, const void *none);
void IOReportMergeChannels(struct object *into, const struct object *from, const void *none)
{
    into->number |= none ? 0 : from->number;
}

struct object *IOReportCreateSubscription(
    void *none, const struct object *wanted, struct object **got, uint64_t id, const void *options);
struct object *IOReportCreateSubscription(
    void *none, const struct object *wanted, struct object **got, uint64_t id, const void *options)
{
    if (none || id || options)
        return NULL;
    *got = make(DICTIONARY);
    (*got)->number = wanted->number;
    return make(OTHER);
}

struct object *IOReportCreateSamples(
    const struct object *subscription, const struct object *channels, const void *options);
struct object *IOReportCreateSamples(
    const struct object *subscription, const struct object *channels, const void *options)
{
    if (mac.no_sample || subscription->kind != OTHER || options)
        return NULL;
    struct object *sample = make(DICTIONARY);
    sample->number = channels->number;
    sample->now = malloc(sizeof mac.channels);
    if (!sample->now)
        abort();
    memcpy(sample->now, mac.channels, sizeof mac.channels);
    return sample;
}

static struct object *delta_of(const struct fake_channel *before, const struct fake_channel *after)
{
    struct object *o = make(DICTIONARY);
    o->channel = malloc(sizeof *o->channel);
    if (!o->channel)
        abort();
    *o->channel = *after;
    o->channel->value -= before->value;
    for (int i = 0; i < FAKE_STATES; i++)
        o->channel->state_times[i] -= before->state_times[i];
    o->name = make_text(after->name);
    o->group = make_text(after->group);
    o->unit = make_text(after->unit);
    return o;
}

struct object *IOReportCreateSamplesDelta(
    const struct object *before, const struct object *after, const void *options);
struct object *IOReportCreateSamplesDelta(
    const struct object *before, const struct object *after, const void *options)
{
    struct object *delta = make(DICTIONARY), *list = make(ARRAY);
    for (int i = 0; i < FAKE_CHANNELS && after->now[i].name && !options; i++) {
        bool energy = strcmp(after->now[i].group, "Energy Model") == 0;
        if (after->number & (energy ? ENERGY : STATES))
            put(list, "", delta_of(&before->now[i], &after->now[i]));
    }
    put(delta, "IOReportChannels", list);
    return delta;
}

const struct object *IOReportChannelGetGroup(const struct object *channel);
const struct object *IOReportChannelGetGroup(const struct object *channel)
{
    return channel->group;
}

const struct object *IOReportChannelGetChannelName(const struct object *channel);
const struct object *IOReportChannelGetChannelName(const struct object *channel)
{
    return channel->name;
}

const struct object *IOReportChannelGetUnitLabel(const struct object *channel);
const struct object *IOReportChannelGetUnitLabel(const struct object *channel)
{
    return channel->unit;
}

int64_t IOReportSimpleGetIntegerValue(const struct object *channel, int32_t i);
int64_t IOReportSimpleGetIntegerValue(const struct object *channel, int32_t i)
{
    return i == 0 ? channel->channel->value : -1;
}

int32_t IOReportStateGetCount(const struct object *channel);
int32_t IOReportStateGetCount(const struct object *channel)
{
    return strstr(channel->name->text, "GPUPH") ? FAKE_STATES : 0;
}

const struct object *IOReportStateGetNameForIndex(const struct object *channel, int32_t i);
const struct object *IOReportStateGetNameForIndex(const struct object *channel, int32_t i)
{
    static struct object names[FAKE_STATES] = {
        {.kind = STRING, .text = "OFF"}, {.kind = STRING, .text = "P1"}, {.kind = STRING, .text = "P2"}};
    return i >= 0 && i < IOReportStateGetCount(channel) ? &names[i] : NULL;
}

int64_t IOReportStateGetResidency(const struct object *channel, int32_t i);
int64_t IOReportStateGetResidency(const struct object *channel, int32_t i)
{
    return channel->channel->state_times[i];
}
