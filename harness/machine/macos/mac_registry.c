#include "mac_registry.h"

#include "mac_units.h"

#include <stdio.h>
#include <string.h>

/* ---- GPUs ---- */

static void describe_gpu(const struct mac_frameworks *f, struct mac_gpu *gpu)
{
    mac_ref properties = NULL;
    char bundle[96];
    int64_t megabytes;
    snprintf(gpu->name, sizeof gpu->name, "GPU");
    gpu->cores = gpu->memory_bytes = 0;
    gpu->of_apple = false;
    if (f->properties(gpu->service, &properties, NULL, 0) != 0)
        return;
    char name[sizeof gpu->name];
    if (mac_dict_text(f, properties, "model", name, sizeof name))
        memcpy(gpu->name, name, sizeof gpu->name);
    (void)mac_dict_int(f, properties, "gpu-core-count", &gpu->cores);
    if (mac_dict_int(f, properties, "VRAM,totalMB", &megabytes) && megabytes > 0)
        gpu->memory_bytes = megabytes * 1024 * 1024;
    gpu->of_apple = mac_dict_text(f, properties, "CFBundleIdentifier", bundle, sizeof bundle) &&
                    strstr(bundle, "com.apple.AGX") != NULL;
    mac_release(f, properties);
}

size_t mac_gpus_find(const struct mac_frameworks *f, struct mac_gpu *gpus, size_t max)
{
    mac_object iterator = 0;
    size_t count = 0;
    mac_ref matching = f->matching("IOAccelerator");
    if (!matching || f->services(0, matching, &iterator) != 0)
        return 0;
    while (count < max && (gpus[count].service = f->next(iterator)) != 0)
        describe_gpu(f, &gpus[count++]);
    (void)f->object_release(iterator);
    return count;
}

void mac_gpus_release(const struct mac_frameworks *f, const struct mac_gpu *gpus, size_t count)
{
    for (size_t i = 0; i < count; i++)
        (void)f->object_release(gpus[i].service);
}

static mac_ref property_create(const struct mac_frameworks *f, mac_object entry, const char *key)
{
    mac_ref name = mac_text_create(f, key);
    mac_ref value = name ? f->property(entry, name, NULL, 0) : NULL;
    mac_release(f, name);
    return value;
}

/* The first of the keys that is there. */
static bool first_int(
    const struct mac_frameworks *f, mac_ref dictionary, const char *const keys[2], int64_t *value)
{
    return mac_dict_int(f, dictionary, keys[0], value) || mac_dict_int(f, dictionary, keys[1], value);
}

bool mac_gpu_read(const struct mac_frameworks *f, const struct mac_gpu *gpu, struct mac_gpu_state *state)
{
    static const char *const busy[2] = {"Device Utilization %", "GPU Activity(%)"};
    static const char *const memory[2] = {"In use system memory", "vramUsedBytes"};
    int64_t value;
    *state = (struct mac_gpu_state){0};
    mac_ref statistics = property_create(f, gpu->service, "PerformanceStatistics");
    if (!mac_is_dictionary(f, statistics)) {
        mac_release(f, statistics);
        return false;
    }
    if (first_int(f, statistics, busy, &value) && value >= 0) {
        state->has_utilisation = true;
        state->utilisation = value < 100 ? (double)value / 100 : 1;
    }
    if (first_int(f, statistics, memory, &value) && value >= 0) {
        state->has_memory = true;
        state->memory_bytes = (double)value;
    }
    mac_release(f, statistics);
    return true;
}

/* ---- power ---- */

static void take_source(const struct mac_frameworks *f, mac_ref description, struct mac_power *power)
{
    char type[32];
    int64_t now, most;
    if (!mac_dict_text(f, description, "Type", type, sizeof type) || strcmp(type, "InternalBattery") != 0)
        return; /* an uninterruptible power supply */
    if (!mac_dict_int(f, description, "Current Capacity", &now) ||
        !mac_dict_int(f, description, "Max Capacity", &most) || now < 0 || most <= 0)
        return;
    power->has_battery = true;
    power->charge_percent = 100 * (double)now / (double)most;
}

void mac_power_read(const struct mac_frameworks *f, struct mac_power *power)
{
    char from[32];
    *power = (struct mac_power){0};
    mac_ref info = f->power_info();
    if (!info)
        return;
    power->known = mac_text(f, f->power_providing(info), from, sizeof from);
    power->on_battery = power->known && strcmp(from, "AC Power") != 0; /* or what a UPS still holds */
    mac_ref list = f->power_list(info);
    for (long i = 0, count = mac_is_array(f, list) ? f->array_count(list) : 0; i < count; i++)
        take_source(f, f->power_description(info, f->array_at(list, i)), power);
    mac_release(f, list);
    mac_release(f, info);
}

mac_object mac_battery_find(const struct mac_frameworks *f)
{
    mac_object iterator = 0;
    mac_ref matching = f->matching("AppleSmartBattery");
    if (!matching || f->services(0, matching, &iterator) != 0)
        return 0;
    mac_object battery = f->next(iterator);
    (void)f->object_release(iterator);
    return battery;
}

bool mac_battery_read(
    const struct mac_frameworks *f, mac_object battery, double *watts, char why[MAC_REASON_SIZE])
{
    static const char *const amperage[2] = {"InstantAmperage", "Amperage"};
    mac_ref properties = NULL;
    int64_t milliamperes, millivolts;
    bool connected = false;
    bool ok = f->properties(battery, &properties, NULL, 0) == 0;
    why[0] = '\0';
    ok = ok && first_int(f, properties, amperage, &milliamperes) &&
         mac_dict_int(f, properties, "Voltage", &millivolts);
    (void)mac_dict_bool(f, properties, "ExternalConnected", &connected);
    mac_release(f, properties);
    *watts = ok ? mac_battery_watts(milliamperes, millivolts) : 0;
    if (!ok)
        snprintf(why, MAC_REASON_SIZE, "AppleSmartBattery does not tell current and voltage");
    else if (connected || *watts < 0)
        snprintf(why, MAC_REASON_SIZE, "the battery is not being drained: the machine is on mains");
    return why[0] == '\0';
}

bool mac_speed_limit(const struct mac_frameworks *f, double *share)
{
    mac_ref status = NULL;
    int64_t percent;
    if (!f->cpu_power_status || f->cpu_power_status(&status) != 0)
        return false;
    bool ok = mac_dict_int(f, status, "CPU_Speed_Limit", &percent) && percent >= 0 && percent <= 100;
    mac_release(f, status);
    *share = ok ? (double)percent / 100 : 0;
    return ok;
}
