#include "mac_units.h"

#include <string.h>

uint64_t mac_ticks_to_ns(uint64_t ticks, struct mac_timebase base)
{
    if (base.denom == 0)
        return ticks;
    return ticks / base.denom * base.numer + ticks % base.denom * base.numer / base.denom;
}

void mac_counter_note(struct mac_counter *counter, uint32_t now)
{
    counter->sum += (uint32_t)(now - counter->last); /* modulo 2^32 */
    counter->last = now;
}

double mac_available_bytes(double total_bytes, double page_bytes, const struct mac_pages *pages)
{
    uint64_t held = pages->internal > pages->purgeable ? pages->internal - pages->purgeable : 0;
    double used = (double)(held + pages->wired + pages->compressor) * page_bytes;
    return used < total_bytes ? total_bytes - used : 0;
}

bool mac_pressure_level(int64_t raw, double *level)
{
    if (raw != 1 && raw != 2 && raw != 4)
        return false;
    *level = raw == 4 ? 2 : (double)(raw - 1);
    return true;
}

bool mac_energy_unit(const char *label, double *joules)
{
    static const struct {
        const char *name;
        double joules;
    } units[] = {{"J", 1}, {"mJ", 1e-3}, {"uJ", 1e-6}, {"nJ", 1e-9}, {"pJ", 1e-12}};
    label += strspn(label, " ");
    size_t len = strcspn(label, " ");
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strlen(units[i].name) == len && strncmp(label, units[i].name, len) == 0) {
            *joules = units[i].joules;
            return true;
        }
    }
    return false;
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static bool begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static bool is_piece(const char *channel, enum mac_part part)
{
    switch (part) {
    case MAC_CPU:
        return ends_with(channel, "CPU Energy");
    case MAC_GPU:
        return ends_with(channel, "GPU Energy") || strcmp(channel, "GPU") == 0;
    case MAC_ANE:
        return begins_with(channel, "ANE") && strstr(channel, "SRAM") == NULL;
    case MAC_DRAM:
        return begins_with(channel, "DRAM");
    case MAC_PART_COUNT:
        break;
    }
    return false;
}

void mac_energy_add(struct mac_energy_sum *sum, const char *channel, const char *unit, int64_t value)
{
    static const char *const totals[MAC_PART_COUNT] = {
        [MAC_CPU] = "CPU Energy", [MAC_GPU] = "GPU Energy", [MAC_ANE] = "ANE", [MAC_DRAM] = "DRAM"};
    double joules;
    if (value < 0 || !mac_energy_unit(unit, &joules))
        return;
    for (int part = 0; part < MAC_PART_COUNT; part++) {
        if (strcmp(channel, totals[part]) == 0) {
            sum->total[part] += (double)value * joules;
            sum->has_total[part] = true;
        } else if (is_piece(channel, (enum mac_part)part)) {
            sum->pieces[part] += (double)value * joules;
            sum->has_pieces[part] = true;
        }
    }
}

bool mac_energy_of(const struct mac_energy_sum *sum, enum mac_part part, double *joules)
{
    *joules = sum->has_total[part] ? sum->total[part] : sum->pieces[part];
    return sum->has_total[part] || sum->has_pieces[part];
}

void mac_residency_add(struct mac_residency *r, const char *state, int64_t time)
{
    if (time <= 0)
        return;
    bool rest = strcmp(state, "OFF") == 0 || strcmp(state, "IDLE") == 0 || strcmp(state, "DOWN") == 0;
    r->rest += rest ? (double)time : 0;
    r->all += (double)time;
}

bool mac_residency_busy(const struct mac_residency *r, double *share)
{
    if (!(r->all > 0))
        return false;
    *share = 1 - r->rest / r->all;
    return true;
}

double mac_battery_watts(int64_t milliamperes, int64_t millivolts)
{
    return -(double)milliamperes * (double)millivolts / 1e6;
}
