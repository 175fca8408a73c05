#include "io_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char energy_group[] = "Energy Model";
static const char gpu_group[] = "GPU Stats";
static const char gpu_subgroup[] = "GPU Performance States";
static const char gpu_channel[] = "GPUPH";

struct io_report {
    const struct mac_frameworks *f;
    mac_ref channels, subscription, before;
    double joules[MAC_PART_COUNT];
    bool tells[MAC_PART_COUNT];
    struct mac_residency gpu; /* of the last stretch */
};

static mac_ref channels_of(const struct mac_frameworks *f, const char *group, const char *subgroup)
{
    mac_ref group_name = mac_text_create(f, group);
    mac_ref subgroup_name = subgroup ? mac_text_create(f, subgroup) : NULL;
    mac_ref channels = group_name ? f->report_channels(group_name, subgroup_name, 0, 0, 0) : NULL;
    mac_release(f, subgroup_name);
    mac_release(f, group_name);
    return channels;
}

/* What subscribing asks for: a copy of its own that may be changed. */
static mac_ref wanted_channels(const struct mac_frameworks *f, unsigned kinds)
{
    mac_ref energy = kinds & IO_REPORT_ENERGY ? channels_of(f, energy_group, NULL) : NULL;
    mac_ref gpu = kinds & IO_REPORT_GPU ? channels_of(f, gpu_group, gpu_subgroup) : NULL;
    if (energy && gpu)
        f->report_merge(energy, gpu, NULL);
    mac_ref any = energy ? energy : gpu;
    mac_ref wanted = any ? f->dictionary_copy(NULL, 0, any) : NULL;
    mac_release(f, energy);
    mac_release(f, gpu);
    return wanted;
}

static bool subscribe(struct io_report *r, unsigned kinds, char why[MAC_REASON_SIZE])
{
    const struct mac_frameworks *f = r->f;
    mac_ref wanted = wanted_channels(f, kinds);
    if (!wanted) {
        snprintf(why, MAC_REASON_SIZE, "IOReport has no such channels on this machine");
        return false;
    }
    r->subscription = f->report_subscribe(NULL, wanted, &r->channels, 0, NULL);
    mac_release(f, wanted);
    if (r->subscription && r->channels)
        r->before = f->report_sample(r->subscription, r->channels, NULL);
    if (!r->before)
        snprintf(why, MAC_REASON_SIZE, "IOReport gives no %s", r->subscription ? "sample" : "subscription");
    return r->before != NULL;
}

struct io_report *io_report_open(const struct mac_frameworks *f, unsigned kinds, char why[MAC_REASON_SIZE])
{
    if (!mac_has_reports(f)) {
        snprintf(why, MAC_REASON_SIZE, "IOReport is not there");
        return NULL;
    }
    struct io_report *r = calloc(1, sizeof *r);
    if (!r) {
        snprintf(why, MAC_REASON_SIZE, "no memory");
        return NULL;
    }
    r->f = f;
    if (subscribe(r, kinds, why))
        return r;
    io_report_close(r);
    return NULL;
}

void io_report_close(struct io_report *report)
{
    if (!report)
        return;
    mac_release(report->f, report->before);
    mac_release(report->f, report->channels);
    mac_release(report->f, report->subscription);
    free(report);
}

static void take_energy(const struct mac_frameworks *f, mac_ref channel, struct mac_energy_sum *sum)
{
    char name[96], unit[16];
    if (mac_text(f, f->report_name(channel), name, sizeof name) &&
        mac_text(f, f->report_unit(channel), unit, sizeof unit))
        mac_energy_add(sum, name, unit, f->report_value(channel, 0));
}

static void take_states(const struct mac_frameworks *f, mac_ref channel, struct mac_residency *gpu)
{
    char name[96], state[32];
    if (!mac_text(f, f->report_name(channel), name, sizeof name) || strcmp(name, gpu_channel) != 0)
        return;
    int32_t count = f->report_states(channel);
    for (int32_t i = 0; i < count; i++)
        if (mac_text(f, f->report_state_name(channel, i), state, sizeof state))
            mac_residency_add(gpu, state, f->report_state_time(channel, i));
}

static void take_channels(struct io_report *r, mac_ref list)
{
    const struct mac_frameworks *f = r->f;
    struct mac_energy_sum sum = {0};
    struct mac_residency gpu = {0};
    for (long i = 0, count = f->array_count(list); i < count; i++) {
        mac_ref channel = f->array_at(list, i);
        char group[64];
        if (!mac_is_dictionary(f, channel) || !mac_text(f, f->report_group(channel), group, sizeof group))
            continue;
        if (strcmp(group, energy_group) == 0)
            take_energy(f, channel, &sum);
        else if (strcmp(group, gpu_group) == 0)
            take_states(f, channel, &gpu);
    }
    for (int part = 0; part < MAC_PART_COUNT; part++) {
        double joules;
        if (!mac_energy_of(&sum, (enum mac_part)part, &joules))
            continue;
        r->joules[part] += joules;
        r->tells[part] = true;
    }
    if (gpu.all > 0)
        r->gpu = gpu;
}

bool io_report_read(struct io_report *report)
{
    const struct mac_frameworks *f = report->f;
    mac_ref now = f->report_sample(report->subscription, report->channels, NULL);
    mac_ref delta = now ? f->report_delta(report->before, now, NULL) : NULL;
    mac_ref list = delta ? mac_dict_array(f, delta, "IOReportChannels") : NULL;
    if (list) {
        take_channels(report, list);
        mac_release(f, report->before);
        report->before = now;
    } else {
        mac_release(f, now); /* the next delta has what this one lacks */
    }
    mac_release(f, delta);
    return list != NULL;
}

bool io_report_joules(const struct io_report *report, enum mac_part part, double *joules)
{
    *joules = report->joules[part];
    return report->tells[part];
}

bool io_report_gpu_busy(const struct io_report *report, double *share)
{
    return mac_residency_busy(&report->gpu, share);
}
