#include "nvml.h"

#include "errand.h"
#include "nvml_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool nvml_is_likely(void)
{
    return access("/dev/nvidiactl", F_OK) == 0 || access("/proc/driver/nvidia/version", F_OK) == 0 ||
           access("/dev/dxg", F_OK) == 0; /* Windows' Linux */
}

static bool fail(const struct nvml *nvml, const char *function, int code, char *why, size_t size)
{
    snprintf(why, size, "%s: %s", function, nvml_api_explain(&nvml->api, code));
    return false;
}

/* A GPU that cannot be opened (lost, forbidden) has no handle; its readings say why. */
static bool find_gpus(struct nvml *nvml, char *why, size_t size)
{
    unsigned count = 0;
    errand_doing("nvmlDeviceGetCount");
    int code = nvml->api.device_count(&count);
    if (code != NVML_SUCCESS)
        return fail(nvml, "nvmlDeviceGetCount", code, why, size);
    nvml->count = count < GPUS_MAX ? count : GPUS_MAX;
    for (unsigned i = 0; i < nvml->count; i++) {
        errand_doing("nvmlDeviceGetHandleByIndex");
        nvml->codes[i] = nvml->api.device_at(i, &nvml->devices[i]);
        if (nvml->codes[i] != NVML_SUCCESS)
            nvml->devices[i] = NULL;
    }
    return true;
}

/* The errors that GPUs report from now on; where that is not offered none is counted. */
static void listen_for_events(struct nvml *nvml)
{
    const struct nvml_api *api = &nvml->api;
    nvml->events_code = NVML_FUNCTION_NOT_FOUND;
    if (!api->event_set_new || !api->event_set_free || !api->register_events || !api->event_wait)
        return;
    nvml->events_code = api->event_set_new(&nvml->events);
    if (nvml->events_code != NVML_SUCCESS) {
        nvml->events = NULL;
        return;
    }
    for (size_t i = 0; i < nvml->count; i++)
        nvml->xid_codes[i] = nvml->devices[i]
                                 ? api->register_events(nvml->devices[i], NVML_EVENT_XID, nvml->events)
                                 : nvml->codes[i];
}

struct nvml *nvml_open(const char *library, char *why, size_t size)
{
    struct nvml *nvml = calloc(1, sizeof *nvml);
    if (!nvml) {
        snprintf(why, size, "no memory");
        return NULL;
    }
    errand_doing("loading libnvidia-ml.so.1");
    if (!nvml_api_load(&nvml->api, library, why, size)) {
        free(nvml);
        return NULL;
    }
    errand_doing("nvmlInit");
    int code = nvml->api.init();
    if (code != NVML_SUCCESS) {
        fail(nvml, "nvmlInit", code, why, size);
        nvml_api_unload(&nvml->api);
        free(nvml);
        return NULL;
    }
    if (!find_gpus(nvml, why, size)) {
        nvml_close(nvml);
        return NULL;
    }
    return nvml;
}

void nvml_close(struct nvml *nvml)
{
    if (!nvml)
        return;
    if (nvml->events)
        nvml->api.event_set_free(nvml->events);
    nvml->api.shutdown();
    nvml_api_unload(&nvml->api);
    free(nvml);
}

size_t nvml_gpu_count(const struct nvml *nvml)
{
    return nvml->count;
}

static void note_event(struct nvml *nvml, const struct nvml_event *event)
{
    for (size_t i = 0; i < nvml->count; i++)
        nvml->xid_errors[i] += event->device == nvml->devices[i] && event->type == NVML_EVENT_XID;
}

int nvml_session_xid(struct nvml *nvml, size_t index, uint64_t *count)
{
    struct nvml_event event = {0};
    if (!nvml->listening) {
        listen_for_events(nvml);
        nvml->listening = true;
    }
    if (nvml->events_code != NVML_SUCCESS)
        return nvml->events_code;
    int code = NVML_SUCCESS;
    for (int i = 0; i < 64 && code == NVML_SUCCESS; i++) {
        code = nvml->api.event_wait(nvml->events, &event, 0);
        if (code == NVML_SUCCESS)
            note_event(nvml, &event);
    }
    *count = nvml->xid_errors[index];
    return code == NVML_SUCCESS || code == NVML_TIMEOUT ? nvml->xid_codes[index] : code;
}

static void identify_limits(
    const struct nvml_api *api, struct nvml_device *device, struct nvml_identity *identity)
{
    unsigned number = 0;
    int major = 0, minor = 0;
    if (api->cores && api->cores(device, &number) == NVML_SUCCESS)
        identity->cores = number;
    if (api->power_limit && api->power_limit(device, &number) == NVML_SUCCESS)
        identity->power_limit_w = number / 1000.0;
    if (api->compute_capability && api->compute_capability(device, &major, &minor) == NVML_SUCCESS) {
        identity->major = major;
        identity->minor = minor;
    }
}

void nvml_gpu_identify(const struct nvml *nvml, size_t index, struct nvml_identity *identity)
{
    const struct nvml_api *api = &nvml->api;
    struct nvml_device *device = nvml->devices[index];
    struct nvml_memory memory = {0};
    memset(identity, 0, sizeof *identity);
    errand_doing("nvmlSystemGetDriverVersion, nvmlDeviceGetName");
    if (api->driver_version && api->driver_version(identity->driver, sizeof identity->driver) != NVML_SUCCESS)
        identity->driver[0] = '\0';
    if (!device)
        return;
    if (!api->name || api->name(device, identity->name, sizeof identity->name) != NVML_SUCCESS)
        identity->name[0] = '\0';
    if (api->memory && api->memory(device, &memory) == NVML_SUCCESS)
        identity->memory_bytes = memory.total;
    identify_limits(api, device, identity);
}
